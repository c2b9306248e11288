import type pg from "pg";

/**
 * Makes waiting records leaves: takes up to `limit` of them in the order of their ids, gives them the next dense
 * indexes and stores the bytes that were hashed, in one statement.
 *
 * What waits is what can be seen in the table that the audit triggers fill, never what follows the last id: ids are
 * given before commit, so a cursor over them skips whoever commits late. For one row, order is kept all the same: a
 * change takes its id while it holds the row's lock, so an earlier change is visible whenever a later one is.
 *
 * The caller must be the only one that seals (sealing-process.ts); two at once fail on the index's key.
 *
 * @returns how many records were sealed; fewer than `limit` means that none waits
 * @throws Error when a record that waits is not in the log: somebody has altered one of the two
 */
export async function sealPending(client: pg.ClientBase, limit: number): Promise<number> {
  await client.query("begin");
  try {
    const { sealed, missing } = await appendLeaves(client, limit);
    if (missing !== null) {
      throw new Error(`Record ${missing} waits for its seal, but the audit log does not have it.`);
    }
    await client.query("commit");
    return sealed;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

/** The look-up is lateral so that it goes by each record's key, into one partition, whatever the statistics say. */
async function appendLeaves(
  client: pg.ClientBase,
  limit: number,
): Promise<{ sealed: number; missing: string | null }> {
  const { rows } = await client.query<{ sealed: number; missing: string | null }>(
    `with taken as (
       delete from blindagem_audit.pending_records
       where record_id in (
         select record_id from blindagem_audit.pending_records order by record_id limit $1)
       returning record_id, recorded_at
     ), numbered as materialized (
       select record_id, recorded_at,
         (select coalesce(max(index) + 1, 0) from blindagem_audit.leaves) + row_number() over (order by record_id) - 1 as index
       from taken
     ), appended as (
       insert into blindagem_audit.leaves (index, record_id, entry, hash)
       select n.index, n.record_id, record.entry, blindagem_audit.leaf_hash(record.entry)
       from numbered n cross join lateral (
         select blindagem_audit.entry_of(r) as entry
         from blindagem_audit.audit_log_immutable r
         where r.id = n.record_id and r.recorded_at = n.recorded_at
         offset 0
       ) as record
       returning record_id
     )
     select (select count(*) from appended)::int as sealed, min(n.record_id)::text as missing
     from numbered n where not exists (select from appended a where a.record_id = n.record_id)`,
    [limit],
  );
  return rows[0] ?? { sealed: 0, missing: null };
}
