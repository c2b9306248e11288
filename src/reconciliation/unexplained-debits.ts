import { addDays } from "../calendar/brasilia.ts";
import type { Question } from "./questions.ts";
import { amountText, question } from "./reasons.ts";
import type { Movement, ReconciliationResult } from "./types.ts";

/** An expense is entered soon after its debit; what an organization does not set otherwise. */
export const DEBIT_WITHOUT_EXPENSE_DAYS = 10;

/**
 * Questions on debits that after so many days nothing explains: no expense, no refund, no transfer, and no other open
 * question. The evidence does not tell how many they are, so that who has answered is not asked again. Pure.
 *
 * @param asOf calendar date in Brasília, 'YYYY-MM-DD'
 */
export function unexplainedDebits(
  { unmatchedMovements, reviews }: Pick<ReconciliationResult, "unmatchedMovements" | "reviews">,
  movements: readonly Movement[],
  asOf: string,
  days: number,
): Question[] {
  const unmatched = new Set(unmatchedMovements);
  const asked = new Set(reviews.flatMap(({ transactionIds }) => transactionIds));
  const before = addDays(asOf, -days);
  return movements
    .filter(
      ({ id, amount, status, postedOn }) =>
        amount < 0n &&
        status === "POSTED" &&
        postedOn < before &&
        unmatched.has(id) &&
        !asked.has(id),
    )
    .map(({ id, amount, postedOn }) => ({
      kind: "PAYMENT",
      subject: `transaction:${id}`,
      expenseId: null,
      reasons: [
        question("DEBIT_WITHOUT_EXPENSE", {
          transactionIds: [id],
          payableIds: [],
          amount: amountText(-amount),
          day: postedOn,
        }),
      ],
    }));
}
