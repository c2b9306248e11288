import type pg from "pg";
import { z } from "zod";
import type { ListedKey } from "./key-list.ts";
import { type Proof, verifyProof } from "./proof.ts";
import { proveOneRecord } from "./prove-records.ts";
import { leafHash } from "./tree.ts";

/** A proof with the record in it. */
export interface ProvenRecord extends Proof {
  /** In whose names false signatures of witnesses were left out of its checkpoint. */
  forged: string[];
}

/**
 * The proof that a record is in a signed tree, with its bytes: in that of the newest checkpoint that a witness cosigned and
 * that has the record, or else of the newest of all. Verified, so that nobody is given one that does not hold.
 *
 * @param client in a transaction of one snapshot, under a role that sees the record
 * @param keys the public keys of the log
 * @throws Error when the role sees no such record, or no checkpoint has it yet
 * @throws AuditFault when the log does not prove it: it was altered
 */
export async function proveRecord(
  client: pg.ClientBase,
  recordId: string,
  keys: readonly ListedKey[],
): Promise<ProvenRecord> {
  const { rows } = await client.query({
    name: "blindagem record to prove",
    text: "select entry from blindagem_audit.audit_log_immutable where id = $1",
    values: [recordId],
  });
  const record = recordRow.optional().parse(rows[0]);
  if (record === undefined) {
    throw new Error(`O registro ${recordId} não existe, ou não é desta administradora.`);
  }
  const proven = await proveOneRecord(client, recordId, keys);
  if (proven === undefined) {
    throw new Error(
      `O registro ${recordId} ainda não está em nenhum checkpoint: espere o selo (\`blindagem seal\`) e tente de novo.`,
    );
  }
  const { index, path, checkpoint, forged } = proven;
  const extra = Buffer.from(record.entry);
  const proof: Proof = { index, path, checkpoint, extra };
  verifyProof(proof, leafHash(extra), keys);
  return { ...proof, forged };
}

const recordRow = z.object({ entry: z.string() });
