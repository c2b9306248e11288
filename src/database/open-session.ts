import pg from "pg";

/**
 * Opens a session that a process keeps. When it breaks, the next statement on it fails, and that is where it is handled:
 * the event by itself ends nothing.
 *
 * @throws what the connection fails with; nothing is left open then. A client that did not connect must not be asked
 *   anything: pg 8.23 queues its statements for ever.
 */
export async function openSession(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ keepAlive: true, ...config });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
