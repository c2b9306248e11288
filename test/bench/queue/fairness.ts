import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Installation } from "../installation.ts";
import { makeRows, submit } from "./submitting.ts";
import { createTenants, seedSuppliers, type Tenant } from "./tenants.ts";
import { quantile } from "./throughput.ts";

export interface FairnessFigures {
  /** Seconds from submitting 10 expenses to their last decision, with nothing else to do. */
  aloneSeconds: number;
  /** The same beside another tenant's backlog of that many expenses. */
  backlog: number;
  besideBacklogSeconds: number;
  /** The same for each of so many small tenants, so many of which come each second, beside that backlog. */
  smallTenants: number;
  comingPerSecond: number;
  medianOfManySeconds: number;
  worstOfManySeconds: number;
  /** Of the backlog, while the small ones came: they do not starve it. */
  largeDecidedMeanwhile: number;
}

/** More would be more work than two cores can do, whoever comes first. */
const COMING_PER_SECOND = 50;
const CLIENTS = 4;

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
  const decisions = new Decisions(await installation.connect("worker"));
  await installation.start("seal");
  const firstWorker = await installation.start("worker");
  await finish(client, decisions, first, "warm");
  const aloneSeconds = await finish(client, decisions, first, "alone");
  // A worker keeps up with one client: without it there is a backlog.
  await firstWorker.stop();
  for (let batch = 0; batch * 1000 < backlog; batch += 1) {
    const condominiums = large.condominiums.slice((batch * 10) % 100, ((batch * 10) % 100) + 10);
    await submit(client, large, makeRows(`large-${batch}`, condominiums, 100, 20_000));
  }
  // As autovacuum does within a minute: sessions whose plans were made for empty tables would go through full ones.
  await (await installation.connect("superuser")).query("analyze");
  await installation.start("worker");
  const besideBacklogSeconds = await finish(client, decisions, first, "beside");
  const openBefore = await decisions.open();
  const begun = performance.now();
  const coming = small.entries();
  const seconds = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const own = await installation.connect("authenticator");
      const finished: Promise<number>[] = [];
      for (const [place, tenant] of coming) {
        await pause(Math.max(0, begun + (place * 1000) / COMING_PER_SECOND - performance.now()));
        const started = performance.now();
        const ids = await handInTen(own, tenant, "many");
        finished.push(decisions.of(ids).then((at) => (at - started) / 1000));
      }
      return Promise.all(finished);
    }),
  );
  const openAfter = await decisions.open();
  if (openAfter === 0) {
    process.stderr.write("The backlog was done first: the figures say nothing of fairness.\n");
  }
  return {
    aloneSeconds: round(aloneSeconds),
    backlog,
    besideBacklogSeconds: round(besideBacklogSeconds),
    smallTenants,
    comingPerSecond: COMING_PER_SECOND,
    medianOfManySeconds: round(quantile(seconds.flat(), 0.5)),
    worstOfManySeconds: round(quantile(seconds.flat(), 1)),
    largeDecidedMeanwhile: openBefore - openAfter,
  };
}

/** Tells when expenses are decided, by asking for those that somebody waits for, every 20 ms. */
class Decisions {
  readonly #client: pg.Client;
  readonly #waiting = new Map<readonly string[], (at: number) => void>();
  #asking: Promise<void> | undefined;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  /** When the last of them was seen decided, as `performance.now()` tells. */
  of(ids: readonly string[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(ids, resolve);
      this.#asking ??= this.#ask().catch(reject);
    });
  }

  async open(): Promise<number> {
    const { rows } = await this.#client.query<{ open: number }>(
      "select count(*)::int as open from blindagem.expenses where status = 'PENDING'",
    );
    return rows[0]?.open ?? 0;
  }

  async #ask(): Promise<void> {
    while (this.#waiting.size > 0) {
      const asked = [...this.#waiting];
      const { rows } = await this.#client.query<{ id: string }>(
        "select id::text from blindagem.expenses where status = 'PENDING' and id = any ($1::bigint[])",
        [asked.flatMap(([ids]) => ids)],
      );
      const at = performance.now();
      const undecided = new Set(rows.map(({ id }) => id));
      for (const [ids, resolve] of asked) {
        if (ids.some((id) => undecided.has(id))) continue;
        this.#waiting.delete(ids);
        resolve(at);
      }
      await pause(20);
    }
    this.#asking = undefined;
  }
}

async function finish(
  client: pg.Client,
  decisions: Decisions,
  tenant: Tenant,
  name: string,
): Promise<number> {
  const started = performance.now();
  const ids = await handInTen(client, tenant, name);
  return ((await decisions.of(ids)) - started) / 1000;
}

/** @returns the ids of the expenses */
async function handInTen(client: pg.Client, tenant: Tenant, name: string): Promise<string[]> {
  const batch = `${name}-${tenant.organizationId}`;
  await submit(client, tenant, makeRows(batch, tenant.condominiums, 10, 20_000));
  await client.query("begin");
  await client.query(
    "select set_config(key, value, true) from json_each_text($1::json) as setting (key, value)",
    [JSON.stringify(tenant.settings)],
  );
  const { rows } = await client.query<{ id: string }>(
    "select id::text from blindagem.expenses where organization_id = $1 and external_id = any ($2)",
    [tenant.organizationId, Array.from({ length: 10 }, (_, index) => `${batch}-${index}`)],
  );
  await client.query("commit");
  return rows.map(({ id }) => id);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
