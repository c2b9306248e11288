import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createDirectoryStore } from "../../src/receipts/document-store.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { drawn, PROOF, scanOf } from "../receipts/drawn.ts";
import { createAdministradora } from "../tasks/administradora.ts";
import { waitFor } from "../wait-for.ts";
import { type HeldRegistry, startHeldRegistry } from "./held-registry.ts";
import { answersOn, enqueue, jobStates, locks, untilAll } from "./queue-state.ts";
import { type WorkerProcesses, workerProcesses } from "./worker-processes.ts";

const CNPJ = "11222333000181";
const SECOND = "11444777000161";
const THIRD = "00000000000191";

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

  it("leaves no job locked that it fetches before it hears of its death", async () => {
    // With a place free, and too seldom a heartbeat to hear of it at once.
    const sleeper = await workers.start({
      PROVIDER_CONCURRENCY: "2",
      WORKER_HEARTBEAT_MS: "4000",
      WORKER_DEAD_AFTER_MS: "12000",
    });
    const asked = registry.asked.length;
    await enqueue(database, { task: "cnpj_lookup", payload: { cnpj: SECOND } });
    await registry.untilAsked(asked + 1);
    sleeper.process.kill("SIGSTOP");
    await workers.start();
    await registry.untilAsked(asked + 2);
    // The other one has no place for it.
    await enqueue(database, { task: "cnpj_lookup", payload: { cnpj: THIRD } });
    sleeper.process.kill("SIGCONT");
    expect(await sleeper.exited).toBe(1);
    registry.open();
    await untilAll(database, "cnpj_lookup", "FINISHED");
    expect(await answersOn(database, THIRD)).toBe(1);
    await waitFor("the queue to be empty of it", async () => {
      return (await locks(database, "cnpj_lookup")).length === 0;
    });
  });
});

describe("a worker that stands still while it reads a document", () => {
  it("leaves it to the one that reads it anew: one reading, one job, and it ends to be started again", async () => {
    const bytes = await scanOf(drawn(PROOF));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const directory = await mkdtemp(path.join(tmpdir(), "blindagem-pause-"));
    await createDirectoryStore(directory).put(sha256, bytes);
    const house = await createAdministradora(database);
    const sleeper = await workers.start({ DOCUMENTS_DIRECTORY: directory });
    await house.upload(sha256, "comprovante.pdf");
    await untilAll(database, "ocr_triage", "RUNNING");
    sleeper.process.kill("SIGSTOP");

    await workers.start({ DOCUMENTS_DIRECTORY: directory });
    await waitFor("the other to have it", async () => {
      const [job] = await jobStates(database, "ocr_triage");
      return job?.fence === 2;
    });
    sleeper.process.kill("SIGCONT");
    expect(await sleeper.exited).toBe(1);
    expect(sleeper.stderr()).toContain("was taken for dead");
    await untilAll(database, "ocr_triage", "FINISHED");
    expect(await jobStates(database, "ocr_triage")).toEqual([
      { state: "FINISHED", attempts: 1, deaths: 1, fence: 2 },
    ]);
    const { rows } = await database
      .pool("worker")
      .query(
        "select count(*)::int as readings from blindagem.document_readings where sha256 = $1",
        [sha256],
      );
    expect(rows).toEqual([{ readings: 1 }]);
    expect(await locks(database, "ocr_triage")).toEqual([]);
    await rm(directory, { recursive: true });
  }, 60_000);
});

describe("a worker that was taken for dead and still runs, as when its heartbeats were refused", () => {
  it("gives back what it fetches, with the attempt, and ends without waiting for its next heartbeat", async () => {
    const query = (text: string) => database.pool("worker").query(text);
    await query("delete from blindagem_private.workers");
    const worker = await workers.start({
      WORKER_CONCURRENCY: "4",
      WORKER_HEARTBEAT_MS: "60000",
      WORKER_DEAD_AFTER_MS: "600000",
    });
    await waitFor("its pools to be known", async () => {
      const { rowCount } = await query(
        "select from blindagem_private.workers where cardinality(pool_ids) = 3",
      );
      return rowCount === 1;
    });
    await query("select blindagem_private.recover_jobs(interval '0')");

    // One failure more, and they would be dead letters.
    const count = 50;
    await enqueue(
      database,
      ...Array.from({ length: count }, () => ({
        task: "reconcile",
        payload: { condominiumId: "1" },
        runAt: new Date(Date.now() + 3_600_000),
      })),
    );
    await query(
      `update graphile_worker._private_jobs set attempts = max_attempts - 1, run_at = now()
       where id in (select id from graphile_worker.jobs where task_identifier = 'reconcile')`,
    );
    expect(await worker.exited).toBe(1);
    expect(worker.stderr()).toContain("was taken for dead");

    await workers.start();
    await untilAll(database, "reconcile", "FINISHED");
    expect(await jobStates(database, "reconcile")).toHaveLength(count);
    expect((await query("select from blindagem_private.dead_letters")).rowCount).toBe(0);
    const { rows } = await query(
      "select distinct last_error, deaths from blindagem_private.job_records where task = 'reconcile'",
    );
    expect(rows).toEqual([{ last_error: null, deaths: 0 }]);
  }, 60_000);
});
