import type pg from "pg";
import { z } from "zod";
import { type DetachedMonth, isDetached } from "../detached-months.ts";
import { type Beside, besideSchema, withBeside } from "../personal-values.ts";
import type { BundledRecord, WithheldLine } from "./manifest.ts";

/** Leaves that are looked at at once. */
const PAGE = 5000;

/** What is wanted of the log, beside what concerns everybody and belongs to no tenant: that is in every bundle. */
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
  is_platforms: z.boolean(),
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
  // All of these; and those in which records of no tenant are shown.
  const claimed = new Set<string>();
  const claimedForAll = new Set<string>();
  const isClaimed = ({ transaction_id, organization_id, condominium_id }: WithheldLine) =>
    (organization_id ?? condominium_id) === undefined
      ? claimedForAll.has(transaction_id)
      : claimed.has(transaction_id);
  const leftOut: WithheldLine[] = [];
  for (let first = 0; first < size; first += PAGE) {
    const length = Math.min(PAGE, size - first);
    const leaves = await sealedLeaves(client, first, length);
    countLost(counts, leaves, selection.detached, first, length);
    const shown = await visibleEntries(client, leaves, selection);
    for (const { is_claim, is_platforms, entry } of shown.values()) {
      const transaction = transactionOf(entry);
      if (!is_claim || transaction === undefined) continue;
      unattested.add(transaction);
      if (is_platforms) claimedForAll.add(transaction);
      else if (leavesOut) claimed.add(transaction);
    }
    const hidden = leaves.filter(({ record_id, is_kept }) => is_kept && !shown.has(record_id));
    const lines = await withheldOfThePlatform(client, hidden);
    if (leavesOut) lines.push(...(await withheldLines(client, hidden, selection)));
    const ended = new Set(leaves.flatMap(({ attests }) => attests ?? []));
    // Of a transaction that goes on after this page nobody knows yet whether anything is shown.
    const isOpen = (line: WithheldLine) => isClaimed(line) || !ended.has(line.transaction_id);
    leftOut.push(...lines.sort((one, other) => one.index - other.index).filter(isOpen));
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
  withheld.push(...leftOut.filter(isClaimed));
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

/** A record that is shown, or an intent. */
interface ShownRecord {
  entry: string;
  /** Whether it says who acted. */
  is_claim?: boolean;
  /** Whether it belongs to no tenant. */
  is_platforms?: boolean;
  beside?: Beside | null;
}

/** By the ids of their records. Row-level security decides; the condominiums only narrow. */
async function visibleEntries(
  client: pg.ClientBase,
  leaves: readonly Leaf[],
  { condominiumIds, month }: Selection,
): Promise<Map<string, ShownRecord>> {
  const { rows } = await client.query({
    name: "blindagem visible entries",
    text: withBeside(
      `with shown as materialized (
         select * from blindagem_audit.audit_log_immutable r
         where r.id = any ($1::bigint[]) and (
           r.organization_id is null and r.condominium_id is null
           or $2::bigint[] is null or r.condominium_id = any ($2)))
       select r.id, r.recorded_at, r.entry, r.action <> 'OUT_OF_BAND' as is_claim,
         coalesce(r.organization_id, r.condominium_id) is null as is_platforms
       from shown r
       where $3::date is null or coalesce(r.organization_id, r.condominium_id) is null
         or (r.condominium_id, r.entity_type, r.entity_id) in (
           select of_one.condominium_id, e.entity_type, e.entity_id
           from (
             select s.condominium_id, array_agg(s.entity_type) as types, array_agg(s.entity_id) as ids
             from shown s where s.condominium_id is not null group by s.condominium_id) as of_one
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

/** What belongs to no tenant but is not shown. */
async function withheldOfThePlatform(
  client: pg.ClientBase,
  leaves: readonly Leaf[],
): Promise<WithheldLine[]> {
  const { rows } = await client.query({
    name: "blindagem withheld records of the platform",
    text: `select record_id, transaction_id, null as organization_id, null as condominium_id, sensitivity
       from blindagem_audit.withheld_platform_records(
         (select min(id) from unnest($1::bigint[]) as id), (select max(id) from unnest($1::bigint[]) as id))
       where transaction_id is not null`,
    values: [leaves.map(({ record_id }) => record_id)],
  });
  return linesOf(leaves, rows);
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
  return linesOf(leaves, rows);
}

function linesOf(leaves: readonly Leaf[], rows: readonly unknown[]): WithheldLine[] {
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
