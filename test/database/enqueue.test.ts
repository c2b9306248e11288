import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { openEnvelope } from "../../src/queue/envelope.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

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
beforeEach(async () => {
  await worker.query("delete from graphile_worker._private_jobs");
  await worker.query("delete from blindagem_private.job_records");
});

describe("enqueue_jobs", () => {
  it("gives each job its record, and an envelope with the record's id", async () => {
    await enqueueJobs(worker, [
      {
        task: "reconcile",
        payload: { condominiumId: "9" },
        organizationId: "3",
        condominiumId: "9",
        batchId: "4",
        requestId: "r-1",
      },
    ]);
    const { rows: records } = await worker.query("select * from blindagem_private.job_records");
    expect(records).toMatchObject([
      {
        task: "reconcile",
        state: "WAITING",
        organization_id: "3",
        condominium_id: "9",
        batch_id: "4",
        request_id: "r-1",
        attempts: 0,
      },
    ]);
    const { rows: jobs } = await worker.query(
      "select payload, job_queue_id, key from graphile_worker._private_jobs",
    );
    expect(jobs[0]).toMatchObject({ job_queue_id: null, key: null });
    expect(openEnvelope(jobs[0]?.payload)).toEqual({
      envelope: {
        jobId: records[0]?.id,
        organizationId: "3",
        batchId: "4",
        requestId: "r-1",
        startTag: 0,
      },
      content: { condominiumId: "9" },
    });
  });

  it("takes the attempts of the task's table, and the given time", async () => {
    const runAt = new Date("2026-11-05T03:00:00Z");
    await enqueueJobs(worker, [
      { task: "ocr_triage", payload: { sha256: "x" }, runAt, waitingFor: "limite" },
      { task: "reconcile", payload: {} },
    ]);
    const { rows } = await worker.query(
      `select t.identifier as task, j.max_attempts, r.waiting_for, j.run_at = $1 and r.run_at = $1 as later
       from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
       join blindagem_private.job_records r on r.id = (j.payload->'envelope'->>'jobId')::bigint order by j.id`,
      [runAt],
    );
    expect(rows).toEqual([
      { task: "ocr_triage", max_attempts: 5, waiting_for: "limite", later: true },
      { task: "reconcile", max_attempts: 10, waiting_for: null, later: false },
    ]);
  });

  it("writes the transaction's place in a trace into the envelope, and nothing where it has none", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (const place of [traceparent, ""]) {
      await worker.query("begin");
      await worker.query("select set_config('blindagem.traceparent', $1, true)", [place]);
      await enqueueJobs(worker, [{ task: "reconcile", payload: {} }]);
      await worker.query("commit");
    }
    const { rows } = await worker.query(
      "select payload->'envelope' as envelope from graphile_worker._private_jobs order by id",
    );
    expect(rows[0].envelope).toMatchObject({ traceparent });
    expect(rows[1].envelope).not.toHaveProperty("traceparent");
  });

  it("makes nothing of nothing", async () => {
    await enqueueJobs(worker, []);
    await worker.query("select blindagem_private.enqueue_jobs('[]')");
    expect((await worker.query("select from blindagem_private.job_records")).rowCount).toBe(0);
  });

  it("refuses a task that does not exist, and then enqueues nothing", async () => {
    await expect(
      enqueueJobs(worker, [
        { task: "reconcile", payload: {} },
        { task: "no_such_task", payload: {} },
      ]),
    ).rejects.toMatchObject({ code: "BLD04" });
    const { rows } = await worker.query(
      "select count(*)::int as count from graphile_worker._private_jobs",
    );
    expect(rows).toEqual([{ count: 0 }]);
  });

  it("goes away with a transaction that is rolled back", async () => {
    await worker.query("begin");
    await enqueueJobs(worker, [{ task: "reconcile", payload: {} }]);
    await worker.query("rollback");
    const { rows } = await worker.query(
      "select count(*)::int as count from blindagem_private.job_records",
    );
    expect(rows).toEqual([{ count: 0 }]);
  });
});
