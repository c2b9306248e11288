import type { ExpenseFacts } from "./facts.ts";
import type { Reason } from "./reason.ts";
import type { Rule } from "./rule.ts";
import { RULE_CODES } from "./rule-code.ts";

/**
 * The date whose rules apply: the document's issue date, because the retentions stand on the document
 * and follow the law of its day; without one, the first day of the competence.
 */
export function ruleDate({ issueDate, competence }: ExpenseFacts["expense"]): string {
  return issueDate ?? `${competence}-01`;
}

/** The rows in force on a date, in the order of RULE_CODES: of each code the newest version. */
export function rulesInForce(rules: readonly Rule[], date: string): Rule[] {
  return RULE_CODES.flatMap((code) =>
    rules
      .filter((rule) => rule.code === code && isInForce(rule, date))
      .sort((one, other) => other.version - one.version)
      .slice(0, 1),
  );
}

/**
 * What the rule set itself gives cause to say. A code without any row means that a check was lost: a
 * person decides. A code with rows of other dates only is a rule that does not apply: a note.
 */
export function ruleSetReasons(rules: readonly Rule[], date: string): Reason[] {
  const missing = RULE_CODES.filter((code) => !rules.some((rule) => rule.code === code));
  const idle = RULE_CODES.filter(
    (code) =>
      !missing.includes(code) && !rules.some((rule) => rule.code === code && isInForce(rule, date)),
  );
  const reasons: Reason[] = [];
  if (missing.length > 0) {
    reasons.push({ code: "RULE_SET_INCOMPLETE", severity: "REVIEW", evidence: { rules: missing } });
  }
  if (idle.length > 0) {
    reasons.push({ code: "RULE_NOT_IN_FORCE", severity: "NOTE", evidence: { rules: idle, date } });
  }
  return reasons;
}

function isInForce({ validFrom, validTo }: Rule, date: string): boolean {
  return validFrom <= date && (validTo === null || date <= validTo);
}
