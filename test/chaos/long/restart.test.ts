import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../../src/database/embedded.ts";
import { migrate } from "../../../src/database/migrate.ts";
import { administer, type Cluster, withDatabase } from "../../database/cluster.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";
import { createAdministradora } from "../../tasks/administradora.ts";
import { waitFor } from "../../wait-for.ts";
import { decisionsOf } from "../decisions.ts";
import { startHeldRegistry } from "../held-registry.ts";
import { enqueue } from "../queue-state.ts";
import { workerProcesses } from "../worker-processes.ts";

jest.setTimeout(180_000);

let directory: string;
let server: EmbeddedPostgres;
let database: TestDatabase;

/** A server of this test's own: the others' is not to be stopped under them. */
const start = () =>
  startEmbeddedPostgres({
    stateDirectory: path.join(directory, ".blindagem"),
    rootDirectory: "/var/lib/blindagem",
  });

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-restart-"));
  server = await start();
  const prefix = `t${randomBytes(5).toString("hex")}`;
  const secret = () => randomBytes(16).toString("hex");
  const passwords = { authenticator: secret(), worker: secret(), sealer: secret() };
  const template = `${prefix}_template`;
  await administer(server.migratorUrl("postgres"), `create database ${template}`);
  const migratorUrl = withDatabase(server.migratorUrl("postgres"), template);
  await migrate(migratorUrl, prefix, passwords);
  const own: Cluster = { migratorUrl, prefix, template, passwords };
  // This file's alone: Jest gives each file an environment of its own.
  process.env.BLINDAGEM_TEST_CLUSTER = JSON.stringify(own);
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  await server.stop();
  await rm(path.dirname(server.dataDirectory), { recursive: true, force: true });
  await rm(directory, { recursive: true, force: true });
});

describe("a restart of PostgreSQL amid work", () => {
  it("loses nothing and does nothing twice, and the work goes on by itself", async () => {
    const house = await createAdministradora(database);
    await house.condominium("SOL");
    const registry = await startHeldRegistry();
    registry.open();
    const workers = workerProcesses(database, registry.url);
    try {
      const worker = await workers.start();
      const expenses: string[] = [];
      for (let restart = 0; restart < 2; restart++) {
        expenses.push(
          ...(await house.submit(...Array.from({ length: 200 }, () => ({ condominium: "SOL" })))),
        );
        await server.stop();
        server = await start();
      }
      await waitFor(
        "every expense to be decided",
        async () => (await decisionsOf(database, expenses)).every((count) => count > 0),
        120_000,
      );
      expect(await decisionsOf(database, expenses)).toEqual(expenses.map(() => 1));
      expect(worker.process.exitCode).toBeNull();
    } finally {
      await workers.killAll();
      await registry.close();
    }
  });

  it("that ends at once, without a checkpoint, amid an operator's action on 30,000 jobs and amid validations", async () => {
    const house = await createAdministradora(database);
    await house.condominium("SOL");
    const registry = await startHeldRegistry();
    registry.open();
    const workers = workerProcesses(database, registry.url);
    const query = async (text: string) => (await database.pool("worker").query(text)).rows;
    const later = new Date(Date.now() + 3_600_000);
    try {
      for (let part = 0; part < 10; part++) {
        await enqueue(
          database,
          ...Array.from({ length: 3_000 }, () => ({
            task: "reconcile",
            payload: { condominiumId: "1" },
            runAt: later,
          })),
        );
      }
      const worker = await workers.start();
      const expenses = await house.submit(
        ...Array.from({ length: 500 }, () => ({ condominium: "SOL" })),
      );
      await database.asRequest("operator", { actor_id: "operator" }, (client) =>
        client.query(
          `select blindagem.cancel_jobs(reason => 'Teste', filter => row('reconcile', null, null, null, null)::blindagem.job_filter)`,
        ),
      );
      for (let restart = 0; restart < 2; restart++) {
        const before = await progress();
        await waitFor("a chunk more of the action", async () => (await progress()) > before);
        await endAtOnce();
        server = await start();
      }
      await waitFor(
        "the action to be done",
        async () =>
          (await query("select from blindagem.job_interventions where finished_at is not null"))
            .length === 1,
        120_000,
      );
      expect(
        await query("select matched, changed, action from blindagem.job_interventions"),
      ).toEqual([{ matched: 30_000, changed: 30_000, action: "CANCEL" }]);
      expect(
        await query(
          `select count(*)::int as letters, count(distinct record_id)::int as jobs, cause
           from blindagem_private.dead_letters where task = 'reconcile' group by cause`,
        ),
      ).toEqual([{ letters: 30_000, jobs: 30_000, cause: "CANCELLED" }]);
      await waitFor(
        "every expense to be decided",
        async () => (await decisionsOf(database, expenses)).every((count) => count > 0),
        120_000,
      );
      expect(await decisionsOf(database, expenses)).toEqual(expenses.map(() => 1));
      expect(worker.process.exitCode).toBeNull();
      expect(
        await query(
          "select task, last_error from blindagem_private.dead_letters where cause <> 'CANCELLED' and task <> 'seal_audit_log'",
        ),
      ).toEqual([]);
    } finally {
      await workers.killAll();
      await registry.close();
    }
  });
});

/** How many jobs the operator's action has changed. */
async function progress(): Promise<number> {
  const { rows } = await database
    .pool("worker")
    .query<{ changed: number }>("select changed from blindagem.job_interventions");
  return rows[0]?.changed ?? 0;
}

/** As `pg_ctl stop -m immediate`, or a machine that loses its power. */
async function endAtOnce(): Promise<void> {
  const told = path.join(server.dataDirectory, "postmaster.pid");
  const [pid] = (await readFile(told, "utf8")).split("\n");
  process.kill(Number(pid), "SIGQUIT");
  await waitFor("the server to be gone", () => !existsSync(told));
}
