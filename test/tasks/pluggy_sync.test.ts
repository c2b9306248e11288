import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { bucketOf, pauseProvider, setProviderLimit } from "../../src/queue/provider-slot.ts";
import { useServices } from "../../src/services.ts";
import pluggySync from "../../tasks/pluggy_sync.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type Bank, entry, startBank } from "./bank.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";
import { createTenant, type Tenant } from "./tenant.ts";

const morning = new Date("2030-11-06T09:00:00.000Z");
const evening = new Date("2030-11-06T20:00:00.000Z");
let now = morning;
const clock = () => now;

let database: TestDatabase;
let tenant: Tenant;
let bank: Bank;
let connectionId: string;
const opened: Bank[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  now = morning;
  await emptyQueue(database);
  // What an item is to the provider is unique; each case has a database without the last one's.
  await database
    .pool("worker")
    .query("update blindagem.bank_connections set provider_item_id = id::text");
  await database
    .pool("worker")
    .query("update blindagem.bank_accounts set provider_account_id = id::text");
  await database.pool("worker").query("delete from blindagem_private.provider_buckets");
  tenant = await createTenant(database);
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.sandbox.close();
});

async function open(
  ...options: Parameters<typeof startBank> extends [unknown, ...infer R] ? R : []
) {
  bank = await startBank(clock, ...options);
  opened.push(bank);
  useServices(servicesOf({ clock, bank: bank.client }));
  connectionId = await tenant.connect("item");
}

/** Runs the sync that waits, or a new one. */
async function sync(payload: Record<string, unknown> = {}): Promise<void> {
  await database
    .pool("worker")
    .query("select blindagem_private.claim_and_enqueue($1)", [
      JSON.stringify([
        { task: "pluggy_sync", subject: connectionId, payload: { connectionId, ...payload } },
      ]),
    ]);
  await runJobs(database, { pluggy_sync: pluggySync });
}

/** Runs the sync that was put off until then. */
async function runPutOff(until: Date): Promise<void> {
  now = until;
  await database.pool("worker").query("update graphile_worker._private_jobs set run_at = now()");
  await runJobs(database, { pluggy_sync: pluggySync });
}

async function movements() {
  const { rows } = await database.pool("worker").query(
    `select t.provider_id as id, t.amount, t.status, t.deleted_at as "deletedAt"
     from blindagem.bank_transactions t join blindagem.bank_accounts a on a.id = t.account_id
     where a.connection_id = $1 order by t.provider_id`,
    [connectionId],
  );
  return rows;
}

async function connection() {
  const { rows } = await database.pool("worker").query(
    `select state, state_cause as cause, known_until as "knownUntil", synced_at as "syncedAt"
     from blindagem.bank_connections where id = $1`,
    [connectionId],
  );
  return rows[0];
}

async function reviews() {
  const { rows } = await database
    .pool("worker")
    .query(
      "select kind, subject, reasons, outcome from blindagem.reviews where condominium_id = $1 order by id",
      [tenant.condominiumId],
    );
  return rows;
}

async function auditRecords(): Promise<number> {
  const { rows } = await database
    .pool("migrator")
    .query("select count(*)::int as count from blindagem_audit.records");
  return rows[0].count;
}

const debit = (id: string, day = "2030-11-05", more = {}) =>
  entry(id, day, -1234.56, "PIX ENVIADO ELEVADORES EXEMPLO", more);
const requested = (path: string) => bank.sandbox.requests().filter((each) => each.path === path);

describe("a first sync", () => {
  it("stores accounts and movements, calls the connection fresh, and enqueues the reconciliation", async () => {
    await open();
    bank.sandbox.addTransactions([debit("t-1"), debit("t-2", "2030-07-20")]);
    await runJobs(database, { pluggy_sync: pluggySync });

    const { rows: accounts } = await database.pool("worker").query(
      `select condominium_id::text as "condominiumId", organization_id, purpose, name, number_masked as number
       from blindagem.bank_accounts where connection_id = $1`,
      [connectionId],
    );
    expect(accounts).toEqual([
      {
        condominiumId: tenant.condominiumId,
        organization_id: null,
        purpose: "ORDINARY",
        name: "Conta",
        number: "****7890",
      },
    ]);
    expect(await movements()).toEqual([
      { id: "t-1", amount: "-1234.56", status: "POSTED", deletedAt: null },
      { id: "t-2", amount: "-1234.56", status: "POSTED", deletedAt: null },
    ]);
    expect(await connection()).toEqual({
      state: "FRESH",
      cause: null,
      knownUntil: morning,
      syncedAt: morning,
    });
    expect(await queuedJobs(database)).toMatchObject([
      { task: "reconcile", payload: { condominiumId: tenant.condominiumId } },
    ]);
    expect(requested("/v2/transactions")[0]?.query.get("dateFrom")).toBe("2030-07-09");
  });

  it("goes through all pages", async () => {
    await open({ pageSize: 2 });
    bank.sandbox.addTransactions(["t-1", "t-2", "t-3", "t-4", "t-5"].map((id) => debit(id)));
    await sync();
    expect(await movements()).toHaveLength(5);
    expect(requested("/v2/transactions")).toHaveLength(3);
  });

  it("makes pool accounts of the organization for a connection without condominium", async () => {
    await open();
    await database
      .pool("worker")
      .query("update blindagem.bank_connections set provider_item_id = 'old-' || id");
    await emptyQueue(database);
    connectionId = await tenant.connect("item", "POOL");
    bank.sandbox.addTransactions([debit("t-1")]);
    await sync();
    const { rows } = await database.pool("worker").query(
      `select a.purpose, a.organization_id::text as "organizationId", t.condominium_id as "condominiumId"
       from blindagem.bank_accounts a join blindagem.bank_transactions t on t.account_id = a.id
       where a.connection_id = $1`,
      [connectionId],
    );
    expect(rows).toEqual([
      { purpose: "POOL", organizationId: tenant.organizationId, condominiumId: null },
    ]);
    expect(await queuedJobs(database)).toMatchObject([{ task: "review_pool" }]);
  });

  it("fails with a message that says what to set, when there are no credentials", async () => {
    await open();
    useServices(servicesOf({ clock }));
    await sync();
    const [job] = await queuedJobs(database);
    expect(job?.lastError).toMatch(/PLUGGY_CLIENT_ID and PLUGGY_CLIENT_SECRET/);
  });
});

describe("a later sync", () => {
  it("writes nothing when nothing has changed", async () => {
    await open();
    bank.sandbox.addTransactions([debit("t-1")]);
    await sync();
    await emptyQueue(database);
    const before = await auditRecords();
    await sync();
    expect(await auditRecords()).toBe(before);
    expect(await movements()).toHaveLength(1);
  });

  it("begins some days before what is known, and asks for what came late", async () => {
    await open();
    await sync();
    now = evening;
    bank.sandbox.addTransactions([debit("late", "2030-08-01")]);
    await sync();
    const asked = requested("/v2/transactions").map((each) => Object.fromEntries(each.query));
    expect(asked.slice(1)).toEqual([
      { accountId: "account", dateFrom: "2030-10-23" },
      { accountId: "account", createdAtFrom: "2030-11-06T08:00:00.000Z" },
    ]);
    expect(await movements()).toMatchObject([{ id: "late" }]);
  });

  it("keeps the purpose that a person gave an account", async () => {
    await open();
    await sync();
    await database
      .pool("worker")
      .query("update blindagem.bank_accounts set purpose = 'RESERVE' where connection_id = $1", [
        connectionId,
      ]);
    await sync();
    const { rows } = await database
      .pool("worker")
      .query("select purpose from blindagem.bank_accounts where connection_id = $1", [
        connectionId,
      ]);
    expect(rows).toEqual([{ purpose: "RESERVE" }]);
  });

  it("turns a pending movement into a posted one, also under another id", async () => {
    await open();
    bank.sandbox.addTransactions([
      debit("same", "2030-11-05", { status: "PENDING" }),
      debit("old", "2030-11-05", { status: "PENDING" }),
    ]);
    await sync();
    now = evening;
    bank.sandbox.removeTransactions(["old"]);
    bank.sandbox.addTransactions([debit("same"), debit("new")]);
    await sync();
    expect(await movements()).toMatchObject([
      { id: "new", status: "POSTED", deletedAt: null },
      { id: "old", status: "PENDING", deletedAt: evening },
      { id: "same", status: "POSTED", deletedAt: null },
    ]);
  });

  it("marks what a notification named and the provider no longer gives, however old", async () => {
    await open();
    bank.sandbox.addTransactions([debit("kept", "2030-08-01"), debit("gone", "2030-08-01")]);
    await sync();
    now = evening;
    bank.sandbox.removeTransactions(["gone"]);
    const named = { accountId: "account", transactionIds: ["kept", "gone"] };
    // A sync that waits already knows nothing of them: the notification has a job of its own.
    await tenant.notify("item", "transactions/deleted", {});
    await tenant.notify("item", "transactions/deleted", named);
    await runJobs(database, { pluggy_sync: pluggySync });
    expect(await movements()).toMatchObject([
      { id: "gone", deletedAt: evening },
      { id: "kept", deletedAt: null },
    ]);
  });
});

describe("what the state of a connection tells", () => {
  it("keeps STALE and PARTIAL as they are, with their cause, and deletes nothing on a partial listing", async () => {
    await open();
    bank.sandbox.addTransactions([debit("t-1")]);
    await sync();
    now = evening;
    bank.sandbox.setItem({ id: "item", status: "OUTDATED" });
    await sync();
    expect(await connection()).toMatchObject({ state: "STALE", cause: "OUTDATED" });

    bank.sandbox.setItem({
      id: "item",
      status: "UPDATED",
      statusDetail: {
        transactions: { isUpdated: false, lastUpdatedAt: morning.toISOString() },
        accounts: { isUpdated: true, lastUpdatedAt: evening.toISOString() },
      },
    });
    bank.sandbox.removeTransactions(["t-1"]);
    await sync();
    expect(await connection()).toMatchObject({
      state: "PARTIAL",
      cause: "TRANSACTIONS_NOT_UPDATED",
      knownUntil: morning,
    });
    expect(await movements()).toMatchObject([{ id: "t-1", deletedAt: null }]);
    expect(await reviews()).toEqual([]);
  });

  it("asks a person to repair a broken one, once, and no longer when it works again", async () => {
    await open();
    bank.sandbox.setItem({ id: "item", status: "LOGIN_ERROR" });
    await sync();
    await sync();
    expect(await connection()).toMatchObject({ state: "BROKEN", cause: "LOGIN_ERROR" });
    expect(await reviews()).toMatchObject([
      {
        kind: "BANK",
        subject: `connection:${connectionId}`,
        reasons: [{ code: "BANK_CONNECTION_BROKEN", evidence: { cause: "LOGIN_ERROR" } }],
        outcome: null,
      },
    ]);
    bank.sandbox.setItem({ id: "item", status: "UPDATED" });
    await sync();
    expect(await connection()).toMatchObject({ state: "FRESH" });
    expect(await reviews()).toMatchObject([{ outcome: "SUPERSEDED" }]);
  });

  it("calls an item that is gone broken", async () => {
    await open();
    await database
      .pool("worker")
      .query("update blindagem.bank_connections set provider_item_id = 'gone' where id = $1", [
        connectionId,
      ]);
    await sync();
    expect(await connection()).toMatchObject({ state: "BROKEN", cause: "ITEM_NOT_FOUND" });
  });

  it("is never FRESH with an entry that cannot be read", async () => {
    await open();
    bank.sandbox.addTransactions([
      debit("t-1"),
      debit("foreign", "2030-11-05", { currencyCode: "USD" }),
    ]);
    await sync();
    expect(await connection()).toMatchObject({
      state: "PARTIAL",
      cause: "UNREADABLE_TRANSACTION",
      knownUntil: null,
    });
    expect(await movements()).toMatchObject([{ id: "t-1" }]);
  });
});

describe("the provider's limit", () => {
  async function limit(provider: "PLUGGY" | "PLUGGY_REQUESTS", perMinute: number): Promise<void> {
    const client = await database.pool("worker").connect();
    await setProviderLimit(client, { provider, credential: "public", perMinute, burst: 1 });
    client.release();
  }

  it("puts the job off to slots of its own, behind those of the one before, without spending an attempt", async () => {
    await open();
    await limit("PLUGGY", 1);
    await sync();
    expect(await connection()).toMatchObject({ state: "FRESH" });
    await emptyQueue(database);
    await sync();
    // The item, its accounts, and two pages.
    const slotAt = new Date(morning.getTime() + 4 * 60_000);
    expect(await queuedJobs(database)).toMatchObject([
      {
        task: "pluggy_sync",
        payload: { connectionId },
        runAt: slotAt,
        attempts: 0,
        waitingFor: "limite de consultas do provedor bancário",
      },
    ]);
    expect(requested("/v2/transactions")).toHaveLength(1);
    await runPutOff(slotAt);
    expect(requested("/v2/transactions")).toHaveLength(3);
  });

  it("puts a sync off that has begun when the provider refuses another one, keeps its pages, and begins it again", async () => {
    await open({ pageSize: 2 });
    bank.sandbox.addTransactions(["t-1", "t-2", "t-3"].map((id) => debit(id)));
    await limit("PLUGGY", 60);
    await limit("PLUGGY_REQUESTS", 60);
    const refusedUntil = new Date(morning.getTime() + 45_000);
    useServices(
      servicesOf({
        clock,
        bank: bank.client,
        async waitUntil(at) {
          now = at;
          if (requested("/v2/transactions").length === 0) return;
          const client = await database.pool("worker").connect();
          await pauseProvider(client, bucketOf("PLUGGY", undefined), refusedUntil);
          client.release();
        },
      }),
    );
    await sync();
    expect(await connection()).toMatchObject({ state: "NEW" });
    expect(await movements()).toHaveLength(2);
    const [job] = await queuedJobs(database);
    expect(job).toMatchObject({ task: "pluggy_sync", runAt: refusedUntil, attempts: 0 });

    useServices(
      servicesOf({
        clock,
        bank: bank.client,
        async waitUntil(at) {
          now = at;
        },
      }),
    );
    await runPutOff(refusedUntil);
    expect(await connection()).toMatchObject({ state: "FRESH" });
    expect(await movements()).toHaveLength(3);
    expect(requested("/v2/transactions")).toHaveLength(3);
  });

  it("lets everyone wait after a 429, and finishes afterwards", async () => {
    await open();
    bank.sandbox.addTransactions([debit("t-1")]);
    bank.sandbox.fail({
      path: "/v2/transactions",
      answer: { status: 429, headers: { "retry-after": "45" } },
    });
    await sync();
    expect(await queuedJobs(database)).toMatchObject([
      { task: "pluggy_sync", runAt: new Date(morning.getTime() + 45_000), attempts: 0 },
    ]);
    expect(await connection()).toMatchObject({ state: "NEW" });
    await runPutOff(morning);
    expect(await movements()).toHaveLength(1);
  });

  it("tries again later when the provider is down", async () => {
    await open();
    bank.sandbox.fail({ path: "/items", answer: { status: 503 } });
    await sync();
    expect(await queuedJobs(database)).toMatchObject([
      { task: "pluggy_sync", attempts: 1, lastError: "Pluggy GET /items: HTTP 503" },
    ]);
  });
});
