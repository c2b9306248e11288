import type pg from "pg";
import { giveSlots } from "../../src/queue/provider-turns.ts";

/**
 * When the next job that is put off begins, where workers live: they give slots once a second, so within the second before
 * a slot is free and before a job runs. Undefined: none begins within the second after `until`.
 */
export async function nextTurn(
  worker: Pick<pg.Pool, "query">,
  now: Date,
  until: Date | undefined,
): Promise<Date | undefined> {
  const last = until ? until.getTime() + 1_000 : Number.POSITIVE_INFINITY;
  const giveBefore = async (at: Date) => {
    if (at.getTime() > last) return;
    await giveSlots(worker, new Date(Math.max(now.getTime(), at.getTime() - 1_000)));
  };
  for (;;) {
    const { free, next: first } = await ahead(worker, now);
    if (free && first && free < first) await giveBefore(free);
    const { next } = await ahead(worker, now);
    if (!next || next.getTime() > last) return undefined;
    await giveBefore(next);
    const after = await ahead(worker, now);
    if (after.next?.getTime() === next.getTime()) return next;
  }
}

/** When the next job is to run, and the next slot is free for those that wait. */
async function ahead(
  worker: Pick<pg.Pool, "query">,
  now: Date,
): Promise<{ next: Date | null; free: Date | null }> {
  const { rows } = await worker.query<{ next: Date | null; free: Date | null }>(
    `select (select min(run_at) from graphile_worker._private_jobs where run_at >= $1) as next,
       (select greatest($1, min(greatest(next_slot - (burst - 1) * interval_ms * interval '1 ms', paused_until, open_until, probe_until)))
        from blindagem_private.provider_buckets
        where (provider, credential) in (
          select provider, credential from blindagem_private.provider_lines where waiting > 0)) as free`,
    [now],
  );
  return rows[0] ?? { next: null, free: null };
}
