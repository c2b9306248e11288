import pg from "pg";
import type { Logger } from "pino";
import { endUnanswered } from "../database/end-unanswered.ts";
import { KEEP_ALIVE } from "../database/keep-alive.ts";
import { applicationName } from "./liveness.ts";
import { outlast } from "./lost-connection.ts";
import { noteWaiting } from "./waiting-since.ts";

/** No statement of a task takes minutes: one that does waits for a lock that nobody gives free, or for a lost answer. */
const STATEMENT_TIMEOUT_MS = 300_000;
/** Where not even the server's time-out gets through. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 10_000;
/** Tasks wait for nothing outside within a transaction; a process that stands still holds its locks no longer than this. */
const IDLE_IN_TRANSACTION_MS = 120_000;
const CONNECT_TIMEOUT_MS = 15_000;

/** The statements by which the library notes how jobs ended, by their names. Each may run twice. */
const JOB_END = /^(complete|fail)_jobs?(_q)?\//;

export interface WorkerPool {
  pool: pg.Pool;
  /** Whoever waits for the database to come back gets its error now. */
  giveUp(): void;
  close(): Promise<void>;
  /** Closes the connections that have waited so long for an answer: they fail at once what is asked on them. */
  endWaiting(waitedMs: number): void;
  /** Closes all its sockets at once, whatever waits for an answer on them, and opens no more. */
  breakOff(): Promise<void>;
}

/**
 * The connections of a worker's jobs. Each wait has an end: a peer that vanishes while it works at a statement is noticed by
 * the kernel's probes after 20 s, one that never acknowledges the statement (keep-alive.ts), or never answers it, by the
 * time-outs, or as soon as the heartbeats' session was given up for the same (endWaiting); its connection is closed then.
 *
 * They may be lost, every one at once: the server restarts, or somebody ends its sessions. A transaction that was under
 * way fails, and the library tries its job again. But whoever asks for a connection waits until there is one again, and
 * that a job has ended is noted on another one: the library would give the whole lane up, and leave the job locked.
 */
export function createWorkerPool(
  databaseUrl: string,
  workerId: string,
  max: number,
  logger: Logger,
  answerTimeoutMs = ANSWER_TIMEOUT_MS,
): WorkerPool {
  const patience = new AbortController();
  const clients = new Map<pg.PoolClient, () => number | undefined>();
  const onLost = (error: unknown) =>
    logger.warn(
      { cause: error instanceof Error ? error.message : "unknown" },
      "the database is not reached; it is tried again",
    );
  const watched = (pool: pg.Pool) => {
    pool.on("error", (error) =>
      logger.warn({ cause: error.message }, "an idle connection was lost"),
    );
    pool.on("connect", (client) => {
      clients.set(client, noteWaiting(client));
      client.on("error", (error) => logger.warn({ cause: error.message }, "a connection was lost"));
      endUnanswered(client, () => logger.warn("no answer in time: the connection is closed"));
    });
    pool.on("remove", (client) => clients.delete(client));
    return pool;
  };
  const config = {
    connectionString: databaseUrl,
    application_name: applicationName(workerId),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...KEEP_ALIVE,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: answerTimeoutMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
  const pool = watched(new PatientPool({ ...config, max }, patience.signal, onLost));
  // Connects only in that case. The library keeps the lost connection in the pool's place until its statement is done.
  const spare = watched(new pg.Pool({ ...config, max: 1 }));
  pool.on("connect", (client) => {
    const { query } = client;
    Object.assign(client, {
      query(...args: unknown[]) {
        const [statement] = args;
        if (args.length > 1 || !isJobEnd(statement)) return Reflect.apply(query, client, args);
        let isFirst = true;
        const note = () => {
          if (!isFirst) return spare.query(statement);
          isFirst = false;
          return Reflect.apply(query, client, args);
        };
        return outlast(note, patience.signal, onLost);
      },
    });
  });
  return {
    pool,
    giveUp: () => patience.abort(),
    async close() {
      // Whoever asks for a connection from now on gets none: without this it would be tried again for ever.
      patience.abort();
      await pool.end();
      await spare.end();
    },
    endWaiting(waitedMs) {
      for (const [client, waitingSince] of clients) {
        const since = waitingSince();
        if (since === undefined || performance.now() - since < waitedMs) continue;
        logger.warn("no answer, as on the heartbeats' session: the connection is closed");
        if (client instanceof pg.Client) void client.end();
      }
    },
    async breakOff() {
      patience.abort();
      for (const each of [pool, spare]) {
        // Not waited for: it ends when whoever has a connection gives it back.
        if (!each.ending) void each.end();
      }
      await Promise.allSettled(
        [...clients.keys()].map((client) =>
          client instanceof pg.Client ? client.end() : undefined,
        ),
      );
    },
  };
}

function isJobEnd(statement: unknown): statement is pg.QueryConfig & { name: string } {
  return (
    typeof statement === "object" &&
    statement !== null &&
    "name" in statement &&
    typeof statement.name === "string" &&
    JOB_END.test(statement.name)
  );
}

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/** A pool that goes on trying to connect. Who is called back is told of the error as ever: the library's listener. */
class PatientPool extends pg.Pool {
  readonly #patience: AbortSignal;
  readonly #onLost: (error: unknown) => void;

  constructor(config: pg.PoolConfig, patience: AbortSignal, onLost: (error: unknown) => void) {
    super(config);
    this.#patience = patience;
    this.#onLost = onLost;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (callback) {
      super.connect(callback);
      return undefined;
    }
    return outlast(() => super.connect(), this.#patience, this.#onLost);
  }
}
