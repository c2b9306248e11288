import type pg from "pg";
import { z } from "zod";
import { loadDetachedMonths } from "../detached-months.ts";
import type { ListedKey } from "../key-list.ts";
import { bundledTree } from "./bundled-tree.ts";
import { type ExportCounts, logRecords } from "./log-records.ts";
import type { BundledRecord, WithheldLine } from "./manifest.ts";
import { writeBundle } from "./write.ts";

export interface ExportRequest {
  /** Where the bundle is put; must not exist yet. */
  directory: string;
  /** For which it is written; undefined for somebody who has the condominiums by a grant. */
  organizationId: string | undefined;
  /** To which it is confined; without them, all that the role sees, and what belongs to no condominium. */
  condominiumIds?: readonly string[] | undefined;
  /** The month to which it is confined, as 2026-11: what is or was about it, by blindagem_private.entities_of_month. */
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
  const { origin, size, contents } = await bundledTree(client, request.keys);
  const condominiums = await visibleCondominiums(client, request.condominiumIds);
  const { month, documents } = request;
  const detached = await loadDetachedMonths(client);
  const counts: ExportCounts = { lost: 0, firstLost: undefined };
  const files = { documents: 0, lostDocuments: 0 };
  const withheld: WithheldLine[] = [];
  const named = new Set<string>();
  const erasedDocuments: string[] = [];
  const selection = {
    condominiumIds: request.condominiumIds && condominiums,
    month: month && `${month}-01`,
    detached,
  };
  const records = await writeBundle(request.directory, {
    ...contents,
    manifest: {
      format: "blindagem-bundle-1",
      origin,
      createdAt: request.now.toISOString(),
      organizations: request.organizationId === undefined ? [] : [request.organizationId],
      condominiums,
      ...(month !== undefined && { month }),
      ...(documents !== undefined && { documents: true, erasedDocuments }),
      treeSize: size,
      elsewhere:
        detached.length > 0
          ? detached.map(({ month, records, root }) => ({ month, records, root }))
          : undefined,
    },
    keys: request.keys,
    records: namingDocuments(logRecords(client, size, selection, counts, withheld), named),
    withheld,
    documents:
      documents === undefined
        ? []
        : storedDocuments(client, named, documents, files, erasedDocuments),
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
  client: pg.ClientBase,
  named: ReadonlySet<string>,
  load: NonNullable<ExportRequest["documents"]>,
  files: Pick<Exported, "documents" | "lostDocuments">,
  erased: string[],
) {
  const { rows } = await client.query<{ sha256: string }>(
    "select sha256 from blindagem.documents where sha256 = any ($1) and erased_at is not null",
    [[...named]],
  );
  const isErased = new Set(rows.map(({ sha256 }) => sha256));
  for (const sha256 of [...named].sort()) {
    // Its bytes may lie there still: the job that removes them waits, or the disk was restored.
    if (isErased.has(sha256)) {
      erased.push(sha256);
      continue;
    }
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
