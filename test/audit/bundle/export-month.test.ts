import { createHash } from "node:crypto";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type pg from "pg";
import { exportBundle } from "../../../src/audit/bundle/export.ts";
import { verifyBundle } from "../../../src/audit/bundle/verify.ts";
import { formatKeyList } from "../../../src/audit/key-list.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";
import { type Asker, createTenant, rowOf, type Tenant } from "../../database/world.ts";
import { verifierReport } from "../../verifier/run-verifier.ts";
import { sealAll } from "../seal-all.ts";
import { attest, testKeys } from "../test-keys.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(60_000);

const INVOICE = Buffer.from("nota fiscal de março");
const INVOICE_HASH = createHash("sha256").update(INVOICE).digest("hex");

let database: TestDatabase;
let parent: string;
let tenant: Tenant;
let begun: number;
beforeAll(async () => {
  database = await createTestDatabase();
  parent = await mkdtemp(join(tmpdir(), "blindagem-month-"));
  await writeFile(join(parent, "keys"), formatKeyList(testKeys));
  tenant = await createTenant(database);
  begun = await sealAll(database);
  await request(
    tenant.askers.admin,
    "select blindagem_private.register_document($1, 'PDF', 20, 'nota.pdf')",
    [INVOICE_HASH],
  );
  // Several months, and a salary, in one transaction.
  await submit(
    { externalId: "march", competence: "2020-03", documents: [{ sha256: INVOICE_HASH }] },
    { externalId: "april", competence: "2020-04" },
    {
      externalId: "payroll",
      competence: "2020-03",
      category: "FOLHA_PAGAMENTO",
      documentKind: "PAYROLL",
      payeeKind: "CPF",
      payeeDocument: "52998224725",
    },
  );
  await sealAll(database);
  await request(
    tenant.askers.admin,
    "select blindagem.close_period($1, '2020-03-01', 'Conferido')",
    [tenant.condominiumId],
  );
  await sealAll(database);
});
afterAll(async () => {
  await database.drop();
  await rm(parent, { recursive: true });
});

/** A request that the API signs. */
async function request({ role, settings }: Asker, text: string, values: unknown[]): Promise<void> {
  const reason = "Teste";
  await database.asRequest(role, { ...settings, reason }, async (client) => {
    await client.query(text, values);
    await client.query("select set_config('blindagem.reason', $1, true)", [reason]);
    await attest(client, { id: settings.actor_id, role, reason });
  });
}

/** A task's transaction, that a worker signs. */
async function asWorker(run: (worker: pg.ClientBase) => Promise<unknown>): Promise<void> {
  const worker = await database.pool("worker").connect();
  await worker.query("begin");
  await worker.query(
    "select set_config('blindagem.actor_id', 'system:test', true), set_config('blindagem.role', 'worker', true), set_config('blindagem.reason', 'Teste', true)",
  );
  await run(worker);
  await attest(worker, { id: "system:test", role: "worker", reason: "Teste" });
  await worker.query("commit");
  worker.release();
}

/** A movement of the tenant's account. */
async function addMovement(
  worker: pg.ClientBase,
  day: string,
  amount: number,
  description: string,
): Promise<void> {
  await worker.query(
    `insert into blindagem.bank_transactions (
       condominium_id, account_id, provider_id, posted_at, posted_on, amount, description, status)
     select condominium_id, account_id, gen_random_uuid(), $2::date + time '15:00' at time zone 'UTC', $2, $3, $4, 'POSTED'
     from blindagem.bank_transactions where id = $1`,
    [tenant.debitId, day, amount, description],
  );
}

/** That movement pays that expense, as the task reconcile would have it. */
async function addPayment(
  worker: pg.ClientBase,
  externalId: string,
  description: string,
): Promise<void> {
  await worker.query(
    `insert into blindagem.payments (condominium_id, payable_id, transaction_id, amount, confidence, reasons)
     select p.condominium_id, p.id, t.id, -t.amount, 1, '[]'
     from blindagem.expenses e
     join blindagem.accounts_payable p on p.condominium_id = e.condominium_id and p.expense_id = e.id and p.kind = 'SUPPLIER'
     join blindagem.bank_transactions t on t.condominium_id = e.condominium_id and t.description = $2
     where e.external_id = $1`,
    [externalId, description],
  );
}

const submit = (...rows: Record<string, unknown>[]) =>
  request(tenant.askers.admin, "select blindagem.submit_expense_batch($1, $2)", [
    JSON.stringify(rows.map((row, index) => rowOf({ index, condominium: tenant.code, ...row }))),
    "c".repeat(64),
  ]);

let exports = 0;

/** Exports as that person; what the bundle says. */
async function exported({ role, settings }: Asker, month?: string, withDocuments = true) {
  exports += 1;
  const directory = join(parent, `bundle-${exports}`);
  const result = await database.asRequest(role, settings, (client) =>
    exportBundle(client, {
      directory,
      organizationId: tenant.organizationId,
      condominiumIds: [tenant.condominiumId],
      month,
      documents: withDocuments
        ? async (sha256) => (sha256 === INVOICE_HASH ? INVOICE : undefined)
        : undefined,
      keys: testKeys,
      now: new Date(),
    }),
  );
  const records = (await readFile(join(directory, "records"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => ({
      index: Number(line.slice(0, line.indexOf(" "))),
      ...JSON.parse(line.slice(line.indexOf(" ") + 1)),
    }));
  const personal = await readFile(join(directory, "personal.jsonl"), "utf8");
  return { ...result, directory, records, personal, ...(await verified(directory)) };
}

/** What both verifiers find. */
async function verified(directory: string) {
  const report = await verifyBundle(directory, { trustedKeys: testKeys });
  const independent = await verifierReport("bundle", directory, "--keys", join(parent, "keys"));
  expect(independent.faultCounts).toEqual(report.faultCounts);
  const notices = Object.fromEntries(report.notices.map(({ code, count }) => [code, count]));
  expect(independent.notices).toEqual(notices);
  return { report, notices };
}

describe("a bundle of a condominium's month", () => {
  it("has what is about it, with documents and closings, and verifies although its transactions reach further", async () => {
    const { admin } = tenant.askers;
    const { records, report, notices, documents, lostDocuments, directory } = await exported(
      admin,
      "2020-03",
    );
    expect(report.faults).toEqual([]);
    expect([documents, lostDocuments]).toEqual([1, 0]);
    expect(await readdir(join(directory, "documents"))).toEqual([INVOICE_HASH]);
    expect(report.counts).toMatchObject({ closings: 1, documents: 1 });
    expect(notices.WITHHELD_RECORDS).toBeGreaterThan(0);
    const expenses = records.filter(({ entity_type }) => entity_type === "expenses");
    expect(expenses.map(({ new_state }) => new_state.external_id).sort()).toEqual([
      "march",
      "payroll",
    ]);
    expect(records.find(({ entity_type }) => entity_type === "closings")).toMatchObject({
      action: "CLOSE_PERIOD",
    });
    const everybodys = new Set<string>();
    for (const { entity_type, condominium_id } of records) {
      if (condominium_id) expect(condominium_id).toBe(tenant.condominiumId);
      else if (entity_type) everybodys.add(entity_type);
    }
    expect([...everybodys].sort()).toEqual(["categories", "reader_thresholds", "rules"]);
  });

  it("is found wrong when a document was changed, exchanged or left out", async () => {
    const { directory } = await exported(tenant.askers.admin, "2020-03");
    const file = join(directory, "documents", INVOICE_HASH);
    await appendFile(file, "!");
    expect((await verified(directory)).report.faultCounts).toEqual({ DOCUMENT_MISMATCH: 1 });
    await rm(file);
    expect((await verified(directory)).report.faultCounts).toEqual({ MISSING_FILE: 1 });
    await writeFile(file, INVOICE);
    await writeFile(join(directory, "documents", "a".repeat(64)), "estranho");
    expect((await verified(directory)).report.faultCounts).toEqual({ DOCUMENT_MISMATCH: 1 });
  });

  it("is found wrong when what is left out was moved, or left out of more", async () => {
    const { directory } = await exported(tenant.askers.admin, "2020-03");
    const file = join(directory, "withheld.jsonl");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.slice(text.indexOf("\n") + 1));
    expect((await verified(directory)).report.faultCounts).toEqual({ UNATTESTED: 1 });
    await writeFile(file, text.replace(/"id":"\d+"/, '"id":"1"').replace("}", ',"index":0}'));
    expect((await verified(directory)).report.faultCounts).toHaveProperty("UNATTESTED", 1);
    await writeFile(file, `${text}nada\n`);
    expect((await verified(directory)).report.faultCounts).toEqual({ MALFORMED: 1 });
    await writeFile(file, text.replace(/"condominium_id":"\d+"/, '"condominium_id":"999"'));
    expect((await verified(directory)).report.faultCounts).toEqual({
      FOREIGN_RECORD: 1,
      UNATTESTED: 1,
    });
  });

  it("names the documents that the store does not have", async () => {
    const { lostDocuments, report } = await exported(tenant.askers.admin, "2026-11");
    expect(lostDocuments).toBe(1);
    expect(report.faultCounts).toMatchObject({ MISSING_FILE: 1 });
  });

  it("leaves the documents out when nobody asks for them", async () => {
    const { report, documents } = await exported(tenant.askers.admin, "2020-03", false);
    expect(report.faults).toEqual([]);
    expect(documents).toBe(0);
  });
});

describe("a bundle of the conselho", () => {
  it("hides salaries, and of a transaction that has some the rest verifies all the same", async () => {
    const { records, personal, report } = await exported(tenant.askers.conselho, "2020-03");
    expect(report.faults).toEqual([]);
    const text = JSON.stringify(records) + personal;
    expect(text).toContain("march");
    expect(text).not.toContain("payroll");
  });

  it("hides movements that pay salaries, whose groups verify all the same", async () => {
    // Two movements in one transaction: one of them pays the payroll.
    await asWorker(async (worker) => {
      await addMovement(worker, "2020-05-05", -890, "PIX folha");
      await addMovement(worker, "2020-05-05", -10, "PIX tarifa");
      await addPayment(worker, "payroll", "PIX folha");
    });
    await sealAll(database);
    const { conselho, auditor } = tenant.askers;
    const hidden = await exported(conselho, "2020-05");
    expect(hidden.report.faults).toEqual([]);
    expect(hidden.personal).toContain("PIX tarifa");
    expect(hidden.personal).not.toContain("PIX folha");
    expect(hidden.notices.WITHHELD_RECORDS).toBeGreaterThan(0);
    const whole = await exported(conselho);
    // Nobody has signed for what the test itself wrote before.
    const ours = whole.report.faults.filter(({ where }) => (where.index ?? 0) >= begun);
    expect(ours).toEqual([]);
    const all = await exported(auditor, "2020-05");
    expect(all.personal).toContain("PIX folha");
  });
});

describe("a run of reconcile over several months", () => {
  it("is in the bundle of each by what it found of that month; its group verifies, for the conselho, too", async () => {
    await submit(
      { externalId: "august", competence: "2020-08" },
      { externalId: "september", competence: "2020-09" },
    );
    await asWorker(async (worker) => {
      await addMovement(worker, "2020-08-05", -100, "PIX agosto");
      await addMovement(worker, "2020-09-05", -200, "PIX setembro");
    });
    // A payment names its movement as transaction_id: it stands in the record before the transaction's number.
    await asWorker(async (worker) => {
      await addPayment(worker, "august", "PIX agosto");
      await addPayment(worker, "september", "PIX setembro");
    });
    await sealAll(database);
    for (const asker of [tenant.askers.admin, tenant.askers.conselho]) {
      for (const month of ["2020-08", "2020-09"]) {
        const { records, report } = await exported(asker, month);
        expect(report.faults).toEqual([]);
        expect(records.filter(({ entity_type }) => entity_type === "payments")).toHaveLength(1);
      }
    }
  });
});

describe("an expense that was moved to another month", () => {
  it("is in the bundles of both, from its beginning", async () => {
    await database
      .pool("migrator")
      .query("update blindagem.expenses set competence = '2020-06-01' where external_id = 'april'");
    await sealAll(database);
    for (const month of ["2020-04", "2020-06"]) {
      const { records, report, notices } = await exported(tenant.askers.admin, month);
      expect(report.faults).toEqual([]);
      expect(notices.OUT_OF_BAND).toBe(1);
      const told = records.filter(({ entity_type }) => entity_type === "expenses");
      expect(told.map(({ operation, new_state }) => [operation, new_state.competence])).toEqual([
        ["INSERT", "2020-04-01"],
        ["UPDATE", "2020-06-01"],
      ]);
    }
  });
});
