import type pg from "pg";
import { Gauge } from "prom-client";
import { registry } from "./registry.ts";

const pools = new Set<pg.Pool>();

new Gauge({
  name: "blindagem_pool_connections",
  help: "Connections of this process's pool to the database, and who waits for one.",
  labelNames: ["state"],
  registers: [registry],
  collect() {
    let total = 0;
    let idle = 0;
    let waiting = 0;
    for (const pool of pools) {
      total += pool.totalCount;
      idle += pool.idleCount;
      waiting += pool.waitingCount;
    }
    this.set({ state: "total" }, total);
    this.set({ state: "idle" }, idle);
    this.set({ state: "waiting" }, waiting);
  },
});

/** Shows a pool's use from now on, until it has ended. */
export function measurePool(pool: pg.Pool): void {
  for (const each of pools) if (each.ended) pools.delete(each);
  pools.add(pool);
}
