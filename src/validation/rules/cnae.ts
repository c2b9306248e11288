import type { ExpenseFacts } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { type RuleFamily, type RuleFunction, reasonOf } from "./rule-function.ts";

type Fit = Extract<ExpenseFacts["supplier"], { state: "FOUND" }>["cnaeFit"];

/** Does the supplier's trade fit the expense? On the CNAE alone nothing is ever rejected. */
export const cnaeRules = {
  CNAE_ACCEPTED: onFit("ACCEPTED"),
  CNAE_SECONDARY: onFit("SECONDARY"),
  CNAE_MISMATCH: onFit("NONE"),
  CNAE_CONDOMINIUM: onFit("CONDOMINIUM"),
  CNAE_NOT_APPLICABLE: onFit("NOT_APPLICABLE"),
} satisfies RuleFamily;

function onFit(fit: Fit): RuleFunction {
  return (facts: ExpenseFacts, rule: Rule) => {
    if (facts.supplier.state !== "FOUND" || facts.supplier.cnaeFit !== fit) return [];
    const { mainCnae, mei } = facts.supplier.company;
    return [reasonOf(rule, { category: facts.expense.category, mainCnae, mei })];
  };
}
