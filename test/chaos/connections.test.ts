import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { signToken } from "../../src/client/sign-token.ts";
import { startCli } from "../cli-process.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type Administradora, createAdministradora } from "../tasks/administradora.ts";
import { waitFor } from "../wait-for.ts";
import { decisionsOf } from "./decisions.ts";
import { type HeldRegistry, startHeldRegistry } from "./held-registry.ts";
import { enqueue, locks } from "./queue-state.ts";
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

/** Ends every session of a kind of process, as its own login may. */
async function endSessions(of: "worker" | "authenticator" = "worker"): Promise<void> {
  await database.pool(of).query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and starts_with(application_name, $1)`,
    [of === "worker" ? "blindagem worker" : "blindagem api"],
  );
}

/** Every session ends that is about to note how a job ended, while `use` runs. */
async function endingAtJobEnds(use: () => Promise<void>): Promise<void> {
  const owner = await database.pool("migrator").connect();
  try {
    await owner.query(`set role ${database.prefix}_queue`);
    await owner.query(
      `create function pg_temp.end_session() returns trigger language plpgsql as $$
       begin
         perform pg_terminate_backend(pg_backend_pid());
         return new;
       end $$`,
    );
    await owner.query(
      `create trigger end_session before delete on graphile_worker._private_jobs
       for each statement execute function pg_temp.end_session();
       create trigger end_session_too before update on graphile_worker._private_jobs
       for each row when (old.locked_by is not null and new.locked_by is null) execute function pg_temp.end_session()`,
    );
    await use();
  } finally {
    // The function goes with its session, and the triggers with the function.
    owner.release(true);
  }
}

describe("a worker outlives the end of its sessions", () => {
  it("all at once, idle and busy, again and again", async () => {
    const worker = await workers.start({ WORKER_CONCURRENCY: "8" });
    const expenses: string[] = [];
    for (let round = 0; round < 10; round++) {
      expenses.push(...(await submit(20)));
      await endSessions();
    }
    await untilDecidedOnce(expenses);
    expect(worker.process.exitCode).toBeNull();
  });

  it("at the moment when the end of a job is noted, a job that failed too", async () => {
    const worker = await workers.start();
    const lostIn = () => worker.stderr().split("the database is not reached").length - 1;
    let expenses: string[] = [];
    await endingAtJobEnds(async () => {
      await enqueue(database, { task: "cnpj_lookup", payload: { cnpj: "no CNPJ" } });
      expenses = await submit(5);
      await waitFor("sessions to be ended", () => {
        if (worker.process.exitCode !== null) throw new Error(worker.stderr());
        return lostIn() >= 6;
      });
    });
    await untilDecidedOnce(expenses);
    await waitFor("the jobs' ends to be noted", async () =>
      (await locks(database, "cnpj_lookup", "validate_expenses")).every(({ locked }) => !locked),
    );
    expect(worker.process.exitCode).toBeNull();
  });

  it("while it has none and gets none", async () => {
    const name = new URL(database.migratorUrl).pathname.slice(1);
    const owner = await database.pool("migrator").connect();
    const worker = await workers.start();
    const expenses = await submit(20);
    // Sessions that are open stay, this test's; no new one is given.
    await owner.query(`alter database ${name} connection limit 0`);
    try {
      await endSessions();
      await waitFor("the worker to be refused", () =>
        worker.stderr().includes("too many connections for database"),
      );
    } finally {
      await owner.query(`alter database ${name} connection limit -1`);
      owner.release();
    }
    await untilDecidedOnce(expenses);
    expect(worker.process.exitCode).toBeNull();
  });
});

describe("the API outlives the end of its sessions", () => {
  it("amid requests, and serves the next ones", async () => {
    const secret = "a secret of the tests, longer than 32 characters";
    const api = startCli(["api"], {
      environment: {
        AUTHENTICATOR_DATABASE_URL: database.url("authenticator"),
        ROLE_PREFIX: database.prefix,
        JWT_SECRET: secret,
        PORT: "0",
      },
    });
    await submit(1);
    const owner = await database.pool("migrator").connect();
    try {
      const url = await waitFor("the API", () => /"url":"([^"]+)"/.exec(api.stderr())?.[1]);
      const token = await signToken(secret, { subject: "ana-1", role: "admin" }, 1, new Date());
      const ask = async () => {
        const answer = await fetch(`${url}/batch-expenses/1`, {
          headers: { authorization: `Bearer ${token}` },
        });
        return answer.status;
      };
      for (let round = 0; round < 3; round++) {
        await owner.query("begin; lock table blindagem.expenses");
        const asked = Promise.all(Array.from({ length: 10 }, ask));
        await waitFor("the requests to wait for the lock", async () => {
          const { rowCount } = await owner.query(
            `select from pg_locks l join pg_database d on d.oid = l.database
             where d.datname = current_database() and not l.granted`,
          );
          return (rowCount ?? 0) >= 10;
        });
        await endSessions("authenticator");
        expect(await asked).toEqual(Array.from({ length: 10 }, () => 503));
        await owner.query("rollback");
      }
      expect(await ask()).toBe(200);
      expect(api.process.exitCode).toBeNull();
    } finally {
      owner.release(true);
      api.process.kill("SIGKILL");
      await api.exited;
    }
  });
});

describe("work resumes by itself, nothing lost and nothing twice", () => {
  it("beside an old transaction that holds its locks and its snapshot", async () => {
    const [locked = ""] = await submit(1);
    const old = await database.pool("migrator").connect();
    try {
      await old.query("begin isolation level repeatable read");
      await old.query("select from blindagem.expenses where id = $1 for update", [locked]);
      // Only now: a worker that is faster than the lock would have decided the expense.
      await workers.keepOne();
      await untilDecidedOnce(await submit(10));
      expect(await decisionsOf(database, [locked])).toEqual([0]);
      await old.query("commit");
    } finally {
      old.release(true);
    }
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
