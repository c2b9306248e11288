import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { limitFirstAnswer } from "../../src/api/first-answer.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

let pool: pg.Pool;
beforeEach(() => {
  pool = new pg.Pool({ connectionString: database.url("worker"), query_timeout: 60_000 });
  limitFirstAnswer(pool, 500);
});
afterEach(() => pool.end());

const LATE = "select pg_sleep(2)";

describe("limitFirstAnswer", () => {
  it.each([
    ["a text", LATE],
    ["a description", { text: LATE }],
  ])(
    "gives up %s that comes first, on a new connection and on one out of the pool",
    async (_, asked) => {
      await expect(pool.query(asked)).rejects.toThrow("Query read timeout");
      await pool.query("select 1");
      expect(pool.idleCount).toBe(1);
      await expect(pool.query(asked)).rejects.toThrow("Query read timeout");
    },
  );

  it("waits for what is asked after it", async () => {
    const client = await pool.connect();
    await client.query("begin");
    expect((await client.query(LATE)).rowCount).toBe(1);
    await client.query("rollback");
    client.release();
  });

  it("leaves a first statement the time that it brings itself", async () => {
    const patient = { text: LATE, query_timeout: 30_000 };
    expect((await pool.query(patient)).rowCount).toBe(1);
  });
});
