import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openTurnSession } from "../../src/audit/turn-session.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const open = (statementTimeoutMs: number, silenceMs?: number) =>
  openTurnSession(
    { connectionString: database.url("sealer"), statement_timeout: statementTimeoutMs },
    silenceMs,
  );
const TAKE = "select pg_try_advisory_lock(4711) as mine";

describe("openTurnSession", () => {
  it("lets the server wait for the process for somewhat longer than for a statement", async () => {
    const session = await open(60_000);
    const { rows } = await session.query(
      `select current_setting('statement_timeout') as statement,
         current_setting('idle_session_timeout') as idle,
         current_setting('idle_in_transaction_session_timeout') as idle_in_transaction`,
    );
    expect(rows).toEqual([{ statement: "1min", idle: "70s", idle_in_transaction: "70s" }]);
    await session.end();
  });

  it.each([
    ["between transactions", "select 1"],
    ["within one", "begin"],
  ])("gives the turn to another when the process falls silent %s", async (_, last) => {
    const silent = await open(2_000, 2_000);
    await silent.query(TAKE);
    await silent.query(last);
    const other = await open(60_000);
    await waitFor("the turn", async () => (await other.query(TAKE)).rows[0]?.mine === true);
    await expect(silent.query("select 1")).rejects.toThrow();
    await other.end();
  });

  it("gives up a statement without an answer, and waits for no other on that session", async () => {
    const session = await open(5_000, 1_000);
    await expect(session.query("select pg_sleep(3)")).rejects.toThrow("Query read timeout");
    await expect(session.query("rollback")).rejects.toThrow(/closed/);
  });
});
