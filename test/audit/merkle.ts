import { EMPTY_ROOT, leafHash, nodeHash } from "../../src/audit/tree.ts";

/** RFC 6962's definition of a tree's root, word by word: what the faster ways are compared with. */
export function plainRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return EMPTY_ROOT;
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(plainRoot(leaves.slice(0, split)), plainRoot(leaves.slice(split)));
}

/** Leaf hashes of the entries "0", "1", …. */
export function numberedLeaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => leafHash(String(index)));
}

export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "hex"));
}

export function base64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "base64"));
}
