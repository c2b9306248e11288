import type pg from "pg";

/** The sealing process waits while they go: a few hundred milliseconds. */
const AT_ONCE = 20_000;
const DAY_MS = 86_400_000;

/**
 * Thins the log's old checkpoints out: of those before the last days each hour's last stays, and what acts rest on
 * (blindagem_audit.thin_checkpoints has the reasons).
 *
 * @param inTransaction gives each part a transaction of its own, with an actor: the log tells of it
 * @returns how many went
 */
export async function thinCheckpoints(
  inTransaction: (use: (client: pg.ClientBase) => Promise<number>) => Promise<number>,
  now: Date,
  days: number,
  signal: AbortSignal,
): Promise<number> {
  const before = new Date(now.getTime() - days * DAY_MS);
  let removed = 0;
  for (let part = AT_ONCE; part === AT_ONCE && !signal.aborted; removed += part) {
    part = await inTransaction(async (client) => {
      const { rows } = await client.query<{ removed: string }>(
        "select blindagem_audit.thin_checkpoints($1, $2) as removed",
        [before, AT_ONCE],
      );
      return Number(rows[0]?.removed ?? 0);
    });
  }
  return removed;
}
