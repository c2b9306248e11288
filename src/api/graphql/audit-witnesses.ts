import { withPgClient } from "postgraphile/@dataplan/pg";
import type { NodePostgresPgClient } from "postgraphile/adaptors/pg";
import { constant } from "postgraphile/grafast";
import { extendSchema, gql } from "postgraphile/utils";
import { witnessStandings } from "../../audit/cosigned-checkpoints.ts";
import type { ListedKey } from "../../audit/key-list.ts";
import { idBytes } from "../../audit/verifier-key.ts";

/**
 * Who vouches for the log, and up to where: what a screen says of records without reading all cosignatures, of which
 * somebody may have invented many.
 *
 * @param keys the key list; its witnesses count
 */
export function auditWitnessesPlugin(keys: readonly ListedKey[]): GraphileConfig.Plugin {
  return extendSchema((build) => {
    const { main: executor } = build.input.pgRegistry.pgExecutors;
    if (!executor) throw new Error("The schema blindagem is not there; run `blindagem migrate`.");
    return {
      typeDefs: gql`
        extend type Query {
          """The witnesses of the log's key list who truly cosigned a checkpoint, each with the newest, which has every record that it has seen."""
          auditWitnesses: [AuditWitness!]!
        }

        """Up to where a witness vouches for the log."""
        type AuditWitness {
          """The name of its key."""
          witness: String!
          """The id of its key, as in the key list, in hexadecimal."""
          keyId: String!
          """Leaves of the newest checkpoint's tree: what stands before them the witness vouches for."""
          treeSize: BigInt!
          """When it signed, as it says itself."""
          cosignedAt: Datetime!
        }
      `,
      objects: {
        Query: {
          plans: {
            auditWitnesses: () =>
              withPgClient(executor, constant(null), async (client) => {
                const { rawClient } = client as NodePostgresPgClient;
                const standings = await witnessStandings(rawClient, keys);
                return standings.map(({ size, cosignature: { key, timestamp } }) => ({
                  witness: key.name,
                  keyId: idBytes(key).toString("hex"),
                  treeSize: String(size),
                  cosignedAt: new Date(timestamp * 1000).toISOString(),
                }));
              }),
          },
        },
      },
    };
  }, "BlindagemAuditWitnessesPlugin");
}
