import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { Job, JobHelpers, TaskList } from "graphile-worker";
import { Logger as GraphileLogger, runOnce } from "graphile-worker";
import pg from "pg";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { JobBuried, JobTakenOver } from "../../src/queue/fence.ts";
import { createJobRecorder, type JobRecorder } from "../../src/queue/job-recorder.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue, queuedJobs } from "../tasks/task-run.ts";

const now = new Date("2026-11-05T15:00:00Z");
const silent = new GraphileLogger(() => () => undefined);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyQueue(database);
  await database.pool("worker").query("delete from blindagem_private.job_records");
});

async function enqueue(...tasks: string[]): Promise<void> {
  const client = await database.pool("worker").connect();
  try {
    await enqueueJobs(
      client,
      tasks.map((task) => ({ task, payload: {} })),
    );
  } finally {
    client.release();
  }
}

async function work(recorder: JobRecorder, taskList: TaskList): Promise<void> {
  await runOnce({
    connectionString: database.url("worker"),
    maxPoolSize: 3,
    taskList,
    logger: silent,
    noHandleSignals: true,
    events: recorder.events,
  });
  await recorder.flush();
}

const recorderOn = (pool: Pick<pg.Pool, "query">, onError: (error: unknown) => void = () => {}) =>
  createJobRecorder(pool, () => now, onError);

interface JobRecord {
  task: string;
  state: string;
  attempts: number;
  error: string | null;
  finished: boolean;
}

async function records(): Promise<JobRecord[]> {
  const { rows } = await database.pool("worker").query<JobRecord>(
    `select task, state, attempts, last_error as error,
       coalesce(finished_at = $1, false) as finished
     from blindagem_private.job_records order by id`,
    [now],
  );
  return rows;
}

/** Makes a failed job due now. */
async function retry(): Promise<void> {
  await database.pool("worker").query("update graphile_worker._private_jobs set run_at = now()");
}

describe("the recorder of jobs", () => {
  it("follows a job from waiting to its end", async () => {
    await enqueue("reconcile");
    expect(await records()).toMatchObject([{ state: "WAITING", attempts: 0, finished: false }]);
    await work(recorderOn(database.pool("worker")), { reconcile: () => Promise.resolve() });
    expect(await records()).toEqual([
      { task: "reconcile", state: "FINISHED", attempts: 1, error: null, finished: true },
    ]);
  });

  it("keeps the error of a failed attempt, also when the next one succeeds", async () => {
    await enqueue("reconcile");
    const recorder = recorderOn(database.pool("worker"));
    await work(recorder, { reconcile: () => Promise.reject(new Error("the line is down")) });
    expect(await records()).toMatchObject([
      { state: "WAITING", attempts: 1, error: "the line is down", finished: false },
    ]);
    await retry();
    await work(recorder, { reconcile: () => Promise.resolve() });
    expect(await records()).toMatchObject([
      { state: "FINISHED", attempts: 2, error: "the line is down" },
    ]);
  });

  it("tells when a failed attempt is followed by the next, as the library has it, and that the job waits for that", async () => {
    await enqueue("reconcile");
    const recorder = createJobRecorder(
      database.pool("worker"),
      () => new Date(),
      () => {},
    );
    await work(recorder, { reconcile: () => Promise.reject(new Error("the line is down")) });
    const { rows } = await database.pool("worker").query(
      `select abs(extract(epoch from r.run_at - j.run_at)) < 1 as agrees, r.run_at > now() as ahead, r.waiting_for
       from blindagem_private.job_records r join graphile_worker._private_jobs j on j.id = r.graphile_job_id`,
    );
    expect(rows).toEqual([
      {
        agrees: true,
        ahead: true,
        waiting_for: expect.stringMatching(/^a tentativa 1 falhou; nova tentativa às \d\d:\d\d/),
      },
    ]);
    await retry();
    await work(recorder, { reconcile: () => Promise.resolve() });
    const after = await database
      .pool("worker")
      .query("select state, waiting_for from blindagem_private.job_records");
    expect(after.rows).toEqual([{ state: "FINISHED", waiting_for: null }]);
  });

  it("makes a dead letter of a job whose attempts are spent, with all its errors, and takes it out of the queue", async () => {
    await enqueue("seal_audit_log");
    const recorder = recorderOn(database.pool("worker"));
    for (let attempt = 1; attempt <= 3; attempt++) {
      await work(recorder, {
        seal_audit_log: () => Promise.reject(new Error(`no seal ${attempt}`)),
      });
      await retry();
    }
    expect(await records()).toMatchObject([
      { state: "FAILED", attempts: 3, error: "no seal 3", finished: true },
    ]);
    expect(await queuedJobs(database)).toEqual([]);
    const at = now.toISOString();
    const { rows } = await database.pool("worker").query(
      `select task, cause, attempts, last_error, history, resolution,
         payload->'envelope'->>'jobId' = record_id::text as ours
       from blindagem_private.dead_letters`,
    );
    expect(rows).toEqual([
      {
        task: "seal_audit_log",
        cause: "ATTEMPTS",
        attempts: 3,
        last_error: "no seal 3",
        history: [1, 2, 3].map((attempt) => ({ at, attempt, error: `no seal ${attempt}` })),
        resolution: null,
        ours: true,
      },
    ]);
  });

  it("says nothing of a job that another has taken over", async () => {
    await enqueue("reconcile");
    const [id = ""] = await recordIds();
    await database
      .pool("worker")
      .query("update blindagem_private.job_records set taken_by = 'another', state = 'RUNNING'");
    const recorder = recorderOn(database.pool("worker"));
    recorder.events.emit("job:error", { ...event(id), error: new JobTakenOver(id) });
    await recorder.flush();
    recorder.events.emit("job:error", { ...event(id), error: new Error("late") });
    recorder.events.emit("job:failed", { ...event(id), error: new Error("late") });
    await recorder.flush();
    expect(await records()).toMatchObject([{ state: "RUNNING", attempts: 0, error: null }]);
  });

  it("gives jobs that cron made a record of their own, one over all attempts", async () => {
    await database.pool("worker").query("select graphile_worker.add_job('housekeeping')");
    const recorder = recorderOn(database.pool("worker"));
    await work(recorder, { housekeeping: () => Promise.reject(new Error("not now")) });
    await retry();
    await work(recorder, { housekeeping: () => Promise.resolve() });
    expect(await records()).toEqual([
      {
        task: "housekeeping",
        state: "FINISHED",
        attempts: 2,
        error: "not now",
        finished: true,
      },
    ]);
  });

  it("writes many jobs with one statement", async () => {
    await enqueue(...Array.from({ length: 30 }, () => "reconcile"));
    const pool = database.pool("worker");
    let statements = 0;
    const recorder = recorderOn({
      query: (...args: unknown[]) => {
        statements += 1;
        return Reflect.apply(pool.query, pool, args);
      },
    });
    // All events of a moment, however long a job takes on this machine.
    for (const id of await recordIds()) recorder.events.emit("job:success", event(id));
    await recorder.flush();
    expect(statements).toBe(1);
    expect((await records()).filter(({ state }) => state === "FINISHED")).toHaveLength(30);
  });

  it("keeps what it could not write, and writes it with the next", async () => {
    await enqueue("reconcile");
    const pool = new pg.Pool({ connectionString: database.url("worker") });
    let isDown = true;
    const errors: unknown[] = [];
    const recorder = recorderOn(
      {
        query: (...args: unknown[]) => {
          if (isDown) return Promise.reject(new Error("down"));
          return Reflect.apply(pool.query, pool, args);
        },
      },
      (error) => errors.push(error),
    );
    const [id = ""] = await recordIds();
    recorder.events.emit("job:error", { ...event(id), error: new Error("first attempt") });
    await recorder.flush();
    expect(errors).toEqual([new Error("down")]);
    isDown = false;
    recorder.events.emit("job:success", event(id, 2));
    await recorder.flush();
    expect(await records()).toMatchObject([
      { state: "FINISHED", attempts: 2, error: "first attempt" },
    ]);
    await pool.end();
  });

  it("is not stopped by a message that jsonb refuses, nor by an envelope that is none of ours", async () => {
    await enqueue("reconcile", "reconcile");
    const errors: unknown[] = [];
    const recorder = recorderOn(database.pool("worker"), (error) => errors.push(error));
    const half = `${"x".repeat(499)}\u{1F600}`;
    const [first = "", second = ""] = await recordIds();
    recorder.events.emit("job:error", { ...event(first), error: new Error("zero \0 byte") });
    recorder.events.emit("job:error", { ...event(second), error: new Error(half) });
    recorder.events.emit("job:success", event("none of ours"));
    await recorder.flush();
    expect(errors).toEqual([]);
    expect(await records()).toMatchObject([
      { error: "zero  byte" },
      { error: expect.stringMatching(/^x{499}\uFFFD$/) },
      { state: "FINISHED", attempts: 1 },
    ]);
  });
});

describe("the history of the minute", () => {
  const organization = "77";
  const minutes = async () => {
    const { rows } = await database.pool("worker").query(
      `select organization_id::int as organization, task, minute, sum(started)::int as started, sum(finished)::int as finished,
         sum(failed)::int as failed, sum(dead)::int as dead, sum(wait_ms)::int as waited,
         blindagem_private.merge_histograms(wait_histogram) as waits,
         (select sum(n)::int from unnest(blindagem_private.merge_histograms(run_histogram)) as n) as runs
       from blindagem_private.job_minutes group by 1, 2, 3 order by 1, 2, 3`,
    );
    return rows;
  };
  /** A job that had been due for 3 s. */
  const ofTenant = (id: string, attempts = 1) => {
    const given = event(id, attempts);
    Object.assign(given.job, {
      run_at: new Date(now.getTime() - 3000),
      payload: { envelope: { jobId: id, organizationId: organization } },
    });
    return given;
  };
  beforeEach(() => database.pool("worker").query("delete from blindagem_private.job_minutes"));

  it("counts attempts, their waits and their runs, for the organization and for all", async () => {
    const recorder = recorderOn(database.pool("worker"));
    for (const [id, end] of [
      ["1", "job:success"],
      ["2", "job:error"],
    ] as const) {
      const given = ofTenant(id);
      recorder.events.emit("job:start", given);
      recorder.events.emit(end, { ...given, error: new Error("no") });
    }
    const last = ofTenant("2", 2);
    recorder.events.emit("job:start", last);
    recorder.events.emit("job:error", { ...last, error: new Error("no") });
    recorder.events.emit("job:failed", { ...last, error: new Error("no") });
    await recorder.flush();
    const waits = Array.from({ length: 25 }, (_, bucket) => (bucket === 24 ? 3 : 0));
    const counts = { started: 3, finished: 1, failed: 2, dead: 1, waited: 9000, runs: 3, waits };
    const minute = new Date("2026-11-05T15:00:00Z");
    expect(await minutes()).toEqual([
      { organization: 0, task: "reconcile", minute, ...counts },
      { organization: 77, task: "reconcile", minute, ...counts },
    ]);
  });

  it("adds up what many workers write at once", async () => {
    const recorders = Array.from({ length: 8 }, () => recorderOn(database.pool("worker")));
    for (let round = 0; round < 5; round++) {
      for (const recorder of recorders) {
        const given = ofTenant("9");
        recorder.events.emit("job:start", given);
        recorder.events.emit("job:success", given);
      }
      await Promise.all(recorders.map((recorder) => recorder.flush()));
    }
    expect(await minutes()).toMatchObject([
      { organization: 0, started: 40, finished: 40 },
      { organization: 77, started: 40, finished: 40 },
    ]);
  });

  it("counts what could not be written once, with the next", async () => {
    const pool = database.pool("worker");
    let isDown = true;
    const recorder = recorderOn({
      query: (...args: unknown[]) =>
        isDown ? Promise.reject(new Error("down")) : Reflect.apply(pool.query, pool, args),
    });
    const given = ofTenant("1");
    recorder.events.emit("job:start", given);
    await recorder.flush();
    isDown = false;
    recorder.events.emit("job:success", given);
    await recorder.flush();
    expect(await minutes()).toMatchObject([
      { organization: 0, started: 1, finished: 1, runs: 1 },
      { organization: 77, started: 1, finished: 1, runs: 1 },
    ]);
  });

  it("counts what its own runner buried as dead, once, also with its last attempt", async () => {
    const recorder = recorderOn(database.pool("worker"));
    const given = ofTenant("1");
    recorder.events.emit("job:start", given);
    recorder.events.emit("job:error", { ...given, error: new JobBuried("1") });
    recorder.events.emit("job:failed", { ...given, error: new JobBuried("1") });
    await recorder.flush();
    const counts = { started: 1, finished: 0, failed: 1, dead: 1 };
    expect(await minutes()).toMatchObject([
      { organization: 0, ...counts },
      { organization: 77, ...counts },
    ]);
  });

  it("leaves to the other what another has taken over", async () => {
    const recorder = recorderOn(database.pool("worker"));
    recorder.events.emit("job:error", { ...ofTenant("1"), error: new JobTakenOver("1") });
    recorder.events.emit("job:failed", { ...ofTenant("1"), error: new JobTakenOver("1") });
    await recorder.flush();
    expect(await minutes()).toEqual([]);
  });
});

async function recordIds(): Promise<string[]> {
  const { rows } = await database
    .pool("worker")
    .query<{ id: string }>("select id::text from blindagem_private.job_records order by id");
  return rows.map(({ id }) => id);
}

/** What the library tells of the job with that logical id; the recorder looks at nothing else of it. */
function event(id: string, attempts = 1) {
  const job = {
    id: id === "none of ours" ? "1" : `1000${id}`,
    task_identifier: "reconcile",
    attempts,
    locked_by: "pool-of-this-process",
    payload: { envelope: { jobId: id } },
  };
  return { job } as unknown as { job: Job; worker: never; ctx: never } & JobHelpers;
}
