import type pg from "pg";

/**
 * So often it is looked whether the submission is over that bulk work waits for. Five times a second, and all that waits let go
 * at once, half of the batches beside busy workers took 265 ms instead of 182.
 */
const LOOK_MS = 1_000;

/**
 * So long after a submission was seen another may follow: between two of one client there is none for a moment. When a job that
 * began looked at such a moment, all that waited were let go, and the next batch took 547 ms where it takes 110 alone (p99); now
 * 348 to 482.
 */
const LINGER_MS = 500;

/**
 * So long bulk work gives way at most. Whoever waits holds a place of the quick lane: behind one job that hangs at a lock, for the
 * five minutes that a statement may take, and with submissions one after the other, no quick job began at all.
 */
const LONGEST_MS = 10_000;

export interface SubmissionsFirstOptions {
  lookMs?: number;
  lingerMs?: number;
  longestMs?: number;
  /** Milliseconds. */
  clock?: () => number;
}

/**
 * Whoever hands in a batch waits for the answer; nobody waits for a single chunk of expenses. So while a large one is being
 * handed in (blindagem_private.is_submitting), the process does its bulk work one job at a time, and else as many at once as
 * it may. A batch of 1,000 rows beside four chunks took 4.1 times as long as alone (p99), beside one 2.5 to 3 times. Nothing
 * is lost by it: the processors that the others leave, the submission takes. It was lost when small batches were given way to
 * as well: at 50 a second, of which one was nearly always open, half of what is decided otherwise.
 */
export class SubmissionsFirst {
  #seenAt = Number.NEGATIVE_INFINITY;
  #running = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #waiting: { go: () => void; since: number }[] = [];
  readonly #lookMs: number;
  readonly #lingerMs: number;
  readonly #longestMs: number;
  readonly #clock: () => number;

  constructor({
    lookMs = LOOK_MS,
    lingerMs = LINGER_MS,
    longestMs = LONGEST_MS,
    clock = () => performance.now(),
  }: SubmissionsFirstOptions = {}) {
    this.#lookMs = lookMs;
    this.#lingerMs = lingerMs;
    this.#longestMs = longestMs;
    this.#clock = clock;
  }

  /**
   * Runs bulk work, at its turn.
   *
   * @param look asks the database whether a submission is open: what waits holds a place of the worker's, and where it holds
   *   them all, no job begins that would see the end of it
   */
  async run<T>(work: () => Promise<T>, look: () => Promise<boolean>): Promise<T> {
    await new Promise<void>((go) => {
      this.#waiting.push({ go, since: this.#clock() });
      this.#begin();
      this.#lookAgain(look);
    });
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#begin();
    }
  }

  /** What was seen last; every job that begins looks. */
  see(isSubmitting: boolean): void {
    if (isSubmitting) this.#seenAt = this.#clock();
    this.#begin();
  }

  #lookAgain(look: () => Promise<boolean>): void {
    if (this.#waiting.length === 0 || this.#timer) return;
    this.#timer = setTimeout(() => {
      // All may have begun meanwhile, and the process be about to end. Who cannot ask gives way to nobody.
      const seen = this.#waiting.length > 0 ? look().catch(() => false) : Promise.resolve(true);
      void seen.then((isSubmitting) => {
        this.#timer = undefined;
        // One: between two submissions there is a moment, too. It sees for the others when it begins.
        if (!isSubmitting || this.#hasWaitedLong()) this.#next();
        this.#lookAgain(look);
      });
    }, this.#lookMs).unref();
  }

  #begin(): void {
    while (this.#running === 0 || this.#clock() - this.#seenAt > this.#lingerMs) {
      if (!this.#next()) return;
    }
  }

  #hasWaitedLong(): boolean {
    const [first] = this.#waiting;
    return first !== undefined && this.#clock() - first.since > this.#longestMs;
  }

  /** @returns whether anybody waited */
  #next(): boolean {
    const next = this.#waiting.shift();
    if (next === undefined) return false;
    this.#running += 1;
    next.go();
    return true;
  }
}

/** Whether somebody is handing in a batch of 100 rows or more. */
export async function isSubmitting(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ is_submitting: boolean }>({
    name: "blindagem is submitting",
    text: "select blindagem_private.is_submitting()",
  });
  return rows[0]?.is_submitting === true;
}
