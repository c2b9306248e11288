/** A kind of change, with its share of an installation's log in hundredths of a percent. */
export interface KindOfRecord {
  entityType: string;
  action: string;
  /** Who does it: a person or key of the administradora, a task, or somebody with a SQL prompt. */
  actor: "person" | "api_key" | `system:${string}` | null;
  /** Of the administradora itself, without a condominium; an intent belongs to nobody. */
  scope: "condominium" | "organization" | "nobody";
  share: number;
}

const condominium = (
  entityType: string,
  action: string,
  actor: KindOfRecord["actor"],
  share: number,
): KindOfRecord => ({ entityType, action, actor, scope: "condominium", share });
const organization = (entityType: string, action: string, share: number): KindOfRecord => ({
  entityType,
  action,
  actor: "person",
  scope: "organization",
  share,
});

/** What the log of an installation in use consists of; the shares add up to 10,000. */
export const KINDS: readonly KindOfRecord[] = [
  condominium("expenses", "SUBMIT", "api_key", 500),
  condominium("expenses", "SUBMIT", "person", 300),
  condominium("expenses", "APPROVE", "system:validate_expenses", 600),
  condominium("expenses", "UPDATE", "system:reconcile", 500),
  condominium("expenses", "SEND_TO_REVIEW", "system:validate_expenses", 100),
  condominium("expenses", "REJECT", "system:validate_expenses", 40),
  condominium("expenses", "REQUEST_SECOND_APPROVAL", "system:validate_expenses", 20),
  condominium("expenses", "CANCEL", "person", 10),
  condominium("payables", "INSERT", "api_key", 800),
  condominium("payables", "INSERT", "person", 400),
  condominium("payables", "UPDATE", "system:reconcile", 1000),
  condominium("retentions", "INSERT", "api_key", 400),
  condominium("bank_transactions", "INSERT", "system:pluggy_sync", 1300),
  condominium("payments", "MATCH", "system:reconcile", 800),
  condominium("payments", "UNDO_MATCH", "system:reconcile", 20),
  condominium("movement_verdicts", "INSERT", "system:reconcile", 1000),
  condominium("refunds", "REFUND", "system:reconcile", 20),
  condominium("reviews", "OPEN_REVIEW", "system:validate_expenses", 120),
  condominium("reviews", "RESOLVE_REVIEW", "person", 100),
  condominium("expense_documents", "INSERT", "api_key", 300),
  condominium("expense_documents", "UPDATE", "system:ocr_triage", 300),
  condominium("bank_accounts", "UPDATE", "system:pluggy_sync", 346),
  condominium("expenses", "OUT_OF_BAND", null, 4),
  organization("expense_batches", "INSERT", 12),
  organization("settings", "UPDATE", 4),
  organization("members", "INSERT", 3),
  organization("grants", "INSERT", 1),
  {
    entityType: "intents",
    action: "ATTEST",
    actor: "system:reconcile",
    scope: "nobody",
    share: 1000,
  },
];
