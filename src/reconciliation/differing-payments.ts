import { explainDifference, isWithinPolicy } from "./difference-policy.ts";
import type { Ledger } from "./ledger.ts";
import { PartyFinder } from "./party-finder.ts";
import type { CandidateContext } from "./payment-candidates.ts";
import { explainParts } from "./payment-evidence.ts";
import {
  compareText,
  isNameless,
  type PreparedMovement,
  type PreparedPayable,
} from "./prepared.ts";
import { amountText, note, question } from "./reasons.ts";
import type { PaymentLink, Review } from "./types.ts";

type Pair = { payable: PreparedPayable; debit: PreparedMovement; byId: boolean };

/** About the due date another amount to the payee is worth a question. */
const NEAR_DAYS = 31;
/** In more pairs of nameless debits a difference is not looked for. */
const MOST_PAIRS = 10_000;

/**
 * Debits that pay a payable with a fine, interest or a discount: the same end-to-end id, or surely the same payee and a
 * difference that a usual rate gives to the centavo. Only where neither side has another such pair.
 * @returns edges of the amount owed, or of the discounted one: a fine is not the payable's
 */
export function differingPayments(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  context: CandidateContext,
): PaymentLink[] {
  const { ledger } = context;
  const explained = unequalPairs(payables, debits, context).filter(({ payable, debit, byId }) => {
    const [owed, paid, days] = differenceOf(payable, debit, ledger);
    return (
      explainDifference(owed, paid, days) !== undefined ||
      (byId && isWithinPolicy(owed, paid, days))
    );
  });
  return alone(explained).map(({ payable, debit, byId }) => {
    const [owed, paid, days] = differenceOf(payable, debit, ledger);
    const difference = explainDifference(owed, paid, days);
    const evidence = {
      owed: amountText(owed),
      paid: amountText(paid),
      rate: difference?.rate ?? null,
    };
    return {
      payableId: payable.id,
      transactionId: debit.id,
      amount: lesser(paid, owed),
      confidence: byId ? 0.99 : 0.95,
      reasons: [
        note(paid > owed ? "PAYMENT_WITH_FINE" : "PAYMENT_WITH_DISCOUNT", evidence),
        ...(byId ? [note("PAYMENT_END_TO_END_ID", { endToEndId: debit.movement.endToEndId })] : []),
        ...explainParts(payable, debit),
      ],
    };
  });
}

/** Pairs of one payee about the due date whose amounts are near each other, with nothing that explains the difference. */
export function nearAmounts(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  context: CandidateContext,
): Review[] {
  const near = unequalPairs(payables, debits, context).filter(({ payable, debit, byId }) => {
    const [owed, paid, days] = differenceOf(payable, debit, context.ledger);
    return !byId && Math.abs(days) <= NEAR_DAYS && isWithinPolicy(owed, paid, paid > owed ? 1 : 0);
  });
  const pairs = [...near, ...namelessPairs(payables, debits, context.ledger)];
  return alone(pairs).map(({ payable, debit }) => {
    const [owed, paid] = differenceOf(payable, debit, context.ledger);
    const evidence = { owed: amountText(owed), paid: amountText(paid) };
    return {
      kind: "PAYMENT_AMOUNT_DIFFERS" as const,
      transactionIds: [debit.id],
      payableIds: [payable.id],
      reasons: [question("PAYMENT_NEAR_AMOUNT", evidence), ...explainParts(payable, debit)],
    };
  });
}

/** Debits that name no one, of an amount that a usual rate gives: too many sums fit by chance to link them. */
function namelessPairs(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  ledger: Ledger,
): Pair[] {
  const nameless = debits.filter(
    (one) => isNameless(one) && one.party.documents.length === 0 && one.channel !== "FEE",
  );
  if (payables.length * nameless.length > MOST_PAIRS) return [];
  return payables.flatMap((payable) =>
    nameless.flatMap((debit) => {
      const [owed, paid, days] = differenceOf(payable, debit, ledger);
      const fits =
        owed > 0n &&
        paid === debit.size &&
        Math.abs(days) <= NEAR_DAYS &&
        explainDifference(owed, paid, days) !== undefined &&
        !ledger.isRejectedPayment(payable.id, debit.id);
      return fits ? [{ payable, debit, byId: false }] : [];
    }),
  );
}

/** Open payables and free debits of the same payee or end-to-end id, whose amounts are not equal. */
function unequalPairs(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  { ledger, receiptIds, thresholds }: CandidateContext,
): Pair[] {
  const byPayee = new PartyFinder(debits);
  const byEndToEndId = Map.groupBy(debits, (debit) => debit.movement.endToEndId);
  return payables.flatMap((payable) => {
    const { endToEndIds, kind } = payable.payable;
    const owed = ledger.openAmount(payable.id);
    if (owed <= 0n || owed !== payable.payable.amount || kind === "CREDIT_NOTE") return [];
    const joined = new Set(
      endToEndIds
        .filter((id) => receiptIds.payablesOf(id).length === 1)
        .flatMap((id) => byEndToEndId.get(id) ?? []),
    );
    return [...new Set([...joined, ...byPayee.sameAs(payable.party)])]
      .filter((debit) => {
        const paid = ledger.freeToPay(debit.id);
        const days = debit.day - payable.dueDay;
        return (
          paid > 0n &&
          paid !== owed &&
          paid === debit.size &&
          days >= -thresholds.paymentDaysBefore &&
          days <= thresholds.paymentDaysAfter &&
          !ledger.isRejectedPayment(payable.id, debit.id)
        );
      })
      .map((debit) => ({ payable, debit, byId: joined.has(debit) }));
  });
}

function differenceOf(
  payable: PreparedPayable,
  debit: PreparedMovement,
  ledger: Ledger,
): [owed: bigint, paid: bigint, days: number] {
  return [ledger.openAmount(payable.id), ledger.freeToPay(debit.id), debit.day - payable.dueDay];
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Pairs of which neither side has another. */
function alone(pairs: readonly Pair[]): Pair[] {
  const uses = new Map<PreparedPayable | PreparedMovement, number>();
  for (const { payable, debit } of pairs) {
    for (const one of [payable, debit]) uses.set(one, (uses.get(one) ?? 0) + 1);
  }
  return pairs
    .filter(({ payable, debit }) => uses.get(payable) === 1 && uses.get(debit) === 1)
    .sort((a, b) => compareText(a.payable.id, b.payable.id));
}
