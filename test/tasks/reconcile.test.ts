import { describe, expect, it } from "@jest/globals";
import {
  ask,
  audit,
  database,
  idOf,
  income,
  lifts,
  movement,
  paymentStatus,
  payments,
  pix,
  post,
  reconcile,
  refunds,
  reviews,
  runWaiting,
  takeBack,
  tenant,
  useScene,
  verdicts,
} from "./reconciliation-scene.ts";
import { queuedJobs } from "./task-run.ts";

const PIX = "E60701190203011051707a1B2c3D4e5F";
const OTHER_PIX = "E60701190203011051708zzzzzzzzzzz";

useScene();

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
    await runWaiting();
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
    // What the bank takes back pays nothing; what the person said stays in the log, and where it was decided.
    await takeBack("d-1");
    await reconcile();
    expect(await payments()).not.toContainEqual(expected[0]);
    expect(await paymentStatus(second)).toBe("UNPAID");
    expect((await audit()).map(({ action }) => action)).toContain("UNDO_MATCH");
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
    await runWaiting();
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
    await runWaiting();
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
    await runWaiting();
    expect(await verdicts()).toEqual({ in: "INCOME" });
    expect(await income()).toEqual(["in"]);
  });
});

/** A payment that a person decided. */
async function link(expenseId: string, providerId: string): Promise<void> {
  await ask(
    `insert into blindagem.payments (condominium_id, payable_id, transaction_id, amount, confidence, reasons, decided_by)
     select condominium_id, id, $2, amount, 1, '[]', $3 from blindagem.accounts_payable where expense_id = $1`,
    [expenseId, await idOf(providerId), tenant.personId],
  );
}
