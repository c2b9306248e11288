import { formatDecimal } from "../../money/centavos.ts";
import { gross } from "../amounts.ts";
import { type RuleFamily, reasonOf } from "./rule-function.ts";

/**
 * What a second person must approve. These are notes, since nothing is wrong; their evidence
 * `requires` is what `decide` turns into AWAITING_SECOND_APPROVAL. A credit note pays nobody.
 */
export const approvalLimitRules = {
  APPROVAL_LIMIT: ({ expense, approvalLimit }, rule) => {
    if (approvalLimit === null || expense.documentKind === "CREDIT_NOTE") return [];
    const amount = gross(expense);
    return amount > approvalLimit.amount
      ? [
          reasonOf(rule, {
            amount: formatDecimal(amount),
            limit: formatDecimal(approvalLimit.amount),
            requires: approvalLimit.requires,
          }),
        ]
      : [];
  },

  // The administradora does not approve its own fee.
  ADMINISTRATION_FEE: ({ expense }, rule) =>
    rule.parameters.categories?.includes(expense.category) === true &&
    expense.documentKind !== "CREDIT_NOTE"
      ? [
          reasonOf(rule, {
            amount: formatDecimal(gross(expense)),
            category: expense.category,
            requires: "CONDOMINIUM",
          }),
        ]
      : [],
} satisfies RuleFamily;
