import { describe, expect, it } from "@jest/globals";
import { composeDemo } from "../../demo/compose.ts";
import { expectedExpenses, expectedMovements } from "../../demo/expected/end-of.ts";
import { flip } from "../../demo/generate.ts";
import type { ExpectedMovement } from "../../demo/model.ts";
import { parseDecimal } from "../../src/money/centavos.ts";
import type { ReconciliationResult } from "../../src/reconciliation/types.ts";
import { reconcileAll } from "./pure-reconciliation.ts";

const model = composeDemo();
const traps = Object.keys(model.flips);

/** Whether the matcher says of a movement what was expected of it by hand. */
function agrees(id: string, expected: ExpectedMovement, result: ReconciliationResult): boolean {
  const refunds = result.refunds.filter(({ creditId }) => creditId === id);
  const isIncome = result.income.includes(id);
  switch (expected.outcome) {
    case "REFUND":
      return (
        !isIncome &&
        refunds.length === 1 &&
        refunds[0]?.debitId === expected.debitId &&
        refunds[0]?.amount === parseDecimal(expected.amount)
      );
    case "AMBIGUOUS":
      return (
        !isIncome &&
        refunds.length === 0 &&
        result.reviews.some(
          ({ kind, transactionIds }) => kind === "REFUND_AMBIGUOUS" && transactionIds.includes(id),
        )
      );
    case "ORPHAN":
      return !isIncome && result.orphanRefunds.some(({ creditId }) => creditId === id);
    case "INCOME_REVERSAL":
      return result.incomeReversals.some(
        ({ debitId, creditId }) => debitId === id && creditId === expected.creditId,
      );
    case "INCOME":
      return isIncome;
    case "NEUTRAL":
      return !isIncome && result.neutral.some(({ transactionId }) => transactionId === id);
    case "PENDING":
      return !isIncome && result.unmatchedMovements.includes(id);
  }
}

describe("the matcher, on the demo's payables and bank entries", () => {
  it.each([
    ["as they are", [] as string[]],
    ["with every fact flipped", traps],
  ])("%s, gives the ends written by hand", (_, flipped) => {
    const expected = expectedExpenses(model, flipped);
    const refused = expected.flatMap(({ status, externalId }) =>
      status === "REJECTED" ? [externalId] : [],
    );
    const matches = reconcileAll(flip(model, flipped), new Set(refused));
    const wrongExpenses = expected.flatMap(({ externalId, condominium, trap, paymentStatus }) => {
      const got = matches.get(condominium)?.statuses.get(externalId);
      return got === paymentStatus ? [] : [`${externalId} ${trap}: ${paymentStatus}, got ${got}`];
    });
    const wrongMovements = expectedMovements(model, flipped).flatMap(
      ({ transactionId, ...movement }) => {
        const result = matches.get(movement.condominium)?.result;
        const right = result !== undefined && agrees(transactionId, movement, result);
        return right ? [] : [`${transactionId} ${movement.trap}: ${movement.outcome}`];
      },
    );
    expect({ wrongExpenses, wrongMovements }).toEqual({ wrongExpenses: [], wrongMovements: [] });
  });
});
