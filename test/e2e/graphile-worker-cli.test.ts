import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { createDirectoryStore } from "../../src/receipts/document-store.ts";
import { type CnpjWsSandbox, startCnpjWsSandbox } from "../../src/sandbox/cnpjws.ts";
import { ROOT, resultOf, startProgram } from "../cli-process.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import {
  type Administradora,
  createAdministradora,
  registryBody,
  standingOf,
} from "../tasks/administradora.ts";
import { type Bank, startBank } from "../tasks/bank.ts";
import { queuedJobs } from "../tasks/task-run.ts";

// Processes start slowly on a machine that does other things too, and one page is read for real.
jest.setTimeout(180_000);

let database: TestDatabase;
let house: Administradora;
let registry: CnpjWsSandbox;
let bank: Bank;
let directory: string;
const cnpj = cnpjOf(7);
const RECEIPT = "bv-01-0030-pix.png";

beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-stock-"));
  registry = await startCnpjWsSandbox({
    port: 0,
    companies: new Map([[cnpj, registryBody(cnpj)]]),
    limit: { perMinute: 100 },
  });
  bank = await startBank(() => new Date());
});
afterAll(async () => {
  await registry.close();
  await bank.sandbox.close();
  await rm(directory, { recursive: true, force: true });
  await database.drop();
});

describe("the stock graphile-worker command line", () => {
  it("runs tasks/ against the database and services of the environment, and ends", async () => {
    const bytes = await readFile(path.join(ROOT, "demo", "receipts", RECEIPT));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await createDirectoryStore(directory).put(sha256, bytes);
    await house.upload(sha256, "nota.png");
    const [expense = ""] = await house.submit({
      condominium: "SOL",
      payeeDocument: cnpj,
      documents: [{ sha256 }],
    });
    await house.as("admin", "select blindagem.connect_bank('item')");

    const result = await resultOf(
      startProgram(path.join(ROOT, "node_modules", ".bin", "graphile-worker"), ["--once"], {
        environment: {
          WORKER_DATABASE_URL: database.url("worker"),
          CNPJWS_URL: registry.url,
          PLUGGY_URL: bank.sandbox.url,
          PLUGGY_CLIENT_ID: "client",
          PLUGGY_CLIENT_SECRET: "secret",
          DOCUMENTS_DIRECTORY: directory,
          OCR_PROCESSES: "1",
        },
      }),
    );

    expect(result).toMatchObject({ status: 0 });
    expect(await queuedJobs(database)).toEqual([]);
    expect(registry.requests().get(cnpj)).toBe(1);
    const decided = await standingOf(database, expense);
    expect(decided).toMatchObject({ decisions: 1 });
    expect(decided.status).not.toBe("PENDING");
    const { rows } = await database.pool("worker").query(
      `select (select count(*)::int from blindagem.document_readings where sha256 = $1) as readings,
           (select count(*)::int from blindagem.bank_accounts) as accounts,
           (select state from blindagem.bank_connections) as bank`,
      [sha256],
    );
    expect(rows).toEqual([{ readings: 1, accounts: 1, bank: "FRESH" }]);
  });

  it("knows every task", async () => {
    for (const { name } of (
      await database
        .pool("worker")
        .query<{ name: string }>("select name from blindagem_private.tasks")
    ).rows) {
      await database.pool("worker").query("select graphile_worker.add_job($1, '{}')", [name]);
    }
    const result = await resultOf(
      startProgram(path.join(ROOT, "node_modules", ".bin", "graphile-worker"), ["--once"], {
        environment: { WORKER_DATABASE_URL: database.url("worker") },
      }),
    );
    expect(result.status).toBe(0);
    const left = await queuedJobs(database);
    expect(left.filter(({ attempts }) => attempts === 0)).toEqual([]);
  });
});
