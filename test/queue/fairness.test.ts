import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type pg from "pg";
import { z } from "zod";
import { enqueueJobs, type NewJob } from "../../src/queue/enqueue.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue } from "../tasks/task-run.ts";
import { waitFor } from "../wait-for.ts";
import { type Demand, FairQueueModel, QUANTUM } from "./fair-queue.ts";

const ORGANIZATIONS = 1_010;

let database: TestDatabase;
let worker: pg.PoolClient;
let organizations: string[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  worker = await database.pool("worker").connect();
  const { rows } = await database.pool("migrator").query<{ id: string }>(
    `insert into blindagem.organizations (name) select 'Administradora ' || n from generate_series(1, $1) as n
     returning id::text`,
    [ORGANIZATIONS],
  );
  organizations = rows.map(({ id }) => id);
});
afterAll(async () => {
  worker.release();
  await database.drop();
});
beforeEach(restart);

async function restart(): Promise<void> {
  await emptyQueue(database);
  const owner = database.pool("migrator");
  await owner.query("delete from blindagem_private.job_records");
  await owner.query("delete from blindagem_private.virtual_charges");
  await owner.query("update blindagem_private.virtual_finishes set finish = 0 where finish <> 0");
  await owner.query("update blindagem_private.virtual_clocks set base = 0, virtual_time = 0");
  await owner.query("delete from blindagem.organization_weights");
}

const nth = (index: number): string => organizations[index] ?? "";
const repeated = (times: number, cost: number): number[] =>
  Array.from({ length: times }, () => cost);
const jobsOf = ({ organization, costs }: Demand) =>
  costs.map((cost) => ({
    task: "validate_expenses",
    organizationId: organization,
    payload: { expenseIds: Array.from({ length: cost }, () => "1"), cost },
  }));
const enqueue = (...demands: Demand[]) => enqueueJobs(worker, demands.flatMap(jobsOf));

/** Four at a time: of as many the library inserts the last one first, in a session that has not planned it otherwise. */
async function enqueueBackwards(job: NewJob, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) {
    const session = await database.pool("worker").connect();
    await enqueueJobs(session, [job, job, job, job]);
    session.release(true);
  }
}

interface Begun {
  organization: string;
  number: number;
  cost: number;
}

/** Takes the job that the library would take first, out of the queue, and tells the clock. */
async function begin(): Promise<Begun | undefined> {
  const { rows } = await worker.query(
    `with first as (
       select id from graphile_worker._private_jobs where is_available and run_at <= now()
       order by priority, run_at, id limit 1
     ), taken as (
       delete from graphile_worker._private_jobs j using first where j.id = first.id returning j.payload, j.id
     )
     select payload->'envelope'->>'organizationId' as organization, (payload->'envelope'->>'jobId')::int as number,
       coalesce((payload->>'cost')::int, 1) as cost, (payload->'envelope'->>'startTag')::float as "startTag"
     from taken`,
  );
  const [row] = rows;
  if (!row) return undefined;
  const { startTag, ...job } = begun.parse(row);
  await worker.query("select blindagem_private.advance_virtual_time($1)", [
    JSON.stringify([{ task: "validate_expenses", startTag }]),
  ]);
  return job;
}
const begun = z.object({
  organization: z.string(),
  number: z.int(),
  cost: z.int(),
  startTag: z.number(),
});

async function beginMany(times: number): Promise<Begun[]> {
  const jobs: Begun[] = [];
  for (let count = 0; count < times; count++) {
    const job = await begin();
    if (!job) break;
    jobs.push(job);
  }
  return jobs;
}

/** The waiting jobs in the order in which the library takes them, while nothing else comes. */
async function waitingOrder(): Promise<{ organization: string; number: number }[]> {
  const { rows } = await worker.query<{ organization: string; number: number }>(
    `select payload->'envelope'->>'organizationId' as organization, (payload->'envelope'->>'jobId')::int as number
     from graphile_worker._private_jobs order by priority, run_at, id`,
  );
  return rows;
}

async function setWeight(organization: string, weight: number): Promise<void> {
  await database.asRequest("operator", { actor_id: "operator" }, (client) =>
    client.query("select blindagem.set_organization_weight($1, $2, 'Contrato')", [
      organization,
      weight,
    ]),
  );
}

const isOf = (organization: string) => (job: { organization: string }) =>
  job.organization === organization;

describe("the order of jobs", () => {
  it("is that of start-time fair queueing, whatever comes, begins and weighs in whatever order", async () => {
    const weight = fc.constantFrom(0.25, 0.5, 1, 2, 8);
    const step = fc.oneof(
      fc.record({
        organization: fc.nat(3),
        costs: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
      }),
      fc.record({ begin: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ heavier: fc.nat(3), weight }),
    );
    const weights = fc.array(weight, { minLength: 4, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), weights, async (steps, chosen) => {
        await restart();
        for (const [index, weight] of chosen.entries()) await setWeight(nth(index), weight);
        const model = new FairQueueModel(
          Object.fromEntries(chosen.map((weight, index) => [nth(index), weight])),
        );
        const compare = async () => {
          const expected = model.begin();
          const actual = await begin();
          expect(actual && { organization: actual.organization, cost: actual.cost }).toEqual(
            expected && { organization: expected.organization, cost: expected.cost },
          );
          return expected !== undefined;
        };
        for (const each of steps) {
          if ("begin" in each) {
            for (let count = 0; count < each.begin; count++) await compare();
          } else if ("heavier" in each) {
            model.setWeight(nth(each.heavier), each.weight);
            await setWeight(nth(each.heavier), each.weight);
          } else {
            const demand = { organization: nth(each.organization), costs: each.costs };
            model.enqueue(demand);
            await enqueue(demand);
          }
        }
        while (await compare()) {
          // Until both are empty.
        }
      }),
      { numRuns: 12 },
    );
  });

  it("keeps the bound of the paper between two that have work waiting", async () => {
    const costs = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 5, maxLength: 20 });
    const weight = fc.constantFrom(0.5, 1, 3, 10);
    await fc.assert(
      fc.asyncProperty(costs, costs, weight, weight, async (one, other, weightOne, weightOther) => {
        await restart();
        await setWeight(nth(0), weightOne);
        await setWeight(nth(1), weightOther);
        await enqueue({ organization: nth(0), costs: one }, { organization: nth(1), costs: other });
        const left = [one.length, other.length];
        const served = [0, 0];
        const bound = Math.max(...one) / weightOne + Math.max(...other) / weightOther + 2 * QUANTUM;
        for (;;) {
          const job = await begin();
          if (!job) break;
          const index = job.organization === nth(0) ? 0 : 1;
          left[index] = (left[index] ?? 0) - 1;
          served[index] = (served[index] ?? 0) + job.cost;
          if (left.includes(0)) break;
          const difference = (served[0] ?? 0) / weightOne - (served[1] ?? 0) / weightOther;
          expect(Math.abs(difference)).toBeLessThanOrEqual(bound);
        }
      }),
      { numRuns: 12 },
    );
  });

  it("holds within an organization among jobs that come within the same microsecond", async () => {
    const [job] = jobsOf({ organization: nth(0), costs: [1] });
    if (!job) throw new Error("No job was made.");
    await enqueueBackwards(job, 60);
    const numbers = (await waitingOrder()).map(({ number }) => number);
    expect(numbers).toHaveLength(240);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
  });

  it("holds within an organization among jobs that are to run at the same time", async () => {
    const [job] = jobsOf({ organization: nth(0), costs: [1] });
    if (!job) throw new Error("No job was made.");
    const runAt = new Date("2026-11-05T12:00:00.000Z");
    await enqueueBackwards({ ...job, runAt }, 1);
    const numbers = (await waitingOrder()).map(({ number }) => number);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
    const { rows } = await worker.query<{ run_at: Date }>(
      "select distinct run_at from blindagem_private.job_records",
    );
    expect(rows).toEqual([{ run_at: runAt }]);
  });

  it("holds within an organization", async () => {
    await enqueue({ organization: nth(0), costs: [3, 1, 2] }, { organization: nth(1), costs: [5] });
    await enqueue({ organization: nth(0), costs: [1, 1, 40, 1] });
    const numbers = (await beginMany(20)).filter(isOf(nth(0))).map(({ number }) => number);
    expect(numbers).toHaveLength(7);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
  });
});

/** All that waits fails for good, and is run again. */
async function failAndRetry(): Promise<void> {
  await worker.query("update graphile_worker._private_jobs set attempts = max_attempts");
  const { rows } = await worker.query<{ id: string }>(
    "select (payload->'envelope'->>'jobId')::bigint as id from graphile_worker._private_jobs order by id",
  );
  await worker.query(
    "select blindagem_private.bury_failed_jobs(array(select id from graphile_worker._private_jobs), '{}')",
  );
  await database
    .pool("migrator")
    .query("select blindagem_private.apply_intervention('RETRY', $1, null)", [
      rows.map(({ id }) => id),
    ]);
}

describe("what is run again", () => {
  it("takes its turn: neither 30 retried chunks before others, nor others' before a single one", async () => {
    await enqueue({ organization: nth(0), costs: repeated(30, 250) });
    await failAndRetry();
    await enqueue(
      { organization: nth(1), costs: repeated(5, 250) },
      { organization: nth(2), costs: repeated(5, 250) },
    );
    const order = (await waitingOrder()).map(({ organization }) => organization);
    expect(order.slice(0, 18).filter((each) => each === nth(1))).toHaveLength(5);
    expect(order.slice(0, 18).filter((each) => each === nth(2))).toHaveLength(5);
    expect(order.slice(18)).toEqual(Array.from({ length: 22 }, () => nth(0)));
  });

  it("begins at the present beside a backlog, and keeps its order", async () => {
    await enqueue({ organization: nth(3), costs: [1, 1, 1] });
    await failAndRetry();
    const { rows } = await worker.query<{ numbers: number[] }>(
      `select array_agg((payload->'envelope'->>'jobId')::int order by priority, run_at, id) as numbers
       from graphile_worker._private_jobs`,
    );
    expect(rows[0]?.numbers).toEqual(rows[0]?.numbers.toSorted((one, other) => one - other));
    await enqueue({ organization: nth(0), costs: repeated(400, 250) });
    expect((await beginMany(4)).filter(isOf(nth(3)))).toHaveLength(3);
  });
});

describe("nobody starves", () => {
  const chunks = repeated(400, 250);

  it("not 10 jobs beside 100,000 expenses that came before them", async () => {
    await enqueue({ organization: nth(0), costs: chunks });
    await beginMany(30);
    await enqueue({ organization: nth(1), costs: repeated(10, 1) });
    const next = await beginMany(12);
    expect(next.filter(isOf(nth(1)))).toHaveLength(10);
    // Nor the others.
    expect(await beginMany(400)).toHaveLength(368);
  });

  it("not 1,000 small organizations, nor the large one beside them", async () => {
    await enqueue({ organization: nth(0), costs: chunks });
    await beginMany(30);
    for (let round = 0; round < 2; round++) {
      await enqueue(
        ...organizations
          .slice(1, 1001)
          .map((organization) => ({ organization, costs: repeated(5, 1) })),
      );
    }
    await enqueue({ organization: nth(1005), costs: [1] });
    const order = await waitingOrder();
    const lastSmall = order.findLastIndex(({ organization }) => organization !== nth(0));
    // All 10,001 expenses of the small ones pass before a second chunk of the large one.
    expect(order.slice(0, lastSmall).filter(isOf(nth(0))).length).toBeLessThanOrEqual(1);
  });

  it("not the large one under a stream of small ones who have never had anything, as long as the workers keep up", async () => {
    await enqueue({ organization: nth(0), costs: repeated(100, 100) });
    let large = 0;
    for (let round = 0; round < 60; round++) {
      await enqueue({ organization: nth(1 + round), costs: [100] });
      large += (await beginMany(2)).filter(isOf(nth(0))).length;
    }
    expect(large).toBe(60);
  });

  it("not the large one under a stream of small ones that is more than the workers can do: it has its share", async () => {
    await enqueue({ organization: nth(0), costs: repeated(100, 100) });
    let large = 0;
    for (let round = 0; round < 60; round++) {
      // Nine others, of whom two ask for something each time that one job is done.
      await enqueue(
        ...[0, 1].map((index) => ({
          organization: nth(1 + ((2 * round + index) % 9)),
          costs: [100],
        })),
      );
      large += (await beginMany(1)).filter(isOf(nth(0))).length;
    }
    expect(large).toBeGreaterThanOrEqual(6);
  });

  it("not those who come after 40,000 single jobs of one, whose order holds", async () => {
    await worker.query(
      `select blindagem_private.enqueue_jobs((select jsonb_agg(jsonb_build_object(
         'task', 'reconcile', 'organizationId', $1::text, 'payload', jsonb_build_object('condominiumId', n::text)))
       from generate_series(1, 40000) as n))`,
      [nth(0)],
    );
    await enqueueJobs(
      worker,
      Array.from({ length: 10 }, () => ({
        task: "reconcile",
        organizationId: nth(1),
        payload: { condominiumId: "1" },
      })),
    );
    const order = await waitingOrder();
    expect(order).toHaveLength(40_010);
    expect(order.findLastIndex(isOf(nth(1)))).toBeLessThan(2 * QUANTUM + 10);
    const numbers = order.filter(isOf(nth(0))).map(({ number }) => number);
    expect(numbers.every((number, index) => number > (numbers[index - 1] ?? 0))).toBe(true);
  });
});

describe("a weight", () => {
  it("gives so many times as much while others have work waiting", async () => {
    await setWeight(nth(1), 3);
    await enqueue(
      { organization: nth(0), costs: repeated(80, 16) },
      { organization: nth(1), costs: repeated(80, 16) },
    );
    expect(shares(await beginMany(80))).toBeCloseTo(3, 0);
  });

  /** How much the second organization gets for each job of the first. */
  const shares = (done: readonly Begun[]) =>
    done.filter(isOf(nth(1))).length / done.filter(isOf(nth(0))).length;

  it("counts for what waits already, when it is raised and when it is lowered", async () => {
    await enqueue(
      { organization: nth(0), costs: repeated(160, 16) },
      { organization: nth(1), costs: repeated(160, 16) },
    );
    expect(shares(await beginMany(20))).toBeCloseTo(1, 0);
    await setWeight(nth(1), 3);
    expect(shares(await beginMany(80))).toBeCloseTo(3, 0);
    await setWeight(nth(1), 0.25);
    expect(1 / shares(await beginMany(50))).toBeCloseTo(4, 0);
    await enqueue({ organization: nth(1), costs: [1] });
    const numbers = (await waitingOrder()).filter(isOf(nth(1))).map(({ number }) => number);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
  });

  it("leaves what has its turn, what others have waiting, and what is running", async () => {
    await enqueue(
      { organization: nth(0), costs: [1, 100, 100] },
      { organization: nth(1), costs: [1, 100] },
    );
    await worker.query(
      `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'pool'
       where id = (select max(id) from graphile_worker._private_jobs where payload->'envelope'->>'organizationId' = $1)`,
      [nth(0)],
    );
    await setWeight(nth(0), 0.5);
    const { rows } = await worker.query(
      `select payload->'envelope'->>'organizationId' as organization, (payload->'envelope'->>'startTag')::float as tag,
         priority + 32768 as priority
       from graphile_worker._private_jobs order by id`,
    );
    expect(rows).toEqual(
      [
        [nth(0), 0],
        [nth(0), 2],
        [nth(0), 101],
        [nth(1), 0],
        [nth(1), 1],
      ].map(([organization, tag]) => ({
        organization,
        tag,
        priority: Math.floor(Number(tag) / QUANTUM),
      })),
    );
  });

  it("counts for what another transaction is just enqueueing", async () => {
    const session = await database.pool("worker").connect();
    try {
      await session.query("begin");
      await enqueueJobs(session, jobsOf({ organization: nth(0), costs: [100, 100] }));
      const set = setWeight(nth(0), 2);
      await waitFor("the weight to wait for it", async () => {
        const { rowCount } = await worker.query(
          "select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())",
        );
        return rowCount === 1;
      });
      await session.query("commit");
      await set;
    } finally {
      session.release();
    }
    const { rows } = await worker.query(
      "select (payload->'envelope'->>'startTag')::float as tag from graphile_worker._private_jobs order by id",
    );
    expect(rows).toEqual([{ tag: 0 }, { tag: 50 }]);
    await enqueue({ organization: nth(0), costs: [1] });
    expect((await waitingOrder()).length).toBe(3);
    const { rows: last } = await worker.query(
      "select max((payload->'envelope'->>'startTag')::float) as tag from graphile_worker._private_jobs",
    );
    expect(last).toEqual([{ tag: 100 }]);
  });
});

describe("jobs of no organization, and of cron", () => {
  it("begin at the present: before what a backlog has waiting", async () => {
    await enqueue({ organization: nth(0), costs: repeated(20, 100) });
    await beginMany(5);
    await enqueueJobs(worker, [{ task: "housekeeping", payload: {} }]);
    await worker.query(
      "select graphile_worker.add_job('validate_overdue', priority => -32768, max_attempts => 3)",
    );
    const { rows } = await worker.query<{ task: string }>(
      `select t.identifier as task from graphile_worker._private_jobs j
       join graphile_worker._private_tasks t on t.id = j.task_id order by priority, run_at, j.id limit 2`,
    );
    expect(rows.map(({ task }) => task).sort()).toEqual(["housekeeping", "validate_overdue"]);
  });

  it("keep their place when they are put off, and cost nothing then", async () => {
    await enqueue({ organization: nth(0), costs: [10] });
    await enqueueJobs(worker, [
      { task: "validate_expenses", organizationId: nth(0), payload: {}, startTag: 3 },
    ]);
    const { rows } = await worker.query(
      `select (payload->'envelope'->>'startTag')::float as tag, priority from graphile_worker._private_jobs order by id`,
    );
    expect(rows).toEqual([
      { tag: 0, priority: -32_768 },
      { tag: 3, priority: -32_768 },
    ]);
    const { rows: finishes } = await database
      .pool("migrator")
      .query("select lane, finish from blindagem_private.virtual_finishes where finish > 0");
    expect(finishes).toEqual([{ lane: "QUICK", finish: 10 }]);
  });

  it("have a clock for each lane: look-ups do not pay for validations", async () => {
    await enqueue({ organization: nth(0), costs: [200] });
    await enqueueJobs(worker, [
      { task: "cnpj_lookup", organizationId: nth(0), payload: { cnpj: "x" } },
      { task: "ocr_triage", organizationId: nth(0), payload: { sha256: "x" } },
    ]);
    const { rows } = await worker.query(
      `select (payload->'envelope'->>'startTag')::float as tag, priority from graphile_worker._private_jobs order by id`,
    );
    expect(rows.slice(1)).toEqual([
      { tag: 0, priority: 0 },
      { tag: 0, priority: 0 },
    ]);
  });
});

describe("priorities", () => {
  const tagged = (...tags: number[]) =>
    enqueueJobs(
      worker,
      tags.map((startTag) => ({ task: "reconcile", payload: { startTag }, startTag })),
    );
  const priorities = async () => {
    const { rows } = await worker.query<{ tag: number; priority: number }>(
      `select (payload->'envelope'->>'startTag')::float as tag, priority + 32768 as priority
       from graphile_worker._private_jobs order by id`,
    );
    return rows.map(({ tag, priority }) => [tag, priority]);
  };
  const advance = (startTag: number) =>
    worker.query("select blindagem_private.advance_virtual_time($1)", [
      JSON.stringify([{ task: "reconcile", startTag }]),
    ]);

  it("are moved on before they run out: none is ever past the last, and the order stays", async () => {
    await tagged(0, 262_143, 524_287, 524_288, 700_000, 5_000_000);
    expect(await priorities()).toEqual([
      [0, 0],
      [262_143, 16_383],
      [524_287, 32_767],
      [524_288, 32_767],
      [700_000, 32_767],
      [5_000_000, 32_767],
    ]);
    await advance(262_143);
    expect((await priorities())[2]).toEqual([524_287, 32_767]);
    await advance(262_144 + 40);
    await tagged(262_200);
    expect(await priorities()).toEqual([
      [0, 0],
      [262_143, 0],
      [524_287, 16_381],
      [524_288, 16_382],
      [700_000, 27_364],
      [5_000_000, 32_767],
      [262_200, 1],
    ]);
  });

  it("of jobs without a tag become the first", async () => {
    await worker.query("select graphile_worker.add_job('reconcile', priority => 7)");
    await advance(300_000);
    expect(await priorities()).toEqual([[null, 0]]);
  });

  it("of other lanes stay", async () => {
    await enqueueJobs(worker, [{ task: "cnpj_lookup", payload: {}, startTag: 160 }]);
    await advance(300_000);
    expect((await priorities())[0]).toEqual([160, 32_768 + 10]);
  });

  it("never come from an old base: moving it waits for whoever enqueues", async () => {
    const other = await database.pool("worker").connect();
    try {
      await other.query("begin");
      await enqueueJobs(other, [{ task: "reconcile", payload: {}, startTag: 300_000 }]);
      const advanced = advance(299_984);
      await other.query("commit");
      await advanced;
      // Where the commit came too late for it, with the next report.
      await advance(299_984);
      expect(await priorities()).toEqual([[300_000, 1]]);
    } finally {
      other.release();
    }
  });

  it("are moved on later where a transaction that has enqueued stands still: nobody else waits for it", async () => {
    const [stalled, third] = [
      await database.pool("worker").connect(),
      await database.pool("worker").connect(),
    ];
    try {
      await stalled.query("begin");
      await enqueueJobs(stalled, [{ task: "reconcile", payload: {}, startTag: 300_000 }]);
      const advanced = advance(299_984);
      const weighed = database
        .asRequest("operator", { actor_id: "operator" }, (client) =>
          client.query(
            "select blindagem.set_organization_weight((select min(id) from blindagem.organizations), 2, 'Teste')",
          ),
        )
        .catch((error: unknown) => error);
      await third.query("set statement_timeout = '8s'");
      await enqueueJobs(third, [{ task: "reconcile", payload: {}, startTag: 300_001 }]);
      await advanced;
      expect(await weighed).toMatchObject({ code: "BLD14" });
      await stalled.query("commit");
      await advance(299_984);
      expect(await priorities()).toEqual([
        [300_000, 1],
        [300_001, 1],
      ]);
    } finally {
      stalled.release();
      third.release(true);
    }
  });

  it("go back never: a late report of an early tag changes nothing", async () => {
    await advance(500);
    await advance(100);
    const { rows } = await worker.query(
      "select virtual_time from blindagem_private.virtual_clocks where lane = 'QUICK'",
    );
    expect(rows).toEqual([{ virtual_time: 500 }]);
  });
});

describe("sessions that enqueue at once", () => {
  const sessions = 5;

  it("never wait for each other, and each job is paid for, whatever the order of organizations", async () => {
    const clients: pg.PoolClient[] = [];
    for (let index = 0; index < sessions; index++) {
      clients.push(await database.pool("worker").connect());
    }
    const step = fc.record({
      session: fc.nat(sessions - 1),
      organization: fc.nat(2),
      cost: fc.integer({ min: 1, max: 9 }),
      task: fc.constantFrom("validate_expenses", "cnpj_lookup"),
      commits: fc.boolean(),
    });
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          await restart();
          for (const client of clients) await client.query("begin");
          const paid = new Map<string, number>();
          for (const { session, organization, cost, task, commits } of steps) {
            const client = clients[session];
            if (!client) continue;
            const [job] = jobsOf({ organization: nth(organization), costs: [cost] });
            if (!job) continue;
            // One at a time: were a lock waited for, nobody would give it free.
            await enqueueJobs(client, [{ ...job, task }]);
            const key = `${task === "cnpj_lookup" ? "PROVIDER" : "QUICK"} ${nth(organization)}`;
            paid.set(key, (paid.get(key) ?? 0) + cost);
            if (commits) await client.query("commit; begin");
          }
          for (const client of clients) await client.query("commit");
          // The next job of each begins where all of that ends.
          const { rows } = await database.pool("migrator").query<{ key: string; paid: number }>(
            `select f.lane || ' ' || f.organization_id as key, f.finish + coalesce((
               select sum(c.cost) from blindagem_private.virtual_charges c
               where c.lane = f.lane and c.organization_id = f.organization_id), 0) as paid
             from blindagem_private.virtual_finishes f`,
          );
          const actual = rows
            .filter(({ paid: sum }) => sum > 0)
            .map(({ key, paid: sum }) => [key, sum]);
          expect(new Map(actual.map(([key, sum]) => [String(key), Number(sum)]))).toEqual(paid);
        }),
        { numRuns: 25 },
      );
    } finally {
      for (const client of clients) {
        await client.query("rollback");
        client.release();
      }
    }
  });
});

describe("set_organization_weight", () => {
  const set = (organization: string | null, weight: string | null, reason = "Contrato novo") =>
    database.asRequest("operator", { actor_id: "person:1" }, (client) =>
      client.query("select blindagem.set_organization_weight($1, $2, $3)", [
        organization,
        weight,
        reason,
      ]),
    );
  const stored = async () =>
    (await database.pool("migrator").query("select weight from blindagem.organization_weights"))
      .rows;

  it("stores the weight, with its reason in the log", async () => {
    await set(nth(0), "2.5");
    await set(nth(0), "3");
    expect(await stored()).toEqual([{ weight: "3.00" }]);
    const { rows } = await database.pool("migrator").query(
      `select reason, previous_state, new_state from blindagem_audit.records
       where entity_type = 'organization_weights' and operation = 'UPDATE' order by id desc limit 1`,
    );
    expect(rows).toEqual([
      {
        reason: "Contrato novo",
        previous_state: { weight: "2.50" },
        new_state: { weight: "3.00" },
      },
    ]);
  });

  it.each([
    ["no weight", "0"],
    ["a negative weight", "-1"],
    ["what is no number", "NaN"],
    ["too much", "100.01"],
    ["what would be rounded to nothing", "0.001"],
    ["nothing", null],
  ])("refuses %s, and changes nothing", async (_, weight) => {
    await expect(set(nth(0), weight)).rejects.toMatchObject({ code: "BLD04" });
    expect(await stored()).toEqual([]);
  });

  it("refuses an organization that does not exist, and a change without reason", async () => {
    await expect(set("999999", "2")).rejects.toMatchObject({ code: "BLD03" });
    await expect(set(null, "2")).rejects.toMatchObject({ code: "BLD03" });
    await expect(set(nth(0), "2", " ")).rejects.toMatchObject({ code: "BLD08" });
    expect(await stored()).toEqual([]);
  });

  it("is the operators' alone", async () => {
    const settings = { actor_id: "person:1", organization_id: nth(0) };
    await expect(
      database.asRequest("admin", settings, (client) =>
        client.query("select blindagem.set_organization_weight($1, 2, 'Quero mais')", [nth(0)]),
      ),
    ).rejects.toMatchObject({ code: "BLD02" });
  });
});
