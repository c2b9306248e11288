import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { contentHash } from "../../src/expenses/content-hash.ts";
import { repeatedAcrossParts, splitRows } from "../../src/expenses/split.ts";
import { MAXIMUM_ROWS } from "../../src/expenses/submit.ts";

const LIMIT = 7_000_000;
const sizeOf = (rows: readonly unknown[]) => Buffer.byteLength(JSON.stringify(rows));

/** So many rows, each with a text of up to that many characters of one to four bytes. */
const file = fc
  .record({
    count: fc.integer({ min: 0, max: 25_000 }),
    long: fc.array(
      fc.record({ at: fc.nat(25_000), size: fc.nat(9_000_000), text: fc.constantFrom("a", "é") }),
      { maxLength: 5 },
    ),
  })
  .map(({ count, long }) => {
    const rows: unknown[] = Array.from({ length: count }, (_, at) => ({ externalId: `D-${at}` }));
    for (const { at, size, text } of long) {
      if (at < count) rows[at] = { externalId: `D-${at}`, description: text.repeat(size / 2) };
    }
    return rows;
  });

describe("splitRows", () => {
  it("gives every row once, in order, in parts that the API takes", () => {
    fc.assert(
      fc.property(file, (rows) => {
        const parts = splitRows(rows, undefined);
        let offset = 0;
        for (const part of parts) {
          expect(part.offset).toBe(offset);
          expect(part.rows.length).toBeGreaterThan(0);
          expect(part.rows.length).toBeLessThanOrEqual(MAXIMUM_ROWS);
          if (part.rows.length > 1) expect(sizeOf(part.rows)).toBeLessThanOrEqual(LIMIT + 2);
          expect(part.rows.every((row, at) => row === rows[offset + at])).toBe(true);
          offset += part.rows.length;
        }
        expect(offset).toBe(rows.length);
      }),
      { numRuns: 30 },
    );
  });

  it("leaves what fits into one batch whole, under the file's own key", () => {
    const rows = Array.from({ length: MAXIMUM_ROWS }, (_, at) => ({ externalId: `D-${at}` }));
    expect(splitRows(rows, "novembro")).toEqual([{ rows, offset: 0, idempotencyKey: "novembro" }]);
    expect(splitRows(rows, undefined)).toEqual([
      { rows, offset: 0, idempotencyKey: `file:${contentHash(rows)}` },
    ]);
    expect(splitRows([], "novembro")).toEqual([]);
  });

  it("numbers the parts under a key that was given", () => {
    const rows = Array.from({ length: MAXIMUM_ROWS + 1 }, (_, at) => ({ externalId: `D-${at}` }));
    const keys = splitRows(rows, "novembro").map(({ idempotencyKey }) => idempotencyKey);
    expect(keys).toEqual(["novembro/1", "novembro/2"]);
  });

  it("gives a part the same key when only a later one was mended", () => {
    const rows = Array.from({ length: MAXIMUM_ROWS + 2 }, (_, at) => ({ externalId: `D-${at}` }));
    const mended = rows.with(-1, { externalId: "D-other" });
    const keysOf = (given: readonly unknown[]) =>
      splitRows(given, undefined).map(({ idempotencyKey }) => idempotencyKey);
    expect(keysOf(structuredClone(rows))).toEqual(keysOf(rows));
    expect(keysOf(mended)[0]).toBe(keysOf(rows)[0]);
    expect(keysOf(mended)[1]).not.toBe(keysOf(rows)[1]);
  });

  it("makes a row larger than a batch a part of its own, for the API to refuse", () => {
    const rows = [{ a: 1 }, { a: "x".repeat(LIMIT) }, { a: 2 }];
    expect(splitRows(rows, undefined).map(({ offset }) => offset)).toEqual([0, 1, 2]);
  });
});

describe("repeatedAcrossParts", () => {
  const part = (offset: number, ...ids: unknown[]) => ({
    rows: ids.map((externalId) => ({ externalId })),
    offset,
    idempotencyKey: "k",
  });

  it("finds what stands in an earlier part too, as rows are read; within one the API tells it", () => {
    const parts = [
      part(0, "a", "a", "S\u00e3o", ""),
      part(4, "b", " a ", ""),
      part(7, "Sa\u0303o", "b"),
    ];
    expect(repeatedAcrossParts(parts)).toEqual([
      { index: 5, first: 0 },
      { index: 7, first: 2 },
      { index: 8, first: 4 },
    ]);
    expect(
      repeatedAcrossParts([part(0, 7, null, "a"), { ...part(3), rows: ["a", null, 7] }]),
    ).toEqual([]);
  });
});
