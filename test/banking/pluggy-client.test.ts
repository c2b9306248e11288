import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type BankMovement, UnreadableTransactionError } from "../../src/banking/movement.ts";
import { createPluggyClient } from "../../src/banking/pluggy-client.ts";
import { PluggyError } from "../../src/banking/pluggy-error.ts";
import type { PluggyTransaction } from "../../src/banking/pluggy-shapes.ts";
import {
  type PluggySandbox,
  type PluggySandboxOptions,
  startPluggySandbox,
} from "../../src/sandbox/pluggy.ts";

const clientId = "client-of-the-test";
const clientSecret = "secret-of-the-test";
const entry = (index: number): PluggyTransaction => ({
  id: `t-${index}`,
  accountId: "a-1",
  date: new Date(Date.UTC(2026, 10, 1, 0, index)).toISOString(),
  type: "DEBIT",
  amount: -(100 + index) / 100,
});
const data = {
  items: [{ id: "i-1", status: "UPDATED" }],
  accounts: [
    { id: "a-1", itemId: "i-1", type: "BANK" },
    { id: "card", itemId: "i-1", type: "CREDIT" },
  ],
  transactions: [] as PluggyTransaction[],
};

let now = new Date("2026-11-06T12:00:00Z");
const clock = () => now;
const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function start(options: Partial<PluggySandboxOptions> = {}) {
  const sandbox = await startPluggySandbox({
    port: 0,
    data,
    clientId,
    clientSecret,
    clock,
    ...options,
  });
  opened.push(sandbox);
  return { sandbox, client: clientOf(sandbox.url) };
}
const clientOf = (baseUrl: string, secret = clientSecret) =>
  createPluggyClient({ baseUrl, clientId, clientSecret: secret, timeoutMs: 5_000, clock });

async function all(pages: AsyncIterable<BankMovement[]>): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of pages) ids.push(...page.map((movement) => movement.providerId));
  return ids;
}
async function errorOf(promise: Promise<unknown>): Promise<PluggyError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PluggyError)) throw new Error("expected a PluggyError");
  return error;
}
const authCalls = (sandbox: PluggySandbox) =>
  sandbox.requests().filter((request) => request.path === "/auth").length;

describe("keys", () => {
  it("makes one /auth for calls in parallel", async () => {
    const { sandbox, client } = await start();
    await Promise.all(Array.from({ length: 8 }, () => client.getItem("i-1")));
    expect(authCalls(sandbox)).toBe(1);
  });

  it("renews a key before it expires", async () => {
    const { sandbox, client } = await start();
    now = new Date("2026-11-06T12:00:00Z");
    await client.getItem("i-1");
    now = new Date("2026-11-06T13:49:00Z");
    await client.getItem("i-1");
    expect(authCalls(sandbox)).toBe(1);
    now = new Date("2026-11-06T13:51:00Z");
    await client.getItem("i-1");
    expect(authCalls(sandbox)).toBe(2);
    expect(sandbox.requests()).toHaveLength(5);
  });

  it("renews a refused key once for all calls that it was refused to", async () => {
    const { sandbox, client } = await start();
    await client.getItem("i-1");
    sandbox.revokeKeys();
    await Promise.all(Array.from({ length: 5 }, () => client.getItem("i-1")));
    expect(authCalls(sandbox)).toBe(2);
  });

  it("gives up when the new key is refused too", async () => {
    const { sandbox, client } = await start();
    sandbox.fail({ path: "/items", times: 2, answer: { status: 401 } });
    expect((await errorOf(client.getItem("i-1"))).kind).toBe("UNAUTHORIZED");
    expect(authCalls(sandbox)).toBe(2);
    expect((await client.getItem("i-1")).id).toBe("i-1");
  });

  it("tells wrong credentials without telling the credentials", async () => {
    const { sandbox } = await start();
    const error = await errorOf(clientOf(sandbox.url, "wrong-secret").getItem("i-1"));
    expect(error.kind).toBe("UNAUTHORIZED");
    const told = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    for (const secret of ["wrong-secret", clientId]) expect(told).not.toContain(secret);
  });

  it("does not hold on to a failed /auth", async () => {
    const { sandbox, client } = await start();
    sandbox.fail({ path: "/auth", answer: { status: 503 } });
    expect((await errorOf(client.getItem("i-1"))).kind).toBe("UNAVAILABLE");
    expect((await client.getItem("i-1")).id).toBe("i-1");
  });
});

describe("errors", () => {
  it("tells when to come back after a 429, in seconds, as a date, or by Pluggy's minute", async () => {
    const { sandbox, client } = await start();
    now = new Date("2026-11-06T12:00:00Z");
    const retryAt = async (header?: string) => {
      const headers = header === undefined ? {} : { "retry-after": header };
      sandbox.fail({ path: "/items", answer: { status: 429, headers } });
      const error = await errorOf(client.getItem("i-1"));
      expect(error.kind).toBe("RATE_LIMITED");
      return error.retryAt?.toISOString();
    };
    expect(await retryAt("45")).toBe("2026-11-06T12:00:45.000Z");
    expect(await retryAt("Fri, 06 Nov 2026 12:02:00 GMT")).toBe("2026-11-06T12:02:00.000Z");
    expect(await retryAt("Fri, 06 Nov 2026 11:00:00 GMT")).toBe("2026-11-06T12:00:00.000Z");
    expect(await retryAt("soon")).toBe("2026-11-06T12:01:00.000Z");
    expect(await retryAt()).toBe("2026-11-06T12:01:00.000Z");
  });

  it("keeps to the limits of the service", async () => {
    const { client } = await start({ limits: { auth: 360, transactions: 2 } });
    now = new Date("2026-11-06T12:00:00Z");
    await all(client.listTransactions("a-1", {}));
    await all(client.listTransactions("a-1", {}));
    now = new Date("2026-11-06T12:00:20Z");
    const error = await errorOf(all(client.listTransactions("a-1", {})));
    expect(error.retryAt).toEqual(new Date("2026-11-06T12:01:00Z"));
    now = new Date("2026-11-06T12:01:00Z");
    expect(await all(client.listTransactions("a-1", {}))).toEqual([]);
  });

  it.each([
    ["a 5xx", { status: 500, body: "<html>" }, "UNAVAILABLE"],
    ["a body that is not JSON", { status: 200, body: "<html>" }, "UNAVAILABLE"],
    ["a body of another shape", { status: 200, body: '{"results":5}' }, "UNAVAILABLE"],
    ["a redirect", { status: 302, headers: { location: "https://example.com" } }, "UNAVAILABLE"],
    ["a cut connection", "drop" as const, "UNAVAILABLE"],
    ["a 400", { status: 400, body: "{}" }, "REFUSED"],
    ["a 404", { status: 404, body: "{}" }, "NOT_FOUND"],
  ])("names %s", async (_, answer, kind) => {
    const { sandbox, client } = await start();
    sandbox.fail({ path: "/items", answer });
    expect((await errorOf(client.getItem("i-1"))).kind).toBe(kind);
  });

  it("gives up after its time-out", async () => {
    const { sandbox } = await start();
    const { url: baseUrl } = sandbox;
    const client = createPluggyClient({ baseUrl, clientId, clientSecret, timeoutMs: 20 });
    sandbox.fail({ path: "/auth", answer: "hang" });
    const error = await errorOf(client.getItem("i-1"));
    expect([error.kind, error.message]).toEqual(["UNAVAILABLE", "Pluggy POST /auth: time-out"]);
  });

  it("lets its caller stop it, without stopping others that wait for the same key", async () => {
    const { client } = await start();
    const controller = new AbortController();
    const stopped = client.getItem("i-1", { signal: controller.signal });
    const other = client.getItem("i-1");
    controller.abort(new Error("stopping"));
    await expect(stopped).rejects.toThrow("stopping");
    expect((await other).id).toBe("i-1");
  });
});

describe("beforeRequest", () => {
  const counting = () => {
    let count = 0;
    return {
      count: () => count,
      async beforeRequest() {
        count += 1;
      },
    };
  };

  it("runs before each request: those for a key, and pages that are empty", async () => {
    const { sandbox, client } = await start({ pageSize: 2 });
    sandbox.addTransactions([1, 2, 3].map(entry));
    const call = counting();
    await client.getItem("i-1", call);
    expect(call.count()).toBe(2);
    await client.listAccounts("i-1", call);
    await all(client.listTransactions("a-1", {}, call));
    await all(client.listTransactions("a-1", { createdAtFrom: new Date("2030-01-01") }, call));
    sandbox.revokeKeys();
    await client.getItem("i-1", call);
    expect(call.count()).toBe(sandbox.requests().length);
  });

  it("sends nothing when it throws, and fails no other call that waits for the same key", async () => {
    const { sandbox, client } = await start();
    const beforeRequest = () => Promise.reject(new Error("not now"));
    const refused = client.getItem("i-1", { beforeRequest });
    const other = client.getItem("i-1");
    await expect(refused).rejects.toThrow("not now");
    expect((await other).id).toBe("i-1");
    expect(authCalls(sandbox)).toBe(1);
    const before = sandbox.requests().length;
    await expect(client.getItem("i-1", { beforeRequest })).rejects.toThrow("not now");
    expect(sandbox.requests()).toHaveLength(before);
  });

  it("makes one /auth for calls that wait for their slots meanwhile", async () => {
    const { sandbox, client } = await start();
    const call = counting();
    await Promise.all(Array.from({ length: 8 }, () => client.getItem("i-1", call)));
    expect(authCalls(sandbox)).toBe(1);
    expect(call.count()).toBeGreaterThanOrEqual(sandbox.requests().length);
  });
});

describe("listAccounts", () => {
  it("gives bank accounts and counts the rest", async () => {
    const { client } = await start();
    const { accounts, skipped } = await client.listAccounts("i-1");
    expect(accounts.map((account) => account.id)).toEqual(["a-1"]);
    expect(skipped).toBe(1);
    expect((await errorOf(client.listAccounts("nobody"))).kind).toBe("NOT_FOUND");
  });

  it("reads all pages", async () => {
    const accounts = Array.from({ length: 45 }, (_, index) => ({
      id: `a-${index}`,
      itemId: "i-1",
      type: "BANK",
    }));
    const { client } = await start({ data: { ...data, accounts } });
    expect((await client.listAccounts("i-1")).accounts).toEqual(accounts);
  });
});

describe("listTransactions", () => {
  const transactions = Array.from({ length: 23 }, (_, index) => entry(index));
  const expected = transactions.map((each) => each.id).reverse();
  const filled = { data: { ...data, transactions }, pageSize: 5 };

  it.each(["relative", "absolute", "cursor"] as const)("follows a %s next", async (nextForm) => {
    const { sandbox, client } = await start({ ...filled, nextForm });
    expect(await all(client.listTransactions("a-1", {}))).toEqual(expected);
    expect(sandbox.requests()).toHaveLength(6);
  });

  it("works under a base URL with a path and through a proxy of another name", async () => {
    const { sandbox } = await start({ ...filled, nextForm: "absolute" });
    const proxy = createServer(async (request, response) => {
      const path = request.url?.replace(/^\/pluggy\//, "/") ?? "/";
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const key = request.headers["x-api-key"];
      const answer = await fetch(`${sandbox.url}${path}`, {
        method: request.method ?? "GET",
        headers: typeof key === "string" ? { "x-api-key": key } : {},
        ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
      });
      response.writeHead(answer.status).end(await answer.text());
    });
    const url = await listen(proxy);
    expect(await all(clientOf(`${url}/pluggy`).listTransactions("a-1", {}))).toEqual(expected);
    expect(await all(clientOf(`${url}/pluggy/`).listTransactions("a-1", {}))).toEqual(expected);
  });

  it("narrows by date, by time of creation, and by ids", async () => {
    const { sandbox, client } = await start(filled);
    const dateFrom = new Date("2026-11-01T00:20:00Z");
    expect(await all(client.listTransactions("a-1", { dateFrom }))).toEqual([
      "t-22",
      "t-21",
      "t-20",
    ]);
    expect(await all(client.listTransactions("a-1", { dateFrom: "2026-11-02" }))).toEqual([]);
    const createdAtFrom = new Date("2026-11-06T00:00:00Z");
    expect(await all(client.listTransactions("a-1", { createdAtFrom }))).toEqual([]);
    sandbox.addTransactions([entry(99)]);
    expect(await all(client.listTransactions("a-1", { createdAtFrom }))).toEqual(["t-99"]);
    expect(await all(client.listTransactions("a-1", { ids: ["t-3", "gone"] }))).toEqual(["t-3"]);
  });

  it("asks for many ids in requests of a moderate size, and for none not at all", async () => {
    const many = Array.from({ length: 250 }, (_, index) => entry(index));
    const { sandbox, client } = await start({ data: { ...data, transactions: many } });
    const ids = many.map((each) => each.id);
    expect((await all(client.listTransactions("a-1", { ids }))).sort()).toEqual([...ids].sort());
    expect(sandbox.requests().filter((each) => each.query.has("ids"))).toHaveLength(3);
    expect(await all(client.listTransactions("a-1", { ids: [] }))).toEqual([]);
    expect(sandbox.requests()).toHaveLength(4);
  });

  it("misses and repeats nothing while entries are added", async () => {
    const { sandbox, client } = await start(filled);
    const seen: string[] = [];
    for await (const page of client.listTransactions("a-1", {})) {
      seen.push(...page.map((movement) => movement.providerId));
      sandbox.addTransactions([entry(100 + seen.length)]);
    }
    expect(seen).toEqual(expected);
  });

  it("stops at a loop in the paging", async () => {
    const { sandbox, client } = await start(filled);
    const page = { results: [entry(1)], next: "?accountId=a-1&after=same" };
    const answer = { status: 200, body: JSON.stringify(page) };
    sandbox.fail({ path: "/v2/transactions", times: 10, answer });
    const error = await errorOf(all(client.listTransactions("a-1", {})));
    expect(error.message).toContain("loop");
    expect(sandbox.requests()).toHaveLength(3);
  });

  it("stops at an entry that it cannot read, and at one of another account", async () => {
    const unreadable = { ...entry(1), amount: 1.005 };
    const { sandbox, client } = await start({ data: { ...data, transactions: [unreadable] } });
    await expect(all(client.listTransactions("a-1", {}))).rejects.toThrow(
      UnreadableTransactionError,
    );
    const foreign = { results: [{ ...entry(2), accountId: "a-2" }], next: null };
    sandbox.fail({ path: "/v2", answer: { status: 200, body: JSON.stringify(foreign) } });
    await expect(all(client.listTransactions("a-1", {}))).rejects.toThrow(
      "t-2 is unreadable (ACCOUNT)",
    );
  });

  it("hands over the pages one by one, and stops asking when its caller stops", async () => {
    const { sandbox, client } = await start(filled);
    for await (const page of client.listTransactions("a-1", {})) {
      expect(page).toHaveLength(5);
      break;
    }
    expect(sandbox.requests()).toHaveLength(2);
  });
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push({ close: () => new Promise((resolve) => server.close(resolve)) });
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("no address");
  return `http://127.0.0.1:${address.port}`;
}
