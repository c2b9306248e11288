import { Counter, Gauge } from "prom-client";
import { registry } from "../../observability/registry.ts";
import { DIVERGENCE_KINDS } from "./divergence.ts";

const divergences = new Gauge({
  name: "blindagem_audit_divergences",
  help: "Open divergences between tables, log and seal, by kind, as the process that compares knows them.",
  labelNames: ["kind"],
  registers: [registry],
});
const compared = new Counter({
  name: "blindagem_audit_compared_rows_total",
  help: "Rows, entities and records that this process has compared.",
  registers: [registry],
});
const lastRound = new Gauge({
  name: "blindagem_audit_last_round_timestamp_seconds",
  help: "When this process had last compared everything; 0: not yet.",
  registers: [registry],
});

const failures = new Counter({
  name: "blindagem_audit_comparison_failures_total",
  help: "Steps of the comparison that were given up: somebody may keep it from reading.",
  registers: [registry],
});

export function countFailed(): void {
  failures.inc();
}

export function countCompared(rows: number): void {
  compared.inc(rows);
}

export function showOpen(open: ReadonlyMap<string, number>): void {
  for (const kind of DIVERGENCE_KINDS) divergences.set({ kind }, open.get(kind) ?? 0);
}

export function showRound(): void {
  lastRound.setToCurrentTime();
}
