import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type Administradora, createAdministradora } from "../tasks/administradora.ts";
import { waitFor } from "../wait-for.ts";
import { decisionsOf } from "./decisions.ts";
import { type HeldRegistry, startHeldRegistry } from "./held-registry.ts";
import { startStallingProxy } from "./stalling-proxy.ts";
import { type WorkerProcesses, workerProcesses } from "./worker-processes.ts";

jest.setTimeout(120_000);

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

const submit = (count: number) =>
  house.submit(...Array.from({ length: count }, () => ({ condominium: "SOL" })));

/** Waits until each of them was decided, and tells that it was once. */
async function untilDecidedOnce(expenses: readonly string[]): Promise<void> {
  await waitFor(
    "every expense to be decided",
    async () => (await decisionsOf(database, expenses)).every((count) => count > 0),
    60_000,
  );
  expect(await decisionsOf(database, expenses)).toEqual(expenses.map(() => 1));
}

/** Ends every session that a worker has. */
async function endSessions(): Promise<void> {
  await database.pool("worker").query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like 'blindagem worker %'`,
  );
}

describe("work resumes by itself, nothing lost and nothing twice", () => {
  it("when every session of the worker is ended, again and again", async () => {
    await workers.keepOne();
    const expenses: string[] = [];
    for (let round = 0; round < 3; round++) {
      expenses.push(...(await submit(20)));
      await endSessions();
    }
    await untilDecidedOnce(expenses);
  });

  it("when the server has no connection left for it", async () => {
    const name = new URL(database.migratorUrl).pathname.slice(1);
    const owner = await database.pool("migrator").connect();
    await workers.keepOne();
    const expenses = await submit(20);
    // Sessions that are open stay, this test's; no new one is given. It is refused as a worker that runs, or as one that
    // has ended and is started again.
    await owner.query(`alter database ${name} connection limit 0`);
    try {
      await endSessions();
      await waitFor("the worker to be refused", () =>
        /too many connections for database|O serviço está ocupado/.test(workers.log()),
      );
    } finally {
      await owner.query(`alter database ${name} connection limit -1`);
      owner.release();
    }
    await untilDecidedOnce(expenses);
  });

  it("beside an old transaction that holds its locks and its snapshot", async () => {
    await workers.keepOne();
    const [locked = "", ...others] = await submit(1).then(async (first) => [
      ...first,
      ...(await submit(10)),
    ]);
    const old = await database.pool("migrator").connect();
    await old.query("begin isolation level repeatable read");
    await old.query("select from blindagem.expenses where id = $1 for update", [locked]);
    await untilDecidedOnce(others);
    await old.query("commit");
    old.release();
    await untilDecidedOnce([locked]);
  });

  it("when its connections no longer carry anything, and later do again", async () => {
    const proxy = await startStallingProxy(database.url("worker"));
    await workers.keepOne({ WORKER_DATABASE_URL: proxy.url });
    await untilDecidedOnce(await submit(5));
    proxy.stall();
    const expenses = await submit(20);
    // Another worker does not wait for the one that hears nothing.
    await workers.start();
    await untilDecidedOnce(expenses);
    await waitFor("the silent one to be taken for dead", async () => {
      const { rowCount } = await database
        .pool("worker")
        .query("select from blindagem_private.workers where died");
      return (rowCount ?? 0) > 0;
    });
    proxy.resume();
    await untilDecidedOnce(await submit(20));
    await proxy.close();
  });
});
