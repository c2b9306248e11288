import type pg from "pg";
import { z } from "zod";

/** Whoever is so many leaves behind goes on with the newest: the round comes to the others. */
const FURTHEST_BEHIND = 50_000;

const answer = z.object({ end: z.coerce.number(), ids: z.array(z.string()).nullable() });

/** Follows what is sealed, from the newest leaf at its first look on. */
export class SealedRecords {
  #next: number | undefined;

  /** The ids of the next records that were sealed since the first look, `limit` at most. */
  async next(client: pg.ClientBase, limit: number): Promise<string[]> {
    const { rows } = await client.query<Record<string, unknown>>(
      `select coalesce((
           select first_index + cardinality(record_ids) from blindagem_audit.sealed_runs order by first_index desc limit 1), 0)::text as end, (
         select record_ids[$1 - first_index + 1 : $1 - first_index + $2]::text[]
         from blindagem_audit.sealed_runs where first_index <= $1 order by first_index desc limit 1) as ids`,
      [this.#next ?? 0, limit],
    );
    const { end, ids } = answer.parse(rows[0]);
    const behind = end - (this.#next ?? end);
    if (this.#next === undefined || behind < 0 || behind > FURTHEST_BEHIND) {
      this.#next = end;
      return [];
    }
    this.#next += ids?.length ?? 0;
    return ids ?? [];
  }
}
