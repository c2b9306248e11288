import type pg from "pg";
import { z } from "zod";
import type { Month } from "./month.ts";

/** A month of the log that is kept elsewhere. */
export interface DetachedMonth {
  month: Month;
  /** How many records it had. */
  records: number;
  /** Of the Merkle tree over its leaf hashes alone, in their sealed order, in base64. */
  root: string;
  /** Which of them are no longer in the log, as ranges of ids, both ends inclusive, ascending. */
  ranges: readonly { first: bigint; last: bigint }[];
}

const row = z.object({
  month: z.string(),
  records: z.coerce.number(),
  root: z.string(),
  record_ids: z.string(),
});

/** The months that are no longer in the log, the oldest first. */
export async function loadDetachedMonths(client: pg.ClientBase): Promise<DetachedMonth[]> {
  const { rows } = await client.query(
    `select to_char(month, 'YYYY-MM') as month, records::text, root, record_ids::text
     from blindagem_audit.detached_months()`,
  );
  return z
    .array(row)
    .parse(rows)
    .map(({ record_ids, ...month }) => ({ ...month, ranges: parseRanges(record_ids) }));
}

/** Of an int8multirange as PostgreSQL writes it: `{[1,5),[9,10)}`. */
function parseRanges(text: string): DetachedMonth["ranges"] {
  return [...text.matchAll(/\[(\d+),(\d+)\)/g)].map(([, first = "", end = ""]) => ({
    first: BigInt(first),
    last: BigInt(end) - 1n,
  }));
}

/** Whether a record went with one of the months. */
export function isDetached(months: readonly DetachedMonth[], recordId: string): boolean {
  const id = BigInt(recordId);
  return months.some(({ ranges }) => {
    const at = ranges.findLastIndex(({ first }) => first <= id);
    return id <= (ranges[at]?.last ?? -1n);
  });
}
