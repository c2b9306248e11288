import pg from "pg";
import { endUnanswered } from "../database/end-unanswered.ts";
import { KEEP_ALIVE } from "../database/keep-alive.ts";
import { errorForLog } from "./errors.ts";
import { limitFirstAnswer } from "./first-answer.ts";
import type { ApiOptions } from "./options.ts";
import { LONGEST_STATEMENT_MS } from "./request-settings.ts";

const CONNECTION_TIMEOUT_MS = 5_000;
/** Where not even the server's time-out gets through. */
const ANSWER_TIMEOUT_MS = LONGEST_STATEMENT_MS + 10_000;
/** Before most clients, and the proxies before us, have given the request up. */
const FIRST_ANSWER_TIMEOUT_MS = 10_000;

/**
 * Connections for requests. Each wait has an end: without one, ten connections that no longer carried anything, and that
 * nobody had closed, kept every request from the database for good.
 *
 * @param name that the server shows of them
 */
export function createPool(options: ApiOptions, name: string, max: number): pg.Pool {
  const { databaseUrl, logger, answerTimeoutMs = ANSWER_TIMEOUT_MS } = options;
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: name,
    max,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    query_timeout: answerTimeoutMs,
    ...KEEP_ALIVE,
  });
  limitFirstAnswer(pool, Math.min(FIRST_ANSWER_TIMEOUT_MS, answerTimeoutMs));
  // A connection that breaks while idle is replaced by the next one.
  pool.on("error", (error) => logger.warn({ error: errorForLog(error) }, "idle connection lost"));
  pool.on("connect", (client) => {
    // One that breaks while a request has it fails the request's next statement; unheard, the event would end the process.
    client.on("error", (error) => logger.warn({ error: errorForLog(error) }, "connection lost"));
    endUnanswered(client, () => logger.warn("no answer in time: the connection is closed"));
  });
  return pool;
}
