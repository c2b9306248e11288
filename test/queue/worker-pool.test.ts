import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { createWorkerPool } from "../../src/queue/worker-pool.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("createWorkerPool", () => {
  it("gives nobody a connection on which an answer is outstanding, although the library hands it back", async () => {
    const logger = pino({ level: "silent" });
    const { pool, close } = createWorkerPool(database.url("worker"), "worker-1", 1, logger, 500);
    const client = await pool.connect();
    await client.query("begin");
    await expect(client.query("select pg_sleep(2)")).rejects.toThrow("Query read timeout");
    await expect(client.query("rollback")).rejects.toThrow(/closed/);
    client.release();
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await close();
  });

  it("refuses whoever asks for a connection once it is closed, instead of trying for ever", async () => {
    const logger = pino({ level: "silent" });
    const { pool, close } = createWorkerPool(database.url("worker"), "worker-1", 1, logger);
    await pool.query("select 1");
    await close();
    await expect(pool.connect()).rejects.toThrow("after calling end");
  });

  it("ends on demand what has waited too long for an answer, and nothing else", async () => {
    const logger = pino({ level: "silent" });
    const { pool, endWaiting, close } = createWorkerPool(database.url("worker"), "w", 3, logger);
    const [waiting, answered, idle] = [
      await pool.connect(),
      await pool.connect(),
      await pool.connect(),
    ];
    await answered.query("select 1");
    const ended = waiting.query("select pg_sleep(60)").catch((error: Error) => error.message);
    endWaiting(60_000);
    const answer = answered.query("select 1").then(() => "it still waits");
    expect(await Promise.race([ended, answer])).toBe("it still waits");
    endWaiting(0);
    expect(await ended).toMatch(/terminated/);
    for (const client of [answered, idle]) {
      expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    }
    for (const client of [waiting, answered, idle]) client.release();
    // The server knows of nothing.
    await pool.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where query = 'select pg_sleep(60)'",
    );
    await close();
  });
});
