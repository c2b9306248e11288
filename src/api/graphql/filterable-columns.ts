/**
 * Columns of views by which rows may be filtered and ordered: those that an index below the view serves, and few more
 * that people need (action: to find OUT_OF_BAND). For tables the library looks at the indexes itself; for a view it
 * would offer every column, aggregates and jsonb included.
 */
const OF_VIEWS: Readonly<Record<string, readonly string[]>> = {
  audit_log: [
    "id",
    "recorded_at",
    "organization_id",
    "condominium_id",
    "entity_type",
    "entity_id",
    "action",
  ],
  background_jobs: ["id", "organization_id", "batch_id", "task", "state"],
  batch_progress: ["batch_id", "organization_id"],
  income: ["condominium_id", "id", "posted_on"],
};

/** Takes filter and order from the columns where they are costly. */
export const filterableColumnsPlugin: GraphileConfig.Plugin = {
  name: "BlindagemFilterableColumnsPlugin",
  version: "1.0.0",
  schema: {
    entityBehavior: {
      pgCodecAttribute: {
        inferred: {
          after: ["inferred"],
          provides: ["blindagemFilterableColumns"],
          callback(behavior, [codec, column]) {
            const allowed = OF_VIEWS[codec.extensions?.pg?.name ?? ""];
            return allowed && !allowed.includes(column)
              ? [behavior, "-filterBy", "-orderBy", "-attribute:filterBy", "-attribute:orderBy"]
              : behavior;
          },
        },
      },
    },
  },
};
