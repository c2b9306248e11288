import { formatDecimal } from "../money/centavos.ts";
import type { Evidence, Reason } from "../validation/reason.ts";

/**
 * The codes that reconciliation gives. Their Portuguese text stands in the one catalogue of reasons.
 * Amounts in the evidence are decimal text, days whole numbers.
 */
export const RECONCILIATION_CODES = [
  // Refunds, and income taken back: how the two movements were joined.
  "REFUND_BY_ORIGINAL_ID",
  "REFUND_BY_SAME_ID",
  "REFUND_BY_CHECK_NUMBER",
  "REFUND_BY_MEMO",
  "REFUND_IN_PART",
  "REFUND_OF_BATCH_ITEM",
  "REFUND_FIRST_IN_FIRST_OUT",
  "INCOME_REVERSED",
  // What is left to a person, or in suspense.
  "REFUND_WITHOUT_DEBIT",
  "REFUND_SEVERAL_DEBITS",
  "REFUND_MORE_THAN_DEBIT",
  "CREDIT_MIRRORS_PAYMENT",
  "CREDIT_FROM_PAYEE",
  "CREDIT_MIRRORS_OTHER_ACCOUNT",
  "CREDIT_CORRECTS_DEBIT",
  "PAYMENT_SEVERAL_CANDIDATES",
  "PAYMENT_THIN_EVIDENCE",
  "PAYMENT_ID_AMOUNT_DIFFERS",
  "PAYMENT_NEAR_AMOUNT",
  "PAYMENT_REFUSED_IN_RETURN",
  "DEBIT_WITHOUT_EXPENSE",
  // Evidence of a payment.
  "PAYMENT_AMOUNT",
  "PAYMENT_END_TO_END_ID",
  "PAYMENT_DIGITABLE_LINE",
  "PAYMENT_SAME_DOCUMENT",
  "PAYMENT_SAME_COMPANY",
  "PAYMENT_OTHER_DOCUMENT",
  "PAYMENT_NAME",
  "PAYMENT_NAME_UNKNOWN",
  "PAYMENT_OTHER_NAME",
  "PAYMENT_BILL_KIND",
  "PAYMENT_DATE",
  "PAYMENT_ID_OF_OTHER_EXPENSE",
  "PAYMENT_OTHER_ID_ON_RECEIPT",
  "PAYMENT_DUE_DATE_ORDER",
  "PAYMENT_LESS_CREDIT_NOTE",
  "PAYMENT_IN_BATCH",
  "PAYMENT_IN_PARTS",
  "PAYMENT_IN_RETURN",
  "PAYMENT_WITH_FINE",
  "PAYMENT_WITH_DISCOUNT",
  "PAYMENT_CAME_BACK",
  // What a person said.
  "MATCH_CONFIRMED",
  // Neither income nor expense.
  "MOVEMENT_SWEEP",
  "MOVEMENT_OWN_TRANSFER",
] as const;

export type ReconciliationCode = (typeof RECONCILIATION_CODES)[number];

/** A reason of a link: it tells, and changes no status. */
export function note(code: ReconciliationCode, evidence: Evidence): Reason {
  return { code, severity: "NOTE", evidence };
}

/** A reason for a person to look. */
export function question(code: ReconciliationCode, evidence: Evidence): Reason {
  return { code, severity: "REVIEW", evidence };
}

export function amountText(centavos: bigint): string {
  return formatDecimal(centavos);
}
