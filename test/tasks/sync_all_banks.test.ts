import { afterAll, beforeAll, beforeEach, expect, it } from "@jest/globals";
import { useServices } from "../../src/services.ts";
import syncAllBanks from "../../tasks/sync_all_banks.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";
import { createTenant, type Tenant } from "./tenant.ts";

const now = new Date("2030-11-06T06:00:00.000Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

let database: TestDatabase;
let tenant: Tenant;

beforeAll(async () => {
  database = await createTestDatabase();
  useServices(servicesOf({ clock: () => now }));
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database
    .pool("worker")
    .query("update blindagem.bank_connections set synced_at = $1", [now]);
  tenant = await createTenant(database);
});

async function connect(item: string, state: string, syncedAt: Date | null, knownUntil = syncedAt) {
  const id = await tenant.connect(item);
  await database
    .pool("worker")
    .query(
      "update blindagem.bank_connections set state = $2, synced_at = $3, known_until = $4 where id = $1",
      [id, state, syncedAt, knownUntil],
    );
  return id;
}

async function run(): Promise<void> {
  const worker = database.pool("worker");
  await worker.query("select blindagem_private.enqueue_jobs($1)", [
    JSON.stringify([{ task: "sync_all_banks", payload: {} }]),
  ]);
  await runJobs(database, { sync_all_banks: syncAllBanks });
}

it("enqueues the connections that were not synced lately, spread out, each once", async () => {
  await connect("recent", "FRESH", hoursAgo(1));
  const old = await connect("old", "FRESH", hoursAgo(20));
  const never = await connect("never", "NEW", null);
  await emptyQueue(database);
  await run();
  await run();
  expect(await queuedJobs(database)).toMatchObject([
    { task: "pluggy_sync", payload: { connectionId: never }, runAt: now },
    { task: "pluggy_sync", payload: { connectionId: old }, runAt: new Date(now.getTime() + 1000) },
  ]);
});

it("calls what has grown old stale, by the age that the organization set", async () => {
  const old = await connect("a", "FRESH", hoursAgo(40));
  const young = await connect("b", "FRESH", hoursAgo(30));
  const broken = await connect("c", "BROKEN", hoursAgo(40));
  const state = async (id: string) =>
    (
      await database
        .pool("worker")
        .query("select state from blindagem.bank_connections where id = $1", [id])
    ).rows[0].state;
  await run();
  expect([await state(old), await state(young), await state(broken)]).toEqual([
    "STALE",
    "FRESH",
    "BROKEN",
  ]);
  await database.asRequest(
    "admin",
    { organization_id: tenant.organizationId, person_id: tenant.personId, actor_id: "person" },
    (client) => client.query("select blindagem.set_setting('stale_bank_hours', 24, 'mais rigor')"),
  );
  await run();
  expect(await state(young)).toBe("STALE");
});
