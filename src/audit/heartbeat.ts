import type pg from "pg";
import { z } from "zod";

/**
 * Leaves the sealing process's sign of life.
 *
 * @returns the last record's id that was given before this beat, which is a transaction with an xid and has ended on
 *   return: what raiseMark asks for. 0 when ids are not given one by one any more, since a session that keeps some
 *   back may use them later
 */
export async function beat(client: pg.ClientBase): Promise<bigint> {
  const { rows } = await client.query(
    `select case when seqcache = 1 and seqincrement = 1 then last_value - (not is_called)::int else 0 end as given
     from blindagem_audit.record_id join pg_sequence on seqrelid = 'blindagem_audit.record_id'::regclass`,
  );
  await client.query(
    `insert into blindagem_audit.sealer_heartbeat (beat_at) values (clock_timestamp())
     on conflict (only_one) do update set beat_at = excluded.beat_at`,
  );
  return z.coerce.bigint().parse(rows[0]?.given);
}
