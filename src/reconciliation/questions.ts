import type { Evidence, Reason } from "../validation/reason.ts";
import type { StoredPayable } from "./load-payables.ts";
import { compareText } from "./prepared.ts";
import type { Movement, Review } from "./types.ts";

/** A question to a person: a row of `reviews`. */
export interface Question {
  kind: "PAYMENT" | "REFUND";
  /** `transaction:<id>` of the earliest movement that it is about, or `payable:<id>`. */
  subject: string;
  /** The expense it is about, if it is one. */
  expenseId: string | null;
  reasons: Reason[];
}

/** Turns the matcher's questions into reviews, one per subject. Pure. */
export function questions(
  reviews: readonly Review[],
  payables: readonly StoredPayable[],
  movements: readonly Movement[],
): Question[] {
  const payable = new Map(payables.map((one) => [one.id, one]));
  const credits = new Set(movements.filter((one) => one.amount > 0n).map((one) => one.id));
  const open = new Map<string, Question>();
  for (const review of reviews) {
    const question: Question = {
      kind: review.kind.startsWith("REFUND") ? "REFUND" : "PAYMENT",
      subject: subjectOf(review, credits),
      expenseId: expenseOf(review.payableIds.flatMap((id) => payable.get(id) ?? [])),
      reasons: [asked(review), ...review.reasons],
    };
    const key = `${question.kind} ${question.subject}`;
    const known = open.get(key);
    if (known) known.reasons.push(...question.reasons);
    else open.set(key, question);
  }
  return [...open.values()];
}

/** What is asked, and between which movements and payables the person chooses. */
function asked({ kind, transactionIds, payableIds }: Review): Reason {
  const evidence: Evidence = { transactionIds, payableIds };
  return { code: kind, severity: "REVIEW", evidence };
}

/** A refund's question is about its credit; a payment's about its debit, unless the amount of one payable is in doubt. */
function subjectOf(review: Review, credits: ReadonlySet<string>): string {
  const [payableId] = [...review.payableIds].sort(byNumber);
  if (review.kind === "PAYMENT_AMOUNT_DIFFERS" && payableId !== undefined) {
    return `payable:${payableId}`;
  }
  const ids = [...review.transactionIds].sort(byNumber);
  const credit = review.kind.startsWith("REFUND") && ids.find((id) => credits.has(id));
  return `transaction:${credit || ids[0]}`;
}

/** With a salary among them the review is the salary's: whoever may not see salaries does not see it. */
function expenseOf(payables: readonly StoredPayable[]): string | null {
  const salary = payables.find((one) => one.salary);
  if (salary) return salary.expenseId;
  const expenses = new Set(payables.map((one) => one.expenseId));
  const [only] = expenses;
  return expenses.size === 1 && only !== undefined ? only : null;
}

/** Ids are numbers in text: the shorter is the smaller. */
function byNumber(a: string, b: string): number {
  return a.length - b.length || compareText(a, b);
}
