import type pg from "pg";
import { z } from "zod";
import { TILE_WIDTH, type Tile, type TilePiece } from "./tiles.ts";
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
    `insert into blindagem_audit.tiles as tile (level, index, hashes)
     select level, index, hashes from unnest($1::smallint[], $2::bigint[], $3::int[], $4::bytea[]) as piece (level, index, "offset", hashes)
     where "offset" = coalesce((
       select length(t.hashes) / ${HASH_SIZE} from blindagem_audit.tiles t
       where t.level = piece.level and t.index = piece.index), 0)
     on conflict (level, index) do update set hashes = tile.hashes || excluded.hashes`,
    [
      pieces.map(({ level }) => level),
      pieces.map(({ index }) => index),
      pieces.map(({ offset }) => offset),
      pieces.map(({ hashes }) => Buffer.concat(hashes)),
    ],
  );
  if (rowCount !== pieces.length) {
    throw new Error(
      "The tiles of the log do not end where its tree does: only one process may seal, and nobody else may write them.",
    );
  }
}
