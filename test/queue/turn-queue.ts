import type pg from "pg";
import { z } from "zod";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { type Bucket, pauseProvider } from "../../src/queue/provider-slot.ts";
import { takeTurn } from "../../src/queue/provider-turn.ts";
import { waitingForProvider } from "../../src/queue/waiting-for.ts";
import { nextTurn } from "./next-turn.ts";

export interface Asked {
  organization: string;
  number: number;
  at: number;
}

const due = z.object({
  graphile: z.string(),
  job: z.string(),
  organization: z.string(),
  number: z.number(),
});

/**
 * Jobs of the real queue that each ask a provider once, run one after the other by the test in place of workers, at times
 * of its own: seconds from `start`.
 */
export class TurnQueue {
  readonly #client: pg.ClientBase;
  readonly #worker: pg.Pool;
  readonly #bucket: Bucket;
  readonly #start: Date;
  #now = 0;
  readonly #runs = new Map<string, number>();
  /** Who has asked the provider, in order. */
  readonly asked: Asked[] = [];

  constructor(client: pg.ClientBase, worker: pg.Pool, bucket: Bucket, start: Date) {
    this.#client = client;
    this.#worker = worker;
    this.#bucket = bucket;
    this.#start = start;
  }

  get now(): number {
    return this.#now;
  }

  at(seconds: number): Date {
    return new Date(this.#start.getTime() + seconds * 1_000);
  }

  /** The most times that a job has run, but for those that came to nothing. */
  get mostRuns(): number {
    return Math.max(...this.#runs.values());
  }

  /** Enqueues jobs numbered from `first` on, and runs them: those that may not ask yet are put off. */
  async submit(organization: string, count: number, first = 0): Promise<void> {
    const jobs = Array.from({ length: count }, (_, index) => ({
      task: "cnpj_lookup",
      organizationId: organization,
      payload: { number: first + index },
      runAt: this.at(this.#now),
    }));
    await enqueueJobs(this.#client, jobs);
    await this.#runDue();
  }

  /** Lets time pass until then, or until nothing is left to run. */
  async runUntil(seconds: number, late: () => number = () => 0): Promise<void> {
    const until = Number.isFinite(seconds) ? this.at(seconds) : undefined;
    for (;;) {
      const next = await nextTurn(this.#worker, this.at(this.#now), until);
      const at = next && (next.getTime() - this.#start.getTime()) / 1_000;
      if (at === undefined || at > seconds) break;
      this.#now = at + late();
      await this.#runDue();
    }
    if (until) this.#now = Math.max(this.#now, seconds);
  }

  /** The provider refuses everybody until so many seconds from the start. */
  async pause(until: number): Promise<void> {
    await pauseProvider(this.#client, this.#bucket, this.at(until));
  }

  /** The waiting jobs of an organization, by their records' ids, the first ones first. */
  async waiting(organization: string): Promise<string[]> {
    const { rows } = await this.#client.query<{ id: string }>(
      `select id::text from blindagem_private.job_records where organization_id = $1 and state = 'WAITING'
       order by run_at, id`,
      [organization],
    );
    return rows.map(({ id }) => id);
  }

  async #runDue(): Promise<void> {
    const { rows } = await this.#client.query(
      `select j.id::text as graphile, j.payload->'envelope'->>'jobId' as job,
         j.payload->'envelope'->>'organizationId' as organization, (j.payload->>'number')::int as number
       from graphile_worker._private_jobs j where j.run_at < $1::timestamptz + interval '1 ms' order by j.priority, j.run_at, j.id`,
      [this.at(this.#now)],
    );
    await this.#client.query("begin");
    for (const row of z.array(due).parse(rows)) await this.#run(row);
    await this.#client.query("commit");
  }

  /** As a worker runs it: it asks, or is put off. */
  async #run({ graphile, job, organization, number }: z.infer<typeof due>): Promise<void> {
    const key = `${organization}/${number}`;
    this.#runs.set(key, (this.#runs.get(key) ?? 0) + 1);
    await this.#client.query(
      `with done as (delete from graphile_worker._private_jobs where id = $1)
       update blindagem_private.job_records set state = 'FINISHED', finished_at = clock_timestamp() where id = $2`,
      [graphile, job],
    );
    const now = this.at(this.#now);
    const asker = { jobId: job, organizationId: organization, subject: key };
    const turn = await takeTurn(this.#client, this.#bucket, now, asker, 1);
    if (turn.cause === null) {
      this.asked.push({ organization, number, at: this.#now });
      return;
    }
    await enqueueJobs(this.#client, [
      {
        task: "cnpj_lookup",
        organizationId: organization,
        payload: { number },
        runAt: turn.at,
        place: turn.place,
        waitingFor: waitingForProvider("CNPJ.ws", turn, now),
        startTag: 0,
      },
    ]);
  }
}
