import type pg from "pg";
import { z } from "zod";
import { FROM_THE_FIRST, type LowWaterMark } from "./low-water-mark.ts";

export interface Beat {
  /**
   * The last record's id that was given before this beat, which is a transaction with an xid and has ended on return: what
   * raiseMark asks for. 0 when ids are not given one by one any more, since a session that keeps some back may use them later.
   */
  given: bigint;
  /** By how much the database's clock is behind what it was at the beat before; negative as it goes on. */
  setBackSeconds: number;
}

/**
 * Leaves the sealing process's sign of life, and how far it has come, so that others look for what waits from there.
 *
 * @param mark of the batch before
 */
export async function beat(client: pg.ClientBase, mark = FROM_THE_FIRST): Promise<Beat> {
  const { rows: ids } = await client.query(
    `select case when seqcache = 1 and seqincrement = 1 then last_value - (not is_called)::int else 0 end as given
     from blindagem_audit.record_id join pg_sequence on seqrelid = 'blindagem_audit.record_id'::regclass`,
  );
  const { rows: beats } = await client.query<{ behind: number }>(
    `with earlier as (
       select beat_at from blindagem_audit.sealer_heartbeat
     ), beat as (
       insert into blindagem_audit.sealer_heartbeat (beat_at, taken_to, running) values (clock_timestamp(), $1, $2::text[]::xid8[])
       on conflict (only_one) do update
       set beat_at = excluded.beat_at, taken_to = excluded.taken_to, running = excluded.running
       returning beat_at
     )
     select extract(epoch from earlier.beat_at - beat.beat_at)::float8 as behind from beat cross join earlier`,
    [String(mark.recordId), [...mark.running.keys()].map(String)],
  );
  return {
    given: z.coerce.bigint().parse(ids[0]?.given),
    setBackSeconds: beats[0]?.behind ?? 0,
  };
}

const left = z.object({ taken_to: z.coerce.bigint(), running: z.array(z.coerce.bigint()) });

/**
 * Where the sealing process that left the last sign of life had come to: the next one goes on there. When a transaction
 * that ran by then has ended, it looks once from the first row on, since it is not noted what that one's ids lie above.
 * It begins with the first row where the database is a copy out of another cluster, in which those transactions are none.
 */
export async function lastMark(client: pg.ClientBase): Promise<LowWaterMark> {
  const { rows } = await client.query(
    `select taken_to::text, running::text[]
     from blindagem_audit.sealer_heartbeat, blindagem_audit.record_id
     where taken_to <= last_value
       and not exists (select from unnest(running) as xid where xid >= pg_snapshot_xmax(pg_current_snapshot()))`,
  );
  if (rows.length === 0) return FROM_THE_FIRST;
  const { taken_to, running } = left.parse(rows[0]);
  return { recordId: taken_to, running: new Map(running.map((xid) => [xid, 0n])) };
}
