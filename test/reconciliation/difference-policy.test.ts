import { describe, expect, it } from "@jest/globals";
import { explainDifference } from "../../src/reconciliation/difference-policy.ts";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import { caseOf, ELEVADORES, money, movement, payable } from "./case.ts";

const elevadores = { counterpartyDocument: ELEVADORES };

describe("explainDifference", () => {
  it.each([
    ["2 % and 10 days of 1 % a month", "1000.00", "1023.33", 10, "FINE"],
    ["2 % alone", "1000.00", "1020.00", 5, "FINE"],
    ["2 % and a month", "1000.00", "1030.00", 12, "FINE"],
    ["10 % and 3 days", "1234.56", "1359.25", 3, "FINE"],
    ["interest alone, by 0.033 % a day", "1000.00", "1001.98", 6, "FINE"],
    ["2 % and interest, due on a Saturday", "1000.00", "1020.67", 4, "FINE"],
    ["5 % for paying early", "1000.00", "950.00", -4, "DISCOUNT"],
    ["7,5 % on the day", "1234.56", "1141.97", 0, "DISCOUNT"],
  ])("knows %s", (_, owed, paid, days, kind) => {
    expect(explainDifference(money(owed), money(paid), days)).toMatchObject({ kind });
  });

  it.each([
    ["more without a delay", "1000.00", "1020.00", 0],
    ["less when it is late", "1000.00", "950.00", 5],
    ["a rate that nobody asks for", "1000.00", "1017.40", 10],
    ["a fine alone, a month late: it may be the next bill", "1000.00", "1020.00", 29],
    ["half", "1000.00", "500.00", -1],
  ])("does not know %s", (_, owed, paid, days) => {
    expect(explainDifference(money(owed), money(paid), days)).toBeUndefined();
  });
});

describe("payments that differ", () => {
  const owed = [payable("p", "2026-11-05", "1000.00")];

  it("pay what is owed; the fine is not the payable's, and pays nothing else", () => {
    const other = payable("q", "2026-11-15", "23.33");
    const debit = movement("d", "2026-11-15", "-1023.33", "PIX ENVIADO", elevadores);
    const result = reconcile(caseOf([...owed], [debit]));
    expect(result.payments).toMatchObject([{ payableId: "p", amount: 100_000n }]);
    expect(result.payments[0]?.reasons[0]).toMatchObject({
      code: "PAYMENT_WITH_FINE",
      evidence: { owed: "1000.00", paid: "1023.33", rate: 2 },
    });
    const again = reconcile(caseOf([...owed, other], [debit], { payments: result.payments }));
    expect(again.payments).toEqual([]);
    expect(again.unmatchedMovements).toEqual([]);
  });

  it("close a payable by its discount", () => {
    const debit = movement("d", "2026-11-03", "-950.00", "PIX ENVIADO", elevadores);
    const result = reconcile(caseOf(owed, [debit]));
    expect(result.payments).toMatchObject([{ payableId: "p", amount: 95_000n }]);
    const rest = movement("e", "2026-11-10", "-50.00", "PIX ENVIADO", elevadores);
    const again = reconcile(caseOf(owed, [debit, rest], { payments: result.payments }));
    expect(again.payments).toEqual([]);
    expect(again.unmatchedPayables).toEqual([]);
  });

  it("are a question when no rate explains them, or two debits fit", () => {
    const near = movement("d", "2026-11-15", "-1017.40", "PIX ENVIADO", elevadores);
    expect(reconcile(caseOf(owed, [near])).reviews).toMatchObject([
      { kind: "PAYMENT_AMOUNT_DIFFERS", transactionIds: ["d"], payableIds: ["p"] },
    ]);
    const nameless = movement("d", "2026-11-10", "-1020.00", "PAGAMENTO DE BOLETO");
    expect(reconcile(caseOf(owed, [nameless])).reviews).toMatchObject([
      { kind: "PAYMENT_AMOUNT_DIFFERS", transactionIds: ["d"], payableIds: ["p"] },
    ]);
    const two = ["-1020.00", "-1023.33"].map((amount, at) =>
      movement(`d${at}`, "2026-11-15", amount, "PIX ENVIADO", elevadores),
    );
    expect(reconcile(caseOf(owed, two)).payments).toEqual([]);
  });
});
