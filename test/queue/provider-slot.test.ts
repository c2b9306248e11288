import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type pg from "pg";
import {
  type Bucket,
  bucketOf,
  pauseProvider,
  setProviderLimit,
  takeSlot,
} from "../../src/queue/provider-slot.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

const start = new Date("2026-11-05T15:00:00Z");
const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);

const CNPJWS = bucketOf("CNPJWS", undefined);
const reserveSlot = async (session: pg.ClientBase, bucket: Bucket, now: Date): Promise<Date> =>
  (await takeSlot(session, bucket, now)).at;

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
beforeEach(() => client.query("delete from blindagem_private.provider_buckets"));

const limit = (perMinute: number, burst = 1) =>
  setProviderLimit(client, { provider: "CNPJWS", credential: "public", perMinute, burst });
const reserve = (seconds: number) => reserveSlot(client, CNPJWS, at(seconds));

describe("takeSlot of a job that has no slot yet", () => {
  it("lets everyone go where no limit is set", async () => {
    expect([await reserve(0), await reserve(0)]).toEqual([at(0), at(0)]);
  });

  it("gives one slot an interval, each once", async () => {
    await limit(3);
    expect([await reserve(0), await reserve(0), await reserve(1), await reserve(70)]).toEqual([
      at(0),
      at(20),
      at(40),
      at(70),
    ]);
  });

  it("lets a burst go at once after a pause, and no more", async () => {
    await limit(60, 3);
    const slots = [];
    for (let ask = 0; ask < 5; ask++) slots.push(await reserve(0));
    expect(slots).toEqual([0, 0, 0, 1, 2].map(at));
  });

  it("takes up a changed limit with the next slot", async () => {
    await limit(3);
    await reserve(0);
    await limit(60);
    expect([await reserve(0), await reserve(0)]).toEqual([at(20), at(21)]);
  });

  it("gives no slot twice to workers that ask at once", async () => {
    await limit(6);
    const slots = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const other = await database.pool("worker").connect();
        try {
          return await reserveSlot(other, CNPJWS, start);
        } finally {
          other.release();
        }
      }),
    );
    const seconds = slots.map((slot) => (slot.getTime() - start.getTime()) / 1000);
    expect(seconds.sort((one, other) => one - other)).toEqual(
      Array.from({ length: 12 }, (_, index) => index * 10),
    );
  });

  it("never gives more slots in a span than limit and burst allow, whenever they are asked for", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 2, maxLength: 25 }),
        fc.constantFrom(3, 30, 120),
        fc.integer({ min: 1, max: 4 }),
        async (pauses, perMinute, burst) => {
          await client.query("delete from blindagem_private.provider_buckets");
          await limit(perMinute, burst);
          const interval = 60_000 / perMinute;
          let now = start.getTime();
          const slots: number[] = [];
          for (const pause of pauses) {
            now += pause;
            const slot = (await reserveSlot(client, CNPJWS, new Date(now))).getTime();
            expect(slot).toBeGreaterThanOrEqual(now);
            slots.push(slot);
          }
          slots.sort((one, other) => one - other);
          // Milliseconds are rounded.
          for (const [from, first] of slots.entries())
            for (const [to, last] of slots.entries())
              if (to > from) expect(to - from).toBeLessThan(burst + (last - first + 2) / interval);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe("pauseProvider", () => {
  it("lets nobody go before that instant, and then one an interval", async () => {
    await limit(3);
    await reserve(0);
    await pauseProvider(client, CNPJWS, at(45));
    expect([await reserve(1), await reserve(2)]).toEqual([at(45), at(65)]);
  });

  it("is never shortened by a later answer", async () => {
    await limit(3);
    await pauseProvider(client, CNPJWS, at(45));
    await pauseProvider(client, CNPJWS, at(10));
    expect(await reserve(0)).toEqual(at(45));
  });
});

describe("takeSlot of a job that comes at its slot", () => {
  const take = async (seconds: number, reserved?: number) => {
    const slot = reserved === undefined ? undefined : at(reserved);
    return (await takeSlot(client, CNPJWS, at(seconds), slot)).at;
  };

  it("does not ask it to wait again", async () => {
    await limit(3);
    await reserve(0);
    expect(await take(1)).toEqual(at(20));
    expect(await take(21, 20)).toEqual(at(21));
    expect(await take(22)).toEqual(at(40));
  });

  it("gives it a new one when the provider has refused somebody meanwhile", async () => {
    await limit(3);
    await reserve(0);
    await pauseProvider(client, CNPJWS, at(60));
    expect(await take(20, 20)).toEqual(at(60));
    expect(await take(60, 60)).toEqual(at(60));
  });

  it("gives those who missed theirs new ones, not all the same moment", async () => {
    await limit(3);
    for (let asked = 0; asked < 4; asked++) await reserve(0);
    expect([await take(300, 20), await take(300, 40), await take(300, 60)]).toEqual(
      [300, 320, 340].map(at),
    );
  });
});
