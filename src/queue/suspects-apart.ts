/**
 * A job during which a worker died is a suspect: the worker may have died of it, or of what ran beside it. All of them are
 * free again at the same moment, so the next worker would run them side by side as well, and the third death would bury
 * the innocent with the guilty. So of the bulk work of a process one suspect runs at a time: who has died once in bad company
 * does not come into it again.
 *
 * Beside others, not alone: alone, a suspect waited for a job that waited for a lock, and all that came later waited for it.
 * What runs beside one that kills counts one death, and is a suspect itself from then on.
 *
 * It is known for one only when it is to be taken. Who waits has not taken its job yet, so no death counts for it.
 */
export class SuspectsApart {
  #isRunning = false;
  readonly #waiting: (() => void)[] = [];

  /**
   * Runs a job; suspects in the order of their coming.
   *
   * @param work begins it beside whatever runs, or with no suspect beside it; false says that it is a suspect, and was not begun
   */
  async run(work: (isApart: boolean) => Promise<boolean>): Promise<void> {
    if (await work(false)) return;
    if (this.#isRunning) await new Promise<void>((go) => this.#waiting.push(go));
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
}
