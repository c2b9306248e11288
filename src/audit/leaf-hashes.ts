import { hash } from "node:crypto";
import { EMPTY_ROOT, HASH_SIZE } from "./tree.ts";

/** Leaf hashes as the database has them, 32 bytes each, one after the other; as views, not copies. */
export function splitLeafHashes(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / HASH_SIZE }, (_, place) =>
    bytes.subarray(place * HASH_SIZE, (place + 1) * HASH_SIZE),
  );
}

const pair = Buffer.alloc(1 + 2 * HASH_SIZE, 0x01);

/**
 * The root of the tree of these leaves alone. Row by row, in one copy of the hashes; a node without a neighbour goes up as
 * it is, which makes the same tree as RFC 6962's recursion.
 */
export function rootOfLeafHashes(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return EMPTY_ROOT;
  const row = Buffer.from(bytes);
  for (let width = row.length / HASH_SIZE; width > 1; width = Math.ceil(width / 2)) {
    for (let at = 0; at < width; at += 2) {
      const node = at * HASH_SIZE;
      if (at + 1 === width) row.copyWithin(node / 2, node, node + HASH_SIZE);
      else {
        row.copy(pair, 1, node, node + 2 * HASH_SIZE);
        row.write(hash("sha256", pair, "binary"), node / 2, HASH_SIZE, "latin1");
      }
    }
  }
  return row.subarray(0, HASH_SIZE);
}
