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
  // A record comes in by a trigger alone: here by that of a table of the test's own.
  await client.query(
    `create temp table change (recorded_at timestamptz);
     create function pg_temp.capture() returns trigger language plpgsql as $$
       begin
         insert into blindagem_audit.audit_log_immutable (id, recorded_at, sensitivity, entity_type, entity_id, action, entry)
         values (nextval('blindagem_audit.record_id'), new.recorded_at, 'ORDINARY', 'expenses', '1', 'SUBMIT', '{}');
         return null;
       end
     $$;
     create trigger capture after insert on change for each row execute function pg_temp.capture()`,
  );
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
    await client.query("insert into change values (now() + interval '10 years')");
    const { rows } = await client.query<{ partition: string }>(
      `select tableoid::regclass::text as partition from blindagem_audit.audit_log_immutable
       where recorded_at > now() + interval '9 years'`,
    );
    expect(rows).toEqual([{ partition: "blindagem_audit.audit_log_default" }]);
  });

  it("are not made for a month that lies in the default one already, and fail nothing", async () => {
    await client.query("insert into change values (now() + interval '5 months')");
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
