import type pg from "pg";
import type { Bucket } from "./provider-slot.ts";

/** Slots are given two seconds ahead: so often that none is given late. */
const EVERY_MS = 1_000;

export interface ProviderTurns {
  /** The flags of jobs at slots of credentials that the process has not: it fetches none of them (flag_slot). */
  foreignFlags(): string[];
  /** Gives no more slots, and comes back when those are written that were being given. */
  stop(): Promise<void>;
}

/**
 * Gives the providers' slots to the jobs whose turn it is, once a second. Every worker does it, and whoever comes while
 * another does passes by: so it goes on as long as one lives.
 *
 * @param own the credentials that the process has
 * @param onError what to do when it fails; it is tried again a second later
 */
export function followProviderTurns(
  pool: Pick<pg.Pool, "query">,
  own: readonly Bucket[],
  clock: () => Date,
  onError: (error: unknown) => void,
): ProviderTurns {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let giving: Promise<void> = Promise.resolve();
  let foreign: string[] = [];

  const give = () => {
    giving = giveSlots(pool, clock())
      .then(async () => {
        foreign = await foreignFlags(pool, own);
      })
      .catch(onError)
      .then(() => {
        if (!stopped) timer = setTimeout(give, EVERY_MS).unref();
      });
  };
  give();
  return {
    foreignFlags: () => foreign,
    stop() {
      stopped = true;
      clearTimeout(timer);
      return giving;
    },
  };
}

/** Gives the slots of the two seconds from then on, of all providers. */
export async function giveSlots(pool: Pick<pg.Pool, "query">, now: Date): Promise<void> {
  await pool.query("select blindagem_private.give_provider_slots($1)", [now]);
}

async function foreignFlags(
  pool: Pick<pg.Pool, "query">,
  own: readonly Bucket[],
): Promise<string[]> {
  const { rows } = await pool.query<{ flag: string }>(
    `select provider || '/' || credential as flag from blindagem_private.provider_buckets
     where provider || '/' || credential <> all ($1)`,
    [own.map(({ provider, credential }) => `${provider}/${credential}`)],
  );
  return rows.map(({ flag }) => flag);
}
