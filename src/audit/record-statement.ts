/** Which records of the log are asked for. Of each list a record has one; what is left out excludes none. */
export interface RecordFilter {
  entityType?: readonly string[] | undefined;
  entityId?: readonly string[] | undefined;
  /** As it is shown: OUT_OF_BAND where no valid intent covers a record. */
  action?: readonly string[] | undefined;
  actorId?: readonly string[] | undefined;
  organizationId?: readonly string[] | undefined;
  condominiumId?: readonly string[] | undefined;
  /** An instant, ISO 8601: recorded then or later. */
  from?: string | undefined;
  /** Recorded before then. */
  until?: string | undefined;
}

/** What the asker sees at most, of what is asked for. */
export interface Scope {
  condominiumIds: readonly string[];
  organizationIds: readonly string[];
}

/** A look at the records with ids from `lower` to before `upper`. */
export interface Look {
  lower: number;
  upper: number;
  /** Those that have such ids. */
  months: readonly { since: string; until: string }[];
  /** Row by row; along the index of the only condominium; or by the index that narrows most. */
  how: "along the ids" | "along the condominium" | "by index";
  /** Only these of them. */
  among?: readonly string[] | undefined;
  order: "ascending" | "descending";
  limit: number;
}

/** A scope of so few condominiums leads by itself. */
const FEW_CONDOMINIUMS = 16;
/** The planner weighs each value in each month: of 192 condominiums for 7 ms, of 1,928 for 60. */
export const TOLD_CONDOMINIUMS = 128;
/** Most of any log: to ask for one of these narrows it little. */
const USUAL: ReadonlySet<string> = new Set([
  ...["expenses", "payables", "retentions", "expense_documents", "document_uploads", "reviews"],
  ...["bank_accounts", "bank_transactions", "payments", "movement_verdicts"],
  ...["INSERT", "UPDATE", "SUBMIT", "APPROVE", "MATCH"],
]);

/** Whether the filter by itself leaves little of the log. */
export function isSelective(filter: RecordFilter, scope: Scope): boolean {
  const isRare = (values: readonly string[] | undefined) =>
    values !== undefined && !values.some((value) => USUAL.has(value));
  return isNamed(filter, scope) || isRare(filter.entityType) || isRare(filter.action);
}

/** Whether it names an entity, an actor, or an administradora: its own handed in much of what an asker sees. */
function isNamed(filter: RecordFilter, scope: Scope): boolean {
  const { entityId, actorId } = filter;
  const organizationId = filter.organizationId?.some((id) => scope.organizationIds.includes(id))
    ? undefined
    : filter.organizationId;
  return [entityId, actorId, organizationId].some((values) => values !== undefined);
}

/** Whether the index of the only condominium has all that is asked for: its types and actions stand in it. */
export function isAlongCondominium(filter: RecordFilter, scope: Scope): boolean {
  const { condominiumIds, organizationIds } = scope;
  const isOne = condominiumIds.length === 1 && organizationIds.length === 0;
  return isOne && !isNamed(filter, scope);
}

/** Takes a value of a statement, and gives its placeholder. */
export type Bind = (value: unknown) => string;

export const LOG = "from blindagem_audit.audit_log_immutable r";
/** As the index by kind has it: the condominium, or the administradora where there is none. */
const KEY = "case when r.condominium_id is null then r.organization_id else r.condominium_id end";
export const UNATTESTED = "blindagem_audit.unattested_records u";

/** What a look selects of each record: its id, and in which second it was recorded. */
export const COLUMNS = "r.id, floor(extract(epoch from r.recorded_at))::float8 as second";

/** The statement for the records of a look, under row-level security. */
export function recordStatement(
  filter: RecordFilter,
  scope: Scope,
  look: Look,
): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const order = `${look.order === "descending" ? "desc" : "asc"} limit ${look.limit}`;
  const path = pathOf(filter, scope, look);
  const place = placeConditions(filter, look, path, bind);
  const own = scopeConditions(scope, look, path, bind);
  const asked = filterConditions(filter, scope, look.how, path, bind);
  const claims = claimedConditions(filter, look.how, bind);
  const claimed = selected(LOG, [...place, ...own, ...asked, ...claims]);
  const arms = isOutOfBandAsked(filter)
    ? [claimed, unattested(filter, scope, look, [...place, ...asked], bind)]
    : [claimed];
  const found = arms.length === 1 ? claimed : `select r.* from (${arms.join(" union all ")}) as r`;
  // An expression that has no index: the matches are fetched by what narrows most, and sorted.
  const by = look.how === "by index" ? "r.id + 0" : "r.id";
  return { text: `${found} order by ${by} ${order}`, values };
}

function selected(from: string, conditions: readonly string[]): string {
  return `select ${COLUMNS} ${from} where ${conditions.join("\n and ")}`;
}

/** By which columns the planner may find the records of a look. */
interface Path {
  /** By type, action, actor or administradora within the asker's scope: by the indexes that have it. */
  isOfAKind: boolean;
  /** By the ids and condominiums as they are: along the ids, by condominium, by entity. */
  isPlain: boolean;
  /** By what the asker sees, where that may narrow more than the filter does. */
  isOfTheScope: boolean;
}

function pathOf(filter: RecordFilter, scope: Scope, { how, among }: Look): Path {
  const { entityType, entityId, action, actorId, organizationId, condominiumId } = filter;
  const count = scope.condominiumIds.length;
  const isOfAKind =
    how === "by index" &&
    entityId === undefined &&
    [entityType, action, actorId, organizationId].some((values) => values !== undefined);
  const isFew = how === "along the ids" ? FEW_CONDOMINIUMS : TOLD_CONDOMINIUMS;
  const isNarrow = count <= isFew && !(how === "by index" && isSelective(filter, scope));
  const isOfTheScope =
    how === "along the condominium" ||
    (condominiumId === undefined && (isNarrow || (how === "by index" && !isOfAKind)));
  const isPlain = !isOfAKind || isOfTheScope || among !== undefined;
  return { isOfAKind, isPlain, isOfTheScope };
}

/** Where in the log: ids, the months that have any of them, and the period. */
function placeConditions(
  { from, until }: RecordFilter,
  look: Look,
  { isOfAKind, isPlain }: Path,
  bind: Bind,
): string[] {
  const lower = `${bind(look.lower)}::bigint`;
  const upper = `${bind(look.upper)}::bigint`;
  return [
    "r.entity_type <> 'intents'",
    ...(isOfAKind ? [`nullif(r.id, 0) >= ${lower}`, `nullif(r.id, 0) < ${upper}`] : []),
    ...(isPlain ? [`r.id >= ${lower}`, `r.id < ${upper}`] : []),
    withinMonths(look.months, bind),
    ...(look.among === undefined ? [] : [`r.id = any (${bind(look.among)}::bigint[])`]),
    ...(from === undefined ? [] : [`r.recorded_at >= ${bind(from)}::timestamptz`]),
    ...(until === undefined ? [] : [`r.recorded_at < ${bind(until)}::timestamptz`]),
  ];
}

/**
 * For the months of a look, in order. Those that follow each other are one period: an alternative for each of twelve months, weighed
 * for each of them, took the planner more than all else.
 */
export function withinMonths(months: Look["months"], bind: Bind): string {
  const periods: { since: string; until: string }[] = [];
  for (const { since, until } of months) {
    const last = periods.at(-1);
    if (last?.until === since) last.until = until;
    else periods.push({ since, until });
  }
  const conditions = periods.map(
    ({ since, until }) =>
      `r.recorded_at >= ${bind(since)}::timestamptz and r.recorded_at < ${bind(until)}::timestamptz`,
  );
  return `(${conditions.join(" or ")})`;
}

/** What is asked for, but for the action; of condominiums, those that the asker sees. */
function filterConditions(
  filter: RecordFilter,
  scope: Scope,
  how: Look["how"],
  { isOfAKind, isOfTheScope }: Path,
  bind: Bind,
): string[] {
  const { entityType, entityId, actorId, organizationId, condominiumId } = filter;
  // A kind's index has the condominium already: to weigh another as well took the planner 10 ms over a year of months.
  const condominium = isOfAKind ? "r.condominium_id + 0" : "r.condominium_id";
  return [
    ...(entityType === undefined ? [] : [oneOf(typeColumn(how, entityId), entityType, bind)]),
    ...(entityId === undefined ? [] : [`r.entity_id = any (${bind(entityId)}::text[])`]),
    ...(actorId === undefined ? [] : [`r.actor_id = any (${bind(actorId)}::text[])`]),
    ...(organizationId === undefined
      ? []
      : [`r.organization_id = any (${bind(organizationId)}::bigint[])`]),
    ...(condominiumId === undefined || isOfTheScope
      ? []
      : [`${condominium} = any (${ids(scope.condominiumIds, bind)})`]),
  ];
}

function typeColumn(how: Look["how"], entityId: RecordFilter["entityId"]): string {
  if (how === "along the ids") return "r.entity_type || ''";
  if (how === "along the condominium" || entityId !== undefined) return "r.entity_type";
  // As the index by kind has it, so that a type alone is not looked for in that by entity.
  return "nullif(r.entity_type, 'intents')";
}

/** With an equality for one value: before PostgreSQL 17, an index read for a list gives nothing in order. */
function oneOf(column: string, values: readonly string[], bind: Bind): string {
  return values.length === 1
    ? `${column} = ${bind(values[0])}::text`
    : `${column} = any (${bind(values)}::text[])`;
}

const isOutOfBandAsked = ({ action }: RecordFilter) => action?.includes("OUT_OF_BAND") === true;

/** By the action that a record claims; without those that no valid intent covers, which are shown as OUT_OF_BAND. */
function claimedConditions(filter: RecordFilter, how: Look["how"], bind: Bind): string[] {
  const { action } = filter;
  if (action === undefined) return [];
  // Along the ids no index is to be read beside: that of a usual action is longer than the way.
  const column = how === "along the ids" ? "r.action || ''" : "r.action";
  const claimed = oneOf(column, action, bind);
  if (isOutOfBandAsked(filter)) return [claimed];
  // With an offset, by key for each record: of few that are expected the planner held each against the whole list.
  return [claimed, `not exists (select from ${UNATTESTED} where u.record_id = r.id offset 0)`];
}

/** Those that claim another action, but are shown as OUT_OF_BAND: by the list of them. */
function unattested(
  { action }: RecordFilter,
  scope: Scope,
  look: Look,
  conditions: readonly string[],
  bind: Bind,
): string {
  const from = `from ${UNATTESTED} join blindagem_audit.audit_log_immutable r on r.id = u.record_id`;
  return selected(from, [
    `u.record_id >= ${bind(look.lower)}::bigint`,
    `u.record_id < ${bind(look.upper)}::bigint`,
    `u.scope = any (${keys(scope, bind)})`,
    ...conditions,
    `r.action <> all (${bind(action)}::text[])`,
  ]);
}

/** Condominiums and administradoras in one: what an id is of, row-level security tells. */
function keys({ condominiumIds, organizationIds }: Scope, bind: Bind): string {
  return ids([...condominiumIds, ...organizationIds], bind);
}

function ofCondominiums({ condominiumIds }: Scope, bind: Bind): string {
  return `r.condominium_id = any (${ids(condominiumIds, bind)})`;
}

/** As values that the planner knows, where there are so few that weighing them costs little. */
function ids(values: readonly string[], bind: Bind): string {
  const list = `${bind(values)}::bigint[]`;
  return values.length <= TOLD_CONDOMINIUMS ? list : `(select ${list})::bigint[]`;
}

function scopeConditions(
  scope: Scope,
  look: Look,
  { isOfAKind, isOfTheScope }: Path,
  bind: Bind,
): string[] {
  return [
    ...(isOfAKind ? [`${KEY} = any (${keys(scope, bind)})`] : []),
    ...(isOfTheScope ? [ofScope(scope, look, bind)] : []),
  ];
}

function ofScope(scope: Scope, { how, lower, upper }: Look, bind: Bind): string {
  if (how === "along the condominium") {
    return `r.condominium_id = ${bind(scope.condominiumIds[0])}::bigint`;
  }
  const condominiums = ofCondominiums(scope, bind);
  if (scope.organizationIds.length === 0) return condominiums;
  const ids = `${bind(scope.organizationIds)}::bigint[]`;
  const own = [
    "r.condominium_id is null",
    `r.organization_id = any (${ids})`,
    // In the words of the index by administradora, or two others were read and held against each other: 8 ms of 30.
    ...(how === "by index"
      ? [
          `${KEY} = any (${ids})`,
          `nullif(r.id, 0) >= ${bind(lower)}::bigint`,
          `nullif(r.id, 0) < ${bind(upper)}::bigint`,
        ]
      : []),
  ];
  return `(${condominiums} or (${own.join(" and ")}))`;
}
