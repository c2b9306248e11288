import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { Logger as GraphileLogger, runOnce, type TaskList } from "graphile-worker";
import { z } from "zod";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { HolderTakenForDead, JobTakenOver, takeJob } from "../../src/queue/fence.ts";
import { defineTask, type TaskContext } from "../../src/queue/task.ts";
import { useServices } from "../../src/services.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue, servicesOf } from "../tasks/task-run.ts";
import { waitFor } from "../wait-for.ts";

const silent = new GraphileLogger(() => () => undefined);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  useServices(servicesOf({ clock: () => new Date() }));
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyQueue(database);
  await query("delete from blindagem_private.job_records");
  await query("delete from blindagem_private.workers");
});

async function query(text: string) {
  return (await database.pool("worker").query(text)).rows;
}

/** Another worker's pool has fetched and taken the job meanwhile, as after a death. */
async function takeOver(): Promise<void> {
  await query("update graphile_worker._private_jobs set locked_by = 'pool-other'");
  await query(
    "update blindagem_private.job_records set fence = fence + 1, taken_by = 'pool-other'",
  );
}

/** Runs one job with that body; what came out of it. */
async function run(use: (context: TaskContext) => Promise<void>): Promise<unknown> {
  const client = await database.pool("worker").connect();
  await enqueueJobs(client, [{ task: "reconcile", payload: {} }]);
  client.release();
  let outcome: unknown = "returned";
  const task = defineTask("reconcile", z.object({}), (_, context) => use(context));
  const tasks: TaskList = {
    reconcile: (payload, helpers) =>
      Promise.resolve(task(payload, helpers)).catch((error: unknown) => {
        outcome = error;
        throw error;
      }),
  };
  await runOnce({
    connectionString: database.url("worker"),
    maxPoolSize: 3,
    taskList: tasks,
    logger: silent,
    noHandleSignals: true,
  });
  return outcome;
}

const jobs = () =>
  query("select locked_by, attempts, last_error from graphile_worker._private_jobs");
const claim = (context: TaskContext, subject: string) =>
  context.transaction("Teste", async (client) => {
    await client.query(
      "insert into blindagem_private.work_claims (task, subject) values ('t', $1)",
      [subject],
    );
  });
const claims = async () =>
  (await query("select subject from blindagem_private.work_claims order by 1")).map(
    ({ subject }) => subject,
  );

/** What another worker holds is as it was. */
const OTHERS = [{ locked_by: "pool-other", attempts: 1, last_error: null }];

describe("a job's fence", () => {
  it("lets who took the job commit, and writes down that it runs", async () => {
    expect(
      await run(async (context) => {
        expect(
          await query("select state, attempts, fence from blindagem_private.job_records"),
        ).toEqual([{ state: "RUNNING", attempts: 1, fence: 1 }]);
        await claim(context, "a");
        await claim(context, "b");
      }),
    ).toBe("returned");
    expect(await claims()).toEqual(["a", "b"]);
  });

  it("stops a transaction that begins after another has taken the job", async () => {
    const error = await run(async (context) => {
      await claim(context, "a");
      await takeOver();
      await claim(context, "b");
    });
    expect(error).toBeInstanceOf(JobTakenOver);
    expect(await claims()).toEqual(["a"]);
    expect(await jobs()).toEqual(OTHERS);
  });

  it("is not forgotten by a task that catches every error", async () => {
    const error = await run(async (context) => {
      await takeOver();
      await claim(context, "a").catch(() => undefined);
    });
    expect(error).toBeInstanceOf(JobTakenOver);
    expect(await jobs()).toEqual(OTHERS);
  });

  it("is looked at again when a task ends long after its last commit", async () => {
    const error = await run(async (context) => {
      await claim(context, "a");
      await takeOver();
      jest.spyOn(performance, "now").mockReturnValue(performance.now() + 1_001);
    });
    jest.restoreAllMocks();
    expect(error).toBeInstanceOf(JobTakenOver);
    expect(await jobs()).toEqual(OTHERS);
  });

  it("is not taken while somebody cancels it: it ran on, and counted as finished when its worker died", async () => {
    const worker = await database.pool("worker").connect();
    const operator = await database.pool("migrator").connect();
    try {
      await enqueueJobs(worker, [{ task: "reconcile", payload: {} }]);
      const { rows } = await worker.query(
        `update graphile_worker._private_jobs set locked_by = 'pool-a', locked_at = now(), attempts = 1
         returning id::text, attempts, locked_by, payload->'envelope'->>'jobId' as record_id`,
      );
      const { record_id: recordId, ...job } = rows[0];
      await operator.query("begin");
      await operator.query("select blindagem_private.cancel_jobs(array[$1::bigint])", [recordId]);
      const taken = takeJob(worker, { ...job, task_identifier: "reconcile" }, recordId, 0);
      const refused = expect(taken).rejects.toBeInstanceOf(JobTakenOver);
      await waitFor("the taking to wait", async () => {
        const { rowCount } = await database.pool("migrator").query(
          `select from pg_locks l join pg_stat_activity a on a.pid = l.pid
           where not l.granted and a.datname = current_database()`,
        );
        return rowCount !== 0;
      });
      await operator.query("commit");
      await refused;
      expect(await query("select state from blindagem_private.job_records")).toEqual([
        { state: "CANCELLED" },
      ]);
    } finally {
      worker.release();
      operator.release();
    }
  });

  it("makes whoever takes the job wait for the transaction that runs", async () => {
    let takenOver: Promise<void> = Promise.resolve();
    await run((context) =>
      context.transaction("Teste", async (client) => {
        takenOver = takeOver();
        for (let blocked = false; !blocked; ) {
          const [row] = await query(
            "select exists (select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())) or exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as blocked",
          );
          blocked = row.blocked;
        }
        await client.query(
          "insert into blindagem_private.work_claims (task, subject) values ('t', 'a')",
        );
      }),
    );
    await takenOver;
    expect(await claims()).toEqual(["a"]);
  });

  it("does not let a worker take what it fetched and others have by now", async () => {
    const client = await database.pool("worker").connect();
    await enqueueJobs(client, [{ task: "reconcile", payload: {} }]);
    client.release();
    let ran = false;
    const task = defineTask("reconcile", z.object({}), async () => {
      ran = true;
    });
    await runOnce({
      connectionString: database.url("worker"),
      maxPoolSize: 3,
      logger: silent,
      noHandleSignals: true,
      taskList: {
        reconcile: async (payload, helpers) => {
          await takeOver();
          await task(payload, helpers);
        },
      },
    });
    expect(ran).toBe(false);
    expect(await jobs()).toEqual(OTHERS);
  });

  it("gives a job back that a worker has fetched after it was taken for dead: no attempt is spent", async () => {
    await query(
      `insert into blindagem_private.workers (id, host, pid, concurrency, pool_ids, stopped_at, died)
       values (gen_random_uuid(), 'host', 7, '{}', '{pool-a,pool-dead}', now(), true)`,
    );
    const client = await database.pool("worker").connect();
    await enqueueJobs(client, [{ task: "reconcile", payload: {} }]);
    const [{ id, record, run_at }] = await query(
      `update graphile_worker._private_jobs set locked_by = 'pool-dead', locked_at = now(), attempts = 5
       returning id::text, payload->'envelope'->>'jobId' as record, run_at`,
    );
    const job = { id, attempts: 5, locked_by: "pool-dead", task_identifier: "reconcile" };
    // Once it is given back, there is nothing more to refund.
    for (let again = 0; again < 2; again++) {
      await expect(takeJob(client, job, record, 0)).rejects.toBeInstanceOf(HolderTakenForDead);
      expect(
        await query(
          "select locked_by, locked_at, attempts, last_error, run_at from graphile_worker._private_jobs",
        ),
      ).toEqual([{ locked_by: null, locked_at: null, attempts: 4, last_error: null, run_at }]);
    }
    client.release();
    expect(await query("select state, fence from blindagem_private.job_records")).toEqual([
      { state: "WAITING", fence: 0 },
    ]);
  });

  it("does not read all workers of three months for each job", async () => {
    await query(
      `insert into blindagem_private.workers (id, host, pid, concurrency, pool_ids, stopped_at, died)
       select gen_random_uuid(), 'host', n, '{}', array['x-' || n, 'y-' || n, 'z-' || n], now(), n % 3 = 0
       from generate_series(1, 10000) as n`,
    );
    await database.pool("migrator").query("analyze blindagem_private.workers");
    const client = await database.pool("worker").connect();
    const scans = async () => {
      const { rows } = await client.query<{ scans: number }>(
        `select coalesce(sum(seq_scan), 0)::int as scans from pg_stat_xact_all_tables
         where relid = 'blindagem_private.workers'::regclass`,
      );
      return rows[0]?.scans;
    };
    await enqueueJobs(client, [{ task: "reconcile", payload: {} }]);
    const [{ id, record }] = await query(
      `update graphile_worker._private_jobs set locked_by = 'pool', locked_at = now(), attempts = 1
       returning id::text, payload->'envelope'->>'jobId' as record`,
    );
    const job = { id, attempts: 1, locked_by: "pool", task_identifier: "reconcile" };
    // From the sixth on, PostgreSQL may plan without knowing the pool.
    try {
      // From the sixth on, PostgreSQL may plan without knowing the pool.
      for (let taking = 1; taking <= 7; taking++) {
        await client.query("begin");
        const before = await scans();
        expect(await takeJob(client, job, record, 0)).toMatchObject({ fence: taking });
        expect(await scans()).toBe(before);
        await client.query("commit");
      }
    } finally {
      await client.query("rollback");
      client.release();
    }
  });

  it("holds for cron's jobs, too, which get their record here", async () => {
    await query("select graphile_worker.add_job('housekeeping')");
    const fences: number[] = [];
    const task = defineTask("housekeeping", z.object({}), async (_, context) => {
      const [row] = await query("select fence, waiting_for from blindagem_private.job_records");
      expect(row.waiting_for).toBeNull();
      fences.push(row.fence);
      await claim(context, `run ${row.fence}`);
      if (row.fence === 1) throw new Error("again");
    });
    for (let attempt = 0; attempt < 2; attempt++) {
      await query("update graphile_worker._private_jobs set run_at = now()");
      await query("update blindagem_private.job_records set waiting_for = 'a tentativa 1 falhou'");
      await runOnce({
        connectionString: database.url("worker"),
        maxPoolSize: 3,
        logger: silent,
        noHandleSignals: true,
        taskList: { housekeeping: task },
      });
    }
    expect(fences).toEqual([1, 2]);
    expect(await claims()).toEqual(["run 1", "run 2"]);
  });

  it("tells how many workers died of the job; bulk work is then taken by who runs it alone", async () => {
    const deaths: number[] = [];
    for (const isBulk of [false, true]) {
      const client = await database.pool("worker").connect();
      await enqueueJobs(client, [{ task: "reconcile", payload: {} }]);
      client.release();
      await query("update blindagem_private.job_records set deaths = 2");
      const task = defineTask(
        "reconcile",
        z.object({}),
        async (_, context) => {
          deaths.push(context.deaths);
        },
        { isBulk },
      );
      await runOnce({
        connectionString: database.url("worker"),
        maxPoolSize: 3,
        logger: silent,
        noHandleSignals: true,
        taskList: { reconcile: task },
      });
    }
    expect(deaths).toEqual([2, 2]);
    expect(await query("select fence from blindagem_private.job_records")).toEqual([
      { fence: 1 },
      { fence: 1 },
    ]);
  });
});
