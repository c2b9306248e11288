import { tmpdir } from "node:os";
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { pino } from "pino";
import { type Api, createApi } from "../../src/api/server.ts";
import { signToken } from "../../src/client/sign-token.ts";
import { registry } from "../../src/observability/registry.ts";
import { createDirectoryStore } from "../../src/receipts/document-store.ts";
import { attest } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createAdministradora } from "../tasks/administradora.ts";
import { waitFor } from "../wait-for.ts";
import { type StallingProxy, startStallingProxy } from "./stalling-proxy.ts";

jest.setTimeout(60_000);

const SECRET = "a secret of the tests, longer than 32 characters";
const POOL_SIZE = 3;
const BUSY = {
  code: "BLD14",
  message: "O serviço está ocupado ou parando; tente de novo.",
  requestId: expect.any(String),
};

let database: TestDatabase;
let proxy: StallingProxy;
let api: Api;
let url: string;
let token: string;
let lines: string[];
beforeAll(async () => {
  database = await createTestDatabase();
  await createAdministradora(database);
  token = await signToken(SECRET, { subject: "ana-1", role: "admin" }, 1, new Date());
  proxy = await startStallingProxy(database.url("authenticator"));
  api = await createApi({
    databaseUrl: proxy.url,
    rolePrefix: database.prefix,
    host: "127.0.0.1",
    port: 0,
    jwt: { secret: SECRET },
    trustedProxies: [],
    documents: createDirectoryStore(tmpdir()),
    attest,
    auditKeys: "# nenhuma\n",
    logger: pino({ level: "warn" }, { write: (line: string) => void lines.push(line) }),
    clock: () => new Date(),
    sandbox: false,
    poolSize: POOL_SIZE,
    // The look into the catalogue at the start takes a second or two.
    answerTimeoutMs: 5_000,
  });
  ({ url } = await api.listen());
});
beforeEach(() => {
  lines = [];
});
afterAll(async () => {
  await api.close();
  await proxy.close();
  await database.drop();
});

const headers = () => ({ authorization: `Bearer ${token}` });
const rest = async () => {
  const answer = await fetch(`${url}/batch-expenses/1`, { headers: headers() });
  return { status: answer.status, body: await answer.json() };
};
const graphql = async () => {
  const answer = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers() },
    body: JSON.stringify({ query: "{ expenses(first: 1) { totalCount } }" }),
  });
  return { status: answer.status, body: await answer.json() };
};
const ready = async () => (await fetch(`${url}/readyz`)).status;

/** How many connections the pool has, and how many of them no request has. */
async function connections() {
  const text = await registry.getSingleMetricAsString("blindagem_pool_connections");
  const count = (state: string) => Number(new RegExp(`{state="${state}"} (\\d+)`).exec(text)?.[1]);
  return { total: count("total"), idle: count("idle") };
}

const times = <T>(count: number, ask: () => Promise<T>) =>
  Promise.all(Array.from({ length: count }, ask));

/** Twice as many as the pool has connections: one that came back to it unanswered would be found. */
async function expectServing(): Promise<void> {
  expect(await ready()).toBe(200);
  for (let round = 0; round < 2; round++) {
    expect(await times(POOL_SIZE, rest)).toMatchObject(Array(POOL_SIZE).fill({ status: 404 }));
    expect(await times(POOL_SIZE, graphql)).toMatchObject(
      Array(POOL_SIZE).fill({ status: 200, body: { data: { expenses: { totalCount: 0 } } } }),
    );
  }
}

describe("an API whose connections no longer carry anything, and which gets new ones", () => {
  it("tells who asks on a dead one that it is busy, and serves again by itself", async () => {
    await expectServing();
    proxy.stall();
    const asked = times(POOL_SIZE, rest);
    await waitFor("each of them to have a connection", async () => {
      const { total, idle } = await connections();
      return total === POOL_SIZE && idle === 0;
    });
    expect(await ready()).toBe(503);
    proxy.resume();
    for (const answer of await asked) {
      expect(answer).toEqual({ status: 503, body: { error: BUSY } });
    }
    await expectServing();
  });

  it("ends requests that wait for a statement's answer, without waiting for their rollback as well", async () => {
    await expectServing();
    const owner = await database.pool("migrator").connect();
    try {
      await owner.query("begin; lock table blindagem.expenses");
      const asked = times(POOL_SIZE, graphql);
      await waitFor("the requests to wait for the lock", async () => {
        const { rowCount } = await owner.query(
          `select from pg_locks l join pg_database d on d.oid = l.database
           where d.datname = current_database() and not l.granted`,
        );
        return (rowCount ?? 0) >= POOL_SIZE;
      });
      proxy.stall();
      proxy.resume();
      const { message, ...extensions } = BUSY;
      for (const { body } of await asked) {
        expect(body).toMatchObject({ errors: [{ message, extensions }] });
      }
      await owner.query("rollback");
    } finally {
      owner.release(true);
    }
    await expectServing();
    expect(lines.filter((line) => line.includes("no answer in time"))).toHaveLength(POOL_SIZE);
  });
});
