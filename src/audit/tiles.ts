import { AuditFault } from "./fault.ts";
import { nodesAbove } from "./leaf-hashes.ts";
import {
  CompactRange,
  consistencyPath,
  EMPTY_ROOT,
  HASH_SIZE,
  inclusionPath,
  nodeHash,
  type Subtree,
  sameHash,
  subtreesOf,
} from "./tree.ts";

/** Hashes of a full tile (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
/**
 * Hashes of a narrow tile, half as high: a full one is the nodes over 256 hashes' sixteenths, or such a sixteenth. A proof
 * out of them costs a tenth: of a full tile every node is hashed, since its sibling on the way up may be half of it.
 */
export const NARROW_WIDTH = 16;

/** A tile: its level, its place in the level, and how many hashes it has, 256 unless it is a partial one. */
export interface Tile {
  level: number;
  index: number;
  width: number;
}

/** Hashes that belong into a tile from that place on; a later append may go on where they end. */
export interface TilePiece {
  level: number;
  /** The tile's place in its level. */
  index: number;
  /** Of the first hash in the tile, from 0. */
  offset: number;
  hashes: Uint8Array[];
  /** The nodes over sixteen hashes each that these complete. */
  middles: Uint8Array[];
}

/** Where a tile is served: `tile/<L>/<N>[.p/<W>]`, N in groups of three digits as in `x001/x234/067`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0");
  const groups = digits.match(/\d{3}/g) ?? [];
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${place}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/** The tile of a path; undefined unless that is one, written in the only way. */
export function parseTilePath(path: string): Tile | undefined {
  const match =
    /^tile\/(0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? undefined;
  const [, level = "", place = "", width = String(TILE_WIDTH)] = match ?? [];
  const tile = {
    level: Number(level),
    index: Number(place.replace(/[x/]/g, "")),
    width: Number(width),
  };
  if (match === undefined || tile.level > 63 || tile.width > TILE_WIDTH) return undefined;
  // What is not written in the only way, such as x000/001, has another path.
  return tilePath(tile) === path ? tile : undefined;
}

/** The tile at that place in the tree of `size` leaves, or undefined where the tree does not reach. */
export function tileOf(
  level: number,
  index: number,
  size: number,
  full = TILE_WIDTH,
): Tile | undefined {
  const hashes = Math.floor(size / full ** level) - index * full;
  return hashes > 0 ? { level, index, width: Math.min(hashes, full) } : undefined;
}

/** All tiles of the tree of `size` leaves, level by level; their paths are what a copy of the log consists of. */
export function* tilesOf(size: number): Generator<Tile> {
  for (let level = 0; ; level++) {
    let tile = tileOf(level, 0, size);
    if (tile === undefined) return;
    for (let index = 1; tile !== undefined; index++) {
      yield tile;
      tile = tileOf(level, index, size);
    }
  }
}

/**
 * The tiles that the inclusion proofs of these leaves are computed from, and those that TileReader checks them against.
 *
 * @param full how many hashes a full tile has
 */
export function tilesOfInclusion(
  indexes: readonly number[],
  size: number,
  full = TILE_WIDTH,
): Tile[] {
  const tiles = new Map<string, Tile>();
  const add = (level: number, index: number) => {
    const key = keyOf(level, index);
    const tile = tiles.has(key) ? undefined : tileOf(level, index, size, full);
    if (tile === undefined) return;
    tiles.set(key, tile);
    if (tile.width === full) add(level + 1, Math.floor(index / full));
  };
  for (const index of indexes) {
    for (const { start, end } of inclusionPath(index, size)) {
      for (const part of subtreesOf(start, end)) {
        const { level, index: place } = placeOf(part, full);
        add(level, place);
      }
    }
  }
  return [...tiles.values()];
}

/** A tile's place, for maps: its path takes a microsecond to write, and a page's proofs look tiles up thousands of times. */
const keyOf = (level: number, index: number) => `${level}/${index}`;

/** Where a perfect subtree's hash comes from: hashes of the lowest tile that it does not reach beyond. */
function placeOf({ start, end }: Subtree, full: number): TilePlace {
  let level = 0;
  while (end - start >= full ** (level + 1)) level += 1;
  const width = full ** level;
  const first = start / width;
  const offset = first % full;
  return { level, index: (first - offset) / full, offset, count: (end - start) / width };
}

interface TilePlace {
  level: number;
  index: number;
  /** Of the first hash in the tile, and how many of them. */
  offset: number;
  count: number;
}

/**
 * Adds leaves to a tree.
 *
 * @param range the tree so far; it stays as it is
 * @returns the tree with the leaves, and the hashes that they add to tiles, each piece within one tile, level by level
 */
export function appendLeaves(
  range: CompactRange,
  leafHashes: readonly Uint8Array[],
): { range: CompactRange; pieces: TilePiece[] } {
  const grown = CompactRange.of(range.size, range.hashes());
  const levels: TilePiece[][] = [];
  for (const leaf of leafHashes) {
    const size = grown.size + 1;
    grown.append(leaf, (height, hash) => {
      const above = height % TILE_HEIGHT;
      const level = (height - above) / TILE_HEIGHT;
      levels[level] ??= [];
      if (above === 0) putHash(levels[level], level, size / TILE_WIDTH ** level - 1, hash);
      // Its last hash has just been put.
      else if (2 * above === TILE_HEIGHT) levels[level].at(-1)?.middles.push(hash);
    });
  }
  return { range: grown, pieces: levels.flat() };
}

function putHash(pieces: TilePiece[], level: number, place: number, hash: Uint8Array): void {
  const offset = place % TILE_WIDTH;
  const last = pieces.at(-1);
  if (last !== undefined && offset > 0) last.hashes.push(hash);
  else
    pieces.push({
      level,
      index: (place - offset) / TILE_WIDTH,
      offset,
      hashes: [hash],
      middles: [],
    });
}

/** Enough for the tiles on the way from a leaf to the root, and for its neighbours. */
const KEPT_TILES = 64;

/**
 * Computes roots and proofs of a tree out of its tiles (C2SP tlog-tiles), and holds each full tile against the hash that
 * stands for it in the tile above. What remains to be checked by the caller is the root.
 */
export class TileReader {
  readonly size: number;
  readonly #full: number;
  readonly #fetch: (path: string) => Promise<Uint8Array>;
  readonly #kept = new Map<string, Promise<TileHashes>>();

  /**
   * @param fetch the bytes of a tile, by its path (`tile/0/x001/234.p/5`); throws when it is not there
   * @param size of the tree, from a checkpoint
   * @param full how many hashes a full tile has; `fetch` is asked for narrower ones by the paths that tilePath makes of them
   */
  constructor(fetch: (path: string) => Promise<Uint8Array>, size: number, full = TILE_WIDTH) {
    this.#fetch = fetch;
    this.size = size;
    this.#full = full;
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
    const tile = tileOf(level, index, this.size, this.#full);
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
    const path = tilePath(tile);
    const read = new TileHashes(await this.#fetchTile(tile));
    if (read.count !== tile.width) {
      throw new AuditFault(
        "MALFORMED",
        `${path} tem ${read.count} hashes; deviam ser ${tile.width}.`,
      );
    }
    if (tile.width === this.#full) {
      const above = await this.#node(tile.level + 1, tile.index);
      if (!sameHash(read.root(0, this.#full), above)) {
        throw new AuditFault(
          "TILE_MISMATCH",
          `${path} não tem o hash que o representa no nível ${tile.level + 1}: um dos dois foi alterado.`,
        );
      }
    }
    return read;
  }

  /** A log may have dropped a partial tile once the full one was there. */
  async #fetchTile(tile: Tile): Promise<Uint8Array> {
    if (tile.width === this.#full) return this.#fetch(tilePath(tile));
    try {
      return await this.#fetch(tilePath(tile));
    } catch (error) {
      const full = await this.#fetch(tilePath({ ...tile, width: this.#full })).catch(() => {
        throw error;
      });
      return full.subarray(0, tile.width * HASH_SIZE);
    }
  }

  async #node(level: number, place: number): Promise<Uint8Array> {
    const offset = place % this.#full;
    return (await this.#tile(level, (place - offset) / this.#full)).root(offset, 1);
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
    const { level, index, offset, count } = placeOf(subtree, this.#full);
    return (await this.#tile(level, index)).root(offset, count);
  }
}

/** A tile's hashes and the nodes above them, each computed once: what proofs of its leaves share. */
class TileHashes {
  /** The tile's own, one after the other: an object for each cost as much as hashing it. */
  readonly bytes: Uint8Array;
  readonly count: number;
  /** Row above row, as far as pairs are complete, from the tile's own hashes on; undefined until one is asked for. */
  #nodes: Uint8Array | undefined;

  /** @throws AuditFault MALFORMED unless they are whole hashes */
  constructor(bytes: Uint8Array) {
    if (bytes.length % HASH_SIZE !== 0) {
      throw new AuditFault(
        "MALFORMED",
        `Hashes têm ${HASH_SIZE} bytes cada, e ${bytes.length} bytes não são um número inteiro deles.`,
      );
    }
    this.bytes = bytes;
    this.count = bytes.length / HASH_SIZE;
  }

  /** The root of the perfect subtree over `count` of the hashes, from `offset` on. */
  root(offset: number, count: number): Uint8Array {
    if (offset % count !== 0 || offset + count > this.count) {
      throw new Error(`Hashes ${offset} to ${offset + count} are no subtree.`);
    }
    const place = (offset / count) * HASH_SIZE;
    if (count === 1) return this.bytes.subarray(place, place + HASH_SIZE);
    this.#nodes ??= nodesAbove(this.bytes);
    let row = 0;
    for (let width = 2; width < count; width *= 2) row += Math.floor(this.count / width);
    const start = row * HASH_SIZE + place;
    return this.#nodes.subarray(start, start + HASH_SIZE);
  }
}
