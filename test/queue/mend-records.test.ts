import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { mendRecords } from "../../src/queue/mend-records.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue } from "../tasks/task-run.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyQueue(database);
  await database.pool("worker").query("delete from blindagem_private.job_records");
});

const later = () => new Date(Date.now() + 3_600_000);

async function mend(now: Date): Promise<number> {
  const client = await database.pool("worker").connect();
  try {
    return await mendRecords(client, now);
  } finally {
    client.release();
  }
}

async function states(): Promise<string[]> {
  const { rows } = await database
    .pool("worker")
    .query<{ state: string }>("select state from blindagem_private.job_records order by id");
  return rows.map(({ state }) => state);
}

describe("mendRecords", () => {
  it("closes the records of jobs that have left the queue, and no others", async () => {
    const worker = database.pool("worker");
    const client = await worker.connect();
    const job = { task: "reconcile", payload: {} };
    await enqueueJobs(client, [job, job, job]);
    client.release();
    // The first has run unseen; the second was seen to start, and is cron's kind of record: known by its own id alone.
    await worker.query(
      `delete from graphile_worker._private_jobs where payload->'envelope'->>'jobId' in (
         select id::text from blindagem_private.job_records order by id limit 1)`,
    );
    await worker.query(
      `insert into blindagem_private.job_records (task, state, graphile_job_id, started_at)
       select 'housekeeping', 'RUNNING', id, now() from graphile_worker._private_jobs limit 1`,
    );
    await worker.query(
      `insert into blindagem_private.job_records (task, state, graphile_job_id, started_at)
       values ('housekeeping', 'RUNNING', 999999, now())`,
    );
    expect(await mend(later())).toBe(2);
    expect(await states()).toEqual(["FINISHED", "WAITING", "WAITING", "RUNNING", "FINISHED"]);
    expect(await mend(later())).toBe(0);
  });

  it("leaves alone what its worker may still be about to write", async () => {
    await database
      .pool("worker")
      .query(
        "insert into blindagem_private.job_records (task, state) values ('reconcile', 'RUNNING')",
      );
    expect(await mend(new Date())).toBe(0);
    expect(await states()).toEqual(["RUNNING"]);
  });

  it("is not led astray by payloads of strangers", async () => {
    const worker = database.pool("worker");
    await worker.query(
      `select graphile_worker.add_job('housekeeping', '{"envelope": {"jobId": "x"}}')`,
    );
    await worker.query(`select graphile_worker.add_job('housekeeping', '[1, 2]')`);
    await worker.query(
      "insert into blindagem_private.job_records (task, state) values ('reconcile', 'WAITING')",
    );
    expect(await mend(later())).toBe(1);
  });
});
