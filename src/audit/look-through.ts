import type pg from "pg";
import { z } from "zod";
import type { LowWaterMark } from "./low-water-mark.ts";

/** How long one part may take to be looked through: the next batch waits for it. */
const PART_MS = 200;
const NARROWEST = 10_000n;

const found = z.object({ stray: z.coerce.bigint().nullable() });

/**
 * Looks, part by part and round after round, through the rows of pending records that lie below the mark: one may have
 * been put in by hand, and the mark that a process found at its start may be another's mistake.
 *
 * In parts, since rows that cannot be cleaned up behind an old snapshot are walked over: all at once, 20,000,000 of them
 * took 16 seconds, for which nothing was sealed.
 */
export class LookThrough {
  readonly #clock: () => number;
  #from = 0n;
  #width = NARROWEST;

  /** @param clock milliseconds that never jump */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** Looks through the next part. @returns the mark, taken down to below what it has found */
  async step(client: pg.ClientBase, mark: LowWaterMark): Promise<LowWaterMark> {
    if (this.#from >= mark.recordId) this.#from = 0n;
    const [after, to] = [this.#from, smaller(this.#from + this.#width, mark.recordId)];
    const started = this.#clock();
    const { rows } = await client.query<Record<string, unknown>>({
      name: "blindagem look through",
      text: "select min(first_record_id) as stray from blindagem_audit.pending_records where first_record_id > $1 and first_record_id <= $2",
      values: [after, to],
    });
    const took = this.#clock() - started;
    // By what was looked through, not by what might have been: else it grew for ever while nothing is there.
    if (took < PART_MS / 4) this.#width = larger(2n * (to - after), NARROWEST);
    else if (took > PART_MS) this.#width = larger((to - after) / 2n, NARROWEST);
    this.#from = to;
    const { stray } = found.parse(rows[0]);
    return stray === null ? mark : { ...mark, recordId: stray - 1n };
  }
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
