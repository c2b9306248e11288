import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { createLogger } from "../../src/observability/logger.ts";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { startWorkers, type Workers } from "../../src/queue/workers.ts";
import { useServices } from "../../src/services.ts";
import type { LookupOutcome } from "../../src/suppliers/company.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue, servicesOf } from "../tasks/task-run.ts";
import { waitFor } from "../wait-for.ts";

const clock = () => new Date();

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

async function start(): Promise<Workers> {
  running = await startWorkers({
    databaseUrl: database.url("worker"),
    concurrency: { QUICK: 2, PROVIDER: 1, READING: 1 },
    limits: [{ provider: "CNPJWS", credential: "public", perMinute: 60_000, burst: 100 }],
    logger: createLogger("silent"),
    clock,
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
