import type pg from "pg";
import { type AuditedTable, quoted } from "./audited-tables.ts";
import { openEntities } from "./divergence-store.ts";

/** How far a walk over the entities of a table has come: on which side, and after which entity there. */
export interface Place {
  side: number;
  after: readonly string[] | undefined;
}

export const BEGINNING: Place = { side: 0, after: undefined };

/** A page of keys, as the log has them, and where the next one begins; without `next` it is the last. */
interface Page {
  ids: string[];
  next: string[] | undefined;
}

/** Where a table's entities are looked for: in its rows, in the log, and in what was found, to be resolved once it is on neither side. */
const SIDES = [tablePage, logPage, openPage];

/**
 * The next entities of a table, each once, and where to go on; without `next` they were the last.
 *
 * Where one side ends, the next one begins at once: most tables are so small that a snapshot of its own for each side
 * would cost more than what is compared in it.
 *
 * @param limit of each side
 */
export async function nextEntities(
  client: pg.ClientBase,
  table: AuditedTable,
  from: Place,
  limit: number,
): Promise<{ ids: string[]; next: Place | undefined }> {
  const found = new Set<string>();
  let { after } = from;
  for (const [side, pageOf] of SIDES.entries()) {
    if (side < from.side) continue;
    const { ids, next } = await pageOf(client, table, after, limit);
    for (const id of ids) found.add(id);
    if (next) return { ids: [...found], next: { side, after: next } };
    after = undefined;
  }
  return { ids: [...found], next: undefined };
}

/**
 * The next rows of a table in the order of its key.
 *
 * @param after the key of the row before, as text, column by column; from the beginning without
 */
async function tablePage(
  client: pg.ClientBase,
  { name, key, idSource }: AuditedTable,
  after: readonly string[] | undefined,
  limit: number,
): Promise<Page> {
  const columns = key.map((column) => `r.${quoted(column.name)}`).join(", ");
  const values = key.map(({ type }, place) => `$${place + 2}::text::${type}`).join(", ");
  const { rows } = await client.query<{ id: string; place: string[] }>(
    `select ${idSource} as id, array[${key.map((column) => `r.${quoted(column.name)}::text`).join(", ")}] as place
     from blindagem.${quoted(name)} r
     ${after === undefined ? "" : `where (${columns}) > (${values})`}
     order by ${columns} limit $1`,
    [limit, ...(after ?? [])],
  );
  return page(rows, limit);
}

/** The next entities of a table that the log has records of, or had, in the order of their ids as text. */
async function logPage(
  client: pg.ClientBase,
  { name }: AuditedTable,
  after: readonly string[] | undefined,
  limit: number,
): Promise<Page> {
  const { rows } = await client.query<{ id: string }>(
    `(select entity_id as id
      from blindagem_audit.audit_log_immutable
      where entity_type = $1 and ($2::text is null or entity_id > $2)
      group by entity_id order by entity_id limit $3)
     union
     (select entity_id
      from blindagem_audit.carried_states
      where entity_type = $1 and ($2::text is null or entity_id > $2)
      group by entity_id order by entity_id limit $3)
     order by id limit $3`,
    [name, after?.[0] ?? null, limit],
  );
  return page(
    rows.map(({ id }) => ({ id, place: [id] })),
    limit,
  );
}

/** The next entities of a table with open divergences. */
async function openPage(
  client: pg.ClientBase,
  { name }: AuditedTable,
  after: readonly string[] | undefined,
  limit: number,
): Promise<Page> {
  const ids = await openEntities(client, name, after?.[0] ?? "", limit);
  return page(
    ids.map((id) => ({ id, place: [id] })),
    limit,
  );
}

function page(rows: readonly { id: string; place: string[] }[], limit: number): Page {
  return {
    ids: rows.map(({ id }) => id),
    next: rows.length < limit ? undefined : rows.at(-1)?.place,
  };
}
