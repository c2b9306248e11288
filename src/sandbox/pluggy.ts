import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import type { PluggyItem, PluggyTransaction } from "../banking/pluggy-shapes.ts";
import { webhookSignature } from "../banking/webhook.ts";
import type { PluggySandboxData } from "./pluggy-data.ts";
import { createMinuteLimit, type PluggyLimits } from "./pluggy-limits.ts";
import { pageOf } from "./pluggy-paging.ts";

/** Where notifications go, and what proves that they are the sandbox's; see createWebhookVerifier. */
export type SandboxWebhook = {
  url: string;
  signature?: { header: string; secret: string };
  customHeader?: { header: string; secret: string };
};

export type PluggySandboxOptions = {
  /** 0: a free one. Always on the loopback address. */
  port: number;
  data: PluggySandboxData;
  clientId: string;
  clientSecret: string;
  limits?: PluggyLimits;
  keyLifetimeMs?: number;
  pageSize?: number;
  /** How `next` is written: Pluggy was seen to give `?…`; clients should take all three. */
  nextForm?: "relative" | "absolute" | "cursor";
  webhook?: SandboxWebhook;
  clock?: () => Date;
  newId?: () => string;
};

/** An answer given instead of the right one, `times` times (once), to paths that start with `path`. */
export type ScriptedFailure = {
  path: string;
  times?: number;
  /** "hang": the request is never answered; "drop": its connection is cut. */
  answer: { status: number; headers?: Record<string, string>; body?: string } | "hang" | "drop";
};

export type SandboxRequest = { method: string; path: string; query: URLSearchParams; at: Date };

export type PluggySandbox = {
  url: string;
  close(): Promise<void>;
  /** All requests so far, oldest first. */
  requests(): readonly SandboxRequest[];
  /** Adds entries, or replaces those of the same id; without `createdAt` they are created now. */
  addTransactions(transactions: readonly PluggyTransaction[]): void;
  removeTransactions(ids: readonly string[]): void;
  /** Adds an item, or changes the fields given of the item of that id. */
  setItem(item: Pick<PluggyItem, "id"> & Partial<PluggyItem>): void;
  fail(failure: ScriptedFailure): void;
  /** Invalidates the keys given out so far, as a rotated client secret does. */
  revokeKeys(): void;
  /** Sends a notification; `eventId` and `clientId` are added unless given (give one to repeat it). */
  sendWebhook(event: SandboxEvent): Promise<{ status: number; eventId: string }>;
};

export type SandboxEvent = { event: string; eventId?: string } & Record<string, unknown>;

const credentials = z.object({ clientId: z.string(), clientSecret: z.string() });
const PLUGGY_LIMITS = { auth: 360, transactions: 360 };
const ACCOUNTS_PER_PAGE = 20;

type Answer = { status: number; body: unknown; headers?: Record<string, string> };

/**
 * A stand-in for the part of Pluggy that the client reads: authentication with keys that expire,
 * items, accounts, transactions v2 with cursors, limits per minute, notifications. It serves what
 * `data` says and knows nothing of refunds or verdicts. Every answer carries
 * `x-blindagem-sandbox: pluggy`, so that whoever talks to it can say so.
 */
export async function startPluggySandbox(options: PluggySandboxOptions): Promise<PluggySandbox> {
  const clock = options.clock ?? (() => new Date());
  const newId = options.newId ?? randomUUID;
  const items = new Map(options.data.items.map((item) => [item.id, item]));
  const transactions = new Map(options.data.transactions.map((entry) => [entry.id, entry]));
  const wait = createMinuteLimit(options.limits ?? PLUGGY_LIMITS, clock);
  const keys = new Map<string, number>();
  const failures: { path: string; left: number; answer: ScriptedFailure["answer"] }[] = [];
  const log: SandboxRequest[] = [];

  const server = createServer((request, response) => {
    response.setHeader("x-blindagem-sandbox", "pluggy");
    const url = new URL(request.url ?? "/", "http://sandbox");
    log.push({
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      at: clock(),
    });
    const failure = failures.find((entry) => entry.left > 0 && url.pathname.startsWith(entry.path));
    if (failure) {
      failure.left -= 1;
      if (failure.answer === "drop") request.socket.destroy();
      else if (failure.answer !== "hang") {
        response.writeHead(failure.answer.status, failure.answer.headers);
        response.end(failure.answer.body ?? "");
      }
      return;
    }
    answer(request, url).then(
      (result) => write(response, result),
      () => write(response, refusal(500, "internal error")),
    );
  });

  async function answer(request: IncomingMessage, url: URL): Promise<Answer> {
    const address = request.socket.remoteAddress ?? "";
    const route = `${request.method} ${url.pathname}`;
    if (route === "POST /auth") return limited("auth", address) ?? authenticate(request);

    const key = request.headers["x-api-key"];
    const expiresAt = typeof key === "string" ? keys.get(key) : undefined;
    if (expiresAt === undefined || clock().getTime() >= expiresAt) {
      return refusal(403, "Missing or invalid authorization token");
    }
    const itemId = /^GET \/items\/([^/]+)$/.exec(route)?.[1];
    if (itemId) {
      const item = items.get(decodeURIComponent(itemId));
      return item ? { status: 200, body: item } : refusal(404, "item not found");
    }
    if (route === "GET /accounts") return accountsOf(url.searchParams);
    if (route === "GET /v2/transactions") {
      return limited("transactions", address) ?? transactionsOf(url.searchParams);
    }
    return refusal(404, "route not found");
  }

  function limited(resource: keyof PluggyLimits, address: string): Answer | undefined {
    const seconds = wait(resource, address);
    if (seconds === 0) return undefined;
    const message = "Too many requests. Please try again later (see Retry-After header in seconds)";
    return { ...refusal(429, message), headers: { "retry-after": String(seconds) } };
  }

  async function authenticate(request: IncomingMessage): Promise<Answer> {
    const given = credentials.safeParse(await readJson(request));
    if (!given.success) return refusal(400, "clientId and clientSecret are required");
    const { clientId, clientSecret } = given.data;
    if (clientId !== options.clientId || clientSecret !== options.clientSecret) {
      return refusal(401, "Client keys are invalid");
    }
    const key = `sandbox.${newId()}.unsigned`;
    keys.set(key, clock().getTime() + (options.keyLifetimeMs ?? 2 * 3_600_000));
    return { status: 200, body: { apiKey: key } };
  }

  function accountsOf(query: URLSearchParams): Answer {
    const itemId = query.get("itemId") ?? "";
    if (!items.has(itemId)) return refusal(404, "item not found");
    const all = options.data.accounts.filter((account) => account.itemId === itemId);
    const page = Number(query.get("page") ?? "1");
    const from = (page - 1) * ACCOUNTS_PER_PAGE;
    const results = all.slice(from, from + ACCOUNTS_PER_PAGE);
    const totalPages = Math.ceil(all.length / ACCOUNTS_PER_PAGE);
    return { status: 200, body: { total: all.length, totalPages, page, results } };
  }

  function transactionsOf(query: URLSearchParams): Answer {
    if (!options.data.accounts.some((account) => account.id === query.get("accountId"))) {
      return refusal(404, "account not found");
    }
    const page = pageOf([...transactions.values()], query, options.pageSize ?? 500);
    if (!page) return refusal(400, "invalid query");
    const next = page.after === null ? null : nextOf(query, page.after);
    return { status: 200, body: { results: page.results, next } };
  }

  function nextOf(query: URLSearchParams, after: string): string {
    if (options.nextForm === "cursor") return after;
    const following = new URLSearchParams(query);
    following.set("after", after);
    return options.nextForm === "absolute"
      ? `${url}/v2/transactions?${following}`
      : `?${following}`;
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const bound = server.address();
  const url = `http://127.0.0.1:${typeof bound === "object" && bound ? bound.port : options.port}`;

  return {
    url,
    requests: () => [...log],
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
    addTransactions(added) {
      for (const entry of added) {
        transactions.set(entry.id, { createdAt: clock().toISOString(), ...entry });
      }
    },
    removeTransactions(ids) {
      for (const id of ids) transactions.delete(id);
    },
    setItem(item) {
      items.set(item.id, { status: "UPDATED", ...items.get(item.id), ...item });
    },
    fail({ path, times = 1, answer }) {
      failures.push({ path, left: times, answer });
    },
    revokeKeys: () => keys.clear(),
    async sendWebhook(event) {
      if (!options.webhook) throw new Error("the sandbox was started without a webhook");
      const eventId = event.eventId ?? newId();
      const body = Buffer.from(JSON.stringify({ ...event, eventId, clientId: options.clientId }));
      const status = await deliver(options.webhook, body);
      return { status, eventId };
    },
  };
}

async function deliver(webhook: SandboxWebhook, body: Uint8Array<ArrayBuffer>): Promise<number> {
  const headers = new Headers({
    "content-type": "application/json",
    "x-blindagem-sandbox": "pluggy",
  });
  const { signature, customHeader } = webhook;
  if (signature) headers.set(signature.header, webhookSignature(body, signature.secret));
  if (customHeader) headers.set(customHeader.header, customHeader.secret);
  const response = await fetch(webhook.url, { method: "POST", headers, body });
  await response.arrayBuffer();
  return response.status;
}

function refusal(code: number, message: string): Answer {
  return { status: code, body: { code, message } };
}

function write(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
  response.end(JSON.stringify(answer.body));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
