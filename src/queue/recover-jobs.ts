import type pg from "pg";
import type { Logger } from "pino";

interface Recovered {
  id: string;
  host: string;
  pid: number;
  freed: number;
}

/**
 * Frees the jobs of workers that the database has not heard of for so long: the attempt is refunded, they run
 * elsewhere, and whoever held them can no longer commit (fence.ts).
 */
export async function recoverJobs(
  client: pg.ClientBase,
  deadAfterMs: number,
  logger: Logger,
): Promise<void> {
  const { rows } = await client.query<Recovered>(
    "select id, host, pid, freed from blindagem_private.recover_jobs($1 * interval '1 millisecond')",
    [deadAfterMs],
  );
  for (const { id, host, pid, freed } of rows) {
    logger.warn({ worker: id, host, pid, freed }, "a worker is dead; its jobs are free again");
  }
}
