import type pg from "pg";
import { z } from "zod";

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

/** So many records, from that end of those between two ids. */
export interface RecordPage {
  order: "ascending" | "descending";
  /** Ids greater than that one. */
  above?: number | undefined;
  /** Ids less than that one. */
  below?: number | undefined;
  limit: number;
}

/** Ids from `lower` to before `upper`. */
interface Range {
  lower: number;
  upper: number;
}

/** So many neighbouring rows are read in a few milliseconds. */
const NEAR = 8_000;
/** How much wider than all before it a range may be. */
const GROWTH = 32;
/** As far as ids go. */
const END = Number.MAX_SAFE_INTEGER;

/** A scope of so few condominiums leads by itself. */
const FEW_CONDOMINIUMS = 16;
/** The planner weighs each value in each month: of 192 condominiums for 7 ms, of 1,928 for 60. */
const TOLD_CONDOMINIUMS = 128;
/** Most of any log: to ask for one of these narrows it little. */
const USUAL: ReadonlySet<string> = new Set([
  ...["expenses", "payables", "retentions", "expense_documents", "document_uploads", "reviews"],
  ...["bank_accounts", "bank_transactions", "payments", "movement_verdicts"],
  ...["INSERT", "UPDATE", "SUBMIT", "APPROVE", "MATCH"],
]);

/**
 * The ids of a page's records, as far as the asking role may see them.
 *
 * No single statement finds them well. The planner does not know how little of the log an administradora sees: told to
 * keep the order of ids and to stop when the page is full, it read every month from its end until the first visible
 * record (seconds, for one that came last month). So the ids next to the page's beginning are looked at first, where
 * most pages end; then ranges ever wider, in proportion to what has been found. In those all matching records are
 * fetched and sorted (`id + 0` has no index), so that the planner takes the index that narrows most.
 *
 * @param client in a transaction under a request's settings: row-level security decides; the scope below only narrows
 * @returns at most `limit` ids, in the page's order
 */
export async function findRecords(
  client: pg.ClientBase,
  filter: RecordFilter,
  page: RecordPage,
): Promise<string[]> {
  const { scope, ...whole } = await startOf(client, filter);
  const allowed = { lower: (page.above ?? -1) + 1, upper: page.below ?? END };
  const core = within(whole, allowed);
  const found: string[] = [];
  const look = async (range: Range, isNear: boolean) => {
    if (range.lower >= range.upper || found.length >= page.limit) return;
    const rest = { ...page, limit: page.limit - found.length };
    const { text, values } = statement(filter, scope, range, isNear, rest);
    const { rows } = await client.query<{ id: string }>(text, values);
    found.push(...rows.map(({ id }) => id));
  };
  // Where a clock was set back, records of the period have ids of another.
  const above = { lower: core.upper, upper: filter.until === undefined ? 0 : allowed.upper };
  const below = { lower: filter.from === undefined ? END : allowed.lower, upper: core.lower };
  const isDescending = page.order === "descending";

  await look(isDescending ? above : below, false);
  const length = core.upper - core.lower;
  for (let done = 0, width = NEAR; done < length && found.length < page.limit; ) {
    const next = 2 * width >= length - done ? length : done + width;
    const range = isDescending
      ? { lower: core.upper - next, upper: core.upper - done }
      : { lower: core.lower + done, upper: core.lower + next };
    await look(range, done === 0 && next <= 2 * NEAR);
    done = next;
    width = nextWidth(done, found.length, page.limit);
  }
  await look(isDescending ? below : above, false);
  return found;
}

/** How many ids probably hold what is missing, twice over; where nothing is known yet, far more than before. */
export function nextWidth(done: number, found: number, limit: number): number {
  const expected = found === 0 ? GROWTH * done : Math.ceil((2 * (limit - found) * done) / found);
  return Math.min(Math.max(expected, NEAR), GROWTH * done);
}

function within({ lower, upper }: Range, allowed: Range): Range {
  const first = Math.min(Math.max(lower, allowed.lower), allowed.upper);
  return { lower: first, upper: Math.min(Math.max(upper, first), allowed.upper) };
}

/** What the asker sees at most. */
interface Scope {
  condominiumIds: string[];
  organizationIds: string[];
}

const startRow = z.object({
  lower: z.coerce.number(),
  upper: z.coerce.number(),
  condominiumIds: z.array(z.string()),
  organizationIds: z.array(z.string()),
});

async function startOf(
  client: pg.ClientBase,
  { from, until }: RecordFilter,
): Promise<Range & { scope: Scope }> {
  const { rows } = await client.query(
    `select coalesce(blindagem_audit.first_id_at($1), 0) as lower, coalesce(blindagem_audit.first_id_at($2), 0) as upper,
       blindagem_private.visible_condominium_ids()::text[] as "condominiumIds",
       blindagem_private.visible_organization_ids()::text[] as "organizationIds"`,
    [from ?? "-infinity", until ?? "infinity"],
  );
  const { lower, upper, ...scope } = startRow.parse(rows[0]);
  return { lower, upper, scope };
}

/** What is asked for, as conditions on a record r; % stands for the value. */
function filterConditions(filter: RecordFilter): [condition: string, value: unknown][] {
  const conditions: [string, unknown][] = [
    ["r.entity_type = any (%::text[])", filter.entityType],
    ["r.entity_id = any (%::text[])", filter.entityId],
    [actionCondition(filter.action ?? []), filter.action],
    ["r.actor_id = any (%::text[])", filter.actorId],
    ["r.organization_id = any (%::bigint[])", filter.organizationId],
    ["r.condominium_id = any (%::bigint[])", filter.condominiumId],
    ["r.recorded_at >= %::timestamptz", filter.from],
    ["r.recorded_at < %::timestamptz", filter.until],
  ];
  return conditions.filter(([, value]) => value !== undefined);
}

function statement(
  filter: RecordFilter,
  scope: Scope,
  { lower, upper }: Range,
  isNear: boolean,
  { order, limit }: RecordPage,
): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const bind = (condition: string, value: unknown) =>
    condition.replaceAll("%", `$${values.push(value)}`);
  const conditions = [
    "r.entity_type <> 'intents'",
    bind("r.id >= %::bigint", lower),
    bind("r.id < %::bigint", upper),
    ...filterConditions(filter).map(([condition, value]) => bind(condition, value)),
    ...scopeConditions(filter, scope, isNear, bind),
  ];
  const direction = order === "descending" ? "desc" : "asc";
  const text = `select r.id from blindagem_audit.audit_log_immutable r
    where ${conditions.join("\n      and ")}
    order by ${isNear ? "r.id" : "r.id + 0"} ${direction} limit ${limit}`;
  return { text, values };
}

/** A record that no valid intent covers is found as what it is shown as. */
function actionCondition(actions: readonly string[]): string {
  const unattested = "select u.record_id from blindagem_audit.unattested_records u";
  return actions.includes("OUT_OF_BAND")
    ? `(r.action = any (%::text[]) or r.id = any (array(${unattested})))`
    : `r.action = any (%::text[]) and not exists (${unattested} where u.record_id = r.id)`;
}

/** What the asker sees, as values whose number the planner knows, where that may narrow more than the filter does. */
function scopeConditions(
  filter: RecordFilter,
  { condominiumIds, organizationIds }: Scope,
  isNear: boolean,
  bind: (condition: string, value: unknown) => string,
): string[] {
  const count = condominiumIds.length;
  if (filter.condominiumId !== undefined || (isNear && count > FEW_CONDOMINIUMS)) return [];
  if (count > TOLD_CONDOMINIUMS && isSelective(filter)) return [];
  const ids = count > TOLD_CONDOMINIUMS ? "(select %::bigint[])::bigint[]" : "%::bigint[]";
  const ofCondominiums = bind(`r.condominium_id = any (${ids})`, condominiumIds);
  if (organizationIds.length === 0) return [ofCondominiums];
  const ofOrganizations = bind("r.organization_id = any (%::bigint[])", organizationIds);
  return [`(${ofCondominiums} or (r.condominium_id is null and ${ofOrganizations}))`];
}

function isSelective(filter: RecordFilter): boolean {
  const { entityType, entityId, action, actorId, organizationId } = filter;
  const isRare = (values: readonly string[] | undefined) =>
    values !== undefined && !values.some((value) => USUAL.has(value));
  const isNamed = [entityId, actorId, organizationId].some((values) => values !== undefined);
  return isNamed || isRare(entityType) || isRare(action);
}
