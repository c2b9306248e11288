import type pg from "pg";
import { parseCheckpoint } from "../checkpoint.ts";
import { cosignedCheckpoints, newestWithCosignatures } from "../cosigned-checkpoints.ts";
import type { ListedKey } from "../key-list.ts";
import { parseNote } from "../note.ts";
import { loadTile } from "../tile-store.ts";
import { tilePath, tilesOf } from "../tiles.ts";
import type { BundleContents } from "./write.ts";

/** What every bundle has, whoever's records are in it. */
export interface BundledTree {
  /** Of the newest checkpoint. */
  origin: string;
  size: number;
  contents: Pick<BundleContents, "checkpoint" | "checkpoints" | "tiles">;
}

/** There is no signed tree yet to prove anything by. */
export class NoCheckpointError extends Error {
  constructor() {
    super("O registro ainda não tem checkpoint assinado: rode `blindagem seal` e exporte de novo.");
  }
}

/**
 * The tree of the log up to its newest checkpoint, with earlier ones.
 *
 * @param keys the key list
 * @throws NoCheckpointError
 */
export async function bundledTree(
  client: pg.ClientBase,
  keys: readonly ListedKey[],
): Promise<BundledTree> {
  const checkpoint = await newestWithCosignatures(client, keys);
  if (checkpoint === undefined) {
    throw new NoCheckpointError();
  }
  const { origin, size } = parseCheckpoint(parseNote(checkpoint).text);
  return {
    origin,
    size,
    contents: {
      checkpoint,
      checkpoints: earlierCheckpoints(client, keys, size),
      tiles: tiles(client, size),
    },
  };
}

/** The first, the last of each day, and of each day the last that each witness cosigned: one is signed every few seconds. */
async function* earlierCheckpoints(
  client: pg.ClientBase,
  keys: readonly ListedKey[],
  size: number,
) {
  const checkpoints = await cosignedCheckpoints(
    client,
    keys,
    `where c.tree_size < $3 and c.tree_size in (
       select min(k.tree_size) from blindagem_audit.checkpoints k
       union
       select max(k.tree_size) from blindagem_audit.checkpoints k
       where k.tree_size < $3 group by date_trunc('day', k.signed_at, 'UTC')
       union
       select max(s.tree_size) from blindagem_audit.cosignatures s
       where s.tree_size < $3 group by s.witness, s.key_id, date_trunc('day', s.cosigned_at, 'UTC'))
     order by c.tree_size`,
    [size],
  );
  for (const { size: name, note } of checkpoints) yield { name, note };
}

async function* tiles(client: pg.ClientBase, size: number) {
  for (const tile of tilesOf(size)) {
    const bytes = await loadTile(client, tile);
    const path = tilePath(tile);
    // A tile that is missing is told by whoever verifies.
    if (bytes !== undefined) yield { path, bytes };
  }
}
