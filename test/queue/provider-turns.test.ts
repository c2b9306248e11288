import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import pg from "pg";
import { claimAndEnqueue, enqueueJobs } from "../../src/queue/enqueue.ts";
import { giveBack, JobGivenBack } from "../../src/queue/fence.ts";
import { providerCapacity } from "../../src/queue/provider-capacity.ts";
import { bucketOf, noteAnswer, setProviderLimit } from "../../src/queue/provider-slot.ts";
import { adoptLines, takeTurn } from "../../src/queue/provider-turn.ts";
import { giveSlots } from "../../src/queue/provider-turns.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue } from "../tasks/task-run.ts";
import { TurnQueue } from "./turn-queue.ts";

const CNPJWS = bucketOf("CNPJWS", undefined);
const start = new Date("2030-11-05T15:00:00Z");

let database: TestDatabase;
let client: pg.PoolClient;
let organizations: string[] = [];
let queue: TurnQueue;
beforeAll(async () => {
  database = await createTestDatabase();
  client = await database.pool("worker").connect();
  const { rows } = await database.pool("migrator").query<{ id: string }>(
    `insert into blindagem.organizations (name) select 'Administradora ' || n from generate_series(1, 4) as n
     returning id::text`,
  );
  organizations = rows.map(({ id }) => id);
});
afterAll(async () => {
  client.release();
  await database.drop();
});
beforeEach(() => restart(3));

async function restart(perMinute: number, burst = 1, perDay?: number): Promise<void> {
  await emptyQueue(database);
  const owner = database.pool("migrator");
  await owner.query("delete from blindagem_private.job_records");
  await owner.query("delete from blindagem_private.provider_wishes");
  await owner.query("delete from blindagem.organization_weights");
  await client.query("delete from blindagem_private.provider_buckets");
  await setProviderLimit(client, { ...CNPJWS, perMinute, burst, perDay });
  queue = new TurnQueue(client, database.pool("worker"), CNPJWS, start);
}

const nth = (index: number): string => organizations[index] ?? "";
const large = () => nth(0);
const small = () => nth(1);
const timesOf = (organization: string) =>
  queue.asked.filter((each) => each.organization === organization).map(({ at }) => at);
const numbersOf = (organization: string) =>
  queue.asked.filter((each) => each.organization === organization).map(({ number }) => number);
const ascending = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n);

async function weigh(organization: string, weight: number): Promise<void> {
  await database
    .pool("migrator")
    .query("insert into blindagem.organization_weights values ($1, $2)", [organization, weight]);
}

async function rowsOf(query: string, ...values: unknown[]): Promise<unknown[]> {
  return (await client.query(query, values)).rows;
}

describe("ten look-ups beside 2,000 of another administradora", () => {
  it("are done in twice the time that they take alone, and the others go on, in order", async () => {
    await queue.submit(large(), 2_000);
    // In the middle of an interval.
    await queue.runUntil(110);
    expect(numbersOf(large())).toEqual(ascending(6));
    await queue.submit(small(), 10);
    await queue.runUntil(110 + 600);

    // Alone the tenth is asked for after nine intervals.
    expect(Math.max(...timesOf(small())) - 110).toBeLessThanOrEqual(2 * 9 * 20 + 2);
    expect(numbersOf(small())).toEqual(ascending(10));
    // Every slot is used: none of the large one's waited for more than the other's turn.
    expect(queue.asked.map(({ at }) => at)).toEqual(ascending(36).map((slot) => slot * 20));
    expect(numbersOf(large())).toEqual(ascending(26));
    const between = timesOf(large()).filter((at) => at > 110 && at < Math.max(...timesOf(small())));
    expect(between.length).toBeGreaterThanOrEqual(8);
    expect(queue.mostRuns).toBe(2);
  }, 120_000);
});

describe("the lines", () => {
  it("get slots by the weights of their organizations", async () => {
    await weigh(small(), 3);
    await queue.submit(large(), 60);
    await queue.submit(small(), 60);
    await queue.runUntil(40 * 20);
    const count = timesOf(small()).length;
    expect(count).toBeGreaterThanOrEqual(29);
    expect(count).toBeLessThanOrEqual(31);
    expect(queue.mostRuns).toBe(2);
  });

  it("go on past jobs that were cancelled, at once", async () => {
    await queue.submit(large(), 30);
    await queue.submit(small(), 3);
    const [first, second] = await queue.waiting(small());
    const others = await queue.waiting(large());
    await client.query("select blindagem_private.cancel_jobs($1)", [
      [first, second, ...others.slice(0, 25)],
    ]);
    await queue.runUntil(Number.POSITIVE_INFINITY);
    // The one that went at once, the four that are left, and the small one's last.
    expect(queue.asked.map(({ at }) => at)).toEqual(ascending(6).map((slot) => slot * 20));
    expect(numbersOf(small())).toEqual([2]);
    expect(numbersOf(large())).toEqual([0, 26, 27, 28, 29]);
    expect(await rowsOf("select from blindagem_private.provider_lines where waiting > 0")).toEqual(
      [],
    );
  });

  it("do not hold what an operator has given another time", async () => {
    await queue.submit(large(), 5);
    const [first] = await queue.waiting(large());
    await client.query("select blindagem_private.reschedule_jobs($1, $2)", [
      [first],
      queue.at(900),
    ]);
    await queue.runUntil(Number.POSITIVE_INFINITY);
    expect(numbersOf(large())).toEqual([0, 2, 3, 4, 1]);
    expect(timesOf(large())).toEqual([0, 20, 40, 60, 900]);
  });

  it("keep their order through a pause, in which no job runs", async () => {
    await queue.submit(large(), 8);
    await queue.submit(small(), 3);
    await queue.runUntil(50);
    await queue.pause(200);
    await queue.runUntil(195);
    expect(queue.asked).toHaveLength(3);
    // They tell when they are expected.
    expect(
      await rowsOf(
        "select min(run_at) as first from blindagem_private.job_records where state = 'WAITING'",
      ),
    ).toEqual([{ first: queue.at(200) }]);
    await queue.runUntil(Number.POSITIVE_INFINITY);
    expect(numbersOf(large())).toEqual(ascending(8));
    expect(numbersOf(small())).toEqual(ascending(3));
    expect(queue.asked.slice(3).map(({ at }) => at)).toEqual(
      ascending(8).map((slot) => 200 + slot * 20),
    );
    expect(queue.mostRuns).toBe(2);
  });

  it("let one alone try after the breaker's pause, and none of the others run in vain", async () => {
    await queue.submit(large(), 5);
    for (let failure = 0; failure < 5; failure++) {
      await noteAnswer(client, CNPJWS, queue.at(0), false);
    }
    await queue.submit(small(), 3);
    await queue.runUntil(60);
    expect(queue.asked.map(({ at }) => at)).toEqual([0, 60]);
    await queue.runUntil(100);
    expect(queue.asked).toHaveLength(2);
    // What is told of the wait moves with it: the others wait for the one that tries, a minute.
    const told = await rowsOf(
      "select waiting_for, min(run_at) as first from blindagem_private.job_records where state = 'WAITING' and waiting_for like '%fora do ar%' group by 1",
    );
    expect(told).toContainEqual({
      waiting_for: "CNPJ.ws fora do ar; nova tentativa às 12:02 de 05/11",
      first: queue.at(120),
    });
    await noteAnswer(client, CNPJWS, queue.at(100), true);
    await queue.runUntil(Number.POSITIVE_INFINITY);
    expect(numbersOf(large())).toEqual(ascending(5));
    expect(numbersOf(small())).toEqual(ascending(3));
    expect(queue.mostRuns).toBe(2);
  });

  it("give a slot that was missed to the job's line again, in its position", async () => {
    await queue.submit(large(), 6);
    let late = 9;
    await queue.runUntil(Number.POSITIVE_INFINITY, () => {
      late = late === 9 ? 0 : 9;
      return late === 9 ? 3 : 0;
    });
    expect(numbersOf(large())).toEqual(ascending(6));
    const gaps = timesOf(large()).map((at, index, all) => at - (all[index - 1] ?? at - 20));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20);
  });

  it("keep the place of a job that the provider refused or whose attempt failed", async () => {
    await queue.submit(large(), 4);
    await queue.runUntil(10);
    const [first = ""] = await queue.waiting(large());
    const asker = { jobId: first, organizationId: large() };
    expect(await takeTurn(client, CNPJWS, queue.at(20), asker, 1)).toMatchObject({ cause: null });
    await queue.pause(100);
    // Not behind the other two.
    const again = await takeTurn(client, CNPJWS, queue.at(21), asker, 1);
    expect(again).toMatchObject({ at: queue.at(100), cause: "LIMIT" });
  });

  it("keep the position of a job that its worker gave back before it ran", async () => {
    await queue.submit(large(), 4);
    const [first = ""] = await queue.waiting(large());
    const { rows } = await client.query<{ id: string }>(
      `update graphile_worker._private_jobs set locked_by = 'pool', locked_at = now()
       where payload->'envelope'->>'jobId' = $1 returning id::text`,
      [first],
    );
    const fetched = { id: rows[0]?.id ?? "", locked_by: "pool" };
    await expect(giveBack(client, fetched, first, 5_000, "espera")).rejects.toThrow(JobGivenBack);
    await queue.runUntil(Number.POSITIVE_INFINITY);
    expect(numbersOf(large())).toEqual(ascending(4));
  });

  it("let workers with two credentials take each other's jobs: such a job is next there, and its slot the next one's", async () => {
    const other = bucketOf("CNPJWS", "a commercial token");
    await setProviderLimit(client, { ...other, perMinute: 3, burst: 1 });
    await queue.submit(large(), 4);
    const [first = "", second = ""] = await queue.waiting(large());
    const theirs = new TurnQueue(client, database.pool("worker"), other, start);
    await theirs.submit(large(), 4, 10);
    await giveSlots(database.pool("worker"), queue.at(19));
    const asker = { jobId: first, organizationId: large() };
    // At 20 their own first one asks. It comes before their second one, not behind them all.
    const turn = await takeTurn(client, other, queue.at(20), asker, 1);
    expect(turn).toMatchObject({ at: queue.at(40), cause: "LIMIT" });
    await giveSlots(database.pool("worker"), queue.at(20));
    expect(
      await rowsOf("select run_at from blindagem_private.job_records where id = $1", second),
    ).toEqual([{ run_at: queue.at(20) }]);
    // And no more than the limit after it.
    await queue.runUntil(20);
    await giveSlots(database.pool("worker"), queue.at(38));
    expect(
      await rowsOf(
        "select slot from blindagem_private.provider_places where credential = 'public' and slot > $1",
        queue.at(20),
      ),
    ).toEqual([{ slot: queue.at(40) }]);
  });

  it("have a job fetched at its slot by those alone who have its credential, until it is missed", async () => {
    await queue.submit(large(), 3);
    const [first] = await queue.waiting(large());
    const flags = () =>
      rowsOf(
        "select flags from graphile_worker._private_jobs where payload->'envelope'->>'jobId' = $1",
        first,
      );
    await giveSlots(database.pool("worker"), queue.at(17));
    expect(await flags()).toEqual([{ flags: null }]);
    await giveSlots(database.pool("worker"), queue.at(19));
    expect(await flags()).toEqual([{ flags: { "CNPJWS/public": true } }]);
    await giveSlots(database.pool("worker"), queue.at(22));
    expect(await flags()).toEqual([{ flags: { "CNPJWS/public": true } }]);
    await giveSlots(database.pool("worker"), queue.at(23));
    expect(await flags()).toEqual([{ flags: null }]);
  });

  it("let a job go over to another credential's", async () => {
    await queue.submit(large(), 3);
    const [first = "", second = ""] = await queue.waiting(large());
    const other = bucketOf("CNPJWS", "a commercial token");
    await setProviderLimit(client, { ...other, perMinute: 3, burst: 1 });
    const take = (jobId: string) =>
      takeTurn(client, other, queue.at(20), { jobId, organizationId: large() }, 1);
    expect(await take(first)).toMatchObject({ at: queue.at(20), cause: null });
    expect(await take(second)).toMatchObject({ at: queue.at(40), cause: "LIMIT" });
    expect(
      await rowsOf("select credential, waiting from blindagem_private.provider_lines order by 2"),
    ).toEqual([
      { credential: "public", waiting: 0 },
      { credential: other.credential, waiting: 1 },
    ]);
  });

  it("go over to the credential that a worker starts with, in order, and at its rate", async () => {
    const other = bucketOf("CNPJWS", "a commercial token");
    await queue.submit(large(), 6);
    await queue.submit(small(), 3);
    const asked = [...numbersOf(large()), ...numbersOf(small())];
    await setProviderLimit(client, { ...other, perMinute: 60, burst: 1 });
    const former = queue;
    queue = new TurnQueue(client, database.pool("worker"), other, start);
    await queue.submit(large(), 1, 6);
    expect(await adoptLines(client, other)).toBe(8);
    expect(await adoptLines(client, other)).toBe(0);
    await queue.runUntil(Number.POSITIVE_INFINITY);
    expect(asked).toEqual([0]);
    expect(numbersOf(large())).toEqual([6, 1, 2, 3, 4, 5]);
    expect(numbersOf(small())).toEqual([0, 1, 2]);
    expect(queue.asked.map(({ at }) => at)).toEqual(ascending(9));
    expect(former.mostRuns + queue.mostRuns).toBe(2);
    expect(await rowsOf("select from blindagem_private.provider_lines where waiting > 0")).toEqual(
      [],
    );
  });

  it("count a day's quota", async () => {
    await restart(60, 1, 5);
    await queue.submit(large(), 8);
    const days = await rowsOf(
      "select run_at from blindagem_private.job_records where state = 'WAITING' order by run_at",
    );
    // Five today; the other three from midnight in Brasília on.
    const midnight = 12 * 3_600;
    expect(days).toEqual(
      [1, 2, 3, 4, midnight, midnight + 1, midnight + 2].map((seconds) => ({
        run_at: queue.at(seconds),
      })),
    );
    expect(await providerCapacity(client, CNPJWS, queue.at(0), queue.at(midnight))).toBe(0);
    await queue.runUntil(Number.POSITIVE_INFINITY);
    expect(timesOf(large())).toEqual([0, 1, 2, 3, 4, midnight, midnight + 1, midnight + 2]);
    expect(queue.mostRuns).toBe(2);
  });

  it("forget jobs that are done", async () => {
    await queue.submit(large(), 3);
    await queue.runUntil(Number.POSITIVE_INFINITY);
    await client.query("select blindagem_private.give_provider_slots($1)", [queue.at(100)]);
    expect(await rowsOf("select from blindagem_private.provider_places")).toEqual([]);
  });
});

describe("twenty workers", () => {
  it("that put jobs off and give slots at once give none twice, and to each line its share", async () => {
    const sessions = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const session = new pg.Client({ connectionString: database.url("worker") });
        await session.connect();
        return session;
      }),
    );
    try {
      await Promise.all(
        sessions.map(async (session, index) => {
          const organizationId = nth(index % 2);
          for (let job = 0; job < 5; job++) {
            await session.query("begin");
            const asker = { jobId: undefined, organizationId };
            const { at, cause, place } = await takeTurn(session, CNPJWS, start, asker, 1);
            if (cause !== null) {
              await enqueueJobs(session, [
                { task: "cnpj_lookup", payload: {}, organizationId, runAt: at, place },
              ]);
            }
            await session.query("commit");
          }
        }),
      );
      for (const seconds of ascending(40).map((slot) => 20 * slot + 19)) {
        const now = new Date(start.getTime() + seconds * 1_000);
        await Promise.all(sessions.slice(0, 5).map((session) => giveSlots(session, now)));
      }
    } finally {
      await Promise.all(sessions.map((session) => session.end()));
    }
    const given = await rowsOf(
      `select p.slot, r.run_at = p.slot and j.run_at = p.slot as moved
       from blindagem_private.provider_places p
       join blindagem_private.job_records r on r.id = p.id
       join graphile_worker._private_jobs j on j.id = p.graphile_job_id
       where p.slot > '-infinity' order by 1`,
    );
    expect(given).toEqual(
      ascending(40, 1).map((slot) => ({ slot: queue.at(20 * slot), moved: true })),
    );
    // One went at once, whosever it was.
    const shares = await rowsOf(
      `select count(*) between 19 and 21 as fair from blindagem_private.provider_places where slot > '-infinity'
       group by organization_id`,
    );
    expect(shares).toEqual([{ fair: true }, { fair: true }]);
  });
});

describe("a supplier for whom another administradora's job waits", () => {
  it("is asked for in the turn of the one that gets there first", async () => {
    await queue.submit(large(), 30);
    await queue.submit(small(), 1);
    const subject = `${large()}/29`;
    await client.query(
      "insert into blindagem_private.work_claims (task, subject) values ($1, $2)",
      ["cnpj_lookup", subject],
    );
    await claimAndEnqueue(client, [
      { task: "cnpj_lookup", subject, payload: {}, organizationId: small() },
      // Whose it is already.
      { task: "cnpj_lookup", subject, payload: {}, organizationId: large() },
    ]);
    await queue.runUntil(5 * 20);
    expect(numbersOf(large())).toContain(29);
    expect(queue.mostRuns).toBe(2);
    await queue.runUntil(Number.POSITIVE_INFINITY);
    expect(queue.asked).toHaveLength(31);
    expect(queue.mostRuns).toBe(2);
  });
});

describe("whoever comes when, with what weight", () => {
  interface Wave {
    organization: number;
    count: number;
    gap: number;
  }
  const waves = fc.array(
    fc.record({
      organization: fc.integer({ min: 0, max: 3 }),
      count: fc.integer({ min: 1, max: 8 }),
      gap: fc.integer({ min: 0, max: 90 }),
    }),
    { minLength: 2, maxLength: 6 },
  );

  it("no slot is lost or given twice, order holds, and between lines that wait the shares are theirs", async () => {
    await fc.assert(
      fc.asyncProperty(
        waves,
        fc.array(fc.constantFrom(1, 2, 0.5), { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 1, max: 3 }),
        async (given: Wave[], weights, burst) => {
          await restart(6, burst);
          for (const [index, weight] of weights.entries()) await weigh(nth(index), weight);
          const submitted = new Map<string, number>();
          const waitingSince = new Map<string, number>();
          for (const { organization, count, gap } of given) {
            await queue.runUntil(queue.now + gap);
            const id = nth(organization);
            const before = submitted.get(id) ?? 0;
            submitted.set(id, before + count);
            waitingSince.set(id, queue.now);
            await queue.submit(id, count, before);
          }
          const last = queue.now;
          await queue.runUntil(Number.POSITIVE_INFINITY);

          for (const [id, count] of submitted) expect(numbersOf(id)).toEqual(ascending(count));
          expect(queue.mostRuns).toBeLessThanOrEqual(2);
          const times = queue.asked.map(({ at }) => at);
          for (const [from, first] of times.entries())
            for (const [to, other] of times.entries())
              if (to > from) expect(to - from).toBeLessThan(burst + (other - first + 0.01) / 10);

          // While two lines wait, what they got, by weight, differs by no more than a request of each.
          const ends = new Map([...submitted.keys()].map((id) => [id, Math.max(...timesOf(id))]));
          for (const [one, endOfOne] of ends)
            for (const [other, endOfOther] of ends) {
              const until = Math.min(endOfOne, endOfOther);
              const got = (id: string) =>
                timesOf(id).filter((at) => at > last && at < until).length /
                (weights[organizations.indexOf(id)] ?? 1);
              const bound = [one, other].reduce(
                (sum, id) => sum + 1 / (weights[organizations.indexOf(id)] ?? 1),
                0,
              );
              expect(Math.abs(got(one) - got(other))).toBeLessThanOrEqual(bound + 1e-9);
            }
        },
      ),
      { numRuns: 12 },
    );
  }, 240_000);
});
