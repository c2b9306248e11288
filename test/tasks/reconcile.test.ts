import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { BankMovement } from "../../src/banking/movement.ts";
import { softDeleteTransactions } from "../../src/banking/store-deletions.ts";
import { upsertBankTransactions } from "../../src/banking/store-transactions.ts";
import { parseDecimal } from "../../src/money/centavos.ts";
import { useServices } from "../../src/services.ts";
import reconcileTask from "../../tasks/reconcile.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";
import { createTenant, type Tenant } from "./tenant.ts";

const now = new Date("2030-11-20T12:00:00.000Z");
const seenAt = new Date("2030-11-19T12:00:00.000Z");
const PIX = "E60701190203011051707a1B2c3D4e5F";
const OTHER_PIX = "E60701190203011051708zzzzzzzzzzz";

let database: TestDatabase;
let tenant: Tenant;
let accountId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  useServices(servicesOf({ clock: () => now }));
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyQueue(database);
  tenant = await createTenant(database);
  const { rows } = await ask(
    "insert into blindagem.bank_accounts (condominium_id, name) values ($1, 'Conta') returning id::text",
    [tenant.condominiumId],
  );
  accountId = rows[0].id;
});

/** With the rights of the workers' login. */
async function ask(text: string, values: unknown[] = []) {
  return database.pool("worker").query(text, values);
}

async function withWorker<T>(
  use: (client: Parameters<typeof upsertBankTransactions>[0]) => Promise<T>,
) {
  const client = await database.pool("worker").connect();
  try {
    return await use(client);
  } finally {
    client.release();
  }
}

/** A movement with Elevadores Exemplo; `at` is a day or an instant. */
function movement(
  providerId: string,
  at: string,
  amount: string,
  description: string,
  more: Partial<BankMovement> = {},
): BankMovement {
  return {
    providerId,
    accountProviderId: "account",
    postedAt: new Date(at.length === 10 ? `${at}T03:00:00.000Z` : at),
    amount: parseDecimal(amount) ?? 0n,
    description,
    operationType: null,
    counterpartyDocument: "11222333000181",
    counterpartyName: "ELEVADORES EXEMPLO LTDA",
    endToEndId: null,
    originalEndToEndId: null,
    checkNumber: null,
    status: "POSTED",
    raw: null,
    ...more,
  };
}

async function post(...movements: BankMovement[]): Promise<void> {
  await withWorker((client) => upsertBankTransactions(client, accountId, movements, seenAt));
}

async function takeBack(...ids: string[]): Promise<void> {
  await withWorker((client) => softDeleteTransactions(client, accountId, ids, now));
}

async function reconcile(): Promise<void> {
  await ask("select blindagem_private.claim_and_enqueue($1)", [
    JSON.stringify([
      {
        task: "reconcile",
        subject: tenant.condominiumId,
        payload: { condominiumId: tenant.condominiumId },
      },
    ]),
  ]);
  await runJobs(database, { reconcile: reconcileTask });
  expect((await queuedJobs(database)).filter((job) => job.task === "reconcile")).toEqual([]);
}

async function paymentStatus(expenseId: string): Promise<string> {
  const { rows } = await ask("select payment_status from blindagem.expenses where id = $1", [
    expenseId,
  ]);
  return rows[0].payment_status;
}

async function payments() {
  const { rows } = await ask(
    `select y.expense_id::text as expense, t.provider_id as debit, p.amount, p.decided_by is not null as human
     from blindagem.payments p
     join blindagem.payables y on y.condominium_id = p.condominium_id and y.id = p.payable_id
     join blindagem.bank_transactions t on t.id = p.transaction_id
     where p.condominium_id = $1 order by t.provider_id, y.id`,
    [tenant.condominiumId],
  );
  return rows;
}

async function refunds() {
  const { rows } = await ask(
    `select c.provider_id as credit, d.provider_id as debit, r.amount
     from blindagem.refunds r
     join blindagem.bank_transactions c on c.id = r.credit_id
     join blindagem.bank_transactions d on d.id = r.debit_id
     where r.condominium_id = $1 order by c.provider_id, d.provider_id`,
    [tenant.condominiumId],
  );
  return rows;
}

async function verdicts(): Promise<Record<string, string>> {
  const { rows } = await ask(
    `select t.provider_id as id, v.verdict
     from blindagem.movement_verdicts v join blindagem.bank_transactions t on t.id = v.transaction_id
     where v.condominium_id = $1`,
    [tenant.condominiumId],
  );
  return Object.fromEntries(rows.map(({ id, verdict }) => [id, verdict]));
}

async function income(): Promise<string[]> {
  const { rows } = await ask(
    `select t.provider_id as id from blindagem.income i join blindagem.bank_transactions t on t.id = i.id
     where i.condominium_id = $1 order by t.provider_id`,
    [tenant.condominiumId],
  );
  return rows.map(({ id }) => id);
}

async function reviews() {
  const { rows } = await ask(
    `select kind, subject, expense_id::text as "expenseId", outcome,
       jsonb_path_query_array(reasons, '$[*].code') as codes
     from blindagem.reviews where condominium_id = $1 order by id`,
    [tenant.condominiumId],
  );
  return rows;
}

async function idOf(providerId: string): Promise<string> {
  const { rows } = await ask(
    "select id::text from blindagem.bank_transactions where account_id = $1 and provider_id = $2",
    [accountId, providerId],
  );
  return rows[0].id;
}

async function audit(): Promise<{ entity_type: string; action: string; actor_id: string }[]> {
  const { rows } = await database
    .pool("migrator")
    .query(
      "select entity_type, action, actor_id from blindagem_audit.audit_log_immutable where condominium_id = $1 order by id",
      [tenant.condominiumId],
    );
  return rows;
}

const lifts = { externalId: "E-1", grossAmount: "1234.56", dueDate: "2030-11-05" };
const pix = (id: string, day = "2030-11-05", more: Partial<BankMovement> = {}) =>
  movement(id, day, "-1234.56", "PIX ENVIADO ELEVADORES EXEMPLO", more);

describe("payments", () => {
  it("finds what paid an expense, with the evidence, and the audit log knows the task", async () => {
    const expense = await tenant.submit(lifts);
    await post(pix("d-1"));
    await reconcile();
    expect(await payments()).toEqual([{ expense, debit: "d-1", amount: "1234.56", human: false }]);
    expect(await paymentStatus(expense)).toBe("PAID");
    const { rows } = await ask(
      "select jsonb_path_query_array(reasons, '$[*].code') as codes from blindagem.payments where condominium_id = $1",
      [tenant.condominiumId],
    );
    expect(rows[0].codes).toContain("PAYMENT_SAME_DOCUMENT");
    expect(await audit()).toContainEqual({
      entity_type: "payments",
      action: "MATCH",
      actor_id: "system:reconcile",
    });
  });

  it("counts retained taxes apart: the expense is paid in part until their guias are", async () => {
    const expense = await tenant.submit({
      ...lifts,
      grossAmount: "10000.00",
      category: "LIMPEZA",
      retentions: [{ kind: "INSS", amount: "1123.45" }],
    });
    await post(movement("net", "2030-11-05", "-8876.55", "PIX ENVIADO ELEVADORES EXEMPLO"));
    await reconcile();
    expect(await paymentStatus(expense)).toBe("PARTIALLY_PAID");
    await post(
      movement("guia", "2030-11-19", "-1123.45", "PAGAMENTO DARF", {
        counterpartyDocument: null,
        counterpartyName: null,
      }),
    );
    await reconcile();
    expect(await paymentStatus(expense)).toBe("PAID");
  });

  it("nets a credit note against its supplier's expense, as a payment of its own sign", async () => {
    const expense = await tenant.submit({ ...lifts, grossAmount: "1000.10" });
    const creditNote = await tenant.submit({
      ...lifts,
      externalId: "E-2",
      documentKind: "CREDIT_NOTE",
      grossAmount: "200.05",
    });
    await post(movement("net", "2030-11-05", "-800.05", "PIX ENVIADO ELEVADORES EXEMPLO"));
    await reconcile();
    expect(await payments()).toEqual([
      { expense, debit: "net", amount: "1000.10", human: false },
      { expense: creditNote, debit: "net", amount: "-200.05", human: false },
    ]);
    expect([await paymentStatus(expense), await paymentStatus(creditNote)]).toEqual([
      "PAID",
      "PAID",
    ]);
  });

  it("pays nothing of what was rejected or cancelled, and undoes what it had linked to it", async () => {
    const expense = await tenant.submit(lifts);
    await post(pix("d-1"));
    await reconcile();
    await ask("update blindagem.expenses set status = 'REJECTED' where id = $1", [expense]);
    // Whoever rejects it: its condominium is reconciled again.
    expect((await queuedJobs(database)).map(({ task }) => task)).toContain("reconcile");
    await runJobs(database, { reconcile: reconcileTask });
    expect(await payments()).toEqual([]);
    expect(await paymentStatus(expense)).toBe("UNPAID");
  });

  it("never rests on a pending movement, nor on one that is posted later than today", async () => {
    const expense = await tenant.submit(lifts);
    await post(pix("pending", "2030-11-05", { status: "PENDING" }), pix("future", "2030-11-21"));
    await reconcile();
    expect(await payments()).toEqual([]);
    expect(await paymentStatus(expense)).toBe("UNPAID");
  });

  it("asks a person between equals, and the receipt's Pix id settles it", async () => {
    const payee = { payeeDocument: "11222333000181", documents: [] };
    const first = await tenant.submit({ ...lifts, ...payee, grossAmount: "500.00" });
    const second = await tenant.submit({
      ...lifts,
      ...payee,
      externalId: "E-2",
      grossAmount: "500.00",
      documents: [{ sha256: "a".repeat(64) }],
    });
    await post(movement("d-1", "2030-11-05", "-500.00", "PIX ENVIADO", { endToEndId: PIX }));
    await reconcile();
    expect(await payments()).toEqual([]);
    const subject = `transaction:${await idOf("d-1")}`;
    expect(await reviews()).toMatchObject([
      { kind: "PAYMENT", subject, outcome: null, expenseId: null },
    ]);

    await storeIdentifier("a".repeat(64), "PIX_END_TO_END", PIX);
    await reconcile();
    expect(await payments()).toMatchObject([{ expense: second, debit: "d-1" }]);
    expect([await paymentStatus(first), await paymentStatus(second)]).toEqual(["UNPAID", "PAID"]);
    expect(await reviews()).toMatchObject([{ subject, outcome: "SUPERSEDED" }]);
  });

  it("gives the same whether the receipt was read before or after the first run", async () => {
    const hash = "b".repeat(64);
    const other = "c".repeat(64);
    const expenses = [
      await tenant.submit({ ...lifts, dueDate: "2030-11-04", documents: [{ sha256: hash }] }),
      await tenant.submit({ ...lifts, externalId: "E-2", documents: [{ sha256: other }] }),
    ];
    await post(
      pix("d-1", "2030-11-04T15:00:00Z", { endToEndId: PIX }),
      pix("d-2", "2030-11-05T15:00:00Z", { endToEndId: OTHER_PIX }),
    );
    await reconcile();
    // The supplier was paid the other way round, as only the receipts tell.
    await storeIdentifier(hash, "PIX_END_TO_END", OTHER_PIX);
    await storeIdentifier(other, "PIX_END_TO_END", PIX);
    await reconcile();
    expect(await payments()).toMatchObject([
      { expense: expenses[1], debit: "d-1" },
      { expense: expenses[0], debit: "d-2" },
    ]);
  });
});

async function storeIdentifier(sha256: string, kind: string, value: string): Promise<void> {
  await ask(
    "insert into blindagem.documents (sha256, format, size) values ($1, 'PNG', 1) on conflict do nothing",
    [sha256],
  );
  await ask(
    "insert into blindagem.document_identifiers (sha256, kind, value) values ($1, $2, $3)",
    [sha256, kind, value],
  );
}

describe("refunds", () => {
  it("knows an expense refunded whose payment came back", async () => {
    const expense = await tenant.submit(lifts);
    await post(
      pix("debit", "2030-11-05"),
      movement("estorno", "2030-11-06", "1234.56", "ESTORNO PIX ENVIADO ELEVADORES EXEMPLO"),
    );
    await reconcile();
    expect(await refunds()).toEqual([{ credit: "estorno", debit: "debit", amount: "1234.56" }]);
    expect(await paymentStatus(expense)).toBe("REFUNDED");
    expect(await verdicts()).toEqual({ estorno: "REFUND" });
    expect(await income()).toEqual([]);
  });

  it("knows an expense paid by the re-debit after its estorno", async () => {
    const expense = await tenant.submit(lifts);
    await post(
      pix("debit", "2030-11-05"),
      movement("estorno", "2030-11-05", "1234.56", "ESTORNO PIX ENVIADO ELEVADORES EXEMPLO"),
      pix("re-debit", "2030-11-06"),
    );
    await reconcile();
    expect(await refunds()).toEqual([{ credit: "estorno", debit: "debit", amount: "1234.56" }]);
    expect(await payments()).toMatchObject([{ debit: "debit" }, { debit: "re-debit" }]);
    expect(await paymentStatus(expense)).toBe("PAID");
  });

  it("knows an expense refunded in part by a devolução", async () => {
    const expense = await tenant.submit(lifts);
    await post(
      pix("debit", "2030-11-05T15:00:00Z", { endToEndId: PIX }),
      movement("part", "2030-11-10T15:00:00Z", "234.56", "PIX DEVOLVIDO", {
        originalEndToEndId: PIX,
        endToEndId: "D60701190203011101500a1B2c3D4e5F",
      }),
    );
    await reconcile();
    expect(await refunds()).toEqual([{ credit: "part", debit: "debit", amount: "234.56" }]);
    expect(await paymentStatus(expense)).toBe("PARTIALLY_REFUNDED");
  });

  it("holds an orphan in suspense: it is never income", async () => {
    await post(
      movement("orphan", "2030-11-06", "777.77", "DEVOLUCAO DE PIX", {
        counterpartyDocument: null,
        counterpartyName: null,
      }),
      movement("fee", "2030-11-06", "850.00", "PIX RECEBIDO CONDOMINO", {
        counterpartyDocument: "52998224725",
        counterpartyName: "MARIA DA SILVA",
      }),
    );
    await reconcile();
    expect(await verdicts()).toEqual({ orphan: "SUSPENSE", fee: "INCOME" });
    expect(await income()).toEqual(["fee"]);
  });

  it("leaves to a person a refund that fits the debits of two suppliers", async () => {
    await post(
      movement("d-1", "2030-11-05", "-300.00", "PIX ENVIADO"),
      movement("d-2", "2030-11-05", "-300.00", "PIX ENVIADO", {
        counterpartyDocument: "19131243000197",
        counterpartyName: "LIMPADORA EXEMPLO",
      }),
      movement("estorno", "2030-11-07", "300.00", "ESTORNO PIX", {
        counterpartyDocument: null,
        counterpartyName: null,
      }),
    );
    await reconcile();
    expect(await verdicts()).toEqual({ estorno: "AMBIGUOUS" });
    expect(await income()).toEqual([]);
    expect(await reviews()).toMatchObject([
      { kind: "REFUND", subject: `transaction:${await idOf("estorno")}`, outcome: null },
    ]);
  });

  it("knows the reversal of income, which is a debit", async () => {
    await post(
      movement("in", "2030-11-05T15:00:00Z", "850.00", "PIX RECEBIDO", { endToEndId: PIX }),
      movement("back", "2030-11-06T15:00:00Z", "-850.00", "PIX-RECEBIMENTO DEVOLVIDO", {
        originalEndToEndId: PIX,
      }),
    );
    await reconcile();
    const { rows } = await ask(
      `select t.provider_id as id, v.verdict, c.provider_id as credit
       from blindagem.movement_verdicts v
       join blindagem.bank_transactions t on t.id = v.transaction_id
       left join blindagem.bank_transactions c on c.id = v.reversed_credit_id
       where v.condominium_id = $1 order by t.provider_id`,
      [tenant.condominiumId],
    );
    expect(rows).toEqual([
      { id: "back", verdict: "INCOME_REVERSAL", credit: "in" },
      { id: "in", verdict: "INCOME", credit: null },
    ]);
  });
});

describe("running again", () => {
  it("writes nothing when nothing has changed", async () => {
    await tenant.submit(lifts);
    await tenant.submit({ ...lifts, externalId: "E-2", grossAmount: "500.00" });
    await tenant.submit({ ...lifts, externalId: "E-3", grossAmount: "500.00" });
    await post(
      pix("debit", "2030-11-05"),
      movement("estorno", "2030-11-05", "1234.56", "ESTORNO PIX ENVIADO ELEVADORES EXEMPLO"),
      pix("re-debit", "2030-11-06"),
      movement("which", "2030-11-05", "-500.00", "PIX ENVIADO"),
      movement("orphan", "2030-11-06", "777.77", "DEVOLUCAO DE PIX"),
    );
    await reconcile();
    expect(await reviews()).toHaveLength(1);
    const before = await audit();
    await reconcile();
    expect(await audit()).toEqual(before);
  });

  it("undoes the link of a movement that the bank took back, on record", async () => {
    const expense = await tenant.submit(lifts);
    await post(
      pix("debit", "2030-11-05"),
      movement("estorno", "2030-11-06", "1234.56", "ESTORNO PIX ENVIADO ELEVADORES EXEMPLO"),
    );
    await reconcile();
    await takeBack("estorno");
    await reconcile();
    expect(await refunds()).toEqual([]);
    expect(await verdicts()).toEqual({});
    expect(await paymentStatus(expense)).toBe("PAID");
    await takeBack("debit");
    await reconcile();
    expect(await payments()).toEqual([]);
    expect(await paymentStatus(expense)).toBe("UNPAID");
    const actions = (await audit()).map(({ action }) => action);
    expect(actions).toContain("UNDO_REFUND");
    expect(actions).toContain("UNDO_MATCH");
  });

  it("leaves a person's link alone, and builds on it", async () => {
    const first = await tenant.submit({ ...lifts, grossAmount: "500.00" });
    const second = await tenant.submit({ ...lifts, externalId: "E-2", grossAmount: "500.00" });
    await post(
      movement("d-1", "2030-11-05", "-500.00", "PIX ENVIADO"),
      movement("d-2", "2030-11-06", "-500.00", "PIX ENVIADO"),
    );
    // The other way round than by date.
    await link(second, "d-1");
    await reconcile();
    const expected = [
      { expense: second, debit: "d-1", amount: "500.00", human: true },
      { expense: first, debit: "d-2", amount: "500.00", human: false },
    ];
    expect(await payments()).toEqual(expected);
    // The row stays a person's also when the bank takes the movement back; it only counts no more.
    await takeBack("d-1");
    await reconcile();
    expect(await payments()).toContainEqual(expected[0]);
    expect(await paymentStatus(second)).toBe("UNPAID");
  });

  it("does not ask again what a person has answered", async () => {
    await tenant.submit({ ...lifts, grossAmount: "500.00" });
    await tenant.submit({ ...lifts, externalId: "E-2", grossAmount: "500.00" });
    await post(movement("d-1", "2030-11-05", "-500.00", "PIX ENVIADO"));
    await reconcile();
    await ask(
      `update blindagem.reviews set outcome = 'REJECTED', resolved_at = now(), resolved_by = $2,
         resolution_reason = 'de outra conta' where condominium_id = $1 and outcome is null`,
      [tenant.condominiumId, tenant.personId],
    );
    await reconcile();
    expect(await reviews()).toMatchObject([{ outcome: "REJECTED" }]);
  });
});

describe("a person's answer", () => {
  const unsure = () =>
    post(
      movement("d-1", "2030-11-15", "-500.00", "PIX ENVIADO", {
        counterpartyDocument: null,
        counterpartyName: null,
      }),
    );

  it("makes the link that was asked about, and the link is the person's", async () => {
    const expense = await tenant.submit({ ...lifts, grossAmount: "500.00" });
    await unsure();
    await reconcile();
    expect(await payments()).toEqual([]);
    await tenant.answer(`transaction:${await idOf("d-1")}`, true);
    await runJobs(database, { reconcile: reconcileTask });
    const expected = [{ expense, debit: "d-1", amount: "500.00", human: true }];
    expect(await payments()).toEqual(expected);
    expect(await paymentStatus(expense)).toBe("PAID");
    const before = await audit();
    await reconcile();
    expect(await payments()).toEqual(expected);
    expect(await audit()).toEqual(before);
  });

  it("refuses the link, for good", async () => {
    const expense = await tenant.submit({ ...lifts, grossAmount: "500.00" });
    await unsure();
    await reconcile();
    await tenant.answer(`transaction:${await idOf("d-1")}`, false);
    await runJobs(database, { reconcile: reconcileTask });
    expect(await payments()).toEqual([]);
    expect(await paymentStatus(expense)).toBe("UNPAID");
    expect(await reviews()).toMatchObject([{ kind: "PAYMENT", outcome: "REJECTED" }]);
  });

  it("tells a refund without its memo from income", async () => {
    await post(
      pix("out", "2030-11-05"),
      movement("in", "2030-11-07", "1234.56", "PIX RECEBIDO ELEVADORES EXEMPLO"),
    );
    await reconcile();
    expect(await verdicts()).toEqual({ in: "AMBIGUOUS" });
    expect(await income()).toEqual([]);
    await tenant.answer(`transaction:${await idOf("in")}`, false);
    await runJobs(database, { reconcile: reconcileTask });
    expect(await verdicts()).toEqual({ in: "INCOME" });
    expect(await income()).toEqual(["in"]);
  });
});

/** A payment that a person decided. */
async function link(expenseId: string, providerId: string): Promise<void> {
  await ask(
    `insert into blindagem.payments (condominium_id, payable_id, transaction_id, amount, confidence, reasons, decided_by)
     select condominium_id, id, $2, amount, 1, '[]', $3 from blindagem.payables where expense_id = $1`,
    [expenseId, await idOf(providerId), tenant.personId],
  );
}
