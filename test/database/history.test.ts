import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { type Asker, ask, asker, createTenant, type Tenant } from "./world.ts";

let database: TestDatabase;
let ours: Tenant;
let operator: Asker;
beforeAll(async () => {
  database = await createTestDatabase();
  ours = await createTenant(database);
  operator = asker("operator", ours.askers.admin.settings.person_id, undefined);
  const owner = database.pool("migrator");
  await owner.query("delete from blindagem_private.job_minutes");
  await owner.query("delete from blindagem_private.job_records");
  // A history, mostly of others.
  await owner.query(
    `insert into blindagem_private.job_records (organization_id, task, state, finished_at)
     select 1000 + n % 50, 'validate_expenses', 'FINISHED', now() from generate_series(1, 40000) as n`,
  );
  await owner.query(
    `insert into blindagem_private.job_minutes (organization_id, minute, task, shard, started, finished)
     select organization, date_trunc('minute', now()) - m * interval '1 minute', task, 1, 1, 1
     from generate_series(1, 1000) as m, unnest('{0,1001,1002,1003,1004,1005,1006,1007}'::bigint[]) as organization,
       unnest('{reconcile,validate_expenses}'::text[]) as task`,
  );
  await owner.query(
    `insert into blindagem_private.job_minutes (organization_id, minute, task, shard, started, finished, failed, dead,
       wait_ms, run_ms, wait_histogram, run_histogram)
     select o, date_trunc('minute', now()), 'ocr_triage', shard, 5, 4, 1, 1, 50, 500, '{3,2}', '{0,0,0,0,1,1,1,1,1}'
     from unnest($1::bigint[]) as o, generate_series(1, 2) as shard`,
    [["0", ours.organizationId]],
  );
  await owner.query(
    `insert into blindagem_private.job_records (organization_id, task, state, run_at)
     values ($1, 'ocr_triage', 'WAITING', now() - interval '10 minutes'), ($1, 'ocr_triage', 'WAITING', now() + interval '1 hour'),
       ($1, 'ocr_triage', 'RUNNING', now()), (1001, 'reconcile', 'WAITING', now() - interval '1 hour')`,
    [ours.organizationId],
  );
  const client = await owner.connect();
  await client.query(`set role ${database.prefix}_owner`);
  await client.query("vacuum analyze blindagem_private.job_records, blindagem_private.job_minutes");
  await client.query("reset role");
  client.release();
});
afterAll(() => database.drop());

const FIGURES = `select task, started::int, finished::int, failed::int, dead::int, wait_mean_ms, wait_p50_ms, wait_p95_ms,
    run_mean_ms, run_p50_ms, run_p99_ms
  from blindagem.queue_figures where organization_id = $1 and minute >= now() - interval '2 minutes'`;
const OF_OURS = {
  task: "ocr_triage",
  started: 10,
  finished: 8,
  failed: 2,
  dead: 2,
  wait_mean_ms: 10,
  wait_p50_ms: 1,
  wait_p95_ms: Math.SQRT2,
  run_mean_ms: 100,
  run_p50_ms: 8,
  run_p99_ms: 16,
};
const NOW = `select task, waiting::int, scheduled::int, running::int, failed_last_hour::int, dead_last_hour::int,
    round(extract(epoch from now() - oldest_waiting_since) / 60)::int as minutes
  from blindagem.queue_now order by task`;

describe("the queue's figures", () => {
  it("are merged over the workers that wrote them", async () => {
    expect(await ask(database, ours.askers.admin, FIGURES, [ours.organizationId])).toEqual([
      OF_OURS,
    ]);
  });

  it("show a tenant its own, and operators all and the platform's", async () => {
    const { admin } = ours.askers;
    const organizations = `select distinct organization_id::int as id from blindagem.queue_figures order by 1`;
    expect(await ask(database, admin, organizations)).toEqual([
      { id: Number(ours.organizationId) },
    ]);
    expect(await ask(database, admin, FIGURES, ["0"])).toEqual([]);
    expect(await ask(database, operator, organizations)).toHaveLength(9);
    expect(await ask(database, operator, FIGURES, ["0"])).toContainEqual(OF_OURS);
  });
});

describe("the queue now", () => {
  const ofOurs = {
    task: "ocr_triage",
    waiting: 1,
    scheduled: 1,
    running: 1,
    failed_last_hour: 2,
    dead_last_hour: 2,
    minutes: 10,
  };

  it("shows a tenant its own jobs and failures", async () => {
    expect(await ask(database, ours.askers.admin, NOW)).toEqual([ofOurs]);
  });

  it("shows operators everybody's", async () => {
    expect(await ask(database, operator, NOW)).toMatchObject([
      ofOurs,
      { task: "reconcile", waiting: 1, minutes: 60 },
      { task: "validate_expenses", waiting: 0 },
    ]);
  });
});

describe("the dashboards' queries", () => {
  const plan = z.array(z.object({ "QUERY PLAN": z.string() }));

  it.each([
    ["the queue now, of all", () => operator, NOW, []],
    ["the queue now, of a tenant", () => ours.askers.admin, NOW, []],
    ["the platform's last minutes", () => operator, FIGURES, ["0"]],
    ["a tenant's last minutes", () => ours.askers.admin, FIGURES, ["OURS"]],
    [
      "a tenant's figures, without naming it",
      () => ours.askers.admin,
      "select * from blindagem.queue_figures where minute >= now() - interval '1 hour'",
      [],
    ],
    [
      "everybody's last minutes",
      () => operator,
      "select * from blindagem.queue_figures where minute >= now() - interval '5 minutes'",
      [],
    ],
    [
      "the state for metrics",
      () => operator,
      // What the function asks, as it stands there: the plan within a function is not shown.
      "select task, state, count(*), min(run_at) from blindagem_private.job_records where state in ('WAITING', 'RUNNING') group by 1, 2",
      [],
    ],
  ] as const)("%s: by an index alone, never through the history", async (_, who, query, values) => {
    const given = values.map((value) => (value === "OURS" ? ours.organizationId : value));
    const lines = plan
      .parse(await ask(database, who(), `explain (costs off) ${query}`, given))
      .map((row) => row["QUERY PLAN"]);
    expect(lines.filter((line) => /Seq Scan on (job_records|job_minutes)/.test(line))).toEqual([]);
    expect(lines.filter((line) => /Scan .*on job_records/.test(line))).toEqual(
      lines.filter((line) => /Index Only Scan using job_records_open/.test(line)),
    );
  });
});

describe("queue_state", () => {
  it("tells depth, age, buckets and workers, and nothing of tenants", async () => {
    const worker = database.pool("worker");
    await worker.query(
      `insert into blindagem_private.workers (id, host, pid, concurrency, heartbeat_at, stopped_at, died)
       select gen_random_uuid(), 'h', 1, '{}', now() - beat, now() - stopped, died
       from (values ('0 s'::interval, null::interval, false), ('10 min', null, false), ('5 min', '4 min', true),
         ('5 min', '4 min', false), ('1 day', '1 day', true)) as w (beat, stopped, died)`,
    );
    await worker.query(
      `insert into blindagem_private.provider_buckets (provider, credential, interval_ms, next_slot, paused_until, open_until)
       values ('CNPJWS', 'public', 1000, now() + interval '30 s', now() - interval '1 s', null),
         ('PLUGGY', 'one', 1000, '-infinity', now() + interval '1 min', null),
         ('PLUGGY', 'two', 1000, '-infinity', null, now() + interval '2 min')`,
    );
    const { rows } = await worker.query<{ state: unknown }>(
      "select blindagem_private.queue_state('45 s') as state",
    );
    const second = (seconds: number) => expect.closeTo(seconds, -1);
    expect(rows[0]?.state).toMatchObject({
      tasks: expect.arrayContaining([
        {
          task: "ocr_triage",
          lane: "READING",
          waiting: 1,
          scheduled: 1,
          running: 1,
          oldestWaitingSeconds: expect.any(Number),
        },
        {
          task: "cnpj_lookup",
          lane: "PROVIDER",
          waiting: 0,
          scheduled: 0,
          running: 0,
          oldestWaitingSeconds: 0,
        },
      ]),
      providers: [
        { provider: "CNPJWS", nextSlotSeconds: second(30), pausedSeconds: 0 },
        { provider: "PLUGGY", nextSlotSeconds: 0, pausedSeconds: second(120) },
      ],
      workers: { live: 1, dead: 2 },
    });
  });
});
