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
 * levels are parts of the stored tiles, those of odd ones stand beside them.
 */
export async function loadNarrowTiles(
  client: pg.ClientBase,
  tiles: readonly Tile[],
): Promise<Map<string, Buffer>> {
  const stored = tiles.map(({ level, index, width }) => {
    const isMiddle = level % 2 === 1;
    const part = isMiddle ? 0 : index % NARROW_WIDTH;
    return {
      level: (level - (level % 2)) / 2,
      index: isMiddle ? index : (index - part) / NARROW_WIDTH,
      isMiddle,
      start: part * NARROW_WIDTH * HASH_SIZE,
      size: width * HASH_SIZE,
    };
  });
  const { rows } = await client.query<{ place: string; hashes: unknown }>({
    name: "blindagem narrow tiles",
    text: `select wanted.place, part.hashes
       from unnest($1::smallint[], $2::bigint[], $3::boolean[], $4::int[], $5::int[]) with ordinality
         as wanted (level, index, is_middle, start, size, place)
       join blindagem_audit.tiles tile on tile.level = wanted.level and tile.index = wanted.index
       cross join lateral (
         select case when is_middle then substring(tile.middles from start + 1 for size)
           else substring(tile.hashes from start + 1 for size) end as hashes) as part
       where length(part.hashes) = wanted.size`,
    values: [
      stored.map(({ level }) => level),
      stored.map(({ index }) => index),
      stored.map(({ isMiddle }) => isMiddle),
      stored.map(({ start }) => start),
      stored.map(({ size }) => size),
    ],
  });
  const loaded = new Map<string, Buffer>();
  for (const { place, hashes } of rows) {
    const tile = tiles[Number(place) - 1];
    if (tile) loaded.set(tilePath(tile), z.instanceof(Buffer).parse(hashes));
  }
  return loaded;
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
    [
      pieces.map(({ level }) => level),
      pieces.map(({ index }) => index),
      pieces.map(({ offset }) => offset),
      pieces.map(({ hashes }) => Buffer.concat(hashes)),
      pieces.map(({ middles }) => Buffer.concat(middles)),
    ],
  );
  if (rowCount !== pieces.length) {
    throw new Error(
      "The tiles of the log do not end where its tree does: only one process may seal, and nobody else may write them.",
    );
  }
}
