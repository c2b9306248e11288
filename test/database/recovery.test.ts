import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { applicationName, DEAD_AFTER_MS, HEARTBEAT_MS } from "../../src/queue/liveness.ts";
import { emptyQueue } from "../tasks/task-run.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyQueue(database);
  await query("delete from blindagem_private.job_records");
  await query("delete from blindagem_private.dead_letters");
  await query("delete from blindagem_private.workers");
});

async function query(text: string, values: unknown[] = []) {
  return (await database.pool("worker").query(text, values)).rows;
}

/** A worker whose last heartbeat was so many seconds ago. */
async function worker(silentFor: number, pool = "pool-a"): Promise<string> {
  const id = randomUUID();
  await query(
    `insert into blindagem_private.workers (id, host, pid, concurrency, pool_ids, heartbeat_at)
     values ($1, 'host', 7, '{}', array[$2], clock_timestamp() - $3 * interval '1 second')`,
    [id, pool, silentFor],
  );
  return id;
}

async function enqueue(...tasks: string[]): Promise<void> {
  const client = await database.pool("worker").connect();
  await enqueueJobs(
    client,
    tasks.map((task) => ({ task, payload: { condominiumId: "1" } })),
  );
  client.release();
}

/** Has that pool fetch all jobs, and take those of that task. */
async function fetchAll(pool = "pool-a", taking = "reconcile"): Promise<void> {
  await query(
    `update graphile_worker._private_jobs set locked_by = $1, locked_at = now(), attempts = attempts + 1
     where locked_at is null`,
    [pool],
  );
  await query(
    `update blindagem_private.job_records r
     set state = 'RUNNING', taken_by = $1, fence = fence + 1, attempts = j.attempts, graphile_job_id = j.id
     from graphile_worker._private_jobs j
     where (j.payload->'envelope'->>'jobId')::bigint = r.id and r.task = $2 and j.locked_by = $1`,
    [pool, taking],
  );
}

const recover = (deadAfterMs = DEAD_AFTER_MS) =>
  query("select id, freed from blindagem_private.recover_jobs($1 * interval '1 millisecond')", [
    deadAfterMs,
  ]);
/** How often one look reads the whole queue. */
async function queueScans(): Promise<number> {
  const client = await database.pool("worker").connect();
  const scans = async () => {
    const { rows } = await client.query<{ scans: number }>(
      `select coalesce(sum(seq_scan), 0)::int as scans from pg_stat_xact_all_tables
       where relid = 'graphile_worker._private_jobs'::regclass`,
    );
    return rows[0]?.scans ?? Number.NaN;
  };
  try {
    await client.query("begin");
    const before = await scans();
    await client.query("select blindagem_private.recover_jobs(interval '45 seconds')");
    return (await scans()) - before;
  } finally {
    await client.query("rollback");
    client.release();
  }
}
const records = () =>
  query(
    "select task, state, attempts, deaths, fence from blindagem_private.job_records order by id",
  );
const jobs = () =>
  query("select locked_by, attempts from graphile_worker._private_jobs order by id");

describe("recover_jobs", () => {
  it("frees what a worker has fetched that was taken for dead and woke up", async () => {
    const woken = await worker(60);
    expect(await recover()).toEqual([{ id: woken, freed: 0 }]);
    await enqueue("reconcile");
    await fetchAll("pool-a", "none");
    expect(await recover()).toEqual([{ id: woken, freed: 1 }]);
    expect(await jobs()).toEqual([{ locked_by: null, attempts: 0 }]);
    expect(await recover()).toEqual([]);
  });

  it("frees it even from one that has slept for days", async () => {
    const woken = await worker(60);
    await recover();
    await query(
      "update blindagem_private.workers set stopped_at = stopped_at - interval '3 days', heartbeat_at = heartbeat_at - interval '3 days'",
    );
    await enqueue("reconcile");
    await fetchAll("pool-a", "none");
    expect(await recover()).toEqual([{ id: woken, freed: 1 }]);
    expect(await jobs()).toEqual([{ locked_by: null, attempts: 0 }]);
  });

  it("looks the queue through once, however many have died, and not at all if none has", async () => {
    await enqueue("reconcile");
    await fetchAll("pool-c");
    expect(await queueScans()).toBe(0);
    await query(
      `insert into blindagem_private.workers (id, host, pid, concurrency, pool_ids, heartbeat_at, stopped_at, died)
       select gen_random_uuid(), 'host', n, '{}', array['pool-' || n], now() - interval '10 minutes', now() - interval '9 minutes', true
       from generate_series(1, 30) as n`,
    );
    expect(await queueScans()).toBe(1);
  });

  it("frees the jobs of ten at a look: of fifty at once it would get none done before its caller's patience ends", async () => {
    for (let n = 0; n < 12; n++) await worker(60, `pool-${n}`);
    expect(await recover()).toHaveLength(10);
    expect(await recover()).toHaveLength(2);
    expect(await recover()).toEqual([]);
  });

  it("leaves what others hold, and one that stopped by itself", async () => {
    await worker(60);
    await recover();
    const stopped = await worker(1, "pool-b");
    await query("select blindagem_private.end_worker($1, false)", [stopped]);
    await enqueue("reconcile", "validate_expenses");
    await fetchAll("pool-c");
    expect(await recover()).toEqual([]);
    expect(await jobs()).toMatchObject([{ locked_by: "pool-c" }, { locked_by: "pool-c" }]);
  });

  it("leaves a worker alone whose heartbeat is 44 s old, and frees the jobs of one at 46 s", async () => {
    await enqueue("reconcile", "validate_expenses");
    const alive = await worker(44);
    await fetchAll();
    expect(await recover()).toEqual([]);
    expect(await jobs()).toMatchObject([{ locked_by: "pool-a" }, { locked_by: "pool-a" }]);

    await query(
      "update blindagem_private.workers set heartbeat_at = heartbeat_at - interval '2 seconds'",
    );
    expect(await recover()).toEqual([{ id: alive, freed: 2 }]);
    expect(await jobs()).toEqual([
      { locked_by: null, attempts: 0 },
      { locked_by: null, attempts: 0 },
    ]);
    expect(await recover()).toEqual([]);
  });

  it("is soon enough for a minute: silence, the next look, and the library's poll", () => {
    expect(DEAD_AFTER_MS + HEARTBEAT_MS + 1_000).toBeLessThan(60_000);
  });

  it("counts a death for the job that ran, and none for one that was only fetched", async () => {
    await enqueue("reconcile", "validate_expenses");
    await worker(60);
    await fetchAll();
    await recover();
    expect(await records()).toEqual([
      { task: "reconcile", state: "WAITING", attempts: 0, deaths: 1, fence: 1 },
      { task: "validate_expenses", state: "WAITING", attempts: 0, deaths: 0, fence: 0 },
    ]);
  });

  it("buries a job at its third death, with its claim", async () => {
    await enqueue("reconcile");
    await query(
      "insert into blindagem_private.work_claims (task, subject) values ('reconcile', '1')",
    );
    for (const deaths of [1, 2]) {
      await worker(60, `pool-${deaths}`);
      await fetchAll(`pool-${deaths}`);
      await recover();
      expect(await records()).toMatchObject([{ state: "WAITING", deaths }]);
    }
    await worker(60, "pool-3");
    await fetchAll("pool-3");
    await recover();
    expect(await records()).toMatchObject([{ state: "FAILED", deaths: 3, fence: 4 }]);
    expect(await jobs()).toEqual([]);
    expect(await query("select from blindagem_private.work_claims")).toEqual([]);
    expect(await query("select cause, deaths from blindagem_private.dead_letters")).toEqual([
      { cause: "DEATHS", deaths: 3 },
    ]);
  });

  it("has an expense sent to people that was alone in the job, in its turn; a chunk that was never handed on is not", async () => {
    await enqueue("validate_expenses", "validate_expenses", "validate_expenses");
    const [alone, chunk] = await query("select id from graphile_worker._private_jobs order by id");
    for (const [{ id }, expenseIds] of [
      [alone, ["7"]],
      [chunk, ["8", "9"]],
    ] as const) {
      await query(
        `update graphile_worker._private_jobs
         set payload = jsonb_set(payload::jsonb || $2, '{envelope,startTag}', '42') where id = $1`,
        [id, { expenseIds }],
      );
    }
    await query("update blindagem_private.job_records set deaths = 2");
    await worker(60);
    await fetchAll("pool-a", "validate_expenses");
    await recover();
    expect(await query("select count(*)::int from blindagem_private.dead_letters")).toEqual([
      { count: 3 },
    ]);
    expect(
      await query(
        `select payload::jsonb - 'envelope' as payload, payload->'envelope'->>'startTag' as tag
         from graphile_worker._private_jobs`,
      ),
    ).toEqual([{ payload: { expenseId: "7", deaths: 3 }, tag: "42" }]);
  });

  it("writes down how jobs ended of which the dead one did not tell", async () => {
    await enqueue("reconcile", "reconcile", "reconcile");
    await worker(60);
    await fetchAll();
    const [done, failed] = await query("select id from graphile_worker._private_jobs order by id");
    await query("delete from graphile_worker._private_jobs where id = $1", [done.id]);
    await query(
      `update graphile_worker._private_jobs set attempts = max_attempts, locked_by = null, locked_at = null where id = $1`,
      [failed.id],
    );
    await recover();
    expect(await records()).toMatchObject([
      { state: "FINISHED" },
      { state: "FAILED" },
      { state: "WAITING", deaths: 1 },
    ]);
    expect(await query("select cause from blindagem_private.dead_letters")).toEqual([
      { cause: "ATTEMPTS" },
    ]);
  });

  it("ends the sessions of the dead one, whose locks the job's next run needs, and no others", async () => {
    await enqueue("reconcile");
    const dead = await worker(60);
    const alive = await worker(0, "pool-b");
    await fetchAll();
    const sessions = [dead, alive].map(
      (id) =>
        new pg.Client({
          connectionString: database.url("worker"),
          application_name: applicationName(id),
        }),
    );
    const [sleeper, other] = sessions;
    for (const session of sessions) {
      session.on("error", () => undefined);
      await session.connect();
      await session.query("begin");
    }
    await sleeper?.query("select from blindagem_private.job_records for update");
    expect(await recover()).toEqual([{ id: dead, freed: 1 }]);
    await expect(sleeper?.query("select 1")).rejects.toThrow();
    await other?.query("select 1");
    await other?.end();
  });

  it("frees at once what a worker still holds that stops, and counts no death", async () => {
    await enqueue("reconcile");
    const stopping = await worker(0);
    await fetchAll();
    await query("select blindagem_private.end_worker($1, false)", [stopping]);
    expect(await jobs()).toEqual([{ locked_by: null, attempts: 0 }]);
    expect(await records()).toMatchObject([{ state: "WAITING", deaths: 0 }]);
    await query(
      "update blindagem_private.workers set heartbeat_at = heartbeat_at - interval '1 hour'",
    );
    expect(await recover()).toEqual([]);
  });

  it("is done once when several look at the same moment", async () => {
    await enqueue("reconcile");
    await worker(60);
    await fetchAll();
    const found = await Promise.all([recover(), recover(), recover(), recover()]);
    expect(found.flat()).toHaveLength(1);
    expect(await records()).toMatchObject([{ deaths: 1 }]);
  });
});
