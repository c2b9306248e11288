import type { PgClient, PgSelectSingleStep } from "postgraphile/@dataplan/pg";
import { loadOneWithPgClient } from "postgraphile/@dataplan/pg";
import type { NodePostgresPgClient } from "postgraphile/adaptors/pg";
import type { LoadOneInfo } from "postgraphile/grafast";
import { access } from "postgraphile/grafast";
import { extendSchema, gql } from "postgraphile/utils";
import { encodeBase64 } from "../../audit/base64.ts";
import type { ListedKey } from "../../audit/key-list.ts";
import { leafIndexes, proveRecords, type RecordProof } from "../../audit/prove-records.ts";

/**
 * Where each record of the audit log stands in the Merkle tree, and its proof: for a page at once, and only if asked for.
 *
 * @param keys the key list; its witnesses count
 */
export function auditProofsPlugin(keys: readonly ListedKey[]): GraphileConfig.Plugin {
  // One for all requests: by it the loads of a page are known to be one.
  const loadPlaces = placesBy(keys);
  return extendSchema((build) => {
    const { main: executor } = build.input.pgRegistry.pgExecutors;
    const { audit_checkpoints: checkpoints } = build.input.pgRegistry.pgResources;
    if (!executor || !checkpoints)
      throw new Error("The schema blindagem is not there; run `blindagem migrate`.");
    const placeOf = ($record: PgSelectSingleStep) =>
      loadOneWithPgClient(executor, $record.get("id"), loadPlaces);
    return {
      typeDefs: gql`
        extend type AuditLog {
          """The record's place in the Merkle tree, from 0; null while it waits for its seal."""
          leafIndex: BigInt
          """That the record is in a tree that was signed: the newest that a witness cosigned, if it has the record, else the newest of all; null while no checkpoint covers it."""
          inclusionProof: AuditInclusionProof
        }

        """An inclusion proof (RFC 6962); as a file: GET /audit/records/ID/proof."""
        type AuditInclusionProof {
          leafIndex: BigInt!
          """Hashes in base64, the leaf's sibling first."""
          hashes: [String!]!
          treeSize: BigInt!
          """The signed checkpoint whose root they lead to."""
          checkpoint: AuditCheckpoint
        }
      `,
      objects: {
        AuditLog: {
          plans: {
            leafIndex: ($record: PgSelectSingleStep) => placeOf($record).get("leafIndex"),
            inclusionProof: ($record: PgSelectSingleStep) => placeOf($record).get("inclusionProof"),
          },
        },
        AuditInclusionProof: {
          plans: {
            checkpoint: ($proof) => checkpoints.get({ tree_size: access($proof, "treeSize") }),
          },
        },
      },
    };
  }, "BlindagemAuditProofsPlugin");
}

/** Where a record stands, and why that is so. */
interface Place {
  leafIndex: string | null;
  inclusionProof?: { leafIndex: string; hashes: string[]; treeSize: string } | undefined;
}

function placesBy(keys: readonly ListedKey[]) {
  return async (
    pgClient: PgClient,
    ids: readonly string[],
    { attributes }: LoadOneInfo<Place, Record<string, never>>,
  ): Promise<Place[]> => {
    const client = (pgClient as NodePostgresPgClient).rawClient;
    const indexes = await leafIndexes(client, ids);
    const areProofsAsked = attributes.includes("inclusionProof");
    const proofs = areProofsAsked ? await proveRecords(client, indexes, keys) : undefined;
    return ids.map((id) => ({
      leafIndex: indexes.get(id)?.toString() ?? null,
      inclusionProof: shown(proofs?.get(id)),
    }));
  };
}

function shown(proof: RecordProof | undefined): Place["inclusionProof"] {
  if (proof === undefined) return undefined;
  const { index, path, size } = proof;
  return { leafIndex: String(index), hashes: path.map(encodeBase64), treeSize: String(size) };
}
