import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { LoadedTiles } from "../../src/audit/loaded-tiles.ts";
import { TileReader } from "../../src/audit/tile-reader.ts";
import {
  appendLeaves,
  NARROW_WIDTH,
  parseTilePath,
  type Tile,
  type TilePiece,
  tileOf,
  tilePath,
  tilesOf,
  tilesOfInclusion,
} from "../../src/audit/tiles.ts";
import { CompactRange, verifyConsistency, verifyInclusion } from "../../src/audit/tree.ts";
import { faultOf } from "./expect-fault.ts";
import { numberedLeaves, plainRoot } from "./merkle.ts";

describe("tilePath", () => {
  it.each([
    // The numbers are the specification's (c2sp.org/tlog-tiles).
    [{ level: 0, index: 1234067, width: 256 }, "tile/0/x001/x234/067"],
    [{ level: 0, index: 273, width: 112 }, "tile/0/273.p/112"],
    [{ level: 2, index: 0, width: 1 }, "tile/2/000.p/1"],
    [{ level: 63, index: 1000, width: 255 }, "tile/63/x001/000.p/255"],
  ])("of %j is %s, and back", (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it.each([
    "",
    "tile/0/0",
    "tile/00/000",
    "tile/64/000",
    "tile/0/x000/001",
    "tile/0/001/002",
    "tile/0/x001",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/999",
    "tile/-1/000",
    "tile/0/000/",
    "/tile/0/000",
    "tile/entries/000",
    "tile/0/../0/000",
    "tile/0/x999/x999/x999/x999/x999/x999/999",
  ])("%j is none", (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });
});

describe("tilesOf", () => {
  it("has the specification's example of 70,000 leaves", () => {
    const paths = [...tilesOf(70_000)].map(tilePath);
    expect(paths).toHaveLength(273 + 1 + 1 + 1 + 1);
    expect(paths.slice(272)).toEqual([
      "tile/0/272",
      "tile/0/273.p/112",
      "tile/1/000",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
    ]);
    expect([...tilesOf(256)].map(tilePath)).toEqual(["tile/0/000", "tile/1/000.p/1"]);
    expect([...tilesOf(0)]).toEqual([]);
    expect(tileOf(0, 1, 256)).toBeUndefined();
  });
});

/** Tiles as a log would store them: pieces go where they say, and nowhere else. */
class Store {
  readonly tiles = new Map<string, Uint8Array[]>();
  readonly middles = new Map<string, Uint8Array[]>();
  put(pieces: readonly TilePiece[]): void {
    for (const { level, index, offset, hashes, middles } of pieces) {
      const key = `${level}/${index}`;
      const tile = this.tiles.get(key) ?? [];
      expect(tile).toHaveLength(offset);
      tile.push(...hashes);
      expect(tile.length).toBeLessThanOrEqual(256);
      this.tiles.set(key, tile);
      this.middles.set(key, [...(this.middles.get(key) ?? []), ...middles]);
    }
  }
  /** Of narrow tiles: a part of a tile, or the nodes beside it. */
  readonly narrow = ({ level, index, width }: Tile): Uint8Array => {
    const part = level % 2 === 1 ? 0 : index % NARROW_WIDTH;
    const stored = level % 2 === 1 ? this.middles : this.tiles;
    const key = `${Math.floor(level / 2)}/${level % 2 === 1 ? index : Math.floor(index / NARROW_WIDTH)}`;
    const start = part * NARROW_WIDTH;
    return Buffer.concat((stored.get(key) ?? []).slice(start, start + width));
  };
  readonly fetch = async (path: string): Promise<Uint8Array> => {
    const tile = parseTilePath(path);
    if (tile === undefined) throw new Error(`No tile: ${path}`);
    const hashes = this.tiles.get(`${tile.level}/${tile.index}`) ?? [];
    if (hashes.length < tile.width) throw new Error(`Not there: ${path}`);
    return Buffer.concat(hashes.slice(0, tile.width));
  };
}

const LEAVES = numberedLeaves(70_000);
const store = new Store();
let range = new CompactRange();
beforeAll(() => {
  // In batches of many sizes, as sealing makes them.
  for (let at = 0, batch = 1; at < LEAVES.length; at += batch, batch = (batch * 7) % 5003) {
    const appended = appendLeaves(range, LEAVES.slice(at, at + batch));
    store.put(appended.pieces);
    range = appended.range;
  }
});

describe("appendLeaves", () => {
  it("fills exactly the tiles of the tree, whatever the batches", () => {
    expect(range.size).toBe(70_000);
    expect(range.root()).toEqual(plainRoot(LEAVES));
    const stored = [...store.tiles].map(([key, hashes]) => `${key}:${hashes.length}`);
    const expected = [...tilesOf(70_000)].map(
      (tile) => `${tile.level}/${tile.index}:${tile.width}`,
    );
    expect(stored.sort()).toEqual(expected.sort());
    for (const [key, hashes] of store.tiles) {
      const sixteens = hashes.slice(0, hashes.length - (hashes.length % NARROW_WIDTH));
      const middles = Array.from({ length: sixteens.length / NARROW_WIDTH }, (_, place) =>
        plainRoot(sixteens.slice(place * NARROW_WIDTH, (place + 1) * NARROW_WIDTH)),
      );
      expect(store.middles.get(key)).toEqual(middles);
    }
  });

  it("leaves the tree that it is given as it is", () => {
    const before = range.root();
    appendLeaves(range, LEAVES.slice(0, 3));
    expect(range.size).toBe(70_000);
    expect(range.root()).toEqual(before);
    expect(appendLeaves(range, [])).toMatchObject({ pieces: [] });
  });
});

describe("TileReader", () => {
  it("has the root of every tree that the tiles hold", async () => {
    for (const size of [0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000]) {
      const expected = plainRoot(LEAVES.slice(0, size));
      expect(await new TileReader(store.fetch, size).root()).toEqual(expected);
      expect(await new TileReader(store.fetch, 70_000).root(size)).toEqual(expected);
    }
  });

  it("makes proofs that verify", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70_000 }).chain((size) =>
          fc.record({
            size: fc.constant(size),
            index: fc.nat(size - 1),
            oldSize: fc.integer({ min: 1, max: size }),
          }),
        ),
        async ({ size, index, oldSize }) => {
          const reader = new TileReader(store.fetch, size);
          const root = await reader.root();
          const leafHash = await reader.leafHash(index);
          expect(leafHash).toEqual(LEAVES[index]);
          verifyInclusion({ index, size, leafHash, root, path: await reader.inclusion(index) });
          const oldRoot = await reader.root(oldSize);
          const path = await reader.consistency(oldSize);
          verifyConsistency({ oldSize, oldRoot, size, root, path });
        },
      ),
      { numRuns: 50 },
    );
  });

  it("needs exactly the tiles of tilesOfInclusion for the proofs of some leaves", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70_000 }).chain((size) =>
          fc.record({
            size: fc.constant(size),
            indexes: fc.array(fc.nat(size - 1), { maxLength: 5 }),
          }),
        ),
        async ({ size, indexes }) => {
          const read = new Set<string>();
          const reader = new TileReader((path) => {
            read.add(path);
            return store.fetch(path);
          }, size);
          for (const index of indexes) await reader.inclusion(index);
          expect(tilesOfInclusion(indexes, size).map(tilePath).sort()).toEqual([...read].sort());
        },
      ),
      { numRuns: 50 },
    );
  });

  it("makes the same proofs of narrow tiles, of which it reads far less", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 70_000 })
          .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) })),
        async ({ size, index }) => {
          const read = new Map<string, number>();
          const narrow = new LoadedTiles((tile) => {
            read.set(tilePath(tile), tile.width);
            return store.narrow(tile);
          }, size);
          const path = narrow.inclusion(index);
          expect(path).toEqual(await new TileReader(store.fetch, size).inclusion(index));
          const needed = tilesOfInclusion([index], size, NARROW_WIDTH);
          expect(needed.map(tilePath).sort()).toEqual([...read.keys()].sort());
          // On the way up, and where a tree that is not full has its right edge.
          expect([...read.values()].reduce((sum, each) => sum + each, 0)).toBeLessThan(160);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("refuses a narrow tile that the one above does not stand for, of another length, or missing", () => {
    const at = (
      level: number,
      index: number,
      change: (bytes: Uint8Array) => Uint8Array | undefined,
    ) =>
      new LoadedTiles((tile) => {
        const bytes = Uint8Array.from(store.narrow(tile));
        return tile.level === level && tile.index === index ? change(bytes) : bytes;
      }, 70_000);
    const altered = at(1, 3, (bytes) => bytes.with(5, (bytes[5] ?? 0) ^ 1));
    expect(() => altered.inclusion(3 * 256)).toThrow(faultOf("TILE_MISMATCH"));
    expect(altered.inclusion(2 * 256)).toHaveLength(17);
    const short = at(1, 3, (bytes) => bytes.subarray(32));
    expect(() => short.inclusion(3 * 256)).toThrow(faultOf("MALFORMED"));
    const gone = at(1, 3, () => undefined);
    expect(() => gone.inclusion(3 * 256)).toThrow(faultOf("MISSING_FILE"));
  });

  it("refuses a full tile that the one above does not stand for", async () => {
    const altered = async (path: string) => {
      const bytes = Uint8Array.from(await store.fetch(path));
      if (path === "tile/0/003") bytes[5] = (bytes[5] ?? 0) ^ 1;
      return bytes;
    };
    const reader = new TileReader(altered, 70_000);
    await expect(reader.leafHash(3 * 256)).rejects.toThrow(faultOf("TILE_MISMATCH"));
    await expect(reader.leafHash(2 * 256)).resolves.toEqual(LEAVES[512]);
  });

  it("refuses tiles of another length, and what the tree does not have", async () => {
    const short = new TileReader(async (path) => (await store.fetch(path)).subarray(32), 300);
    await expect(short.root()).rejects.toThrow(faultOf("MALFORMED"));
    const odd = new TileReader(async (path) => (await store.fetch(path)).subarray(1), 300);
    await expect(odd.root()).rejects.toThrow(faultOf("MALFORMED"));
    const reader = new TileReader(store.fetch, 300);
    await expect(reader.leafHash(300)).rejects.toThrow(faultOf("MALFORMED"));
    await expect(reader.inclusion(300)).rejects.toThrow(faultOf("MALFORMED"));
    await expect(reader.consistency(301)).rejects.toThrow(faultOf("MALFORMED"));
  });

  it("takes the full tile where the partial one has been dropped, and says when neither is there", async () => {
    const fullOnly = async (path: string) => {
      if (path.includes(".p/") && path.startsWith("tile/0/")) throw new Error("dropped");
      return store.fetch(path);
    };
    expect(await new TileReader(fullOnly, 300).root()).toEqual(plainRoot(LEAVES.slice(0, 300)));
    const nothing = async (path: string) => {
      throw new Error(`gone: ${path}`);
    };
    await expect(new TileReader(nothing, 300).root()).rejects.toThrow("gone: tile/1/000.p/1");
  });
});
