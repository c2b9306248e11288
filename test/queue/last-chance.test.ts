import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { defineTask } from "../../src/queue/task.ts";
import { useServices } from "../../src/services.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "../tasks/task-run.ts";
import { waitFor } from "../wait-for.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  useServices(servicesOf({ clock: () => new Date() }));
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyQueue(database);
  await database.pool("worker").query("delete from blindagem_private.job_records");
});

/**
 * A reading, and while it runs a look-up, of which so many workers died.
 *
 * @param isOfClock the look-up is as the library's cron adds jobs: without an envelope
 * @returns what ran beside the reading, and the queue at its end
 */
async function runBeside(reading: number, lookUp: number, isOfClock = false) {
  const client = await database.pool("worker").connect();
  await enqueueJobs(client, [
    { task: "ocr_triage", payload: {} },
    ...(isOfClock ? [] : [{ task: "cnpj_lookup", payload: {} }]),
  ]);
  if (isOfClock) {
    await client.query(
      `insert into blindagem_private.job_records (task, graphile_job_id)
       select 'cnpj_lookup', id from graphile_worker.add_job('cnpj_lookup', '{}')`,
    );
  }
  for (const [task, deaths] of Object.entries({ ocr_triage: reading, cnpj_lookup: lookUp })) {
    await client.query("update blindagem_private.job_records set deaths = $1 where task = $2", [
      deaths,
      task,
    ]);
  }
  client.release();
  const order: string[] = [];
  let queued: unknown[] = [];
  const begun = Promise.withResolvers<void>();
  const ocr = defineTask("ocr_triage", z.object({}), async () => {
    order.push("reading");
    begun.resolve();
    await waitFor("the look-up to run or to be given back", async () => {
      const jobs = await queuedJobs(database);
      return order.length > 1 || jobs.some(({ waitingFor }) => waitingFor !== null);
    });
    queued = (await queuedJobs(database)).filter(({ task }) => task === "cnpj_lookup");
  });
  const lookUpTask = defineTask("cnpj_lookup", z.object({}), async () => {
    order.push("look-up");
  });
  await runJobs(
    database,
    {
      ocr_triage: ocr,
      cnpj_lookup: async (payload, helpers) => {
        await begun.promise;
        await lookUpTask(payload, helpers);
      },
    },
    2,
  );
  return { order, queued };
}

describe("a job of which two workers died", () => {
  it("runs beside no other of which one died, in whatever lane: that one is given back, and says so", async () => {
    for (const [reading, lookUp, isOfClock] of [
      [2, 1],
      [1, 2],
      [2, 2],
      [2, 1, true],
      [1, 2, true],
    ] as const) {
      await emptyQueue(database);
      const { order, queued } = await runBeside(reading, lookUp, isOfClock);
      expect(order).toEqual(["reading"]);
      expect(queued).toMatchObject([
        {
          attempts: 0,
          lastError: null,
          waitingFor:
            "processos terminaram durante esta tarefa; ela espera que outra assim termine",
        },
      ]);
      await database
        .pool("worker")
        .query("update graphile_worker._private_jobs set run_at = now()");
      let hasRun = false;
      await runJobs(database, {
        cnpj_lookup: defineTask("cnpj_lookup", z.object({}), async () => {
          hasRun = true;
        }),
      });
      expect(hasRun).toBe(true);
    }
  }, 60_000);

  it("runs beside those of which none died, and those of which one died run side by side", async () => {
    for (const [reading, lookUp] of [
      [2, 0],
      [0, 2],
      [1, 1],
    ] as const) {
      await emptyQueue(database);
      const { order } = await runBeside(reading, lookUp);
      expect(order).toEqual(["reading", "look-up"]);
    }
  }, 60_000);
});

describe("a bulk job of which a worker died", () => {
  it("holds no place of the quick lane for long while another such hangs, as at a lock", async () => {
    await emptyQueue(database);
    const client = await database.pool("worker").connect();
    await enqueueJobs(client, [
      { task: "validate_expenses", payload: {} },
      { task: "validate_expenses", payload: {} },
      { task: "reconcile", payload: {} },
    ]);
    await client.query(
      "update blindagem_private.job_records set deaths = 1 where task = 'validate_expenses'",
    );
    client.release();
    let hasRun = false;
    let begun = 0;
    await runJobs(
      database,
      {
        validate_expenses: defineTask(
          "validate_expenses",
          z.object({}),
          async () => {
            begun += 1;
            await waitFor("the other job to run", () => hasRun);
          },
          { isBulk: true },
        ),
        reconcile: defineTask("reconcile", z.object({}), async () => {
          hasRun = true;
        }),
      },
      2,
    );
    expect({ begun, hasRun }).toEqual({ begun: 1, hasRun: true });
    expect(await queuedJobs(database)).toMatchObject([
      {
        task: "validate_expenses",
        attempts: 0,
        waitingFor: "processos terminaram durante esta tarefa; ela espera que outra assim termine",
      },
    ]);
  }, 60_000);
});
