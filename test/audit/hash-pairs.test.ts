import { hash, randomBytes } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { hashPairs } from "../../src/audit/hash-pairs.ts";

/** As OpenSSL hashes them, one by one. */
function plainly(bytes: Buffer): Buffer {
  return Buffer.concat(
    Array.from({ length: Math.floor(bytes.length / 64) }, (_, at) =>
      hash(
        "sha256",
        Buffer.concat([Buffer.of(1), bytes.subarray(64 * at, 64 * at + 64)]),
        "buffer",
      ),
    ),
  );
}

describe("hashPairs", () => {
  it.each([0, 1, 2, 3, 4, 5, 8, 9, 127, 128, 511, 512, 513, 1500])(
    "gives what OpenSSL gives, of %d pairs",
    (pairs) => {
      const bytes = randomBytes(64 * pairs);
      const hashes = Buffer.alloc(32 * pairs);
      hashPairs(bytes, hashes);
      expect(hashes).toEqual(plainly(bytes));
    },
  );

  it("leaves a hash without a neighbour out, and what stands behind the hashes as it was", () => {
    const bytes = randomBytes(32 * 5);
    const hashes = Buffer.alloc(32 * 4, 0xff);
    hashPairs(bytes, hashes);
    expect(hashes).toEqual(Buffer.concat([plainly(bytes), Buffer.alloc(32 * 2, 0xff)]));
  });

  it("may write where it reads", () => {
    const bytes = randomBytes(64 * 1200);
    const expected = plainly(bytes);
    hashPairs(bytes, bytes);
    expect(bytes.subarray(0, expected.length)).toEqual(expected);
  });

  it("takes every byte for what it is", () => {
    for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
      const bytes = Buffer.alloc(64 * 6, byte);
      const hashes = Buffer.alloc(32 * 6);
      hashPairs(bytes, hashes);
      expect(hashes).toEqual(plainly(bytes));
    }
  });
});
