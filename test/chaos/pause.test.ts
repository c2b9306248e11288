import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type HeldRegistry, startHeldRegistry } from "./held-registry.ts";
import { answersOn, enqueue, jobStates, locks, untilAll } from "./queue-state.ts";
import { type WorkerProcesses, workerProcesses } from "./worker-processes.ts";

const CNPJ = "11222333000181";

let database: TestDatabase;
let registry: HeldRegistry;
let workers: WorkerProcesses;
beforeAll(async () => {
  database = await createTestDatabase();
  registry = await startHeldRegistry();
  workers = workerProcesses(database, registry.url);
});
afterEach(() => workers.killAll());
afterAll(async () => {
  await registry.close();
  await database.drop();
});

describe("a worker that stands still and wakes up", () => {
  it("neither commits nor ends the job that another runs by then, and ends to be started again", async () => {
    const sleeper = await workers.start();
    await enqueue(database, { task: "cnpj_lookup", payload: { cnpj: CNPJ } });
    await registry.untilAsked(1);
    sleeper.process.kill("SIGSTOP");

    await workers.start();
    await registry.untilAsked(2);
    // The answer reaches the sleeper first; the other is still waiting for its own.
    sleeper.process.kill("SIGCONT");
    expect(await sleeper.exited).toBe(1);
    expect(sleeper.stderr()).toContain("was taken for dead");
    expect(await locks(database, "cnpj_lookup")).toEqual([{ locked: true, attempts: 1 }]);
    expect(await answersOn(database, CNPJ)).toBe(0);

    registry.answer();
    await untilAll(database, "cnpj_lookup", "FINISHED");
    expect(await answersOn(database, CNPJ)).toBe(1);
    expect(await jobStates(database, "cnpj_lookup")).toEqual([
      { state: "FINISHED", attempts: 1, deaths: 1, fence: 2 },
    ]);
    expect(await locks(database, "cnpj_lookup")).toEqual([]);
  });
});
