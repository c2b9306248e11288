import type pg from "pg";
import { z } from "zod";
import { mayBePlatforms, platformStatement } from "./platform-records.ts";
import {
  isAlongCondominium,
  isSelective,
  type Look,
  type RecordFilter,
  recordStatement,
  type Scope,
  TOLD_CONDOMINIUMS,
} from "./record-statement.ts";

/** So many records, from that end of those between two ids. */
export interface RecordPage {
  order: "ascending" | "descending";
  /** Ids greater than that one. */
  above?: number | undefined;
  /** Ids less than that one. */
  below?: number | undefined;
  limit: number;
}

/** What a page has. */
export interface FoundRecords {
  /** In the page's order. */
  ids: string[];
  /** An instant, ISO 8601: all of them were recorded then or later. */
  from: string;
  /** And before then: whoever fetches them need not look into the months outside. */
  until: string;
}

/** Ids from `lower` to before `upper`. */
interface Range {
  lower: number;
  upper: number;
}

/** So many neighbouring rows are read in a millisecond or two. */
const NEAR = 2_000;
/** Where few are asked for, an index has those between so many ids in the same time. */
const NEAR_OF_FEW = 16_000;
/** Where few condominiums are asked for, as many hold a page of them; any less was a look for nothing. */
const NEAR_OF_CONDOMINIUMS = 256_000;
/** How much wider than all before it a range may be. */
const GROWTH = 32;
/** Where whoever sees many condominiums asks for what is usual: 32 times as wide held 6,900 records for a page of 50 (30 ms). */
const GROWTH_OF_MUCH = 4;
/** As far as ids go. */
const END = Number.MAX_SAFE_INTEGER;

/**
 * A page's records, as far as the asking role may see them: of its own tenants, and of the platform's those that concern
 * everybody (platform-records.ts), which are few and have an index of their own.
 *
 * @param client in a transaction under a request's settings: row-level security decides
 * @returns at most `limit` of them
 */
export async function findRecords(
  client: pg.ClientBase,
  filter: RecordFilter,
  page: RecordPage,
): Promise<FoundRecords> {
  const start = await startOf(client, filter);
  const own = await findOwn(client, filter, page, start);
  if (!mayBePlatforms(filter)) return pageOf(own);
  const isDescending = page.order === "descending";
  // Beyond a full page there is nothing to look for.
  const last = own.length < page.limit ? undefined : Number(own.at(-1)?.id);
  const { lower, upper } = allowedIn(page);
  const range = {
    lower: isDescending && last !== undefined ? last : lower,
    upper: isDescending || last === undefined ? upper : last,
  };
  // Each month more is planned for.
  const months = start.months.filter((month) => month.isAsked && isWithin(range)(month));
  if (months.length === 0) return pageOf(own);
  const { order, limit } = page;
  const { text, values } = platformStatement(filter, { ...range, months, order, limit });
  const { rows } = await client.query<Found>(text, values);
  const both = [...own, ...rows].sort((one, other) => Number(one.id) - Number(other.id));
  return pageOf((isDescending ? both.reverse() : both).slice(0, limit));
}

/**
 * The records of the asker's tenants.
 *
 * No single statement finds them well. The planner does not know how little of the log an administradora sees: told to
 * keep the order of ids and to stop when the page is full, it read every month from its end until the first visible
 * record (seconds, for one that came last month). So the ids next to the page's beginning are looked at first, where
 * most pages end; then ranges ever wider, in proportion to what has been found. In those all matching records are
 * fetched by an index that has the asker's scope in it (record-statement.ts), and sorted: what others may see costs
 * nothing but to be skipped in the index, and of what the asker may see a range holds about a page. Of a single condominium
 * its index has the order itself: a look along it ends when the page is full.
 *
 * @param start whose scope only narrows what row-level security lets be seen
 * @returns in the page's order
 */
async function findOwn(
  client: pg.ClientBase,
  filter: RecordFilter,
  page: RecordPage,
  { scope, months, strays, ...whole }: Start,
): Promise<Found[]> {
  const found: Found[] = [];
  if (scope.condominiumIds.length + scope.organizationIds.length === 0) return found;
  const allowed = allowedIn(page);
  const core = within(whole, allowed);
  const look = async (range: Range, how: Look["how"], among?: readonly string[]) => {
    if (range.lower >= range.upper || found.length >= page.limit) return;
    const inRange = months.filter(isWithin(range));
    if (inRange.length === 0) return;
    const { text, values } = recordStatement(filter, scope, {
      ...range,
      months: inRange,
      how,
      among,
      order: page.order,
      limit: page.limit - found.length,
    });
    const { rows } = await client.query<Found>(text, values);
    found.push(...rows);
  };
  const isDescending = page.order === "descending";

  // Where a clock was set back, records of the period have ids of another.
  const above = { lower: core.upper, upper: allowed.upper };
  const below = { lower: allowed.lower, upper: core.lower };
  const lookAtStrays = async (range: Range) => {
    const among = strays.filter((id) => Number(id) >= range.lower && Number(id) < range.upper);
    if (among.length > 0) await look(range, "by index", among);
  };

  const lookEverWider = async () => {
    const length = core.upper - core.lower;
    const isOfCondominiums = filter.condominiumId !== undefined;
    const isRare = isSelective(filter, scope) || isOfCondominiums;
    const isMuch = !isRare && scope.condominiumIds.length > TOLD_CONDOMINIUMS;
    const growth = isMuch ? GROWTH_OF_MUCH : GROWTH;
    const first = isOfCondominiums ? NEAR_OF_CONDOMINIUMS : isRare ? NEAR_OF_FEW : NEAR;
    for (let done = 0, width = first; done < length; ) {
      const next = 2 * width >= length - done ? length : done + width;
      const range = isDescending
        ? { lower: core.upper - next, upper: core.upper - done }
        : { lower: core.lower + done, upper: core.lower + next };
      const isNear = done === 0 && next <= 2 * NEAR && !isRare;
      await look(range, isNear ? "along the ids" : "by index");
      if (found.length >= page.limit) return;
      done = next;
      width = nextWidth(done, found.length, page.limit, growth);
    }
  };

  await lookAtStrays(isDescending ? above : below);
  if (isAlongCondominium(filter, scope)) await look(core, "along the condominium");
  else await lookEverWider();
  await lookAtStrays(isDescending ? below : above);
  return found;
}

const allowedIn = ({ above, below }: RecordPage): Range => ({
  lower: (above ?? -1) + 1,
  upper: below ?? END,
});

const isWithin =
  ({ lower, upper }: Range) =>
  (month: { first: number; last: number }) =>
    month.first < upper && month.last >= lower;

/** A record as a look has it, with the second since 1970 in which it was recorded. */
interface Found {
  id: string;
  second: number;
}

function pageOf(found: readonly Found[]): FoundRecords {
  const seconds = found.map(({ second }) => second);
  const instant = (second: number) => new Date(1000 * second).toISOString();
  return {
    ids: found.map(({ id }) => id),
    from: instant(found.length === 0 ? 0 : Math.min(...seconds)),
    until: instant(found.length === 0 ? 0 : Math.max(...seconds) + 1),
  };
}

/** How many ids probably hold what is missing, twice over; where nothing is known yet, far more than before. */
export function nextWidth(
  done: number,
  found: number,
  limit: number,
  growth: number = GROWTH,
): number {
  const expected = found === 0 ? growth * done : Math.ceil((2 * (limit - found) * done) / found);
  return Math.min(Math.max(expected, NEAR), growth * done);
}

function within({ lower, upper }: Range, allowed: Range): Range {
  const first = Math.min(Math.max(lower, allowed.lower), allowed.upper);
  return { lower: first, upper: Math.min(Math.max(upper, first), allowed.upper) };
}

const startRow = z.object({
  lower: z.coerce.number(),
  upper: z.coerce.number(),
  strays: z.array(z.string()),
  condominiumIds: z.array(z.string()),
  organizationIds: z.array(z.string()),
  months: z.array(
    z.object({
      since: z.string(),
      until: z.string(),
      first: z.number(),
      last: z.number(),
      /** Whether it has any of the period. */
      isAsked: z.boolean(),
    }),
  ),
});
type Start = Omit<z.infer<typeof startRow>, keyof Scope> & { scope: Scope };

/**
 * Between which ids the period lies, about, and what of it lies elsewhere; what the asker may see of what is asked for, in
 * order, which spares the server to sort it for each month; and which month has which ids.
 */
async function startOf(client: pg.ClientBase, filter: RecordFilter): Promise<Start> {
  const { from, until, condominiumId } = filter;
  const { rows } = await client.query({
    name: "blindagem start of a look into the log",
    text: `with month as materialized (
        select * from blindagem_audit.months_of_ids()
      ), core as materialized (
        select ${idAt("$1::timestamptz")} as lower, ${idAt("$2::timestamptz")} as upper)
      select core.lower, core.upper,
        array(
          select distinct stray.id::text
          from month m
          cross join lateral blindagem_audit.strays(greatest(m.since, $1), least(m.until, $2), core.lower, core.upper) as stray (id)
          where m.since < $2 and m.until > $1 and (m.first_id < core.lower or m.last_id >= core.upper)) as strays,
        array(select v.id::text from unnest(blindagem_private.visible_condominium_ids()) as v (id) order by v.id) as "condominiumIds",
        array(select v.id::text from unnest(blindagem_private.visible_organization_ids()) as v (id) order by v.id) as "organizationIds",
        (select coalesce(json_agg(json_build_object(
          'since', m.since::text, 'until', m.until::text, 'first', m.first_id, 'last', m.last_id,
          'isAsked', m.since < $2 and m.until > $1) order by m.since), '[]') from month m) as months
      from core`,
    values: [from ?? "-infinity", until ?? "infinity"],
  });
  const { condominiumIds, organizationIds, ...start } = startRow.parse(rows[0]);
  const scope = { condominiumIds, organizationIds };
  if (condominiumId === undefined) return { ...start, scope };
  const asked = new Set(condominiumId);
  const narrowed = {
    condominiumIds: condominiumIds.filter((id) => asked.has(id)),
    organizationIds: [],
  };
  return { ...start, scope: narrowed };
}

/** In its month; where that has no records, the first of a later one, or what comes after the last of all. */
const idAt = (instant: string) => `coalesce(
  (select blindagem_audit.first_id_at(${instant}, m.since, m.until, m.first_id, m.last_id)
   from month m where m.since <= ${instant} and m.until > ${instant} order by m.since desc limit 1),
  (select min(m.first_id) from month m where m.since > ${instant}),
  (select max(m.last_id) + 1 from month m), 0)`;
