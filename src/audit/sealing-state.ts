import type pg from "pg";

/** How sealing stands, by the database's clock. */
export interface SealingState {
  /** Seconds since the sealing process last lived; null when it never did. */
  secondsSinceBeat: number | null;
  /** Age in seconds of the oldest record that waits for its seal; null when none waits. */
  oldestPendingSeconds: number | null;
}

/** Reads how sealing stands; any login that may ask (worker, operator) sees the same, and no record. */
export async function sealingState(client: pg.ClientBase): Promise<SealingState> {
  const { rows } = await client.query<SealingState>(
    `select extract(epoch from clock_timestamp() - beat_at)::float8 as "secondsSinceBeat",
       extract(epoch from clock_timestamp() - oldest_pending_at)::float8 as "oldestPendingSeconds"
     from blindagem_audit.sealing_state()`,
  );
  return rows[0] ?? { secondsSinceBeat: null, oldestPendingSeconds: null };
}

/** A process that has not lived for so long is dead: it beats at least once a second. */
const BEAT_WITHIN_SECONDS = 60;
/** A record older than that should have been sealed: the merge delay is 2 s. */
const SEALED_WITHIN_SECONDS = 60;

/** What is wrong with sealing, in words for the log; undefined when nothing is. */
export function sealingFault(state: SealingState): string | undefined {
  const { secondsSinceBeat, oldestPendingSeconds } = state;
  if (secondsSinceBeat === null)
    return "The sealing process has never run: start `blindagem seal`.";
  if (secondsSinceBeat > BEAT_WITHIN_SECONDS) {
    return `The sealing process has given no sign of life for ${Math.round(secondsSinceBeat)} s: start \`blindagem seal\`.`;
  }
  if (oldestPendingSeconds !== null && oldestPendingSeconds > SEALED_WITHIN_SECONDS) {
    return `A record of the audit log has waited for its seal for ${Math.round(oldestPendingSeconds)} s, although the sealing process lives: see its log.`;
  }
  return undefined;
}
