import type { PgClient, PgSelectSingleStep } from "postgraphile/@dataplan/pg";
import { loadOneWithPgClient } from "postgraphile/@dataplan/pg";
import type { NodePostgresPgClient } from "postgraphile/adaptors/pg";
import { lambda, list } from "postgraphile/grafast";
import { extendSchema, gql } from "postgraphile/utils";
import { areTrue, type KeptCosignature } from "../../audit/cosignature-standing.ts";
import type { ListedKey } from "../../audit/key-list.ts";

/**
 * Whether a cosignature is what it says, by the key list: a screen must not name a witness because somebody wrote a row.
 *
 * @param keys the key list; its witnesses count
 */
export function auditCosignaturesPlugin(keys: readonly ListedKey[]): GraphileConfig.Plugin {
  // One for all requests: by it the loads of a page are known to be one.
  const load = async (pgClient: PgClient, names: readonly string[]) =>
    areTrue((pgClient as NodePostgresPgClient).rawClient, names.map(keptOf), keys);
  return extendSchema((build) => {
    const { main: executor } = build.input.pgRegistry.pgExecutors;
    if (!executor) throw new Error("The schema blindagem is not there; run `blindagem migrate`.");
    return {
      typeDefs: gql`
        extend type AuditCosignature {
          """Whether the signature is true; false for one that somebody altered or made up; null where there is nothing to verify it by: the log's key list does not have the key, or not for this size."""
          isTrue: Boolean
        }
      `,
      objects: {
        AuditCosignature: {
          plans: {
            isTrue($cosignature: PgSelectSingleStep) {
              const parts = ["tree_size", "key_id", "signature", "witness"].map((name) =>
                $cosignature.get(name),
              );
              return loadOneWithPgClient(executor, lambda(list(parts), nameOf, true), load);
            },
          },
        },
      },
    };
  }, "BlindagemAuditCosignaturesPlugin");
}

/** A witness's name has no spaces. */
function nameOf(parts: readonly unknown[]): string {
  return parts.join(" ");
}

function keptOf(name: string): KeptCosignature {
  const [treeSize = "", keyId = "", signature = "", ...witness] = name.split(" ");
  return { treeSize, keyId, signature, witness: witness.join(" ") };
}
