/**
 * Columns of views by which rows may be filtered and ordered: those that an index below the view serves, and few more
 * that people need (action: to find OUT_OF_BAND). For tables the library looks at the indexes itself; for a view it
 * would offer every column, aggregates and jsonb included.
 */
const OF_VIEWS: Readonly<Record<string, readonly string[]>> = {
  // Its filter is its own (audit-log.ts).
  audit_log: ["id"],
  audit_checkpoints: ["tree_size"],
  audit_cosignatures: ["tree_size"],
  audit_divergences: ["id", "organization_id", "condominium_id", "kind", "resolved_at"],
  background_jobs: ["id", "organization_id", "batch_id", "task", "state"],
  batch_progress: ["batch_id", "organization_id"],
  dead_letters: ["id", "organization_id", "task", "cause", "resolution"],
  income: ["condominium_id", "id", "posted_on"],
  live_workers: ["id"],
  queue_figures: ["organization_id", "minute", "task"],
  queue_now: ["task"],
  queue_now_of_organizations: ["organization_id", "task", "oldest_waiting_since"],
};

/**
 * Columns of tables that people filter by though no index leads with them: the rows that row-level security leaves are
 * few, or another column of the same query narrows them.
 */
const OF_TABLES: Readonly<Record<string, readonly string[]>> = {
  expenses: ["status", "payment_status", "category", "due_date"],
  reviews: ["outcome", "kind"],
  bank_transactions: ["amount", "posted_on"],
  movement_verdicts: ["verdict"],
};

/** Takes filter and order from the columns where they are costly, and gives them to those where they are needed. */
export const filterableColumnsPlugin: GraphileConfig.Plugin = {
  name: "BlindagemFilterableColumnsPlugin",
  version: "1.0.0",
  schema: {
    entityBehavior: {
      pgCodecAttribute: {
        // After the library's own look at the indexes, which takes the filter from every column that leads none.
        override: {
          provides: ["blindagemFilterableColumns"],
          callback(behavior, [codec, column]) {
            const relation = codec.extensions?.pg?.name ?? "";
            if (OF_TABLES[relation]?.includes(column)) {
              return [behavior, "filterBy", "attribute:filterBy"];
            }
            const allowed = OF_VIEWS[relation];
            return allowed && !allowed.includes(column)
              ? [behavior, "-filterBy", "-orderBy", "-attribute:filterBy", "-attribute:orderBy"]
              : behavior;
          },
        },
      },
    },
  },
};
