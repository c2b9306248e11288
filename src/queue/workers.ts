import { Logger as GraphileLogger, type Runner, run } from "graphile-worker";
import pg from "pg";
import type { Logger } from "pino";
import { createJobRecorder } from "./job-recorder.ts";
import { CRONTAB, loadLanes } from "./lanes.ts";
import { mendRecords } from "./mend-records.ts";
import { type ProviderLimit, setProviderLimit } from "./provider-slot.ts";

export interface WorkersOptions {
  /** Connection of the worker login. */
  databaseUrl: string;
  /** How many quick jobs run at once in this process. */
  concurrency: number;
  /** How many slow ones (HTTP, OCR). */
  slowConcurrency: number;
  limits: readonly ProviderLimit[];
  logger: Logger;
  clock: () => Date;
}

/** Running jobs have so long to finish before they are told to give up: a page of OCR may take most of it. */
const DRAIN_MS = 30_000;

export interface Workers {
  /** Resolves when the workers were stopped, and rejects when they end by themselves: the process is then to be restarted. */
  finished: Promise<void>;
  /** Takes no more jobs and waits for the running ones. */
  stop(): Promise<void>;
}

/** Runs the tasks of `tasks/` in two lanes, quick and slow, and keeps the records of their jobs. */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { logger } = options;
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.concurrency + options.slowConcurrency + 6,
    application_name: "blindagem worker",
  });
  pool.on("error", (error) => logger.warn({ cause: error.message }, "an idle connection was lost"));
  pool.on("connect", (client) => {
    client.on("error", (error) => logger.warn({ cause: error.message }, "a connection was lost"));
  });
  await withClient(pool, async (client) => {
    for (const limit of options.limits) await setProviderLimit(client, limit);
    await mendRecords(client, options.clock());
  });
  const recorder = createJobRecorder(pool, options.clock, (error) =>
    logger.error(
      { cause: error instanceof Error ? error.message : "unknown" },
      "job records were not written",
    ),
  );
  const lanes = await loadLanes();
  const shared = {
    pgPool: pool,
    noHandleSignals: true,
    gracefulShutdownAbortTimeout: DRAIN_MS,
    events: recorder.events,
    logger: new GraphileLogger(libraryLog(logger)),
    pollInterval: 1000,
  };
  const runners: Runner[] = [];
  const stop = async () => {
    // One that has ended by itself refuses to be stopped: the other one and the records come first all the same.
    await Promise.allSettled(runners.map((runner) => runner.stop()));
    await Promise.allSettled(runners.map(({ promise }) => promise));
    await recorder.flush();
    await pool.end();
  };
  try {
    runners.push(
      await run({
        ...shared,
        concurrency: options.concurrency,
        taskList: lanes.quick,
        crontabFile: CRONTAB,
      }),
    );
    runners.push(
      await run({
        ...shared,
        concurrency: options.slowConcurrency,
        taskList: lanes.slow,
        parsedCronItems: [],
      }),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  let stopping = false;
  return {
    // A runner's promise resolves whether it was stopped or its pool broke down.
    finished: Promise.race(runners.map(({ promise }) => promise)).then(() => {
      if (!stopping) throw new Error("A lane of workers ended by itself.");
    }),
    stop() {
      stopping = true;
      return stop();
    },
  };
}

async function withClient(
  pool: pg.Pool,
  use: (client: pg.PoolClient) => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await use(client);
  } finally {
    client.release();
  }
}

/** The library's own lines: its warnings and errors; what it tells of each job, our records tell. */
function libraryLog(logger: Logger) {
  return () => (level: string, message: string) => {
    if (level === "error") logger.error({ source: "graphile-worker" }, message);
    else if (level === "warning") logger.warn({ source: "graphile-worker" }, message);
    else logger.debug({ source: "graphile-worker" }, message);
  };
}
