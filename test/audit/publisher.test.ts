import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import type { CheckpointDirectory } from "../../src/audit/checkpoint-directory.ts";
import { createPublisher } from "../../src/audit/publisher.ts";
import { waitFor } from "../wait-for.ts";

const received: string[] = [];
let status = 200;
/** What the address waits for before it answers. */
let answering: Promise<void>;
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => {
    body += part;
  });
  request.on("end", () => {
    received.push(`${request.method} ${request.headers["content-type"]} ${body}`);
    void answering.then(() => response.writeHead(status).end());
  });
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => void server.close());

let now = 0;
let timers: { at: number; task: () => void }[];

/** Lets time pass, and what was to be done by then happen. */
function pass(ms: number): void {
  now += ms;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { task } of due) task();
}

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
  timers = [];
  kept = [];
  sent = [];
  received.length = 0;
  status = 200;
  answering = Promise.resolve();
});

const publisher = () =>
  createPublisher({
    directory,
    url,
    everyMs: 60_000,
    logger: pino({ level: "silent" }),
    clock: () => now,
    after: (ms, task) => {
      const timer = { at: now + ms, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    onSent: (ok) => void sent.push(ok),
  });

describe("createPublisher", () => {
  it("writes the newest down at once; keeps and sends one in so long, the newest of them", async () => {
    const published = publisher();
    await published.offer(1, "one");
    pass(1000);
    await published.offer(2, "two");
    await published.offer(3, "three");
    expect(newest).toBe("three");
    pass(58_999);
    expect(kept).toEqual(["1 one"]);
    pass(1);
    await waitFor("the sending", () => sent.length === 2);
    expect(kept).toEqual(["1 one", "3 three"]);
    expect(received).toEqual([
      "POST text/plain; charset=utf-8 one",
      "POST text/plain; charset=utf-8 three",
    ]);
    expect(sent).toEqual([true, true]);
    expect(timers).toEqual([]);
  });

  it("waits for as long after one that was held back", async () => {
    const published = publisher();
    await published.offer(1, "one");
    await published.offer(2, "two");
    pass(60_000);
    await waitFor("the second", () => kept.length === 2);
    pass(30_000);
    await published.offer(3, "three");
    pass(29_999);
    expect(timers).toHaveLength(1);
    pass(1);
    await waitFor("the third", () => kept.length === 3);
    expect(kept).toEqual(["1 one", "2 two", "3 three"]);
  });

  it("sends one in so long, too, when the address takes longer than that to answer", async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    answering = first.promise;
    const published = publisher();
    await published.offer(1, "one");
    await waitFor("the first", () => received.length === 1);
    now = 60_000;
    await published.offer(2, "two");
    await published.offer(3, "three");
    answering = second.promise;
    first.resolve();
    await waitFor("the second", () => received.length === 2);
    await published.offer(4, "four");
    second.resolve();
    await waitFor("its answer", () => sent.length === 2);
    await new Promise(setImmediate);
    expect(timers).toHaveLength(1);
    expect(kept).toEqual(["1 one", "3 three"]);
    pass(60_000);
    await waitFor("the last", () => sent.length === 3);
    expect(kept).toEqual(["1 one", "3 three", "4 four"]);
  });

  it("publishes at its end what it has not yet", async () => {
    const published = publisher();
    await published.offer(1, "one");
    await published.offer(2, "two");
    await published.flush();
    expect(timers).toEqual([]);
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
