import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { type CnpjWsSandboxOptions, startCnpjWsSandbox } from "../../src/sandbox/cnpjws.ts";
import {
  CNPJWS_COMMERCIAL_URL,
  CNPJWS_PUBLIC_URL,
  createCnpjWsClient,
} from "../../src/suppliers/cnpjws-client.ts";
import { answerWith, fixtureJson } from "./fixture.ts";

const ACTIVE = "11222333000181";
const UNKNOWN = "12ABC34501DE35";
const TIMEOUT_MS = 10_000;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function sandbox(options: Partial<CnpjWsSandboxOptions> = {}) {
  const started = await startCnpjWsSandbox({
    port: 0,
    companies: new Map([[ACTIVE, fixtureJson("cnpjws-200-ativa.json")]]),
    limit: { perMinute: 100 },
    ...options,
  });
  closing.push(started.close);
  return started;
}

/** A server of the test's own, for answers that CNPJ.ws never gives. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

describe("the client of CNPJ.ws against the sandbox", () => {
  it("finds a company", async () => {
    const { url, requests } = await sandbox();
    const outcome = await createCnpjWsClient({ baseUrl: url, timeoutMs: TIMEOUT_MS }).lookup(
      ACTIVE,
    );
    expect(outcome).toMatchObject({
      kind: "FOUND",
      company: { cnpj: ACTIVE, active: true, source: "CNPJWS" },
    });
    expect(requests()).toEqual(new Map([[ACTIVE, 1]]));
  });

  it("finds a company with letters in its CNPJ", async () => {
    const { url } = await sandbox({
      companies: new Map([[UNKNOWN, answerWith({ cnpj: UNKNOWN })]]),
    });
    const client = createCnpjWsClient({ baseUrl: `${url}/`, timeoutMs: TIMEOUT_MS });
    expect(await client.lookup(UNKNOWN)).toMatchObject({
      kind: "FOUND",
      company: { cnpj: UNKNOWN },
    });
  });

  it("tells unknown, refused and malformed CNPJs apart", async () => {
    const { url, requests } = await sandbox();
    const client = createCnpjWsClient({ baseUrl: url, timeoutMs: TIMEOUT_MS });
    expect(await client.lookup(UNKNOWN)).toEqual({ kind: "NOT_FOUND" });
    expect(await client.lookup("11222333000182")).toEqual({ kind: "INVALID" });
    for (const malformed of ["", "11.222.333/0001-81", "../../../../admin", `${ACTIVE}?x`]) {
      expect(await client.lookup(malformed)).toEqual({ kind: "INVALID" });
    }
    expect([...requests().keys()]).toEqual([UNKNOWN, "11222333000182"]);
  });

  it("reads the release time from the text of the 429", async () => {
    const clock = () => new Date("2026-11-05T12:00:00.500Z");
    const { url } = await sandbox({ limit: { perMinute: 0 }, clock });
    const client = createCnpjWsClient({ baseUrl: url, timeoutMs: TIMEOUT_MS, clock });
    expect(await client.lookup(ACTIVE)).toEqual({
      kind: "RATE_LIMITED",
      retryAt: new Date("2026-11-05T12:01:01Z"),
    });
  });

  const unavailable = (cause: string) => ({ kind: "UNAVAILABLE", cause });

  it("survives 5xx and a page of HTML, each with its cause", async () => {
    const { url } = await sandbox({ failures: { [ACTIVE]: [500, 503, "html", 403, 200] } });
    const client = createCnpjWsClient({ baseUrl: url, timeoutMs: TIMEOUT_MS });
    expect(await client.lookup(ACTIVE)).toEqual(unavailable("HTTP 500"));
    expect(await client.lookup(ACTIVE)).toEqual(unavailable("HTTP 503"));
    expect(await client.lookup(ACTIVE)).toEqual(unavailable("the body is not JSON"));
    expect(await client.lookup(ACTIVE)).toEqual(unavailable("HTTP 403"));
    expect(await client.lookup(ACTIVE)).toMatchObject({ kind: "FOUND" });
  });

  it.each(["timeout", "stall"] as const)("waits no longer than it may: %s", async (failure) => {
    const { url } = await sandbox({ failures: { [ACTIVE]: [failure] } });
    const client = createCnpjWsClient({ baseUrl: url, timeoutMs: 100 });
    expect(await client.lookup(ACTIVE)).toEqual(unavailable("no answer within 100 ms"));
  });

  it("does not take one company's data for another's", async () => {
    const { url } = await sandbox({
      companies: new Map([[UNKNOWN, fixtureJson("cnpjws-200-ativa.json")]]),
    });
    const client = createCnpjWsClient({ baseUrl: url, timeoutMs: TIMEOUT_MS });
    expect(await client.lookup(UNKNOWN)).toEqual({
      kind: "UNAVAILABLE",
      cause: "the body is about another CNPJ",
    });
  });

  it("names what has an unknown shape", async () => {
    const { url } = await sandbox({ companies: new Map([[ACTIVE, { razao_social: 1 }]]) });
    const client = createCnpjWsClient({ baseUrl: url, timeoutMs: TIMEOUT_MS });
    expect(await client.lookup(ACTIVE)).toEqual({
      kind: "UNAVAILABLE",
      cause: "unknown shape of razao_social, atualizado_em, simples, estabelecimento",
    });
  });

  it("shows its token to the commercial service, and never in an outcome", async () => {
    const token = "segredo-do-cliente";
    const { url } = await sandbox({ token });
    const timeoutMs = TIMEOUT_MS;
    expect(
      await createCnpjWsClient({ baseUrl: url, token, timeoutMs }).lookup(ACTIVE),
    ).toMatchObject({ kind: "FOUND" });
    const refused = await createCnpjWsClient({
      baseUrl: url,
      token: "outro-segredo",
      timeoutMs,
    }).lookup(ACTIVE);
    expect(refused).toEqual({ kind: "UNAVAILABLE", cause: "HTTP 401" });
    expect(await createCnpjWsClient({ baseUrl: url, timeoutMs }).lookup(ACTIVE)).toEqual(refused);
  });

  it("throws the caller's reason when the caller gives up", async () => {
    const { url, requests } = await sandbox({ failures: { [ACTIVE]: ["timeout"] } });
    const client = createCnpjWsClient({ baseUrl: url, timeoutMs: TIMEOUT_MS });
    const reason = new Error("the worker is shutting down");
    const controller = new AbortController();
    const looking = client.lookup(ACTIVE, controller.signal);
    controller.abort(reason);
    await expect(looking).rejects.toBe(reason);
    await expect(client.lookup(ACTIVE, controller.signal)).rejects.toBe(reason);
    expect(requests().size).toBeLessThanOrEqual(1);
  });
});

describe("the client of CNPJ.ws against odd servers", () => {
  it("asks the commercial service with a token, the public one without", async () => {
    const asked: { url: string; token: string | null }[] = [];
    const send: typeof fetch = async (url, init) => {
      asked.push({ url: String(url), token: new Headers(init?.headers).get("x_api_token") });
      return new Response("{}", { status: 404 });
    };
    await createCnpjWsClient({ timeoutMs: TIMEOUT_MS, fetch: send }).lookup(ACTIVE);
    await createCnpjWsClient({ timeoutMs: TIMEOUT_MS, fetch: send, token: "t" }).lookup(ACTIVE);
    expect(asked).toEqual([
      { url: `${CNPJWS_PUBLIC_URL}/cnpj/${ACTIVE}`, token: null },
      { url: `${CNPJWS_COMMERCIAL_URL}/cnpj/${ACTIVE}`, token: "t" },
    ]);
  });

  it("rejects no supplier because of a 404 that is not the registry's", async () => {
    const baseUrl = await serve((_, response) => {
      response.writeHead(404, { "content-type": "text/html" });
      response.end("<h1>404 Not Found</h1>");
    });
    const client = createCnpjWsClient({ baseUrl, timeoutMs: TIMEOUT_MS });
    expect(await client.lookup(ACTIVE)).toEqual({
      kind: "UNAVAILABLE",
      cause: "HTTP 404 without a JSON body",
    });
  });

  it("prefers Retry-After", async () => {
    const baseUrl = await serve((_, response) => {
      response.writeHead(429, { "retry-after": "7" });
      response.end(JSON.stringify(fixtureJson("cnpjws-errors.json")["429_verified"]));
    });
    const clock = () => new Date("2026-11-05T12:00:00Z");
    const client = createCnpjWsClient({ baseUrl, timeoutMs: TIMEOUT_MS, clock });
    expect(await client.lookup(ACTIVE)).toEqual({
      kind: "RATE_LIMITED",
      retryAt: new Date("2026-11-05T12:00:07Z"),
    });
  });

  it("carries its token to no other host", async () => {
    let stolen: string | undefined;
    const elsewhere = await serve((request, response) => {
      stolen = String(request.headers.x_api_token);
      response.end();
    });
    const baseUrl = await serve((_, response) => {
      response.writeHead(302, { location: elsewhere });
      response.end();
    });
    const client = createCnpjWsClient({ baseUrl, token: "segredo", timeoutMs: TIMEOUT_MS });
    expect(await client.lookup(ACTIVE)).toEqual({ kind: "UNAVAILABLE", cause: "HTTP 302" });
    expect(stolen).toBeUndefined();
  });

  it("stops reading a body that does not end", async () => {
    const baseUrl = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = () => {
        while (response.write(Buffer.alloc(65_536, " "))) {}
      };
      response.on("drain", more);
      more();
    });
    const client = createCnpjWsClient({ baseUrl, timeoutMs: TIMEOUT_MS });
    expect(await client.lookup(ACTIVE)).toEqual({
      kind: "UNAVAILABLE",
      cause: "a body of more than 4194304 bytes",
    });
  });

  it("gives the code of a failed connection, not its address", async () => {
    const { url, close } = await startCnpjWsSandbox({
      port: 0,
      companies: new Map(),
      limit: { perMinute: 1 },
    });
    await close();
    const client = createCnpjWsClient({ baseUrl: url, token: "segredo", timeoutMs: TIMEOUT_MS });
    expect(await client.lookup(ACTIVE)).toEqual({
      kind: "UNAVAILABLE",
      cause: "connection failed: ECONNREFUSED",
    });
  });
});
