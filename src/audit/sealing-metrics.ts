import { Counter, Gauge } from "prom-client";
import { registry } from "../observability/registry.ts";
import type { Sealing } from "./sealing-process.ts";

const sealed = new Counter({
  name: "blindagem_audit_sealed_total",
  help: "Records of the audit log that this process has sealed.",
  registers: [registry],
});

let sealing: Sealing | undefined;
new Gauge({
  name: "blindagem_audit_sealing_active",
  help: "1 in the process that seals, 0 in one that stands by.",
  registers: [registry],
  collect() {
    this.set(sealing?.active() ? 1 : 0);
  },
});

export function countSealed(count: number): void {
  sealed.inc(count);
}

/** Shows from now on whether that one seals. */
export function showSealing(current: Sealing): void {
  sealing = current;
}
