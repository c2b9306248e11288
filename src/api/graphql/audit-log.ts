import type { GraphQLInputFieldConfig } from "graphql";
import type { PgClient, PgSelectStep } from "postgraphile/@dataplan/pg";
import { listOfCodec, loadOneWithPgClient, TYPES } from "postgraphile/@dataplan/pg";
import type { NodePostgresPgClient } from "postgraphile/adaptors/pg";
import type { FieldArgs, FieldPlanResolver, Step } from "postgraphile/grafast";
import { constant, lambda, object } from "postgraphile/grafast";
import { sql } from "postgraphile/pg-sql2";
import { extendSchema, gql } from "postgraphile/utils";
import { z } from "zod";
import { type FoundRecords, findRecords, type RecordPage } from "../../audit/find-records.ts";
import type { RecordFilter } from "../../audit/record-statement.ts";
import { ApiError } from "../errors.ts";
import { effectiveFirst, effectiveLast } from "./page-size.ts";

/** The view's name, as the library knows it. */
const VIEW = "audit_log";

/** What records are filtered by, and how; each is served by an index (find-records.ts). */
const FILTERS = {
  entityType: "AuditTextFilter",
  entityId: "AuditTextFilter",
  action: "AuditTextFilter",
  actorId: "AuditTextFilter",
  organizationId: "AuditIdFilter",
  condominiumId: "AuditIdFilter",
  recordedAt: "AuditPeriodFilter",
} as const;

const filterTypesPlugin = extendSchema(
  () => ({
    typeDefs: gql`
      """A text that has to be equal."""
      input AuditTextFilter {
        equalTo: String
        in: [String!]
      }

      """An id that has to be equal."""
      input AuditIdFilter {
        equalTo: BigInt
        in: [BigInt!]
      }

      """A period: from an instant on, to before another."""
      input AuditPeriodFilter {
        greaterThanOrEqualTo: Datetime
        lessThan: Datetime
      }
    `,
  }),
  "BlindagemAuditFilterTypesPlugin",
);

/**
 * The field auditLog, as the library makes it of the view, but for finding the rows: it is told the ids of the page, and
 * the months. Its own statement sorted the whole log, or read it from the end until the page was full (find-records.ts).
 */
const pagesPlugin: GraphileConfig.Plugin = {
  name: "BlindagemAuditLogPagesPlugin",
  version: "1.0.0",
  after: ["BlindagemPageSizePlugin"],
  schema: {
    hooks: {
      GraphQLInputObjectType_fields: {
        after: [
          "PgConnectionArgFilterAttributesPlugin",
          "PgConnectionArgFilterLogicalOperatorsPlugin",
        ],
        callback(fields, build, { scope }) {
          if (!scope.isPgConnectionFilter || !isAuditLog(scope.pgCodec)) return fields;
          return Object.fromEntries(
            Object.entries(FILTERS).map(([name, type]): [string, GraphQLInputFieldConfig] => [
              name,
              { type: build.getInputTypeByName(type) },
            ]),
          );
        },
      },
      GraphQLEnumType_values(values, _build, { scope }) {
        if (!scope.isPgRowSortEnum || !isAuditLog(scope.pgCodec)) return values;
        // Without an order a cursor would be a number of rows.
        const { NATURAL: _, ...orders } = values;
        return orders;
      },
      GraphQLObjectType_fields_field_args: {
        after: [
          "PgFirstLastBeforeAfterArgsPlugin",
          "PgConditionArgumentPlugin",
          "PgConnectionArgFilterPlugin",
        ],
        callback(args, _build, { scope }) {
          if (!scope.isPgFieldConnection || !isAuditLog(scope.pgFieldResource?.codec)) return args;
          const { offset: _offset, condition: _condition, filter, ...others } = args;
          if (!filter) return args;
          const { applyPlan: _, ...ownFilter } = filter;
          return { ...others, filter: ownFilter };
        },
      },
      GraphQLObjectType_fields_field(field, _build, { scope }) {
        const { plan } = field;
        if (!scope.isPgFieldConnection || !isAuditLog(scope.pgFieldResource?.codec) || !plan)
          return field;
        return { ...field, plan: foundFirst(plan) };
      },
    },
  },
};

export const auditLogPlugins: readonly GraphileConfig.Plugin[] = [filterTypesPlugin, pagesPlugin];

function isAuditLog(codec: { extensions?: { pg?: { name: string } } } | undefined): boolean {
  return codec?.extensions?.pg?.name === VIEW;
}

const ARGUMENTS = ["filter", "orderBy", "first", "last", "after", "before"] as const;

function foundFirst(plan: FieldPlanResolver): FieldPlanResolver {
  return ($parent, args: FieldArgs, info) => {
    const $connection = plan($parent, args, info);
    const $select = subplanOf($connection);
    const $asked = object(
      Object.fromEntries(
        ARGUMENTS.map((name): [string, Step] => [
          name,
          `$${name}` in args ? args.getRaw(name) : constant(null),
        ]),
      ),
    );
    const $found = loadOneWithPgClient($select.resource.executor, $asked, findPages);
    const part = (name: keyof FoundRecords) => lambda($found, (found) => found[name], true);
    const ids = $select.placeholder(part("ids"), listOfCodec(TYPES.bigint));
    const from = $select.placeholder(part("from"), TYPES.timestamptz);
    const until = $select.placeholder(part("until"), TYPES.timestamptz);
    // The period leads to the page's months: to plan and ask all of a year took 3 of 16 milliseconds.
    $select.where(sql`${$select.alias}.id = any (${ids})`);
    $select.where(sql`${$select.alias}.recorded_at >= ${from}`);
    $select.where(sql`${$select.alias}.recorded_at < ${until}`);
    return $connection;
  };
}

function subplanOf(step: Step | null): PgSelectStep {
  if (step !== null && "getSubplan" in step && typeof step.getSubplan === "function")
    return step.getSubplan();
  throw new Error("The field auditLog is no connection.");
}

async function findPages(client: PgClient, asked: readonly unknown[]): Promise<FoundRecords[]> {
  const pages: FoundRecords[] = [];
  for (const each of asked) {
    const { filter, page } = request(each);
    pages.push(await findRecords((client as NodePostgresPgClient).rawClient, filter, page));
  }
  return pages;
}

const oneOf = (value: z.ZodType<string>) =>
  z
    .object({ equalTo: value.nullish(), in: z.array(value).nullish() })
    .nullish()
    .transform((given) => {
      if (given?.equalTo == null) return given?.in ?? undefined;
      return given.in == null || given.in.includes(given.equalTo) ? [given.equalTo] : [];
    });
const text = oneOf(z.string());
/** As the database writes it, since it is compared with ids from there. */
const id = oneOf(
  z
    .string()
    .regex(/^\d{1,18}$/)
    .transform((digits) => BigInt(digits).toString()),
);
const instant = z.string().nullish();
const argumentsShape = z.object({
  filter: z
    .object({
      entityType: text,
      entityId: text,
      action: text,
      actorId: text,
      organizationId: id,
      condominiumId: id,
      recordedAt: z.object({ greaterThanOrEqualTo: instant, lessThan: instant }).nullish(),
    })
    .nullish(),
  orderBy: z.unknown(),
  first: z.number().nullish(),
  last: z.number().nullish(),
  after: z.string().nullish(),
  before: z.string().nullish(),
});

/** The page that is asked for, with one record more, by which the library knows that there is another page. */
function request(asked: unknown): { filter: RecordFilter; page: RecordPage } {
  const parsed = argumentsShape.safeParse(asked);
  // The schema has checked all else.
  if (!parsed.success)
    throw new ApiError(
      "BLD04",
      'Em organizationId e condominiumId espera-se um id: um número sem sinal, como "12".',
    );
  const { filter, first, last, orderBy } = parsed.data;
  const after = idOf(parsed.data.after);
  const before = idOf(parsed.data.before);
  const isDescending = /DESC$/.test(String(Array.isArray(orderBy) ? orderBy[0] : orderBy));
  const size = [first ?? null, last ?? null, parsed.data.before ?? null] as const;
  const forwards = effectiveFirst(size);
  const limit = (forwards ?? effectiveLast(size) ?? 0) + 1;
  const { recordedAt, ...lists } = filter ?? {};
  return {
    filter: {
      ...lists,
      from: recordedAt?.greaterThanOrEqualTo ?? undefined,
      until: recordedAt?.lessThan ?? undefined,
    },
    page: {
      order: isDescending === (forwards !== null) ? "descending" : "ascending",
      above: isDescending ? before : after,
      below: isDescending ? after : before,
      limit,
    },
  };
}

const cursorShape = z.tuple([z.string(), z.string().regex(/^\d{1,16}$/)]);

/** The id in a cursor of the library's; whether it is one of this order, the library checks itself. */
function idOf(cursor: string | null | undefined): number | undefined {
  if (cursor == null) return undefined;
  try {
    const [, id] = cursorShape.parse(JSON.parse(Buffer.from(cursor, "base64").toString("utf8")));
    return Number(id);
  } catch {
    throw new ApiError("BLD04", "O cursor não é de uma página do registro de auditoria.");
  }
}
