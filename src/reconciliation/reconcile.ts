import { type Classified, classify } from "./classify.ts";
import { Ledger } from "./ledger.ts";
import { Parties } from "./party.ts";
import { matchPayments, matchUndonePayments } from "./payments.ts";
import {
  compareText,
  type PreparedMovement,
  type PreparedPayable,
  prepareMovement,
  preparePayable,
  withPayee,
} from "./prepared.ts";
import { matchRefunds, matchReversals, suspectRefunds } from "./refunds.ts";
import type {
  PaymentLink,
  ReconciliationInput,
  ReconciliationResult,
  RefundLink,
  Review,
} from "./types.ts";

/**
 * Matches the movements of one condominium: refunds to the debits they undo, debits to the payables
 * they pay, and says what each other movement is. Pure; the order of the input does not matter.
 *
 * It repeats its pass, taking its own links as given, until a pass finds none: then a later run, with
 * these links fixed, finds nothing either. A payment thus tells a later pass who a nameless debit went
 * to, and a refund opens a payable for its re-debit.
 */
export function reconcile(input: ReconciliationInput): ReconciliationResult {
  const { fixed, thresholds } = input;
  const ownDocuments = new Set(input.ownDocuments);
  const incomeCredits = new Set(fixed.incomeCredits);
  const ledger = new Ledger(input.payables, input.movements, fixed);
  const parties = new Parties();
  const payables = input.payables.map((one) => preparePayable(one, parties));
  const movements = input.movements.map((one) => prepareMovement(one, ownDocuments, parties));
  const asOfDay = Date.parse(`${input.asOf}T00:00:00Z`) / 86_400_000;
  const classified = classify(movements, ownDocuments, incomeCredits, asOfDay);

  const payments: PaymentLink[] = [];
  const refunds: RefundLink[] = [];
  for (;;) {
    const debits = withKnownPayees(classified.payers, payables, ledger);
    const refunded = matchRefunds(debits, classified.refunds, ledger, thresholds);
    for (const link of refunded.links) ledger.refund(link);
    const paid = matchPayments(payables, classified.payers, ledger, thresholds);
    for (const link of paid.links) ledger.pay(link);
    const undone = matchUndonePayments(payables, classified.payers, ledger, thresholds);
    for (const link of undone) ledger.pay(link);
    refunds.push(...refunded.links);
    payments.push(...paid.links, ...undone);
    if (refunded.links.length + paid.links.length + undone.length > 0) continue;

    const suspected = suspectRefunds(debits, classified, incomeCredits, ledger, thresholds);
    return {
      payments: byIds(payments.filter((link) => !ledger.isUndone(link.transactionId))),
      refundedPayments: byIds(payments.filter((link) => ledger.isUndone(link.transactionId))),
      refunds: sortedBy(refunds, (link) => `${link.creditId}\n${link.debitId}`),
      incomeReversals: sortedBy(
        matchReversals(classified, ledger, thresholds),
        (one) => one.debitId,
      ),
      orphanRefunds: sortedBy(refunded.orphans, (one) => one.creditId),
      reviews: sortedBy([...refunded.reviews, ...paid.reviews, ...suspected], reviewKey),
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

/** Debits that name no one are known by the payable that they pay. */
function withKnownPayees(
  debits: readonly PreparedMovement[],
  payables: readonly PreparedPayable[],
  ledger: Ledger,
): PreparedMovement[] {
  const payees = new Map(payables.map((one) => [one.id, one.party]));
  return debits.map((debit) => {
    const { documents, names } = debit.party;
    if (documents.length > 0 || names.some((name) => name.words.length > 0)) return debit;
    const [payableId] = ledger.payablesOf(debit.id);
    const payee = payableId === undefined ? undefined : payees.get(payableId);
    return payee ? withPayee(debit, payee) : debit;
  });
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
