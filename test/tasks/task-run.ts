import { Logger as GraphileLogger, runOnce, type TaskList } from "graphile-worker";
import { createLogger } from "../../src/observability/logger.ts";
import { bucketOf } from "../../src/queue/provider-slot.ts";
import type { Services } from "../../src/services.ts";
import { attest } from "../audit/test-keys.ts";
import type { TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";

const silent = new GraphileLogger(() => () => undefined);

/** Runs all jobs that are due, with the workers' login, as the stock `graphile-worker --once` does. */
export async function runJobs(
  database: TestDatabase,
  taskList: TaskList,
  concurrency = 1,
): Promise<void> {
  await runOnce({
    connectionString: database.url("worker"),
    concurrency,
    maxPoolSize: concurrency + 2,
    taskList,
    logger: silent,
    noHandleSignals: true,
  });
  // `runOnce` may be back before its last job's completion is: a job that is done would still be seen in the queue.
  await waitFor("no job is locked", async () => {
    const { rowCount } = await database
      .pool("worker")
      .query("select from graphile_worker._private_jobs where locked_at is not null limit 1");
    return rowCount === 0;
  });
}

/** A job as the queue holds it. */
export interface QueuedJob {
  task: string;
  payload: Record<string, unknown>;
  runAt: Date;
  attempts: number;
  lastError: string | null;
  waitingFor: string | null;
}

/** The jobs in the queue, those that run first before the others. */
export async function queuedJobs(database: TestDatabase): Promise<QueuedJob[]> {
  const { rows } = await database.pool("worker").query<QueuedJob>(
    `select t.identifier as task, j.payload::jsonb - 'envelope' as payload, j.run_at as "runAt", j.attempts,
       j.last_error as "lastError", r.waiting_for as "waitingFor"
     from graphile_worker._private_jobs j
     join graphile_worker._private_tasks t on t.id = j.task_id
     left join blindagem_private.job_records r on r.id = (j.payload->'envelope'->>'jobId')::bigint or r.graphile_job_id = j.id
     order by j.run_at, j.id`,
  );
  return rows;
}

/** Takes all jobs out of the queue. */
export async function emptyQueue(database: TestDatabase): Promise<void> {
  const worker = database.pool("worker");
  await worker.query("delete from graphile_worker._private_jobs");
  await worker.query("delete from blindagem_private.work_claims");
}

/** Services of which only the given ones work. */
export function servicesOf(given: Partial<Services> & Pick<Services, "clock">): Services {
  const unused = () => Promise.reject(new Error("not part of this test"));
  return {
    logger: createLogger("silent"),
    registry: { lookup: unused },
    bank: undefined,
    waitUntil: unused,
    buckets: {
      CNPJWS: bucketOf("CNPJWS", undefined),
      PLUGGY: bucketOf("PLUGGY", undefined),
      PLUGGY_REQUESTS: bucketOf("PLUGGY_REQUESTS", undefined),
    },
    documents: { put: unused, has: unused, get: unused, remove: unused },
    attest,
    receipts: { read: unused, close: () => Promise.resolve() },
    historyDays: 90,
    checkpointDays: 30,
    close: () => Promise.resolve(),
    ...given,
  };
}
