import type pg from "pg";
import { openSession } from "../database/open-session.ts";

/** How much longer an answer may take than the statement itself. */
const ANSWER_MARGIN_MS = 10_000;
const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Opens the session of a process of which one works and the others stand by. Its turn is an advisory lock that goes with
 * the session, so both ends must come to give the session up when they no longer hear each other: the process, so as not to
 * wait for ever for an answer, and the server, since the lock would stay with a session that nobody has any more, for the
 * two hours until the kernel looks, and whoever stands by would wait for it, this process's next session among them. Its
 * statements never wait for a turn, and it asks every second, so silence is not to be mistaken.
 *
 * @param silenceMs after which both ends give it up; by default somewhat longer than a statement may take
 */
export async function openTurnSession(
  config: pg.ClientConfig & { statement_timeout: number },
  silenceMs = config.statement_timeout + ANSWER_MARGIN_MS,
): Promise<pg.Client> {
  const client = await openSession({
    ...config,
    connectionTimeoutMillis: Math.min(CONNECT_TIMEOUT_MS, silenceMs),
    query_timeout: silenceMs,
  });
  try {
    // Between transactions, within one, and while an answer is being sent.
    await client.query(
      `select set_config(name, $1, false)
       from unnest('{idle_session_timeout, idle_in_transaction_session_timeout, tcp_user_timeout}'::text[]) as name`,
      [String(silenceMs)],
    );
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
