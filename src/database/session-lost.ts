/**
 * What pg, PostgreSQL and the system say when a session ends under a statement: with a code where the server could still tell,
 * else with nothing but these words.
 */
const LOST =
  /^(Connection terminated|Client has encountered a connection error|terminating connection|(read|write) (ECONNRESET|EPIPE))/;

/** Whether an error's message tells that the session ended: the statement may be what ended it, or the server was restarted. */
export function tellsOfLostSession(message: string): boolean {
  return LOST.test(message);
}
