import { z } from "zod";
import type { PersonalValues } from "./commitment.ts";

/** What stands beside a record: the values of its commitments, and that some were erased. */
export interface Beside {
  personal?: PersonalValues | undefined;
  erased?: { erasedAt: string; erasureId: string } | undefined;
}

/**
 * A select of records and what stands beside each, as JSON (`beside`); null where an entry commits to nothing. Row-level
 * security decides who has the records, and the database asks for them before it tells the values
 * (blindagem_audit.personal_of), for all of them at once.
 *
 * @param records a select that has at least id, recorded_at and entry
 */
export function withBeside(records: string): string {
  return `with record as materialized (${records}), beside as materialized (
      select p.* from (
        select array_agg(r.id) as ids, array_agg(r.recorded_at) as recorded_ats, array_agg(r.entry) as entries
        from record r where strpos(r.entry, '{"commitment":"') > 0) as asked
      cross join lateral blindagem_audit.personal_of(asked.ids, asked.recorded_ats, asked.entries) p
      where asked.ids is not null
    )
    select r.*, case when p.record_id is not null then json_build_object(
      'salt', encode(p.salt, 'base64'), 'contextSalt', encode(p.context_salt, 'base64'),
      'values', (
        select coalesce(json_object_agg(v.key, v.value::text), '{}')
        from (select * from json_each(p.personal::json) union all select * from json_each(p.context::json)) as v),
      'erasedAt', p.erased_at at time zone 'UTC', 'erasureId', p.erasure_id::text) end as beside
    from record r left join beside p on p.record_id = r.id
    order by r.id`;
}

/** Of `withBeside`. */
export const besideSchema = z
  .object({
    salt: z.string().nullable(),
    contextSalt: z.string().nullable(),
    values: z.record(z.string(), z.string()),
    erasedAt: z.string().nullable(),
    erasureId: z.string().nullable(),
  })
  .transform(({ salt, contextSalt, values, erasedAt, erasureId }): Beside => {
    const anySalt = salt ?? contextSalt;
    return {
      ...(anySalt && {
        personal: {
          salt: anySalt,
          ...(contextSalt && contextSalt !== anySalt && { contextSalt }),
          values,
        },
      }),
      ...(erasedAt && erasureId && { erased: { erasedAt: `${erasedAt}Z`, erasureId } }),
    };
  });
