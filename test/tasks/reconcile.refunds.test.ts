import { describe, expect, it } from "@jest/globals";
import {
  ask,
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
  tenant,
  useScene,
  verdicts,
} from "./reconciliation-scene.ts";

const PIX = "E60701190203011051707a1B2c3D4e5F";

useScene();

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

describe("a payment that a later refund puts in doubt", () => {
  it("stays what it was, and is asked about by name of its expense", async () => {
    const expense = await tenant.submit(lifts);
    await post(pix("debit"));
    await reconcile();
    expect(await paymentStatus(expense)).toBe("PAID");
    const other = movement("other", "2030-11-05", "-1234.56", "PIX ENVIADO OUTRA EMPRESA", {
      counterpartyDocument: "19131243000197",
      counterpartyName: "LIMPADORA MODELO",
    });
    const back = movement("back", "2030-11-06", "1234.56", "ESTORNO PIX ENVIADO", {
      counterpartyDocument: null,
      counterpartyName: null,
    });
    await post(other, back);
    await reconcile();
    expect(await paymentStatus(expense)).toBe("PAID");
    expect(await income()).toEqual([]);
    expect(
      (await reviews()).filter(({ kind, outcome }) => kind === "REFUND" && outcome === null),
    ).toMatchObject([{ expenseId: expense }]);
    const { rows } = await ask(
      "select blindagem.expenses_payment_in_doubt(e) as doubt from blindagem.expenses e where id = $1",
      [expense],
    );
    expect(rows).toEqual([{ doubt: true }]);
  });
});
