import { formatDecimal } from "../money/centavos.ts";
import type { Reason } from "../validation/reason.ts";
import { reasonText } from "../validation/reason-catalogue.ts";
import type { CondominiumCase } from "./case-file.ts";
import { fold } from "./memo-text.ts";
import { compareText } from "./prepared.ts";
import { reconcile } from "./reconcile.ts";
import { DEFAULT_THRESHOLDS } from "./thresholds.ts";
import type { Movement, Payable, ReconciliationResult, ReviewKind, Thresholds } from "./types.ts";

/** A reason with its Portuguese text. */
export type ToldReason = Pick<Reason, "code" | "evidence"> & { text: string };

/**
 * What is found in a case; ids are those of the file, amounts decimal text. Every transaction stands in at least one
 * of the lists, and `income` has only credits that are nothing else.
 */
export type CaseResult = {
  payments: {
    expenseId: string;
    transactionId: string;
    amount: string;
    confidence: number;
    reasons: ToldReason[];
  }[];
  refunds: {
    creditId: string;
    debitId: string;
    amount: string;
    confidence: number;
    reasons: ToldReason[];
  }[];
  incomeReversals: { debitId: string; creditId: string | null }[];
  orphanRefunds: string[];
  reviews: {
    kind: ReviewKind;
    transactionIds: string[];
    expenseIds: string[];
    reasons: ToldReason[];
  }[];
  unmatchedExpenses: string[];
  /** Also what is neither income nor expense (sweeps, transfers between own accounts) and what is not posted yet. */
  unmatchedTransactions: string[];
  income: string[];
};

/** Reconciles each condominium of a case by itself. Pure. */
export function reconcileCase(
  condominiums: readonly CondominiumCase[],
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
): CaseResult {
  const results = condominiums.map(({ payables, movements }) =>
    reconcile({
      payables,
      movements,
      fixed: { payments: [], refunds: [], rejectedPairs: [], incomeCredits: [] },
      ownDocuments: ownDocumentsOf(payables, movements),
      asOf: lastDay(movements),
      doubtfulDebitsPay: false,
      thresholds,
    }),
  );
  const all = <T>(of: (result: ReconciliationResult) => readonly T[]) => results.flatMap(of);
  return {
    payments: all((result) => result.payments).map((link) => ({
      expenseId: link.payableId,
      transactionId: link.transactionId,
      amount: formatDecimal(link.amount),
      confidence: link.confidence,
      reasons: told(link.reasons),
    })),
    refunds: all((result) => result.refunds).map((link) => ({
      creditId: link.creditId,
      debitId: link.debitId,
      amount: formatDecimal(link.amount),
      confidence: link.confidence,
      reasons: told(link.reasons),
    })),
    incomeReversals: all((result) => result.incomeReversals).map(({ debitId, creditId }) => ({
      debitId,
      creditId,
    })),
    orphanRefunds: all((result) => result.orphanRefunds.map((one) => one.creditId)),
    reviews: all((result) => result.reviews).map((review) => ({
      kind: review.kind,
      transactionIds: review.transactionIds,
      expenseIds: review.payableIds,
      reasons: told(review.reasons),
    })),
    unmatchedExpenses: all((result) => result.unmatchedPayables),
    unmatchedTransactions: all((result) => [
      ...result.unmatchedMovements,
      ...result.neutral.map((one) => one.transactionId),
    ]).sort(compareText),
    income: all((result) => result.income),
  };
}

/**
 * A case does not say whose its accounts are. A condominium pays no other: the document beside such a name, if no
 * supplier has it, is its own.
 */
function ownDocumentsOf(payables: readonly Payable[], movements: readonly Movement[]): string[] {
  const payees = new Set(payables.map((one) => one.payeeDocument));
  const own = movements.filter(
    ({ counterpartyName, counterpartyDocument }) =>
      counterpartyDocument?.length === 14 &&
      !payees.has(counterpartyDocument) &&
      /^(?:CONDOMINIO|COND|EDIFICIO|EDIF)\b/.test(fold(counterpartyName ?? "")),
  );
  return [...new Set(own.flatMap((one) => one.counterpartyDocument ?? []))];
}

/** What is posted has happened: the file itself says up to when it looks. */
function lastDay(movements: readonly Movement[]): string {
  return (
    movements
      .map((one) => one.postedOn)
      .sort(compareText)
      .at(-1) ?? "1970-01-01"
  );
}

function told(reasons: readonly Reason[]): ToldReason[] {
  return reasons.map(({ code, evidence }) => ({
    code,
    text: reasonText({ code, evidence }),
    evidence,
  }));
}
