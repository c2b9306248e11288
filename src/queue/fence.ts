import type { Job } from "graphile-worker";
import type pg from "pg";
import { ACTOR_SETTINGS, type Actor, actorValues } from "../database/actor.ts";

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
 * Takes a job that the library has handed out: one round trip, before anything else of it runs. Each taking raises the
 * record's fence, so that an earlier one can no longer commit. A job that waited in the worker's local queue may have
 * been given to another meanwhile: it is taken only while the library's row still names this pool.
 *
 * Committed at once, or the death of a worker that the job kills would leave no trace of what it ran; but without
 * waiting for the disk: a server that fails at this moment forgets at worst that the job was taken, and `taken_by`
 * keeps whoever takes it under the same number apart.
 *
 * @param recordId the logical job of the envelope; cron's jobs have none, and get their record here
 * @param despiteDeaths whether it is taken even if workers have died while they ran it
 * @returns undefined when it is not taken for that
 * @throws JobTakenOver when the pool does not hold the job any more
 */
export async function takeJob(
  client: pg.ClientBase,
  job: Pick<Job, "id" | "attempts" | "locked_by" | "task_identifier">,
  recordId: string | undefined,
  despiteDeaths: boolean,
): Promise<Hold | undefined> {
  const { rows } = await client.query<{
    id: string;
    fence: number;
    deaths: number;
    is_submitting: boolean;
  }>({
    name: "blindagem take job",
    text: `with held as (
        select from graphile_worker._private_jobs where id = $1 and locked_by = $2
          -- One that was taken for dead and woke up: whatever it fetches is for others.
          and not exists (select from blindagem_private.workers w where w.died and $2 = any (w.pool_ids))
      ), known as (
        update blindagem_private.job_records r
        set fence = r.fence + 1, taken_by = $2, state = 'RUNNING', attempts = $3, graphile_job_id = $1,
          started_at = clock_timestamp(), finished_at = null, waiting_for = null
        from held where r.id = $4 and (r.deaths = 0 or $6)
        returning r.id, r.fence, r.deaths
      ), unknown as (
        insert into blindagem_private.job_records as r (task, state, attempts, graphile_job_id, started_at, taken_by, fence)
        select $5, 'RUNNING', $3, $1, clock_timestamp(), $2, 1 from held
        where not exists (select from known) and not exists (select from blindagem_private.job_records r where r.id = $4)
        on conflict (graphile_job_id) where graphile_job_id is not null do update
        set fence = r.fence + 1, taken_by = $2, state = 'RUNNING', attempts = $3, started_at = clock_timestamp(), finished_at = null
        returning r.id, r.fence, r.deaths
      )
      select id::text, fence, deaths, blindagem_private.is_submitting(), set_config('synchronous_commit', 'off', true)
      from (select * from known union all select * from unknown) as taken`,
    values: [
      job.id,
      job.locked_by,
      job.attempts,
      recordId ?? null,
      job.task_identifier,
      despiteDeaths,
    ],
  });
  const [taken] = rows;
  if (!taken) {
    if (!despiteDeaths && (await haveDied(client, recordId))) return undefined;
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

async function haveDied(client: pg.ClientBase, recordId: string | undefined): Promise<boolean> {
  const { rowCount } = await client.query(
    "select from blindagem_private.job_records where id = $1 and deaths > 0",
    [recordId ?? null],
  );
  return rowCount === 1;
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
