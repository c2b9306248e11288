import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type Administradora, createAdministradora } from "../tasks/administradora.ts";
import { waitFor } from "../wait-for.ts";
import { decisionsOf } from "./decisions.ts";
import { type HeldRegistry, startHeldRegistry } from "./held-registry.ts";
import { type WorkerProcesses, workerProcesses } from "./worker-processes.ts";

/** Few in `npm test`; `npm run chaos` takes its time. */
const RUNS = process.env.CHAOS ? 15 : 1;
jest.setTimeout(RUNS * 120_000);

let database: TestDatabase;
let house: Administradora;
let registry: HeldRegistry;
let workers: WorkerProcesses;
beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  registry = await startHeldRegistry();
  registry.open();
  workers = workerProcesses(database, registry.url);
});
afterEach(() => workers.killAll());
afterAll(async () => {
  await registry.close();
  await database.drop();
});

/** What an operator does to all jobs that can be met. @returns how many were */
async function intervene(operation: "cancel_jobs" | "retry_jobs"): Promise<number> {
  return database.asRequest("operator", { actor_id: "operator" }, async (client) => {
    const { rows } = await client.query<{ changed: number }>(
      `select (blindagem.${operation}(
         reason => 'Teste', filter => row(null, null, null, null, clock_timestamp())::blindagem.job_filter)).changed`,
    );
    return rows[0]?.changed ?? 0;
  });
}

/** The expenses that were accepted: each is to be decided once, whatever happened. */
interface Model {
  expenses: string[];
}
type Step = fc.AsyncCommand<Model, WorkerProcesses>;

const step = (name: string, run: (model: Model) => Promise<void>): Step => ({
  check: () => true,
  run,
  toString: () => name,
});

const submit = (count: number) =>
  step(`submit ${count}`, async (model) => {
    const rows = Array.from({ length: count }, () => ({ condominium: "SOL" }));
    model.expenses.push(...(await house.submit(...rows)));
  });
const others = [
  step("kill", async () => workers.killYoungest()),
  step("pause", async () => workers.pauseYoungest()),
  step("wake", async () => workers.wakeAll()),
  step("cancel", async () => void (await intervene("cancel_jobs"))),
  step("retry", async () => void (await intervene("retry_jobs"))),
];

/** Begins with something to decide, and has each of the others at least once: a single run, too, is worth its name. */
const steps = fc
  .tuple(
    fc.integer({ min: 20, max: 40 }).map(submit),
    fc.shuffledSubarray(others, { minLength: others.length }),
    fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }).map(submit), fc.constantFrom(...others)), {
      maxLength: 7,
    }),
  )
  .map(([first, each, more]) => [first, ...each, ...more]);

describe("whatever is submitted, killed, paused, cancelled and retried", () => {
  it("every expense is decided once in the end", async () => {
    await workers.keepOne();
    await fc.assert(
      fc.asyncProperty(steps, async (commands) => {
        const model: Model = { expenses: [] };
        await fc.asyncModelRun(() => ({ model, real: workers }), commands);
        workers.wakeAll();
        await waitFor(
          "every expense to be decided",
          async () => {
            // What was cancelled, or is dead, is run again: then nothing is left undone.
            await intervene("retry_jobs");
            return (await decisionsOf(database, model.expenses)).every((count) => count > 0);
          },
          90_000,
        );
        expect(await decisionsOf(database, model.expenses)).toEqual(model.expenses.map(() => 1));
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});
