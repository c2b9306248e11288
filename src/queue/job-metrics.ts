import { Counter, Histogram } from "prom-client";
import { registry, SECONDS } from "../observability/registry.ts";
import type { AttemptEvent } from "./attempts.ts";

const attempts = new Counter({
  name: "blindagem_jobs_total",
  help: "Attempts of jobs that ended in this process: finished or failed; dead are the jobs of which the last one failed, or that were given up here because three workers, or the database's sessions, died of them.",
  labelNames: ["task", "outcome"],
  registers: [registry],
});
const waits = new Histogram({
  name: "blindagem_job_wait_seconds",
  help: "From when jobs were due to when they started here.",
  labelNames: ["task"],
  buckets: SECONDS,
  registers: [registry],
});
const runs = new Histogram({
  name: "blindagem_job_run_seconds",
  help: "How long attempts ran here.",
  labelNames: ["task"],
  buckets: SECONDS,
  registers: [registry],
});

/**
 * Shows the tasks that this process runs from the beginning: of a series that begins with its first count Prometheus
 * sees no increase, and the first dead job would raise no alarm.
 */
export function showTasks(tasks: readonly string[]): void {
  for (const task of tasks) {
    for (const outcome of ["finished", "failed", "dead"]) attempts.inc({ task, outcome }, 0);
  }
}

/** Counts what happened to an attempt. */
export function countAttempt({ kind, task, ms }: AttemptEvent): void {
  if (kind === "STARTED") {
    if (ms !== undefined) waits.observe({ task }, ms / 1000);
    return;
  }
  attempts.inc({ task, outcome: kind.toLowerCase() });
  if (ms !== undefined) runs.observe({ task }, ms / 1000);
}
