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
});
