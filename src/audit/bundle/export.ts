import type pg from "pg";
import { z } from "zod";
import { parseCheckpoint } from "../checkpoint.ts";
import { newestCheckpoint } from "../checkpoint-store.ts";
import type { ListedKey } from "../key-list.ts";
import { parseNote } from "../note.ts";
import { loadTile } from "../tile-store.ts";
import { tilePath, tilesOf } from "../tiles.ts";
import { type ExportCounts, logRecords } from "./log-records.ts";
import type { BundledRecord, WithheldLine } from "./manifest.ts";
import { writeBundle } from "./write.ts";

export interface ExportRequest {
  /** Where the bundle is put; must not exist yet. */
  directory: string;
  organizationId: string;
  /** To which it is confined; without them, all that the role sees, and what belongs to no condominium. */
  condominiumIds?: readonly string[] | undefined;
  /** The month to which it is confined, as 2026-11: what is about it, by blindagem_private.is_of_month. */
  month?: string | undefined;
  /** Gives the documents that the records name, by SHA-256; undefined for one that is not there. Without it they are left out. */
  documents?: ((sha256: string) => Promise<Uint8Array | undefined>) | undefined;
  /** The public keys of the log. */
  keys: readonly ListedKey[];
  now: Date;
}

export interface Exported extends ExportCounts {
  origin: string;
  treeSize: number;
  records: number;
  /** Documents that are in the bundle, and those that the store does not have. */
  documents: number;
  lostDocuments: number;
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
  const { month, documents } = request;
  const counts: ExportCounts = { lost: 0, firstLost: undefined };
  const files = { documents: 0, lostDocuments: 0 };
  const withheld: WithheldLine[] = [];
  const named = new Set<string>();
  const selection = {
    condominiumIds: request.condominiumIds && condominiums,
    month: month && `${month}-01`,
  };
  const records = await writeBundle(request.directory, {
    manifest: {
      format: "blindagem-bundle-1",
      origin,
      createdAt: request.now.toISOString(),
      organizations: [request.organizationId],
      condominiums,
      ...(month !== undefined && { month }),
      ...(documents !== undefined && { documents: true }),
      treeSize: size,
    },
    checkpoint,
    checkpoints: earlierCheckpoints(client, size),
    keys: request.keys,
    records: namingDocuments(logRecords(client, size, selection, counts, withheld), named),
    withheld,
    documents: documents === undefined ? [] : storedDocuments(named, documents, files),
    tiles: tiles(client, size),
  });
  return { origin, treeSize: size, records, ...files, ...counts };
}

/** Notes the documents that expenses list, out of the text: an entry that somebody has damaged is exported as it is. */
async function* namingDocuments(records: AsyncIterable<BundledRecord>, named: Set<string>) {
  for await (const record of records) {
    if (record.entry.includes('"entity_type":"expense_documents"')) {
      const states = record.entry.slice(record.entry.indexOf('"new_state":'));
      const sha256 = /"sha256":"([0-9a-f]{64})"/.exec(states)?.[1];
      if (sha256 !== undefined) named.add(sha256);
    }
    yield record;
  }
}

async function* storedDocuments(
  named: ReadonlySet<string>,
  load: NonNullable<ExportRequest["documents"]>,
  files: Pick<Exported, "documents" | "lostDocuments">,
) {
  for (const sha256 of [...named].sort()) {
    const bytes = await load(sha256);
    if (bytes === undefined) files.lostDocuments += 1;
    else {
      files.documents += 1;
      yield { sha256, bytes };
    }
  }
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
