import type pg from "pg";
import { z } from "zod";
import { HAS_INTENT } from "../append-run.ts";
import { type Beside, besideSchema, besideSource } from "../personal-values.ts";
import type { BundledRecord } from "./manifest.ts";

/** Leaves that are looked at at once. */
const PAGE = 5000;

/** What an export went through. */
export interface ExportCounts {
  /** Sealed records that the log does not have any more, and the index of the first. */
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
const intentSchema = z.object({ record_id: z.string(), entry: z.string() });

/**
 * The records among the first leaves of the tree that the role of the connection may see, in their order, and the intents
 * of their transactions; a page at a time.
 *
 * @param client in a transaction of one snapshot
 * @param condominiumIds to which it is confined, if to some
 * @param counts is told what was missing
 */
export async function* logRecords(
  client: pg.ClientBase,
  size: number,
  condominiumIds: readonly string[] | undefined,
  counts: ExportCounts,
): AsyncGenerator<BundledRecord> {
  // Transactions with records that are shown: their intent is still to come, since it is their last record.
  const unattested = new Set<string>();
  for (let first = 0; first < size; first += PAGE) {
    const length = Math.min(PAGE, size - first);
    const leaves = await sealedLeaves(client, first, length);
    countLost(counts, leaves, first, length);
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
      const record = shown.get(record_id);
      if (record !== undefined) {
        yield { index: leaf_index, entry: record.entry, ...record.beside };
      }
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
  counts: ExportCounts,
  leaves: readonly Leaf[],
  first: number,
  length: number,
): void {
  const kept = new Set(leaves.filter(({ is_kept }) => is_kept).map((leaf) => leaf.leaf_index));
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
): Promise<Map<string, { entry: string; is_claim?: boolean; beside?: Beside | null }>> {
  const { rows } = await client.query({
    name: "blindagem visible entries",
    text: `select r.id, r.entry, r.action <> 'OUT_OF_BAND' and ${HAS_INTENT} as is_claim, ${besideSource("r")} as beside
       from blindagem_audit.audit_log_immutable r
       where r.id = any ($1::bigint[]) and ($2::bigint[] is null or r.condominium_id = any ($2))`,
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
