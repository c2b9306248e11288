import type pg from "pg";
import { z } from "zod";
import type { DefinitionHashes } from "../../database/definitions.ts";
import type { AuditedTable } from "./audited-tables.ts";
import { CARRIED_ENTRY } from "./detachments.ts";
import type { ColumnAge } from "./entity-state.ts";
import { jsonOf } from "./json-of.ts";

/** What the migrations wrote down in the log (blindagem.definitions), oldest first. */
export interface Baseline {
  versions: { record: bigint; version: string }[];
  /** Of the newest. */
  objects: DefinitionHashes | undefined;
  /** Since which record a table has a column, and of which type, by "table.column", oldest first. */
  columns: ReadonlyMap<string, readonly { record: bigint; type: string | undefined }[]>;
  /** "table id" of rows that were there before the log. */
  older: ReadonlySet<string>;
}

const state = z.object({
  schema_version: z.string(),
  server_version: z.string(),
  objects: z.record(z.string(), z.string()),
  columns: z.record(z.string(), z.record(z.string(), z.string())),
  unrecorded: z.record(z.string(), z.array(z.string())),
});

/** What one migration wrote down; nothing for a record of anything else, or one that cannot be read any more. */
function toldBy({ id, entry }: { id: string; entry: string }) {
  const read = z
    .object({ operation: z.literal("INSERT"), new_state: state })
    .safeParse(jsonOf(entry));
  return read.success ? [{ ...read.data.new_state, id: BigInt(id) }] : [];
}

/** Reads it from the log: the table itself can be rewritten without a trace, the log cannot. */
export async function loadBaseline(client: pg.ClientBase): Promise<Baseline> {
  const { rows } = await client.query<{ id: string; entry: string }>(
    `select r.id, r.entry from blindagem_audit.audit_log_immutable r where r.entity_type = 'definitions'
     union all
     select c.last_record_id, ${CARRIED_ENTRY} from blindagem_audit.carried_states c
     where c.entity_type = 'definitions' and c.exists_after
     order by id`,
  );
  const told = rows.flatMap(toldBy);
  const columns = new Map<string, { record: bigint; type: string | undefined }[]>();
  for (const { id, columns: tables } of told) {
    for (const [table, types] of Object.entries(tables)) {
      for (const [column, type] of Object.entries(types)) {
        const name = `${table}.${column}`;
        const ages = columns.get(name) ?? [];
        if (ages.at(-1)?.type !== type) ages.push({ record: id, type });
        columns.set(name, ages);
      }
    }
    // What is gone and comes back later is another column.
    for (const [name, ages] of columns) {
      const [table = "", column = ""] = name.split(".");
      if (tables[table]?.[column] === undefined && ages.at(-1)?.type !== undefined) {
        ages.push({ record: id, type: undefined });
      }
    }
  }
  const newest = told.at(-1);
  return {
    versions: told.map(({ id, schema_version, server_version }) => ({
      record: id,
      version: `${schema_version}, PostgreSQL ${server_version}`,
    })),
    objects: newest && new Map(Object.entries(newest.objects)),
    columns,
    older: new Set(
      told.flatMap(({ unrecorded }) =>
        Object.entries(unrecorded).flatMap(([table, ids]) => ids.map((id) => `${table} ${id}`)),
      ),
    ),
  };
}

/** How old the columns are that a table has now; one whose type no migration left is not listed. */
export function columnAges(
  { columns }: Pick<Baseline, "columns">,
  table: Pick<AuditedTable, "name" | "columns">,
): Map<string, ColumnAge> {
  return new Map(
    table.columns.flatMap(({ name, type }): [string, ColumnAge][] => {
      const ages = columns.get(`${table.name}.${name}`) ?? [];
      const newest = ages.at(-1);
      // Added by a migration that is not finished: nothing is known of it before.
      if (newest === undefined) return [[name, { thereSince: undefined, typedSince: 0n }]];
      if (newest.type !== type) return [];
      return [
        [name, { thereSince: newest.record, typedSince: ages.length > 1 ? newest.record : 0n }],
      ];
    }),
  );
}
