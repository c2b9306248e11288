import pg from "pg";
import { endUnanswered } from "./end-unanswered.ts";
import { KEEP_ALIVE } from "./keep-alive.ts";

const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Opens a session that a process or a command keeps. When it breaks, the next statement on it fails, and that is where it
 * is handled: the event by itself ends nothing. A statement that has no answer within `query_timeout`, if one is set, breaks
 * it, too.
 *
 * @throws what the connection fails with; nothing is left open then. A client that did not connect must not be asked
 *   anything: pg 8.23 queues its statements for ever.
 */
export async function openSession(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...KEEP_ALIVE,
    ...config,
  });
  client.on("error", () => undefined);
  endUnanswered(client);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
