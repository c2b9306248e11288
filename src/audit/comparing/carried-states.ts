import type pg from "pg";
import { z } from "zod";
import type { LoggedChange } from "./entity-state.ts";

const carried = z.object({
  entity_id: z.string(),
  last_record_id: z.coerce.bigint(),
  is_anew: z.boolean(),
  inserted_by: z.coerce.bigint().nullable(),
  told: z.record(z.string(), z.tuple([z.coerce.bigint(), z.unknown()])),
});

/**
 * What records that are kept elsewhere told of these entities, and of a truncation of their table (by its name): the
 * changes that give the same row as all of them did.
 */
export async function loadCarried(
  client: pg.ClientBase,
  table: string,
  ids: readonly string[],
): Promise<Map<string, LoggedChange[]>> {
  const { rows } = await client.query<Record<string, unknown>>(
    `select entity_id, last_record_id::text, is_anew, inserted_by::text, told
     from blindagem_audit.carried_states
     where entity_type = $1 and entity_id = any ($2) order by month`,
    [table, [table, ...ids]],
  );
  const entities = Map.groupBy(z.array(carried).parse(rows), (row) => row.entity_id);
  return new Map([...entities].map(([id, months]) => [id, months.flatMap(changesOf)]));
}

function changesOf(row: z.infer<typeof carried>): LoggedChange[] {
  const told = Object.entries(row.told).map(
    ([field, [id, value]]): LoggedChange => ({
      id,
      operation: "UPDATE",
      newState: { [field]: value },
    }),
  );
  if (!row.is_anew) return told;
  const beginning: LoggedChange =
    row.inserted_by === null
      ? { id: row.last_record_id, operation: "DELETE" }
      : { id: row.inserted_by, operation: "INSERT" };
  return [beginning, ...told];
}
