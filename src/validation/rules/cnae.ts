import type { ExpenseFacts } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { type RuleFamily, type RuleFunction, reasonOf } from "./rule-function.ts";

type Fit = Extract<ExpenseFacts["supplier"], { state: "FOUND" }>["cnaeFit"]["fit"];

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
    if (facts.supplier.state !== "FOUND" || facts.supplier.cnaeFit.fit !== fit) return [];
    const { cnae, expected } = facts.supplier.cnaeFit;
    const { mei } = facts.supplier.company;
    const { category } = facts.expense;
    return [reasonOf(rule, { category, cnae, expected: [...expected], mei })];
  };
}
