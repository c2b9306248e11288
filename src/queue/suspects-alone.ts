/**
 * A job during which a worker died is a suspect: the worker may have died of it, or of what ran beside it. All of them are
 * free again at the same moment, so the next worker would run them side by side as well, and the third death would bury
 * the innocent with the guilty. So a suspect runs alone among the bulk work of its process: who dies then, died of it, or of
 * nothing that the queue holds.
 *
 * It is known for one only when it is to be taken. Who waits has not taken its job yet, so no death counts for it.
 */
export class SuspectsAlone {
  #running = 0;
  #isAlone = false;
  readonly #waiting: { isSuspect: boolean; go: () => void }[] = [];

  /**
   * Runs a job, in the order of coming.
   *
   * @param work begins it beside others, or alone; false says that it is a suspect, was not begun, and has to be alone
   */
  async run(work: (isAlone: boolean) => Promise<boolean>): Promise<void> {
    if (await this.#enter(false, work)) return;
    await this.#enter(true, work);
  }

  async #enter(isSuspect: boolean, work: (isAlone: boolean) => Promise<boolean>): Promise<boolean> {
    await new Promise<void>((go) => {
      this.#waiting.push({ isSuspect, go });
      this.#admit();
    });
    try {
      return await work(isSuspect);
    } finally {
      this.#running -= 1;
      if (isSuspect) this.#isAlone = false;
      this.#admit();
    }
  }

  #admit(): void {
    for (let [next] = this.#waiting; next; [next] = this.#waiting) {
      if (this.#isAlone || (next.isSuspect && this.#running > 0)) return;
      this.#waiting.shift();
      this.#running += 1;
      this.#isAlone = next.isSuspect;
      next.go();
    }
  }
}
