import type pg from "pg";

/**
 * The library's cron goes by its machine's clock, and runs nothing of a time that another has taken for done: after a clock
 * that was a year ahead, nothing for a year. By an hour it may be ahead: what waits then runs in that hour.
 */
export async function mendSchedule(client: pg.ClientBase): Promise<void> {
  await client.query(
    `update graphile_worker._private_known_crontabs set last_execution = now()
     where last_execution > now() + interval '1 hour'`,
  );
}
