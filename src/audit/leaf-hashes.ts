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
      else putNodeHash(row, node / 2, row, node);
    }
  }
  return row.subarray(0, HASH_SIZE);
}

/** The nodes above hashes that stand one after the other, as far as there are pairs of them. */
export function nodesAbove(bytes: Uint8Array): Uint8Array {
  const nodes = new Uint8Array(Math.floor(bytes.length / (2 * HASH_SIZE)) * HASH_SIZE);
  for (let at = 0; at < nodes.length; at += HASH_SIZE) putNodeHash(nodes, at, bytes, 2 * at);
  return nodes;
}

/** Writes the hash of the node over the two hashes that stand there (RFC 6962 section 2.1). */
function putNodeHash(nodes: Uint8Array, at: number, below: Uint8Array, place: number): void {
  for (let byte = 0; byte < 2 * HASH_SIZE; byte++) pair[1 + byte] = below[place + byte] ?? 0;
  putHash(nodes, at, hash("sha256", pair, "binary"));
}

/** Writes a hash that comes as a string of its bytes: by hand, since calling for so few costs more than it does. */
export function putHash(bytes: Uint8Array, at: number, text: string): void {
  for (let byte = 0; byte < HASH_SIZE; byte++) bytes[at + byte] = text.charCodeAt(byte);
}
