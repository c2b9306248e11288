import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import {
  bucketOf,
  pauseProvider,
  setProviderLimit,
  takeSlot,
} from "../../src/queue/provider-slot.ts";
import { takeTurn } from "../../src/queue/provider-turn.ts";
import { giveSlots } from "../../src/queue/provider-turns.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

const start = new Date("2026-11-05T15:00:00Z");
const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const PLUGGY = bucketOf("PLUGGY", undefined);

let database: TestDatabase;
let client: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  client = await database.pool("worker").connect();
});
afterAll(async () => {
  client.release();
  await database.drop();
});
beforeEach(async () => {
  await client.query("delete from blindagem_private.provider_buckets");
  await setProviderLimit(client, { ...PLUGGY, perMinute: 60, burst: 1 });
});

interface Taken {
  /** Seconds from the start, and how many requests. */
  turn: [at: number, requests: number];
  /** The job that waits for it. */
  job: string | undefined;
}

/** Takes a turn at that second, and puts a job off that has to wait. */
async function take(seconds: number, requests: number, job?: string): Promise<Taken> {
  const taken = await takeTurn(client, PLUGGY, at(seconds), { jobId: job }, requests);
  if (taken.cause !== null) {
    const { at: runAt, place } = taken;
    await enqueueJobs(client, [{ task: "pluggy_sync", payload: {}, runAt, place }]);
  }
  return {
    turn: [(taken.at.getTime() - start.getTime()) / 1000, taken.requests],
    job: taken.place ?? undefined,
  };
}
const turn = async (seconds: number, requests: number, job?: string) =>
  (await take(seconds, requests, job)).turn;
const give = (seconds: number) => giveSlots(database.pool("worker"), at(seconds));

describe("takeTurn", () => {
  it("takes slots for all requests: the next job's turn comes after them", async () => {
    expect([await turn(0, 4), await turn(0, 2), await turn(0, 1)]).toEqual([
      [0, 4],
      [4, 2],
      [6, 1],
    ]);
  });

  it("takes nothing more for a job that comes at its turn, however many it would now ask for", async () => {
    await turn(0, 4);
    const { job } = await take(0, 4);
    await give(3);
    expect(await turn(5.5, 9, job)).toEqual([5.5, 4]);
    expect(await turn(6, 1)).toEqual([8, 1]);
  });

  it("gives a job that is late a whole new turn, before those behind it", async () => {
    await turn(0, 4);
    const { job } = await take(0, 4);
    const behind = await take(0, 1);
    await give(3);
    expect(await turn(6.1, 3, job)).toEqual([8, 3]);
    await give(6.5);
    expect(await turn(8, 1, behind.job)).toEqual([11, 1]);
  });

  it("gives a job that finds the provider paused a whole new turn", async () => {
    await turn(0, 4);
    const { job } = await take(0, 4);
    await give(3);
    await pauseProvider(client, PLUGGY, at(30));
    expect(await turn(4, 4, job)).toEqual([30, 4]);
    expect(await turn(4, 1)).toEqual([34, 1]);
  });

  it("lets a job wait for its slot that comes too early, as where a clock is slow", async () => {
    await turn(0, 4);
    const { job } = await take(0, 4);
    await give(2.5);
    const early = await take(2.6, 4, job);
    expect(early.turn).toEqual([4, 4]);
    expect(await turn(4, 4, early.job)).toEqual([4, 4]);
  });

  it("goes after what a job asks for beyond its turn", async () => {
    await turn(0, 1);
    const { job } = await take(0, 1);
    await takeSlot(client, PLUGGY, at(0));
    await give(1);
    expect(await turn(2, 1, job)).toEqual([2, 1]);
  });

  it("lets every job begin where no limit is stored", async () => {
    await client.query("delete from blindagem_private.provider_buckets");
    expect([await turn(0, 4), await turn(0, 4)]).toEqual([
      [0, 4],
      [0, 4],
    ]);
  });
});
