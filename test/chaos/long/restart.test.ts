import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
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
});
