import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { loadEnvironment } from "../src/config.ts";
import { createLogger } from "../src/observability/logger.ts";
import { createServices, type Services, services, useServices } from "../src/services.ts";

const now = new Date("2026-11-05T15:00:00Z");

let directory: string;
let made: Services[] = [];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-services-"));
});
afterEach(async () => {
  for (const each of made) await each.close();
  made = [];
  await rm(directory, { recursive: true, force: true });
});

function create(variables: Record<string, string>): Services {
  const environment = loadEnvironment({ STATE_DIRECTORY: directory, ...variables });
  const created = createServices(environment, createLogger("silent"), () => now);
  made.push(created);
  return created;
}

/** Answers everything with 404 and remembers what it was asked. */
async function listening(use: (url: string) => Promise<void>): Promise<IncomingHttpHeaders[]> {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    asked.push({ ...request.headers, url: request.url });
    response.writeHead(404, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  try {
    await use(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return asked;
}

describe("the services of the environment", () => {
  it("ask the registry at the address and with the token that are configured", async () => {
    const asked = await listening(async (url) => {
      const { registry } = create({ CNPJWS_URL: url, CNPJWS_TOKEN: "the token" });
      expect(await registry.lookup("11222333000181")).toEqual({ kind: "NOT_FOUND" });
    });
    expect(asked).toMatchObject([{ url: "/cnpj/11222333000181", x_api_token: "the token" }]);
  });

  it("have no bank without both credentials", () => {
    expect(create({}).bank).toBeUndefined();
    expect(create({ PLUGGY_CLIENT_ID: "id" }).bank).toBeUndefined();
    expect(create({ PLUGGY_CLIENT_ID: "id", PLUGGY_CLIENT_SECRET: "secret" }).bank).toBeDefined();
  });

  it("keep documents in the state directory, or where they are told", async () => {
    const sha256 = "ab".repeat(32);
    await create({}).documents.put(sha256, new Uint8Array([1]));
    const elsewhere = path.join(directory, "elsewhere");
    await create({ DOCUMENTS_DIRECTORY: elsewhere }).documents.put(sha256, new Uint8Array([2]));
    expect(await readdir(path.join(directory, "documents", "ab"))).toEqual([sha256]);
    expect(await readdir(path.join(elsewhere, "ab"))).toEqual([sha256]);
  });

  it("tell the time by the clock they were given", () => {
    expect(create({}).clock()).toBe(now);
  });

  it("wait by that clock, until they are told to stop", async () => {
    const { waitUntil } = create({});
    const controller = new AbortController();
    await waitUntil(new Date(now.getTime() - 60_000), controller.signal);
    await waitUntil(new Date(now.getTime() + 5), controller.signal);
    const waiting = waitUntil(new Date(now.getTime() + 60_000), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow();
  });

  it("are what the process has set, for every task", () => {
    const replacement = create({});
    useServices(replacement);
    expect(services()).toBe(replacement);
    expect(services()).toBe(replacement);
  });
});
