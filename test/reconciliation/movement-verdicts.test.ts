import { describe, expect, it } from "@jest/globals";
import { movementVerdicts } from "../../src/reconciliation/movement-verdicts.ts";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import type { ReconciliationResult } from "../../src/reconciliation/types.ts";
import { caseOf, movement, payable } from "./case.ts";

const nothing: ReconciliationResult = {
  payments: [],
  refundedPayments: [],
  refunds: [],
  incomeReversals: [],
  orphanRefunds: [],
  reviews: [],
  neutral: [],
  unmatchedPayables: [],
  unmatchedMovements: [],
  income: [],
};

describe("movementVerdicts", () => {
  it("calls no debit ambiguous: a question is about its credits", () => {
    const movements = [
      movement("credit", "2026-11-06", "300.00", "ESTORNO"),
      movement("debit", "2026-11-05", "-300.00", "PIX ENVIADO"),
    ];
    const review = {
      kind: "REFUND_AMBIGUOUS" as const,
      transactionIds: ["credit", "debit"],
      payableIds: [],
      reasons: [],
    };
    const verdicts = movementVerdicts({ ...nothing, reviews: [review] }, [], movements);
    expect(verdicts).toMatchObject([{ transactionId: "credit", verdict: "AMBIGUOUS" }]);
  });

  it("keeps the more careful of two verdicts", () => {
    const movements = [movement("credit", "2026-11-06", "300.00", "PIX RECEBIDO")];
    const suspected = {
      kind: "REFUND_SUSPECTED" as const,
      transactionIds: ["credit"],
      payableIds: [],
      reasons: [],
    };
    const result = { ...nothing, reviews: [suspected], income: ["credit"] };
    expect(movementVerdicts(result, [], movements)).toMatchObject([{ verdict: "AMBIGUOUS" }]);
    const fixed = [{ creditId: "credit", debitId: "debit", amount: 1n }];
    expect(movementVerdicts(result, fixed, movements)).toMatchObject([{ verdict: "REFUND" }]);
  });

  it("has one verdict for every posted credit", () => {
    const input = caseOf(
      [payable("p", "2026-11-05", "1234.56")],
      [
        movement("debit", "2026-11-05", "-1234.56", "PIX ENVIADO ELEVADORES EXEMPLO"),
        movement("estorno", "2026-11-06", "1234.56", "ESTORNO PIX ELEVADORES EXEMPLO"),
        movement("orphan", "2026-11-06", "77.77", "DEVOLUCAO DE PIX"),
        movement("resgate", "2026-11-06", "9000.00", "RESGATE AUTOMATICO"),
        movement("fee", "2026-11-06", "850.00", "PIX RECEBIDO MARIA"),
        movement("announced", "2026-11-07", "850.00", "PIX RECEBIDO", { status: "PENDING" }),
      ],
    );
    const verdicts = movementVerdicts(reconcile(input), [], input.movements);
    expect(Object.fromEntries(verdicts.map((one) => [one.transactionId, one.verdict]))).toEqual({
      estorno: "REFUND",
      orphan: "SUSPENSE",
      resgate: "NEITHER",
      fee: "INCOME",
    });
  });
});
