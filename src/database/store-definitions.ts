import type pg from "pg";
import type { Attest } from "./actor.ts";
import { fingerprintOf, readDefinitions } from "./definitions.ts";
import { migrationStep } from "./migration-step.ts";

/** Held while definitions change and are stored, so that nobody compares what is half done. */
export const DEFINITIONS_LOCK = "hashtextextended('blindagem definitions', 0)";

/**
 * Writes down what the migrations left, as a row that the log records: fingerprints of all definitions, the audited
 * tables' columns, and rows that are older than the log. Only where a migration has run since, or PostgreSQL is another
 * version: what was changed by other hands must not become what is right by starting the platform again.
 *
 * @param client of the migrating role, a member of both owners: it reads every table, and the log
 * @param attest signs for the row
 */
export async function storeDefinitions(
  client: pg.ClientBase,
  prefix: string,
  attest?: Attest,
): Promise<void> {
  await migrationStep(client, attest, async () => {
    if (await isOutdated(client)) await insertDefinitions(client, prefix);
  });
}

const VERSIONS = `(select filename || ' ' || hash from graphile_migrate.migrations order by filename desc limit 1) as schema_version,
  current_setting('server_version_num')::int / 10000 as server_version`;

/** Whether the newest row is of other versions. Older schemas have no such table. */
async function isOutdated(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('blindagem.definitions') is not null as there",
  );
  if (!rows[0]?.there) return false;
  const { rowCount } = await client.query(
    `select from (select ${VERSIONS}) as now
     where (schema_version, server_version) is distinct from (
       select (schema_version, server_version) from blindagem.definitions order by id desc limit 1)`,
  );
  return rowCount === 1;
}

async function insertDefinitions(client: pg.ClientBase, prefix: string): Promise<void> {
  const columns = await auditedColumns(client);
  const unrecorded = await unrecordedRows(client, Object.keys(columns));
  const objects = await readDefinitions(client, prefix);
  await client.query(
    `insert into blindagem.definitions (schema_version, server_version, fingerprint, objects, columns, unrecorded)
     select schema_version, server_version, $1, $2, $3, $4 from (select ${VERSIONS}) as now`,
    [
      fingerprintOf(objects),
      JSON.stringify(Object.fromEntries(objects)),
      JSON.stringify(columns),
      JSON.stringify(unrecorded),
    ],
  );
}

/** The types of the columns of each table that has the audit triggers. */
async function auditedColumns(
  client: pg.ClientBase,
): Promise<Record<string, Record<string, string>>> {
  const { rows } = await client.query<{ name: string; columns: Record<string, string> }>(
    `select c.relname as name,
       jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod)) as columns
     from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'blindagem'::regnamespace and c.relkind in ('r', 'p')
       and exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'audit_insert')
     group by c.relname order by c.relname`,
  );
  return Object.fromEntries(rows.map(({ name, columns }) => [name, columns]));
}

/** The keys of the rows without any record, of the tables that no earlier row of definitions lists. */
async function unrecordedRows(
  client: pg.ClientBase,
  tables: readonly string[],
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    const known = await client.query(
      "select from blindagem.definitions where columns ? $1 limit 1",
      [table],
    );
    if (known.rowCount) continue;
    const ids = await unrecordedRowsOf(client, table);
    if (ids.length > 0) found[table] = ids;
  }
  return found;
}

async function unrecordedRowsOf(client: pg.ClientBase, table: string): Promise<string[]> {
  const keys = await client.query<{ expression: string }>(
    `select string_agg(format('r.%I::text', a.attname), ' || ''/'' || ' order by k.position) as expression
     from pg_constraint c
     cross join unnest(c.conkey) with ordinality as k (attnum, position)
     join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum
     where c.conrelid = format('blindagem.%I', $1::text)::regclass and c.contype = 'p'`,
    [table],
  );
  const { rows } = await client.query<{ id: string }>(
    `select id from (select ${keys.rows[0]?.expression} as id from blindagem.${table} r) as row
     where not exists (
       select from blindagem_audit.audit_log_immutable l where l.entity_type = $1 and l.entity_id = row.id)
     order by id`,
    [table],
  );
  return rows.map(({ id }) => id);
}
