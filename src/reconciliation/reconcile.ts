import { type Classified, classify } from "./classify.ts";
import { Ledger } from "./ledger.ts";
import { withLikelyPayees } from "./likely-payees.ts";
import { Parties } from "./party.ts";
import { matchPayments, matchUndonePayments, payablesAtStake } from "./payments.ts";
import { byDueDate, byMoment, compareText, prepareMovement, preparePayable } from "./prepared.ts";
import { matchRefunds, matchReversals } from "./refunds.ts";
import {
  refusedPairs,
  refusedQuestions,
  resolveItems,
  returnedPayments,
} from "./returned-payments.ts";
import { withReturnsThatPay } from "./returns-that-pay.ts";
import { suspectRefunds } from "./suspects.ts";
import type {
  PaymentLink,
  ReconciliationInput,
  ReconciliationResult,
  RefundLink,
  Review,
} from "./types.ts";
import type { Undoing } from "./undoing.ts";

/**
 * Matches the movements of one condominium: refunds to the debits they undo, debits to the payables
 * they pay, and says what each other movement is. Pure; the order of the input does not matter.
 *
 * It repeats its pass, taking its own links as given, until a pass finds none: then a later run, with
 * these links fixed, finds nothing either. A link takes its sides out of the choice that others have, and a
 * refund opens a payable for its re-debit.
 */
export function reconcile(input: ReconciliationInput): ReconciliationResult {
  const { fixed, thresholds } = input;
  const ownDocuments = new Set(input.ownDocuments);
  const incomeCredits = new Set(fixed.incomeCredits);
  const parties = new Parties();
  // In the order in which most are looked at: to sort what is sorted costs next to nothing.
  const payables = input.payables.map((one) => preparePayable(one, parties)).sort(byDueDate);
  const movements = input.movements
    .map((one) => prepareMovement(one, ownDocuments, parties))
    .sort(byMoment);
  const asOfDay = Date.parse(`${input.asOf}T00:00:00Z`) / 86_400_000;
  const sorted = classify(movements, ownDocuments, incomeCredits, asOfDay);

  const items = input.returnedItems ?? [];
  const named = resolveItems(items, payables);
  const confirmed = new Set(fixed.payments.map(pairOf));
  const refused = refusedPairs(named, sorted.payers).filter(
    (pair) => pair.kind !== "PAYMENT" || !confirmed.has(pairOf(pair)),
  );
  const ledger = new Ledger(input.payables, input.movements, {
    ...fixed,
    rejectedPairs: [...fixed.rejectedPairs, ...refused],
  });
  const classified = withReturnsThatPay(sorted, payables, ledger, thresholds);
  const rejected = new Set(
    fixed.rejectedPairs.map((pair) => (pair.kind === "PAYMENT" ? pairOf(pair) : "")),
  );

  const debits = withLikelyPayees(classified.payers, payables, ledger, thresholds);

  const payments: PaymentLink[] = [];
  const refunds: RefundLink[] = [];
  let undoing: Undoing | undefined;
  for (;;) {
    const refunded = matchRefunds(
      debits,
      classified.refunds,
      payables,
      ledger,
      thresholds,
      undoing,
    );
    undoing = refunded.links.length === 0 ? refunded.undoing : undefined;
    for (const link of refunded.links) ledger.refund(link);
    const doubtful = input.doubtfulDebitsPay ? new Set<string>() : refunded.doubtful;
    const payers = classified.payers.filter((one) => !doubtful.has(one.id));
    const returned = returnedPayments(items, named, payers, ledger);
    for (const link of returned) ledger.pay(link);
    const paid = matchPayments(payables, payers, ledger, thresholds);
    for (const link of paid.links) ledger.pay(link);
    const undone = matchUndonePayments(payables, classified.payers, ledger, thresholds);
    for (const link of undone) ledger.pay(link);
    refunds.push(...refunded.links);
    payments.push(...returned, ...paid.links, ...undone);
    if (refunded.links.length + returned.length + paid.links.length + undone.length > 0) continue;

    // Only of those that a question shows.
    const shown = new Set(refunded.reviews.flatMap((review) => review.transactionIds));
    const inDoubt = classified.payers.filter(
      (one) => refunded.doubtful.has(one.id) && shown.has(one.id),
    );
    const atStake = payablesAtStake(payables, inDoubt, ledger, thresholds);
    const doubtfullyPaid = new Map(
      inDoubt.map(({ id }) => [
        id,
        [...(atStake.get(id) ?? []), ...ledger.paymentsBy(id).map((one) => one.payableId)],
      ]),
    );
    const refusals = refusedQuestions(named, classified.payers, ledger).filter(
      ({ payableIds: [payableId = ""], transactionIds: [transactionId = ""] }) =>
        !rejected.has(pairOf({ payableId, transactionId })),
    );
    const suspected = suspectRefunds(
      debits,
      payables,
      classified,
      incomeCredits,
      ledger,
      thresholds,
    );
    return {
      payments: byIds(payments.filter((link) => !ledger.isUndone(link.transactionId))),
      refundedPayments: byIds(payments.filter((link) => ledger.isUndone(link.transactionId))),
      refunds: sortedBy(refunds, (link) => `${link.creditId}\n${link.debitId}`),
      incomeReversals: sortedBy(
        matchReversals(classified, ledger, thresholds),
        (one) => one.debitId,
      ),
      orphanRefunds: sortedBy(refunded.orphans, (one) => one.creditId),
      reviews: sortedBy(
        [
          ...refunded.reviews.map((one) => withPayables(one, doubtfullyPaid)),
          ...paid.reviews,
          ...refusals,
          ...suspected,
        ],
        reviewKey,
      ),
      neutral: sortedBy(classified.neutral, (one) => one.transactionId),
      unmatchedPayables: input.payables
        .filter(({ id, amount }) => amount !== 0n && ledger.openAmount(id) === amount)
        .map((one) => one.id)
        .sort(compareText),
      unmatchedMovements: [
        ...classified.waiting,
        ...classified.payers.filter((one) => ledger.freeToPay(one.id) === one.size),
      ]
        .map((one) => one.id)
        .sort(compareText),
      income: incomeOf(classified, suspected, ledger),
    };
  }
}

function pairOf({
  payableId,
  transactionId,
}: {
  payableId: string;
  transactionId: string;
}): string {
  return `${payableId}\n${transactionId}`;
}

/** A question about debits is one about the payables that hang on them, paid by them or not. */
function withPayables(review: Review, atStake: ReadonlyMap<string, string[]>): Review {
  const payableIds = new Set(review.transactionIds.flatMap((id) => atStake.get(id) ?? []));
  return { ...review, payableIds: [...payableIds].sort(compareText) };
}

function incomeOf(
  { receipts }: Classified,
  suspected: readonly Review[],
  ledger: Ledger,
): string[] {
  const suspects = new Set(suspected.flatMap((review) => review.transactionIds));
  return receipts
    .map((one) => one.id)
    .filter((id) => !suspects.has(id) && !ledger.isRefund(id))
    .sort(compareText);
}

function byIds(links: readonly PaymentLink[]): PaymentLink[] {
  return sortedBy(links, (link) => `${link.payableId}\n${link.transactionId}`);
}

function reviewKey({ kind, transactionIds, payableIds }: Review): string {
  return [kind, ...transactionIds, "", ...payableIds].join("\n");
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ item }) => item);
}
