import type { Logger } from "pino";

/** From so much on it is told: whoever runs the machine is to set its clock. */
const TOLD_MS = 1_000;
/** What took longer to be answered says too little of the time. */
const LONGEST_WAIT_MS = 1_000;

/**
 * The database's time in a process of another machine: its own clock, put right by what the database answers. Jobs run when
 * the database's clock says so, and whether a provider's slot is there is judged here: by a clock two seconds ahead each slot
 * was missed, and no supplier was asked for any more; by one that was behind, jobs were put off to a time that had passed,
 * dozens of times a second.
 */
export class DatabaseClock {
  #aheadMs = 0;
  #toldMs = 0;
  readonly #own: () => Date;
  readonly #logger: Logger;

  constructor(own: () => Date, logger: Logger) {
    this.#own = own;
    this.#logger = logger;
  }

  readonly now = (): Date => new Date(this.#own().getTime() + this.#aheadMs);

  /**
   * Takes the database's time from an answer that has just come.
   *
   * @param waitedMs how long ago it was asked for: it was so late at some moment since
   */
  readonly note = (time: Date, waitedMs: number): void => {
    if (waitedMs > LONGEST_WAIT_MS) return;
    const now = this.now().getTime();
    // By no more than the answer proves: one that a busy process reads late would put the clock wrong.
    const nearest = Math.min(Math.max(now, time.getTime()), time.getTime() + waitedMs);
    if (nearest === now) return;
    this.#aheadMs += nearest - now;
    if (Math.abs(this.#aheadMs - this.#toldMs) < TOLD_MS) return;
    this.#toldMs = this.#aheadMs;
    this.#logger.warn(
      { databaseAheadMs: Math.round(this.#aheadMs) },
      "this machine's clock is not the database's: the database's time is used; set the clock",
    );
  };
}
