import type pg from "pg";
import { z } from "zod";
import { NARROW_WIDTH, TILE_WIDTH, type Tile, type TilePiece, tilePath } from "./tiles.ts";
import { HASH_SIZE } from "./tree.ts";

/**
 * The hashes of a tile, or undefined when the log does not have that many.
 *
 * @param client under a role that may read tiles: all of them do
 */
export async function loadTile(client: pg.ClientBase, tile: Tile): Promise<Buffer | undefined> {
  const { rows } = await client.query<{ hashes: unknown }>({
    name: "blindagem tile",
    text: `select substring(hashes for $3) as hashes from blindagem_audit.tiles
       where level = $1 and index = $2 and length(hashes) >= $3`,
    values: [tile.level, tile.index, tile.width * HASH_SIZE],
  });
  return rows[0] && z.instanceof(Buffer).parse(rows[0].hashes);
}

/**
 * The hashes of many narrow tiles at once, by their paths; one that the log does not have is not among them. Those of even
 * levels are parts of the stored tiles, those of odd ones stand beside them. A stored tile is asked for once for all its
 * parts, from the first to the last of them: a page of proofs has three in each tile over leaves.
 */
export async function loadNarrowTiles(
  client: pg.ClientBase,
  tiles: readonly Tile[],
): Promise<Map<string, Buffer>> {
  const parts = tiles.map(storedPart);
  const wanted = new Map<string, StoredPart>();
  for (const part of parts) {
    const known = wanted.get(part.key);
    if (known === undefined) wanted.set(part.key, { ...part });
    else {
      known.start = Math.min(known.start, part.start);
      known.end = Math.max(known.end, part.end);
    }
  }
  const asked = [...wanted.values()];
  const { rows } = await client.query({
    name: "blindagem narrow tiles",
    text: `select wanted.place, substring(tile.hashes from wanted.start + 1 for wanted.size) as hashes, tile.middles
       from unnest($1::smallint[], $2::bigint[], $3::int[], $4::int[]) with ordinality
         as wanted (level, index, start, size, place)
       join blindagem_audit.tiles tile on tile.level = wanted.level and tile.index = wanted.index`,
    values: [
      asked.map(({ level }) => level),
      asked.map(({ index }) => index),
      asked.map(({ start, end }) => (start < end ? start : 0)),
      asked.map(({ start, end }) => Math.max(end - start, 0)),
    ],
  });
  const stored = new Map<string, { first: number; hashes: Buffer; middles: Buffer }>();
  for (const { place, hashes, middles } of z.array(storedTile).parse(rows)) {
    const part = asked[place - 1];
    if (part) stored.set(part.key, { first: part.start, hashes, middles });
  }
  const loaded = new Map<string, Buffer>();
  for (const [at, part] of parts.entries()) {
    const tile = tiles[at];
    const found = stored.get(part.key);
    if (!tile || !found) continue;
    const size = tile.width * HASH_SIZE;
    const start = part.start - found.first;
    const hashes = part.isMiddle
      ? found.middles.subarray(0, size)
      : found.hashes.subarray(start, start + size);
    if (hashes.length === size) loaded.set(tilePath(tile), hashes);
  }
  return loaded;
}

/** Where a narrow tile is stored. */
interface StoredPart {
  key: string;
  level: number;
  index: number;
  isMiddle: boolean;
  /** Of its hashes' bytes in the stored tile's; of middles, which are read in any case, no bytes there. */
  start: number;
  end: number;
}

const storedTile = z.object({
  place: z.coerce.number(),
  hashes: z.instanceof(Buffer),
  middles: z.instanceof(Buffer),
});

function storedPart({ level, index, width }: Tile): StoredPart {
  const isMiddle = level % 2 === 1;
  const part = isMiddle ? 0 : index % NARROW_WIDTH;
  const stored = {
    level: (level - (level % 2)) / 2,
    index: isMiddle ? index : (index - part) / NARROW_WIDTH,
  };
  const start = part * NARROW_WIDTH * HASH_SIZE;
  return {
    ...stored,
    key: `${stored.level}/${stored.index}`,
    isMiddle,
    start: isMiddle ? Number.POSITIVE_INFINITY : start,
    end: isMiddle ? 0 : start + width * HASH_SIZE,
  };
}

/** How many leaves the tiles hold. */
export async function tiledSize(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ size: string }>(
    `select index * ${TILE_WIDTH} + length(hashes) / ${HASH_SIZE} as size
     from blindagem_audit.tiles where level = 0 order by index desc limit 1`,
  );
  return Number(rows[0]?.size ?? 0);
}

/**
 * Appends hashes to their tiles.
 *
 * @throws Error when a piece does not begin where its tile ends: somebody else has written, or taken away
 */
export async function storeTiles(
  client: pg.ClientBase,
  pieces: readonly TilePiece[],
): Promise<void> {
  const { rowCount } = await client.query(
    `insert into blindagem_audit.tiles as tile (level, index, hashes, middles)
     select level, index, hashes, middles
     from unnest($1::smallint[], $2::bigint[], $3::int[], $4::bytea[], $5::bytea[]) as piece (level, index, "offset", hashes, middles)
     where "offset" = coalesce((
       select length(t.hashes) / ${HASH_SIZE} from blindagem_audit.tiles t
       where t.level = piece.level and t.index = piece.index), 0)
     on conflict (level, index) do update
       set hashes = tile.hashes || excluded.hashes, middles = tile.middles || excluded.middles`,
    columnsOf(pieces),
  );
  if (rowCount !== pieces.length) {
    throw new Error(
      "The tiles of the log do not end where its tree does: only one process may seal, and nobody else may write them.",
    );
  }
}

/** The tiles in which these pieces do not stand as they were made, as "tile/LEVEL/INDEX". */
export async function alteredTiles(
  client: pg.ClientBase,
  pieces: readonly TilePiece[],
): Promise<string[]> {
  const { rows } = await client.query<{ tile: string }>(
    `select concat_ws('/', 'tile', piece.level, piece.index) as tile
     from unnest($1::smallint[], $2::bigint[], $3::int[], $4::bytea[], $5::bytea[]) as piece (level, index, "offset", hashes, middles)
     left join blindagem_audit.tiles t on t.level = piece.level and t.index = piece.index
     where substring(t.hashes from piece."offset" * ${HASH_SIZE} + 1 for length(piece.hashes)) is distinct from piece.hashes
       or substring(t.middles from piece."offset" / ${NARROW_WIDTH} * ${HASH_SIZE} + 1 for length(piece.middles))
         is distinct from piece.middles`,
    columnsOf(pieces),
  );
  return rows.map(({ tile }) => tile);
}

/** Pieces as arrays of their columns, for `unnest`. */
function columnsOf(pieces: readonly TilePiece[]): unknown[][] {
  return [
    pieces.map(({ level }) => level),
    pieces.map(({ index }) => index),
    pieces.map(({ offset }) => offset),
    pieces.map(({ hashes }) => Buffer.concat(hashes)),
    pieces.map(({ middles }) => Buffer.concat(middles)),
  ];
}
