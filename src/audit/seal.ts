import type pg from "pg";

/**
 * Makes waiting records leaves: takes up to about `limit` of them (the records of a statement stay together), gives them
 * the next dense indexes in the order of their ids and stores their hashes, in one statement.
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
    const { sealed, missing } = await appendRun(client, limit);
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

/**
 * The look-up is lateral and by statement, so that it goes by key into one partition, whatever the planner's statistics
 * say.
 */
async function appendRun(
  client: pg.ClientBase,
  limit: number,
): Promise<{ sealed: number; missing: string | null }> {
  const { rows } = await client.query<{ sealed: number; missing: string | null }>(
    `with due as (
       select first_record_id
       from (
         select first_record_id,
           sum(cardinality(record_ids)) over (order by first_record_id) - cardinality(record_ids) as before
         from (select * from blindagem_audit.pending_records order by first_record_id limit $1) as oldest
       ) as counted
       where before < $1
     ), taken as (
       delete from blindagem_audit.pending_records
       where first_record_id in (select first_record_id from due)
       returning record_ids, recorded_at
     ), hashed as materialized (
       select record.id, record.hash
       from taken t cross join lateral (
         select r.id, blindagem_audit.leaf_hash(convert_to(r.entry, 'UTF8')) as hash
         from blindagem_audit.audit_log_immutable r
         where r.id = any (t.record_ids) and r.recorded_at = t.recorded_at
         offset 0
       ) as record
     ), appended as (
       insert into blindagem_audit.sealed_runs (first_index, record_ids, leaf_hashes, first_record_id, last_record_id)
       select coalesce((
           select first_index + cardinality(record_ids) from blindagem_audit.sealed_runs order by first_index desc limit 1), 0),
         array_agg(id order by id), string_agg(hash, '' order by id), min(id), max(id)
       from hashed having count(*) > 0
     )
     select (select count(*) from hashed)::int as sealed, (
       select min(id)::text from taken t cross join unnest(t.record_ids) as waiting (id)
       where not exists (select from hashed h where h.id = waiting.id)) as missing`,
    [limit],
  );
  return rows[0] ?? { sealed: 0, missing: null };
}
