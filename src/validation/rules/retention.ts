import { formatDecimal } from "../../money/centavos.ts";
import { agrees, gross, retained, retainedOf, share } from "../amounts.ts";
import type { ExpenseFacts } from "../facts.ts";
import type { Rule } from "../rule.ts";
import { type RuleFamily, reasonOf } from "./rule-function.ts";

/** Do the retained taxes add up? We check what the note says and compute no returns. */
export const retentionRules = {
  RETENTION_SUM_MISMATCH: ({ expense }, rule) => {
    if (expense.retentions.length === 0) return [];
    const broken =
      retained(expense) >= gross(expense) || expense.retentions.some(({ amount }) => amount < 0n);
    return broken
      ? [
          reasonOf(rule, {
            retained: formatDecimal(retained(expense)),
            grossAmount: formatDecimal(gross(expense)),
          }),
        ]
      : [];
  },

  RETENTION_INSS_UNEXPECTED: (facts, rule) =>
    isCededLabour(facts, rule) ? differsFromRate(facts, rule, "INSS") : [],

  RETENTION_INSS_MISSING: (facts, rule) => {
    if (!isCededLabour(facts, rule) || facts.supplier.state !== "FOUND") return [];
    if (facts.expense.documentKind === "CREDIT_NOTE") return [];
    const { mei, simples } = facts.supplier.company;
    if (mei === true || simples === true || retainedOf(facts.expense, "INSS") !== null) return [];
    return [
      reasonOf(rule, {
        category: facts.expense.category,
        grossAmount: formatDecimal(gross(facts.expense)),
        regimeKnown: mei !== null && simples !== null,
      }),
    ];
  },

  SIMPLES_CEDED_LABOUR: (facts, rule) => {
    if (!isCededLabour(facts, rule) || facts.supplier.state !== "FOUND") return [];
    const { mei, simples } = facts.supplier.company;
    return simples === true && mei !== true
      ? [reasonOf(rule, { category: facts.expense.category })]
      : [];
  },

  RETENTION_CSRF_UNEXPECTED: (facts, rule) => differsFromRate(facts, rule, "CSRF"),
} satisfies RuleFamily;

/** Whether the category is among the rule's: labour that a company cedes (cleaning, portaria…). */
function isCededLabour({ expense }: ExpenseFacts, rule: Rule): boolean {
  return rule.parameters.categories?.includes(expense.category) === true;
}

/** A retention that is there but is not the rule's rate of the gross. */
function differsFromRate({ expense, thresholds }: ExpenseFacts, rule: Rule, kind: "INSS" | "CSRF") {
  const found = retainedOf(expense, kind);
  const rateBasisPoints = rule.parameters.rateBasisPoints ?? 0;
  const expected = share(gross(expense), rateBasisPoints);
  if (found === null || agrees(found, expected, thresholds.retentionTolerance)) return [];
  return [
    reasonOf(rule, {
      retained: formatDecimal(found),
      expected: formatDecimal(expected),
      grossAmount: formatDecimal(gross(expense)),
      rateBasisPoints,
    }),
  ];
}
