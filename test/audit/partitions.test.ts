import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { createPartitions } from "../../src/audit/partitions.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
/** Acts as the log's owner, which nothing logs in as. */
let client: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  client = await database.pool("migrator").connect();
  await client.query(`set role ${database.prefix}_audit_owner`);
});
afterAll(async () => {
  await client.query("reset role");
  client.release();
  await database.drop();
});

const PARTITIONS = `select count(*)::int as count from pg_inherits
  where inhparent = 'blindagem_audit.audit_log_immutable'::regclass`;

describe("the log's partitions", () => {
  it("take what no month holds into the default one, so that no write fails", async () => {
    const { rows } = await client.query<{ partition: string }>(
      `insert into blindagem_audit.audit_log_immutable (recorded_at, entity_type, entity_id, operation, action)
       values (now() + interval '10 years', 'expenses', '1', 'INSERT', 'SUBMIT') returning tableoid::regclass::text as partition`,
    );
    expect(rows).toEqual([{ partition: "blindagem_audit.audit_log_default" }]);
  });

  it("are not made for a month that lies in the default one already, and fail nothing", async () => {
    await client.query(
      `insert into blindagem_audit.audit_log_immutable (recorded_at, entity_type, entity_id, operation, action)
       values (now() + interval '5 months', 'expenses', '1', 'INSERT', 'SUBMIT')`,
    );
    const before = await client.query<{ count: number }>(PARTITIONS);
    await client.query("select blindagem_audit.create_partitions(6)");
    const after = await client.query<{ count: number }>(PARTITIONS);
    // Months 4 and 6 were missing; month 5 stays where its row lies.
    expect((after.rows[0]?.count ?? 0) - (before.rows[0]?.count ?? 0)).toBe(2);
  });

  it("are made by the worker's login too, and once", async () => {
    const worker = await database.pool("worker").connect();
    try {
      expect(await createPartitions(worker)).toBe(0);
    } finally {
      worker.release();
    }
  });
});
