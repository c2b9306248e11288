import type pg from "pg";
import { entryOf, type LogRecord, leafHash } from "./leaf.ts";

/**
 * Makes waiting records leaves: takes up to `limit` of them in the order of their ids, gives them the next dense
 * indexes and stores the bytes that were hashed, in one transaction.
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
    const records = await takePending(client, limit);
    if (records.length > 0) await appendLeaves(client, records);
    await client.query("commit");
    return records.length;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

type PendingRecord = { record_id: string } & LogRecord;

/** The look-up is lateral so that it goes by each record's key, into one partition, whatever the statistics say. */
async function takePending(client: pg.ClientBase, limit: number): Promise<LogRecord[]> {
  const { rows } = await client.query<PendingRecord | { record_id: string; id: null }>(
    `with taken as (
       delete from blindagem_audit.pending_records
       where record_id in (
         select record_id from blindagem_audit.pending_records order by record_id limit $1)
       returning record_id, recorded_at
     )
     select taken.record_id::text as record_id, record.*
     from taken left join lateral (
       select id::text as id,
         to_char(r.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at,
         organization_id::text as organization_id, condominium_id::text as condominium_id, sensitivity,
         entity_type, entity_id, operation, action, actor_id, actor_role, on_behalf_of,
         previous_state::text as previous_state, new_state::text as new_state, reason, host(ip) as ip,
         user_agent, request_id, job_id, session_login, application_name,
         host(client_address) as client_address, transaction_id::text as transaction_id,
         encode(intent, 'hex') as intent
       from blindagem_audit.audit_log_immutable r
       where r.id = taken.record_id and r.recorded_at = taken.recorded_at
       offset 0
     ) as record on true
     order by taken.record_id`,
    [limit],
  );
  return rows.map((row) => {
    if (row.id === null) {
      throw new Error(
        `Record ${row.record_id} waits for its seal, but the audit log does not have it.`,
      );
    }
    const { record_id: _, ...record } = row;
    return record;
  });
}

/**
 * The bytes go over in one value each, cut apart in SQL: as arrays of bytea they would be written in hexadecimal,
 * escaped and read again, which took three times as long as the rest of sealing together.
 */
async function appendLeaves(client: pg.ClientBase, records: readonly LogRecord[]): Promise<void> {
  const entries = records.map(entryOf);
  const hashes = entries.map(leafHash);
  await client.query(
    `insert into blindagem_audit.leaves (index, record_id, entry, hash)
     select next.index + position - 1, record_id,
       substring($1::bytea from (ends - length + 1)::int for length), substring($2::bytea from position::int * 32 - 31 for 32)
     from (select coalesce(max(index) + 1, 0) as index from blindagem_audit.leaves) as next
     cross join (
       select record_id, length, position, sum(length) over (order by position) as ends
       from unnest($3::bigint[], $4::int[]) with ordinality as given (record_id, length, position)) as leaf`,
    [
      Buffer.concat(entries),
      Buffer.concat(hashes),
      records.map(({ id }) => id),
      entries.map(({ length }) => length),
    ],
  );
}
