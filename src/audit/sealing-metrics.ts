import { Counter, Gauge } from "prom-client";
import { registry } from "../observability/registry.ts";
import type { ErasureListState } from "./erasure-list.ts";
import type { SealedBatch } from "./seal-batch.ts";
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

const unattested = new Counter({
  name: "blindagem_audit_unattested_total",
  help: "Records that name an actor without a valid intent, found while sealing: each is somebody's forgery.",
  registers: [registry],
});
const outOfBand = new Counter({
  name: "blindagem_audit_out_of_band_total",
  help: "Records of changes that no process of the platform made, as they declare (OUT_OF_BAND), found while sealing, but for those with which an installation begins.",
  registers: [registry],
});
const clockSetBack = new Counter({
  name: "blindagem_audit_clock_set_back_total",
  help: "How often the database's clock was found before the sealing process's last sign of life: somebody has set it back.",
  registers: [registry],
});
const refused = new Gauge({
  name: "blindagem_audit_sealing_refused",
  help: "1 while the log contradicts what was signed before, and is not sealed any further.",
  registers: [registry],
});
const treeSize = new Gauge({
  name: "blindagem_audit_tree_size",
  help: "Leaves of the newest checkpoint that this process has signed.",
  registers: [registry],
});
const published = new Counter({
  name: "blindagem_audit_checkpoints_sent_total",
  help: "Attempts to send a checkpoint to CHECKPOINT_URL.",
  labelNames: ["result"],
  registers: [registry],
});

const erasuresMissing = new Gauge({
  name: "blindagem_audit_erasures_missing",
  help: "Erasures of the list in CHECKPOINT_DIRECTORY that the database does not have: a restored copy brought the data back.",
  registers: [registry],
});

const damagedLines = new Gauge({
  name: "blindagem_audit_erasure_list_damaged_lines",
  help: "Lines of that list that cannot be read, and have to be put right by a person.",
  registers: [registry],
});

export function countSealed(batch: SealedBatch): void {
  sealed.inc(batch.sealed);
  unattested.inc(batch.unattested);
  outOfBand.inc(batch.outOfBand);
}

export function countClockSetBack(): void {
  clockSetBack.inc();
}

export function showSigned(size: number): void {
  treeSize.set(size);
}

export function showRefused(isRefused: boolean): void {
  refused.set(isRefused ? 1 : 0);
}

export function showErasures({ missing, damaged }: ErasureListState): void {
  erasuresMissing.set(missing);
  damagedLines.set(damaged.length);
}

export function countPublished(ok: boolean): void {
  published.inc({ result: ok ? "ok" : "failed" });
}

/** Shows from now on whether that one seals. */
export function showSealing(current: Sealing): void {
  sealing = current;
}
