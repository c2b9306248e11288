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
  const { rows } = await client.query<Recovered>(
    "select id, host, pid, freed, buried from blindagem_private.recover_jobs($1 * interval '1 millisecond')",
    [deadAfterMs],
  );
  for (const { id, host, pid, freed, buried } of rows) {
    logger.warn(
      { worker: id, host, pid, freed, buried: buried.length },
      "a worker is dead; its jobs are free again",
    );
  }
  return rows.flatMap(({ buried }) => buried);
}
