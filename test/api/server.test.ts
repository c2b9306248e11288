import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { waitFor } from "../wait-for.ts";
import { type ApiFixture, pick, startApi } from "./api-fixture.ts";

/** The address that the audit log notes for a change made through this API. */
async function notedAddress(
  fixture: ApiFixture,
  headers: Record<string, string>,
): Promise<unknown> {
  const answer = await fixture.request("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      query:
        'mutation { setApprovalLimit(input: { amount: "100.00", requires: "SECOND_APPROVER", reason: "teste" }) { result { id } } }',
    }),
    person: "admin",
  });
  expect(pick(answer.body, "errors")).toBeUndefined();
  const { rows } = await fixture.database
    .pool("migrator")
    .query(
      "select host(ip) as ip, request_id from blindagem_audit.records order by id desc limit 1",
    );
  return {
    ip: pick(rows, 0, "ip"),
    requestId: pick(rows, 0, "request_id"),
    answered: answer.headers.get("x-request-id"),
  };
}

describe("behind no trusted proxy", () => {
  let fixture: ApiFixture;
  beforeAll(async () => {
    fixture = await startApi();
  });
  afterAll(() => fixture.database.drop());

  it("does not believe X-Forwarded-For nor X-Request-Id", async () => {
    const noted = await notedAddress(fixture, {
      "x-forwarded-for": "203.0.113.9",
      "x-request-id": "chosen-by-client",
    });
    expect(noted).toMatchObject({
      ip: "127.0.0.1",
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(pick(noted, "answered")).toBe(pick(noted, "requestId"));
  });

  it("answers with security headers, and hides what it is made of", async () => {
    const { headers } = await fixture.request("/healthz");
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("x-blindagem-sandbox")).toBeNull();
  });

  it("answers an unknown address in the registry's shape", async () => {
    expect(await fixture.request("/nowhere")).toMatchObject({
      status: 404,
      body: { error: { code: "BLD03" } },
    });
  });

  it.each([
    ["that is badly encoded", "/documents/%zz"],
    ["with a part that is too long", `/batch-expenses/${"9".repeat(300)}`],
  ])(
    "answers an address %s in the registry's shape, without repeating it",
    async (_name, target) => {
      const answer = await fixture.request(target, { person: "admin" });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: "BLD04" } } });
      expect(pick(answer.body, "error", "requestId")).toMatch(/^[0-9a-f-]{36}$/);
      expect(pick(answer.body, "error", "message")).not.toContain("9");
    },
  );

  it("serves the GraphQL workbench from its own files, under a policy of its own", async () => {
    const page = await fixture.request("/graphiql");
    const nonce = /nonce-([^']+)'/.exec(page.headers.get("content-security-policy") ?? "")?.[1];
    expect(page.status).toBe(200);
    const html = String(page.body);
    expect(html.match(/<script/g)?.length).toBe(html.split(`<script nonce="${nonce}"`).length - 1);
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    const script = await fixture.request("/graphiql/static/ruru.js");
    expect(script.status).toBe(200);
    expect(script.headers.get("content-type")).toMatch(/javascript/);
    expect((await fixture.request("/graphiql/static/../../package.json")).status).toBe(404);
  });

  it("logs one line a request, without bodies and addresses", async () => {
    await fixture.graphql(
      "admin",
      '{ expenses(filter: { externalId: { equalTo: "secret-value" } }) { totalCount } }',
    );
    const lines = fixture.log.filter((line) => line.includes('"request"'));
    expect(lines.length).toBeGreaterThan(0);
    expect(fixture.log.join("")).not.toContain("secret-value");
    expect(lines.join("")).not.toContain("127.0.0.1");
  });

  it("logs the request's id under the name that it has in answers and in jobs", async () => {
    const { headers } = await fixture.request("/healthz");
    const line = fixture.log.find((text) => text.includes(String(headers.get("x-request-id"))));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ requestId: headers.get("x-request-id") });
  });

  // These end what the others need, so they come last.
  it("is ready while the database is there and migrated, and alive all the same", async () => {
    expect(await fixture.request("/healthz")).toMatchObject({
      status: 200,
      body: { status: "ok" },
    });
    expect(await fixture.request("/readyz")).toMatchObject({
      status: 200,
      body: { status: "ready" },
    });
    const rename = (from: string, to: string) =>
      fixture.database
        .pool("migrator")
        .query(`alter function blindagem_private.${from}(text, text, bigint) rename to ${to}`);
    await rename("sign_in", "sign_in_away");
    expect((await fixture.request("/readyz")).status).toBe(503);
    expect((await fixture.request("/healthz")).status).toBe(200);
    await rename("sign_in_away", "sign_in");
  });

  it("ends cleanly: what runs is finished, the connections close", async () => {
    const { hostname, port } = new URL(fixture.url);
    const body = '{"query":"{ expenses { totalCount } }"}';
    const request = `POST /graphql HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer ${await fixture.token("admin")}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`;
    const socket = connect(Number(port), hostname);
    socket.write(`${request}${body.slice(0, 9)}`);
    // The server has begun with the request when it asks for the body.
    const [asked] = await once(socket, "data");
    expect(String(asked)).toMatch(/^HTTP\/1\.1 100 /);
    const answers = text(socket);
    const closed = fixture.api.close();
    await waitFor("new connections to be refused", () =>
      fixture.request("/healthz").then(
        () => false,
        () => true,
      ),
    );
    // What had begun is finished; on the same connection the next one learns that this process drains.
    socket.write(`${body.slice(9)}GET /readyz HTTP/1.1\r\nHost: api\r\n\r\n`);
    expect(await answers).toMatch(/^HTTP\/1\.1 200 .*"totalCount".*HTTP\/1\.1 503 .*"draining"/s);
    await closed;
    // PostgreSQL takes a moment to notice that a client has gone.
    await waitFor("its connections to be gone", async () => {
      const { rowCount } = await fixture.database.pool("migrator").query(
        `select from pg_stat_activity
         where application_name = 'blindagem api' and datname = current_database()`,
      );
      return rowCount === 0;
    });
    await expect(fixture.request("/healthz")).rejects.toThrow();
  });
});

describe("behind a trusted proxy", () => {
  let fixture: ApiFixture;
  beforeAll(async () => {
    fixture = await startApi({
      trustedProxies: ["127.0.0.0/8"],
      sandbox: true,
      pluggyWebhook: undefined,
    });
  });
  afterAll(() => fixture.close());

  it("notes the client's address, not one that the client made up before it", async () => {
    const noted = await notedAddress(fixture, {
      "x-forwarded-for": "198.51.100.1, 203.0.113.9",
      "x-request-id": "from-the-proxy-1",
    });
    expect(noted).toEqual({
      ip: "203.0.113.9",
      requestId: "from-the-proxy-1",
      answered: "from-the-proxy-1",
    });
  });

  it("does not take a request id that could break a log", async () => {
    const answer = await fixture.request("/healthz", {
      headers: { "x-request-id": 'x"} {"forged":1' },
    });
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("says that the outer services are stand-ins", async () => {
    expect((await fixture.request("/healthz")).headers.get("x-blindagem-sandbox")).toBe("true");
  });

  it("has no webhook where nothing could be verified", async () => {
    const answer = await fixture.request("/webhooks/pluggy", { method: "POST", body: "{}" });
    expect(answer.status).toBe(404);
  });
});
