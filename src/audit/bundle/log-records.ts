import type pg from "pg";
import { z } from "zod";
import { type DetachedMonth, isDetached } from "../detached-months.ts";
import { type Beside, besideSchema, withBeside } from "../personal-values.ts";
import type { BundledRecord, WithheldLine } from "./manifest.ts";

/** Leaves that are looked at at once. */
const PAGE = 5000;

/** What is wanted of the log. */
export interface Selection {
  /** To which it is confined, if to some. */
  condominiumIds: readonly string[] | undefined;
  /** The first day of the month to which it is confined, if to one. */
  month: string | undefined;
  /** Months that the log no longer has: what is gone with them is not lost. */
  detached: readonly DetachedMonth[];
}

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

const recordSchema = z.object({
  id: z.string(),
  entry: z.string(),
  is_claim: z.boolean(),
  beside: besideSchema.nullable(),
});
const withheldSchema = z.object({
  record_id: z.string(),
  transaction_id: z.string(),
  organization_id: z.string().nullable(),
  condominium_id: z.string().nullable(),
  sensitivity: z.string(),
});
const intentSchema = z.object({ record_id: z.string(), entry: z.string() });

/**
 * The records among the first leaves of the tree that the role of the connection may see, in their order, and the intents
 * of their transactions; a page at a time.
 *
 * @param client in a transaction of one snapshot
 * @param counts is told what was missing
 * @param withheld gets what is left out of the groups of those records, by ascending index
 */
export async function* logRecords(
  client: pg.ClientBase,
  size: number,
  selection: Selection,
  counts: ExportCounts,
  withheld: WithheldLine[],
): AsyncGenerator<BundledRecord> {
  const leavesOut = selection.month !== undefined || !(await seesSalaries(client));
  // Transactions with records that are shown: their intent is still to come, since it is their last record.
  const unattested = new Set<string>();
  // All of these.
  const claimed = new Set<string>();
  const leftOut: WithheldLine[] = [];
  for (let first = 0; first < size; first += PAGE) {
    const length = Math.min(PAGE, size - first);
    const leaves = await sealedLeaves(client, first, length);
    countLost(counts, leaves, selection.detached, first, length);
    const shown = await visibleEntries(client, leaves, selection);
    for (const { is_claim, entry } of shown.values()) {
      const transaction = transactionOf(entry);
      if (!is_claim || transaction === undefined) continue;
      unattested.add(transaction);
      if (leavesOut) claimed.add(transaction);
    }
    if (leavesOut) {
      const ended = new Set(leaves.flatMap(({ attests }) => attests ?? []));
      const hidden = leaves.filter(({ record_id, is_kept }) => is_kept && !shown.has(record_id));
      const lines = await withheldLines(client, hidden, selection);
      // Of a transaction that goes on after this page nobody knows yet whether anything is shown.
      const isOpen = ({ transaction_id }: WithheldLine) =>
        claimed.has(transaction_id) || !ended.has(transaction_id);
      leftOut.push(...lines.filter(isOpen));
    }
    const wanted = leaves.flatMap(({ attests }) =>
      attests !== null && unattested.delete(attests) ? [attests] : [],
    );
    for (const { record_id, entry } of await intents(client, wanted))
      shown.set(record_id, { entry });
    for (const { leaf_index, record_id } of leaves) {
      const record = shown.get(record_id);
      if (record !== undefined) {
        yield { index: leaf_index, entry: record.entry, ...record.beside };
      }
    }
  }
  for (const line of leftOut) if (claimed.has(line.transaction_id)) withheld.push(line);
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
  counts: ExportCounts,
  leaves: readonly Leaf[],
  detached: readonly DetachedMonth[],
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
  { condominiumIds, month }: Selection,
): Promise<Map<string, { entry: string; is_claim?: boolean; beside?: Beside | null }>> {
  const { rows } = await client.query({
    name: "blindagem visible entries",
    text: withBeside(
      `with shown as materialized (
         select * from blindagem_audit.audit_log_immutable r
         where r.id = any ($1::bigint[]) and ($2::bigint[] is null or r.condominium_id = any ($2)))
       select r.id, r.recorded_at, r.entry, r.action <> 'OUT_OF_BAND' as is_claim
       from shown r
       where $3::date is null or (r.condominium_id, r.entity_type, r.entity_id) in (
         select of_one.condominium_id, e.entity_type, e.entity_id
         from (
           select s.condominium_id, array_agg(s.entity_type) as types, array_agg(s.entity_id) as ids
           from shown s group by s.condominium_id) as of_one
         cross join lateral blindagem_private.entities_of_month(
           of_one.condominium_id, $3, of_one.types, of_one.ids) as e)`,
    ),
    values: [leaves.map(({ record_id }) => record_id), condominiumIds ?? null, month ?? null],
  });
  return new Map(
    z
      .array(recordSchema)
      .parse(rows)
      .map((row) => [row.id, row]),
  );
}

async function seesSalaries(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ sees: boolean }>(
    "select blindagem_private.sees_salaries() as sees",
  );
  return rows[0]?.sees ?? false;
}

/** What lies in the asker's condominiums but is not shown. */
async function withheldLines(
  client: pg.ClientBase,
  leaves: readonly Leaf[],
  { condominiumIds }: Selection,
): Promise<WithheldLine[]> {
  const { rows } = await client.query({
    name: "blindagem withheld records",
    text: `select record_id, transaction_id, organization_id, condominium_id, sensitivity
       from blindagem_audit.withheld_records($1::bigint[])
       where transaction_id is not null and ($2::bigint[] is null or condominium_id = any ($2))`,
    values: [leaves.map(({ record_id }) => record_id), condominiumIds ?? null],
  });
  const found = new Map(
    z
      .array(withheldSchema)
      .parse(rows)
      .map((row) => [row.record_id, row]),
  );
  return leaves.flatMap(({ leaf_index, record_id }): WithheldLine[] => {
    const row = found.get(record_id);
    if (row === undefined) return [];
    const { transaction_id, organization_id, condominium_id, sensitivity } = row;
    return [
      {
        index: leaf_index,
        id: record_id,
        transaction_id,
        ...(organization_id !== null && { organization_id }),
        ...(condominium_id !== null && { condominium_id }),
        sensitivity,
      },
    ];
  });
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
