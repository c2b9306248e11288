import { makeJSONPgSmartTagsPlugin } from "postgraphile/utils";

/** A foreign key: how its table shows the row it refers to, and how that row shows the table's rows. */
type Names = readonly [fieldName: string, foreignFieldName: string];

/**
 * Foreign keys of several columns, or whose column says who and not what. Relations that are kept by triggers instead
 * (of expenses, payables and decisions) have their names in their tables' comments.
 */
const FOREIGN_KEYS: Readonly<Record<string, Readonly<Record<string, Names>>>> = {
  retentions: { retentions_condominium_id_expense_id_fkey: ["expense", "retentions"] },
  expense_documents: {
    expense_documents_condominium_id_expense_id_fkey: ["expense", "documents"],
  },
  reviews: {
    reviews_condominium_id_expense_id_fkey: ["expense", "reviews"],
    reviews_resolved_by_fkey: ["resolver", "resolvedReviews"],
  },
  payments: {
    payments_decided_by_fkey: ["decider", "decidedPayments"],
    payments_condominium_id_payable_id_fkey: ["payable", "payments"],
    payments_condominium_id_transaction_id_fkey: ["transaction", "payments"],
  },
  refunds: {
    refunds_decided_by_fkey: ["decider", "decidedRefunds"],
    refunds_condominium_id_credit_id_fkey: ["credit", "refundsOfDebits"],
    refunds_condominium_id_debit_id_fkey: ["debit", "refunds"],
  },
  movement_verdicts: {
    movement_verdicts_condominium_id_transaction_id_fkey: ["transaction", "verdict"],
    movement_verdicts_condominium_id_reversed_credit_id_fkey: ["reversedCredit", "reversals"],
  },
  bank_accounts: { bank_accounts_connection_id_fkey: ["connection", "accounts"] },
  bank_statements: { bank_statements_account_id_fkey: ["account", "statements"] },
  bank_transactions: { bank_transactions_account_id_fkey: ["account", "transactions"] },
  document_uploads: {
    document_uploads_sha256_fkey: ["document", "uploads"],
    document_uploads_uploaded_by_fkey: ["uploader", "uploads"],
  },
  document_readings: { document_readings_sha256_fkey: ["document", "readings"] },
  document_identifiers: { document_identifiers_sha256_fkey: ["document", "identifiers"] },
  reading_corrections: {
    reading_corrections_reading_id_fkey: ["reading", "corrections"],
    reading_corrections_corrected_by_fkey: ["corrector", "readingCorrections"],
  },
  closings: { closings_closed_by_fkey: ["closer", "closings"] },
  expense_batches: {
    expense_batches_submitted_by_fkey: ["submitter", "submittedBatches"],
    expense_batches_submitted_through_fkey: ["apiKey", "batches"],
  },
};

/** Names the relations that would otherwise be called after the columns of their keys. */
export const relationNamesPlugin: GraphileConfig.Plugin = makeJSONPgSmartTagsPlugin({
  version: 1,
  config: {
    class: Object.fromEntries(
      Object.entries(FOREIGN_KEYS).map(([table, constraints]) => [
        `blindagem.${table}`,
        {
          constraint: Object.fromEntries(
            Object.entries(constraints).map(([constraint, [fieldName, foreignFieldName]]) => [
              constraint,
              { tags: { fieldName, foreignFieldName, foreignSingleFieldName: foreignFieldName } },
            ]),
          ),
        },
      ]),
    ),
  },
});
