import type pg from "pg";
import { z } from "zod";

/** Runs that are looked at in one go, of up to 5,000 records each. */
const RUNS = 2;
/** Whoever is so many leaves behind goes on with the newest: the round comes to the others. */
const FURTHEST_BEHIND = 50_000;

const run = z.object({ first_index: z.coerce.number(), record_ids: z.array(z.string()) });

/** Follows what is sealed, from the newest leaf at its first look on. */
export class SealedRecords {
  #next: number | undefined;

  /** The ids of the records that were sealed since the last look, or of some of them. */
  async next(client: pg.ClientBase): Promise<string[]> {
    const { rows: newest } = await client.query<Record<string, unknown>>(
      "select first_index::text, record_ids::text[] from blindagem_audit.sealed_runs order by first_index desc limit 1",
    );
    const last = run.optional().parse(newest[0]);
    const end = last === undefined ? 0 : last.first_index + last.record_ids.length;
    if (this.#next === undefined || end - this.#next > FURTHEST_BEHIND || end < this.#next) {
      this.#next = end;
    }
    if (this.#next === end) return [];
    const { rows } = await client.query<Record<string, unknown>>(
      `select first_index::text, record_ids::text[] from blindagem_audit.sealed_runs
       where first_index >= $1 order by first_index limit ${RUNS}`,
      [this.#next],
    );
    const runs = z.array(run).parse(rows);
    const read = runs.at(-1);
    if (read) this.#next = read.first_index + read.record_ids.length;
    return runs.flatMap(({ record_ids }) => record_ids);
  }
}
