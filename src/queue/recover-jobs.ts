import type pg from "pg";
import type { Logger } from "pino";

interface Recovered {
  id: string;
  host: string;
  pid: number;
  freed: number;
  buried: BuriedJob[];
}

/** A job that is a dead letter now: it may be what three workers died of. */
export interface BuriedJob {
  task: string;
  /** Null for the platform's own jobs. */
  organizationId: string | null;
}

/** So many dead workers recover_jobs takes in one look. */
const IN_A_LOOK = 10;
/** After so long the rest is left to the next heartbeat: whoever frees others must not be taken for dead himself. */
const LONGEST_MS = 5_000;

/**
 * Frees the jobs of workers that the database has not heard of for so long: the attempt is refunded, they run
 * elsewhere, and whoever held them can no longer commit (fence.ts).
 *
 * @returns those that do not run elsewhere, because they were buried
 */
export async function recoverJobs(
  client: pg.ClientBase,
  deadAfterMs: number,
  logger: Logger,
): Promise<BuriedJob[]> {
  const until = performance.now() + LONGEST_MS;
  const allBuried: BuriedJob[] = [];
  for (;;) {
    const { rows } = await client.query<Recovered>(
      "select id, host, pid, freed, buried from blindagem_private.recover_jobs($1 * interval '1 millisecond')",
      [deadAfterMs],
    );
    for (const { id, host, pid, freed, buried } of rows) {
      logger.warn(
        { worker: id, host, pid, freed, buried: buried.length },
        "a worker is dead; its jobs are free again",
      );
      allBuried.push(...buried);
    }
    if (rows.length < IN_A_LOOK || performance.now() > until) return allBuried;
  }
}
