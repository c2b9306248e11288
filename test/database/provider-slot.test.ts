import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type pg from "pg";
import { providerCapacity } from "../../src/queue/provider-capacity.ts";
import {
  bucketOf,
  pauseProvider,
  setProviderLimit,
  takeSlot,
} from "../../src/queue/provider-slot.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const START = new Date("2026-11-05T03:00:00Z").getTime();
const at = (seconds: number) => new Date(START + seconds * 1000);

const CNPJWS = bucketOf("CNPJWS", undefined);
const PLUGGY = bucketOf("PLUGGY", undefined);

let database: TestDatabase;
let worker: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  worker = await database.pool("worker").connect();
});
afterAll(async () => {
  worker.release();
  await database.drop();
});
beforeEach(() => limit(3, 1));

async function limit(perMinute: number, burst: number): Promise<void> {
  await worker.query("delete from blindagem_private.provider_buckets");
  await setProviderLimit(worker, { provider: "CNPJWS", credential: "public", perMinute, burst });
}

/** The slots, in seconds from the start, of requests made at those seconds. */
async function slots(...seconds: number[]): Promise<number[]> {
  const taken: number[] = [];
  for (const second of seconds) {
    const { at: slot } = await takeSlot(worker, CNPJWS, at(second));
    taken.push((slot.getTime() - START) / 1000);
  }
  return taken;
}

describe("take_provider_slot", () => {
  it("gives one slot an interval: three a minute", async () => {
    expect(await slots(0, 0, 0, 0, 1)).toEqual([0, 20, 40, 60, 80]);
  });

  it("lets go at once after a pause, and saves nothing up beyond the burst", async () => {
    expect(await slots(0, 1000, 1000)).toEqual([0, 1000, 1020]);
  });

  it("lets a burst go at once, then one an interval", async () => {
    await limit(3, 3);
    expect(await slots(0, 0, 0, 0, 0)).toEqual([0, 0, 0, 20, 40]);
  });

  it("lets nobody go before a pause ends", async () => {
    await pauseProvider(worker, CNPJWS, at(90));
    expect(await slots(0, 0, 100)).toEqual([90, 110, 130]);
    await pauseProvider(worker, CNPJWS, at(50));
    expect(await slots(0)).toEqual([150]);
  });

  it("lets everyone go where no limit is set", async () => {
    expect(await takeSlot(worker, PLUGGY, at(7))).toEqual({ at: at(7), cause: null });
  });

  it("never lets more than burst + one per interval go in any time, and none before it asks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(60), { minLength: 2, maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        async (gaps, burst) => {
          await limit(6, burst);
          let now = 0;
          const asked = gaps.map((gap) => {
            now += gap;
            return now;
          });
          const taken = await slots(...asked);
          taken.forEach((slot, index) => {
            expect(slot).toBeGreaterThanOrEqual(asked[index] ?? 0);
            for (const [later, other] of taken.entries()) {
              if (later < index + burst) continue;
              const between = later - index;
              // After `burst` at once each further one takes its ten seconds.
              expect(other - slot).toBeGreaterThanOrEqual(
                (between - burst + 1) * 10 - 1e-6 - 10 * (burst - 1),
              );
            }
          });
          // The whole: n slots take at least n - burst intervals.
          const span = Math.max(...taken) - Math.min(...taken);
          expect(span).toBeGreaterThanOrEqual((taken.length - burst) * 10 - 1e-6);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("providerCapacity", () => {
  it("counts what is left until then, without what has its slot already", async () => {
    expect(await providerCapacity(worker, CNPJWS, at(0), at(3600))).toBe(180);
    await slots(0, 0);
    expect(await providerCapacity(worker, CNPJWS, at(0), at(3600))).toBe(178);
    await pauseProvider(worker, CNPJWS, at(3600));
    expect(await providerCapacity(worker, CNPJWS, at(0), at(3600))).toBe(0);
    expect(await providerCapacity(worker, PLUGGY, at(0), at(3600))).toBeUndefined();
  });
});
