import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { useServices } from "../../src/services.ts";
import { reasonText } from "../../src/validation/reason-catalogue.ts";
import task from "../../tasks/review_divergences.ts";
import { findDivergences, sealAll } from "../audit/comparing/compare.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createTenant, type Tenant } from "../database/world.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";

let database: TestDatabase;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  await sealAll(database);
  useServices(servicesOf({ clock: () => new Date() }));
  await emptyQueue(database);
});
afterAll(() => database.drop());

/** Runs the task as cron does, and tells the reviews there are then. */
async function reviews(): Promise<unknown[]> {
  await database.pool("worker").query("select graphile_worker.add_job('review_divergences')");
  await runJobs(database, { review_divergences: task });
  expect(await queuedJobs(database)).toEqual([]);
  const { rows } = await database.pool("migrator").query(
    `select expense_id, outcome, reasons->0->'evidence'->>'table' as table, reasons->0->'evidence'->'fields' as fields
     from blindagem.reviews where kind = 'DIVERGENCE' order by id`,
  );
  return rows;
}

async function change(amount: string): Promise<void> {
  await database.pool("migrator").query(
    `begin;
     alter table blindagem.payables disable trigger user;
     update blindagem.payables set amount = amount ${amount} where expense_id = ${tenant.expenseId} and kind = 'SUPPLIER';
     alter table blindagem.payables enable trigger user;
     alter table blindagem.payables enable always trigger audit_insert;
     alter table blindagem.payables enable always trigger audit_update;
     alter table blindagem.payables enable always trigger audit_delete;
     alter table blindagem.payables enable always trigger audit_truncate;
     commit`,
  );
}

describe("review_divergences", () => {
  it("asks about an expense whose rows diverge, once, and takes it back when they are mended", async () => {
    await change("+ 1");
    await findDivergences(database);
    const review = {
      expense_id: tenant.expenseId,
      outcome: null,
      table: "payables",
      fields: ["amount"],
    };
    expect(await reviews()).toEqual([review]);
    await findDivergences(database);
    expect(await reviews()).toEqual([review]);
    await change("- 1");
    await findDivergences(database);
    expect(await reviews()).toEqual([{ ...review, outcome: "SUPERSEDED" }]);
  });

  it("asks about an expense whose decision is gone", async () => {
    await database.pool("migrator").query(
      `begin;
       alter table blindagem.decisions disable trigger keep;
       delete from blindagem.decisions where expense_id = ${tenant.expenseId};
       alter table blindagem.decisions enable always trigger keep;
       commit`,
    );
    await findDivergences(database);
    expect((await reviews()).at(-1)).toEqual({
      expense_id: tenant.expenseId,
      outcome: null,
      table: "expenses",
      fields: [],
    });
  });

  it("asks about a row of any other audited table of a condominium, of none of an administradora", async () => {
    const owner = database.pool("migrator");
    const before = await reviews();
    await owner.query(
      `begin;
       alter table blindagem.managements disable trigger user;
       alter table blindagem.members disable trigger user;
       update blindagem.managements set code = code || 'X' where condominium_id = ${tenant.condominiumId};
       update blindagem.members set valid_to = '2099-01-01' where organization_id = ${tenant.organizationId};
       select blindagem_audit.define_capture('blindagem.managements'), blindagem_audit.define_capture('blindagem.members');
       commit`,
    );
    const found = await findDivergences(database);
    expect(found.map(({ entityType }) => entityType)).toContain("members");
    expect((await reviews()).slice(before.length)).toEqual([
      { expense_id: null, outcome: null, table: "managements", fields: ["code"] },
    ]);
  });

  it("says so in Portuguese", () => {
    const evidence = { kind: "ROW_CHANGED", table: "payables", entity: "1/2", fields: ["amount"] };
    expect(reasonText({ code: "STATE_DIVERGES_FROM_LOG", evidence })).toContain(
      "Um dado desta despesa foi alterado sem registro: payables 1/2 (campos: amount)",
    );
    const movement = { ...evidence, table: "bank_transactions", entity: "1/7" };
    expect(reasonText({ code: "STATE_DIVERGES_FROM_LOG", evidence: movement })).toContain(
      "Um dado deste condomínio foi alterado sem registro: bank_transactions 1/7 (campos: amount)",
    );
    const gone = { kind: "DECISION_MISSING", table: "expenses", entity: "1/2", fields: [] };
    expect(reasonText({ code: "STATE_DIVERGES_FROM_LOG", evidence: gone })).toContain(
      "A decisão automática desta despesa foi apagada sem registro: expenses 1/2. Não pague",
    );
  });
});
