import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { endUnanswered } from "../../src/database/end-unanswered.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

let pool: pg.Pool;
let ended: number;
beforeEach(() => {
  ended = 0;
  pool = new pg.Pool({ connectionString: database.url("worker"), max: 1, query_timeout: 500 });
  pool.on("connect", (client) => endUnanswered(client, () => ended++));
});

const UNANSWERED = "Query read timeout";
/** The server goes on with it, and the database can only be dropped afterwards. */
const LATE = "select pg_sleep(2)";

describe("endUnanswered", () => {
  it("lets no statement wait on a connection that has left one without an answer, and no pool keep it", async () => {
    const client = await pool.connect();
    await client.query("begin");
    await expect(client.query(LATE)).rejects.toThrow(UNANSWERED);
    await expect(client.query("rollback")).rejects.toThrow(/closed/);
    // As a library does that looks at nothing.
    client.release();
    const { rows } = await pool.query("select 1 as one");
    expect(rows).toEqual([{ one: 1 }]);
    expect(ended).toBe(1);
    await pool.end();
  });

  it("ends those that wait on it, too, and tells of it once", async () => {
    const client = await pool.connect();
    const asked = await Promise.allSettled([client.query(LATE), client.query("select 1")]);
    expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    client.release();
    await pool.end();
    expect(ended).toBe(1);
  });

  it("does so for who is called back", async () => {
    await expect(pool.query(LATE)).rejects.toThrow(UNANSWERED);
    expect(ended).toBe(1);
    await pool.end();
  });

  it("keeps a connection on which a statement has failed with an answer", async () => {
    const client = await pool.connect();
    await expect(client.query("select 1 / 0")).rejects.toMatchObject({ code: "22012" });
    expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    client.release();
    expect([pool.totalCount, ended]).toEqual([1, 0]);
    await pool.end();
  });
});
