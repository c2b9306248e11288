import type pg from "pg";

export type Provider = "CNPJWS" | "PLUGGY";

/** How many requests a provider allows. */
export interface ProviderLimit {
  provider: Provider;
  perMinute: number;
  /** How many may come at once after a pause. */
  burst: number;
}

/** Stores a provider's limit; a change takes effect with the next slot. */
export async function setProviderLimit(client: pg.ClientBase, limit: ProviderLimit): Promise<void> {
  await client.query(
    `insert into blindagem_private.provider_buckets as b (provider, interval_ms, burst)
     values ($1, $2, $3)
     on conflict (provider) do update set interval_ms = excluded.interval_ms, burst = excluded.burst
     where (b.interval_ms, b.burst) is distinct from (excluded.interval_ms, excluded.burst)`,
    [limit.provider, 60_000 / limit.perMinute, limit.burst],
  );
}

/**
 * Takes the provider's next slot, for all workers together, and tells when it is: not after `now` means go. A later
 * slot stays the caller's: its job is put off until then and need not ask again, so that it runs at most twice.
 */
export async function reserveSlot(
  client: pg.ClientBase,
  provider: Provider,
  now: Date,
): Promise<Date> {
  const { rows } = await client.query<{ slot: Date | null }>(
    "select blindagem_private.reserve_provider_slot($1, $2) as slot",
    [provider, now],
  );
  return rows[0]?.slot ?? now;
}

/**
 * When a job may go on: now if it has waited for its slot already, else at the provider's next one. While the provider
 * is paused (it has answered 429 meanwhile) a slot from before counts for nothing.
 */
export async function takeSlot(
  client: pg.ClientBase,
  provider: Provider,
  now: Date,
  reserved: boolean,
): Promise<Date> {
  if (!reserved) return reserveSlot(client, provider, now);
  const { rowCount } = await client.query(
    "select from blindagem_private.provider_buckets where provider = $1 and paused_until > $2",
    [provider, now],
  );
  return rowCount ? reserveSlot(client, provider, now) : now;
}

/** Lets nobody ask the provider before that instant: it has answered 429. */
export async function pauseProvider(
  client: pg.ClientBase,
  provider: Provider,
  until: Date,
): Promise<void> {
  await client.query(
    `update blindagem_private.provider_buckets set paused_until = greatest(coalesce(paused_until, $2), $2)
     where provider = $1`,
    [provider, until],
  );
}
