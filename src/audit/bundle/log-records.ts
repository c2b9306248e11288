import type pg from "pg";
import { z } from "zod";
import { type DetachedMonth, isDetached } from "../detached-months.ts";
import type { BundledRecord } from "./manifest.ts";

/** Leaves that are looked at at once. */
const PAGE = 5000;

/** What an export went through. */
export interface ExportCounts {
  /** Sealed records that the log does not have any more, and no detached month either; and the index of the first. */
  lost: number;
  firstLost: number | undefined;
}

const leafSchema = z.object({
  leaf_index: z.coerce.number(),
  record_id: z.string(),
  is_kept: z.boolean(),
  attests: z.string().nullable(),
});
type Leaf = z.infer<typeof leafSchema>;

const recordSchema = z.object({ id: z.string(), entry: z.string(), is_claim: z.boolean() });
const intentSchema = z.object({ record_id: z.string(), entry: z.string() });

/**
 * The records among the first leaves of the tree that the role of the connection may see, in their order, and the intents
 * of their transactions; a page at a time.
 *
 * @param client in a transaction of one snapshot
 * @param confined to these condominiums, if to some; `detached` are the months that the log no longer has, `counts` is told
 *   what else is missing
 */
export async function* logRecords(
  client: pg.ClientBase,
  size: number,
  confined: {
    condominiumIds: readonly string[] | undefined;
    detached: readonly DetachedMonth[];
    counts: ExportCounts;
  },
): AsyncGenerator<BundledRecord> {
  const { condominiumIds } = confined;
  // Transactions with records that are shown: their intent is still to come, since it is their last record.
  const unattested = new Set<string>();
  for (let first = 0; first < size; first += PAGE) {
    const length = Math.min(PAGE, size - first);
    const leaves = await sealedLeaves(client, first, length);
    countLost(confined, leaves, first, length);
    const shown = await visibleEntries(client, leaves, condominiumIds);
    for (const { is_claim, entry } of shown.values()) {
      const transaction = transactionOf(entry);
      if (is_claim && transaction !== undefined) unattested.add(transaction);
    }
    const wanted = leaves.flatMap(({ attests }) =>
      attests !== null && unattested.delete(attests) ? [attests] : [],
    );
    for (const { record_id, entry } of await intents(client, wanted))
      shown.set(record_id, { entry });
    for (const { leaf_index, record_id } of leaves) {
      const entry = shown.get(record_id)?.entry;
      if (entry !== undefined) yield { index: leaf_index, entry };
    }
  }
}

async function sealedLeaves(client: pg.ClientBase, first: number, length: number): Promise<Leaf[]> {
  const { rows } = await client.query({
    name: "blindagem sealed leaves",
    text: "select leaf_index, record_id, is_kept, attests from blindagem_audit.sealed_leaves($1, $2)",
    values: [first, length],
  });
  return z.array(leafSchema).parse(rows);
}

/** A run that is not there any more is as lost as its records. */
function countLost(
  { counts, detached }: { counts: ExportCounts; detached: readonly DetachedMonth[] },
  leaves: readonly Leaf[],
  first: number,
  length: number,
): void {
  const kept = new Set(
    leaves
      .filter(({ is_kept, record_id }) => is_kept || isDetached(detached, record_id))
      .map((leaf) => leaf.leaf_index),
  );
  for (let index = first; index < first + length; index++) {
    if (kept.has(index)) continue;
    counts.lost += 1;
    counts.firstLost ??= index;
  }
}

/** By the ids of their records. Row-level security decides; the condominiums only narrow. */
async function visibleEntries(
  client: pg.ClientBase,
  leaves: readonly Leaf[],
  condominiumIds: readonly string[] | undefined,
): Promise<Map<string, { entry: string; is_claim?: boolean }>> {
  const { rows } = await client.query({
    name: "blindagem visible entries",
    text: `select id, entry, action <> 'OUT_OF_BAND' and entry like '{"format":"blindagem-record-4"%' as is_claim
       from blindagem_audit.audit_log_immutable
       where id = any ($1::bigint[]) and ($2::bigint[] is null or condominium_id = any ($2))`,
    values: [leaves.map(({ record_id }) => record_id), condominiumIds ?? null],
  });
  return new Map(
    z
      .array(recordSchema)
      .parse(rows)
      .map((row) => [row.id, row]),
  );
}

async function intents(client: pg.ClientBase, transactionIds: readonly string[]) {
  if (transactionIds.length === 0) return [];
  const { rows } = await client.query({
    name: "blindagem intents of transactions",
    text: "select record_id, entry from blindagem_audit.intents_of($1)",
    values: [transactionIds],
  });
  return z.array(intentSchema).parse(rows);
}

/** Out of the text, not by a parser: an entry that somebody has damaged is exported as it is. */
function transactionOf(entry: string): string | undefined {
  return /"transaction_id":"(\d+)"\}?$/.exec(entry)?.[1];
}
