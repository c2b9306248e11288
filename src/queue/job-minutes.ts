import type { AttemptEvent } from "./attempts.ts";
import { addTo, count, type Histogram } from "./histogram.ts";

/** What is added to a row of blindagem_private.job_minutes. */
export interface JobMinute {
  organizationId: string;
  task: string;
  minute: string;
  started: number;
  finished: number;
  failed: number;
  dead: number;
  waitMs: number;
  runMs: number;
  waits: Histogram;
  runs: Histogram;
}

/** Under this number stand the attempts of all organizations together, and of none. */
const PLATFORM = "0";
const MINUTE_MS = 60_000;

/** Attempts of jobs, added up by organization, task and minute until they are written. */
export class JobMinutes {
  readonly #rows = new Map<string, JobMinute>();

  get size(): number {
    return this.#rows.size;
  }

  add(event: AttemptEvent): void {
    this.#addTo(this.#row(PLATFORM, event.task, event.at), event);
    if (event.organizationId !== null) {
      this.#addTo(this.#row(event.organizationId, event.task, event.at), event);
    }
  }

  /** Takes back what could not be written. */
  merge(others: readonly JobMinute[]): void {
    for (const other of others) {
      const row = this.#row(other.organizationId, other.task, new Date(other.minute));
      row.started += other.started;
      row.finished += other.finished;
      row.failed += other.failed;
      row.dead += other.dead;
      row.waitMs += other.waitMs;
      row.runMs += other.runMs;
      addTo(row.waits, other.waits);
      addTo(row.runs, other.runs);
    }
  }

  /** Hands over what there is, and begins anew. */
  take(): JobMinute[] {
    const rows = [...this.#rows.values()];
    this.#rows.clear();
    return rows;
  }

  #row(organizationId: string, task: string, at: Date): JobMinute {
    const minute = Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS;
    const key = `${organizationId} ${task} ${minute}`;
    let row = this.#rows.get(key);
    if (!row) {
      row = {
        organizationId,
        task,
        minute: new Date(minute).toISOString(),
        started: 0,
        finished: 0,
        failed: 0,
        dead: 0,
        waitMs: 0,
        runMs: 0,
        waits: [],
        runs: [],
      };
      this.#rows.set(key, row);
    }
    return row;
  }

  #addTo(row: JobMinute, { kind, ms }: AttemptEvent): void {
    switch (kind) {
      case "STARTED":
        row.started += 1;
        break;
      case "FINISHED":
        row.finished += 1;
        break;
      case "FAILED":
        row.failed += 1;
        break;
      case "DEAD":
        row.dead += 1;
    }
    if (ms === undefined) return;
    const whole = Math.round(ms);
    if (kind === "STARTED") {
      row.waitMs += whole;
      count(row.waits, ms);
    } else {
      row.runMs += whole;
      count(row.runs, ms);
    }
  }
}
