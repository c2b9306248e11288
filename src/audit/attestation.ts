import type pg from "pg";
import { z } from "zod";
import type { RecordGroup, SealedRun } from "./append-run.ts";
import { encodeBase64 } from "./base64.ts";
import { isRecord, parseEntry } from "./entry.ts";
import { AuditFault } from "./fault.ts";
import { differences, type Intent, openIntent } from "./intent.ts";
import type { ListedKey } from "./key-list.ts";
import { rootOfLeafHashes } from "./leaf-hashes.ts";
import { readSaying } from "./saying.ts";
import { HASH_SIZE } from "./tree.ts";

/** A record that names an actor, and why nobody vouches for it. */
export interface UnattestedRecord {
  recordId: string;
  cause: "NO_INTENT" | "INVALID_INTENT" | "OTHER_RECORDS" | "CONTRADICTED";
}

/** A record's text in the log. */
interface RecordText {
  id: string;
  entry: string;
}

/**
 * The records of a run that name an actor and that no valid intent of their transaction covers: somebody who does not
 * have a process's key has written them, or has altered what a process wrote; and those that an intent covers which says
 * something else of who made them.
 *
 * @param entriesOf reads the records of a group some of which seem to say something else than their intent
 */
export async function unattestedOf(
  run: Pick<SealedRun, "groups" | "intents">,
  keys: readonly ListedKey[],
  entriesOf: (recordIds: readonly string[]) => Promise<readonly RecordText[]>,
): Promise<UnattestedRecord[]> {
  const opened = new Map<string, (Vouching | undefined)[]>();
  for (const { transactionId, note, index } of run.intents) {
    const intents = opened.get(transactionId) ?? [];
    const intent = validIntent(note, keys, index, transactionId);
    intents.push(intent && new Vouching(intent));
    opened.set(transactionId, intents);
  }
  const unattested: UnattestedRecord[] = [];
  for (const group of run.groups) {
    const intents = opened.get(group.transactionId) ?? [];
    const covering = intents.find((each) => each?.covers(group));
    if (covering === undefined) {
      const isSigned = intents.some((each) => each !== undefined);
      const cause =
        intents.length === 0 ? "NO_INTENT" : isSigned ? "OTHER_RECORDS" : "INVALID_INTENT";
      unattested.push(...group.claims.map((recordId) => ({ recordId, cause }) as const));
    } else if (!group.sayings.every((saying) => covering.agreesWith(saying))) {
      const entries = await entriesOf(group.claims);
      const contradicted = entries.filter(({ entry }) => !covering.agreesWithEntry(entry));
      unattested.push(
        ...contradicted.map(({ id }) => ({ recordId: id, cause: "CONTRADICTED" }) as const),
      );
    }
  }
  return unattested;
}

/** A valid intent, held against what records say. */
class Vouching {
  readonly #intent: Intent;
  /** What it agrees with: the groups of a transaction mostly say the same. */
  readonly #agreed = new Set<string>();

  constructor(intent: Intent) {
    this.#intent = intent;
  }

  covers({ leafHashes }: RecordGroup): boolean {
    const records = leafHashes.length / HASH_SIZE;
    const root = encodeBase64(rootOfLeafHashes(leafHashes));
    return this.#intent.groups.some((each) => each.records === records && each.root === root);
  }

  /** @returns false also when the records themselves have to be asked */
  agreesWith(text: string): boolean {
    if (this.#agreed.has(text)) return true;
    const saying = readSaying(text);
    if (saying === undefined || differences(this.#intent, saying, saying.acting).length > 0) {
      return false;
    }
    this.#agreed.add(text);
    return true;
  }

  agreesWithEntry(text: string): boolean {
    try {
      const entry = parseEntry(text);
      if (!isRecord(entry)) return false;
      const reason = typeof entry.reason === "string" ? entry.reason : undefined;
      return differences(this.#intent, entry, { ...entry, reason }).length === 0;
    } catch (error) {
      if (error instanceof AuditFault) return false;
      throw error;
    }
  }
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

/** The texts of these records. */
export async function entriesOf(
  client: pg.ClientBase,
  recordIds: readonly string[],
): Promise<RecordText[]> {
  const { rows } = await client.query(
    "select id::text, entry from blindagem_audit.audit_log_immutable where id = any ($1::bigint[]) order by id",
    [recordIds],
  );
  return z.array(z.object({ id: z.string(), entry: z.string() })).parse(rows);
}

/** Keeps what was found, for the screen. */
export async function storeUnattested(
  client: pg.ClientBase,
  records: readonly UnattestedRecord[],
): Promise<void> {
  if (records.length === 0) return;
  await client.query(
    `insert into blindagem_audit.unattested_records (record_id, cause, scope, format)
     select found.record_id, found.cause, coalesce(record.condominium_id, record.organization_id), record.format
     from unnest($1::bigint[], $2::text[]) as found (record_id, cause)
     left join lateral (
       select r.condominium_id, r.organization_id, substr(r.entry, 12, 18) as format
       from blindagem_audit.audit_log_immutable r where r.id = found.record_id limit 1) as record on true
     on conflict (record_id) do nothing`,
    [records.map(({ recordId }) => recordId), records.map(({ cause }) => cause)],
  );
}
