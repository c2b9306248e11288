import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import pg from "pg";
import { dateInBrasilia } from "../../src/calendar/brasilia.ts";
import { loadEnvironment } from "../../src/config.ts";
import { providerLimits } from "../../src/processes/worker.ts";
import { providerCapacity } from "../../src/queue/provider-capacity.ts";
import {
  bucketOf,
  noteAnswer,
  pauseProvider,
  reopenDay,
  setProviderLimit,
  takeSlot,
} from "../../src/queue/provider-slot.ts";
import { startCnpjWsSandbox } from "../../src/sandbox/cnpjws.ts";
import { createCnpjWsClient } from "../../src/suppliers/cnpjws-client.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf } from "../database/world.ts";
import { registryBody } from "../tasks/administradora.ts";

/** 22:00 in Brasília, when the day in UTC is already the next one. */
const start = new Date("2026-11-06T01:00:00Z");
const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const MIDNIGHT = 7_200;
const CNPJWS = bucketOf("CNPJWS", undefined);

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

const limit = (perMinute: number, perDay?: number, burst = 1) =>
  setProviderLimit(client, { ...CNPJWS, perMinute, burst, perDay });
const take = async (seconds: number, reserved?: number) => {
  const slot = await takeSlot(
    client,
    CNPJWS,
    at(seconds),
    reserved === undefined ? undefined : at(reserved),
  );
  return [(slot.at.getTime() - start.getTime()) / 1000, slot.cause];
};
const note = (seconds: number, answered: boolean) =>
  noteAnswer(client, CNPJWS, at(seconds), answered);

describe("a credential", () => {
  it("has a limit of its own, under a fingerprint", async () => {
    const other = bucketOf("CNPJWS", "token-token-token");
    expect(other.credential).toMatch(/^[0-9a-f]{12}$/);
    await limit(3);
    await setProviderLimit(client, { ...other, perMinute: 3, burst: 1 });
    expect(await take(0)).toEqual([0, null]);
    expect(await takeSlot(client, other, start)).toEqual({ at: start, cause: null });
    expect(await take(0)).toEqual([20, "LIMIT"]);
  });
});

describe("the daily quota", () => {
  it("ends at midnight in Brasília, not in UTC", async () => {
    await limit(60, 2);
    expect([await take(0), await take(0), await take(0)]).toEqual([
      [0, null],
      [1, "LIMIT"],
      [MIDNIGHT, "QUOTA"],
    ]);
    // The next day's, and the day after.
    expect([await take(1), await take(1)]).toEqual([
      [MIDNIGHT + 1, "QUOTA"],
      [MIDNIGHT + 86_400, "QUOTA"],
    ]);
  });

  it("does not serve a slot that was the last of yesterday's", async () => {
    await limit(60, 2);
    await take(MIDNIGHT - 2);
    expect(await take(MIDNIGHT - 2)).toEqual([MIDNIGHT - 1, "LIMIT"]);
    expect(await take(MIDNIGHT, MIDNIGHT - 1)).toEqual([MIDNIGHT, null]);
    expect(await take(MIDNIGHT + 5)).toEqual([MIDNIGHT + 5, null]);
    expect(await take(MIDNIGHT + 6)).toEqual([MIDNIGHT + 86_400, "QUOTA"]);
  });

  it.each([
    ["a larger one", 4],
    ["none", undefined],
  ])(
    "is over at once where %s takes its place; what was spent of today stays spent",
    async (_, perDay) => {
      await limit(60, 2);
      await take(0);
      await take(1);
      expect(await take(2)).toEqual([MIDNIGHT, "QUOTA"]);
      await reopenDay(client, { ...CNPJWS, perMinute: 60, burst: 1, perDay }, at(10));
      await limit(60, perDay);
      expect(await take(10)).toEqual([11, "LIMIT"]);
      expect(await take(12)).toEqual([12, null]);
      expect(await take(14)).toEqual(perDay ? [MIDNIGHT, "QUOTA"] : [14, null]);
    },
  );

  it("stays spent where the same or a smaller one is stored again, as each worker does that starts", async () => {
    for (const perDay of [2, 1]) {
      await limit(60, 2);
      await take(0);
      await take(1);
      await take(2);
      await reopenDay(client, { ...CNPJWS, perMinute: 60, burst: 1, perDay }, at(10));
      await limit(60, perDay);
      expect((await take(10))[1]).toBe("QUOTA");
      await client.query("delete from blindagem_private.provider_buckets");
    }
  });

  it("bounds what a preparation may ask for", async () => {
    await limit(60, 10);
    await take(0);
    expect(await providerCapacity(client, CNPJWS, at(0), at(MIDNIGHT))).toBe(9);
    expect(await providerCapacity(client, CNPJWS, at(MIDNIGHT), at(MIDNIGHT + 5))).toBe(5);
    for (let asked = 0; asked < 11; asked++) await take(1);
    expect(await providerCapacity(client, CNPJWS, at(2), at(MIDNIGHT))).toBe(0);
  });

  it("is never exceeded on any day, nor is the rate, whenever jobs ask and burst", async () => {
    const asks = fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 2, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        asks,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        async (gaps, quota, burst) => {
          await client.query("delete from blindagem_private.provider_buckets");
          await limit(6, quota, burst);
          let now = 0;
          const days = new Map<string, number>();
          const slots: number[] = [];
          for (const gap of gaps) {
            now += gap;
            const [slot] = await take(now);
            const second = Number(slot);
            expect(second).toBeGreaterThanOrEqual(now);
            slots.push(second);
            const day = dateInBrasilia(at(second));
            days.set(day, (days.get(day) ?? 0) + 1);
          }
          expect(Math.max(...days.values())).toBeLessThanOrEqual(quota);
          slots.sort((one, other) => one - other);
          for (const [from, first] of slots.entries())
            for (const [to, last] of slots.entries())
              if (to > from) expect(to - from).toBeLessThan(burst + (last - first + 0.01) / 10);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe("the circuit breaker", () => {
  async function fail(times: number, seconds: number): Promise<void> {
    for (let count = 0; count < times; count++) await note(seconds, false);
  }

  it("opens after five failures in a row, for a minute", async () => {
    await limit(6_000);
    await fail(4, 0);
    await note(0, true);
    await fail(4, 0);
    expect(await take(1)).toEqual([1, null]);
    await fail(1, 1);
    expect(await take(2)).toEqual([61, "DOWN"]);
    // A slot from before counts for nothing.
    expect((await take(10, 10))[1]).toBe("DOWN");
  });

  it("lets one alone try, and all of them when it has an answer", async () => {
    await limit(6_000);
    await fail(5, 0);
    const [slot] = await take(1);
    expect(await take(60, Number(slot))).toEqual([60, null]);
    expect(await take(60.1)).toEqual([120, "DOWN"]);
    await note(62, true);
    expect((await take(121, 120))[1]).toBeNull();
    expect(
      (
        await client.query(
          "select failures, trips, open_until, probe_until from blindagem_private.provider_buckets",
        )
      ).rows,
    ).toEqual([{ failures: 0, trips: 0, open_until: null, probe_until: null }]);
  });

  it("waits twice as long each time that fails, up to an hour", async () => {
    await limit(6_000);
    await fail(5, 0);
    let now = 60;
    const pauses: number[] = [];
    for (let trial = 0; trial < 8; trial++) {
      expect((await take(now, now))[1]).toBeNull();
      await note(now + 5, false);
      const [slot] = await take(now + 6);
      pauses.push(Number(slot) - now - 5);
      now = Number(slot);
    }
    expect(pauses.map(Math.round)).toEqual([120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]);
  });

  it("is not opened for longer by those who asked before", async () => {
    await limit(6_000);
    await fail(5, 0);
    await fail(20, 10);
    expect((await take(11))[0]).toBe(60);
  });

  it("lets another try when the one that tried never came back", async () => {
    await limit(6_000);
    await fail(5, 0);
    expect((await take(60))[1]).toBeNull();
    expect((await take(100))[1]).toBe("DOWN");
    expect((await take(130, 130))[1]).toBeNull();
  });

  it("does nothing where no limit is stored", async () => {
    await fail(9, 0);
    expect(await take(1)).toEqual([1, null]);
  });
});

describe("provider_limits", () => {
  it("shows operators what is taken and whether the provider answers, and nobody else", async () => {
    await setProviderLimit(client, { ...CNPJWS, perMinute: 3, burst: 2, perDay: 500 });
    await takeSlot(client, CNPJWS, new Date());
    for (let count = 0; count < 5; count++) await noteAnswer(client, CNPJWS, new Date(), false);
    const select =
      "select provider, credential, per_minute, burst, daily_quota, quota_used, failures, breaker from blindagem.provider_limits";
    const seen = await database.asRequest("operator", {}, (session) => session.query(select));
    expect(seen.rows).toEqual([
      {
        provider: "CNPJWS",
        credential: "public",
        per_minute: 3,
        burst: 2,
        daily_quota: 500,
        quota_used: 1,
        failures: 5,
        breaker: "OPEN",
      },
    ]);
    await expect(
      database.asRequest("admin", {}, (session) => session.query(select)),
    ).rejects.toMatchObject({ code: "42501" });
  });
});

describe("twenty workers", () => {
  it("never exceed the limit that the provider enforces, and none asks for a slot twice", async () => {
    let now = start;
    const clock = () => now;
    const cnpjs = Array.from({ length: 70 }, (_, index) => cnpjOf(index + 1));
    const sandbox = await startCnpjWsSandbox({
      port: 0,
      companies: new Map(cnpjs.map((cnpj) => [cnpj, registryBody(cnpj)])),
      limit: { perMinute: 30 },
      clock,
    });
    const registry = createCnpjWsClient({ baseUrl: sandbox.url, timeoutMs: 20_000, clock });
    for (const each of providerLimits(loadEnvironment({ CNPJWS_PER_MINUTE: "30" }))) {
      await setProviderLimit(client, each);
    }
    const sessions = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const session = new pg.Client({ connectionString: database.url("worker") });
        await session.connect();
        return session;
      }),
    );
    try {
      interface Waiting {
        cnpj: string;
        slot: Date | undefined;
        runs: number;
      }
      let waiting: Waiting[] = cnpjs.map((cnpj) => ({ cnpj, slot: undefined, runs: 0 }));
      const outcomes: string[] = [];
      const runs: number[] = [];
      while (waiting.length > 0) {
        const due = waiting.filter(({ slot }) => slot === undefined || slot <= now);
        const later = waiting.filter(({ slot }) => slot !== undefined && slot > now);
        await Promise.all(
          sessions.map(async (session) => {
            for (let job = due.shift(); job; job = due.shift()) {
              const slot = await takeSlot(session, CNPJWS, now, job.slot);
              job.runs += 1;
              if (slot.cause) {
                later.push({ ...job, slot: slot.at });
              } else {
                outcomes.push((await registry.lookup(job.cnpj)).kind);
                runs.push(job.runs);
              }
            }
          }),
        );
        waiting = later;
        const next = Math.min(...waiting.map(({ slot }) => slot?.getTime() ?? 0));
        // Now at once, now a second late.
        now = new Date(next + (outcomes.length % 2) * 1_000);
      }
      expect(outcomes).toEqual(cnpjs.map(() => "FOUND"));
      expect([...sandbox.requests().values()]).toEqual(cnpjs.map(() => 1));
      expect(Math.max(...runs)).toBe(2);
    } finally {
      await Promise.all(sessions.map((session) => session.end()));
      await sandbox.close();
    }
  });

  it("wait for the latest of the instants that a provider told, and for later ones when it is over", async () => {
    await limit(60);
    await pauseProvider(client, CNPJWS, at(45));
    await pauseProvider(client, CNPJWS, at(30));
    expect(await take(0)).toEqual([45, "LIMIT"]);
    await pauseProvider(client, CNPJWS, at(90));
    expect(await take(1)).toEqual([90, "LIMIT"]);
    await pauseProvider(client, CNPJWS, at(300));
    expect(await take(200)).toEqual([300, "LIMIT"]);
  });

  it("all wait when one is refused, and go on one after the other", async () => {
    await limit(60);
    await pauseProvider(client, CNPJWS, at(45));
    const slots = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const session = await database.pool("worker").connect();
        try {
          return (await takeSlot(session, CNPJWS, start)).at;
        } finally {
          session.release();
        }
      }),
    );
    expect(slots.map((slot) => slot.getTime()).sort()).toEqual(
      Array.from({ length: 20 }, (_, index) => at(45 + index).getTime()),
    );
  });
});
