import type { Job } from "graphile-worker";
import type pg from "pg";
import { ACTOR_SETTINGS, type Actor, actorValues } from "../database/actor.ts";
import { tellsOfLostSession } from "../database/session-lost.ts";

/** The beginning of JobTakenOver's message. */
const TAKEN_OVER = /^Job \d+ was taken over/;

/** What a job's runner holds: the record, under the number of its taking. */
export interface Hold {
  graphileJobId: string;
  recordId: string;
  fence: number;
  /** The library's pool that took it. */
  takenBy: string | null;
  /** How many workers died while they ran it. */
  deaths: number;
  /** Whether somebody was handing in a large batch when it was taken. */
  isSubmitting: boolean;
}

/**
 * The job is no longer this process's: it was taken for dead, and another has taken the job over or will. Nothing of it
 * may be committed any more. Thrown out of a task it does no harm: the library notes a failure only on a job that its
 * pool still holds (`locked_by`), while a success deletes the job by its id alone.
 */
export class JobTakenOver extends Error {
  constructor(graphileJobId: string) {
    super(
      `Job ${graphileJobId} was taken over: this worker was taken for dead, or the job was cancelled or moved. Nothing of it is committed here; nothing is to be done.`,
    );
    this.name = "JobTakenOver";
  }
}

/**
 * The process that fetched the job was taken for dead, still runs, and is to end: none of its jobs is its own any more. The
 * job is free again, with the attempt refunded. The library notes no failure on what its pool does not hold; but another
 * runner of the process may have fetched the job anew by then, so whoever hears of this closes the pool at once (workers.ts).
 */
export class HolderTakenForDead extends JobTakenOver {
  constructor(graphileJobId: string) {
    super(graphileJobId);
    this.message = `Job ${graphileJobId} was given back: this worker was taken for dead, and takes no more jobs; nothing is to be done.`;
    this.name = "HolderTakenForDead";
  }
}

/** The job was buried by its own runner, in a transaction that is committed: how it ended is written, and nothing else is to be. */
export class JobBuried extends JobTakenOver {
  constructor(graphileJobId: string) {
    super(graphileJobId);
    this.message = `Job ${graphileJobId} is a dead letter: it ended the database's sessions whenever it ran. Retry it when the cause is mended.`;
    this.name = "JobBuried";
  }
}

/** The job was put off before it ran, with its attempt refunded: another runs first. */
export class JobGivenBack extends JobTakenOver {
  constructor(graphileJobId: string) {
    super(graphileJobId);
    this.message = `Job ${graphileJobId} was given back: it runs later, as workers have died of it and another such job runs; nothing is to be done.`;
    this.name = "JobGivenBack";
  }
}

/** Whether a job's last attempt ended with its session. The server's crash may have forgotten, too, that the job was taken. */
export function lostItsSession(lastError: string | null): boolean {
  return lastError !== null && (tellsOfLostSession(lastError) || TAKEN_OVER.test(lastError));
}

/** What a job of the clock waits for as long as the letter of an earlier one is open. */
const WAITS_FOR_OPERATOR =
  "três processos terminaram durante a última tarefa assim; ela espera que um operador a repita ou cancele";

/** The record of a job: its envelope's ($4), or, where it has none, the one that its first taking made. */
const RECORD = `coalesce($4::bigint, (select c.id from blindagem_private.job_records c where c.graphile_job_id = $1))`;

/** One row, whether it was taken or not. */
type Taking = { is_submitting: boolean; is_dead: boolean; is_barred: boolean } & (
  | { id: string; fence: number; deaths: number }
  | { id: null }
);

/**
 * Takes a job that the library has handed out: one round trip, before anything else of it runs. Each taking raises the
 * record's fence, so that an earlier one can no longer commit. A job that waited in the worker's local queue may have
 * been given to another meanwhile: it is taken only while the library's row still names this pool. That row is locked first,
 * as whoever cancels or moves the job does: else one that was cancelled in this moment ran all the same, and counted as
 * finished if its worker died. What a worker has fetched that was taken for dead is given back instead, in the same statement.
 *
 * Committed at once, or the death of a worker that the job kills would leave no trace of what it ran; but without
 * waiting for the disk: a server that fails at this moment forgets at worst that the job was taken, and `taken_by`
 * keeps whoever takes it under the same number apart.
 *
 * A job of the library's cron has no envelope, and the next one comes by itself: as long as one lies in the dead letters of which
 * three workers died, those that follow are given back for a minute, or they would kill three workers each.
 *
 * @param recordId the logical job of the envelope; cron's jobs have none, and get their record here
 * @param mostDeaths it is not taken if more workers have died while they ran it
 * @returns undefined when it is not taken for that
 * @throws JobTakenOver when the pool does not hold the job any more
 * @throws HolderTakenForDead when the pool is of a worker that was taken for dead
 * @throws JobGivenBack when it is cron's, and waits for an operator
 */
export async function takeJob(
  client: pg.ClientBase,
  job: Pick<Job, "id" | "attempts" | "locked_by" | "task_identifier">,
  recordId: string | undefined,
  mostDeaths: number,
): Promise<Hold | undefined> {
  const { rows } = await client.query<Taking>({
    name: "blindagem take job",
    text: `with dead as (
        select from blindagem_private.workers w where w.died and w.pool_ids @> array[$2::text]
      ), barred as (
        select from blindagem_private.dead_letters d
        where $4::bigint is null and d.task = $5 and d.cause = 'DEATHS' and d.organization_id is null and d.resolved_at is null
      ), given_back as (
        update graphile_worker._private_jobs
        set locked_by = null, locked_at = null, attempts = greatest(attempts - 1, 0),
          run_at = case when exists (select from dead) then run_at else clock_timestamp() + interval '1 minute' end
        where id = $1 and locked_by = $2 and (exists (select from dead) or exists (select from barred))
        returning run_at
      ), told as (
        insert into blindagem_private.job_records as r (task, graphile_job_id, run_at, waiting_for)
        select $5, $1, g.run_at, $7 from given_back g where not exists (select from dead)
        on conflict (graphile_job_id) where graphile_job_id is not null do update
        set run_at = excluded.run_at, waiting_for = excluded.waiting_for
      ), held as (
        select from graphile_worker._private_jobs
        where id = $1 and locked_by = $2 and not exists (select from dead) and not exists (select from barred)
        for share
      ), known as (
        update blindagem_private.job_records r
        set fence = r.fence + 1, taken_by = $2, state = 'RUNNING', attempts = $3, graphile_job_id = $1,
          started_at = clock_timestamp(), finished_at = null, waiting_for = null
        from held where r.id = ${RECORD} and r.deaths <= $6
        returning r.id, r.fence, r.deaths
      ), unknown as (
        insert into blindagem_private.job_records as r (task, state, attempts, graphile_job_id, started_at, taken_by, fence)
        select $5, 'RUNNING', $3, $1, clock_timestamp(), $2, 1 from held
        where not exists (select from known) and not exists (select from blindagem_private.job_records r where r.id = ${RECORD})
        on conflict (graphile_job_id) where graphile_job_id is not null do update
        set fence = r.fence + 1, taken_by = $2, state = 'RUNNING', attempts = $3, started_at = clock_timestamp(), finished_at = null,
          waiting_for = null
        returning r.id, r.fence, r.deaths
      )
      select taken.id::text, taken.fence, taken.deaths, blindagem_private.is_submitting(), holder.is_dead, holder.is_barred,
        set_config('synchronous_commit', 'off', true)
      from (select exists (select from dead) as is_dead, exists (select from barred) as is_barred) as holder
      left join (select * from known union all select * from unknown) as taken on true`,
    values: [
      job.id,
      job.locked_by,
      job.attempts,
      recordId ?? null,
      job.task_identifier,
      mostDeaths,
      WAITS_FOR_OPERATOR,
    ],
  });
  const [taken] = rows;
  if (taken?.is_dead) throw new HolderTakenForDead(job.id);
  if (taken?.is_barred) throw new JobGivenBack(job.id);
  if (taken === undefined || taken.id === null) {
    if (await haveDied(client, job, recordId, mostDeaths)) return undefined;
    throw new JobTakenOver(job.id);
  }
  return {
    graphileJobId: job.id,
    recordId: taken.id,
    fence: taken.fence,
    takenBy: job.locked_by,
    deaths: taken.deaths,
    isSubmitting: taken.is_submitting,
  };
}

async function haveDied(
  client: pg.ClientBase,
  job: Pick<Job, "id">,
  recordId: string | undefined,
  mostDeaths: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from blindagem_private.job_records
     where id = coalesce($2, (select id from blindagem_private.job_records where graphile_job_id = $1)) and deaths > $3`,
    [job.id, recordId ?? null, mostDeaths],
  );
  return rowCount === 1;
}

/**
 * Gives a job back that was not taken, with its attempt, and says what it waits for.
 *
 * @throws JobGivenBack when it is done, also where the pool does not hold it any more
 */
export async function giveBack(
  client: pg.ClientBase,
  job: Pick<Job, "id" | "locked_by">,
  recordId: string | undefined,
  forMs: number,
  waitingFor: string,
): Promise<never> {
  await client.query(
    `with given_back as (
       update graphile_worker._private_jobs
       set locked_by = null, locked_at = null, attempts = greatest(attempts - 1, 0),
         run_at = clock_timestamp() + $3 * interval '1 millisecond'
       where id = $1 and locked_by = $2
       returning run_at
     ), told as (
       update blindagem_private.job_records r set run_at = g.run_at, waiting_for = $5 from given_back g where r.id = ${RECORD}
       returning r.id, r.run_at
     )
     select blindagem_private.keep_place(id, run_at) from told`,
    [job.id, job.locked_by, forMs, recordId ?? null, waitingFor],
  );
  throw new JobGivenBack(job.id);
}

/**
 * Begins a transaction of the job: names its actor and locks its record under the fence, in one statement. Until the
 * commit nobody else can take the job; if somebody has, it goes no further.
 *
 * @throws JobTakenOver when the fence is no longer this runner's
 */
export async function nameHolder(client: pg.ClientBase, actor: Actor, hold: Hold): Promise<void> {
  const { rows } = await client.query<{ held: boolean | null }>(
    `select ${ACTOR_SETTINGS}, (
       select true from blindagem_private.job_records
       where id = $7 and fence = $8 and taken_by is not distinct from $9 for share) as held`,
    [...actorValues(actor), hold.recordId, hold.fence, hold.takenBy],
  );
  if (!rows[0]?.held) throw new JobTakenOver(hold.graphileJobId);
}

/** @throws JobTakenOver when the fence is no longer this runner's */
export async function assertHeld(client: pg.ClientBase, hold: Hold): Promise<void> {
  const { rowCount } = await client.query(
    `select from blindagem_private.job_records
     where id = $1 and fence = $2 and taken_by is not distinct from $3`,
    [hold.recordId, hold.fence, hold.takenBy],
  );
  if (rowCount === 0) throw new JobTakenOver(hold.graphileJobId);
}
