import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { pino } from "pino";
import { type Api, createApi } from "../../src/api/server.ts";
import { signToken } from "../../src/client/sign-token.ts";
import { freePort } from "../../src/database/free-port.ts";
import { createDirectoryStore } from "../../src/receipts/document-store.ts";
import { attest } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type Administradora, createAdministradora } from "../tasks/administradora.ts";
import { waitFor } from "../wait-for.ts";
import { decisionsOf } from "./decisions.ts";
import { type HeldRegistry, startHeldRegistry } from "./held-registry.ts";
import { answersOn, enqueue, jobStates } from "./queue-state.ts";
import { type WorkerProcesses, workerProcesses } from "./worker-processes.ts";

jest.setTimeout(180_000);

const SECRET = "a secret of the tests, longer than 32 characters";
const POOL_SIZE = 3;
/** Of whoever waits for a connection; the rest is for a busy machine. */
const PROMISED_MS = 5_000 + 4_000;
const BUSY = {
  code: "BLD14",
  message: "O serviço está ocupado ou parando; tente de novo.",
  requestId: expect.any(String),
};

let database: TestDatabase;
let house: Administradora;
beforeAll(async () => {
  database = await createTestDatabase();
  house = await createAdministradora(database);
  await house.condominium("SOL");
});
afterAll(() => database.drop());

/** Another session holds the expenses while `use` runs: every statement that touches them is slow. */
async function holdingExpenses(use: () => Promise<void>): Promise<void> {
  const owner = await database.pool("migrator").connect();
  try {
    await owner.query("begin; lock table blindagem.expenses");
    await use();
    await owner.query("rollback");
  } finally {
    owner.release(true);
  }
}

/** Waits until so many statements wait for a lock. */
async function untilWaiting(count: number): Promise<void> {
  await waitFor(`${count} statements to wait for the lock`, async () => {
    const { rowCount } = await database.pool("worker").query(
      `select from pg_locks l join pg_database d on d.oid = l.database
       where d.datname = current_database() and not l.granted`,
    );
    return (rowCount ?? 0) >= count;
  });
}

describe("an API of whose connections none is free", () => {
  let api: Api;
  let url: string;
  let token: string;
  beforeAll(async () => {
    token = await signToken(SECRET, { subject: "ana-1", role: "admin" }, 1, new Date());
    api = await createApi({
      databaseUrl: database.url("authenticator"),
      rolePrefix: database.prefix,
      host: "127.0.0.1",
      port: 0,
      jwt: { secret: SECRET },
      trustedProxies: [],
      documents: createDirectoryStore(tmpdir()),
      attest,
      auditKeys: "# nenhuma\n",
      logger: pino({ level: "silent" }),
      clock: () => new Date(),
      sandbox: false,
      metricsAllow: ["127.0.0.0/8"],
      poolSize: POOL_SIZE,
    });
    ({ url } = await api.listen());
  });
  afterAll(() => api.close());

  /** An answer, and how long it took. */
  async function ask(path: string, options: RequestInit = {}) {
    const since = performance.now();
    const answer = await fetch(`${url}${path}`, {
      ...options,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json");
    return {
      status: answer.status,
      body: isJson ? JSON.parse(text) : text,
      ms: performance.now() - since,
    };
  }
  const submit = (number: number) =>
    ask("/batch-expenses", {
      method: "POST",
      body: JSON.stringify({
        idempotencyKey: `lote-${number}`,
        rows: [
          {
            externalId: `POOL-${number}`,
            condominium: "SOL",
            category: "AGUA_ESGOTO",
            documentKind: "UTILITY_BILL",
            competence: "2026-11",
            grossAmount: "812.40",
            payeeName: "Companhia de Saneamento",
          },
        ],
      }),
    });
  const read = () =>
    ask("/graphql", {
      method: "POST",
      body: JSON.stringify({ query: "{ expenses(first: 1) { totalCount } }" }),
    });

  async function expectHealth(): Promise<void> {
    expect(await ask("/healthz")).toMatchObject({ status: 200, body: { status: "ok" } });
    const metrics = await ask("/metrics");
    expect(metrics).toMatchObject({
      status: 200,
      body: expect.stringContaining(`blindagem_pool_connections{state="total"} ${POOL_SIZE}`),
    });
    expect(metrics.body).toContain("blindagem_scrape_error 0");
    const ready = await ask("/readyz");
    expect(ready).toMatchObject({ status: 503, body: { status: "database unavailable" } });
    expect(ready.ms).toBeLessThan(PROMISED_MS);
  }

  /** Twice as many as it has connections: one that did not come back, or came back unfit, would be found. */
  async function expectServing(): Promise<void> {
    expect(await ask("/readyz")).toMatchObject({ status: 200 });
    const answers = await Promise.all(Array.from({ length: 2 * POOL_SIZE }, read));
    for (const { body } of answers) {
      expect(body).toMatchObject({ data: { expenses: { totalCount: expect.any(Number) } } });
    }
  }

  it("refuses in time whom it cannot serve, goes on telling how it is, and loses and doubles nothing", async () => {
    const numbers = Array.from({ length: 4 * POOL_SIZE }, (_, index) => index);
    const answers: Awaited<ReturnType<typeof submit>>[] = [];
    let asked: Promise<unknown> = Promise.resolve();
    await holdingExpenses(async () => {
      asked = Promise.all(
        numbers.map(async (number) => {
          answers.push(await submit(number));
        }),
      );
      await untilWaiting(POOL_SIZE);
      await expectHealth();
      await waitFor(
        "those beyond the pool to be refused",
        () => answers.length === numbers.length - POOL_SIZE,
      );
      for (const { status, body, ms } of answers) {
        expect({ status, body }).toEqual({ status: 503, body: { error: BUSY } });
        expect(ms).toBeLessThan(PROMISED_MS);
      }
      await untilWaiting(POOL_SIZE);
    });
    await asked;
    expect(answers.slice(-POOL_SIZE)).toMatchObject(
      Array(POOL_SIZE).fill({ body: { accepted: 1, errors: [], repeated: false } }),
    );

    await expectServing();
    const again = await Promise.all(numbers.map(submit));
    expect(again.map(({ body }) => body.accepted)).toEqual(numbers.map(() => 1));
    expect(again.filter(({ body }) => body.repeated)).toHaveLength(POOL_SIZE);
    const { rows } = await database.pool("worker").query(
      `select count(*)::int as expenses, count(distinct batch_id)::int as batches
       from blindagem.expenses where starts_with(external_id, 'POOL-')`,
    );
    expect(rows).toEqual([{ expenses: numbers.length, batches: numbers.length }]);
  });

  it("ends readers that hold its connections, while the lock is held on, and takes their connections back", async () => {
    await holdingExpenses(async () => {
      const { message, ...extensions } = BUSY;
      for (const { body } of await Promise.all(Array.from({ length: 2 * POOL_SIZE }, read))) {
        expect(body).toMatchObject({ errors: [{ message, extensions }] });
      }
      expect(await ask("/readyz")).toMatchObject({ status: 200 });
    });
    await expectServing();
  });
});

describe("a worker whose places are all taken by slow statements", () => {
  let registry: HeldRegistry;
  let workers: WorkerProcesses;
  beforeAll(async () => {
    registry = await startHeldRegistry();
    registry.open();
    workers = workerProcesses(database, registry.url);
  });
  afterEach(() => workers.killAll());
  afterAll(() => registry.close());

  it("lives, tells how it is, does what others can, and then each job once", async () => {
    const places = 2;
    const expenses = (
      await Promise.all(
        Array.from({ length: 5 * places }, () => house.submit({ condominium: "SOL" })),
      )
    ).flat();
    const cnpj = "11444777000161";
    await holdingExpenses(async () => {
      const worker = await workers.start({
        WORKER_CONCURRENCY: String(places),
        METRICS_PORT: String(await freePort()),
      });
      await untilWaiting(places);
      const metrics = await waitFor(
        "the worker's metrics",
        () => /"url":"([^"]+metrics)"/.exec(worker.stderr())?.[1],
      );
      expect((await fetch(metrics)).status).toBe(200);
      await enqueue(database, { task: "cnpj_lookup", payload: { cnpj } });
      await registry.untilAsked(1);
      const { rows } = await database
        .pool("worker")
        .query("select died from blindagem_private.workers");
      expect(rows).toEqual([{ died: false }]);
    });
    await waitFor(
      "every expense to be decided",
      async () => (await decisionsOf(database, expenses)).every((count) => count > 0),
      60_000,
    );
    expect(await decisionsOf(database, expenses)).toEqual(expenses.map(() => 1));
    await waitFor("the answer to be stored", async () => (await answersOn(database, cnpj)) > 0);
    expect(await answersOn(database, cnpj)).toBe(1);
    for (const { deaths } of await jobStates(database, "validate_expenses")) expect(deaths).toBe(0);
  });
});
