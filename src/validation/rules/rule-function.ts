import type { ExpenseFacts } from "../facts.ts";
import type { Evidence, Reason } from "../reason.ts";
import type { Rule } from "../rule.ts";
import type { RuleCode } from "../rule-code.ts";

/** One rule: pure, no clock; the row gives weight and figures. No reason means that all is well. */
export type RuleFunction = (facts: ExpenseFacts, rule: Rule) => Reason[];

/** The rules of one subject. */
export type RuleFamily = Partial<Record<RuleCode, RuleFunction>>;

/** The reason that a rule gives. */
export function reasonOf(rule: Rule, evidence: Evidence): Reason {
  return { code: rule.code, severity: rule.severity, evidence };
}
