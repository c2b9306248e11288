import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import type { CheckpointDirectory } from "../../src/audit/checkpoint-directory.ts";
import { createPublisher } from "../../src/audit/publisher.ts";

const received: string[] = [];
let status = 200;
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => {
    body += part;
  });
  request.on("end", () => {
    received.push(`${request.method} ${request.headers["content-type"]} ${body}`);
    response.writeHead(status).end();
  });
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => void server.close());

let now = 0;
let kept: string[];
let newest: string;
let sent: boolean[];
const directory: CheckpointDirectory = {
  newest: async () => newest,
  keepNewest: async (note) => {
    newest = note;
  },
  keep: async (size, note) => void kept.push(`${size} ${note}`),
};
beforeEach(() => {
  now = 0;
  kept = [];
  sent = [];
  received.length = 0;
  status = 200;
});

const publisher = () =>
  createPublisher({
    directory,
    url,
    everyMs: 60_000,
    logger: pino({ level: "silent" }),
    clock: () => now,
    onSent: (ok) => void sent.push(ok),
  });

describe("createPublisher", () => {
  it("writes the newest down at once; keeps and sends one in so long, the newest of them", async () => {
    const published = publisher();
    await published.offer(1, "one");
    now = 1000;
    await published.offer(2, "two");
    await published.offer(3, "three");
    expect(newest).toBe("three");
    now = 60_000;
    await published.offer(4, "four");
    await published.flush();
    expect(kept).toEqual(["1 one", "4 four"]);
    expect(received).toEqual([
      "POST text/plain; charset=utf-8 one",
      "POST text/plain; charset=utf-8 four",
    ]);
    expect(sent).toEqual([true, true]);
  });

  it("publishes at its end what it has not yet", async () => {
    const published = publisher();
    await published.offer(1, "one");
    await published.offer(2, "two");
    await published.flush();
    await published.flush();
    expect(kept).toEqual(["1 one", "2 two"]);
  });

  it("goes on when the address refuses, and counts it", async () => {
    status = 503;
    const published = publisher();
    await published.offer(1, "one");
    await published.flush();
    status = 200;
    now = 60_000;
    await published.offer(2, "two");
    await published.flush();
    expect(sent).toEqual([false, true]);
    expect(kept).toEqual(["1 one", "2 two"]);
  });
});
