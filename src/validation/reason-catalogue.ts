import { auditTexts } from "./catalogue/audit.ts";
import { bankTexts } from "./catalogue/bank.ts";
import { decisionTexts } from "./catalogue/decision.ts";
import type { Entry, OwnEntry } from "./catalogue/entry.ts";
import { paymentTexts } from "./catalogue/payment.ts";
import { readingTexts } from "./catalogue/reading.ts";
import { refundTexts } from "./catalogue/refund.ts";
import { ruleTexts } from "./catalogue/rule.ts";
import type { Reason } from "./reason.ts";
import type { RuleCode } from "./rule-code.ts";

/** The texts of all other reasons. */
const ownTexts = {
  ...decisionTexts,
  ...readingTexts,
  ...paymentTexts,
  ...refundTexts,
  ...bankTexts,
  ...auditTexts,
};

/** Every code there is. */
export type ReasonCode = RuleCode | keyof typeof ownTexts;

/** The one catalogue: every reason of rules, receipts, reconciliation, bank connections and the audit log, with its Portuguese text. */
export const REASON_CATALOGUE: Readonly<Record<ReasonCode, Entry | OwnEntry>> = {
  ...ruleTexts,
  ...ownTexts,
};

export function isReasonCode(code: string): code is ReasonCode {
  return Object.hasOwn(REASON_CATALOGUE, code);
}

/** A reason in a few Portuguese words, for lists and headings. */
export function reasonName(code: string): string {
  return isReasonCode(code) ? REASON_CATALOGUE[code].name : code;
}

/**
 * A reason in Portuguese, for people: what is wrong, where, how to mend it; money and dates in the
 * Brazilian form. A code that the catalogue lacks is shown bare, so that nothing goes unsaid.
 */
export function reasonText({ code, evidence }: Pick<Reason, "code" | "evidence">): string {
  return isReasonCode(code) ? REASON_CATALOGUE[code].text(evidence) : `Motivo ${code}.`;
}
