import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import {
  bucketOf,
  pauseProvider,
  setProviderLimit,
  takeSlot,
} from "../../src/queue/provider-slot.ts";
import { NoRequestNow, type PaceOptions, paceRequests } from "../../src/queue/request-pace.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

/** 22:00 in Brasília. */
const start = new Date("2026-11-06T01:00:00Z");
const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const MIDNIGHT = 7_200;
const turns = bucketOf("PLUGGY", undefined);
const requests = bucketOf("PLUGGY_REQUESTS", undefined);

let database: TestDatabase;
let client: pg.PoolClient;
let now = start;
let waits: Date[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  client = await database.pool("worker").connect();
});
afterAll(async () => {
  client.release();
  await database.drop();
});
beforeEach(async () => {
  now = start;
  waits = [];
  await client.query("delete from blindagem_private.provider_buckets");
});

async function limit(perMinute: number, perDay?: number): Promise<void> {
  for (const bucket of [turns, requests]) {
    await setProviderLimit(client, { ...bucket, perMinute, burst: 1, perDay });
  }
}

function pace(changes: Partial<PaceOptions> = {}) {
  return paceRequests({
    turns,
    requests,
    paid: 100,
    clock: () => now,
    async waitUntil(until) {
      waits.push(until);
      now = until;
    },
    signal: new AbortController().signal,
    async transaction(use) {
      await client.query("begin");
      try {
        const result = await use(client);
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback");
        throw error;
      }
    },
    ...changes,
  });
}

async function refused(promise: Promise<void>): Promise<NoRequestNow> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (!(error instanceof NoRequestNow)) throw new Error("expected NoRequestNow");
  return error;
}
const forAll = (until: Date) => ({ until, isForAll: true });

describe("paceRequests", () => {
  it("lets the first request go, and holds each further one back until its slot", async () => {
    await limit(30);
    const { beforeRequest, sent } = pace();
    for (let request = 0; request < 3; request++) await beforeRequest();
    expect(waits).toEqual([at(2), at(4)]);
    expect(sent()).toBe(3);
  });

  it("gives the jobs that run their slots in turn", async () => {
    await limit(60);
    const jobs = [pace(), pace()];
    for (let request = 0; request < 2; request++) {
      for (const { beforeRequest } of jobs) await beforeRequest();
    }
    expect(waits).toEqual([1, 2, 3].map(at));
  });

  it("holds nothing back where no limit is stored", async () => {
    const { beforeRequest } = pace();
    for (let request = 0; request < 5; request++) await beforeRequest();
    expect(waits).toEqual([]);
  });

  it("takes another slot when it comes too late to the one it waited for", async () => {
    await limit(60);
    const { beforeRequest } = pace({
      async waitUntil(until) {
        waits.push(until);
        // It stands still the first time, and others take the slots meanwhile.
        now = waits.length === 1 ? at(10) : until;
        if (waits.length === 1) await takeSlot(client, requests, now);
      },
    });
    await beforeRequest();
    await beforeRequest();
    expect(waits).toEqual([at(1), at(11)]);
  });

  it("counts what the job's turn has not paid for, so that later turns wait for it", async () => {
    await limit(60);
    await takeSlot(client, turns, start);
    const { beforeRequest } = pace({ paid: 1 });
    for (let request = 0; request < 4; request++) await beforeRequest();
    expect(await takeSlot(client, turns, now)).toEqual({ at: at(4), cause: "LIMIT" });
  });

  it("lets nothing go while the provider is paused, also when that begins while it waits", async () => {
    await limit(60);
    const { beforeRequest } = pace({
      async waitUntil(until) {
        now = until;
        await pauseProvider(client, turns, at(45));
      },
    });
    await beforeRequest();
    expect(await refused(beforeRequest())).toMatchObject(forAll(at(45)));
    now = at(45);
    await beforeRequest();
  });

  it("never exceeds the day's quota, and takes nothing of the next day's when it refuses", async () => {
    await limit(60, 2);
    const { beforeRequest } = pace();
    await beforeRequest();
    await beforeRequest();
    expect(await refused(beforeRequest())).toMatchObject(forAll(at(MIDNIGHT)));
    expect(await refused(beforeRequest())).toMatchObject(forAll(at(MIDNIGHT)));
    now = at(MIDNIGHT);
    await beforeRequest();
    await beforeRequest();
    expect(await refused(beforeRequest())).toMatchObject(forAll(at(MIDNIGHT + 86_400)));
  });

  it("does not begin behind many, and leaves them their slots", async () => {
    await limit(1);
    for (let other = 0; other < 4; other++) await takeSlot(client, requests, now);
    const { beforeRequest } = pace();
    expect(await refused(beforeRequest())).toMatchObject({ until: at(240), isForAll: false });
    // It has taken no slot there.
    expect((await takeSlot(client, requests, now)).at).toEqual(at(240));
  });

  it("waits for however long once it has begun", async () => {
    await limit(1);
    const { beforeRequest } = pace();
    await beforeRequest();
    for (let other = 0; other < 4; other++) await takeSlot(client, requests, now);
    await beforeRequest();
    expect(waits).toEqual([at(300)]);
  });

  it("stops waiting when its job is told to give up", async () => {
    await limit(1);
    const { beforeRequest } = pace({ waitUntil: () => Promise.reject(new Error("stopping")) });
    await beforeRequest();
    await expect(beforeRequest()).rejects.toThrow("stopping");
  });
});
