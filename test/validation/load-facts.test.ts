import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { loadFacts } from "../../src/validation/load-facts.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import { type Administradora, createAdministradora } from "../tasks/administradora.ts";

let database: TestDatabase;
let house: Administradora;
let sol: string;
let suppliers = 500;
beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  sol = await house.condominium("SOL");
  await house.condominium("MAR");
});
afterAll(() => database.drop());

async function load(expenseId: string, now = new Date()) {
  const client = await database.pool("worker").connect();
  try {
    const [loaded] = await loadFacts(client, [expenseId], now, (expense) => expense);
    if (!loaded) throw new Error(`nothing was loaded of ${expenseId}`);
    return loaded;
  } finally {
    client.release();
  }
}

const factsOf = async (expenseId: string, now?: Date) => (await load(expenseId, now)).facts;

async function submit(row: Record<string, unknown> = {}): Promise<string> {
  const [id = ""] = await house.submit({ condominium: "SOL", ...row });
  return id;
}

function supplier(): string {
  suppliers += 1;
  return cnpjOf(suppliers);
}

async function know(cnpj: string, fetchedAt = new Date(), state = "FOUND"): Promise<void> {
  await database.pool("worker").query(
    `insert into blindagem.companies (
       cnpj, state, name, status, opened_on, main_cnae, secondary_cnaes, mei, simples, source, source_date, fetched_at)
     values ($1, $2, 'Elevadores', 'Ativa', '2003-02-24', '4329103', '{3314707}', false, null, 'MIRROR', '2026-10-12', $3)
     on conflict (cnpj) do update set fetched_at = excluded.fetched_at`,
    [cnpj, state, fetchedAt],
  );
}

describe("the facts of an expense", () => {
  it("are what was handed in, with amounts as centavos and dates as they stand", async () => {
    const payeeDocument = supplier();
    const expense = await submit({
      externalId: "NF-1",
      payeeDocument,
      grossAmount: "10000.00",
      retentions: [
        { kind: "INSS", amount: "1100.00" },
        { kind: "CSRF", amount: "465.00" },
      ],
      instalmentNumber: 2,
      instalmentTotal: 3,
      documents: [{ fileName: "nota.pdf" }],
    });
    const { facts, ...rest } = await load(expense);
    expect(rest).toMatchObject({
      organizationId: house.organizationId,
      condominiumId: sol,
      standing: { status: "PENDING", reasons: [] },
    });
    expect(facts.expense).toMatchObject({
      id: expense,
      externalId: "NF-1",
      issueDate: "2026-11-03",
      competence: "2026-11",
      dueDate: "2026-11-10",
      grossAmount: 1_000_000n,
      retentions: [
        { kind: "CSRF", amount: 46_500n },
        { kind: "INSS", amount: 110_000n },
      ],
      payee: { kind: "CNPJ", document: payeeDocument, name: "Elevadores Exemplo Ltda" },
      instalment: "2/3",
      documentCount: 1,
    });
    expect(facts.supplier).toEqual({ state: "MISSING" });
    expect(facts.receipts).toEqual([]);
    expect(facts.approvalLimit).toBeNull();
    expect(facts.requirements).toEqual({ receipt: false, supplier: true });
  });

  it("hold the company with how its trade fits, until the registry's answer is a month old", async () => {
    const payeeDocument = supplier();
    const fetchedAt = new Date("2026-11-01T12:00:00Z");
    await know(payeeDocument, fetchedAt);
    const expense = await submit({ payeeDocument });
    const inTime = new Date(fetchedAt.getTime() + 30 * 86_400_000 - 1);
    expect((await factsOf(expense, inTime)).supplier).toMatchObject({
      state: "FOUND",
      company: {
        active: true,
        openedOn: "2003-02-24",
        secondaryCnaes: ["3314707"],
        mei: false,
        simples: null,
      },
      cnaeFit: { fit: "CORE" },
    });
    const tooLate = new Date(fetchedAt.getTime() + 30 * 86_400_000);
    expect((await factsOf(expense, tooLate)).supplier).toEqual({ state: "MISSING" });
  });

  it.each(["NOT_FOUND", "REFUSED"])("say that the registry's answer was %s", async (state) => {
    const payeeDocument = supplier();
    await know(payeeDocument, new Date(), state);
    const expense = await submit({ payeeDocument });
    expect((await factsOf(expense)).supplier).toEqual({ state });
  });

  it("ask for no supplier where the payee has no CNPJ", async () => {
    const expense = await submit({ payeeKind: "NONE", payeeDocument: null });
    expect(await factsOf(expense)).toMatchObject({
      supplier: { state: "NOT_APPLICABLE" },
      requirements: { supplier: false },
    });
  });

  it("take the thresholds from the organization's settings", async () => {
    const other = await createAdministradora(database);
    await other.condominium("LUA");
    await other.as(
      "admin",
      "select blindagem.set_setting('receipt_date_tolerance_days', 3, 'Casa')",
    );
    await other.as("admin", "select blindagem.set_setting('split_window_days', 5, 'Casa')");
    const [expense = ""] = await other.submit({ condominium: "LUA" });
    expect((await factsOf(expense)).thresholds).toEqual({
      amountTolerance: 0n,
      retentionTolerance: 1n,
      receiptDays: 3,
      payeeAccountDays: 30,
      splittingDays: 5,
    });
  });

  it("prefer the condominium's alçada to the organization's", async () => {
    const other = await createAdministradora(database);
    const own = await other.condominium("LUA");
    await other.condominium("RIO");
    await other.as("admin", "select blindagem.set_approval_limit(5000, 'SECOND_APPROVER', 'Casa')");
    await other.as(
      "admin",
      "select blindagem.set_approval_limit(800, 'CONDOMINIUM', 'Assembleia', $1)",
      [own],
    );
    const [lua = "", rio = ""] = await other.submit({ condominium: "LUA" }, { condominium: "RIO" });
    expect((await factsOf(lua)).approvalLimit).toEqual({
      amount: 80_000n,
      requires: "CONDOMINIUM",
    });
    expect((await factsOf(rio)).approvalLimit).toEqual({
      amount: 500_000n,
      requires: "SECOND_APPROVER",
    });
  });

  it("sum up the other live expenses of the payee in the condominium and the window", async () => {
    const payeeDocument = supplier();
    const expense = await submit({ payeeDocument, grossAmount: "100.00" });
    const rejected = await submit({ payeeDocument, grossAmount: "7.00" });
    await submit({ payeeDocument, grossAmount: "200.00", issueDate: "2026-12-03" });
    await submit({ payeeDocument, grossAmount: "400.00", issueDate: "2026-12-04" });
    await submit({ payeeDocument, grossAmount: "800.00", condominium: "MAR" });
    await submit({ payeeDocument: supplier(), grossAmount: "1600.00" });
    await database
      .pool("worker")
      .query("update blindagem.expenses set status = 'REJECTED' where id = $1", [rejected]);
    expect((await factsOf(expense)).otherExpensesInWindow).toEqual({ count: 1, total: 20_000n });
  });

  it("tell when the payee's account changed, and that the first account is no change", async () => {
    const payee = { payeeDocument: supplier() };
    const first = await submit({ ...payee, payeePixKey: "a@exemplo.com.br" });
    const second = await submit({ ...payee, payeePixKey: "b@exemplo.com.br" });
    const elsewhere = await submit({
      ...payee,
      payeePixKey: "b@exemplo.com.br",
      condominium: "MAR",
    });
    const { rows } = await database
      .pool("worker")
      .query<{ today: string }>("select blindagem_private.today()::text as today");
    const changedOn = async (id: string) => (await factsOf(id)).payeeAccountChangedOn;
    expect(await changedOn(first)).toBeNull();
    expect(await changedOn(second)).toBe(rows[0]?.today);
    expect(await changedOn(elsewhere)).toBeNull();
  });

  it("have the earlier expenses of the same payee, amount and month in the condominium", async () => {
    const row = { payeeDocument: supplier(), grossAmount: "850.00", competence: "2026-11" };
    await submit({ ...row, externalId: "M-1", documentNumber: "1" });
    const later = await submit({ ...row, externalId: "M-2", documentNumber: "2" });
    const others = [
      await submit({ ...row, grossAmount: "850.01" }),
      await submit({ ...row, competence: "2026-10" }),
      await submit({ ...row, condominium: "MAR" }),
      await submit({ ...row, payeeDocument: supplier() }),
    ];
    expect((await factsOf(later)).duplicates).toEqual([
      {
        kind: "SAME_MONTH",
        externalId: "M-1",
        identifier: null,
        sameCondominium: true,
        sameDocument: false,
        instalment: null,
      },
    ]);
    for (const other of others) expect((await factsOf(other)).duplicates).toEqual([]);
  });

  it("list the same document of an earlier expense, never of a later or rejected one", async () => {
    const same = { payeeDocument: supplier(), documentNumber: "4711" };
    const earlier = await submit({ ...same, externalId: "PRIMEIRA" });
    const later = await submit({ ...same, externalId: "SEGUNDA" });
    await submit({ ...same, documentKind: "NFE" });
    expect((await factsOf(earlier)).duplicates).toEqual([]);
    expect((await factsOf(later)).duplicates).toEqual([
      {
        kind: "DOCUMENT",
        externalId: "PRIMEIRA",
        identifier: null,
        sameCondominium: true,
        sameDocument: true,
        instalment: null,
      },
    ]);
    await database
      .pool("worker")
      .query("update blindagem.expenses set status = 'REJECTED' where id = $1", [earlier]);
    expect((await factsOf(later)).duplicates).toEqual([]);
  });

  it("hold every rule row with its last day, whatever its dates", async () => {
    const expense = await submit();
    const { rules } = await factsOf(expense);
    const { rows } = await database
      .pool("worker")
      .query<{ count: number }>("select count(*)::int as count from blindagem.rules");
    expect(rules).toHaveLength(rows[0]?.count ?? 0);
    expect(rules.filter(({ validTo }) => validTo === "2026-12-31").length).toBeGreaterThan(0);
  });

  it("are loaded for many at once, in their order, and of what is not there nothing", async () => {
    const ids = await house.submit({ condominium: "SOL" }, { condominium: "MAR" });
    const client = await database.pool("worker").connect();
    const loaded = await loadFacts(
      client,
      [...ids.toReversed(), "999999999"],
      new Date(),
      (expense) => expense,
    );
    client.release();
    expect(loaded.map(({ facts }) => facts.expense.id)).toEqual(ids);
  });
});
