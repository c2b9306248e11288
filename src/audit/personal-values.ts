import { z } from "zod";
import type { PersonalValues } from "./commitment.ts";

/** What stands beside a record: the values of its commitments, and that some were erased. */
export interface Beside {
  personal?: PersonalValues | undefined;
  erased?: { erasedAt: string; erasureId: string } | undefined;
}

/**
 * An SQL expression for what stands beside a record r, as JSON; null where its entry commits to nothing. Row-level security
 * decides who has the record, and the database asks for it before it tells the values (blindagem_audit.personal_of).
 */
export function besideSource(record: string): string {
  return `case when ${record}.entry like '%{"commitment":"%' then (
    select json_build_object(
      'salt', encode(p.salt, 'base64'), 'contextSalt', encode(p.context_salt, 'base64'),
      'values', (
        select coalesce(json_object_agg(v.key, v.value::text), '{}')
        from (select * from json_each(p.personal::json) union all select * from json_each(p.context::json)) as v),
      'erasedAt', p.erased_at at time zone 'UTC', 'erasureId', p.erasure_id::text)
    from blindagem_audit.personal_of(${record}.id, ${record}.recorded_at, ${record}.entry) p) end`;
}

/** Of `besideSource`. */
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
