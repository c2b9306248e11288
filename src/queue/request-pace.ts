import type pg from "pg";
import { type Bucket, pausedUntil, type Slot, takeSlot } from "./provider-slot.ts";

/**
 * A slot further ahead is not waited for: the job is put off. At a request a minute, the slowest rate that is allowed, the
 * next one is 63 s away, and who was put off for that would never come to the end.
 */
const LONGEST_WAIT_MS = 120_000;

export interface PaceOptions {
  /** The bucket of the jobs' turns: see provider-turn.ts. It holds the provider's pause. */
  turns: Bucket;
  /** The bucket of the requests themselves, which holds back each until it may go. */
  requests: Bucket;
  /** How many requests the job's turn has taken slots for. */
  paid: number;
  clock: () => Date;
  waitUntil(at: Date, signal: AbortSignal): Promise<void>;
  signal: AbortSignal;
  transaction<T>(use: (client: pg.ClientBase) => Promise<T>): Promise<T>;
}

export interface RequestPace {
  /**
   * Comes back when the next request may go.
   *
   * @throws NoRequestNow when the job is to be put off
   */
  beforeRequest(): Promise<void>;
  /** How many requests it has let go. */
  sent(): number;
}

/** Nothing may be asked for a while: the provider is paused, or the day's quota is spent. */
export class NoRequestNow extends Error {
  readonly until: Date;
  constructor(until: Date) {
    super(`No request may go before ${until.toISOString()}.`);
    this.name = "NoRequestNow";
    this.until = until;
  }
}

/**
 * Lets the requests of a job go one by one, each at a slot of its own. Unlike the jobs' turns these slots are not given
 * away far ahead: only jobs that run take them, one each. So the job waits for them where it is, 175 ms at 342 requests a
 * minute, and that much longer for each job that runs beside it. (Put off to a slot behind all the jobs that wait, it
 * would make one request a turn and begin again.)
 */
export function paceRequests(options: PaceOptions): RequestPace {
  const { turns, requests, clock } = options;
  let sent = 0;

  /** What the turn has not paid for counts all the same: the jobs whose turns come wait for it. */
  const payForMore = async (client: pg.ClientBase) => {
    if (sent >= options.paid) await takeSlot(client, turns, clock());
  };

  /** Nothing is taken where it throws: the transaction is rolled back. */
  const take = async (client: pg.ClientBase, reserved: Date | undefined): Promise<Slot> => {
    const now = clock();
    const opensAt = await pausedUntil(client, turns, now);
    if (opensAt) throw new NoRequestNow(opensAt);
    const slot = await takeSlot(client, requests, now, reserved);
    const isFar = slot.at.getTime() - now.getTime() > LONGEST_WAIT_MS;
    if (slot.cause === "QUOTA" || isFar) throw new NoRequestNow(slot.at);
    if (slot.cause === null) await payForMore(client);
    return slot;
  };

  return {
    sent: () => sent,
    async beforeRequest() {
      let reserved: Date | undefined;
      for (;;) {
        const slot = await options.transaction((client) => take(client, reserved));
        if (slot.cause === null) break;
        reserved = slot.at;
        await options.waitUntil(slot.at, options.signal);
      }
      sent += 1;
    },
  };
}
