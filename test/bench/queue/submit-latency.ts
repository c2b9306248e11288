import type pg from "pg";
import type { Installation } from "../installation.ts";
import { makeRows, submit } from "./submitting.ts";
import { createTenants, seedSuppliers, type Tenant } from "./tenants.ts";
import { quantile } from "./throughput.ts";

export interface SubmitLatency {
  batches: number;
  idleP50Ms: number;
  idleP99Ms: number;
  saturatedP50Ms: number;
  saturatedP99Ms: number;
  /** Of the two p99. */
  ratio: number;
}

const BATCHES = 100;

/**
 * A batch of 1,000 rows, one after the other: first with nothing else to do, then while workers and sealing are busy
 * with a backlog that outlasts the measurement.
 */
export async function measureSubmitLatency(installation: Installation): Promise<SubmitLatency> {
  await seedSuppliers(installation, 20_000);
  const [tenant, other] = await createTenants(installation, ["Latência", "Fila"], 100);
  if (!tenant || !other) throw new Error("No tenants were made.");
  const client = await installation.connect("authenticator");
  await submitMany(client, tenant, "warm", 10);
  const idle = await submitMany(client, tenant, "idle", BATCHES);
  await submitMany(client, other, "backlog", 100);
  await installation.start("seal");
  await installation.start("worker");
  const saturated = await submitMany(client, tenant, "busy", BATCHES);
  const idleP99Ms = quantile(idle, 0.99);
  const saturatedP99Ms = quantile(saturated, 0.99);
  return {
    batches: BATCHES,
    idleP50Ms: Math.round(quantile(idle, 0.5)),
    idleP99Ms: Math.round(idleP99Ms),
    saturatedP50Ms: Math.round(quantile(saturated, 0.5)),
    saturatedP99Ms: Math.round(saturatedP99Ms),
    ratio: Math.round((saturatedP99Ms / idleP99Ms) * 100) / 100,
  };
}

async function submitMany(
  client: pg.Client,
  tenant: Tenant,
  name: string,
  batches: number,
): Promise<number[]> {
  const times: number[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const from = (batch * 10) % 100;
    const condominiums = tenant.condominiums.slice(from, from + 10);
    times.push(
      await submit(client, tenant, makeRows(`${name}-${batch}`, condominiums, 100, 20_000)),
    );
  }
  return times;
}
