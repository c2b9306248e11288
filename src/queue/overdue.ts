import type pg from "pg";
import { wakeExpenses } from "./enqueue.ts";

/** Marks the jobs of these runs, so that a later run knows them. */
const RUN = "cron:validate_overdue";

/**
 * Enqueues the validation of expenses whose facts did not come in time. While jobs of a run in the last hour still wait
 * it does nothing: behind a long queue each run would only double them. (A record may also have missed its job's end.)
 * Batches that are decided meanwhile are no longer looked at.
 *
 * @returns how many jobs were enqueued
 */
export async function wakeOverdueExpenses(client: pg.ClientBase, now: Date): Promise<number> {
  const { rowCount } = await client.query(
    `select from blindagem_private.job_records
     where state in ('WAITING', 'RUNNING') and task = 'validate_expenses' and request_id = $1
       and enqueued_at > now() - interval '1 hour'
     limit 1`,
    [RUN],
  );
  if (rowCount) return 0;
  await client.query("select blindagem_private.forget_decided_batches($1)", [now]);
  return wakeExpenses(client, { kind: "OVERDUE", at: now }, RUN);
}
