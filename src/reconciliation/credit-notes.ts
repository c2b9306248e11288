import { agreement } from "./party.ts";
import type { CandidateContext } from "./payment-candidates.ts";
import { explain, type Findings, weigh } from "./payment-evidence.ts";
import type { PreparedMovement, PreparedPayable } from "./prepared.ts";
import { amountText, note } from "./reasons.ts";
import type { PaymentLink } from "./types.ts";

type Netted = {
  creditNote: PreparedPayable;
  payable: PreparedPayable;
  debit: PreparedMovement;
  findings: Findings;
};

/**
 * One debit that pays a supplier's payable less its credit note. Sums are easily coincidence: it counts
 * only with the same document or company, and only if note, payable and debit have no other such pair.
 * @returns two edges per debit; the credit note's is negative, so that they add up to the debit
 */
export function creditNotePayments(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  context: CandidateContext,
): PaymentLink[] {
  const netted = possibleNettings(payables, debits, context);
  // By the thing itself: a payable and a debit may have the same id.
  const uses = new Map<PreparedPayable | PreparedMovement, number>();
  for (const { creditNote, payable, debit } of netted) {
    for (const one of [creditNote, payable, debit]) uses.set(one, (uses.get(one) ?? 0) + 1);
  }
  return netted
    .filter((one) => [one.creditNote, one.payable, one.debit].every((each) => uses.get(each) === 1))
    .flatMap(({ creditNote, payable, debit, findings }) => {
      const amounts = [payable, creditNote].map((one) => ({
        id: one.id,
        amount: context.ledger.openAmount(one.id),
      }));
      const reasons = [
        ...explain(findings, payable, debit),
        note("PAYMENT_LESS_CREDIT_NOTE", { creditNote: amountText(creditNote.payable.amount) }),
      ];
      return amounts.map(({ id, amount }) => ({
        payableId: id,
        transactionId: debit.id,
        amount,
        confidence: 0.97,
        reasons,
      }));
    });
}

function possibleNettings(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  { ledger, receiptIds, thresholds }: CandidateContext,
): Netted[] {
  const creditNotes = payables.filter((one) => ledger.openAmount(one.id) < 0n);
  if (creditNotes.length === 0) return [];
  const byKey = new Map<string, PreparedPayable[]>();
  for (const one of payables) {
    if (one.payable.kind === "SUPPLIER") byKey.set(one.key, [...(byKey.get(one.key) ?? []), one]);
  }
  const byAmount = new Map<bigint, PreparedMovement[]>();
  for (const one of debits) {
    const amount = ledger.freeToPay(one.id);
    byAmount.set(amount, [...(byAmount.get(amount) ?? []), one]);
  }
  return creditNotes.flatMap((creditNote) =>
    (byKey.get(creditNote.key) ?? []).flatMap((payable) => {
      const net = ledger.openAmount(payable.id) + ledger.openAmount(creditNote.id);
      return (net > 0n ? (byAmount.get(net) ?? []) : []).flatMap((debit) => {
        const rejected = [payable, creditNote].some((one) =>
          ledger.isRejectedPayment(one.id, debit.id),
        );
        const parties = agreement(payable.party, debit.party);
        const same = parties.kind === "SAME_DOCUMENT" || parties.kind === "SAME_COMPANY";
        const findings =
          same && !rejected ? weigh(payable, debit, receiptIds, thresholds) : undefined;
        return findings && findings.score >= thresholds.acceptScore
          ? [{ creditNote, payable, debit, findings }]
          : [];
      });
    }),
  );
}
