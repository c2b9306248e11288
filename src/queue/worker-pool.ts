import pg from "pg";
import type { Logger } from "pino";
import { applicationName } from "./liveness.ts";

/** No statement of a task takes minutes: one that does waits for a lock that nobody gives free, or for a lost answer. */
const STATEMENT_TIMEOUT_MS = 300_000;
/** Where not even the server's time-out gets through. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 10_000;
/** Tasks wait for nothing outside within a transaction; a process that stands still holds its locks no longer than this. */
const IDLE_IN_TRANSACTION_MS = 120_000;
const CONNECT_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 10_000;

export interface WorkerPool {
  pool: pg.Pool;
  /** Closes all its sockets at once, whatever waits for an answer on them. */
  breakOff(): Promise<void>;
}

/**
 * The connections of a worker's jobs. Each wait has an end: a peer that has vanished is noticed by the kernel's probes
 * after 20 s, one that acknowledges and never answers by the time-outs.
 */
export function createWorkerPool(
  databaseUrl: string,
  workerId: string,
  max: number,
  logger: Logger,
): WorkerPool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    application_name: applicationName(workerId),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  });
  const clients = new Set<pg.PoolClient>();
  pool.on("error", (error) => logger.warn({ cause: error.message }, "an idle connection was lost"));
  pool.on("connect", (client) => {
    clients.add(client);
    client.on("error", (error) => logger.warn({ cause: error.message }, "a connection was lost"));
  });
  pool.on("remove", (client) => clients.delete(client));
  return {
    pool,
    async breakOff() {
      await Promise.allSettled(
        [...clients].map((client) => (client instanceof pg.Client ? client.end() : undefined)),
      );
    },
  };
}
