import { Logger as GraphileLogger, type Runner, run } from "graphile-worker";
import pg from "pg";
import type { Logger } from "pino";
import { createJobRecorder } from "./job-recorder.ts";
import { CRONTAB, loadLanes } from "./lanes.ts";
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

export interface Workers {
  /** Settles when the workers end, and rejects when they end by a fault: the process is then to be restarted. */
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
  await storeLimits(pool, options.limits);
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
    events: recorder.events,
    logger: new GraphileLogger(libraryLog(logger)),
    pollInterval: 1000,
  };
  const runners: Runner[] = [
    await run({
      ...shared,
      concurrency: options.concurrency,
      taskList: lanes.quick,
      crontabFile: CRONTAB,
    }),
    await run({
      ...shared,
      concurrency: options.slowConcurrency,
      taskList: lanes.slow,
      parsedCronItems: [],
    }),
  ];
  return {
    finished: Promise.all(runners.map(({ promise }) => promise)).then(() => undefined),
    async stop() {
      await Promise.all(runners.map((runner) => runner.stop()));
      await recorder.flush();
      await pool.end();
    },
  };
}

async function storeLimits(pool: pg.Pool, limits: readonly ProviderLimit[]): Promise<void> {
  const client = await pool.connect();
  try {
    for (const limit of limits) await setProviderLimit(client, limit);
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
