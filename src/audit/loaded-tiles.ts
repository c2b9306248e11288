import { AuditFault } from "./fault.ts";
import { TileHashes } from "./tile-hashes.ts";
import { NARROW_WIDTH, placeOf, type Tile, tileOf, tilePath } from "./tiles.ts";
import { HASH_SIZE, inclusionPath, nodeHash, type Subtree, subtreesOf } from "./tree.ts";

/**
 * Proofs out of narrow tiles that are at hand, each full one held against the hash that stands for it in the tile above, as
 * TileReader does it for wide ones that are still to be fetched: a page of 100 proofs looks 2,000 nodes up, and a promise
 * for each costs more than hashing.
 */
export class LoadedTiles {
  readonly #bytesOf: (tile: Tile) => Uint8Array | undefined;
  readonly #size: number;
  /** By level and place. */
  readonly #read: Map<number, TileHashes>[] = [];

  /** @param size of the tree, from a checkpoint */
  constructor(bytesOf: (tile: Tile) => Uint8Array | undefined, size: number) {
    this.#bytesOf = bytesOf;
    this.#size = size;
  }

  /**
   * The inclusion proof of a leaf in the tree, its sibling's hash first (RFC 6962 section 2.1.1).
   *
   * @throws AuditFault MISSING_FILE for a tile that is not there, MALFORMED for one of another length, TILE_MISMATCH for one
   *   that the tile above does not stand for
   */
  inclusion(index: number): Uint8Array[] {
    return inclusionPath(index, this.#size).map((subtree) => this.#subtree(subtree));
  }

  #subtree({ start, end }: Subtree): Uint8Array {
    return subtreesOf(start, end)
      .map((part) => {
        const { level, index, offset, count } = placeOf(part, NARROW_WIDTH);
        return this.#tile(level, index).root(offset, count);
      })
      .reduceRight((right, left) => nodeHash(left, right));
  }

  #tile(level: number, index: number): TileHashes {
    this.#read[level] ??= new Map();
    const known = this.#read[level].get(index);
    if (known !== undefined) return known;
    const tile = tileOf(level, index, this.#size, NARROW_WIDTH);
    const bytes = tile && this.#bytesOf(tile);
    if (!tile || !bytes) {
      const path = tilePath(tile ?? { level, index, width: NARROW_WIDTH });
      throw new AuditFault("MISSING_FILE", `O registro não tem ${path}.`);
    }
    const read = new TileHashes(tile, bytes);
    if (tile.width === NARROW_WIDTH) {
      const offset = index % NARROW_WIDTH;
      const above = this.#tile(level + 1, (index - offset) / NARROW_WIDTH);
      read.requireUnder(above.bytes.subarray(offset * HASH_SIZE, (offset + 1) * HASH_SIZE));
    }
    this.#read[level].set(index, read);
    return read;
  }
}
