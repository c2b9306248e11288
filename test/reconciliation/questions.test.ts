import { describe, expect, it } from "@jest/globals";
import type { StoredPayable } from "../../src/reconciliation/load-payables.ts";
import { questions } from "../../src/reconciliation/questions.ts";
import type { Review } from "../../src/reconciliation/types.ts";
import { movement, payable } from "./case.ts";

const stored = (id: string, more: Partial<StoredPayable> = {}): StoredPayable => ({
  ...payable(id, "2026-11-05", "500.00"),
  dropped: false,
  salary: false,
  status: "UNPAID",
  expenseStatus: "UNPAID",
  ...more,
});
const review = (
  kind: Review["kind"],
  transactionIds: string[],
  payableIds: string[] = [],
): Review => ({ kind, transactionIds, payableIds, reasons: [] });
const movements = [
  movement("9", "2026-11-05", "-500.00", "PIX ENVIADO"),
  movement("10", "2026-11-05", "-500.00", "PIX ENVIADO"),
  movement("11", "2026-11-06", "500.00", "ESTORNO"),
];

describe("questions", () => {
  it("says what is asked, and between which movements and payables", () => {
    const [question] = questions(
      [review("PAYMENT_AMBIGUOUS", ["10", "9"], ["1", "2"])],
      [stored("1"), stored("2")],
      movements,
    );
    expect(question).toEqual({
      kind: "PAYMENT",
      subject: "transaction:9",
      expenseId: null,
      reasons: [
        {
          code: "PAYMENT_AMBIGUOUS",
          severity: "REVIEW",
          evidence: { transactionIds: ["10", "9"], payableIds: ["1", "2"] },
        },
      ],
    });
  });

  it("is about the credit of a refund, and about the payable whose amount is in doubt", () => {
    const found = questions(
      [
        review("REFUND_AMBIGUOUS", ["10", "11", "9"]),
        review("PAYMENT_AMOUNT_DIFFERS", ["9"], ["2"]),
      ],
      [stored("2")],
      movements,
    );
    expect(found).toMatchObject([
      { kind: "REFUND", subject: "transaction:11", expenseId: null },
      { kind: "PAYMENT", subject: "payable:2", expenseId: "expense of 2" },
    ]);
  });

  it("belongs to a salary, if one is among the payables: so the conselho does not see it", () => {
    const [question] = questions(
      [review("PAYMENT_AMBIGUOUS", ["9"], ["1", "2"])],
      [stored("1"), stored("2", { salary: true })],
      movements,
    );
    expect(question?.expenseId).toBe("expense of 2");
  });

  it("is one per subject", () => {
    const found = questions(
      [review("REFUND_AMBIGUOUS", ["11", "9"]), review("REFUND_EXCEEDS_DEBIT", ["11", "10"])],
      [],
      movements,
    );
    expect(found.map(({ reasons }) => reasons.map(({ code }) => code))).toEqual([
      ["REFUND_AMBIGUOUS", "REFUND_EXCEEDS_DEBIT"],
    ]);
  });
});
