import { hashPairs } from "./hash-pairs.ts";
import { EMPTY_ROOT, HASH_SIZE } from "./tree.ts";

/** Leaf hashes as the database has them, 32 bytes each, one after the other; as views, not copies. */
export function splitLeafHashes(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / HASH_SIZE }, (_, place) =>
    bytes.subarray(place * HASH_SIZE, (place + 1) * HASH_SIZE),
  );
}

/** For most trees, whose memory would else be made anew for each. */
const scratch = Buffer.alloc(64 * 1024);

/**
 * The root of the tree of these leaves alone. Row by row, in one piece of memory; a node without a neighbour goes up as it
 * is, which makes the same tree as RFC 6962's recursion.
 */
export function rootOfLeafHashes(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return EMPTY_ROOT;
  const row = bytes.length <= scratch.length ? scratch : Buffer.allocUnsafeSlow(bytes.length);
  let below = bytes;
  for (let end = bytes.length; end > HASH_SIZE; ) {
    hashPairs(below.subarray(0, end), row);
    const alone = end % (2 * HASH_SIZE);
    if (alone > 0) row.set(below.subarray(end - alone, end), (end - alone) / 2);
    end = (end + alone) / 2;
    below = row;
  }
  return Uint8Array.from(below.subarray(0, HASH_SIZE));
}

/**
 * The nodes above hashes that stand one after the other, as far as there are pairs of them: the row above them from left to
 * right, then the row above that, and so on.
 */
export function nodesAbove(bytes: Uint8Array): Uint8Array {
  let length = 0;
  for (let row = bytesAbove(bytes.length); row > 0; row = bytesAbove(row)) length += row;
  const nodes = new Uint8Array(length);
  let below = bytes;
  for (let at = 0; at < length; at += below.length) {
    const row = nodes.subarray(at, at + bytesAbove(below.length));
    hashPairs(below, row);
    below = row;
  }
  return nodes;
}

/** Of the row above one of so many bytes. */
function bytesAbove(bytes: number): number {
  return Math.floor(bytes / (2 * HASH_SIZE)) * HASH_SIZE;
}

/** Writes a hash that comes as a string of its bytes: by hand, since calling for so few costs more than it does. */
export function putHash(bytes: Uint8Array, at: number, text: string): void {
  for (let byte = 0; byte < HASH_SIZE; byte++) bytes[at + byte] = text.charCodeAt(byte);
}
