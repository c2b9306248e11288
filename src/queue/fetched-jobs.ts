import type { Job, WorkerEvents } from "graphile-worker";
import type pg from "pg";

interface Locked {
  id: string;
  locked_at: Date;
  /** In full, where a Date has milliseconds. */
  exactly: string;
  is_old: boolean;
}

/** Which fetching of a job it is: the library notes the time of each. */
const fetchingOf = ({ id, locked_at }: Pick<Job, "id" | "locked_at">): string =>
  `${id} ${locked_at?.getTime()}`;

/**
 * The jobs that this process knows to have fetched. The library locks a job with the statement that fetches it; where the
 * connection is lost before the answer comes, as when the network stands still, nobody runs that job: the process lives, so
 * nobody takes its jobs over, and the library does after four hours. So the process compares what is locked for it with what
 * it knows of.
 */
export class FetchedJobs {
  readonly #running = new Set<string>();
  /** They have run, and that may not be noted yet, for as long as the database is away. */
  readonly #ended = new Set<string>();

  constructor(events: WorkerEvents) {
    events.on("job:start", ({ job }) => this.#running.add(fetchingOf(job)));
    events.on("job:complete", ({ job }) => {
      this.#running.delete(fetchingOf(job));
      this.#ended.add(fetchingOf(job));
    });
  }

  /**
   * Gives back, with the attempt, what is locked for the process longer than that and it has not heard of. If the answer comes all
   * the same, the job is not taken (fence.ts).
   *
   * @param pools the library's pools of the process
   * @returns how many
   */
  async giveBackUnheardOf(
    client: pg.ClientBase,
    pools: readonly string[],
    longerThanMs: number,
  ): Promise<number> {
    const ended = [...this.#ended];
    const { rows } = await client.query<Locked>(
      `select id::text, locked_at, locked_at::text as exactly,
         locked_at < clock_timestamp() - $2 * interval '1 millisecond' as is_old
       from graphile_worker._private_jobs where locked_by = any ($1)`,
      [pools, longerThanMs],
    );
    const locked = new Set(rows.map(fetchingOf));
    for (const fetching of ended) if (!locked.has(fetching)) this.#ended.delete(fetching);
    const unheardOf = rows.filter((row) => row.is_old && !this.#knows(fetchingOf(row)));
    if (unheardOf.length === 0) return 0;
    const { rowCount } = await client.query(
      `update graphile_worker._private_jobs j
       set locked_by = null, locked_at = null, attempts = greatest(j.attempts - 1, 0)
       from unnest($2::bigint[], $3::timestamptz[]) as u (id, locked_at)
       where j.id = u.id and j.locked_by = any ($1) and j.locked_at = u.locked_at`,
      [pools, unheardOf.map(({ id }) => id), unheardOf.map(({ exactly }) => exactly)],
    );
    return rowCount ?? 0;
  }

  #knows(fetching: string): boolean {
    return this.#running.has(fetching) || this.#ended.has(fetching);
  }
}
