import { CompactRange, inclusionPath, type Subtree, subtreesOf } from "./tree.ts";

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
export const keyOf = (level: number, index: number) => `${level}/${index}`;

/** Where a perfect subtree's hash comes from: hashes of the lowest tile that it does not reach beyond. */
export function placeOf({ start, end }: Subtree, full: number): TilePlace {
  let level = 0;
  let width = 1;
  for (; end - start >= width * full; width *= full) level += 1;
  const first = start / width;
  const offset = first % full;
  return { level, index: (first - offset) / full, offset, count: (end - start) / width };
}

export interface TilePlace {
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
