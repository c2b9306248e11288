import { z } from "zod";
import type { Reason } from "../validation/reason.ts";
import { note } from "./reasons.ts";
import type { FixedPayment, FixedRefund, Movement, Payable, RejectedPair } from "./types.ts";

/** A review on payments or refunds that a person has ended. */
export interface AnsweredReview {
  outcome: "APPROVED" | "REJECTED";
  decidedBy: string;
  decidedAt: Date;
  reasons: Reason[];
}

/** The last decision of a person on a pair: a debit with a payable, or with the credit that gives it back. */
export interface MatchDecision {
  pair: { payableId: string; transactionId: string } | { creditId: string; debitId: string };
  verdict:
    | { kind: "CONFIRMED"; amount: bigint }
    | { kind: "REJECTED" }
    /** As if nobody had ever said anything. */
    | { kind: "WITHDRAWN" };
  decidedBy: string;
  decidedAt: Date;
}

/** A person's yes to a link. */
export type DecidedPayment = FixedPayment & { decidedBy: string; reasons: Reason[] };
export type DecidedRefund = FixedRefund & { decidedBy: string; reasons: Reason[] };

/** What people have answered, as the matcher takes it. */
export interface Answers {
  payments: DecidedPayment[];
  refunds: DecidedRefund[];
  rejectedPairs: RejectedPair[];
  incomeCredits: string[];
}

const asked = z.object({
  code: z.enum([
    "PAYMENT_UNCONFIRMED",
    "PAYMENT_AMOUNT_DIFFERS",
    "REFUND_EXCEEDS_DEBIT",
    "REFUND_SUSPECTED",
  ]),
  evidence: z.object({ transactionIds: z.array(z.string()), payableIds: z.array(z.string()) }),
});

/** A link, or a no to one, and when it was said. */
type Dated<T> = T & { decidedAt: Date };
type DatedAnswers = {
  payments: Dated<DecidedPayment>[];
  refunds: Dated<DecidedRefund>[];
  rejectedPairs: Dated<RejectedPair>[];
  incomeCredits: string[];
};

/**
 * Reads people's answers: what the last review or decision says of each pair. Pure.
 *
 * @param decisions the last of each pair
 */
export function readAnswers(
  reviews: readonly AnsweredReview[],
  decisions: readonly MatchDecision[],
  payables: readonly Payable[],
  movements: readonly Movement[],
): Answers {
  const { payments, refunds, rejectedPairs, incomeCredits } = answersOfReviews(
    reviews,
    payables,
    movements,
  );
  const decided = new Map(decisions.map((one) => [keyOf(one.pair), one]));
  // Of a review and a decision on the same pair the later one counts.
  const standing = <T extends object>(said: readonly Dated<T>[], pairOf: (one: T) => string) =>
    said.flatMap(({ decidedAt, ...one }) => {
      const link = one as unknown as T;
      const decision = decided.get(pairOf(link));
      if (decision && decision.decidedAt >= decidedAt) return [];
      decided.delete(pairOf(link));
      return [link];
    });
  const answers: Answers = {
    payments: standing(payments, keyOf),
    refunds: standing(refunds, keyOf),
    rejectedPairs: standing(rejectedPairs, keyOf),
    incomeCredits,
  };
  const payableIds = new Set(payables.map((one) => one.id));
  const movementIds = new Set(movements.map((one) => one.id));
  for (const { pair, verdict, decidedBy } of decided.values()) {
    const said = { decidedBy, reasons: [note("MATCH_CONFIRMED", {})] };
    if ("payableId" in pair) {
      if (!payableIds.has(pair.payableId) || !movementIds.has(pair.transactionId)) continue;
      if (verdict.kind === "REJECTED") answers.rejectedPairs.push({ kind: "PAYMENT", ...pair });
      if (verdict.kind === "CONFIRMED") {
        answers.payments.push({ ...pair, ...said, amount: verdict.amount });
      }
    } else {
      if (!movementIds.has(pair.creditId) || !movementIds.has(pair.debitId)) continue;
      if (verdict.kind === "REJECTED") answers.rejectedPairs.push({ kind: "REFUND", ...pair });
      if (verdict.kind === "CONFIRMED") {
        answers.refunds.push({ ...pair, ...said, amount: verdict.amount });
      }
    }
  }
  return answers;
}

function keyOf(pair: MatchDecision["pair"]): string {
  return "payableId" in pair
    ? `PAYMENT\n${pair.payableId}\n${pair.transactionId}`
    : `REFUND\n${pair.creditId}\n${pair.debitId}`;
}

/**
 * What reviews say. A yes or no says which link is meant only where the question is about one payable and one
 * debit, or one credit and one debit; a no to a suspected refund says besides that the credit is income.
 */
function answersOfReviews(
  reviews: readonly AnsweredReview[],
  payables: readonly Payable[],
  movements: readonly Movement[],
): DatedAnswers {
  const answers: DatedAnswers = { payments: [], refunds: [], rejectedPairs: [], incomeCredits: [] };
  const payable = new Map(payables.map((one) => [one.id, one]));
  const movement = new Map(movements.map((one) => [one.id, one]));
  for (const { outcome, decidedBy, decidedAt, reasons } of reviews) {
    for (const reason of reasons) {
      const question = asked.safeParse(reason);
      if (!question.success) continue;
      const { code, evidence } = question.data;
      const named = evidence.transactionIds.flatMap((id) => movement.get(id) ?? []);
      if (named.length !== evidence.transactionIds.length) continue;
      const [debit, otherDebit] = named.filter((one) => one.amount < 0n);
      const [credit, otherCredit] = named.filter((one) => one.amount > 0n);
      const [payableId, otherPayable] = evidence.payableIds;
      const owed = payable.get(payableId ?? "");

      if (code === "REFUND_SUSPECTED" && outcome === "REJECTED" && credit && !otherCredit) {
        answers.incomeCredits.push(credit.id);
      } else if (!debit || otherDebit || otherCredit || otherPayable) {
        // Between several the answer does not say which.
      } else if (credit && !owed) {
        const pair = { creditId: credit.id, debitId: debit.id };
        const amount = lesser(credit.amount, -debit.amount);
        if (outcome === "APPROVED")
          answers.refunds.push({ ...pair, amount, decidedBy, decidedAt, reasons });
        else answers.rejectedPairs.push({ kind: "REFUND", ...pair, decidedAt });
      } else if (owed && !credit && owed.amount > 0n) {
        const pair = { payableId: owed.id, transactionId: debit.id };
        const amount = lesser(owed.amount, -debit.amount);
        if (outcome === "APPROVED")
          answers.payments.push({ ...pair, amount, decidedBy, decidedAt, reasons });
        else answers.rejectedPairs.push({ kind: "PAYMENT", ...pair, decidedAt });
      }
    }
  }
  return answers;
}

/**
 * The links that the answers add to those that stand already: each once, and never beyond what the movement has left,
 * whatever came meanwhile. Pure.
 */
export function newLinks(
  answers: Answers,
  standing: { payments: readonly FixedPayment[]; refunds: readonly FixedRefund[] },
  movements: readonly Movement[],
): { payments: DecidedPayment[]; refunds: DecidedRefund[] } {
  const paid = new Map(movements.map((one) => [one.id, size(one)]));
  const back = new Map(paid);
  const take = (left: Map<string, bigint>, id: string, amount: bigint) =>
    left.set(id, (left.get(id) ?? 0n) - amount);
  for (const { transactionId, amount } of standing.payments) take(paid, transactionId, amount);
  for (const { creditId, debitId, amount } of standing.refunds) {
    take(back, creditId, amount);
    take(back, debitId, amount);
  }
  const payments = answers.payments.filter(({ transactionId, payableId, amount }) => {
    const known = standing.payments.some(
      (one) => one.transactionId === transactionId && one.payableId === payableId,
    );
    if (known || (paid.get(transactionId) ?? 0n) < amount) return false;
    take(paid, transactionId, amount);
    return true;
  });
  const refunds = answers.refunds.filter(({ creditId, debitId, amount }) => {
    // A refund that stands already has used its credit up.
    const left = [creditId, debitId].every((id) => (back.get(id) ?? 0n) >= amount);
    if (!left) return false;
    take(back, creditId, amount);
    take(back, debitId, amount);
    return true;
  });
  return { payments, refunds };
}

function size({ amount }: Movement): bigint {
  return amount < 0n ? -amount : amount;
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
