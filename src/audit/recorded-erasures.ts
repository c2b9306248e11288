import type pg from "pg";
import { z } from "zod";

/** An erasure as bundles have to follow it: what it took, told by what a bundle's records say of themselves. */
export interface RecordedErasure {
  /** The ERASURE record that bundles name. */
  erasureId: string;
  /** ISO 8601 in UTC, as entries have it. */
  erasedAt: string;
  /** Records that lost their values, as "id recorded_at": after a restore ids may be given anew. */
  records: ReadonlySet<string>;
  /** Rows whose every record until then lost its values, as "entity_type entity_id"; also records that left the database. */
  rows: ReadonlySet<string>;
  /** SHA-256 of documents whose bytes went. */
  documents: readonly string[];
  /** Whose address and program stand no longer beside what they did, as "person:7". */
  actorId: string | undefined;
}

const row = z.object({
  erasureId: z.string(),
  erasedAt: z.string(),
  records: z.array(z.string()),
  rows: z.array(z.string()),
  documents: z.array(z.string()),
  actorId: z.string().nullable(),
});

/** All erasures that the database knows of, oldest first. @param client of the sealer's login */
export async function loadRecordedErasures(client: pg.ClientBase): Promise<RecordedErasure[]> {
  const { rows } = await client.query(
    `select proof.id::text as "erasureId", to_char(e.requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "erasedAt",
       e.documents, 'person:' || e.person_id as "actorId", (
         select coalesce(json_agg(r.id || ' ' || substring(r.entry from '"recorded_at":"([^"]+)"')), '[]')
         from blindagem_audit.erased_values v join blindagem_audit.audit_log_immutable r on r.id = v.record_id
         where v.erasure_id = proof.id
           and (r.id = any (e.record_ids) or r.actor_id is distinct from 'person:' || e.person_id)) as records, (
         select coalesce(json_agg(t."table" || ' ' || t.id), '[]')
         from jsonb_to_recordset(e.targets) as t ("table" text, id text, field text) where t.field is null) as rows
     from blindagem.erasures e
     cross join lateral (
       select r.id from blindagem_audit.audit_log_immutable r
       where r.entity_type = 'erasures' and r.entity_id = e.id::text and r.action = 'ERASURE'
       union all
       select c.inserted_by from blindagem_audit.carried_states c where c.entity_type = 'erasures' and c.entity_id = e.id::text
       order by id limit 1) as proof
     order by e.id`,
  );
  return z
    .array(row)
    .parse(rows)
    .map(({ records, rows: rowsOf, actorId, ...erasure }) => ({
      ...erasure,
      records: new Set(records),
      rows: new Set(rowsOf),
      actorId: actorId ?? undefined,
    }));
}
