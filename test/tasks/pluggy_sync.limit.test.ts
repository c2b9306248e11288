import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { dateInBrasilia } from "../../src/calendar/brasilia.ts";
import { loadEnvironment } from "../../src/config.ts";
import { providerLimits } from "../../src/processes/worker.ts";
import { setProviderLimit } from "../../src/queue/provider-slot.ts";
import type { SandboxRequest } from "../../src/sandbox/pluggy.ts";
import { useServices } from "../../src/services.ts";
import pluggySync from "../../tasks/pluggy_sync.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type Bank, entry, startBank } from "./bank.ts";
import { emptyQueue, servicesOf } from "./task-run.ts";
import { createTenant, type Tenant } from "./tenant.ts";
import { runVirtually, virtualTime } from "./virtual-workers.ts";

const PER_MINUTE = 60;
/** So few that ten syncs at once wait minutes for each request. */
const SLOWLY = 3;
const PER_DAY = 40;

const time = virtualTime(new Date("2030-11-06T09:00:00.000Z"));

/** Of the connections one has many pages, and every third a second account, which is empty. */
const connections = Array.from({ length: 16 }, (_, index) => ({
  item: `item-${index}`,
  accounts: index % 3 === 0 ? [`account-${index}`, `empty-${index}`] : [`account-${index}`],
  movements: index === 0 ? 24 : index % 4,
}));
/** Connected later than the others, each with many pages. */
const large = Array.from({ length: 12 }, (_, index) => ({
  item: `large-${index}`,
  accounts: [`large-account-${index}`],
  movements: 24,
}));
const accounts = connections.flatMap((each) => each.accounts);
const movementsOf = (several: typeof connections) =>
  several.flatMap(({ accounts: [account = ""], item, movements }) =>
    Array.from({ length: movements }, (_, index) =>
      entry(`${item}-${index}`, "2030-11-05", -100, "PIX ENVIADO", {
        accountId: account,
        createdAt: "2030-11-05T12:00:00.000Z",
      }),
    ),
  );

const transactions = movementsOf(connections);
const items = [...connections, ...large];

let database: TestDatabase;
let bank: Bank;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  const { clock, waitUntil } = time;
  bank = await startBank(clock, {
    pageSize: 2,
    limits: { auth: PER_MINUTE, transactions: PER_MINUTE },
    data: {
      items: items.map(({ item }) => ({
        id: item,
        status: "UPDATED",
        lastUpdatedAt: clock().toISOString(),
      })),
      accounts: items.flatMap(({ item, accounts: ids }) =>
        ids.map((id) => ({ id, itemId: item, type: "BANK", name: "Conta", number: "1" })),
      ),
      transactions: movementsOf(items),
    },
  });
  useServices(servicesOf({ clock, waitUntil, bank: bank.client }));
  tenant = await createTenant(database);
  for (const { item } of connections) await tenant.connect(item, "POOL");
});
afterAll(async () => {
  await bank.sandbox.close();
  await database.drop();
});

async function limit(variables: Record<string, string>): Promise<void> {
  const client = await database.pool("worker").connect();
  for (const each of providerLimits(loadEnvironment(variables))) {
    await setProviderLimit(client, each);
  }
  client.release();
}

/** Syncs all connections from that time on. @returns the requests that it took */
async function syncAll(from: string): Promise<SandboxRequest[]> {
  const before = bank.sandbox.requests().length;
  time.moveTo(new Date(from));
  await emptyQueue(database);
  await database.pool("worker").query(
    `select blindagem_private.claim_and_enqueue(jsonb_agg(jsonb_build_object(
       'task', 'pluggy_sync', 'subject', id::text, 'payload', jsonb_build_object('connectionId', id::text))))
     from blindagem.bank_connections`,
  );
  const task = { pluggy_sync: pluggySync };
  await runVirtually(database, time, task, { pools: 2, concurrency: 5 });
  return bank.sandbox.requests().slice(before);
}

/** How many came within the fullest minute, wherever it begins. */
function fullestMinute(requests: readonly SandboxRequest[]): number {
  const times = requests.map(({ at }) => at.getTime());
  return Math.max(
    ...times.map((from) => times.filter((each) => each >= from && each < from + 60_000).length),
  );
}

/** What was asked for more than once, as by a sync that began again. */
function askedTwice(requests: readonly SandboxRequest[]): string[] {
  const asked = requests
    .filter(({ path }) => path !== "/auth")
    .map(({ path, query }) => `${path}?${query}`);
  return asked.filter((request, index) => asked.indexOf(request) !== index);
}

async function value(query: string): Promise<unknown> {
  const { rows } = await database.pool("worker").query<{ value: unknown }>(query);
  return rows[0]?.value;
}
const refusedUntil = () =>
  value("select max(paused_until) as value from blindagem_private.provider_buckets");

/** When the connection was synced whose last sync is the oldest. */
async function syncedSince(): Promise<number> {
  return Number(await value("select min(synced_at) as value from blindagem.bank_connections"));
}

describe("Pluggy's limit", () => {
  it("is kept request by request by two pools of workers, on first syncs and later ones", async () => {
    await limit({ PLUGGY_PER_MINUTE: String(PER_MINUTE) });
    const first = await syncAll("2030-11-06T09:00:00.000Z");
    expect(fullestMinute(first)).toBeLessThanOrEqual(PER_MINUTE);
    expect(askedTwice(first)).toEqual([]);
    expect(
      await value("select array_agg(distinct state) as value from blindagem.bank_connections"),
    ).toEqual(["FRESH"]);
    expect(await value("select count(*)::int as value from blindagem.bank_transactions")).toBe(
      transactions.length,
    );

    const from = new Date("2030-11-07T09:00:00.000Z");
    const later = await syncAll(from.toISOString());
    expect(fullestMinute(later)).toBeLessThanOrEqual(PER_MINUTE);
    expect(askedTwice(later)).toEqual([]);
    // Listings of what came late are empty, and requests all the same.
    expect(later.filter(({ query }) => query.has("createdAtFrom"))).toHaveLength(accounts.length);
    expect(await syncedSince()).toBeGreaterThanOrEqual(from.getTime());
    expect(await refusedUntil()).toBeNull();
    // Each was put off once at most, but for some that came late while all the places were taken.
    const runs = await value(
      "select count(*)::int as value from blindagem_private.job_records where task = 'pluggy_sync'",
    );
    expect(runs).toBeLessThanOrEqual(2 * 2 * connections.length + connections.length);
  }, 120_000);

  it("is kept day by day too, and what is left over comes the day after", async () => {
    await limit({ PLUGGY_PER_MINUTE: String(PER_MINUTE), PLUGGY_PER_DAY: String(PER_DAY) });
    const from = new Date("2030-11-08T09:00:00.000Z");
    const requests = await syncAll(from.toISOString());
    const days = new Map<string, number>();
    for (const { at } of requests) {
      const day = dateInBrasilia(at);
      days.set(day, (days.get(day) ?? 0) + 1);
    }
    expect(Math.max(...days.values())).toBeLessThanOrEqual(PER_DAY);
    expect(days.size).toBeGreaterThan(1);
    expect(await syncedSince()).toBeGreaterThanOrEqual(from.getTime());
  }, 120_000);

  it("is waited for by those that run, and by no more than it carries, where it is low", async () => {
    await limit({ PLUGGY_PER_MINUTE: String(SLOWLY) });
    for (const { item } of large) await tenant.connect(item, "POOL");
    const from = new Date("2030-11-20T09:00:00.000Z");
    const requests = await syncAll(from.toISOString());
    expect(fullestMinute(requests)).toBeLessThanOrEqual(SLOWLY);
    expect(askedTwice(requests)).toEqual([]);
    expect(await syncedSince()).toBeGreaterThanOrEqual(from.getTime());
  }, 120_000);
});
