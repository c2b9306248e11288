import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { DatabaseClock } from "../../src/database/database-clock.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { registry } from "../../src/observability/registry.ts";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import type { ProviderLimit } from "../../src/queue/provider-slot.ts";
import { startWorkers, type Workers, type WorkersOptions } from "../../src/queue/workers.ts";
import { useServices } from "../../src/services.ts";
import type { LookupOutcome } from "../../src/suppliers/company.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { figure, readExposition } from "../observability/exposition.ts";
import { emptyQueue, servicesOf } from "../tasks/task-run.ts";
import { waitFor } from "../wait-for.ts";

const clock = () => new Date();
const LIMIT = { provider: "CNPJWS", credential: "public", perMinute: 60_000, burst: 100 } as const;

let database: TestDatabase;
let running: Workers | undefined;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyQueue(database);
  await database.pool("worker").query("delete from blindagem_private.job_records");
  // Each test asks for the same suppliers anew.
  await database
    .pool("worker")
    .query("update blindagem.companies set fetched_at = fetched_at - interval '1 year'");
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

async function start(
  limits: readonly ProviderLimit[] = [LIMIT],
  others: Partial<WorkersOptions> = {},
): Promise<Workers> {
  running = await startWorkers({
    databaseUrl: database.url("worker"),
    concurrency: { QUICK: 2, PROVIDER: 1, READING: 1 },
    limits,
    logger: createLogger("silent"),
    clock,
    ...others,
  });
  return running;
}

async function enqueue(...jobs: { task: string; payload: Record<string, unknown> }[]) {
  const client = await database.pool("worker").connect();
  await enqueueJobs(client, jobs);
  client.release();
}

const lookUp = (cnpj: string) => ({ task: "cnpj_lookup", payload: { cnpj } });
const reconcile = { task: "reconcile", payload: { condominiumId: "1" } };

async function states(task: string): Promise<string[]> {
  const { rows } = await database
    .pool("worker")
    .query<{ state: string }>(
      "select state from blindagem_private.job_records where task = $1 order by id",
      [task],
    );
  return rows.map(({ state }) => state);
}

/** A registry that answers when the test says so. */
function heldRegistry() {
  let answer: ((outcome: LookupOutcome) => void) | undefined;
  const asked: string[] = [];
  useServices(
    servicesOf({
      clock,
      registry: {
        lookup: (cnpj) => {
          asked.push(cnpj);
          return new Promise((resolve) => {
            answer = resolve;
          });
        },
      },
    }),
  );
  return {
    asked,
    answer: () => answer?.({ kind: "NOT_FOUND" }),
  };
}

describe("the workers", () => {
  it("run quick jobs while the slow lane is busy", async () => {
    const registry = heldRegistry();
    await start();
    await enqueue(lookUp("11222333000181"), lookUp("11444777000161"));
    await waitFor("the registry to be asked", () => registry.asked.length === 1);
    await enqueue(reconcile, reconcile, reconcile);
    await waitFor("the quick jobs to end", async () =>
      (await states("reconcile")).every((state) => state === "FINISHED"),
    );
    expect(await states("cnpj_lookup")).toEqual(["RUNNING", "WAITING"]);
    registry.answer();
    await waitFor("the second look-up", () => registry.asked.length === 2);
    registry.answer();
    await waitFor("the slow jobs to end", async () =>
      (await states("cnpj_lookup")).every((state) => state === "FINISHED"),
    );
  });

  it("finish what runs when they are stopped, take nothing new, and have written all records", async () => {
    const registry = heldRegistry();
    const workers = await start();
    await enqueue(lookUp("11222333000181"), lookUp("11444777000161"));
    await waitFor("the registry to be asked", () => registry.asked.length === 1);
    const stopped = workers.stop();
    running = undefined;
    registry.answer();
    await stopped;
    await workers.finished;
    expect(registry.asked).toHaveLength(1);
    expect(await states("cnpj_lookup")).toEqual(["FINISHED", "WAITING"]);
  });

  it("give the providers' slots: who waits for one is moved to it, and runs twice", async () => {
    const asked: string[] = [];
    useServices(
      servicesOf({
        clock,
        registry: {
          lookup: (cnpj) => {
            asked.push(cnpj);
            return Promise.resolve({ kind: "NOT_FOUND" });
          },
        },
      }),
    );
    const cnpjs = ["11222333000181", "11444777000161", "33000167000101"];
    await start([{ provider: "CNPJWS", credential: "public", perMinute: 30, burst: 1 }]);
    await enqueue(...cnpjs.map(lookUp));
    // The third waits for four seconds, and is given its slot when two of them are over.
    await waitFor("all to be asked for", () => asked.length === 3);
    expect(asked).toEqual(cnpjs);
    await waitFor("the records", async () =>
      (await states("cnpj_lookup")).every((state) => state === "FINISHED"),
    );
    expect((await states("cnpj_lookup")).length).toBeLessThanOrEqual(2 * cnpjs.length - 1);
  });

  it.each([
    { machine: "ahead of", seconds: 60 },
    { machine: "behind", seconds: -60 },
  ])(
    "know when a slot is there where their machine's clock is $machine the database's",
    async ({ seconds }) => {
      const { now, note } = new DatabaseClock(
        () => new Date(Date.now() + 1_000 * seconds),
        createLogger("silent"),
      );
      const asked: string[] = [];
      useServices(
        servicesOf({
          clock: now,
          registry: {
            lookup: (cnpj) => {
              asked.push(cnpj);
              return Promise.resolve({ kind: "NOT_FOUND" });
            },
          },
        }),
      );
      const cnpjs = ["11222333000181", "11444777000161"];
      const limit = { provider: "CNPJWS", credential: "public", perMinute: 30, burst: 1 } as const;
      await database.pool("worker").query("delete from blindagem_private.provider_buckets");
      await start([limit], { clock: now, onTime: note });
      await enqueue(...cnpjs.map(lookUp));
      await waitFor("both to be asked for", () => asked.length === 2);
      await waitFor("the records", async () =>
        (await states("cnpj_lookup")).every((state) => state === "FINISHED"),
      );
      expect(await states("cnpj_lookup")).toHaveLength(3);
    },
  );

  it("store the limits, and mend the records that a killed worker has left", async () => {
    await database.pool("worker").query(
      `insert into blindagem_private.job_records (task, state, started_at, enqueued_at)
         values ('reconcile', 'RUNNING', now() - interval '1 hour', now() - interval '1 hour')`,
    );
    await start();
    expect(await states("reconcile")).toEqual(["FINISHED"]);
    const { rows } = await database
      .pool("worker")
      .query("select provider, interval_ms, burst from blindagem_private.provider_buckets");
    expect(rows).toEqual([{ provider: "CNPJWS", interval_ms: 1, burst: 100 }]);
  });

  it("keep the schedule although a clock that was a year ahead has taken its runs for done", async () => {
    const worker = database.pool("worker");
    await worker.query(
      `insert into graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
       values ('wrong', now(), now() + interval '1 year'), ('right', now(), now() + interval '10 seconds')`,
    );
    await start();
    const { rows } = await worker.query(
      `select identifier, last_execution <= now() as "isPast" from graphile_worker._private_known_crontabs
       where identifier in ('right', 'wrong') order by 1`,
    );
    expect(rows).toEqual([
      { identifier: "right", isPast: false },
      { identifier: "wrong", isPast: true },
    ]);
  });

  it("count a job that is buried at its third death as dead, of its organization and of all", async () => {
    const worker = database.pool("worker");
    await worker.query("delete from blindagem_private.job_minutes");
    await worker.query("select blindagem_private.enqueue_jobs($1)", [
      JSON.stringify([{ ...reconcile, organizationId: "7" }]),
    ]);
    await worker.query(
      `insert into blindagem_private.workers (id, host, pid, concurrency, pool_ids, heartbeat_at)
       values (gen_random_uuid(), 'host', 7, '{}', '{pool-dead}', now() - interval '1 hour')`,
    );
    await worker.query(
      `update graphile_worker._private_jobs set locked_by = 'pool-dead', locked_at = now(), attempts = 1
       where id in (select id from graphile_worker.jobs where task_identifier = 'reconcile')`,
    );
    await worker.query(
      `update blindagem_private.job_records r
       set state = 'RUNNING', taken_by = 'pool-dead', attempts = 1, deaths = 2, graphile_job_id = j.id
       from graphile_worker.jobs j where j.task_identifier = 'reconcile' and r.task = 'reconcile'`,
    );
    const dead = async (task = "reconcile") =>
      figure(readExposition(await registry.metrics()), "blindagem_jobs_total", {
        task,
        outcome: "dead",
      }) ?? Number.NaN;
    const before = (await dead()) || 0;
    const workers = await start();
    await workers.stop();
    running = undefined;
    expect(await states("reconcile")).toEqual(["FAILED"]);
    expect((await dead()) - before).toBe(1);
    // From the beginning, so that the first one is an increase.
    expect(await dead("housekeeping")).toBe(0);
    const { rows } = await worker.query(
      `select organization_id::int as organization, task, started, finished, failed, dead
       from blindagem_private.job_minutes where task = 'reconcile' order by 1`,
    );
    const counts = { task: "reconcile", started: 0, finished: 0, failed: 0, dead: 1 };
    expect(rows).toEqual([
      { organization: 0, ...counts },
      { organization: 7, ...counts },
    ]);
  });

  it("fetch no job before it is known whose it is then, or nobody would free it after a kill", async () => {
    const worker = database.pool("worker");
    await worker.query(
      `insert into blindagem_private.workers (id, host, pid, concurrency, pool_ids, heartbeat_at)
       values (gen_random_uuid(), 'host', 7, '{}', '{pool-dead}', now() - interval '1 hour')`,
    );
    await worker.query("select blindagem_private.enqueue_jobs($1)", [JSON.stringify([reconcile])]);
    await worker.query(
      `with job as (update graphile_worker._private_jobs set locked_by = 'pool-dead', locked_at = now(), attempts = 1 returning id)
       update blindagem_private.job_records r
       set state = 'RUNNING', taken_by = 'pool-dead', attempts = 1, graphile_job_id = job.id from job`,
    );
    // Whoever frees the dead one's jobs waits for this, as behind many dead ones.
    const holder = await worker.connect();
    await holder.query("begin");
    await holder.query(
      "select from blindagem_private.job_records where state = 'RUNNING' for update",
    );
    const registry = heldRegistry();
    await enqueue(lookUp("11222333000181"));
    await start([LIMIT], { heartbeatMs: 1_000, deadAfterMs: 6_000 });
    await waitFor("the registry to be asked", () => registry.asked.length === 1);
    const { rows } = await worker.query(
      `select exists (
         select from blindagem_private.workers w where w.stopped_at is null and j.locked_by = any (w.pool_ids)) as is_known
       from graphile_worker.jobs j where j.task_identifier = 'cnpj_lookup' and j.locked_by is not null`,
    );
    await holder.query("rollback");
    holder.release();
    registry.answer();
    expect(rows).toEqual([{ is_known: true }]);
  });

  it("leave no connection behind", async () => {
    const workers = await start();
    await workers.stop();
    running = undefined;
    const { rows } = await database
      .pool("migrator")
      .query(
        "select from pg_stat_activity where application_name like 'blindagem worker %' and datname = current_database()",
      );
    expect(rows).toHaveLength(0);
  });

  it("do not start on a database that is not there", async () => {
    const url = new URL(database.url("worker"));
    url.pathname = "/nowhere";
    await expect(
      startWorkers({
        databaseUrl: url.href,
        concurrency: { QUICK: 1, PROVIDER: 1, READING: 1 },
        limits: [],
        logger: createLogger("silent"),
        clock,
      }),
    ).rejects.toBeInstanceOf(pg.DatabaseError);
  });
});
