import type { ExpenseFacts } from "./facts.ts";
import { perRuleSet } from "./per-rule-set.ts";
import type { Reason } from "./reason.ts";
import type { Rule } from "./rule.ts";
import { RULE_CODES, type RuleCode } from "./rule-code.ts";

/**
 * The date whose rules apply: the document's issue date, because the retentions stand on the document
 * and follow the law of its day; without one, the first day of the competence.
 */
export function ruleDate({ issueDate, competence }: ExpenseFacts["expense"]): string {
  return issueDate ?? `${competence}-01`;
}

/** The rows in force on a date, in the order of RULE_CODES: of each code the newest version. */
export const rulesInForce = perRuleSet((rules, date): readonly Rule[] => {
  const newest = new Map<RuleCode, Rule>();
  for (const rule of rules) {
    const known = newest.get(rule.code);
    if (isInForce(rule, date) && (known === undefined || known.version < rule.version)) {
      newest.set(rule.code, rule);
    }
  }
  return RULE_CODES.flatMap((code) => newest.get(code) ?? []);
});

/**
 * What the rule set itself gives cause to say. A code without any row means that a check was lost: a
 * person decides. A code with rows of other dates only is a rule that does not apply: a note.
 */
export const ruleSetReasons = perRuleSet((rules, date): readonly Reason[] => {
  const known = new Set(rules.map(({ code }) => code));
  const inForce = new Set(rulesInForce(rules, date).map(({ code }) => code));
  const missing = RULE_CODES.filter((code) => !known.has(code));
  const idle = RULE_CODES.filter((code) => known.has(code) && !inForce.has(code));
  const reasons: Reason[] = [];
  if (missing.length > 0) {
    reasons.push({ code: "RULE_SET_INCOMPLETE", severity: "REVIEW", evidence: { rules: missing } });
  }
  if (idle.length > 0) {
    reasons.push({ code: "RULE_NOT_IN_FORCE", severity: "NOTE", evidence: { rules: idle, date } });
  }
  return reasons;
});

function isInForce({ validFrom, validTo }: Rule, date: string): boolean {
  return validFrom <= date && (validTo === null || date <= validTo);
}
