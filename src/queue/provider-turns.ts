import type pg from "pg";

/** Slots are given two seconds ahead: so often that none is given late. */
const EVERY_MS = 1_000;

export interface ProviderTurns {
  /** Gives no more slots, and comes back when those are written that were being given. */
  stop(): Promise<void>;
}

/**
 * Gives the providers' slots to the jobs whose turn it is, once a second. Every worker does it, and whoever comes while
 * another does passes by: so it goes on as long as one lives.
 *
 * @param onError what to do when it fails; it is tried again a second later
 */
export function followProviderTurns(
  pool: Pick<pg.Pool, "query">,
  clock: () => Date,
  onError: (error: unknown) => void,
): ProviderTurns {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let giving: Promise<void> = Promise.resolve();

  const give = () => {
    giving = giveSlots(pool, clock())
      .catch(onError)
      .then(() => {
        if (!stopped) timer = setTimeout(give, EVERY_MS).unref();
      });
  };
  give();
  return {
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
