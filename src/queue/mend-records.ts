import type pg from "pg";

/** A record that says so for longer has missed an event: events are written within a second. */
const MISSED_AFTER_MS = 60_000;

/**
 * Closes the records of jobs that are no longer in the queue. A worker that is killed between a job's end and the
 * writing of its record leaves it RUNNING or WAITING, which nothing else would ever change: whoever waits for an empty
 * queue would wait for ever. What is gone from the queue has ended well: what failed for good is either still in it, and
 * goes to the dead letters here, or is a dead letter, and its record says so.
 *
 * @returns how many were closed
 */
export async function mendRecords(client: pg.ClientBase, now: Date): Promise<number> {
  await client.query(
    `select blindagem_private.bury_failed_jobs(array(
       select id from graphile_worker._private_jobs where attempts >= max_attempts and locked_at is null), '{}')`,
  );
  const { rowCount } = await client.query(
    `update blindagem_private.job_records r
     set state = 'FINISHED', finished_at = $1, waiting_for = null
     where r.state in ('WAITING', 'RUNNING') and greatest(r.enqueued_at, r.started_at) < $2
       and not exists (
         select from graphile_worker._private_jobs j where j.id = r.graphile_job_id)
       and r.id not in (
         select (j.payload->'envelope'->>'jobId')::bigint from graphile_worker._private_jobs j
         where j.payload->'envelope'->>'jobId' ~ '^\\d{1,18}$')`,
    [now, new Date(now.getTime() - MISSED_AFTER_MS)],
  );
  return rowCount ?? 0;
}
