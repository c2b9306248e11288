import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import type { ReconciliationInput, ReconciliationResult } from "../../src/reconciliation/types.ts";
import { arbitraryCase } from "./arbitrary-case.ts";
import { movement } from "./case.ts";

const runs = { numRuns: 100 };

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

function total(links: readonly { amount: bigint }[]): bigint {
  return links.reduce((sum, link) => sum + link.amount, 0n);
}

function linksOf(result: ReconciliationResult) {
  const { payments, refundedPayments, refunds, incomeReversals } = result;
  return { payments, refundedPayments, refunds, incomeReversals };
}

function withOwnLinks(input: ReconciliationInput, result: ReconciliationResult) {
  return {
    ...input,
    fixed: {
      ...input.fixed,
      payments: [...result.payments, ...result.refundedPayments],
      refunds: result.refunds,
    },
  };
}

describe("reconcile", () => {
  it("conserves money: no link exceeds either of its sides", () => {
    fc.assert(
      fc.property(arbitraryCase, (input) => {
        const result = reconcile(input);
        const edges = [...result.payments, ...result.refundedPayments];
        for (const one of input.movements) {
          const size = magnitude(one.amount);
          expect(total(edges.filter((edge) => edge.transactionId === one.id)) <= size).toBe(true);
          expect(total(result.refunds.filter((link) => link.debitId === one.id)) <= size).toBe(
            true,
          );
          expect(total(result.refunds.filter((link) => link.creditId === one.id)) <= size).toBe(
            true,
          );
        }
        for (const one of input.payables) {
          const paying = result.payments.filter((edge) => edge.payableId === one.id);
          // What came back in part may be paid again.
          const back = result.refunds.filter((link) =>
            paying.some((edge) => edge.transactionId === link.debitId),
          );
          expect(magnitude(total(paying)) - total(back) <= magnitude(one.amount)).toBe(true);
        }
      }),
      runs,
    );
  });

  it("is certain of a payment by an identifier alone", () => {
    fc.assert(
      fc.property(arbitraryCase, (input) => {
        for (const { confidence, reasons } of reconcile(input).payments) {
          const byIdentifier = /^PAYMENT_(END_TO_END_ID|DIGITABLE_LINE|IN_RETURN)$/;
          if (confidence === 1) {
            expect(reasons.some(({ code }) => byIdentifier.test(code))).toBe(true);
          }
        }
      }),
      runs,
    );
  });

  it("gives the same result whatever the order of its input", () => {
    const shuffled = arbitraryCase.chain((input) =>
      fc.record({
        input: fc.constant(input),
        payables: fc.shuffledSubarray(input.payables, { minLength: input.payables.length }),
        returnedItems: fc.shuffledSubarray(input.returnedItems ?? [], {
          minLength: input.returnedItems?.length ?? 0,
        }),
        movements: fc.shuffledSubarray(input.movements, { minLength: input.movements.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ input, ...order }) => {
        expect(reconcile({ ...input, ...order })).toEqual(reconcile(input));
      }),
      runs,
    );
  });

  it("finds nothing more when its own links are given back to it", () => {
    fc.assert(
      fc.property(arbitraryCase, (input) => {
        const first = reconcile(input);
        const second = reconcile(withOwnLinks(input, first));
        expect(second).toEqual({ ...first, payments: [], refundedPayments: [], refunds: [] });
      }),
      runs,
    );
  });

  it("changes no link for a movement that has nothing to do with the others", () => {
    const stranger = fc.record({
      day: fc.constantFrom("2026-10-02", "2026-10-20", "2026-11-10"),
      sign: fc.constantFrom("", "-"),
      memo: fc.constantFrom("PIX ENVIADO", "PIX DEVOLVIDO", "ESTORNO DE DEBITO", "PAGAMENTO"),
    });
    fc.assert(
      fc.property(arbitraryCase, stranger, (input, { day, sign, memo }) => {
        const line = movement("stranger", day, `${sign}77777.77`, `${memo} WALTER KOWALSKI`);
        const more = reconcile({ ...input, movements: [...input.movements, line] });
        expect(linksOf(more)).toEqual({
          ...linksOf(reconcile(input)),
          incomeReversals: expect.anything(),
        });
      }),
      runs,
    );
  });

  it("gives every posted movement one outcome, and takes no refund for income", () => {
    fc.assert(
      fc.property(arbitraryCase, (input) => {
        const result = reconcile(input);
        const reviewed = new Set(result.reviews.flatMap((review) => review.transactionIds));
        for (const one of input.movements.filter((line) => line.status === "POSTED")) {
          const outcomes = [
            result.income.includes(one.id),
            result.neutral.some((neutral) => neutral.transactionId === one.id),
            result.refunds.some((link) => link.creditId === one.id),
            result.orphanRefunds.some((orphan) => orphan.creditId === one.id),
            result.incomeReversals.some((reversal) => reversal.debitId === one.id),
            one.amount > 0n && reviewed.has(one.id),
            one.amount < 0n && result.payments.some((edge) => edge.transactionId === one.id),
            result.unmatchedMovements.includes(one.id),
          ];
          const undone =
            total(result.refunds.filter((link) => link.debitId === one.id)) === -one.amount;
          const count = outcomes.filter(Boolean).length;
          // A debit in question is unmatched as well; one that came back needs no payable.
          expect(count).toBe(undone ? 0 : 1);
          if (/DEVOLVID|ESTORNO/.test(one.description)) expect(outcomes[0]).toBe(false);
        }
      }),
      runs,
    );
  });
});
