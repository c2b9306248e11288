import type pg from "pg";
import type { Provider } from "./provider-slot.ts";

/** How many requests the provider's limit allows until then, beside those that have their slots; undefined: no limit. */
export async function providerCapacity(
  client: pg.ClientBase,
  provider: Provider,
  now: Date,
  until: Date,
): Promise<number | undefined> {
  const { rows } = await client.query<{ capacity: number }>(
    `select greatest(0, floor(
       extract(epoch from $3::timestamptz - greatest($2, next_slot, coalesce(paused_until, $2))) * 1000 / interval_ms))::int
       as capacity
     from blindagem_private.provider_buckets where provider = $1`,
    [provider, now, until],
  );
  return rows[0]?.capacity;
}
