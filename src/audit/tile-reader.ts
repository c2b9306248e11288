import { AuditFault } from "./fault.ts";
import { TileHashes } from "./tile-hashes.ts";
import { keyOf, placeOf, TILE_WIDTH, type Tile, tileOf, tilePath } from "./tiles.ts";
import {
  CompactRange,
  consistencyPath,
  EMPTY_ROOT,
  HASH_SIZE,
  inclusionPath,
  nodeHash,
  type Subtree,
  subtreesOf,
} from "./tree.ts";

/** Enough for the tiles on the way from a leaf to the root, and for its neighbours. */
const KEPT_TILES = 64;

/**
 * Computes roots and proofs of a tree out of its tiles (C2SP tlog-tiles), and holds each full tile against the hash that
 * stands for it in the tile above. What remains to be checked by the caller is the root.
 */
export class TileReader {
  readonly size: number;
  readonly #fetch: (path: string) => Promise<Uint8Array>;
  readonly #kept = new Map<string, Promise<TileHashes>>();

  /**
   * @param fetch the bytes of a tile, by its path (`tile/0/x001/234.p/5`); throws when it is not there
   * @param size of the tree, from a checkpoint
   */
  constructor(fetch: (path: string) => Promise<Uint8Array>, size: number) {
    this.#fetch = fetch;
    this.size = size;
  }

  /** The root of the tree, or of its first `size` leaves. */
  root(size = this.size): Promise<Uint8Array> {
    return this.#subtree({ start: 0, end: size });
  }

  /** The tree itself, to append to. */
  async compactRange(): Promise<CompactRange> {
    return CompactRange.of(this.size, await this.#hashes(subtreesOf(0, this.size)));
  }

  async leafHash(index: number): Promise<Uint8Array> {
    // Refuses an index outside the tree.
    inclusionPath(index, this.size);
    return this.#node(0, index);
  }

  /** The inclusion proof of a leaf in the tree, its sibling's hash first (RFC 6962 section 2.1.1). */
  async inclusion(index: number): Promise<Uint8Array[]> {
    return this.#hashes(inclusionPath(index, this.size));
  }

  /** The proof that the tree continues its first `oldSize` leaves (RFC 6962 section 2.1.2). */
  async consistency(oldSize: number): Promise<Uint8Array[]> {
    return this.#hashes(consistencyPath(oldSize, this.size));
  }

  /**
   * The hashes of a tile of the tree, one after the other.
   *
   * @throws AuditFault MALFORMED for a tile of another length, TILE_MISMATCH for one that the tile above does not stand
   *   for; and what `fetch` throws
   */
  async tile(level: number, index: number): Promise<Uint8Array> {
    return (await this.#tile(level, index)).bytes;
  }

  #tile(level: number, index: number): Promise<TileHashes> {
    const tile = tileOf(level, index, this.size);
    if (tile === undefined) {
      throw new AuditFault(
        "MALFORMED",
        `Uma árvore de ${this.size} folhas não tem o bloco ${index} no nível ${level}.`,
      );
    }
    const key = keyOf(level, index);
    const kept = this.#kept.get(key) ?? this.#read(tile);
    // The latest last: what was not asked for longest is forgotten first.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= KEPT_TILES) break;
      this.#kept.delete(oldest);
    }
    return kept;
  }

  async #read(tile: Tile): Promise<TileHashes> {
    const read = new TileHashes(tile, await this.#fetchTile(tile));
    if (tile.width === TILE_WIDTH) read.requireUnder(await this.#node(tile.level + 1, tile.index));
    return read;
  }

  /** A log may have dropped a partial tile once the full one was there. */
  async #fetchTile(tile: Tile): Promise<Uint8Array> {
    if (tile.width === TILE_WIDTH) return this.#fetch(tilePath(tile));
    try {
      return await this.#fetch(tilePath(tile));
    } catch (error) {
      const full = await this.#fetch(tilePath({ ...tile, width: TILE_WIDTH })).catch(() => {
        throw error;
      });
      return full.subarray(0, tile.width * HASH_SIZE);
    }
  }

  async #node(level: number, place: number): Promise<Uint8Array> {
    const offset = place % TILE_WIDTH;
    return (await this.#tile(level, (place - offset) / TILE_WIDTH)).root(offset, 1);
  }

  #hashes(path: readonly Subtree[]): Promise<Uint8Array[]> {
    return Promise.all(path.map((subtree) => this.#subtree(subtree)));
  }

  async #subtree({ start, end }: Subtree): Promise<Uint8Array> {
    const parts = await Promise.all(subtreesOf(start, end).map((part) => this.#perfect(part)));
    return parts.length === 0
      ? EMPTY_ROOT
      : parts.reduceRight((right, left) => nodeHash(left, right));
  }

  /** The hash of a perfect subtree. */
  async #perfect(subtree: Subtree): Promise<Uint8Array> {
    const { level, index, offset, count } = placeOf(subtree, TILE_WIDTH);
    return (await this.#tile(level, index)).root(offset, count);
  }
}
