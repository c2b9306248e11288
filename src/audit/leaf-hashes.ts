import { CompactRange, HASH_SIZE } from "./tree.ts";

/** Leaf hashes as the database has them, 32 bytes each, one after the other; as views, not copies. */
export function splitLeafHashes(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / HASH_SIZE }, (_, place) =>
    bytes.subarray(place * HASH_SIZE, (place + 1) * HASH_SIZE),
  );
}

/** The root of the tree of these leaves alone. */
export function rootOfLeafHashes(bytes: Uint8Array): Uint8Array {
  const range = new CompactRange();
  for (const leaf of splitLeafHashes(bytes)) range.append(leaf);
  return range.root();
}
