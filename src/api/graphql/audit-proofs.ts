import type { PgClient, PgSelectSingleStep } from "postgraphile/@dataplan/pg";
import { loadOneWithPgClient } from "postgraphile/@dataplan/pg";
import type { NodePostgresPgClient } from "postgraphile/adaptors/pg";
import { access } from "postgraphile/grafast";
import { extendSchema, gql } from "postgraphile/utils";
import { encodeBase64 } from "../../audit/base64.ts";
import { leafIndexes, proveRecords } from "../../audit/prove-records.ts";

/** Where each record of the audit log stands in the Merkle tree, and its proof: for a page at once, and only if asked for. */
export const auditProofsPlugin: GraphileConfig.Plugin = extendSchema((build) => {
  const { main: executor } = build.input.pgRegistry.pgExecutors;
  const { audit_checkpoints: checkpoints } = build.input.pgRegistry.pgResources;
  if (!executor || !checkpoints)
    throw new Error("The schema blindagem is not there; run `blindagem migrate`.");
  return {
    typeDefs: gql`
      extend type AuditLog {
        """The record's place in the Merkle tree, from 0; null while it waits for its seal."""
        leafIndex: BigInt
        """That the record is in the tree that was signed last; null while no checkpoint covers it."""
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
          leafIndex: ($record: PgSelectSingleStep) =>
            loadOneWithPgClient(executor, $record.get("id"), places),
          inclusionProof: ($record: PgSelectSingleStep) =>
            loadOneWithPgClient(executor, $record.get("id"), proofs),
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

async function places(client: PgClient, ids: readonly string[]) {
  const indexes = await leafIndexes((client as NodePostgresPgClient).rawClient, ids);
  return ids.map((id) => indexes.get(id)?.toString() ?? null);
}

async function proofs(client: PgClient, ids: readonly string[]) {
  const proven = await proveRecords((client as NodePostgresPgClient).rawClient, ids);
  return ids.map((id) => {
    const proof = proven.get(id);
    if (proof === undefined) return null;
    return {
      leafIndex: String(proof.index),
      hashes: proof.path.map(encodeBase64),
      treeSize: String(proof.size),
    };
  });
}
