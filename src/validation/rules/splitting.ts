import { formatDecimal } from "../../money/centavos.ts";
import { gross } from "../amounts.ts";
import { type RuleFamily, reasonOf } from "./rule-function.ts";

/** One purchase cut into pieces, each below the limit, all together above it. */
export const splittingRules = {
  SPLIT_BELOW_LIMIT: ({ expense, otherExpensesInWindow, approvalLimit, thresholds }, rule) => {
    if (approvalLimit === null || expense.documentKind === "CREDIT_NOTE") return [];
    const { count, total } = otherExpensesInWindow;
    const amount = gross(expense);
    if (count === 0 || amount > approvalLimit.amount) return [];
    if (amount + total <= approvalLimit.amount) return [];
    return [
      reasonOf(rule, {
        amount: formatDecimal(amount),
        others: count,
        sum: formatDecimal(amount + total),
        limit: formatDecimal(approvalLimit.amount),
        days: thresholds.splittingDays,
      }),
    ];
  },
} satisfies RuleFamily;
