import { EventEmitter } from "node:events";
import type { Job, WorkerEvents } from "graphile-worker";
import type pg from "pg";
import { z } from "zod";
import { storableJson } from "../database/storable-json.ts";
import { envelope } from "./envelope.ts";

/** What has become of a job, as the record keeps it. */
interface JobChange {
  /** Null for cron's jobs, which nobody enqueued: they get their record here. */
  jobId: string | null;
  graphileJobId: string;
  task: string;
  state: "WAITING" | "RUNNING" | "FINISHED" | "FAILED";
  attempts: number;
  startedAt: string | null;
  finishedAt: string | null;
  error: string | null;
}

export interface JobRecorder {
  /** Hand this to the runner. */
  events: WorkerEvents;
  /** Writes what is not written yet. */
  flush(): Promise<void>;
}

const FLUSH_MS = 100;
const RETRY_MS = 2_000;
const MAX_ERROR = 500;

const payloadWithEnvelope = z.looseObject({ envelope: envelope.pick({ jobId: true }) });

/**
 * Writes jobs' states from a runner's events into job_records, many at a time: a statement per event would cost as
 * much as the job. What is lost with a killed process is mended by the next event of the job, or when a worker starts
 * (see mend-records.ts).
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
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const flushAfter = (ms: number) => {
    timer ??= setTimeout(() => void flush(), ms).unref();
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(async () => {
      if (changes.size === 0) return;
      const batch = changes;
      changes = new Map();
      try {
        await writeChanges(pool, [...batch.values()]);
      } catch (error) {
        changes = laterOver(batch, changes);
        flushAfter(RETRY_MS);
        onError(error);
      }
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
      startedAt: null,
      finishedAt: null,
      error: null,
      ...change,
    };
    changes = laterOver(changes, new Map([[id, next]]));
    flushAfter(FLUSH_MS);
  };

  const now = () => clock().toISOString();
  events.on("job:start", ({ job }) => note(job, { state: "RUNNING", startedAt: now() }));
  events.on("job:success", ({ job }) => note(job, { state: "FINISHED", finishedAt: now() }));
  events.on("job:error", ({ job, error }) =>
    note(job, { state: "WAITING", error: messageOf(error) }),
  );
  events.on("job:failed", ({ job, error }) =>
    note(job, { state: "FAILED", finishedAt: now(), error: messageOf(error) }),
  );
  return { events, flush };
}

/** The later change of each job, with what only the earlier one tells: when it started, what went wrong. */
function laterOver(
  earlier: ReadonlyMap<string, JobChange>,
  later: ReadonlyMap<string, JobChange>,
): Map<string, JobChange> {
  const merged = new Map(earlier);
  for (const [id, change] of later) {
    const before = merged.get(id);
    merged.set(id, {
      ...change,
      startedAt: change.startedAt ?? before?.startedAt ?? null,
      error: change.error ?? before?.error ?? null,
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
 */
async function writeChanges(
  pool: Pick<pg.Pool, "query">,
  changes: readonly JobChange[],
): Promise<void> {
  await pool.query(
    `with change as (
       select * from jsonb_to_recordset($1) as c (
         "jobId" bigint, "graphileJobId" bigint, task text, state text, attempts int,
         "startedAt" timestamptz, "finishedAt" timestamptz, error text)
     ), enqueued as (
       update blindagem_private.job_records r
       set state = c.state, attempts = c.attempts, graphile_job_id = c."graphileJobId", waiting_for = null,
         last_error = coalesce(c.error, r.last_error), started_at = coalesce(c."startedAt", r.started_at),
         finished_at = c."finishedAt"
       from change c where r.id = c."jobId"
     )
     insert into blindagem_private.job_records as r (
       task, state, attempts, graphile_job_id, started_at, finished_at, last_error)
     select task, state, attempts, "graphileJobId", "startedAt", "finishedAt", error
     from change where "jobId" is null
     on conflict (graphile_job_id) where graphile_job_id is not null do update
     set state = excluded.state, attempts = excluded.attempts, last_error = coalesce(excluded.last_error, r.last_error),
       started_at = coalesce(excluded.started_at, r.started_at), finished_at = excluded.finished_at`,
    [storableJson(changes)],
  );
}
