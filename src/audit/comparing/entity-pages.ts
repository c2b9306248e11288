import type pg from "pg";
import { type AuditedTable, quoted } from "./audited-tables.ts";

/** A page of keys, as the log has them, and where the next one begins; without `next` it is the last. */
export interface Page<Place> {
  ids: string[];
  next: Place | undefined;
}

/**
 * The next rows of a table in the order of its key.
 *
 * @param after the key of the row before, as text, column by column; from the beginning without
 */
export async function tablePage(
  client: pg.ClientBase,
  { name, key, idSource }: AuditedTable,
  after: readonly string[] | undefined,
  limit: number,
): Promise<Page<string[]>> {
  const columns = key.map((column) => `r.${quoted(column.name)}`).join(", ");
  const values = key.map(({ type }, place) => `$${place + 2}::text::${type}`).join(", ");
  const { rows } = await client.query<{ id: string; place: string[] }>(
    `select ${idSource} as id, array[${key.map((column) => `r.${quoted(column.name)}::text`).join(", ")}] as place
     from blindagem.${quoted(name)} r
     ${after === undefined ? "" : `where (${columns}) > (${values})`}
     order by ${columns} limit $1`,
    [limit, ...(after ?? [])],
  );
  return pageOf(rows, limit);
}

/** The next entities of a table that the log has records of, or had, in the order of their ids as text. */
export async function logPage(
  client: pg.ClientBase,
  table: string,
  after: string | undefined,
  limit: number,
): Promise<Page<string>> {
  const { rows } = await client.query<{ id: string; place: string }>(
    `(select entity_id as id, entity_id as place
      from blindagem_audit.audit_log_immutable
      where entity_type = $1 and ($2::text is null or entity_id > $2)
      group by entity_id order by entity_id limit $3)
     union
     (select entity_id, entity_id
      from blindagem_audit.carried_states
      where entity_type = $1 and ($2::text is null or entity_id > $2)
      group by entity_id order by entity_id limit $3)
     order by id limit $3`,
    [table, after ?? null, limit],
  );
  return pageOf(rows, limit);
}

function pageOf<Place>(rows: readonly { id: string; place: Place }[], limit: number): Page<Place> {
  return {
    ids: rows.map(({ id }) => id),
    next: rows.length < limit ? undefined : rows.at(-1)?.place,
  };
}
