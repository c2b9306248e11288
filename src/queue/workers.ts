import { randomUUID } from "node:crypto";
import { Logger as GraphileLogger, type Runner, run, type WorkerPool } from "graphile-worker";
import type pg from "pg";
import type { Logger } from "pino";
import { measurePool } from "../observability/pool-metrics.ts";
import { HolderTakenForDead } from "./fence.ts";
import { FetchedJobs } from "./fetched-jobs.ts";
import { showTasks } from "./job-metrics.ts";
import { createJobRecorder } from "./job-recorder.ts";
import { CRONTAB, LANES, type Lane, loadLanes } from "./lanes.ts";
import { DEAD_AFTER_MS, HEARTBEAT_MS, startLiveness } from "./liveness.ts";
import { mendRecords } from "./mend-records.ts";
import { mendSchedule } from "./mend-schedule.ts";
import { type ProviderLimit, reopenDay, setProviderLimit } from "./provider-slot.ts";
import { adoptLines } from "./provider-turn.ts";
import { followProviderTurns } from "./provider-turns.ts";
import { followVirtualTime } from "./virtual-clock.ts";
import { createWorkerPool } from "./worker-pool.ts";

export interface WorkersOptions {
  /** Connection of the worker login. */
  databaseUrl: string;
  /** How many jobs of each lane run at once in this process. */
  concurrency: Readonly<Record<Lane, number>>;
  limits: readonly ProviderLimit[];
  logger: Logger;
  clock: () => Date;
  /** See liveness.ts. */
  onTime?: (time: Date, waitedMs: number) => void;
  heartbeatMs?: number;
  deadAfterMs?: number;
}

/** Running jobs have so long to finish before they are told to give up: a page of OCR may take most of it. */
const DRAIN_MS = 30_000;

export interface Workers {
  /** Resolves when the workers were stopped, and rejects when they end by themselves: the process is then to be restarted. */
  finished: Promise<void>;
  /** Takes no more jobs and waits for the running ones. */
  stop(): Promise<void>;
}

/** Beside a connection for each running job: two a runner, for its own and to listen; one for the records. (One more, the heartbeat's, is not the pool's.) */
export function connectionsOf(concurrency: Readonly<Record<Lane, number>>): number {
  return LANES.reduce((sum, lane) => sum + concurrency[lane], 0) + 2 * LANES.length + 1;
}

/** Runs the tasks of `tasks/`, each lane in a runner of its own, and keeps the records of their jobs. */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { logger } = options;
  const workerId = randomUUID();
  const { pool, giveUp, close, endWaiting, breakOff } = createWorkerPool(
    options.databaseUrl,
    workerId,
    connectionsOf(options.concurrency),
    logger,
  );
  const recorder = createJobRecorder(pool, options.clock, (error) =>
    logger.error(
      { cause: error instanceof Error ? error.message : "unknown" },
      "job records were not written",
    ),
  );
  const liveness = await startLiveness({
    databaseUrl: options.databaseUrl,
    workerId,
    concurrency: options.concurrency,
    heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
    deadAfterMs: options.deadAfterMs ?? DEAD_AFTER_MS,
    fetched: new FetchedJobs(recorder.events),
    onBuried: recorder.countBuried,
    onUnanswered: endWaiting,
    onTime: options.onTime,
    logger,
  });
  measurePool(pool);
  await withClient(pool, async (client) => {
    for (const limit of options.limits) {
      await reopenDay(client, limit, options.clock());
      await setProviderLimit(client, limit);
      const adopted = await adoptLines(client, limit);
      if (adopted > 0) {
        logger.info(
          { provider: limit.provider, requests: adopted },
          "what waited for another credential waits for this one now",
        );
      }
    }
    await mendRecords(client, options.clock());
    await mendSchedule(client);
  });
  const virtualClock = followVirtualTime(recorder.events, pool, (error) =>
    logger.warn(
      { cause: error instanceof Error ? error.message : "unknown" },
      "the virtual time was not advanced",
    ),
  );
  const providerTurns = followProviderTurns(pool, options.limits, options.clock, (error) =>
    logger.warn(
      { cause: error instanceof Error ? error.message : "unknown" },
      "the providers' slots were not given",
    ),
  );
  const poolsKnown = new Map<string, Promise<void>>();
  recorder.events.on("pool:create", ({ workerPool }) => {
    poolsKnown.set(workerPool.id, liveness.addPool(workerPool.id));
  });
  const stops = Promise.withResolvers<void>();
  recorder.events.on("job:error", ({ error }) => {
    if (!(error instanceof HolderTakenForDead)) return;
    liveness.die();
    // Before the library notes the failure, which it would on a job that this process has fetched again by now.
    void breakOff();
  });
  const lanes = await loadLanes();
  showTasks(LANES.flatMap((lane) => Object.keys(lanes[lane])));
  const shared = {
    pgPool: pool,
    noHandleSignals: true,
    gracefulShutdownAbortTimeout: DRAIN_MS,
    events: recorder.events,
    logger: new GraphileLogger(libraryLog(logger)),
    pollInterval: 1000,
    // By batches, or a job whose end cannot be noted would end the process with a rejection that nobody handles.
    preset: {
      worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
      plugins: [
        beforeFirstJob(({ id }) =>
          Promise.race([poolsKnown.get(id), stops.promise]).then(() => undefined),
        ),
      ],
    },
  };
  const runners: Runner[] = [];
  const stop = async () => {
    const patience = setTimeout(giveUp, DRAIN_MS);
    // One that has ended by itself refuses to be stopped: the other one and the records come first all the same.
    const stopped = runners.map((runner) => runner.stop());
    stops.resolve();
    await Promise.allSettled(stopped);
    await Promise.allSettled(runners.map(({ promise }) => promise));
    await Promise.all([recorder.flush(), virtualClock.flush(), providerTurns.stop()]);
    clearTimeout(patience);
    await close();
    await liveness.stop();
  };
  try {
    for (const lane of LANES) {
      runners.push(
        await run({
          ...shared,
          concurrency: options.concurrency[lane],
          taskList: lanes[lane],
          ...(lane === "PROVIDER" && { forbiddenFlags: providerTurns.foreignFlags }),
          ...(lane === "QUICK" ? { crontabFile: CRONTAB } : { parsedCronItems: [] }),
        }),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  let stopping = false;
  let isDead = false;
  const died = liveness.died.catch((error: unknown) => {
    isDead = true;
    throw error;
  });
  return {
    // A runner's promise resolves whether it was stopped or its pool broke down.
    finished: Promise.race([...runners.map(({ promise }) => promise), died]).then(() => {
      if (!stopping) throw new Error("A lane of workers ended by itself.");
    }),
    stop() {
      stopping = true;
      // Whatever a dead one still does is void: nothing of it is waited for.
      return isDead ? breakOff() : stop();
    },
  };
}

/** Has each of the library's workers wait for something before it fetches its first job. */
function beforeFirstJob(wait: (pool: WorkerPool) => Promise<void>): GraphileConfig.Plugin {
  return {
    name: "BeforeFirstJob",
    version: "1.0.0",
    worker: { hooks: { startWorker: (_, { worker }) => wait(worker.workerPool) } },
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
