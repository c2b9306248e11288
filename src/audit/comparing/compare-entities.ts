import type pg from "pg";
import { z } from "zod";
import { type Beside, besideSchema, withBeside } from "../personal-values.ts";
import { type AuditedTable, keyValues, quoted } from "./audited-tables.ts";
import { type Baseline, columnAges } from "./baseline.ts";
import { loadCarried } from "./carried-states.ts";
import type { Compared, Divergence } from "./divergence.ts";
import {
  compareEntity,
  foldEntity,
  type LoggedChange,
  type LoggedState,
  type State,
} from "./entity-state.ts";
import { jsonOf } from "./json-of.ts";
import { revealFrom } from "./reveal.ts";

const ROW_KINDS = ["ROW_CHANGED", "ROW_MISSING", "ROW_UNKNOWN"] as const;

/**
 * Compares these rows of a table with the log.
 *
 * @param client in a transaction with one snapshot (repeatable read): a row and its record become visible together
 * @param ids keys as the log has them; one that is on neither side is no divergence
 */
export async function compareEntities(
  client: pg.ClientBase,
  table: AuditedTable,
  baseline: Baseline,
  ids: readonly string[],
): Promise<Compared> {
  const rows = await loadRows(client, table, ids);
  const records = await loadChanges(client, table.name, ids);
  const columns = columnAges(baseline, table);
  const truncations = records.get(table.name) ?? [];
  const divergences = ids.flatMap((id): Divergence[] => {
    if (id === table.name) return [];
    const own = records.get(id) ?? [];
    const changes = truncations.length > 0 ? [...own, ...truncations].sort(byId) : own;
    const logged = foldEntity(changes, baseline.older.has(`${table.name} ${id}`));
    const row = rows.get(id);
    const divergence = compareEntity(logged, row, columns, revealFrom(besidesOf(changes)));
    if (divergence === undefined) return [];
    return [
      {
        kind: divergence.kind,
        entityType: table.name,
        entityId: id,
        fields: divergence.kind === "ROW_CHANGED" ? divergence.fields : [],
        ...placeOf(table, row ?? stateOf(logged), own.findLast(({ place }) => place)?.place),
      },
    ];
  });
  return {
    entityType: table.name,
    scope: { ids },
    kinds: ROW_KINDS,
    count: ids.length,
    divergences,
  };
}

type Place = Pick<Divergence, "organizationId" | "condominiumId" | "sensitivity">;

/** Whose it is: by the newest record, since a row may say otherwise now; by the row where there is none. */
function placeOf(table: AuditedTable, row: State | undefined, recorded: Place | undefined): Place {
  if (recorded !== undefined) return recorded;
  const text = (field: string) => {
    const value = row?.[field];
    return typeof value === "string" ? value : undefined;
  };
  const isOfExpense = table.columns.some(({ name }) => ["expense_id", "payable_id"].includes(name));
  return {
    organizationId: text(table.name === "organizations" ? "id" : "organization_id"),
    condominiumId: text(table.name === "condominiums" ? "id" : "condominium_id"),
    // What it belongs to is not to be trusted: as guarded as can be.
    sensitivity: text("sensitivity") ?? (isOfExpense ? "SALARY" : "ORDINARY"),
  };
}

const stored = z.object({ id: z.string(), state: z.record(z.string(), z.unknown()) });

/** The rows of these keys, in the log's form. */
async function loadRows(
  client: pg.ClientBase,
  { name, key, stateSource, idSource }: AuditedTable,
  ids: readonly string[],
): Promise<Map<string, State>> {
  const keys = ids.flatMap((id) => {
    const values = keyValues(id, key);
    return values === undefined ? [] : [values];
  });
  const columns = key.map(({ type }, place) => `$${place + 1}::text[]::${type}[]`);
  const names = key.map((_, place) => `k${place}`);
  const { rows } = await client.query<Record<string, unknown>>(
    `select ${idSource} as id, (${stateSource})::json as state
     from unnest(${columns.join(", ")}) as wanted (${names.join(", ")})
     join blindagem.${quoted(name)} r on ${key.map((column, place) => `r.${quoted(column.name)} = wanted.k${place}`).join(" and ")}`,
    key.map((_, place) => keys.map((values) => values[place])),
  );
  return new Map(
    z
      .array(stored)
      .parse(rows)
      .map(({ id, state }) => [id, state]),
  );
}

/** What was carried over tells no place: it is read out of the state. */
type LoggedRecord = LoggedChange & { place?: Place; beside?: Beside | undefined };

function besidesOf(changes: readonly LoggedRecord[]): Map<bigint, Beside> {
  return new Map(changes.flatMap(({ id, beside }) => (beside ? [[id, beside]] : [])));
}

function stateOf({ fields }: LoggedState): State {
  return Object.fromEntries([...fields].map(([field, { value }]) => [field, value]));
}

const change = z.object({
  operation: z.enum(["INSERT", "UPDATE", "DELETE", "TRUNCATE"]),
  new_state: z.record(z.string(), z.unknown()).nullish(),
});
const recorded = z.object({
  id: z.coerce.bigint(),
  entity_id: z.string(),
  organization_id: z.string().nullable(),
  condominium_id: z.string().nullable(),
  sensitivity: z.string(),
  entry: z.string(),
  beside: besideSchema.nullable(),
});

/** An entry that cannot be read is no change: that it was altered is told of the record itself. */
function changesOf({ entry, ...record }: z.infer<typeof recorded>): LoggedRecord[] {
  const read = change.safeParse(jsonOf(entry));
  if (!read.success) return [];
  return [
    {
      id: record.id,
      operation: read.data.operation,
      newState: read.data.new_state ?? undefined,
      beside: record.beside ?? {},
      place: {
        organizationId: record.organization_id ?? undefined,
        condominiumId: record.condominium_id ?? undefined,
        sensitivity: record.sensitivity,
      },
    },
  ];
}

/** The changes of these entities in the order of their records, those of months that are kept elsewhere first. */
async function loadChanges(
  client: pg.ClientBase,
  table: string,
  ids: readonly string[],
): Promise<Map<string, LoggedRecord[]>> {
  const changes = await loadRecords(client, table, ids);
  for (const [id, carried] of await loadCarried(client, table, ids)) {
    changes.set(id, [...carried, ...(changes.get(id) ?? [])]);
  }
  return changes;
}

/**
 * The records of these entities in the order of their ids, and those that say that the table was truncated (by its name).
 *
 * Entity by entity (lateral): for a list of them the planner, which knows little of a month that is being filled, took the
 * index of the entity's type and read every record of the table's.
 */
async function loadRecords(
  client: pg.ClientBase,
  table: string,
  ids: readonly string[],
): Promise<Map<string, LoggedRecord[]>> {
  const { rows } = await client.query<Record<string, unknown>>(
    withBeside(
      `select r.id, r.recorded_at, r.entity_id, r.organization_id, r.condominium_id, r.sensitivity, r.entry
       from unnest($2::text[]) as wanted (entity_id)
       cross join lateral (
         select l.* from blindagem_audit.audit_log_immutable l
         where l.entity_type = $1 and l.entity_id = wanted.entity_id offset 0) as r`,
    ),
    [table, [table, ...ids]],
  );
  const entities = Map.groupBy(z.array(recorded).parse(rows), (record) => record.entity_id);
  return new Map([...entities].map(([id, records]) => [id, records.flatMap(changesOf)]));
}

function byId(a: LoggedChange, b: LoggedChange): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
