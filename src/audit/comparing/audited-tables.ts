import type pg from "pg";
import { z } from "zod";

/**
 * Tables of the business that no record is made of; why, says blindagem_audit.unaudited_tables. The list stands here as
 * well (a test compares them), since who may replace that function could take a table off the comparison.
 */
export const UNAUDITED_TABLES: readonly string[] = [
  "companies",
  "decisions",
  "document_identifiers",
  "document_readings",
  "documents",
];

export interface KeyColumn {
  name: string;
  type: string;
  /** How many digits its numbers may have; undefined for text. */
  digits: number | undefined;
}

/** A table of schema blindagem, as far as the comparison needs to know it. */
export interface AuditedTable {
  name: string;
  columns: { name: string; type: string }[];
  /** The primary key's columns in its order. */
  key: KeyColumn[];
  /** An SQL expression over the row r: the whole row as the log's JSON text, null columns left out. */
  stateSource: string;
  /** The same for its key as the log has it: the columns joined by slashes. */
  idSource: string;
}

/** Of integers; what has more would not be read. */
const DIGITS: Readonly<Record<string, number>> = { int2: 4, int4: 9, int8: 18 };

const table = z.object({
  name: z.string(),
  columns: z.array(
    z.object({ name: z.string(), type: z.string(), base: z.string(), category: z.string() }),
  ),
  key: z.array(z.string()).nullable(),
});

/** The names of the audited tables there are, sorted. */
export async function auditedTableNames(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname::text as name from ${AUDITED} order by c.relname`,
    [UNAUDITED_TABLES],
  );
  return rows.map(({ name }) => name);
}

/** A table as it is now; undefined when it is gone, or has no primary key, without which nothing is audited. */
export async function loadAuditedTable(
  client: pg.ClientBase,
  wanted: string,
): Promise<AuditedTable | undefined> {
  const { rows } = await client.query<Record<string, unknown>>({
    // By name, or planning it would cost twice what it does.
    name: "blindagem audited table",
    text: `select c.relname::text as name, (
       select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
         'base', t.typname, 'category', t.typcategory) order by a.attnum)
       from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns, (
       select json_agg(a.attname order by k.position)
       from pg_catalog.pg_constraint p
       cross join unnest(p.conkey) with ordinality as k (attnum, position)
       join pg_catalog.pg_attribute a on a.attrelid = p.conrelid and a.attnum = k.attnum
       where p.conrelid = c.oid and p.contype = 'p') as key
     from ${AUDITED} and c.relname = $2`,
    values: [UNAUDITED_TABLES, wanted],
  });
  const found = table.optional().parse(rows[0]);
  const key = (found?.key ?? []).flatMap(
    (name) => found?.columns.filter((column) => column.name === name) ?? [],
  );
  if (found === undefined || key.length === 0) return undefined;
  return {
    name: found.name,
    columns: found.columns.map(({ name, type }) => ({ name, type })),
    key: key.map(({ name, type, base }) => ({ name, type, digits: DIGITS[base] })),
    stateSource: `'{' || substr(${found.columns.map(fieldSource).join(" || ")}, 2) || '}'`,
    idSource: key.map(({ name }) => `r.${quoted(name)}::text`).join(" || '/' || "),
  };
}

const AUDITED = `pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'blindagem' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> all ($1)`;

/** As blindagem_audit.state_source writes a field when a row is inserted. */
function fieldSource({ name, base, category }: z.infer<typeof table>["columns"][number]): string {
  return `coalesce(',${literal(JSON.stringify(name))}:' || ${valueSource(`r.${quoted(name)}`, base, category)}, '')`;
}

/** As blindagem_audit.json_source: whatever the session's settings, numbers as strings. */
function valueSource(column: string, base: string, category: string): string {
  if (category === "N") return `'"' || ${column}::text || '"'`;
  if (category === "B" || base === "json" || base === "jsonb") return `${column}::text`;
  return `to_json(${column})::text`;
}

/** A column's or table's name in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Text inside of an SQL literal. */
function literal(text: string): string {
  return text.replaceAll("'", "''");
}

/**
 * The values of a key that the log has as text, in the key's order; undefined when it cannot be one of that table. A
 * slash in a key's text can only be the last column's: the others are numbers and codes.
 */
export function keyValues(
  id: string,
  key: readonly Pick<KeyColumn, "digits">[],
): string[] | undefined {
  const parts = id.split("/");
  const values = [...parts.slice(0, key.length - 1), parts.slice(key.length - 1).join("/")];
  const fits = key.every(
    ({ digits }, place) =>
      digits === undefined || new RegExp(`^-?\\d{1,${digits}}$`).test(values[place] ?? ""),
  );
  return parts.length >= key.length && fits ? values : undefined;
}
