import { EventEmitter } from "node:events";
import type { Job, WorkerEvents } from "graphile-worker";
import type pg from "pg";
import { z } from "zod";
import { storableJson } from "../database/storable-json.ts";
import { type AttemptEvent, followAttempts } from "./attempts.ts";
import { envelope } from "./envelope.ts";
import { JobTakenOver } from "./fence.ts";
import { countAttempt } from "./job-metrics.ts";
import { type JobMinute, JobMinutes } from "./job-minutes.ts";
import type { BuriedJob } from "./recover-jobs.ts";
import { waitingForRetry } from "./waiting-for.ts";

/** What has become of a job, as the record keeps it. */
interface JobChange {
  /** Null for cron's jobs, which nobody enqueued: they get their record here. */
  jobId: string | null;
  graphileJobId: string;
  task: string;
  state: "WAITING" | "FINISHED" | "FAILED";
  attempts: number;
  /** The library's pool that ran it: once another has taken the job, this one has no more to say of it. */
  takenBy: string | null;
  finishedAt: string | null;
  /** When it is tried again, and that it waits for this. */
  runAt: string | null;
  waitingFor: string | null;
  error: string | null;
  /** What went wrong, for the history. */
  history: Failure[];
}

interface Failure {
  at: string;
  attempt: number;
  error: string;
}

export interface JobRecorder {
  /** Hand this to the runner. */
  events: WorkerEvents;
  /** Counts jobs that became dead letters when a dead worker's were freed. */
  countBuried(jobs: readonly BuriedJob[]): void;
  /** Writes what is not written yet. */
  flush(): Promise<void>;
}

const FLUSH_MS = 100;
const RETRY_MS = 2_000;
const MAX_ERROR = 500;
/** How many sets of rows of a minute there are for workers to add into. */
const SHARDS = 64;

const payloadWithEnvelope = z.looseObject({ envelope: envelope.pick({ jobId: true }) });

/**
 * Writes how jobs end from a runner's events into job_records, many at a time: a statement per event would cost as much
 * as the job. (That a job runs is written when it is taken: see fence.ts.) The same statement adds to the history of the
 * minute, so that nothing is counted twice when a write is repeated. What failed for good goes to the dead letters. What is lost with a killed process is mended when its death is noticed, or when a worker starts (see
 * mend-records.ts).
 *
 * @param onError what to do when a write fails; the changes are kept and written with the next ones, or after a while
 */
export function createJobRecorder(
  pool: Pick<pg.Pool, "query">,
  clock: () => Date,
  onError: (error: unknown) => void,
): JobRecorder {
  const events: WorkerEvents = new EventEmitter();
  let changes = new Map<string, JobChange>();
  const minutes = new JobMinutes();
  const shard = Math.floor(Math.random() * SHARDS);
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const flushAfter = (ms: number) => {
    timer ??= setTimeout(() => void flush(), ms).unref();
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(async () => {
      if (changes.size === 0 && minutes.size === 0) return;
      const batch = changes;
      const history = minutes.take();
      changes = new Map();
      try {
        await writeChanges(pool, [...batch.values()], history, shard);
      } catch (error) {
        changes = laterOver(batch, changes);
        minutes.merge(history);
        flushAfter(RETRY_MS);
        onError(error);
        return;
      }
      // Apart: what was written once must not be written again. What is not buried now is when a worker starts.
      await buryFailed(pool, [...batch.values()]).catch(onError);
    });
    return writing;
  };

  const note = (job: Job, change: Partial<JobChange> & Pick<JobChange, "state">) => {
    const known = payloadWithEnvelope.safeParse(job.payload);
    const id = String(job.id);
    const next: JobChange = {
      jobId: known.success ? known.data.envelope.jobId : null,
      graphileJobId: id,
      task: job.task_identifier,
      attempts: job.attempts,
      takenBy: job.locked_by,
      finishedAt: null,
      runAt: null,
      waitingFor: null,
      error: null,
      history: [],
      ...change,
    };
    changes = laterOver(changes, new Map([[id, next]]));
    flushAfter(FLUSH_MS);
  };

  /** The library's own rule: e to the power of the attempts, in seconds, from the tenth on six hours. */
  const nextAttempt = ({ attempts }: Job) =>
    new Date(clock().getTime() + Math.exp(Math.min(attempts, 10)) * 1000);

  const countEvent = (event: AttemptEvent) => {
    minutes.add(event);
    countAttempt(event);
    flushAfter(FLUSH_MS);
  };
  followAttempts(events, clock, countEvent);
  const now = () => clock().toISOString();
  events.on("job:success", ({ job }) => note(job, { state: "FINISHED", finishedAt: now() }));
  events.on("job:error", ({ job, error }) => {
    // Another has the job, and tells of it.
    if (error instanceof JobTakenOver) return;
    const message = messageOf(error);
    const failure = { at: now(), attempt: job.attempts, error: message };
    const at = nextAttempt(job);
    note(job, {
      state: "WAITING",
      runAt: at.toISOString(),
      waitingFor: waitingForRetry(job.attempts, at, clock()),
      error: message,
      history: [failure],
    });
  });
  // Comes after the error's event.
  events.on("job:failed", ({ job, error }) => {
    if (error instanceof JobTakenOver) return;
    note(job, { state: "FAILED", finishedAt: now() });
  });
  const countBuried = (jobs: readonly BuriedJob[]) => {
    for (const job of jobs) countEvent({ kind: "DEAD", ...job, at: clock(), ms: undefined });
  };
  return { events, countBuried, flush };
}

/** The later change of each job, with what only the earlier one tells: what went wrong. */
function laterOver(
  earlier: ReadonlyMap<string, JobChange>,
  later: ReadonlyMap<string, JobChange>,
): Map<string, JobChange> {
  const merged = new Map(earlier);
  for (const [id, change] of later) {
    const before = merged.get(id);
    merged.set(id, {
      ...change,
      error: change.error ?? before?.error ?? null,
      history: [...(before?.history ?? []), ...change.history],
    });
  }
  return merged;
}

/** The message alone: details and hints of PostgreSQL's errors may hold values. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.slice(0, MAX_ERROR);
}

/**
 * The last error of a job that went well in the end stays to be seen; what it waited for does not. One message that
 * jsonb refuses would keep all records from being written.
 *
 * @param history is added up in the order of its key, so that two workers of one shard never wait for each other
 */
async function writeChanges(
  pool: Pick<pg.Pool, "query">,
  changes: readonly JobChange[],
  history: readonly JobMinute[],
  shard: number,
): Promise<void> {
  await pool.query(
    `with change as (
       select * from jsonb_to_recordset($1) as c (
         "jobId" bigint, "graphileJobId" bigint, task text, state text, attempts int, "takenBy" text,
         "finishedAt" timestamptz, "runAt" timestamptz, "waitingFor" text, error text, history jsonb)
     ), enqueued as (
       update blindagem_private.job_records r
       set state = c.state, attempts = c.attempts, graphile_job_id = c."graphileJobId", waiting_for = c."waitingFor",
         run_at = coalesce(c."runAt", r.run_at), last_error = coalesce(c.error, r.last_error), finished_at = c."finishedAt",
         history = nullif(coalesce(r.history, '[]') || c.history, '[]')
       from change c where r.id = c."jobId" and (r.taken_by is null or r.taken_by = c."takenBy")
     ), counted as (
       insert into blindagem_private.job_minutes as m (organization_id, minute, task, shard, started, finished, failed,
         dead, wait_ms, run_ms, wait_histogram, run_histogram)
       select "organizationId", minute, task, $3, started, finished, failed, dead, "waitMs", "runMs", waits, runs
       from jsonb_to_recordset($2) as h (
         "organizationId" bigint, minute timestamptz, task text, started int, finished int, failed int, dead int,
         "waitMs" bigint, "runMs" bigint, waits int[], runs int[])
       order by 1, 2, 3
       on conflict (organization_id, minute, task, shard) do update
       set started = m.started + excluded.started, finished = m.finished + excluded.finished,
         failed = m.failed + excluded.failed, dead = m.dead + excluded.dead,
         wait_ms = m.wait_ms + excluded.wait_ms, run_ms = m.run_ms + excluded.run_ms,
         wait_histogram = blindagem_private.add_histograms(m.wait_histogram, excluded.wait_histogram),
         run_histogram = blindagem_private.add_histograms(m.run_histogram, excluded.run_histogram)
     )
     insert into blindagem_private.job_records as r (
       task, state, attempts, graphile_job_id, finished_at, run_at, waiting_for, last_error, history)
     select task, state, attempts, "graphileJobId", "finishedAt", coalesce("runAt", clock_timestamp()), "waitingFor", error, nullif(history, '[]')
     from change where "jobId" is null
     on conflict (graphile_job_id) where graphile_job_id is not null do update
     set state = excluded.state, attempts = excluded.attempts, last_error = coalesce(excluded.last_error, r.last_error),
       finished_at = excluded.finished_at, waiting_for = excluded.waiting_for,
       run_at = case when excluded.state = 'WAITING' then excluded.run_at else r.run_at end,
       history = nullif(coalesce(r.history, '[]') || coalesce(excluded.history, '[]'), '[]')
     where r.taken_by is null or r.taken_by = (
       select c."takenBy" from change c where c."graphileJobId" = excluded.graphile_job_id)`,
    [storableJson(changes), JSON.stringify(history), shard],
  );
}

/** The library tells of the last failure before it notes it: then the job is still locked by this process. */
async function buryFailed(
  pool: Pick<pg.Pool, "query">,
  changes: readonly JobChange[],
): Promise<void> {
  const failed = changes.filter(({ state }) => state === "FAILED");
  if (failed.length === 0) return;
  await pool.query("select blindagem_private.bury_failed_jobs($1, $2)", [
    failed.map(({ graphileJobId }) => graphileJobId),
    [...new Set(failed.map(({ takenBy }) => takenBy))],
  ]);
}
