import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { enqueueJobs } from "../../src/queue/enqueue.ts";
import { FetchedJobs } from "../../src/queue/fetched-jobs.ts";
import { startLiveness } from "../../src/queue/liveness.ts";
import { createWorkerPool } from "../../src/queue/worker-pool.ts";
import { startStallingProxy } from "../chaos/stalling-proxy.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function query(text: string) {
  return (await database.pool("worker").query(text)).rows;
}

/** A dead worker, and the job that it ran. */
async function leaveBehind(): Promise<void> {
  const client = await database.pool("worker").connect();
  await enqueueJobs(client, [{ task: "reconcile", payload: { condominiumId: "1" } }]);
  client.release();
  await query(
    `insert into blindagem_private.workers (id, host, pid, concurrency, pool_ids, heartbeat_at)
     values (gen_random_uuid(), 'host', 7, '{}', '{pool-dead}', now() - interval '1 hour')`,
  );
  await query(
    "update graphile_worker._private_jobs set locked_by = 'pool-dead', locked_at = now(), attempts = 1",
  );
  await query(
    `update blindagem_private.job_records r
     set state = 'RUNNING', taken_by = 'pool-dead', attempts = 1, graphile_job_id = j.id
     from graphile_worker._private_jobs j`,
  );
}

describe("a worker that cannot free the jobs of a dead one", () => {
  it("starts and lives all the same, and frees them as soon as it can", async () => {
    await leaveBehind();
    const lines: string[] = [];
    const holder = await database.pool("worker").connect();
    await holder.query("begin");
    await holder.query("select from blindagem_private.job_records for update");
    const workerId = randomUUID();
    const liveness = await startLiveness({
      databaseUrl: database.url("worker"),
      workerId,
      concurrency: { QUICK: 1, PROVIDER: 1, READING: 1 },
      heartbeatMs: 500,
      deadAfterMs: 4_000,
      fetched: new FetchedJobs(new EventEmitter()),
      onBuried: () => undefined,
      onUnanswered: () => undefined,
      logger: pino({ level: "warn" }, { write: (line: string) => void lines.push(line) }),
    });
    expect(lines.join("")).toContain("canceling statement due to statement timeout");
    const heartbeats = async () =>
      (
        await query(
          `select heartbeat_at > started_at + interval '1 second' as goes_on from blindagem_private.workers where id = '${workerId}'`,
        )
      )[0].goes_on;
    await waitFor("heartbeats that go on", heartbeats);
    expect(await query("select locked_by from graphile_worker._private_jobs")).toEqual([
      { locked_by: "pool-dead" },
    ]);
    await holder.query("rollback");
    holder.release();
    await waitFor("the job to be free", async () => {
      const [job] = await query("select locked_by from graphile_worker._private_jobs");
      return job.locked_by === null;
    });
    await liveness.stop();
    expect(lines.join("")).not.toContain("the heartbeat failed");
  });
});

describe("a worker whose heartbeats get no answer, and then do on another connection", () => {
  it("gives up what waits as long on the others", async () => {
    const proxy = await startStallingProxy(database.url("worker"));
    const logger = pino({ level: "silent" });
    const workerId = randomUUID();
    const { pool, endWaiting, close } = createWorkerPool(proxy.url, workerId, 2, logger);
    const hung = await pool.connect();
    const liveness = await startLiveness({
      databaseUrl: proxy.url,
      workerId,
      concurrency: { QUICK: 1, PROVIDER: 1, READING: 1 },
      heartbeatMs: 100,
      deadAfterMs: 3_000,
      fetched: new FetchedJobs(new EventEmitter()),
      onBuried: () => undefined,
      onUnanswered: endWaiting,
      logger,
    });
    proxy.stall();
    const failed = hung.query("select 1").catch((error: Error) => error.message);
    proxy.resume();
    expect(await failed).toMatch(/terminated/);
    hung.release();
    const late = await pool.connect();
    expect((await late.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    late.release();
    await liveness.stop();
    await close();
    await proxy.close();
  });
});
