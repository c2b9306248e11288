import { createHash } from "node:crypto";
import type pg from "pg";
import { z } from "zod";

/**
 * A sync makes several requests of Pluggy: PLUGGY gives the jobs their turns, PLUGGY_REQUESTS lets the requests go (see
 * request-pace.ts).
 */
export type Provider = "CNPJWS" | "PLUGGY" | "PLUGGY_REQUESTS";

/** Whose limit it is: providers count by credential. */
export interface Bucket {
  provider: Provider;
  /** A fingerprint of the token or client id, or "public": to tell them apart, not to use. */
  credential: string;
}

/** How many requests a provider allows. */
export interface ProviderLimit extends Bucket {
  perMinute: number;
  /** How many may come at once after a pause. */
  burst: number;
  /** How many a calendar day in Brasília; undefined: as many as the rate allows. */
  perDay?: number | undefined;
}

/** Why a request waits: the rate, the day's quota, or a provider that does not answer. */
export type WaitCause = "LIMIT" | "QUOTA" | "DOWN";

export interface Slot {
  at: Date;
  /** Null: it may go now. */
  cause: WaitCause | null;
}

/** The bucket of the credential; without one that of the public service. */
export function bucketOf(provider: Provider, credential: string | undefined): Bucket {
  return {
    provider,
    credential: credential
      ? createHash("sha256").update(credential).digest("hex").slice(0, 12)
      : "public",
  };
}

/** Stores a provider's limit; a change takes effect with the next slot. */
export async function setProviderLimit(client: pg.ClientBase, limit: ProviderLimit): Promise<void> {
  await client.query(
    `insert into blindagem_private.provider_buckets as b (provider, credential, interval_ms, burst, daily_quota)
     values ($1, $2, $3, $4, $5)
     on conflict (provider, credential) do update
     set interval_ms = excluded.interval_ms, burst = excluded.burst, daily_quota = excluded.daily_quota
     where (b.interval_ms, b.burst, b.daily_quota) is distinct from (excluded.interval_ms, excluded.burst, excluded.daily_quota)`,
    [limit.provider, limit.credential, 60_000 / limit.perMinute, limit.burst, limit.perDay ?? null],
  );
}

/**
 * Before a larger quota a day, or none, is stored: when the smaller one was spent, slots were taken of the next day already, and
 * without this nobody would ask before midnight though there is room again. What was spent of today stays spent.
 */
export async function reopenDay(
  client: pg.ClientBase,
  { provider, credential, perDay }: ProviderLimit,
  now: Date,
): Promise<void> {
  await client.query(
    `update blindagem_private.provider_buckets
     set quota_day = blindagem_private.brasilia_day($4), quota_used = daily_quota,
       next_slot = least(next_slot, $4::timestamptz + burst * interval_ms * interval '1 millisecond')
     where provider = $1 and credential = $2 and quota_day > blindagem_private.brasilia_day($4)
       and daily_quota < coalesce($3, daily_quota + 1)`,
    [provider, credential, perDay ?? null, now],
  );
}

const taken = z.object({ slot: z.date(), cause: z.enum(["LIMIT", "QUOTA", "DOWN"]).nullable() });

/**
 * When a request may go that belongs to no line (provider-turn.ts), for all workers together: now, or at a later slot of
 * its own, with which it comes again as `reserved`. The slot counts for nothing while the provider is paused, and when
 * it was missed by more than two seconds: then there is a new one.
 */
export async function takeSlot(
  client: pg.ClientBase,
  { provider, credential }: Bucket,
  now: Date,
  reserved?: Date,
): Promise<Slot> {
  const { rows } = await client.query(
    "select slot, cause from blindagem_private.take_provider_slot($1, $2, $3, $4)",
    [provider, credential, now, reserved ?? null],
  );
  const { slot, cause } = taken.parse(rows[0]);
  return { at: slot, cause };
}

/**
 * Whether a slot that was reserved far ahead is there now: so workers did until version 76, and go on to between the migration
 * and their restart. It is counted, and nobody else's: unused, the provider would be asked nothing until the last of them.
 */
export async function isReservedNow(
  client: pg.ClientBase,
  { provider, credential }: Bucket,
  now: Date,
  slot: Date,
): Promise<boolean> {
  const { rows } = await client.query<{ is_now: boolean }>(
    `select b.open_until is null and blindagem_private.is_on_time(b, $3, $4) as is_now
     from blindagem_private.provider_buckets b where provider = $1 and credential = $2`,
    [provider, credential, now, slot],
  );
  return rows[0]?.is_now === true;
}

/** Lets nobody ask the provider before that instant: it has answered 429. */
export async function pauseProvider(
  client: pg.ClientBase,
  { provider, credential }: Bucket,
  until: Date,
): Promise<void> {
  await client.query(
    `update blindagem_private.provider_buckets set paused_until = greatest(coalesce(paused_until, $3), $3)
     where provider = $1 and credential = $2`,
    [provider, credential, until],
  );
}

/** Until when the provider is paused; undefined: it is not. */
export async function pausedUntil(
  client: pg.ClientBase,
  { provider, credential }: Bucket,
  now: Date,
): Promise<Date | undefined> {
  const { rows } = await client.query<{ until: Date }>(
    `select paused_until as until from blindagem_private.provider_buckets
     where provider = $1 and credential = $2 and paused_until > $3`,
    [provider, credential, now],
  );
  return rows[0]?.until;
}

/**
 * Tells the circuit breaker (Nygard, Release It!, 2007) whether the provider answered. After five failures in a row
 * nobody asks for a minute, then one tries for all; while that fails the pause doubles, up to an hour.
 */
export async function noteAnswer(
  client: pg.ClientBase,
  { provider, credential }: Bucket,
  now: Date,
  answered: boolean,
): Promise<void> {
  await client.query("select blindagem_private.note_provider_answer($1, $2, $3, $4)", [
    provider,
    credential,
    now,
    answered,
  ]);
}
