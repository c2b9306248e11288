import type pg from "pg";
import { z } from "zod";
import { parseCheckpoint } from "../checkpoint.ts";
import { newestCheckpoint } from "../checkpoint-store.ts";
import type { ListedKey } from "../key-list.ts";
import { parseNote } from "../note.ts";
import { loadTile } from "../tile-store.ts";
import { tilePath, tilesOf } from "../tiles.ts";
import { type ExportCounts, logRecords } from "./log-records.ts";
import { writeBundle } from "./write.ts";

export interface ExportRequest {
  /** Where the bundle is put; must not exist yet. */
  directory: string;
  organizationId: string;
  /** To which it is confined; without them, all that the role sees, and what belongs to no condominium. */
  condominiumIds?: readonly string[] | undefined;
  /** The public keys of the log. */
  keys: readonly ListedKey[];
  now: Date;
}

export interface Exported extends ExportCounts {
  origin: string;
  treeSize: number;
  records: number;
}

/**
 * Writes a bundle (manifest.ts) of what the role of the connection may see of the log, up to its newest checkpoint. The
 * records pass through, a page at a time.
 *
 * @param client in a transaction of one snapshot, under a role that sees the organization's records
 * @throws Error when there is no checkpoint yet, the role does not see one of the condominiums, or the directory exists
 */
export async function exportBundle(
  client: pg.ClientBase,
  request: ExportRequest,
): Promise<Exported> {
  const checkpoint = await newestCheckpoint(client);
  if (checkpoint === undefined) {
    throw new Error(
      "O registro ainda não tem checkpoint assinado: rode `blindagem seal` e exporte de novo.",
    );
  }
  const { origin, size } = parseCheckpoint(parseNote(checkpoint).text);
  const condominiums = await visibleCondominiums(client, request.condominiumIds);
  const counts: ExportCounts = { lost: 0, firstLost: undefined };
  const records = await writeBundle(request.directory, {
    manifest: {
      format: "blindagem-bundle-1",
      origin,
      createdAt: request.now.toISOString(),
      organizations: [request.organizationId],
      condominiums,
      treeSize: size,
    },
    checkpoint,
    checkpoints: earlierCheckpoints(client, size),
    keys: request.keys,
    records: logRecords(client, size, request.condominiumIds && condominiums, counts),
    tiles: tiles(client, size),
  });
  return { origin, treeSize: size, records, ...counts };
}

/** @throws Error naming one that the role does not see */
async function visibleCondominiums(
  client: pg.ClientBase,
  wanted: readonly string[] | undefined,
): Promise<string[]> {
  const { rows } = await client.query("select id from blindagem.condominiums order by id");
  const visible = z
    .array(z.object({ id: z.string() }))
    .parse(rows)
    .map(({ id }) => id);
  if (wanted === undefined) return visible;
  for (const id of wanted) {
    if (!visible.includes(id)) {
      throw new Error(`O condomínio ${id} não existe, ou não é desta administradora.`);
    }
  }
  return [...wanted];
}

/** The first, and the last of each day: one is signed every few seconds. */
async function* earlierCheckpoints(client: pg.ClientBase, size: number) {
  const { rows } = await client.query(
    `(select tree_size, note from blindagem_audit.checkpoints where tree_size < $1 order by tree_size limit 1)
     union
     (select distinct on (date_trunc('day', signed_at, 'UTC')) tree_size, note
      from blindagem_audit.checkpoints where tree_size < $1
      order by date_trunc('day', signed_at, 'UTC'), tree_size desc)`,
    [size],
  );
  for (const { tree_size, note } of z.array(checkpointRow).parse(rows)) {
    yield { name: tree_size, note };
  }
}

const checkpointRow = z.object({ tree_size: z.string(), note: z.string() });

async function* tiles(client: pg.ClientBase, size: number) {
  for (const tile of tilesOf(size)) {
    const bytes = await loadTile(client, tile);
    const path = tilePath(tile);
    // A tile that is missing is told by whoever verifies.
    if (bytes !== undefined) yield { path, bytes };
  }
}
