import type pg from "pg";
import type { RecordGroup, SealedRun } from "./append-run.ts";
import { encodeBase64 } from "./base64.ts";
import { AuditFault } from "./fault.ts";
import { type Intent, openIntent } from "./intent.ts";
import type { ListedKey } from "./key-list.ts";
import { rootOfLeafHashes } from "./leaf-hashes.ts";
import { HASH_SIZE } from "./tree.ts";

/** A record that names an actor, and why nobody vouches for it. */
export interface UnattestedRecord {
  recordId: string;
  cause: "NO_INTENT" | "INVALID_INTENT" | "OTHER_RECORDS";
}

/**
 * The records of a run that name an actor and that no valid intent of their transaction covers: somebody who does not
 * have a process's key has written them, or has altered what a process wrote.
 */
export function unattestedOf(
  run: Pick<SealedRun, "firstIndex" | "groups" | "intents">,
  keys: readonly ListedKey[],
): UnattestedRecord[] {
  const opened = new Map<string, (Intent | undefined)[]>();
  for (const { transactionId, note } of run.intents) {
    const intents = opened.get(transactionId) ?? [];
    intents.push(validIntent(note, keys, run.firstIndex, transactionId));
    opened.set(transactionId, intents);
  }
  return run.groups.flatMap((group) => {
    const intents = opened.get(group.transactionId) ?? [];
    if (intents.some((intent) => intent && covers(intent, group))) return [];
    const isSigned = intents.some((intent) => intent !== undefined);
    const cause =
      intents.length === 0 ? "NO_INTENT" : isSigned ? "OTHER_RECORDS" : "INVALID_INTENT";
    return group.claims.map((recordId) => ({ recordId, cause }) as const);
  });
}

function covers(intent: Intent, { leafHashes }: RecordGroup): boolean {
  const records = leafHashes.length / HASH_SIZE;
  const root = encodeBase64(rootOfLeafHashes(leafHashes));
  return intent.groups.some((each) => each.records === records && each.root === root);
}

function validIntent(
  note: string,
  keys: readonly ListedKey[],
  index: number,
  transactionId: string,
): Intent | undefined {
  try {
    const intent = openIntent(note, keys, index);
    return intent.transaction_id === transactionId ? intent : undefined;
  } catch (error) {
    if (error instanceof AuditFault) return undefined;
    throw error;
  }
}

/** Keeps what was found, for the screen. */
export async function storeUnattested(
  client: pg.ClientBase,
  records: readonly UnattestedRecord[],
): Promise<void> {
  if (records.length === 0) return;
  await client.query(
    `insert into blindagem_audit.unattested_records (record_id, cause, scope)
     select found.record_id, found.cause, (
       select coalesce(r.condominium_id, r.organization_id) from blindagem_audit.audit_log_immutable r where r.id = found.record_id limit 1)
     from unnest($1::bigint[], $2::text[]) as found (record_id, cause) on conflict (record_id) do nothing`,
    [records.map(({ recordId }) => recordId), records.map(({ cause }) => cause)],
  );
}
