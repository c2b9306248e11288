import type pg from "pg";
import { z } from "zod";
import { loadDetachedMonths } from "../detached-months.ts";
import type { ListedKey } from "../key-list.ts";
import { bundledTree } from "./bundled-tree.ts";
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
  const { origin, size, contents } = await bundledTree(client);
  const condominiums = await visibleCondominiums(client, request.condominiumIds);
  const detached = await loadDetachedMonths(client);
  const counts: ExportCounts = { lost: 0, firstLost: undefined };
  const records = await writeBundle(request.directory, {
    ...contents,
    manifest: {
      format: "blindagem-bundle-1",
      origin,
      createdAt: request.now.toISOString(),
      organizations: [request.organizationId],
      condominiums,
      treeSize: size,
      elsewhere:
        detached.length > 0
          ? detached.map(({ month, records, root }) => ({ month, records, root }))
          : undefined,
    },
    keys: request.keys,
    records: logRecords(client, size, {
      condominiumIds: request.condominiumIds && condominiums,
      detached,
      counts,
    }),
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
