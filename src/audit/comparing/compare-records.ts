import type pg from "pg";
import { z } from "zod";
import { loadDetachments } from "./detachments.ts";
import { type Compared, type Divergence, type DivergenceKind, RECORDS } from "./divergence.ts";

const RECORD_KINDS = ["RECORD_ALTERED", "RECORD_MISSING", "RECORD_UNSEALED"] as const;

/** The greatest id of a record, be it in the log or only sealed; 0 when there is none. */
export async function greatestRecordId(client: pg.ClientBase): Promise<bigint> {
  const { rows } = await client.query<Record<string, unknown>>(
    `select greatest(
       (select max(id) from blindagem_audit.audit_log_immutable),
       (select max(last_record_id) from blindagem_audit.sealed_runs), 0)::text as id`,
  );
  return z.coerce.bigint().parse(rows[0]?.id);
}

const found = z.object({
  id: z.string(),
  kind: z.enum(RECORD_KINDS).nullable(),
  fields: z.array(z.string()),
  organization_id: z.string().nullable(),
  condominium_id: z.string().nullable(),
  sensitivity: z.string().nullable(),
});

/**
 * Compares the records of a range of ids with what was sealed of them: each entry's leaf hash (RFC 6962: SHA-256 of 0x00
 * and the entry) with the sealed one, and the columns by which records are found with what the entry says. What is in
 * the log is sealed or waits for it; what is sealed is in the log, or was in a month of which the log says that it is kept
 * elsewhere.
 *
 * @param client in a transaction with one snapshot: a record leaves what waits in the very moment in which it is sealed
 * @param from inclusive
 * @param to inclusive
 */
export async function compareRecords(
  client: pg.ClientBase,
  from: bigint,
  to: bigint,
): Promise<Compared> {
  const { recordIds } = await loadDetachments(client);
  const { rows } = await client.query<Record<string, unknown>>(COMPARE_RECORDS, [
    from.toString(),
    to.toString(),
    recordIds,
  ]);
  const { count, divergences } = z
    .object({ count: z.coerce.number(), divergences: z.array(found) })
    .parse(rows[0]);
  return {
    entityType: RECORDS,
    scope: { from, to },
    kinds: RECORD_KINDS,
    count,
    divergences: divergences.flatMap((row) => (row.kind ? [divergenceOf(row, row.kind)] : [])),
  };
}

function divergenceOf(row: z.infer<typeof found>, kind: DivergenceKind): Divergence {
  return {
    kind,
    entityType: RECORDS,
    entityId: row.id,
    fields: row.fields,
    organizationId: row.organization_id ?? undefined,
    condominiumId: row.condominium_id ?? undefined,
    // Of a record that is gone nobody knows.
    sensitivity: row.sensitivity ?? "SALARY",
  };
}

/** The columns that repeat what the entry says; an intent's entry says less, and nobody searches among the intents. */
const REPEATED = [
  "organization_id",
  "condominium_id",
  "sensitivity",
  "entity_type",
  "entity_id",
  "action",
  "actor_id",
];

const COMPARE_RECORDS = `with detached as materialized (
    select coalesce(range_agg(ids), '{}') * int8multirange(int8range($1, $2, '[]')) as ids
    from unnest($3::text[]::int8multirange[]) as month (ids)
  ), logged as materialized (
    select id, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry
    from blindagem_audit.audit_log_immutable where id between $1 and $2
  ), sealed as (
    select s.id, substr(run.leaf_hashes, 32 * (s.place - 1)::int + 1, 32) as hash
    from blindagem_audit.sealed_runs run
    cross join lateral unnest(run.record_ids) with ordinality as s (id, place)
    where int8range(run.first_record_id, run.last_record_id, '[]') && int8range($1, $2, '[]')
      and s.id between $1 and $2
  ), waiting as (
    select w.id from blindagem_audit.pending_records p
    cross join lateral unnest(p.record_ids) as w (id)
    where p.first_record_id <= $2 and w.id between $1 and $2
  ), compared as (
    select coalesce(l.id, s.id) as id, l.organization_id, l.condominium_id, l.sensitivity,
      case
        when l.id is null then case when not s.id <@ (select ids from detached) then 'RECORD_MISSING' end
        when s.id is null then case when w.id is null then 'RECORD_UNSEALED' end
        when s.hash is distinct from sha256('\\x00'::bytea || convert_to(l.entry, 'UTF8')) then 'RECORD_ALTERED'
        when differing.fields <> '{}' then 'RECORD_ALTERED'
      end as kind,
      coalesce(differing.fields, '{}') as fields
    from logged l
    full join sealed s on s.id = l.id
    left join waiting w on w.id = l.id
    left join lateral (
      select array_remove(array[
        case when e.entry->>'id' is distinct from l.id::text then 'id' end,
        case when (l.entity_type = 'intents') is distinct from (e.entry->>'format' = 'blindagem-intent-1') then 'entity_type' end,
        ${REPEATED.map((column) => `case when l.entity_type <> 'intents' and e.entry->>'${column}' is distinct from l.${column}::text then '${column}' end`).join(",\n        ")}
      ], null) as fields
      -- What was sealed is what a trigger wrote. Anything else need not be JSON.
      from (select case when s.hash = sha256('\\x00'::bytea || convert_to(l.entry, 'UTF8')) then l.entry::json end as entry offset 0) as e
      where e.entry is not null
    ) as differing on true
  )
  select (select count(*) from compared)::text as count, coalesce((
    select json_agg(json_build_object('id', id::text, 'kind', kind, 'fields', fields, 'organization_id', organization_id::text,
      'condominium_id', condominium_id::text, 'sensitivity', sensitivity) order by id)
    from compared where kind is not null), '[]') as divergences`;
