import { Counter } from "prom-client";
import { registry } from "./registry.ts";

const decisions = new Counter({
  name: "blindagem_decisions_total",
  help: "Expenses that were decided automatically, by the status they got.",
  labelNames: ["status"],
  registers: [registry],
});

const undecidable = new Counter({
  name: "blindagem_undecidable_expenses_total",
  help: "Expenses that could not be decided automatically and went to people.",
  registers: [registry],
});

/** Counts decisions once they are committed. */
export function countDecisions(statuses: readonly string[]): void {
  for (const status of statuses) decisions.inc({ status });
}

/** Counts expenses that went to people undecided, once that is committed. */
export function countUndecidable(count: number): void {
  undecidable.inc(count);
}
