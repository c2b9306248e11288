import { makeJSONPgSmartTagsPlugin } from "postgraphile/utils";

/** A foreign key: how its table shows the row it refers to, and how that row shows the table's rows. */
type Names = readonly [fieldName: string, foreignFieldName: string];

/**
 * Foreign keys of several columns, or whose column says who and not what. Relations that are kept by triggers instead
 * (of expenses, payables, decisions, and of what reconciliation writes) have their names in their tables' comments.
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
  },
  refunds: {
    refunds_decided_by_fkey: ["decider", "decidedRefunds"],
  },
  bank_accounts: { bank_accounts_connection_id_fkey: ["connection", "accounts"] },
  bank_statements: { bank_statements_account_id_fkey: ["account", "statements"] },
  bank_transactions: {
    bank_transactions_account_id_fkey: ["account", "transactions"],
    bank_transactions_part_of_fkey: ["whole", "parts"],
    bank_transactions_replaced_by_fkey: ["replacement", "replaced"],
  },
  match_decisions: {
    match_decisions_condominium_id_credit_id_fkey: ["credit", "decisionsAsCredit"],
    match_decisions_condominium_id_debit_id_fkey: ["debit", "decisionsAsDebit"],
    match_decisions_decided_by_fkey: ["decider", "matchDecisions"],
  },
  pool_doubts: {
    pool_doubts_resolved_by_fkey: ["resolver", "resolvedPoolDoubts"],
    pool_doubts_transaction_id_fkey: ["transaction", "poolDoubts"],
  },
  statement_files: {
    statement_files_imported_by_fkey: ["importer", "importedStatements"],
    statement_files_imported_through_fkey: ["apiKey", "importedStatements"],
  },
  statement_doubts: {
    statement_doubts_account_id_fkey: ["account", "statementDoubts"],
    statement_doubts_file_id_fkey: ["file", "doubts"],
  },
  returned_payments: {
    returned_payments_account_id_fkey: ["account", "returnedPayments"],
    returned_payments_file_id_fkey: ["file", "returnedPayments"],
  },
  job_interventions: { job_interventions_requested_by_fkey: ["requester", "jobInterventions"] },
  erasures: { erasures_requested_by_fkey: ["requester", "requestedErasures"] },
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
