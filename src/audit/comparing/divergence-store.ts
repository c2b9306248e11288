import type pg from "pg";
import { z } from "zod";
import type { Compared, Divergence } from "./divergence.ts";

/**
 * Keeps what a step of the comparison found: opens what is new, notes that what was known is still there, and resolves
 * what was found there earlier and no longer is.
 *
 * @returns the divergences that are new
 */
export async function storeDivergences(
  client: pg.ClientBase,
  { divergences, entityType, kinds, scope }: Compared,
): Promise<Divergence[]> {
  const { rows } = await client.query<{ kind: string; entity_id: string }>(
    `with found as (
       select * from jsonb_to_recordset($1) as f (
         kind text, "entityType" text, "entityId" text, "organizationId" bigint, "condominiumId" bigint, sensitivity text, fields text[])
     ), resolved as (
       update blindagem_audit.divergences d set resolved_at = clock_timestamp()
       where d.resolved_at is null and d.entity_type = $2 and d.kind = any ($3)
         and case when $4::text[] is not null then d.entity_id = any ($4)
           when $5::bigint is not null then case when d.entity_id ~ '^[0-9]{1,18}$' then d.entity_id::bigint between $5 and $6 end
           else true end
         and not exists (select from found f where f.kind = d.kind and f."entityId" = d.entity_id)
     )
     insert into blindagem_audit.divergences as known (
       kind, entity_type, entity_id, organization_id, condominium_id, sensitivity, fields)
     select kind, "entityType", "entityId", "organizationId", "condominiumId", sensitivity, fields from found
     on conflict (kind, entity_type, entity_id) where resolved_at is null do update
     set last_seen_at = clock_timestamp(),
       fields = known.fields || array(select unnest(excluded.fields) except select unnest(known.fields) order by 1)
     returning kind, entity_id, (xmax = 0) as is_new`,
    [
      JSON.stringify(divergences),
      entityType,
      kinds,
      scope !== "all" && "ids" in scope ? scope.ids : null,
      scope !== "all" && "from" in scope ? scope.from.toString() : null,
      scope !== "all" && "to" in scope ? scope.to.toString() : null,
    ],
  );
  const fresh = new Set(
    z
      .array(z.object({ kind: z.string(), entity_id: z.string(), is_new: z.boolean() }))
      .parse(rows)
      .flatMap((row) => (row.is_new ? [`${row.kind} ${row.entity_id}`] : [])),
  );
  return divergences.filter(({ kind, entityId }) => fresh.has(`${kind} ${entityId}`));
}

/** How many divergences are open, by kind. */
export async function countOpen(client: pg.ClientBase): Promise<Map<string, number>> {
  const { rows } = await client.query<{ kind: string; count: number }>(
    "select kind, count(*)::int as count from blindagem_audit.divergences where resolved_at is null group by kind",
  );
  return new Map(rows.map(({ kind, count }) => [kind, count]));
}

/** The next rows of that table with open divergences: what is in neither the table nor the log is found on no other way. */
export async function openEntities(
  client: pg.ClientBase,
  table: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select distinct entity_id as id from blindagem_audit.divergences
     where resolved_at is null and entity_type = $1 and entity_id > $2 order by entity_id limit $3`,
    [table, after, limit],
  );
  return rows.map(({ id }) => id);
}
