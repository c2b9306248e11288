/** More deaths than a job can have: with the third it is buried. */
const HOWEVER_MANY = 1_000;

/**
 * A job during which two workers died is buried with the third, and it may have run beside the one that killed them, in whatever
 * lane: all of them are free again at the same moment, and the next worker would run them side by side again. So in its last
 * attempt no other runs beside it of which a worker died, in no lane of the process. What would is given back for a while, and
 * holds no place meanwhile: quick jobs must not wait behind a reading.
 */
export class LastChance {
  #isRunning = false;
  #suspects = 0;

  /**
   * Runs a job.
   *
   * @param take begins it if not more workers have died of it; false says that more have, and it was not begun
   * @param giveBack puts it off; throws when it is done
   * @throws what `giveBack` throws
   */
  async run(
    take: (mostDeaths: number) => Promise<boolean>,
    giveBack: () => Promise<never>,
  ): Promise<boolean> {
    if (await take(0)) return true;
    if (this.#isRunning) return giveBack();
    this.#suspects += 1;
    try {
      if (await take(1)) return true;
    } finally {
      this.#suspects -= 1;
    }
    if (this.#isRunning || this.#suspects > 0) return giveBack();
    this.#isRunning = true;
    try {
      return await take(HOWEVER_MANY);
    } finally {
      this.#isRunning = false;
    }
  }
}
