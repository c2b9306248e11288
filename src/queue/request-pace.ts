import type pg from "pg";
import { type Bucket, pausedUntil, type Slot, takeSlot } from "./provider-slot.ts";

/**
 * A job does not begin whose first slot is further ahead: so many run already that the rate carries no more. Those that have
 * begun wait for however long, or they would begin again and again: when they were put off for it, and the provider paused for
 * all of them, ten syncs of fourteen requests at three a minute came to no end in twelve hours.
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

/** The job is to be put off: the provider is paused, the day's quota is spent, or as many run as the rate carries. */
export class NoRequestNow extends Error {
  readonly until: Date;
  /** Whether nobody may ask before then. */
  readonly isForAll: boolean;
  constructor(until: Date, isForAll: boolean) {
    super(`No request may go before ${until.toISOString()}.`);
    this.name = "NoRequestNow";
    this.until = until;
    this.isForAll = isForAll;
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
    if (opensAt) throw new NoRequestNow(opensAt, true);
    const slot = await takeSlot(client, requests, now, reserved);
    if (slot.cause === "QUOTA") throw new NoRequestNow(slot.at, true);
    const isFar = slot.at.getTime() - now.getTime() > LONGEST_WAIT_MS;
    if (sent === 0 && isFar) throw new NoRequestNow(slot.at, false);
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
