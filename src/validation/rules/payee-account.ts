import { dateInBrasilia, daysBetween } from "../../calendar/brasilia.ts";
import { type RuleFamily, reasonOf } from "./rule-function.ts";

/**
 * A payee whose account has just changed may be someone else. The days are counted from the change to
 * the submission, not to today, so that a later validation gives the same answer; a change after the
 * submission counts too.
 */
export const payeeAccountRules = {
  PAYEE_ACCOUNT_CHANGED: ({ expense, payeeAccountChangedOn, thresholds }, rule) => {
    if (payeeAccountChangedOn === null) return [];
    const submittedOn = dateInBrasilia(new Date(expense.submittedAt));
    return daysBetween(payeeAccountChangedOn, submittedOn) <= thresholds.payeeAccountDays
      ? [
          reasonOf(rule, {
            changedOn: payeeAccountChangedOn,
            submittedOn,
            days: thresholds.payeeAccountDays,
          }),
        ]
      : [];
  },
} satisfies RuleFamily;
