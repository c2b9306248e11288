import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { ask, createTenant, rowOf, type Tenant } from "./world.ts";

let database: TestDatabase;
let tenant: Tenant;
let owner: pg.Pool;
/** An expense from which nothing is retained. */
let soleId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  owner = database.pool("migrator");
  const rows = [
    rowOf({ index: 1, externalId: "sole", condominium: tenant.code, retentions: [] }),
    rowOf({ index: 2, externalId: "itemised", condominium: tenant.code }),
  ];
  await ask(database, tenant.askers.admin, "select blindagem.submit_expense_batch($1, $2)", [
    JSON.stringify(rows),
    "c".repeat(64),
  ]);
  soleId = await idOf("sole");
});
afterAll(() => database.drop());

async function idOf(externalId: string): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    "select id::text from blindagem.expenses where external_id = $1",
    [externalId],
  );
  return rows[0]?.id ?? "";
}

async function owed(expenseId: string): Promise<Record<string, unknown>[]> {
  const { rows } = await owner.query(
    `select id::text, kind, amount::text, due_date::text, payee_document, payment_status
     from blindagem.accounts_payable where expense_id = $1 order by kind`,
    [expenseId],
  );
  return rows;
}

describe("an expense from which nothing is retained", () => {
  it("is its own payable, by its own id, and has no row among the payables", async () => {
    expect(await owed(soleId)).toEqual([
      {
        id: soleId,
        kind: "SUPPLIER",
        amount: "1000.00",
        due_date: expect.any(String),
        payee_document: "11222333000181",
        payment_status: "UNPAID",
      },
    ]);
    const { rows } = await owner.query("select from blindagem.payables where expense_id = $1", [
      soleId,
    ]);
    expect(rows).toEqual([]);
  });

  it("has the payment status of its payable, whatever that is", async () => {
    const client = await owner.connect();
    try {
      await client.query("begin");
      await client.query("update blindagem.expenses set payment_status = 'PAID' where id = $1", [
        soleId,
      ]);
      const { rows } = await client.query(
        "select payment_status from blindagem.accounts_payable where id = $1",
        [soleId],
      );
      expect(rows).toEqual([{ payment_status: "PAID" }]);
    } finally {
      await client.query("rollback");
      client.release();
    }
  });

  it("leaves one record of its submission in the log", async () => {
    const { rows } = await owner.query(
      `select entity_type, action from blindagem_audit.audit_log_immutable
       where entity_id = any (array[$1 || '/' || $2, $2]) order by id`,
      [tenant.condominiumId, soleId],
    );
    expect(rows).toEqual([{ entity_type: "expenses", action: "SUBMIT" }]);
  });

  it("shares its id with no row among the payables", async () => {
    await expect(
      owner.query(
        `insert into blindagem.payables (condominium_id, id, expense_id, kind, payee_document, amount, due_date)
         select e.condominium_id, $1, e.id, 'SUPPLIER', e.payee_document, e.gross_amount, e.due_date
         from blindagem.expenses e where e.id = $2`,
        [soleId, tenant.expenseId],
      ),
    ).rejects.toMatchObject({ code: "23505" });
  });
});

describe("an expense of which something is retained", () => {
  it("is owed by its rows alone", async () => {
    const itemised = await idOf("itemised");
    const payables = await owed(itemised);
    expect(payables).toMatchObject([
      { kind: "RETENTION", amount: "110.00" },
      { kind: "SUPPLIER", amount: "890.00" },
    ]);
    expect(payables.map(({ id }) => id)).not.toContain(itemised);
  });
});

describe("what people decide on", () => {
  const decide = (payableId: string) =>
    owner.query(
      `insert into blindagem.match_decisions (condominium_id, debit_id, payable_id, decision, decided_by, reason)
       values ($1, $2, $3, 'REJECTED', $4, 'Não é deste débito')`,
      [
        tenant.condominiumId,
        tenant.debitId,
        payableId,
        tenant.askers.reviewer.settings.person_id ?? "",
      ],
    );

  it("may be an expense that is its own payable", async () => {
    await expect(decide(soleId)).resolves.toMatchObject({ rowCount: 1 });
  });

  it("is a payable of the condominium", async () => {
    await expect(decide("999999999")).rejects.toMatchObject({ code: "23503" });
    await expect(decide(await idOf("itemised"))).rejects.toMatchObject({ code: "23503" });
  });
});
