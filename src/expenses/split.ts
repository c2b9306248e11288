import { contentHash } from "./content-hash.ts";
import { MAXIMUM_ROWS } from "./submit.ts";

/** A part of a large file, small enough for one batch. */
export interface Part {
  rows: readonly unknown[];
  /** Position of its first row in the whole file. */
  offset: number;
  /**
   * The same part submitted again has the same key: a cut-off run goes on where it ended, and a file of which a later
   * part was mended does not bring the earlier ones a second time.
   */
  idempotencyKey: string;
}

/** Rows of at most so many bytes as JSON, so that a part stays below the API's 8 MB. */
const MAXIMUM_BYTES = 7_000_000;

/**
 * Splits the rows of a file into parts of at most 10,000 rows and 7 MB each (a larger row is a part of its own). A
 * part's key is that of its content; if there is a `key`, it is that, with the part's number where there are several.
 */
export function splitRows(rows: readonly unknown[], key: string | undefined): Part[] {
  const slices: { rows: unknown[]; offset: number }[] = [];
  let current: unknown[] = [];
  let bytes = 0;
  rows.forEach((row, index) => {
    const size = Buffer.byteLength(JSON.stringify(row) ?? "null") + 1;
    if (index === 0 || current.length === MAXIMUM_ROWS || bytes + size > MAXIMUM_BYTES) {
      current = [];
      bytes = 0;
      slices.push({ rows: current, offset: index });
    }
    current.push(row);
    bytes += size;
  });
  return slices.map((slice, at) => ({
    ...slice,
    idempotencyKey: keyOfPart(key, slices.length, at) ?? `file:${contentHash(slice.rows)}`,
  }));
}

function keyOfPart(key: string | undefined, parts: number, at: number): string | undefined {
  return key === undefined || parts === 1 ? key : `${key}/${at + 1}`;
}

/**
 * The rows whose external id stands in an earlier part already, which the check of one batch alone cannot see. Both
 * positions are those in the whole file.
 */
export function repeatedAcrossParts(parts: readonly Part[]): { index: number; first: number }[] {
  const repeated: { index: number; first: number }[] = [];
  const seen = new Map<string, number>();
  for (const { rows, offset } of parts) {
    const ids = rows.map(externalIdOf);
    ids.forEach((id, at) => {
      const first = seen.get(id);
      if (first !== undefined) repeated.push({ index: offset + at, first });
    });
    ids.forEach((id, at) => {
      if (id !== "" && !seen.has(id)) seen.set(id, offset + at);
    });
  }
  return repeated;
}

/** The id as it is compared when a row is read; "" when there is none. */
function externalIdOf(row: unknown): string {
  const id: unknown =
    typeof row === "object" && row !== null ? Reflect.get(row, "externalId") : undefined;
  return typeof id === "string" ? id.trim().normalize("NFC") : "";
}
