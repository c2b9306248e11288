import type { Ledger } from "./ledger.ts";
import { agreement } from "./party.ts";
import { PartyFinder } from "./party-finder.ts";
import type { CandidateContext } from "./payment-candidates.ts";
import { explainParts } from "./payment-evidence.ts";
import { isNameless, type PreparedMovement, type PreparedPayable } from "./prepared.ts";
import { amountText, note } from "./reasons.ts";
import { uniqueSubset } from "./subset-sum.ts";
import type { PaymentLink } from "./types.ts";

/** Of a batch that names no one, all is due about the day it is paid. */
const BATCH_DAYS = 5;
const BATCH = /\b(?:SISPAG|LOTE|REMESSA|FORNEC\w*|PAGFOR|PAGTOS|PAGAMENTOS|DIVERSOS|MULTIPAG\w*)\b/;
/** Where more falls due within these days a batch is not looked for: then many debits cost nothing. */
const MOST_DUE = 300;
/** Among more the one payee of a nameless debit is not looked for. */
const MOST_NEAR = 60;
/** A payee's bills are paid together at most this long before or after they are due. */
const DAYS_BEFORE = 20;
const DAYS_AFTER = 35;
/** Parts of one bill may be paid month after month. */
const LAST_PART_AFTER = 125;

type Pool<T> = { items: readonly T[]; confidence: number };
type Proposal = { payables: PreparedPayable[]; debits: PreparedMovement[]; confidence: number };

/**
 * One debit that pays several payables: of one payee; a payroll; or a batch of the bank that says that it is one. It
 * counts if exactly one choice of them adds up to the debit, and no other debit claims any of them.
 */
export function batchPayments(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  { ledger }: CandidateContext,
): PaymentLink[] {
  const open = payables.filter((one) => ledger.openAmount(one.id) > 0n);
  const byPayee = new PartyFinder(open);
  const byDueDay = Map.groupBy(open, (one) => one.dueDay);
  const proposals = debits.flatMap((debit): Proposal[] => {
    if (debit.channel === "FEE") return [];
    for (const alternatives of pools(debit, byDueDay, byPayee, ledger)) {
      const choices = alternatives.flatMap(({ items, confidence }): Proposal[] => {
        const allowed = items.filter((one) => !ledger.isRejectedPayment(one.id, debit.id));
        const chosen = uniqueChoice(allowed, ledger, ledger.freeToPay(debit.id));
        return chosen ? [{ payables: chosen, debits: [debit], confidence }] : [];
      });
      // Of two days that fit nobody knows which it is.
      if (choices.length > 0) return choices.length === 1 ? choices : [];
    }
    return [];
  });
  return undisputed(proposals, (one) => one.payables).flatMap((one) => linksOf(one, ledger));
}

/** One payable that several debits to its payee pay, if exactly one choice of them adds up to it. */
export function partPayments(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  { ledger, thresholds }: CandidateContext,
): PaymentLink[] {
  const byPayee = new PartyFinder(debits);
  const proposals = payables.flatMap((payable): Proposal[] => {
    const open = ledger.openAmount(payable.id);
    if (open <= 0n) return [];
    const parts = byPayee
      .sameAs(payable.party)
      .filter(
        (debit) =>
          ledger.freeToPay(debit.id) < open &&
          !ledger.isRejectedPayment(payable.id, debit.id) &&
          isWithin(debit.day - payable.dueDay, thresholds.paymentDaysBefore, LAST_PART_AFTER),
      );
    const chosen = uniqueSubset(
      parts.map((debit) => ledger.freeToPay(debit.id)),
      open,
    );
    if (!chosen) return [];
    const taken = chosen.flatMap((at) => parts[at] ?? []);
    const known = taken.every((debit) => agreement(payable.party, debit.party).kind !== "NAMES");
    return [{ payables: [payable], debits: taken, confidence: known ? 0.98 : 0.96 }];
  });
  return undisputed(proposals, (one) => one.debits).flatMap((one) => linksOf(one, ledger));
}

/** Where the payables of a debit may be, the surest first: each time in one of several pools. */
function* pools(
  debit: PreparedMovement,
  byDueDay: ReadonlyMap<number, readonly PreparedPayable[]>,
  byPayee: PartyFinder<PreparedPayable>,
  ledger: Ledger,
): Generator<Pool<PreparedPayable>[]> {
  const named = byPayee
    .sameAs(debit.party)
    .filter((one) => isWithin(debit.day - one.dueDay, DAYS_BEFORE, DAYS_AFTER));
  const sameDay = (items: readonly PreparedPayable[], confidence: number) =>
    [...Map.groupBy(items, (one) => one.dueDay).values()].map((day) => ({
      items: day,
      confidence,
    }));
  const confidence = debit.party.documents.length > 0 ? 0.98 : 0.96;
  if (named.length > 1) {
    yield [{ items: named, confidence }];
    // Many of one payee: those of one due date may still be all together.
    yield sameDay(named, confidence);
    return;
  }
  if (!isNameless(debit) || debit.party.documents.length > 0) return;
  const days: (readonly PreparedPayable[])[] = [];
  for (let day = debit.day - BATCH_DAYS; day <= debit.day + BATCH_DAYS; day += 1) {
    days.push(byDueDay.get(day) ?? []);
  }
  if (days.reduce((sum, day) => sum + day.length, 0) > MOST_DUE) return;
  const near = days.flat();
  const payroll = debit.billKind === "PAYROLL";
  if (!payroll && !BATCH.test(debit.memo)) {
    // That nobody knows whose bill of that very amount it pays is no sign that it pays several others.
    const isOwed = near.some((one) => ledger.openAmount(one.id) === debit.size);
    const isSearchable = near.length <= MOST_NEAR && !isOwed;
    const items = isSearchable ? onePayeeOf(near, debit.size, ledger) : undefined;
    if (items) yield [{ items, confidence: 0.93 }];
    return;
  }
  const items = near.filter((one) => (one.billKind === "PAYROLL") === payroll);
  yield sameDay(items, 0.96);
  yield [{ items, confidence: 0.95 }];
}

/**
 * All that falls due with one payee, where that is the debit's amount for one payee alone. So few sums are compared
 * that none fits by chance.
 */
function onePayeeOf(
  near: readonly PreparedPayable[],
  target: bigint,
  ledger: Ledger,
): PreparedPayable[] | undefined {
  const groups = [...Map.groupBy(near, (one) => one.key).values()].filter(
    (items) =>
      items.length > 1 &&
      items.reduce((sum, one) => sum + ledger.openAmount(one.id), 0n) === target,
  );
  return groups.length === 1 ? groups[0] : undefined;
}

function uniqueChoice(
  items: readonly PreparedPayable[],
  ledger: Ledger,
  target: bigint,
): PreparedPayable[] | undefined {
  const amounts = items.map((one) => ledger.openAmount(one.id));
  return uniqueSubset(amounts, target)?.flatMap((at) => items[at] ?? []);
}

/** Proposals that share nothing with another. */
function undisputed<T>(
  proposals: readonly Proposal[],
  claimed: (proposal: Proposal) => readonly T[],
): Proposal[] {
  const claims = new Map<T, number>();
  for (const one of proposals.flatMap(claimed)) claims.set(one, (claims.get(one) ?? 0) + 1);
  return proposals.filter((proposal) => claimed(proposal).every((one) => claims.get(one) === 1));
}

function linksOf({ payables, debits, confidence }: Proposal, ledger: Ledger): PaymentLink[] {
  return payables.flatMap((payable) =>
    debits.map((debit) => {
      const several = payables.length > 1;
      const amount = several ? ledger.openAmount(payable.id) : ledger.freeToPay(debit.id);
      const shown = several
        ? note("PAYMENT_IN_BATCH", {
            amount: amountText(amount),
            debit: amountText(debit.size),
            payables: payables.length,
          })
        : note("PAYMENT_IN_PARTS", {
            amount: amountText(amount),
            total: amountText(ledger.openAmount(payable.id)),
            debits: debits.length,
          });
      return {
        payableId: payable.id,
        transactionId: debit.id,
        amount,
        confidence,
        reasons: [shown, ...explainParts(payable, debit)],
      };
    }),
  );
}

function isWithin(days: number, before: number, after: number): boolean {
  return days >= -before && days <= after;
}
