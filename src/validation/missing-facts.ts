import type { MissingFact } from "./decision.ts";
import type { ExpenseFacts } from "./facts.ts";

/** The required facts that have not come yet, in fixed order. */
export function missingFacts(facts: ExpenseFacts): MissingFact[] {
  const missing: MissingFact[] = [];
  if (supplierIsMissing(facts)) missing.push("SUPPLIER");
  if (receiptIsMissing(facts)) missing.push("RECEIPT");
  if (facts.earlierReceiptUnread) missing.push("EARLIER_RECEIPT");
  return missing;
}

/** Whether the time for missing facts is over. The only place where `asOf` counts. */
export function deadlinePassed(facts: ExpenseFacts): boolean {
  return Date.parse(facts.asOf) >= Date.parse(facts.deadline);
}

function supplierIsMissing({ expense, supplier, requirements }: ExpenseFacts): boolean {
  return requirements.supplier && expense.payee.kind === "CNPJ" && supplier.state === "MISSING";
}

/** Every document that the row lists must have been read; a category may require one besides. */
function receiptIsMissing({ expense, receipts, requirements }: ExpenseFacts): boolean {
  const required = Math.max(expense.documentCount, requirements.receipt ? 1 : 0);
  return receipts.length < required || receipts.some((receipt) => receipt.reading === null);
}
