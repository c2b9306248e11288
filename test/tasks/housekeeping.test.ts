import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { useServices } from "../../src/services.ts";
import task from "../../tasks/housekeeping.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { runJobs, servicesOf } from "./task-run.ts";

const NOW = new Date("2026-11-24T06:30:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  useServices(servicesOf({ clock: () => NOW }));
});
afterAll(() => database.drop());

async function run(): Promise<void> {
  await database.pool("worker").query("select graphile_worker.add_job('housekeeping')");
  await runJobs(database, { housekeeping: task });
  const { rows } = await database
    .pool("worker")
    .query("select last_error from graphile_worker._private_jobs");
  expect(rows).toEqual([]);
}

const column = async (statement: string): Promise<unknown[]> =>
  (await database.pool("worker").query<{ value: unknown }>(statement)).rows.map(
    ({ value }) => value,
  );

describe("housekeeping", () => {
  it("deletes what has passed its time, and keeps the rest", async () => {
    const worker = database.pool("worker");
    await worker.query(
      `insert into blindagem_private.job_records (task, state, finished_at, last_error)
       values ('reconcile', 'FINISHED', $1, 'old'), ('reconcile', 'FINISHED', $2, 'recent'),
         ('reconcile', 'WAITING', null, 'open')`,
      [daysAgo(91), daysAgo(89)],
    );
    await worker.query(
      `insert into blindagem_private.webhook_events (provider, event_id, event, received_at)
       values ('PLUGGY', 'old', 'x', $1), ('PLUGGY', 'recent', 'x', $2)`,
      [daysAgo(31), daysAgo(29)],
    );
    await worker.query(
      `insert into blindagem_private.company_answers (cnpj, answered_at, source, outcome)
       values ('1', $1, 'CNPJWS', 'old'), ('1', $1, 'CNPJWS', 'old, the newest'),
         ('2', $1, 'CNPJWS', 'old'), ('2', $2, 'CNPJWS', 'recent')`,
      [daysAgo(400), daysAgo(300)],
    );
    await worker.query(
      `insert into blindagem_private.work_claims (task, subject, claimed_at)
       values ('reconcile', 'forgotten', $1), ('reconcile', 'waiting', $2)`,
      [daysAgo(8), daysAgo(6)],
    );
    await worker.query(
      `insert into blindagem_private.job_minutes (organization_id, minute, task, shard)
       values (0, date_trunc('minute', $1::timestamptz), 'old', 1), (0, date_trunc('minute', $2::timestamptz), 'recent', 1)`,
      [daysAgo(91), daysAgo(89)],
    );
    await worker.query(
      `insert into blindagem_private.workers (id, host, pid, concurrency, stopped_at)
       select gen_random_uuid(), host, 1, '{}', at
       from (values ('old', $1::timestamptz), ('recent', $2), ('alive', null)) as w (host, at)`,
      [daysAgo(91), daysAgo(89)],
    );
    await run();
    expect(await column("select task as value from blindagem_private.job_minutes")).toEqual([
      "recent",
    ]);
    expect(await column("select host as value from blindagem_private.workers order by 1")).toEqual([
      "alive",
      "recent",
    ]);
    expect(
      await column(
        "select last_error as value from blindagem_private.job_records where last_error is not null order by 1",
      ),
    ).toEqual(["open", "recent"]);
    expect(await column("select event_id as value from blindagem_private.webhook_events")).toEqual([
      "recent",
    ]);
    expect(
      await column("select outcome as value from blindagem_private.company_answers order by id"),
    ).toEqual(["old, the newest", "recent"]);
    expect(await column("select subject as value from blindagem_private.work_claims")).toEqual([
      "waiting",
    ]);
  });

  it("makes the log's partitions ahead, with their guards", async () => {
    const client = await database.pool("migrator").connect();
    try {
      await client.query(`set role ${database.prefix}_audit_owner`);
      const { rows } = await client.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits
         where inhparent = 'blindagem_audit.audit_log_immutable'::regclass order by 1 desc limit 1 offset 1`,
      );
      await client.query(`drop table ${rows[0]?.name}`);
      await run();
      const { rows: guards } = await client.query<{ triggers: string[]; secured: boolean }>(
        `select array_agg(tgname::text order by tgname) as triggers, bool_and(relrowsecurity) as secured
         from pg_trigger join pg_class c on c.oid = tgrelid
         where tgrelid = $1::regclass and tgenabled = 'A'`,
        [rows[0]?.name],
      );
      expect(guards).toEqual([
        { triggers: ["guard_change", "guard_insert", "guard_truncate"], secured: true },
      ]);
    } finally {
      await client.query("reset role");
      client.release();
    }
  });
});
