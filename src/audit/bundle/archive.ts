import type pg from "pg";
import { z } from "zod";
import type { ListedKey } from "../key-list.ts";
import { boundsOf, type Month } from "../month.ts";
import { bundledTree } from "./bundled-tree.ts";
import { monthRecords } from "./month-records.ts";
import { writeBundle } from "./write.ts";

export interface ArchiveRequest {
  /** Where the bundle is put; must not exist yet. */
  directory: string;
  month: Month;
  /** The public keys of the log. */
  keys: readonly ListedKey[];
  now: Date;
}

/**
 * Writes a bundle (manifest.ts) of a whole month of the log, of all administradoras and of none: what the month is kept in
 * when it leaves the database (detach-month.ts).
 *
 * @param client of the sealer's login, in a transaction of one snapshot
 * @returns how many records it has
 * @throws Error when there is no checkpoint yet, or the directory exists
 */
export async function archiveMonth(
  client: pg.ClientBase,
  { directory, month, keys, now }: ArchiveRequest,
): Promise<number> {
  const { from, until } = boundsOf(month);
  const tree = await bundledTree(client, keys);
  const { rows } = await client.query(
    `select distinct organization_id from blindagem_audit.audit_log_immutable
     where organization_id is not null and recorded_at >= $1::timestamptz - interval '31 days' and recorded_at < $2::timestamptz + interval '31 days'
     order by organization_id`,
    [from, until],
  );
  const organizations = z.array(z.object({ organization_id: z.string() })).parse(rows);
  return writeBundle(directory, {
    ...tree.contents,
    manifest: {
      format: "blindagem-bundle-1",
      origin: tree.origin,
      createdAt: now.toISOString(),
      organizations: organizations.map(({ organization_id }) => organization_id),
      recordedIn: month,
      treeSize: tree.size,
    },
    keys,
    records: sealedUpTo(tree.size, monthRecords(client, month)),
  });
}

async function* sealedUpTo<T extends { index: number }>(size: number, records: AsyncIterable<T>) {
  for await (const record of records) if (record.index < size) yield record;
}
