import { hashPairs } from "./hash-pairs.ts";
import { EMPTY_ROOT, HASH_SIZE } from "./tree.ts";

/** Leaf hashes as the database has them, 32 bytes each, one after the other; as views, not copies. */
export function splitLeafHashes(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / HASH_SIZE }, (_, place) =>
    bytes.subarray(place * HASH_SIZE, (place + 1) * HASH_SIZE),
  );
}

/**
 * The root of the tree of these leaves alone. Row by row, in one copy of the hashes; a node without a neighbour goes up as
 * it is, which makes the same tree as RFC 6962's recursion.
 */
export function rootOfLeafHashes(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return EMPTY_ROOT;
  const row = Buffer.from(bytes);
  for (let end = row.length; end > HASH_SIZE; ) {
    hashPairs(row.subarray(0, end), row);
    const alone = end % (2 * HASH_SIZE);
    row.copyWithin((end - alone) / 2, end - alone, end);
    end = (end + alone) / 2;
  }
  return row.subarray(0, HASH_SIZE);
}

/** The nodes above hashes that stand one after the other, as far as there are pairs of them. */
export function nodesAbove(bytes: Uint8Array): Uint8Array {
  const nodes = new Uint8Array(Math.floor(bytes.length / (2 * HASH_SIZE)) * HASH_SIZE);
  hashPairs(bytes, nodes);
  return nodes;
}

/** Writes a hash that comes as a string of its bytes: by hand, since calling for so few costs more than it does. */
export function putHash(bytes: Uint8Array, at: number, text: string): void {
  for (let byte = 0; byte < HASH_SIZE; byte++) bytes[at + byte] = text.charCodeAt(byte);
}
