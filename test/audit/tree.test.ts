import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  CompactRange,
  consistencyPath,
  EMPTY_ROOT,
  inclusionPath,
  leafHash,
  nodeHash,
  type Subtree,
  verifyConsistency,
  verifyInclusion,
} from "../../src/audit/tree.ts";
import { faultOf } from "./expect-fault.ts";
import { base64, hex, numberedLeaves, plainRoot } from "./merkle.ts";

interface Vectors {
  leaves: string[];
  roots: string[];
  inclusion: {
    name: string;
    index: number;
    size: number;
    root: string;
    leafHash: string;
    proof: string[];
    valid: boolean;
  }[];
  consistency: {
    name: string;
    oldSize: number;
    size: number;
    oldRoot: string;
    root: string;
    proof: string[];
    valid: boolean;
  }[];
}
const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../fixtures/audit/tree.json", import.meta.url), "utf8"),
);

const encoder = new TextEncoder();

function rangeOf(leaves: readonly Uint8Array[]): CompactRange {
  const range = new CompactRange();
  for (const leaf of leaves) range.append(leaf);
  return range;
}

function hashesOf(path: readonly Subtree[], leaves: readonly Uint8Array[]): Uint8Array[] {
  return path.map(({ start, end }) => plainRoot(leaves.slice(start, end)));
}

describe("hashes", () => {
  // transparency-dev/merkle, rfc6962/rfc6962_test.go
  it("are RFC 6962's", () => {
    expect(EMPTY_ROOT).toEqual(Buffer.from(vectors.roots[0] ?? "", "hex"));
    expect(leafHash("L123456")).toEqual(
      Buffer.from("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56", "hex"),
    );
    // nodeHash takes hashes: those of the reference's first two leaves.
    expect(nodeHash(leafHash(""), leafHash(hex("00")))).toEqual(
      Buffer.from("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", "hex"),
    );
  });

  it("of a text are those of its UTF-8 bytes, however long it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(leafHash(text)).toEqual(leafHash(encoder.encode(text)));
      }),
    );
    const long = "ção ".repeat(100_000);
    expect(leafHash(long)).toEqual(leafHash(encoder.encode(long)));
  });
});

describe("CompactRange", () => {
  it("has the reference tree's roots", () => {
    const range = new CompactRange();
    const roots = [range.root(), ...vectors.leaves.map((leaf) => appended(range, hex(leaf)))];
    expect(roots.map((root) => Buffer.from(root).toString("hex"))).toEqual(vectors.roots);
  });

  it("goes on from stored hashes as if it had never stopped", () => {
    fc.assert(
      fc.property(fc.nat(70), fc.nat(70), (first, more) => {
        const leaves = numberedLeaves(first + more);
        const before = rangeOf(leaves.slice(0, first));
        const range = CompactRange.of(before.size, before.hashes());
        for (const leaf of leaves.slice(first)) range.append(leaf);
        expect(range.size).toBe(first + more);
        expect(range.root()).toEqual(plainRoot(leaves));
        expect(before.size).toBe(first);
      }),
    );
  });

  it("refuses hashes that are too few, too many or too short, and sizes of no tree", () => {
    const [one, two] = numberedLeaves(2);
    if (!one || !two) throw new Error("unreachable");
    for (const [size, hashes] of [
      [0, [one]],
      [3, [one]],
      [2, [one, two]],
      [1, [one.subarray(1)]],
      [-1, []],
      [0.5, []],
      [2 ** 53, [one]],
    ] as const) {
      expect(() => CompactRange.of(size, hashes)).toThrow(faultOf("MALFORMED"));
    }
    expect(() => new CompactRange().append(one.subarray(1))).toThrow(faultOf("MALFORMED"));
  });

  it("counts beyond 32 bits", () => {
    const size = 2 ** 40 + 1;
    const [big, small, next] = numberedLeaves(3);
    if (!big || !small || !next) throw new Error("unreachable");
    const range = CompactRange.of(size, [big, small]);
    range.append(next);
    expect(range.hashes()).toEqual([big, nodeHash(small, next)]);
  });
});

describe("verifyInclusion", () => {
  it.each(vectors.inclusion)("takes or refuses $name", (vector) => {
    const verify = () =>
      verifyInclusion({
        index: vector.index,
        size: vector.size,
        leafHash: base64(vector.leafHash),
        path: vector.proof.map(base64),
        root: base64(vector.root),
      });
    if (vector.valid) expect(verify).not.toThrow();
    else expect(verify).toThrow(expect.objectContaining({ name: "AuditFault" }));
  });

  it("takes every leaf's proof, at its own index alone", () => {
    for (const size of [1, 2, 3, 5, 7, 8, 13, 64, 65]) {
      const leaves = numberedLeaves(size);
      const root = plainRoot(leaves);
      leaves.forEach((leaf, index) => {
        const path = hashesOf(inclusionPath(index, size), leaves);
        const proof = { index, size, leafHash: leaf, path, root };
        verifyInclusion(proof);
        for (let other = 0; other < size; other++) {
          if (other === index) continue;
          expect(() => verifyInclusion({ ...proof, index: other })).toThrow(
            faultOf("NOT_INCLUDED"),
          );
        }
        for (let cut = 0; cut < path.length; cut++) {
          const truncated = { ...proof, path: path.slice(0, cut) };
          expect(() => verifyInclusion(truncated)).toThrow(faultOf("NOT_INCLUDED"));
        }
        expect(() => verifyInclusion({ ...proof, path: [...path, leaf] })).toThrow(
          faultOf("NOT_INCLUDED"),
        );
      });
    }
  });
});

describe("verifyConsistency", () => {
  it.each(vectors.consistency)("takes or refuses $name", (vector) => {
    const verify = () =>
      verifyConsistency({
        oldSize: vector.oldSize,
        oldRoot: base64(vector.oldRoot),
        size: vector.size,
        root: base64(vector.root),
        path: vector.proof.map(base64),
      });
    if (vector.valid) expect(verify).not.toThrow();
    else expect(verify).toThrow(expect.objectContaining({ name: "AuditFault" }));
  });

  it("takes every beginning of a tree, and no other tree of that size", () => {
    const other = leafHash("other");
    for (const size of [1, 2, 3, 7, 8, 21, 33]) {
      const leaves = numberedLeaves(size);
      const root = plainRoot(leaves);
      for (let oldSize = 1; oldSize <= size; oldSize++) {
        const path = hashesOf(consistencyPath(oldSize, size), leaves);
        const proof = { oldSize, oldRoot: plainRoot(leaves.slice(0, oldSize)), size, root, path };
        verifyConsistency(proof);
        for (const wrong of [
          { ...proof, oldRoot: other },
          { ...proof, root: other },
          { ...proof, path: [...path, other] },
          ...path.map((_, cut) => ({ ...proof, path: path.slice(0, cut) })),
        ]) {
          expect(() => verifyConsistency(wrong)).toThrow(faultOf("FORK"));
        }
      }
    }
  });

  it("names a log that shrank, and refuses the empty tree and short hashes", () => {
    const root = leafHash("root");
    const proof = { oldSize: 5, oldRoot: root, size: 4, root, path: [] };
    expect(() => verifyConsistency(proof)).toThrow(faultOf("ROLLBACK"));
    expect(() => verifyConsistency({ ...proof, oldSize: 0 })).toThrow(faultOf("MALFORMED"));
    const short = root.subarray(1);
    expect(() => verifyConsistency({ ...proof, oldSize: 4, root: short, oldRoot: short })).toThrow(
      faultOf("MALFORMED"),
    );
    expect(() => consistencyPath(0, 4)).toThrow(faultOf("MALFORMED"));
    expect(() => consistencyPath(5, 4)).toThrow(faultOf("MALFORMED"));
  });
});

function appended(range: CompactRange, entry: Uint8Array): Uint8Array {
  range.append(leafHash(entry));
  return range.root();
}
