import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { bucketOf, pauseProvider, setProviderLimit } from "../../src/queue/provider-slot.ts";
import { takeTurn } from "../../src/queue/provider-turn.ts";
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

/** When the turn is, in seconds from the start, and of how many requests. */
async function turn(seconds: number, requests: number, reserved?: [at: number, requests: number]) {
  const own = reserved && { at: at(reserved[0]), requests: reserved[1] };
  const taken = await takeTurn(client, PLUGGY, at(seconds), requests, own);
  return [(taken.at.getTime() - start.getTime()) / 1000, taken.requests];
}

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
    await turn(0, 4);
    expect(await turn(6, 9, [4, 4])).toEqual([6, 4]);
    expect(await turn(6, 1)).toEqual([8, 1]);
  });

  it("gives a job that is late a whole new turn", async () => {
    await turn(0, 4);
    await turn(0, 4);
    expect(await turn(6.1, 3, [4, 4])).toEqual([8, 3]);
    expect(await turn(6.1, 1)).toEqual([11, 1]);
    // At once, where nobody waits.
    expect(await turn(60, 3, [8, 3])).toEqual([60, 3]);
    expect(await turn(60, 1)).toEqual([63, 1]);
  });

  it("gives a job that finds the provider paused a whole new turn", async () => {
    await turn(0, 4);
    await turn(0, 4);
    await pauseProvider(client, PLUGGY, at(30));
    expect(await turn(4, 4, [4, 4])).toEqual([30, 4]);
    expect(await turn(4, 1)).toEqual([34, 1]);
  });

  it("lets every job begin where no limit is stored", async () => {
    await client.query("delete from blindagem_private.provider_buckets");
    expect([await turn(0, 4), await turn(0, 4)]).toEqual([
      [0, 4],
      [0, 4],
    ]);
  });
});
