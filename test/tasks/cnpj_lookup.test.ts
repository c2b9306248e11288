import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { loadEnvironment } from "../../src/config.ts";
import { providerLimits } from "../../src/processes/worker.ts";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { setProviderLimit, takeSlot } from "../../src/queue/provider-slot.ts";
import {
  type CnpjWsSandbox,
  type CnpjWsSandboxOptions,
  startCnpjWsSandbox,
} from "../../src/sandbox/cnpjws.ts";
import { useServices } from "../../src/services.ts";
import { createCnpjWsClient } from "../../src/suppliers/cnpjws-client.ts";
import cnpjLookup from "../../tasks/cnpj_lookup.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import { nextTurn } from "../queue/next-turn.ts";
import {
  type Administradora,
  auditRecords,
  createAdministradora,
  passTime,
  registryBody,
  runAll,
  standingOf,
} from "./administradora.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";

/** Ahead of PostgreSQL's clock, by which jobs fall due: what is put off stays put off until the test says so. */
const start = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);
let now = start;
const clock = () => now;

let database: TestDatabase;
let house: Administradora;
let sandbox: CnpjWsSandbox | undefined;
let suppliers = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
  await house.as("admin", "select blindagem.set_setting('fact_deadline_hours', 2000, 'Testes')");
});
afterAll(() => database.drop());
beforeEach(async () => {
  now = start;
  await emptyQueue(database);
  const worker = database.pool("worker");
  await worker.query("delete from blindagem_private.job_records");
  await worker.query("delete from blindagem_private.provider_buckets");
});
afterEach(() => sandbox?.close());

/** A sandbox that knows these suppliers, and services that ask it. */
async function registry(
  companies: Record<string, unknown>,
  options: Partial<CnpjWsSandboxOptions> = {},
): Promise<CnpjWsSandbox> {
  sandbox = await startCnpjWsSandbox({
    port: 0,
    companies: new Map(Object.entries(companies)),
    limit: { perMinute: 1000 },
    clock,
    ...options,
  });
  const client = createCnpjWsClient({ baseUrl: sandbox.url, timeoutMs: 300, clock });
  useServices(servicesOf({ clock, registry: client }));
  return sandbox;
}

function newSupplier(): string {
  suppliers += 1;
  return cnpjOf(suppliers);
}

const expenseOf = (payeeDocument: string) => ({ condominium: "SOL", payeeDocument });

async function answersOn(cnpj: string): Promise<unknown[]> {
  const { rows } = await database
    .pool("worker")
    .query(
      "select source, outcome, raw from blindagem_private.company_answers where cnpj = $1 order by id",
      [cnpj],
    );
  return rows;
}

async function claims(): Promise<unknown[]> {
  const { rows } = await database
    .pool("worker")
    .query("select task, subject from blindagem_private.work_claims where task = 'cnpj_lookup'");
  return rows;
}

describe("cnpj_lookup", () => {
  it("asks once however many expenses wait, and wakes them all", async () => {
    const cnpj = newSupplier();
    const { requests } = await registry({ [cnpj]: registryBody(cnpj) });
    const first = await house.submit(...Array.from({ length: 10 }, () => expenseOf(cnpj)));
    const second = await house.submit(expenseOf(cnpj), expenseOf(cnpj));
    await runAll(database);
    expect(requests().get(cnpj)).toBe(1);
    const { rows } = await database
      .pool("worker")
      .query(
        "select status, count(*)::int from blindagem.expenses where id = any ($1) group by status",
        [[...first, ...second]],
      );
    expect(rows).toEqual([{ status: "APPROVED", count: 12 }]);
    expect(await claims()).toEqual([]);
  });

  it("does not ask again for a supplier that is known, until its answer is a month old", async () => {
    const cnpj = newSupplier();
    const { requests } = await registry({ [cnpj]: registryBody(cnpj) });
    await house.submit(expenseOf(cnpj));
    await runAll(database);
    now = new Date(start.getTime() + 29 * 86_400_000);
    await house.submit(expenseOf(cnpj));
    await runAll(database);
    expect(requests().get(cnpj)).toBe(1);

    now = new Date(start.getTime() + 30 * 86_400_000);
    const [expense = ""] = await house.submit(expenseOf(cnpj));
    await runAll(database);
    expect(requests().get(cnpj)).toBe(2);
    expect(await standingOf(database, expense)).toMatchObject({ status: "APPROVED" });
  });

  it("lets nobody ask for the same supplier while the answer is on its way", async () => {
    const cnpj = newSupplier();
    await registry({});
    let asked = 0;
    useServices(
      servicesOf({
        clock,
        registry: {
          async lookup() {
            asked += 1;
            // Meanwhile another batch names the same supplier.
            await house.submit(expenseOf(cnpj));
            await database
              .pool("worker")
              .query("select blindagem_private.claim_and_enqueue($1)", [
                JSON.stringify([{ task: "cnpj_lookup", subject: cnpj, payload: { cnpj } }]),
              ]);
            return { kind: "NOT_FOUND" };
          },
        },
      }),
    );
    const [expense = ""] = await house.submit(expenseOf(cnpj));
    await runAll(database);
    expect(asked).toBe(1);
    expect(await standingOf(database, expense)).toMatchObject({ status: "REJECTED" });
  });

  it("prefers the mirror of the open data, and asks nobody then", async () => {
    const cnpj = newSupplier();
    const { requests } = await registry({});
    await database.pool("worker").query(
      `insert into blindagem_private.company_mirror (cnpj, name, status, main_cnae, source_date)
       values ($1, 'Elevadores do Espelho', 'Ativa', '4329103', '2026-10-12')`,
      [cnpj],
    );
    const [expense = ""] = await house.submit(expenseOf(cnpj));
    await runAll(database);
    expect(requests().size).toBe(0);
    expect(await standingOf(database, expense)).toMatchObject({ status: "APPROVED" });
    expect(await answersOn(cnpj)).toMatchObject([{ source: "MIRROR", outcome: "FOUND" }]);
  });

  it("rejects the expense when the registry does not know the CNPJ (404)", async () => {
    const cnpj = newSupplier();
    await registry({});
    const [expense = ""] = await house.submit(expenseOf(cnpj));
    await runAll(database);
    expect(await standingOf(database, expense)).toMatchObject({
      status: "REJECTED",
      codes: ["SUPPLIER_NOT_FOUND"],
    });
    expect(await answersOn(cnpj)).toEqual([{ source: "CNPJWS", outcome: "NOT_FOUND", raw: null }]);
  });

  it("asks a person when the registry refuses the CNPJ (400)", async () => {
    const cnpj = newSupplier();
    await registry({}, { failures: { [cnpj]: [400] } });
    const [expense = ""] = await house.submit(expenseOf(cnpj));
    await runAll(database);
    expect(await standingOf(database, expense)).toMatchObject({
      status: "MANUAL_REVIEW",
      codes: ["SUPPLIER_REFUSED_BY_REGISTRY"],
    });
  });

  it("puts the job off after a 429, without spending an attempt", async () => {
    const cnpj = newSupplier();
    const { requests } = await registry(
      { [cnpj]: registryBody(cnpj) },
      { failures: { [cnpj]: [429] } },
    );
    const client = await database.pool("worker").connect();
    await setProviderLimit(client, {
      provider: "CNPJWS",
      credential: "public",
      perMinute: 60,
      burst: 1,
    });
    client.release();
    const [expense = ""] = await house.submit(expenseOf(cnpj));
    await runAll(database);
    expect(await queuedJobs(database)).toMatchObject([
      {
        task: "cnpj_lookup",
        payload: { cnpj },
        runAt: new Date(start.getTime() + 60_000),
        attempts: 0,
        waitingFor: "limite de consultas do CNPJ.ws",
      },
    ]);
    expect(await claims()).toHaveLength(1);
    now = new Date(start.getTime() + 60_000);
    await passTime(database);
    await runAll(database);
    expect(requests().get(cnpj)).toBe(2);
    expect(await standingOf(database, expense)).toMatchObject({ status: "APPROVED" });
    expect((await answersOn(cnpj)).map((answer) => Reflect.get(Object(answer), "outcome"))).toEqual(
      ["RATE_LIMITED", "FOUND"],
    );
  });

  it("is in the queue once when it was put off, also if its worker dies before it can say that it has ended", async () => {
    const cnpj = newSupplier();
    await registry({ [cnpj]: registryBody(cnpj) }, { failures: { [cnpj]: [429] } });
    await database
      .pool("worker")
      .query("select blindagem_private.claim_and_enqueue($1)", [
        JSON.stringify([{ task: "cnpj_lookup", subject: cnpj, payload: { cnpj } }]),
      ]);
    let queued: unknown[] = [];
    await runJobs(database, {
      cnpj_lookup: async (payload, helpers) => {
        await cnpjLookup(payload, helpers);
        queued = await queuedJobs(database);
      },
    });
    expect(queued).toMatchObject([{ task: "cnpj_lookup", payload: { cnpj }, attempts: 0 }]);
  });

  it("asks at the slot that a worker of the version before has reserved, which nobody else has", async () => {
    const [early, late] = [newSupplier(), newSupplier()];
    const { requests } = await registry({
      [early]: registryBody(early),
      [late]: registryBody(late),
    });
    const bucket = { provider: "CNPJWS", credential: "public" } as const;
    const client = await database.pool("worker").connect();
    await setProviderLimit(client, { ...bucket, perMinute: 3, burst: 1 });
    const slots = [];
    for (let asked = 0; asked < 4; asked++) slots.push(await takeSlot(client, bucket, start));
    const [, first, second] = slots.map(({ at }) => at);
    await enqueueJobs(
      client,
      [
        { cnpj: early, slotAt: first },
        { cnpj: late, slotAt: second },
      ].map((payload) => ({ task: "cnpj_lookup", payload })),
    );
    client.release();
    now = new Date(start.getTime() + 20_000);
    await runAll(database);
    expect(requests().get(early)).toBe(1);
    // Not there yet: it stands in line like anybody else.
    expect(requests().get(late)).toBeUndefined();
    expect(await queuedJobs(database)).toMatchObject([
      { task: "cnpj_lookup", payload: { cnpj: late }, runAt: new Date(start.getTime() + 80_000) },
    ]);
  });

  it("waits until the provider opens again also where no limit is stored", async () => {
    const cnpj = newSupplier();
    await registry({ [cnpj]: registryBody(cnpj) }, { failures: { [cnpj]: [429] } });
    await house.submit(expenseOf(cnpj));
    await runAll(database);
    expect(await queuedJobs(database)).toMatchObject([
      { task: "cnpj_lookup", runAt: new Date(start.getTime() + 60_000), attempts: 0 },
    ]);
  });

  it.each([
    ["a failure of the service", 503, "HTTP 503"],
    ["silence", "timeout" as const, "no answer within 300 ms"],
    ["half an answer", "stall" as const, "no answer within 300 ms"],
    ["a page of HTML", "html" as const, "the body is not JSON"],
  ])("tries again later after %s, and says why", async (_, failure, cause) => {
    const cnpj = newSupplier();
    await registry({ [cnpj]: registryBody(cnpj) }, { failures: { [cnpj]: [failure] } });
    const [expense = ""] = await house.submit(expenseOf(cnpj));
    await runAll(database);
    expect(await standingOf(database, expense)).toMatchObject({ status: "PENDING", decisions: 0 });
    expect(await queuedJobs(database)).toMatchObject([
      { task: "cnpj_lookup", attempts: 1, lastError: expect.stringContaining(cause) },
    ]);
    expect(await answersOn(cnpj)).toEqual([
      { source: "CNPJWS", outcome: "UNAVAILABLE", raw: { cause } },
    ]);
    await passTime(database);
    await runAll(database);
    expect(await standingOf(database, expense)).toMatchObject({ status: "APPROVED" });
  });

  it("asks no more when the service has failed five times in a row, then once, then for all", async () => {
    const cnpjs = Array.from({ length: 7 }, newSupplier);
    const [first = "", ...others] = cnpjs;
    const { requests } = await registry(
      Object.fromEntries(cnpjs.map((cnpj) => [cnpj, registryBody(cnpj)])),
      { failures: Object.fromEntries(cnpjs.slice(0, 5).map((cnpj) => [cnpj, [503]])) },
    );
    const client = await database.pool("worker").connect();
    await setProviderLimit(client, {
      provider: "CNPJWS",
      credential: "public",
      perMinute: 60_000,
      burst: 50,
    });
    client.release();
    for (const cnpj of [first, ...others]) {
      await house.submit(expenseOf(cnpj));
      await runAll(database);
      // On a busy machine the first one would be tried again, and well, before the fifth has failed.
      await database
        .pool("worker")
        .query(
          "update graphile_worker._private_jobs set run_at = now() + interval '1 hour' where attempts > 0",
        );
    }
    expect(requests().size).toBe(5);
    const waiting = (await queuedJobs(database)).filter(({ waitingFor }) => waitingFor !== null);
    expect(waiting.map(({ payload }) => payload.cnpj)).toEqual(cnpjs.slice(5));
    for (const job of waiting) {
      expect(job.attempts).toBe(0);
      expect(job.waitingFor).toMatch(/^CNPJ\.ws fora do ar; nova tentativa às \d\d:\d\d/);
      expect(job.runAt.getTime()).toBeGreaterThanOrEqual(start.getTime() + 60_000);
    }
    now = new Date(start.getTime() + 61_000);
    await passTime(database);
    await runAll(database);
    // Whoever came while one was trying waits a minute more.
    now = new Date(start.getTime() + 200_000);
    await passTime(database);
    await runAll(database);
    expect(await queuedJobs(database)).toEqual([]);
    expect([...requests().values()].reduce((sum, count) => sum + count, 0)).toBe(12);
  });

  it("goes on asking for three days, and then lets the next batch ask anew", async () => {
    const cnpj = newSupplier();
    await registry({}, { failures: { [cnpj]: Array.from({ length: 30 }, () => 503) } });
    await house.submit(expenseOf(cnpj));
    await runAll(database);
    const { rows } = await database.pool("worker").query<{ attempts: number }>(
      `update graphile_worker._private_jobs set attempts = max_attempts - 1, run_at = now()
       returning max_attempts as attempts`,
    );
    // The library waits exp(min(10, attempt)) seconds.
    const waits = Array.from({ length: rows[0]?.attempts ?? 0 }, (_, attempt) =>
      Math.exp(Math.min(10, attempt)),
    );
    expect(waits.reduce((sum, wait) => sum + wait, 0) / 3600).toBeGreaterThan(60);
    expect(await claims()).toHaveLength(1);
    expect((await queuedJobs(database))[0]?.lastError).toContain("tried again later");
    await runAll(database);
    expect(await claims()).toEqual([]);
    // What is given up does not say that it is tried again.
    expect((await queuedJobs(database))[0]?.lastError).toContain("given up: retry it");
  });

  it("fails at once for what is no CNPJ, and asks nobody", async () => {
    const { requests } = await registry({});
    await database
      .pool("worker")
      .query(
        `select graphile_worker.add_job('cnpj_lookup', '{"cnpj": "11222333000182"}', max_attempts => 1)`,
      );
    await runAll(database);
    expect(requests().size).toBe(0);
    const [job] = await queuedJobs(database);
    expect(job?.lastError).toContain("The payload of cnpj_lookup does not fit");
  });

  it("changes nothing when it runs again", async () => {
    const cnpj = newSupplier();
    const { requests } = await registry({ [cnpj]: registryBody(cnpj) });
    const [expense = ""] = await house.submit(expenseOf(cnpj));
    await runAll(database);
    const before = {
      records: await auditRecords(database),
      ...(await standingOf(database, expense)),
    };
    for (let run = 0; run < 2; run++) {
      await database
        .pool("worker")
        .query(
          "select graphile_worker.add_job('cnpj_lookup', json_build_object('cnpj', $1::text))",
          [cnpj],
        );
      await runAll(database);
    }
    expect(requests().get(cnpj)).toBe(1);
    expect({
      records: await auditRecords(database),
      ...(await standingOf(database, expense)),
    }).toEqual(before);
  });
});

describe("the public limit of 3 a minute", () => {
  /** So many suppliers, with an expense each, at a registry that enforces the limit, and knows others, too. */
  async function limited(count: number, others: readonly string[] = []) {
    const cnpjs = Array.from({ length: count }, newSupplier);
    const { requests } = await registry(
      Object.fromEntries([...cnpjs, ...others].map((cnpj) => [cnpj, registryBody(cnpj)])),
      { limit: { perMinute: 3 } },
    );
    const client = await database.pool("worker").connect();
    for (const limit of providerLimits(loadEnvironment({ CNPJWS_PER_MINUTE: "3" }))) {
      await setProviderLimit(client, limit);
    }
    client.release();
    const expenses = await house.submit(...cnpjs.map(expenseOf));
    return { cnpjs, requests, expenses };
  }

  /** Runs what is due at that time, in two pools of workers; also what they move to a slot at that very time. */
  async function runAt(time: Date): Promise<void> {
    now = time;
    const due = () =>
      database
        .pool("worker")
        .query("update graphile_worker._private_jobs set run_at = now() where run_at <= $1", [now]);
    while ((await due()).rowCount !== 0) {
      await Promise.all([runAll(database), runAll(database)]);
    }
  }

  /** Runs each job a little after its slot, now at once, now a second later, until none is left. */
  async function runToTheEnd(mostSlots: number): Promise<void> {
    for (let slots = 0; slots < mostSlots; slots++) {
      const next = await nextTurn(database.pool("worker"), now, undefined);
      if (!next) break;
      const [job] = await queuedJobs(database);
      expect(job).toMatchObject({ attempts: 0, lastError: null });
      await runAt(new Date(next.getTime() + (slots % 2) * 1000));
    }
  }

  async function outcomesOn(cnpjs: readonly string[]): Promise<string[]> {
    const { rows } = await database
      .pool("worker")
      .query<{ outcome: string }>(
        "select distinct outcome from blindagem_private.company_answers where cnpj = any ($1)",
        [cnpjs],
      );
    return rows.map(({ outcome }) => outcome);
  }

  it("is kept by two pools of workers: never a 429, no attempt spent, each job run at most twice", async () => {
    const { cnpjs, requests, expenses } = await limited(8);
    await Promise.all([runAll(database), runAll(database)]);
    await runToTheEnd(12);
    expect([...requests().values()]).toEqual(cnpjs.map(() => 1));
    expect(await outcomesOn(cnpjs)).toEqual(["FOUND"]);
    const { rows: jobs } = await database
      .pool("worker")
      .query<{ jobs: number }>(
        "select count(*)::int as jobs from blindagem_private.job_records where task = 'cnpj_lookup'",
      );
    expect(jobs[0]?.jobs).toBeLessThanOrEqual(2 * cnpjs.length);
    for (const expense of expenses) {
      expect(await standingOf(database, expense)).toMatchObject({ status: "APPROVED" });
    }
  });

  it("goes round between administradoras: a small batch does not stand behind a large one", async () => {
    const others = Array.from({ length: 2 }, newSupplier);
    const { cnpjs, requests } = await limited(9, others);
    await runAll(database);
    // One of them the other waits for, too, far behind.
    const shared = cnpjs.at(-1) ?? "";
    const wanted = [...others, shared];
    const small = await createAdministradora(database);
    await small.condominium("LUA");
    await small.submit(...wanted.map((payeeDocument) => ({ condominium: "LUA", payeeDocument })));
    await runAll(database);
    await runToTheEnd(2 * wanted.length);
    expect(wanted.map((cnpj) => requests().get(cnpj))).toEqual(wanted.map(() => 1));
    expect(requests().size).toBeGreaterThan(2 * wanted.length - 1);
    await runToTheEnd(12);
    expect([...requests().values()]).toEqual([...cnpjs, ...others].map(() => 1));
    const { rows } = await database
      .pool("worker")
      .query<{ runs: number }>(
        "select count(*)::int as runs from blindagem_private.job_records where task = 'cnpj_lookup'",
      );
    expect(rows[0]?.runs).toBeLessThanOrEqual(2 * (cnpjs.length + others.length));
  }, 180_000);

  it("is kept after standstills: who is late again and again takes a slot like anybody else", async () => {
    const { cnpjs, requests, expenses } = await limited(10);
    const asked = () => requests().size;
    await runAt(start);
    for (const standstill of [1, 2, 3]) {
      expect(asked()).toBe(standstill);
      await runAt(new Date(start.getTime() + standstill * 600_000));
    }
    expect(asked()).toBe(4);
    await runToTheEnd(10);
    expect([...requests().values()]).toEqual(cnpjs.map(() => 1));
    expect(await outcomesOn(cnpjs)).toEqual(["FOUND"]);
    for (const expense of expenses) {
      expect(await standingOf(database, expense)).toMatchObject({ status: "APPROVED" });
    }
  });
});
