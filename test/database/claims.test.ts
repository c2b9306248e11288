import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

let database: TestDatabase;
let observer: pg.Client;
let left: Session;
let right: Session;

beforeAll(async () => {
  database = await createTestDatabase();
  observer = new pg.Client({ connectionString: database.url("worker") });
  await observer.connect();
  left = await Session.open();
  right = await Session.open();
  await database.pool("migrator").query("create table public.facts (fact text)");
  await database
    .pool("migrator")
    .query(`grant select, insert, delete on public.facts to ${database.prefix}_worker`);
});
afterAll(async () => {
  for (const client of [left, right, observer]) await client.end();
  await database.drop();
});
beforeEach(async () => {
  left.forget();
  right.forget();
  for (const table of [
    "public.facts",
    "blindagem_private.work_claims",
    "blindagem_private.job_records",
    "graphile_worker._private_jobs",
  ]) {
    await observer.query(`delete from ${table}`);
  }
});

/** A session whose statements are sent in order, and may have to wait for the other's locks. */
class Session {
  readonly #client: pg.Client;
  readonly #pid: number;
  #results: Promise<unknown[]>[] = [];

  static async open(): Promise<Session> {
    const client = new pg.Client({ connectionString: database.url("worker") });
    await client.connect();
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    return new Session(client, rows[0]?.pid ?? 0);
  }

  private constructor(client: pg.Client, pid: number) {
    this.#client = client;
    this.#pid = pid;
  }

  /** Sends a statement; returns when it has run, or when it is seen to wait for a lock. */
  async send(statement: string): Promise<"DONE" | "WAITING"> {
    const result = this.#client.query(statement).then(({ rows }) => rows);
    this.#results.push(result);
    let done = false;
    result.then(
      () => {
        done = true;
      },
      () => {
        done = true;
      },
    );
    for (;;) {
      // By who blocks it: that it waits is still shown for a moment after the lock was given free.
      const { rowCount } = await observer.query(
        "select where cardinality(pg_blocking_pids($1)) > 0",
        [this.#pid],
      );
      if (done) return "DONE";
      if (rowCount) return "WAITING";
    }
  }

  /** Begins anew with the statements of another test. */
  forget(): void {
    this.#results = [];
  }

  /** The rows of each statement sent, once all have run. */
  results(): Promise<unknown[][]> {
    return Promise.all(this.#results);
  }

  end(): Promise<void> {
    return this.#client.end();
  }
}

const claim = (...subjects: string[]) =>
  `select blindagem_private.claim_and_enqueue('${JSON.stringify(
    subjects.map((subject) => ({
      task: "reconcile",
      subject,
      payload: { condominiumId: subject },
    })),
  )}') as enqueued`;

async function waitingJobs(): Promise<string[]> {
  const { rows } = await observer.query<{ subject: string }>(
    "select payload->>'condominiumId' as subject from graphile_worker._private_jobs order by id",
  );
  return rows.map(({ subject }) => subject);
}

/** Every order in which the steps of two sessions can come, each session's own order kept. */
function interleavings(lefts: number, rights: number): string[] {
  if (lefts === 0) return ["R".repeat(rights)];
  if (rights === 0) return ["L".repeat(lefts)];
  return [
    ...interleavings(lefts - 1, rights).map((rest) => `L${rest}`),
    ...interleavings(lefts, rights - 1).map((rest) => `R${rest}`),
  ];
}

/** Sends the steps in that order. @returns which of them had to wait */
async function run(order: string, lefts: readonly string[], rights: readonly string[]) {
  const steps = { L: [...lefts], R: [...rights] };
  const waited: string[] = [];
  for (const side of order) {
    const [session, rest] = side === "L" ? ([left, steps.L] as const) : ([right, steps.R] as const);
    const statement = rest.shift();
    if (statement === undefined) throw new Error(`${order} has too many steps`);
    if ((await session.send(statement)) === "WAITING") waited.push(statement);
  }
  return waited;
}

describe("a fact that is stored while the job that reads facts begins", () => {
  /** What stores a fact: the fact, the claim with its job, in one transaction. */
  const store = (end: string) => [
    "begin; insert into public.facts values ('new')",
    claim("7"),
    end,
  ];
  /** What the waiting job does: gives its claim free, commits, and reads. */
  const job = [
    "begin; delete from blindagem_private.work_claims where task = 'reconcile' and subject = '7'",
    "commit",
    "select fact from public.facts",
  ];

  it.each(interleavings(3, 3))("is never lost: %s", async (order) => {
    await observer.query(claim("7"));
    // The job was fetched: it is no longer one that waits.
    await observer.query("delete from graphile_worker._private_jobs");
    await run(order, store("commit"), job);
    const results = await right.results();
    await left.results();
    const read = results.at(-1)?.length ?? 0;
    const enqueued = await waitingJobs();
    expect({ order, seen: read > 0 || enqueued.length > 0 }).toEqual({ order, seen: true });
    expect(enqueued.length).toBeLessThanOrEqual(1);
    // A claim stands exactly as long as a job waits for it.
    const { rowCount } = await observer.query("select from blindagem_private.work_claims");
    expect(rowCount).toBe(enqueued.length);
  });

  it("makes the job wait until it is committed, if it came first", async () => {
    await observer.query(claim("7"));
    const waited = await run("LLRLRR", store("commit"), job);
    expect(waited).toEqual([job[0]]);
    expect((await right.results()).at(-1)).toEqual([{ fact: "new" }]);
  });

  it("waits until the claim is free, if the job came first, and makes a new one with its job", async () => {
    await observer.query(claim("7"));
    await observer.query("delete from graphile_worker._private_jobs");
    const waited = await run("LRLRLR", store("commit"), job);
    expect(waited).toEqual([claim("7")]);
    await left.results();
    await right.results();
    expect(await waitingJobs()).toEqual(["7"]);
  });

  it.each(interleavings(3, 3))(
    "leaves nothing behind when it is rolled back: %s",
    async (order) => {
      await observer.query(claim("7"));
      await observer.query("delete from graphile_worker._private_jobs");
      await run(order, store("rollback"), job);
      await left.results();
      await right.results();
      expect(await waitingJobs()).toEqual([]);
      expect((await observer.query("select from blindagem_private.work_claims")).rowCount).toBe(0);
    },
  );
});

describe("two transactions that claim at once", () => {
  it.each(interleavings(3, 3))("make one job: %s", async (order) => {
    const steps = ["begin", claim("7"), "commit"];
    await run(order, steps, steps);
    await left.results();
    await right.results();
    expect(await waitingJobs()).toEqual(["7"]);
  });

  it.each(interleavings(3, 3))("make one job, even if one is rolled back: %s", async (order) => {
    await run(order, ["begin", claim("7"), "rollback"], ["begin", claim("7"), "commit"]);
    await left.results();
    await right.results();
    expect(await waitingJobs()).toEqual(["7"]);
  });

  it("never lock each other up, whatever the order of their subjects", async () => {
    await run("LLRRLR", ["begin", claim("a", "b"), "commit"], ["begin", claim("b", "a"), "commit"]);
    await left.results();
    await right.results();
    expect((await waitingJobs()).sort()).toEqual(["a", "b"]);
  });

  it("do not wait for each other's other subjects", async () => {
    const waited = await run(
      "LLRRLR",
      ["begin", claim("a"), "commit"],
      ["begin", claim("b"), "commit"],
    );
    expect(waited).toEqual([]);
  });
});

describe("one call", () => {
  it("makes one job for a subject that it names twice", async () => {
    await observer.query(claim("7", "7", "8"));
    expect((await waitingJobs()).sort()).toEqual(["7", "8"]);
  });
});
