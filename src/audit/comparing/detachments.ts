import type pg from "pg";
import { z } from "zod";
import type { Compared } from "./divergence.ts";
import { jsonOf } from "./json-of.ts";

/** What the log says of the months that were taken out of it (blindagem.log_detachments). */
export interface Detachments {
  /** By month ("2026-01"): the hash of what was carried over from it. */
  carriedDigests: ReadonlyMap<string, string>;
  /** The records that are gone with them, each month's as an int8multirange. */
  recordIds: readonly string[];
}

const insertion = z.object({
  operation: z.literal("INSERT"),
  new_state: z.object({
    month: z.string().regex(/^\d{4}-\d{2}-01$/),
    record_ids: z.string(),
    carried_digest: z.string(),
  }),
});

/**
 * Reads it from the log, and what is no longer there from what was carried over. Only what an intent stands behind counts:
 * whoever takes a month away by hand can write such a row, too, and is out of band.
 */
export async function loadDetachments(client: pg.ClientBase): Promise<Detachments> {
  const { rows } = await client.query<{ entry: string }>(
    `select r.id, r.entry from blindagem_audit.audit_log_immutable r
     where r.entity_type = 'log_detachments' and r.action <> 'OUT_OF_BAND'
       and not exists (select from blindagem_audit.unattested_records u where u.record_id = r.id)
     union all
     select c.last_record_id, ${CARRIED_ENTRY} from blindagem_audit.carried_states c
     where c.entity_type = 'log_detachments' and c.exists_after
     order by id`,
  );
  const told = rows.flatMap(({ entry }) => {
    const read = insertion.safeParse(jsonOf(entry));
    return read.success ? [read.data.new_state] : [];
  });
  return {
    carriedDigests: new Map(told.map((each) => [each.month.slice(0, 7), each.carried_digest])),
    recordIds: told.map(({ record_ids }) => record_ids),
  };
}

/** What is carried over of a row (c) that was inserted and never changed, as its record said it. */
export const CARRIED_ENTRY = `json_build_object('operation', 'INSERT', 'new_state',
  (select json_object_agg(f.key, f.value->1) from jsonb_each(c.told) as f))::text`;

/** Compares what was carried over from the months that are gone with what the log says of it. */
export async function compareCarried(client: pg.ClientBase): Promise<Compared> {
  const { carriedDigests } = await loadDetachments(client);
  const { rows } = await client.query<{ month: string; digest: string }>(
    `select to_char(month, 'YYYY-MM') as month, blindagem_audit.carried_digest(month) as digest
     from (select distinct month from blindagem_audit.carried_states
       union select to_date(told, 'YYYY-MM') from unnest($1::text[]) as told) as months`,
    [[...carriedDigests.keys()]],
  );
  const altered = rows.filter(({ month, digest }) => carriedDigests.get(month) !== digest);
  return {
    entityType: CARRIED,
    scope: "all",
    kinds: ["RECORD_ALTERED"],
    count: rows.length,
    divergences: altered.map(({ month }) => ({
      kind: "RECORD_ALTERED",
      entityType: CARRIED,
      entityId: month,
      organizationId: undefined,
      condominiumId: undefined,
      sensitivity: "ORDINARY",
      fields: [],
    })),
  };
}

const CARRIED = "carried_states";
