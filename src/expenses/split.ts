import { contentHash } from "./content-hash.ts";
import { MAXIMUM_ROWS } from "./submit.ts";

/** A part of a large file, small enough for one batch. */
export interface Part {
  rows: readonly unknown[];
  /** Position of its first row in the whole file. */
  offset: number;
  /** The same file submitted again gives the same keys, so a cut-off run goes on where it ended. */
  idempotencyKey: string;
}

/** Rows of at most so many bytes as JSON, so that a part stays below the API's 8 MB. */
const MAXIMUM_BYTES = 7_000_000;

/** Splits the rows of a file into parts of at most 10,000 rows and 7 MB each; their keys begin with `key`. */
export function splitRows(rows: readonly unknown[], key: string | undefined): Part[] {
  const base = key ?? `file:${contentHash(rows)}`;
  const parts: Part[] = [];
  let current: unknown[] = [];
  let bytes = 0;
  const close = (end: number) => {
    if (current.length === 0) return;
    parts.push({
      rows: current,
      offset: end - current.length,
      idempotencyKey: `${base}/${parts.length + 1}`,
    });
    current = [];
    bytes = 0;
  };
  rows.forEach((row, index) => {
    const size = Buffer.byteLength(JSON.stringify(row) ?? "") + 1;
    if (current.length === MAXIMUM_ROWS || bytes + size > MAXIMUM_BYTES) close(index);
    current.push(row);
    bytes += size;
  });
  close(rows.length);
  const [only] = parts;
  // One part needs no number: its key is the caller's own.
  if (only && parts.length === 1) return [{ ...only, idempotencyKey: base }];
  return parts;
}
