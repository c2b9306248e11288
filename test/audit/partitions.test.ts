import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import type pg from "pg";
import type { Divergence } from "../../src/audit/comparing/divergence.ts";
import { createPartitions } from "../../src/audit/partitions.ts";
import { verifyProof } from "../../src/audit/proof.ts";
import { proveRecord } from "../../src/audit/prove-record.ts";
import { leafHash } from "../../src/audit/tree.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { monthBefore, moveToMonth } from "./aged-log.ts";
import { findDivergences, placesOf, sealAll } from "./comparing/compare.ts";
import { testKeys } from "./test-keys.ts";

jest.setTimeout(60_000);

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

describe("a quarter without cron", () => {
  let quarter: TestDatabase;
  beforeAll(async () => {
    quarter = await createTestDatabase();
    await sealAll(quarter);
    // No clock can be set on: the months in which it would stand are taken away instead.
    await moveToMonth(quarter, monthBefore(4), "true");
    const { rows } = await quarter.pool("migrator").query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits
       where inhparent = 'blindagem_audit.audit_log_immutable'::regclass
         and inhrelid::regclass::text >= 'blindagem_audit.audit_log_' || to_char(now() at time zone 'UTC', 'YYYY_MM')
         and inhrelid::regclass::text ~ '[0-9]{4}_[0-9]{2}$'`,
    );
    for (const { name } of rows) await quarter.pool("migrator").query(`drop table ${name}`);
  });
  afterAll(() => quarter.drop());

  async function partitionsOf(entity: string): Promise<string[]> {
    const { rows } = await quarter.pool("migrator").query<{ name: string }>(
      `select tableoid::regclass::text as name from blindagem_audit.audit_log_immutable
       where entity_type = $1 and recorded_at > now() - interval '70 days' order by id`,
      [entity],
    );
    return rows.map(({ name }) => name);
  }

  async function addOrganization(cnpj: string): Promise<string> {
    const { rows } = await quarter
      .pool("migrator")
      .query<{ id: string }>(
        "insert into blindagem.organizations (name, cnpj) values ('Alfa', $1) returning id",
        [cnpj],
      );
    return rows[0]?.id ?? "";
  }

  async function makePartitions(): Promise<number> {
    const worker = await quarter.pool("worker").connect();
    try {
      return await createPartitions(worker);
    } finally {
      worker.release();
    }
  }

  it("costs no write, no seal and no proof, and ends in partitions again", async () => {
    const organization_id = await addOrganization("11222333000181");
    expect(await partitionsOf("organizations")).toEqual(["blindagem_audit.audit_log_default"]);
    await sealAll(quarter);
    const { rows } = await quarter
      .pool("migrator")
      .query<{ id: string }>(
        "select id from blindagem_audit.audit_log_immutable where entity_type = 'organizations'",
      );
    const proof = await quarter.asRequest(
      "admin",
      { organization_id, actor_id: "command:test" },
      (one) => proveRecord(one, rows[0]?.id ?? "", testKeys),
    );
    expect(() => verifyProof(proof, leafHash(proof.extra ?? ""), testKeys)).not.toThrow();
    // Cron is back: this month goes on where it is, the three to come have their partitions.
    expect(await makePartitions()).toBe(3);
    await addOrganization("11444777000161");
    expect(await partitionsOf("organizations")).toEqual([
      "blindagem_audit.audit_log_default",
      "blindagem_audit.audit_log_default",
    ]);
    await sealAll(quarter);
    expect(rowsOnly(await findDivergences(quarter))).toEqual([]);
    // The month is over.
    await moveToMonth(quarter, monthBefore(1), "r.recorded_at > now() - interval '1 day'", false);
    expect(await makePartitions()).toBe(1);
    await quarter.pool("migrator").query("update blindagem.organizations set name = 'Beta'");
    expect(new Set((await partitionsOf("organizations")).slice(2))).toEqual(
      new Set([`blindagem_audit.audit_log_${monthBefore(0).replace("-", "_")}`]),
    );
    await sealAll(quarter);
    expect(rowsOnly(await findDivergences(quarter))).toEqual([]);
  });

  /** The partitions that this test took away are reported, as they should be. */
  const rowsOnly = (divergences: Divergence[]) =>
    placesOf(divergences.filter(({ kind }) => kind !== "DEFINITIONS"));
});
