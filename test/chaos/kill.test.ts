import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";
import { type HeldRegistry, startHeldRegistry } from "./held-registry.ts";
import { answersOn, enqueue, jobStates, locks, untilAll } from "./queue-state.ts";
import { type WorkerProcesses, workerProcesses } from "./worker-processes.ts";

const CNPJ = "11222333000181";
const OTHER = "11444777000161";
const THIRD = "00000000000191";
const lookUp = (cnpj: string) => ({ task: "cnpj_lookup", payload: { cnpj } });

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

describe("a worker that is killed", () => {
  it("has its job run elsewhere, the attempt refunded, the effect once", async () => {
    const first = await workers.start();
    await enqueue(database, lookUp(CNPJ));
    await registry.untilAsked(1);
    first.process.kill("SIGKILL");
    await first.exited;
    expect(await jobStates(database, "cnpj_lookup")).toEqual([
      { state: "RUNNING", attempts: 1, deaths: 0, fence: 1 },
    ]);

    await workers.start();
    await registry.untilAsked(2);
    expect(await locks(database, "cnpj_lookup")).toEqual([{ locked: true, attempts: 1 }]);
    registry.answer();
    await untilAll(database, "cnpj_lookup", "FINISHED");
    expect(await jobStates(database, "cnpj_lookup")).toEqual([
      { state: "FINISHED", attempts: 1, deaths: 1, fence: 2 },
    ]);
    expect(await answersOn(database, CNPJ)).toBe(1);
    expect(registry.asked).toEqual([CNPJ, CNPJ]);
  });

  it("is killed for good by no job: after three deaths the job is a dead letter", async () => {
    await enqueue(database, lookUp(OTHER));
    const before = registry.asked.length;
    for (let death = 1; death <= 3; death++) {
      const victim = await workers.start();
      await registry.untilAsked(before + death);
      victim.process.kill("SIGKILL");
      await victim.exited;
    }
    await workers.start();
    const letter = await waitFor("the dead letter", async () => {
      const { rows } = await database.pool("worker").query(
        `select task, cause, deaths, payload->>'cnpj' as cnpj, resolution,
           array(select (f->>'attempt')::int from jsonb_array_elements(history) as f) as attempts
         from blindagem_private.dead_letters where task = 'cnpj_lookup'`,
      );
      return rows[0];
    });
    expect(letter).toEqual({
      task: "cnpj_lookup",
      cause: "DEATHS",
      deaths: 3,
      cnpj: OTHER,
      resolution: null,
      attempts: [1, 1, 1],
    });
    expect(await locks(database, "cnpj_lookup")).toEqual([]);
    expect((await jobStates(database, "cnpj_lookup"))[1]).toMatchObject({ state: "FAILED" });
    expect(registry.asked).toHaveLength(before + 3);
  });

  it("is killed for good by none of the clock's either: its next ones wait until an operator has seen to it", async () => {
    const query = async (text: string) => (await database.pool("worker").query(text)).rows;
    // As the library's cron adds its jobs: without an envelope, and with a key of which one job waits.
    const tick = () =>
      query(
        `select from graphile_worker.add_job('cnpj_lookup', '{"cnpj":"${THIRD}"}', job_key => 'clock', max_attempts => 3)`,
      );
    const waiting = () =>
      query(
        "select state, deaths, waiting_for from blindagem_private.job_records where task = 'cnpj_lookup' and state = 'WAITING'",
      );
    await query("delete from blindagem_private.dead_letters");
    const before = registry.asked.length;
    await tick();
    for (let death = 1; death <= 3; death++) {
      const victim = await workers.start();
      await registry.untilAsked(before + death);
      victim.process.kill("SIGKILL");
      await victim.exited;
    }
    await workers.start();
    const letter = await waitFor("the dead letter", async () => {
      const [row] = await query(
        "select cause, deaths from blindagem_private.dead_letters where task = 'cnpj_lookup'",
      );
      return row;
    });
    expect(letter).toEqual({ cause: "DEATHS", deaths: 3 });

    await tick();
    await waitFor("the next one to wait", async () => (await waiting()).length === 1);
    expect(await waiting()).toEqual([
      {
        state: "WAITING",
        deaths: 0,
        waiting_for:
          "três processos terminaram durante a última tarefa assim; ela espera que um operador a repita ou cancele",
      },
    ]);
    expect(await locks(database, "cnpj_lookup")).toEqual([{ locked: false, attempts: 0 }]);
    expect(registry.asked).toHaveLength(before + 3);

    registry.open();
    await query(
      "update blindagem_private.dead_letters set resolved_at = now(), resolution = 'CANCELLED'",
    );
    await query("update graphile_worker._private_jobs set run_at = now() where key = 'clock'");
    await waitFor("it to run", async () => (await locks(database, "cnpj_lookup")).length === 0);
    expect(await waiting()).toEqual([]);
  });
});
