import type { Reason } from "../validation/reason.ts";
import type { FixedRefund, Movement, ReconciliationResult } from "./types.ts";

/** What a movement is, when it is not a plain debit: a row of `movement_verdicts`. */
export interface MovementVerdict {
  transactionId: string;
  verdict: "REFUND" | "SUSPENSE" | "AMBIGUOUS" | "INCOME_REVERSAL" | "NEITHER" | "INCOME";
  /** The credit that a reversal takes back, where it is known. */
  reversedCreditId: string | null;
  reasons: Reason[];
}

/**
 * What each movement is, by a run's result and the refunds that stood before it. A credit that is not sure to be
 * income is not INCOME: whatever the result says twice, the more careful verdict counts. Pure.
 */
export function movementVerdicts(
  result: ReconciliationResult,
  fixedRefunds: readonly FixedRefund[],
  movements: readonly Movement[],
): MovementVerdict[] {
  const verdicts = new Map<string, MovementVerdict>();
  const say = (
    transactionId: string,
    verdict: MovementVerdict["verdict"],
    reasons: Reason[],
    reversedCreditId: string | null = null,
  ) => {
    if (!verdicts.has(transactionId)) {
      verdicts.set(transactionId, { transactionId, verdict, reversedCreditId, reasons });
    }
  };
  const credits = new Set(movements.filter((one) => one.amount > 0n).map((one) => one.id));

  // A refund's reasons stand on its edges.
  for (const { creditId } of [...fixedRefunds, ...result.refunds]) say(creditId, "REFUND", []);
  for (const { creditId, reasons } of result.orphanRefunds) say(creditId, "SUSPENSE", reasons);
  for (const { kind, transactionIds, reasons } of result.reviews) {
    if (!kind.startsWith("REFUND")) continue;
    for (const id of transactionIds) if (credits.has(id)) say(id, "AMBIGUOUS", reasons);
  }
  for (const { debitId, creditId, reasons } of result.incomeReversals) {
    say(debitId, "INCOME_REVERSAL", reasons, creditId);
  }
  for (const { transactionId, reasons } of result.neutral) say(transactionId, "NEITHER", reasons);
  for (const creditId of result.income) say(creditId, "INCOME", []);
  return [...verdicts.values()];
}
