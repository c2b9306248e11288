/** What an organization asks for at once: jobs of these costs. */
export interface Demand {
  organization: string;
  costs: readonly number[];
}

export interface ModelJob {
  organization: string;
  number: number;
  cost: number;
  startTag: number;
}

/** So many units of virtual time share a priority of the library. */
export const QUANTUM = 16;

/** Start-time fair queueing as the paper writes it, job by job, over one list: what the database must agree with. */
export class FairQueueModel {
  #virtualTime = 0;
  #made = 0;
  readonly #finishes = new Map<string, number>();
  readonly #weights: Record<string, number>;
  readonly waiting: ModelJob[] = [];

  constructor(weights: Readonly<Record<string, number>> = {}) {
    this.#weights = { ...weights };
  }

  /** From now on, for what waits as well: the work ahead takes so much more or less of the virtual time. */
  setWeight(organization: string, weight: number): void {
    const factor = (this.#weights[organization] ?? 1) / weight;
    const now = this.#virtualTime;
    const rescaled = (tag: number) => (tag > now ? now + (tag - now) * factor : tag);
    this.#weights[organization] = weight;
    this.#finishes.set(organization, rescaled(this.#finishes.get(organization) ?? 0));
    for (const job of this.waiting) {
      if (job.organization === organization) job.startTag = rescaled(job.startTag);
    }
  }

  enqueue({ organization, costs }: Demand): void {
    for (const cost of costs) {
      const startTag = Math.max(this.#virtualTime, this.#finishes.get(organization) ?? 0);
      this.#finishes.set(organization, startTag + cost / (this.#weights[organization] ?? 1));
      this.#made += 1;
      this.waiting.push({ organization, number: this.#made, cost, startTag });
    }
  }

  /** The next job to begin. */
  begin(): ModelJob | undefined {
    const key = (job: ModelJob) => Math.floor(job.startTag / QUANTUM);
    this.waiting.sort((one, other) => key(one) - key(other) || one.number - other.number);
    const job = this.waiting.shift();
    if (job) this.#virtualTime = Math.max(this.#virtualTime, job.startTag);
    return job;
  }
}
