/** So long a suspect waits in its place, which is as long as most take: then it is given back. */
const LONGEST_MS = 2_000;

/**
 * A job during which a worker died is a suspect: the worker may have died of it, or of what ran beside it. All of them are
 * free again at the same moment, so the next worker would run them side by side as well, and the third death would bury
 * the innocent with the guilty. So of the bulk work of a process one suspect runs at a time: who has died once in bad company
 * does not come into it again.
 *
 * Beside others, not alone: alone, a suspect waited for a job that waited for a lock, and all that came later waited for it.
 * What runs beside one that kills counts one death, and is a suspect itself from then on.
 *
 * It is known for one only when it is to be taken. Who waits has not taken its job yet, so no death counts for it; and it does not
 * wait for long, or behind one that hangs at a lock the others would hold all places of the quick lane.
 */
export class SuspectsApart {
  #isRunning = false;
  readonly #waiting: (() => void)[] = [];
  readonly #longestMs: number;

  constructor(longestMs = LONGEST_MS) {
    this.#longestMs = longestMs;
  }

  /**
   * Runs a job; suspects in the order of their coming.
   *
   * @param work begins it beside whatever runs, or with no suspect beside it; false says that it is a suspect, and was not begun
   * @param giveBack puts it off; throws when it is done
   * @throws what `giveBack` throws
   */
  async run(
    work: (isApart: boolean) => Promise<boolean>,
    giveBack: () => Promise<never>,
  ): Promise<void> {
    if (await work(false)) return;
    if (this.#isRunning && !(await this.#isItsTurn())) return giveBack();
    this.#isRunning = true;
    try {
      await work(true);
    } finally {
      const next = this.#waiting.shift();
      // The turn is handed over, so that nobody comes between.
      if (next) next();
      else this.#isRunning = false;
    }
  }

  /** Waits for its turn, or for as long as it may. */
  #isItsTurn(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        resolve(false);
      }, this.#longestMs);
      const go = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.push(go);
    });
  }
}
