import type pg from "pg";
import type { Bucket } from "./provider-slot.ts";

/**
 * How many requests the provider's limit allows until then, which is the end of the day of `now` in Brasília at most,
 * beside those that have their slots or wait for one; undefined: no limit.
 */
export async function providerCapacity(
  client: pg.ClientBase,
  { provider, credential }: Bucket,
  now: Date,
  until: Date,
): Promise<number | undefined> {
  const { rows } = await client.query<{ capacity: number }>(
    `select greatest(0, least(
       floor(extract(epoch from $4::timestamptz - greatest($3, next_slot, paused_until, open_until)) * 1000 / interval_ms),
       daily_quota - case
         when quota_day > blindagem_private.brasilia_day($3) then daily_quota
         when quota_day = blindagem_private.brasilia_day($3) then quota_used else 0 end)
       - (select coalesce(sum(l.waiting), 0) from blindagem_private.provider_lines l
          where l.provider = b.provider and l.credential = b.credential))::int as capacity
     from blindagem_private.provider_buckets b where provider = $1 and credential = $2`,
    [provider, credential, now, until],
  );
  return rows[0]?.capacity;
}
