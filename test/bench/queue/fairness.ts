import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Installation } from "../installation.ts";
import { makeRows, submit } from "./submitting.ts";
import { createTenants, seedSuppliers, type Tenant } from "./tenants.ts";

export interface FairnessFigures {
  /** Seconds from submitting 10 expenses to their last decision, with nothing else to do. */
  aloneSeconds: number;
  /** The same beside another tenant's backlog of that many expenses. */
  backlog: number;
  besideBacklogSeconds: number;
  /** The worst of so many small tenants that submit at once beside that backlog. */
  smallTenants: number;
  worstOfManySeconds: number;
}

/** How long a small tenant waits for its 10 expenses. */
export async function measureFairness(
  installation: Installation,
  backlog: number,
  smallTenants: number,
): Promise<FairnessFigures> {
  await seedSuppliers(installation, 20_000);
  const [large] = await createTenants(installation, ["Grande"], 100);
  const small = await createTenants(
    installation,
    Array.from({ length: smallTenants }, (_, number) => `Pequena ${number}`),
    1,
  );
  const [first] = small;
  if (!large || !first) throw new Error("No tenants were made.");
  const client = await installation.connect("authenticator");
  const watch = await installation.connect("worker");
  await installation.start("seal");
  await installation.start("worker");
  await finish(client, watch, first, "warm");
  const aloneSeconds = await finish(client, watch, first, "alone");
  for (let batch = 0; batch * 1000 < backlog; batch += 1) {
    const condominiums = large.condominiums.slice((batch * 10) % 100, ((batch * 10) % 100) + 10);
    await submit(client, large, makeRows(`large-${batch}`, condominiums, 100, 20_000));
  }
  const besideBacklogSeconds = await finish(client, watch, first, "beside");
  const started = performance.now();
  for (const tenant of small) await handInTen(client, tenant, "many");
  await untilDecided(
    watch,
    small.map(({ organizationId }) => organizationId),
  );
  const worstOfManySeconds = (performance.now() - started) / 1000;
  const { rows } = await watch.query<{ open: number }>(
    "select count(*)::int as open from blindagem_private.undecided_expenses",
  );
  if (!rows[0]?.open) {
    process.stderr.write("The backlog was done first: the figures say nothing of fairness.\n");
  }
  return {
    aloneSeconds: round(aloneSeconds),
    backlog,
    besideBacklogSeconds: round(besideBacklogSeconds),
    smallTenants,
    worstOfManySeconds: round(worstOfManySeconds),
  };
}

async function finish(
  client: pg.Client,
  watch: pg.Client,
  tenant: Tenant,
  name: string,
): Promise<number> {
  const started = performance.now();
  await handInTen(client, tenant, name);
  await untilDecided(watch, [tenant.organizationId]);
  return (performance.now() - started) / 1000;
}

async function handInTen(client: pg.Client, tenant: Tenant, name: string): Promise<void> {
  await submit(
    client,
    tenant,
    makeRows(`${name}-${tenant.organizationId}`, tenant.condominiums, 10, 20_000),
  );
}

async function untilDecided(watch: pg.Client, organizations: readonly string[]): Promise<void> {
  for (;;) {
    const { rowCount } = await watch.query(
      `select from blindagem_private.undecided_expenses u join blindagem.expenses e on e.id = u.expense_id
       where e.organization_id = any ($1::bigint[]) limit 1`,
      [organizations],
    );
    if (!rowCount) return;
    await pause(20);
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
