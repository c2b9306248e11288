import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { createPluggyClient } from "../../src/banking/pluggy-client.ts";
import type { PluggyTransaction } from "../../src/banking/pluggy-shapes.ts";
import { createWebhookVerifier, webhookEvent } from "../../src/banking/webhook.ts";
import { type PluggySandboxOptions, startPluggySandbox } from "../../src/sandbox/pluggy.ts";
import { pluggySandboxData } from "../../src/sandbox/pluggy-data.ts";
import { pageOf } from "../../src/sandbox/pluggy-paging.ts";

const credentials = { clientId: "c", clientSecret: "s" };
const data = pluggySandboxData.parse({
  items: [{ id: "i-1", status: "UPDATED", clientUserId: "condominio-42" }],
  accounts: [{ id: "a-1", itemId: "i-1", type: "BANK", name: "Conta" }],
  transactions: [],
});

let now = new Date("2026-11-06T12:00:00Z");
const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});
async function start(options: Partial<PluggySandboxOptions> = {}) {
  const sandbox = await startPluggySandbox({
    port: 0,
    data,
    ...credentials,
    clock: () => now,
    ...options,
  });
  opened.push(sandbox);
  return sandbox;
}
const auth = (url: string, body: unknown) =>
  fetch(`${url}/auth`, { method: "POST", body: JSON.stringify(body) });
const keyOf = async (url: string): Promise<string> =>
  z.object({ apiKey: z.string() }).parse(await (await auth(url, credentials)).json()).apiKey;

describe("startPluggySandbox", () => {
  it("says what it is on every answer", async () => {
    const { url } = await start();
    for (const response of [await auth(url, credentials), await fetch(`${url}/nowhere`)]) {
      expect(response.headers.get("x-blindagem-sandbox")).toBe("pluggy");
      await response.text();
    }
  });

  it("gives keys for its credentials alone, and refuses them once they expire", async () => {
    const { url } = await start({ keyLifetimeMs: 60_000 });
    expect((await auth(url, { clientId: "c", clientSecret: "x" })).status).toBe(401);
    expect((await auth(url, {})).status).toBe(400);
    const key = await keyOf(url);
    const item = () => fetch(`${url}/items/i-1`, { headers: { "x-api-key": key } });
    expect(await (await item()).json()).toEqual(data.items[0]);
    now = new Date(now.getTime() + 60_000);
    expect((await item()).status).toBe(403);
    expect((await fetch(`${url}/items/i-1`)).status).toBe(403);
  });

  it("limits requests per minute and says when to come back", async () => {
    now = new Date("2026-11-06T12:00:00Z");
    const { url } = await start({ limits: { auth: 1, transactions: 1 } });
    await keyOf(url);
    now = new Date("2026-11-06T12:00:15.500Z");
    const refused = await auth(url, credentials);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "45"]);
    now = new Date("2026-11-06T12:01:00Z");
    expect((await auth(url, credentials)).status).toBe(200);
  });

  it("refuses a cursor whose plus sign was not encoded", async () => {
    const transactions = [1, 2, 3].map((index) => entry(`t-${index}`, index));
    const { url } = await start({ data: { ...data, transactions }, pageSize: 1 });
    const headers = { "x-api-key": await keyOf(url) };
    const first = await fetch(`${url}/v2/transactions?accountId=a-1`, { headers });
    const { next } = z.object({ next: z.string() }).parse(await first.json());
    expect(decodeURIComponent(next)).toMatch(/after=.*[+].*[/]/);
    expect((await fetch(`${url}/v2/transactions${next}`, { headers })).status).toBe(200);
    const bare = `${url}/v2/transactions${decodeURIComponent(next)}`;
    expect((await fetch(bare, { headers })).status).toBe(400);
  });

  it("changes by its owner's hand only", async () => {
    const sandbox = await start();
    const client = createPluggyClient({ baseUrl: sandbox.url, ...credentials, timeoutMs: 5_000 });
    sandbox.setItem({ id: "i-1", status: "LOGIN_ERROR" });
    expect(await client.getItem("i-1")).toEqual({ ...data.items[0], status: "LOGIN_ERROR" });
    sandbox.addTransactions([entry("t-1", 1), entry("t-2", 2)]);
    sandbox.removeTransactions(["t-1"]);
    const pages = [];
    for await (const page of client.listTransactions("a-1", {})) pages.push(page);
    expect(pages.flat().map((movement) => movement.providerId)).toEqual(["t-2"]);
  });

  it("sends notifications that the verifier takes for genuine", async () => {
    const signature = { header: "x-pluggy-signature", secret: "hmac" };
    const customHeader = { header: "x-blindagem-webhook", secret: "token" };
    const verify = createWebhookVerifier({
      signature: { header: signature.header, secrets: [signature.secret] },
      customHeader: { header: customHeader.header, secrets: [customHeader.secret] },
      allowedNetworks: ["127.0.0.0/8"],
    });
    const received: unknown[] = [];
    const receiver = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const rawBody = Buffer.concat(chunks);
      const { headers, socket } = request;
      const refusal = verify({ rawBody, headers, ip: socket.remoteAddress });
      received.push(webhookEvent.parse(JSON.parse(rawBody.toString())));
      response.writeHead(refusal ? 401 : 202).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    opened.push({ close: () => new Promise((resolve) => receiver.close(resolve)) });
    const address = receiver.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const url = `http://127.0.0.1:${port}/webhooks/pluggy`;

    const event = { event: "item/updated", itemId: "i-1" };
    const honest = await start({ webhook: { url, signature, customHeader } });
    const { status, eventId } = await honest.sendWebhook(event);
    expect(status).toBe(202);
    expect(received).toEqual([{ ...event, eventId, clientId: "c", kind: "ITEM" }]);
    expect((await honest.sendWebhook({ ...event, eventId })).eventId).toBe(eventId);

    const forged = { ...signature, secret: "guess" };
    const forger = await start({ webhook: { url, signature: forged, customHeader } });
    expect((await forger.sendWebhook(event)).status).toBe(401);
    await expect((await start()).sendWebhook(event)).rejects.toThrow("without a webhook");
  });
});

describe("pageOf", () => {
  it("gives every entry of the account once, in order, whatever the page size", () => {
    const entries = fc.uniqueArray(
      fc.record({ id: fc.uuid(), day: fc.integer({ min: 1, max: 4 }), mine: fc.boolean() }),
      { selector: (each) => each.id, maxLength: 40 },
    );
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 12 }), (list, pageSize) => {
        const all = list.map(({ id, day, mine }) => entry(id, day, mine ? "a-1" : "a-2"));
        const seen: PluggyTransaction[] = [];
        const query = new URLSearchParams({ accountId: "a-1" });
        for (let pages = 0; ; pages++) {
          const page = pageOf(all, query, pageSize);
          if (!page || pages > list.length) throw new Error("paging does not end");
          expect(page.results.length).toBeLessThanOrEqual(pageSize);
          seen.push(...page.results);
          if (page.after === null) break;
          query.set("after", page.after);
        }
        const mine = all.filter((each) => each.accountId === "a-1");
        expect(new Set(seen)).toEqual(new Set(mine));
        expect(seen).toHaveLength(mine.length);
        const dates = seen.map((each) => each.date);
        expect(dates).toEqual([...dates].sort().reverse());
      }),
    );
  });

  it("refuses what Pluggy refuses", () => {
    const page = (query: Record<string, string>) => pageOf([], new URLSearchParams(query), 5);
    expect(page({ accountId: "a-1" })).toEqual({ results: [], after: null });
    const dates = { dateFrom: "2026-11-01", createdAtFrom: "2026-11-01T00:00:00Z" };
    expect(page(dates)).toBeUndefined();
    expect(page({ dateFrom: "yesterday" })).toBeUndefined();
    expect(page({ after: "eyJpZCI6IjEyIn0=" })).toBeUndefined();
    expect(page({ ids: Array(501).fill("t").join(",") })).toBeUndefined();
  });
});

function entry(id: string, day: number, accountId = "a-1"): PluggyTransaction {
  return { id, accountId, date: `2026-11-0${day}T12:00:00.000Z`, type: "DEBIT", amount: -1 };
}
