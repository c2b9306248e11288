import { Counter } from "prom-client";
import { registry } from "./registry.ts";

const decisions = new Counter({
  name: "blindagem_decisions_total",
  help: "Expenses that were decided automatically, by the status they got.",
  labelNames: ["status"],
  registers: [registry],
});

/** Counts decisions once they are committed. */
export function countDecisions(statuses: readonly string[]): void {
  for (const status of statuses) decisions.inc({ status });
}
