import type pg from "pg";

/** Something that is deleted after a time. `statement` takes the instant before which, and how many at most. */
interface Retention {
  what: string;
  /** HISTORY: as long as the installation keeps the queue's history. */
  days: number | "HISTORY";
  statement: string;
}

/** Nothing here is audited or needed by a proof; expenses, documents and the log itself are kept. */
const RETENTIONS: readonly Retention[] = [
  {
    // Those of dead letters that nobody has resolved stay: without its record a job can be neither run again nor cancelled.
    what: "job records",
    days: "HISTORY",
    statement: `delete from blindagem_private.job_records where id in (
      select r.id from blindagem_private.job_records r
      where r.finished_at < $1 and not exists (
        select from blindagem_private.dead_letters d where d.record_id = r.id and d.resolved_at is null)
      order by r.finished_at limit $2)`,
  },
  {
    what: "minutes of the queue",
    days: "HISTORY",
    statement: `delete from blindagem_private.job_minutes where (organization_id, minute, task, shard) in (
      select organization_id, minute, task, shard from blindagem_private.job_minutes where minute < $1 order by minute limit $2)`,
  },
  {
    what: "worker processes that ended",
    days: "HISTORY",
    statement: `delete from blindagem_private.workers where id in (
      select id from blindagem_private.workers where stopped_at < $1 limit $2)`,
  },
  {
    // Those that nobody has resolved stay.
    what: "dead letters",
    days: 90,
    statement: `delete from blindagem_private.dead_letters where id in (
      select id from blindagem_private.dead_letters where resolved_at < $1 limit $2)`,
  },
  {
    what: "webhook events",
    days: 30,
    statement: `delete from blindagem_private.webhook_events where (provider, event_id) in (
      select provider, event_id from blindagem_private.webhook_events where received_at < $1 limit $2)`,
  },
  {
    // The newest answer on each CNPJ stays, whatever its age.
    what: "registry answers",
    days: 365,
    statement: `delete from blindagem_private.company_answers where id in (
      select a.id from blindagem_private.company_answers a
      where a.answered_at < $1 and exists (
        select from blindagem_private.company_answers newer
        where newer.cnpj = a.cnpj and (newer.answered_at, newer.id) > (a.answered_at, a.id))
      limit $2)`,
  },
  {
    // A claim whose job was deleted by hand would keep its subject from ever being worked again. One whose job waits stays for as
    // long as that does (behind a provider's limit, or where an operator has moved it to): else a second job asked for the same.
    what: "claims",
    days: 7,
    statement: `delete from blindagem_private.work_claims where (task, subject) in (
      select c.task, c.subject from blindagem_private.work_claims c
      where c.claimed_at < $1 and not exists (
        select from (
          select t.name as task, s.subject from graphile_worker._private_jobs j
          join graphile_worker._private_tasks known on known.id = j.task_id
          join blindagem_private.tasks t on t.name = known.identifier
          cross join lateral blindagem_private.subjects_of(j.payload::jsonb, t.subject) as s (subject)) as open
        where open.task = c.task and open.subject = c.subject)
      limit $2)`,
  },
];

/** Short transactions: a large deletion in one would hold its locks, and keep vacuum from cleaning up, for minutes. */
const CHUNK = 5000;

/**
 * Deletes what has passed its time, each chunk in a transaction of its own, until nothing is left or `signal` fires.
 *
 * @returns how much was deleted of what
 */
export async function deleteExpired(
  inTransaction: <T>(use: (client: pg.ClientBase) => Promise<T>) => Promise<T>,
  now: Date,
  historyDays: number,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const deleted: Record<string, number> = {};
  for (const { what, days, statement } of RETENTIONS) {
    const kept = days === "HISTORY" ? historyDays : days;
    const before = new Date(now.getTime() - kept * 86_400_000);
    let total = 0;
    for (let count = CHUNK; count === CHUNK && !signal.aborted; total += count) {
      const result = await inTransaction((client) => client.query(statement, [before, CHUNK]));
      count = result.rowCount ?? 0;
    }
    if (total > 0) deleted[what] = total;
  }
  return deleted;
}
