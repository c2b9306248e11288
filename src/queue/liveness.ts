import { hostname } from "node:os";
import type pg from "pg";
import type { Logger } from "pino";
import { isUnanswered } from "../database/end-unanswered.ts";
import { openSession } from "../database/open-session.ts";
import type { FetchedJobs } from "./fetched-jobs.ts";
import type { Lane } from "./lanes.ts";
import { isConnectionLost } from "./lost-connection.ts";
import { type BuriedJob, recoverJobs } from "./recover-jobs.ts";

/** What every connection of a worker process is called: by it a dead one's sessions are found and ended. */
export function applicationName(workerId: string): string {
  return `blindagem worker ${workerId}`;
}

export const HEARTBEAT_MS = 10_000;
export const DEAD_AFTER_MS = 45_000;

/** Others have taken this process for dead; whatever it still does is void, and it is to be started again. */
export class TakenForDead extends Error {
  constructor(workerId: string, deadAfterMs: number) {
    super(
      `This worker (${workerId}) was taken for dead: the database had not heard of it for ${deadAfterMs} ms. Its jobs are others' now; it ends, and is to be started again.`,
    );
    this.name = "TakenForDead";
  }
}

export interface LivenessOptions {
  databaseUrl: string;
  workerId: string;
  concurrency: Readonly<Record<Lane, number>>;
  /** How often it tells that it lives, and looks for others that do not. */
  heartbeatMs: number;
  /** One that was not heard of for so long, by the database's clock, is dead. */
  deadAfterMs: number;
  /** What the process has fetched; what is locked for it beside that for `deadAfterMs` is given back. */
  fetched: FetchedJobs;
  /** Told of the jobs that this process has buried when it freed a dead one's. */
  onBuried(jobs: readonly BuriedJob[]): void;
  /**
   * Told when its session was replaced because it got no answer for so long. The database answers again: what other
   * connections wait for as long may never come.
   */
  onUnanswered(waitedMs: number): void;
  /** Told with each heartbeat what time the database says it is, and how long it was waited for. */
  onTime?: ((time: Date, waitedMs: number) => void) | undefined;
  logger: Logger;
}

export interface Liveness {
  /**
   * Notes a pool id under which this process locks jobs.
   *
   * @returns when the database knows of it: jobs that are locked under it before then, nobody frees if the process is killed
   */
  addPool(poolId: string): Promise<void>;
  /** Rejects when others have taken this process for dead: its jobs are theirs, and it is to end. */
  died: Promise<never>;
  /** Notes that others have taken this process for dead, where that is found otherwise than by a heartbeat. */
  die(): void;
  /** Gives free what the process still holds, and tells no more. */
  stop(): Promise<void>;
}

/**
 * Registers this worker process, tells on a connection of its own that it lives (jobs may use up the pool's), and frees
 * the jobs of those that are dead: 45 s without a heartbeat, 10 s until the next one looks, and a second until the
 * library polls make less than a minute.
 *
 * A connection that does not answer is given up and made anew. The process never judges by its own clock: what others
 * have made of it stands in its row. That the dead ones' jobs cannot be freed stops nobody: it is tried again with the next
 * heartbeat.
 */
export async function startLiveness(options: LivenessOptions): Promise<Liveness> {
  const { workerId, heartbeatMs, deadAfterMs, logger } = options;
  if (deadAfterMs < 3 * heartbeatMs) {
    throw new Error(
      `A worker that may miss no heartbeat would be taken for dead while it lives: WORKER_DEAD_AFTER_MS (${deadAfterMs}) is to be three times WORKER_HEARTBEAT_MS (${heartbeatMs}) or more.`,
    );
  }
  const pools: string[] = [];
  const untold = new Map<string, () => void>();
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isUnheard = false;
  // Soon enough for another try before this process is taken for dead.
  const patience = deadAfterMs / 3;
  let beating: Promise<void> = Promise.resolve();
  let tellDeath: (error: Error) => void = () => undefined;
  const died = new Promise<never>((_, reject) => {
    tellDeath = reject;
  });
  // Whoever waits for it hears of it; until then nobody may.
  died.catch(() => undefined);

  const connected = async (): Promise<pg.Client> => {
    if (client) return client;
    const next = await openSession({
      connectionString: options.databaseUrl,
      application_name: applicationName(workerId),
      connectionTimeoutMillis: patience,
      query_timeout: patience,
      // The server's comes first: what is not answered then is the connection's fault, and nothing goes on unheard.
      statement_timeout: Math.floor(patience * 0.75),
    });
    const forget = () => {
      if (client === next) client = undefined;
    };
    next.on("error", forget).on("end", forget);
    client = next;
    if (isUnheard) options.onUnanswered(patience);
    isUnheard = false;
    return next;
  };
  const die = () => {
    isStopped = true;
    clearTimeout(timer);
    tellDeath(new TakenForDead(workerId, deadAfterMs));
    void client?.end();
  };
  let lookedAt = performance.now();
  const giveBack = async (connection: pg.Client) => {
    // It reads the queue: not with each heartbeat.
    if (performance.now() - lookedAt < deadAfterMs) return;
    lookedAt = performance.now();
    const jobs = await options.fetched.giveBackUnheardOf(connection, pools, deadAfterMs);
    if (jobs > 0) logger.warn({ jobs }, "no answer told of jobs that were fetched; they are free");
  };
  const recover = async (connection: pg.Client) => {
    try {
      options.onBuried(await recoverJobs(connection, deadAfterMs, logger));
      await giveBack(connection);
    } catch (error) {
      if (isConnectionLost(error)) throw error;
      logger.warn(
        { cause: error instanceof Error ? error.message : "unknown" },
        "the jobs of dead workers were not freed; it is tried again with the next heartbeat",
      );
    }
  };

  /** @returns whether the database answered */
  const beat = async (): Promise<boolean> => {
    try {
      const connection = await connected();
      const telling = [...pools];
      const askedAt = performance.now();
      const { rows } = await connection.query<{ heartbeat_at: Date }>(
        `update blindagem_private.workers set heartbeat_at = clock_timestamp(), pool_ids = $2
         where id = $1 and stopped_at is null returning heartbeat_at`,
        [workerId, telling],
      );
      const [told] = rows;
      if (!told) {
        die();
        return true;
      }
      options.onTime?.(told.heartbeat_at, performance.now() - askedAt);
      for (const poolId of telling) {
        untold.get(poolId)?.();
        untold.delete(poolId);
      }
      await recover(connection);
      return true;
    } catch (error) {
      isUnheard ||= isUnanswered(error);
      logger.warn(
        { cause: error instanceof Error ? error.message : "unknown" },
        "the heartbeat failed; it is tried again",
      );
      // `end` waits for nothing when a query hangs: it closes the socket.
      await client?.end().catch(() => undefined);
      client = undefined;
      return false;
    }
  };
  // A process that stood still has lost its connection: with a second try at once it hears of its death before it does much more.
  const beatTwice = async () => {
    if (!(await beat()) && !isStopped) await beat();
  };
  const next = () => {
    if (isStopped) return;
    timer = setTimeout(() => {
      beating = beating.then(beatTwice).finally(next);
    }, heartbeatMs);
  };

  try {
    const first = await connected();
    await first.query(
      "insert into blindagem_private.workers (id, host, pid, concurrency) values ($1, $2, $3, $4)",
      [workerId, hostname(), process.pid, JSON.stringify(options.concurrency)],
    );
    await beat();
  } catch (error) {
    await client?.end().catch(() => undefined);
    throw error;
  }
  next();

  return {
    addPool(poolId) {
      pools.push(poolId);
      const told = new Promise<void>((resolve) => untold.set(poolId, resolve));
      beating = beating.then(beatTwice);
      return told;
    },
    died,
    die,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await beating;
      clearTimeout(timer);
      try {
        const connection = await connected();
        await connection.query("select blindagem_private.end_worker($1, false)", [workerId]);
      } catch (error) {
        logger.warn(
          { cause: error instanceof Error ? error.message : "unknown" },
          "the worker's end was not noted: others free its jobs when its heartbeat is too old",
        );
      }
      await client?.end().catch(() => undefined);
    },
  };
}
