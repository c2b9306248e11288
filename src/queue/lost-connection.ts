import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

/**
 * No connection, none left, or one that the server has ended: it shuts down, has crashed, starts up, or was told to.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const LOST = /^(08...|53300|57P0[1235])$/;

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2_000;

/** Whether an error tells of the connection and not of the statement: another connection may do. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof pg.DatabaseError ? LOST.test(error.code ?? "") : error instanceof Error;
}

/**
 * Tries again for as long as connections are lost, at first after a tenth of a second, then ever more slowly, every two
 * seconds at last.
 *
 * @param patience when it aborts, one more attempt is the last
 * @throws what the attempt throws, if it is not the connection's fault or patience has ended
 */
export async function outlast<T>(
  attempt: () => Promise<T>,
  patience: AbortSignal,
  onLost: (error: unknown) => void,
): Promise<T> {
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(LONGEST_DELAY_MS, delay * 2)) {
    try {
      return await attempt();
    } catch (error) {
      if (patience.aborted || !isConnectionLost(error)) throw error;
      onLost(error);
      await pause(delay, undefined, { signal: patience }).catch(() => undefined);
    }
  }
}
