import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { useServices } from "../../src/services.ts";
import task from "../../tasks/housekeeping.ts";
import { sealAll } from "../audit/seal-all.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createTenant } from "../database/world.ts";
import { emptyQueue, runJobs, servicesOf } from "./task-run.ts";

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

  it("keeps the claims of jobs that wait for longer than claims are kept, of one subject and of several", async () => {
    const worker = database.pool("worker");
    await worker.query("select blindagem_private.claim_and_enqueue($1)", [
      JSON.stringify([
        {
          task: "cnpj_lookup",
          subject: "11222333000181",
          payload: { cnpj: "11222333000181" },
          runAt: new Date(Date.now() + 3_600_000),
        },
      ]),
    ]);
    await worker.query(
      `insert into blindagem_private.work_claims (task, subject)
       values ('reconcile', '7'), ('reconcile', '8'), ('reconcile', '9'), ('ocr_triage', '11222333000181')`,
    );
    await worker.query("select blindagem_private.enqueue_jobs($1)", [
      JSON.stringify([
        {
          task: "reconcile",
          payload: { condominiumIds: ["7", "8"] },
          runAt: new Date(Date.now() + 3_600_000),
        },
      ]),
    ]);
    await worker.query("update blindagem_private.work_claims set claimed_at = $1", [daysAgo(8)]);
    await worker.query("select graphile_worker.add_job('housekeeping')");
    await runJobs(database, { housekeeping: task });
    expect(
      await column(
        "select task || ' ' || subject as value from blindagem_private.work_claims order by 1",
      ),
    ).toEqual(["cnpj_lookup 11222333000181", "reconcile 7", "reconcile 8"]);
    await emptyQueue(database);
  });

  it("keeps the record of a dead letter for as long as it is to be resolved, so that it can still be run again", async () => {
    await database.pool("worker").query(
      `with record as (
         insert into blindagem_private.job_records (task, state, finished_at, last_error)
         values ('reconcile', 'FAILED', $1, 'dead'), ('reconcile', 'FAILED', $1, 'resolved') returning id, last_error)
       insert into blindagem_private.dead_letters (record_id, task, payload, priority, max_attempts, attempts, deaths, cause, history,
         resolved_at, resolution)
       select id, 'reconcile', '{"condominiumId": "1"}', 0, 3, 3, 0, 'ATTEMPTS', '[]',
         case last_error when 'resolved' then now() end, case last_error when 'resolved' then 'RETRIED' end from record`,
      [daysAgo(91)],
    );
    await run();
    const kept = await database
      .pool("worker")
      .query("select id, last_error from blindagem_private.job_records where state = 'FAILED'");
    expect(kept.rows).toEqual([{ id: expect.any(String), last_error: "dead" }]);
    const retried = await database.asRequest("operator", { actor_id: "operator" }, (client) =>
      client.query("select changed from blindagem.retry_jobs(reason => 'Mendado', job_ids => $1)", [
        [kept.rows[0]?.id],
      ]),
    );
    expect(retried.rows).toEqual([{ changed: 1 }]);
    await emptyQueue(database);
  });

  it("thins old checkpoints out to each hour's last, the first, what acts rest on and what is cosigned; the log tells of it", async () => {
    await createTenant(database);
    await emptyQueue(database);
    const sealed = await sealAll(database);
    const sealer = database.pool("sealer");
    await sealer.query(
      `insert into blindagem_audit.checkpoints (tree_size, root, note, signed_at)
       select $1 + size, sha256(''), E'nota\\n', at::timestamptz
       from (values (1, '2026-09-01T10:05Z'), (2, '2026-09-01T10:20Z'), (3, '2026-09-01T10:40Z'), (4, '2026-09-01T10:59Z'),
         (5, '2026-09-01T11:00Z'), (6, '2026-09-01T11:30Z'), (7, '2026-11-23T11:00Z'), (8, '2026-11-23T11:01Z')) as c (size, at)`,
      [sealed],
    );
    await database.pool("migrator").query(
      `insert into blindagem.closings (condominium_id, organization_id, month, revision, tree_size, root, reason, closed_by)
       select condominium_id, organization_id, '2026-08-01', 1, $1, root, reason, closed_by from blindagem.closings limit 1`,
      [sealed + 3],
    );
    await database.asRequest("operator", {}, (client) =>
      client.query(
        "select blindagem_audit.store_cosignatures('nota', $1, '{conselho.example}', $2, $3)",
        [sealed + 5, [Buffer.alloc(4)], [Buffer.alloc(72)]],
      ),
    );
    await run();
    const { rows } = await sealer.query<{ size: number }>(
      "select (tree_size - $1)::int as size from blindagem_audit.checkpoints order by tree_size",
      [sealed],
    );
    // 0 is the first there is, and covers the tenant's closing; 3 is what a month was closed on, 5 what a witness cosigned.
    expect(rows.map(({ size }) => size)).toEqual([0, 3, 4, 5, 6, 7, 8]);
    const { rows: told } = await database
      .pool("migrator")
      .query(
        "select actor_id, new_state->>'removed' as removed from blindagem_audit.records where entity_type = 'checkpoint_thinnings'",
      );
    expect(told).toEqual([{ actor_id: "system:housekeeping", removed: "2" }]);
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
