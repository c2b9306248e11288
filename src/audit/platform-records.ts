import {
  type Bind,
  COLUMNS,
  LOG,
  type Look,
  type RecordFilter,
  UNATTESTED,
  withinMonths,
} from "./record-statement.ts";

/** Whether records of no tenant can be what is asked for. */
export function mayBePlatforms({ organizationId, condominiumId }: RecordFilter): boolean {
  return organizationId === undefined && condominiumId === undefined;
}

/**
 * The statement for the records that belong to no tenant, of those between two ids, under row-level security: tables that
 * were emptied, and changes of what holds for everybody. They have an index of their own (audit_log_platform), which has
 * a few hundred entries where the log has millions; what else is asked for is looked for among them.
 */
export function platformStatement(
  filter: RecordFilter,
  { lower, upper, months, order, limit }: Omit<Look, "how" | "among">,
): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const { entityType, entityId, action, actorId, from, until } = filter;
  const among = (column: string, wanted: readonly string[] | undefined) =>
    wanted === undefined ? [] : [`${column} = any (${bind(wanted)}::text[])`];
  const conditions = [
    "r.organization_id is null and r.condominium_id is null and r.entity_type <> 'intents'",
    `r.id >= ${bind(lower)}::bigint and r.id < ${bind(upper)}::bigint`,
    withinMonths(months, bind),
    ...among("r.entity_type || ''", entityType),
    ...among("r.entity_id || ''", entityId),
    ...among("r.actor_id || ''", actorId),
    ...among(SHOWN_ACTION, action),
    ...(from === undefined ? [] : [`r.recorded_at >= ${bind(from)}::timestamptz`]),
    ...(until === undefined ? [] : [`r.recorded_at < ${bind(until)}::timestamptz`]),
  ];
  const text = `select ${COLUMNS} ${LOG} where ${conditions.join("\n and ")}
    order by r.id + 0 ${order === "descending" ? "desc" : "asc"} limit ${limit}`;
  return { text, values };
}

/** OUT_OF_BAND, too, where no valid intent covers a record. */
const SHOWN_ACTION = `case when exists (select from ${UNATTESTED} where u.record_id = r.id) then 'OUT_OF_BAND' else r.action end`;
