import { EventEmitter } from "node:events";
import type { Job, WorkerEvents } from "graphile-worker";
import type pg from "pg";
import { z } from "zod";
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
const MAX_ERROR = 500;

const payloadWithEnvelope = z.looseObject({ envelope: envelope.pick({ jobId: true }) });

/**
 * Writes jobs' states from a runner's events into job_records, many at a time: a statement per event would cost as
 * much as the job. What is lost with a killed process is mended by the next event of the job.
 *
 * @param onError what to do when a write fails; the changes are kept and written with the next ones
 */
export function createJobRecorder(
  pool: pg.Pool,
  clock: () => Date,
  onError: (error: unknown) => void,
): JobRecorder {
  const events: WorkerEvents = new EventEmitter();
  let changes = new Map<string, JobChange>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

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
        changes = new Map([...batch, ...changes]);
        onError(error);
      }
    });
    return writing;
  };

  const note = (job: Job, change: Partial<JobChange> & Pick<JobChange, "state">) => {
    const id = String(job.id);
    const earlier = changes.get(id);
    const known = payloadWithEnvelope.safeParse(job.payload);
    changes.set(id, {
      jobId: known.success ? known.data.envelope.jobId : null,
      graphileJobId: id,
      task: job.task_identifier,
      attempts: job.attempts,
      startedAt: earlier?.startedAt ?? null,
      finishedAt: null,
      error: null,
      ...change,
    });
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
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

/** The message alone: details and hints of PostgreSQL's errors may hold values. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.slice(0, MAX_ERROR);
}

async function writeChanges(pool: pg.Pool, changes: readonly JobChange[]): Promise<void> {
  await pool.query(
    `with change as (
       select * from jsonb_to_recordset($1) as c (
         "jobId" bigint, "graphileJobId" bigint, task text, state text, attempts int,
         "startedAt" timestamptz, "finishedAt" timestamptz, error text)
     ), enqueued as (
       update blindagem_private.job_records r
       set state = c.state, attempts = c.attempts, graphile_job_id = c."graphileJobId", last_error = c.error,
         started_at = coalesce(c."startedAt", r.started_at), finished_at = c."finishedAt"
       from change c where r.id = c."jobId"
     )
     insert into blindagem_private.job_records as r (
       task, state, attempts, graphile_job_id, started_at, finished_at, last_error)
     select task, state, attempts, "graphileJobId", "startedAt", "finishedAt", error
     from change where "jobId" is null
     on conflict (graphile_job_id) where graphile_job_id is not null do update
     set state = excluded.state, attempts = excluded.attempts, last_error = excluded.last_error,
       started_at = coalesce(excluded.started_at, r.started_at), finished_at = excluded.finished_at`,
    [JSON.stringify(changes)],
  );
}
