import { beforeEach, describe, expect, it } from "@jest/globals";
import { settleDeletions } from "../../src/banking/store-replacements.ts";
import type { TestDatabase } from "../database/test-database.ts";
import {
  accountId,
  ask,
  audit,
  database,
  idOf,
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

useScene();

/** Decides as the colleague of the one who submits, and lets the reconciliation run. */
async function decide(statement: string, values: unknown[]): Promise<void> {
  const settings = {
    organization_id: tenant.organizationId,
    person_id: tenant.colleagueId,
    actor_id: `person:${tenant.colleagueId}`,
  };
  await (database as TestDatabase).asRequest("reviewer", settings, (client) =>
    client.query(statement, values),
  );
  await runWaiting();
}

const confirm = (payableId: string, debitId: string, amount: string | null = null) =>
  decide("select blindagem.confirm_match($1, 'conferido', payable_id => $2, amount => $3)", [
    debitId,
    payableId,
    amount,
  ]);
const undo = (payableId: string, debitId: string) =>
  decide("select blindagem.undo_match($1, 'foi engano', payable_id => $2)", [debitId, payableId]);

async function payableOf(expenseId: string): Promise<string> {
  const { rows } = await ask(
    "select id::text from blindagem.accounts_payable where expense_id = $1",
    [expenseId],
  );
  return rows[0].id;
}

/** All that a reconciliation leaves, but for the instants. */
async function state() {
  const { rows } = await ask(
    `select payable_id, transaction_id, amount, confidence, reasons, decided_by from blindagem.payments
     where condominium_id = $1 order by 1, 2`,
    [tenant.condominiumId],
  );
  const statuses = await ask(
    "select id, payment_status from blindagem.accounts_payable where condominium_id = $1 order by id",
    [tenant.condominiumId],
  );
  const open = (await reviews()).filter(({ outcome }) => outcome === null);
  return {
    payments: rows,
    statuses: statuses.rows,
    open,
    verdicts: await verdicts(),
    refunds: await refunds(),
  };
}

let expense: string;
let payable: string;
beforeEach(async () => {
  expense = await tenant.submit(lifts);
  payable = await payableOf(expense);
});

describe("confirmMatch", () => {
  it("links what the machine would not, and no later run changes it", async () => {
    await post(
      movement("odd", "2030-11-05", "-1300.00", "TED", {
        counterpartyDocument: null,
        counterpartyName: null,
      }),
    );
    await reconcile();
    expect(await paymentStatus(expense)).toBe("UNPAID");
    await confirm(payable, await idOf("odd"));
    expect(await payments()).toEqual([{ expense, debit: "odd", amount: "1234.56", human: true }]);
    await post(pix("later"));
    await reconcile();
    expect(await payments()).toEqual([{ expense, debit: "odd", amount: "1234.56", human: true }]);
    expect(await paymentStatus(expense)).toBe("PAID");
  });

  it("is refused beyond the debit's amount, of what is not there, and to who submitted", async () => {
    await post(movement("small", "2030-11-05", "-100.00", "TED"));
    const debit = await idOf("small");
    await expect(confirm(payable, debit, "100.01")).rejects.toMatchObject({ code: "BLD06" });
    await expect(confirm(payable, debit, "-1")).rejects.toMatchObject({ code: "BLD04" });
    await expect(confirm("999999999", debit)).rejects.toMatchObject({ code: "BLD03" });
    await expect(confirm(payable, "999999999")).rejects.toMatchObject({ code: "BLD03" });
    const submitter = {
      organization_id: tenant.organizationId,
      person_id: tenant.personId,
      actor_id: `person:${tenant.personId}`,
    };
    await expect(
      database.asRequest("admin", submitter, (client) =>
        client.query("select blindagem.confirm_match($1, 'eu mesma', payable_id => $2)", [
          debit,
          payable,
        ]),
      ),
    ).rejects.toMatchObject({ code: "BLD07" });
    expect(await payments()).toEqual([]);
  });

  it("joins a refund to its debit", async () => {
    await post(
      pix("debit"),
      movement("back", "2030-11-09", "1000.00", "TED RECEBIDA", {
        counterpartyDocument: null,
        counterpartyName: null,
      }),
    );
    await reconcile();
    await decide("select blindagem.confirm_match($1, 'conferido', credit_id => $2)", [
      await idOf("debit"),
      await idOf("back"),
    ]);
    expect(await refunds()).toEqual([{ credit: "back", debit: "debit", amount: "1000.00" }]);
    expect(await verdicts()).toMatchObject({ back: "REFUND" });
    expect(await paymentStatus(expense)).toBe("PARTIALLY_REFUNDED");
  });
});

describe("undoMatch", () => {
  it("rejects the machine's link for good", async () => {
    await post(pix("debit"));
    await reconcile();
    expect(await paymentStatus(expense)).toBe("PAID");
    await undo(payable, await idOf("debit"));
    await reconcile();
    expect(await payments()).toEqual([]);
    expect(await paymentStatus(expense)).toBe("UNPAID");
  });

  it("brings back exactly what was there before a decision, and that before a rejection", async () => {
    await post(pix("debit"), movement("other", "2030-11-07", "-50.00", "TARIFA"));
    await reconcile();
    const before = await state();
    const debit = await idOf("debit");
    await confirm(payable, await idOf("other"), "50.00");
    expect(await state()).not.toEqual(before);
    await undo(payable, await idOf("other"));
    expect(await state()).toEqual(before);
    await undo(payable, debit);
    expect(await state()).not.toEqual(before);
    await undo(payable, debit);
    expect(await state()).toEqual(before);
    await confirm(payable, debit, "1234.56");
    await undo(payable, debit);
    expect(await state()).toEqual(before);
    await expect(undo(payable, await idOf("other"))).rejects.toMatchObject({ code: "BLD03" });
  });
});

describe("splitPayment", () => {
  it("gives a debit to several payables, all or none", async () => {
    const second = await tenant.submit({ ...lifts, externalId: "E-2", grossAmount: "500.00" });
    await post(
      movement("lump", "2030-11-05", "-1734.56", "PAGAMENTOS", {
        counterpartyDocument: null,
        counterpartyName: null,
      }),
    );
    const debit = await idOf("lump");
    const parts = (a: string, b: string, other: string) =>
      JSON.stringify([
        { payableId: payable, amount: a },
        { payableId: other, amount: b },
      ]);
    const other = await payableOf(second);
    const split = (text: string) =>
      decide("select blindagem.split_payment($1, $2, 'lote')", [debit, text]);
    await expect(split(parts("1234.56", "500.01", other))).rejects.toMatchObject({ code: "BLD06" });
    await expect(split(parts("1.00", "1.00", payable))).rejects.toMatchObject({ code: "BLD04" });
    await confirm(payable, debit);
    await split(parts("1000.00", "500.00", other));
    expect(await payments()).toEqual([
      { expense, debit: "lump", amount: "1000.00", human: true },
      { expense: second, debit: "lump", amount: "500.00", human: true },
    ]);
    expect(await paymentStatus(second)).toBe("PAID");
    expect(await paymentStatus(expense)).toBe("PARTIALLY_PAID");
  });
});

describe("a decided movement", () => {
  it("that the bank takes back loses its link, with a record, and has it again when it comes again", async () => {
    await post(pix("debit"));
    await confirm(payable, await idOf("debit"));
    await takeBack("debit");
    await reconcile();
    expect(await payments()).toEqual([]);
    expect((await audit()).filter(({ entity_type }) => entity_type === "payments").length).toBe(2);
    await post(pix("debit"));
    await reconcile();
    expect(await payments()).toEqual([{ expense, debit: "debit", amount: "1234.56", human: true }]);
  });

  it("passes its link on to the one that replaces it", async () => {
    const announced = { status: "PENDING", counterpartyDocument: null } as const;
    await post(movement("pending", "2030-11-05", "-1300.00", "TED ELEVADORES", announced));
    await confirm(payable, await idOf("pending"));
    expect(await payments()).toEqual([]);
    await ask(
      "update blindagem.bank_transactions set first_seen_at = first_seen_at - interval '1 day' where account_id = $1",
      [accountId],
    );
    await takeBack("pending");
    await post(movement("posted", "2030-11-06", "-1300.00", "TED ENVIADA ELEVADORES"));
    const client = await database.pool("worker").connect();
    await settleDeletions(client, accountId, "2030-11-01", new Date("2030-11-20T12:00:00Z"));
    client.release();
    await reconcile();
    expect(await payments()).toEqual([
      { expense, debit: "posted", amount: "1234.56", human: true },
    ]);
  });
});

describe("evidencePrecision", () => {
  it("takes back that a suspected refund is income: it is suspect again, and asked about again", async () => {
    await post(
      movement("d", "2030-11-05", "-1234.56", "PIX ENVIADO"),
      movement("c", "2030-11-08", "1234.56", "PIX RECEBIDO ELEVADORES EXEMPLO"),
    );
    await reconcile();
    const { rows } = await ask(
      "select id from blindagem.reviews where condominium_id = $1 and kind = 'REFUND' and outcome is null",
      [tenant.condominiumId],
    );
    expect(await verdicts()).toMatchObject({ c: "AMBIGUOUS" });
    await decide("select blindagem.resolve_review($1, false, 'aluguel do salao')", [rows[0].id]);
    await reconcile();
    expect(await verdicts()).toMatchObject({ c: "INCOME" });
    await reconcile();
    expect(await verdicts()).toMatchObject({ c: "INCOME" });

    const credit = await idOf("c");
    const undoIncome = () => decide("select blindagem.undo_income($1, 'foi engano')", [credit]);
    await undoIncome();
    expect(await verdicts()).toMatchObject({ c: "AMBIGUOUS" });
    expect((await state()).open).toHaveLength(1);
    await expect(undoIncome()).rejects.toMatchObject({ code: "BLD03" });
  });

  const ofSameDocument = async () => {
    const settings = {
      organization_id: tenant.organizationId,
      person_id: tenant.colleagueId,
      actor_id: "x",
    };
    const { rows } = await database.asRequest("reviewer", settings, (client) =>
      client.query(
        "select * from blindagem.evidence_precision where code = 'PAYMENT_SAME_DOCUMENT'",
      ),
    );
    return rows;
  };

  it("counts what people confirmed and rejected, by the codes that the links had", async () => {
    await post(pix("debit"));
    await reconcile();
    await undo(payable, await idOf("debit"));
    expect(await ofSameDocument()).toEqual([
      { code: "PAYMENT_SAME_DOCUMENT", confirmed: 0, rejected: 1, precision: "0.0000" },
    ]);
  });

  it("counts of a pair the last word alone, and nothing that was taken back", async () => {
    await post(pix("debit"));
    await reconcile();
    const debit = await idOf("debit");
    await confirm(payable, debit);
    expect(await ofSameDocument()).toMatchObject([{ confirmed: 1, rejected: 0 }]);
    await undo(payable, debit);
    expect(await ofSameDocument()).toEqual([]);
    await confirm(payable, debit);
    expect(await ofSameDocument()).toMatchObject([{ confirmed: 1, rejected: 0 }]);
  });
});
