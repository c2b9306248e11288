import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { contentHash } from "../../src/expenses/content-hash.ts";
import { row } from "./rows.ts";

/** The same value with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(reversed);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).reverse();
    return Object.fromEntries(entries.map(([key, member]) => [key, reversed(member)]));
  }
  return value;
}

describe("contentHash", () => {
  it("is the SHA-256 of JSON with sorted keys", () => {
    const expected = createHash("sha256").update('[{"a":[1,null],"b":"é"},{}]').digest("hex");
    expect(contentHash([{ b: "é", a: [1, null], c: undefined }, {}])).toBe(expected);
  });

  it("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))), (rows) => {
        expect(contentHash(reversed(rows))).toBe(contentHash(rows));
      }),
    );
  });

  it("depends on the order of rows and on every value", () => {
    const first = row();
    const second = row({ externalId: "D-2" });
    const hashes = [
      [first, second],
      [second, first],
      [first],
      [first, first],
      [[first, second]],
      [first, row({ externalId: "D-2", grossAmount: "10000.01" })],
      [first, row({ externalId: "D-2", documents: ["nota.pdf", "A".repeat(64)] })],
      [],
    ].map(contentHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("tells a text from what it looks like", () => {
    const hashes = [["1"], [1], ["null"], [null], [1n], ["1n"], [true], ["true"], [{}], ["{}"]].map(
      contentHash,
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("keeps keys that look like a prototype", () => {
    const polluted: unknown = JSON.parse('[{"__proto__": {"a": 1}}]');
    expect(contentHash(polluted)).not.toBe(contentHash([{}]));
  });

  it("refuses content that is nested without end", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    expect(() => contentHash(deep)).toThrow(RangeError);
  });
});
