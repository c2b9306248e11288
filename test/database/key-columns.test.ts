import { afterAll, beforeAll, expect, it } from "@jest/globals";
import pg from "pg";
import { auditedTableNames } from "../../src/audit/comparing/audited-tables.ts";
import { itWithSuperuser } from "./superuser.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { createTenant } from "./world.ts";

let database: TestDatabase;
let owner: pg.PoolClient;
let tables: string[];
beforeAll(async () => {
  database = await createTestDatabase();
  await createTenant(database);
  owner = await database.pool("migrator").connect();
  await owner.query(
    "insert into blindagem.organization_weights (organization_id, weight) select id, 2 from blindagem.organizations",
  );
  tables = await auditedTableNames(owner);
});
afterAll(async () => {
  owner.release();
  await database.drop();
});

/** Whose the row is, is found out later: blindagem_private.key_columns says how. */
const LEARNT_LATER = new Set(["returned_payments.condominium_id"]);

/** The world of the tests has no rows of these. */
const EMPTY = ["checkpoint_thinnings", "erasures", "log_detachments"];

interface Key {
  name: string;
  /** Another value, which the column's type has. */
  another: string;
}

/** The primary key of a table, and whose its rows are. */
async function keysOf(table: string): Promise<Key[]> {
  const { rows } = await owner.query<Key>(
    `select a.attname as name, case
         when a.attidentity = 'a' then 'default'
         when a.atttypid = 'bigint'::regtype then format('coalesce(%I, 0) + 1', a.attname)
         else 'null' end as another
     from pg_attribute a
     where a.attrelid = format('blindagem.%I', $1::text)::regclass and a.attnum > 0 and not a.attisdropped
       and (a.attname in ('organization_id', 'condominium_id') or exists (
         select from pg_constraint c where c.conrelid = a.attrelid and c.contype = 'p' and a.attnum = any (c.conkey)))
     order by 1`,
    [table],
  );
  return rows.filter(({ name }) => !LEARNT_LATER.has(`${table}.${name}`));
}

it("the keys of every audited table are guarded, whatever replication a session plays", async () => {
  const { rows: guarded } = await owner.query(
    `select c.relname || '.' || a.attname as column
     from pg_trigger t
     join pg_class c on c.oid = t.tgrelid
     join pg_attribute a on a.attrelid = c.oid and a.attnum = any (t.tgattr)
     where t.tgname = 'audit_keys' and t.tgenabled = 'A' and c.relnamespace = 'blindagem'::regnamespace
     order by 1`,
  );
  const expected: string[] = [];
  for (const table of tables) {
    for (const { name } of await keysOf(table)) expected.push(`${table}.${name}`);
  }
  expect(guarded.map(({ column }) => column)).toEqual(expected.sort());
});

it("no key of any row changes, by whatever hand", async () => {
  const empty: string[] = [];
  for (const table of tables) {
    const { rowCount } = await owner.query(`select from blindagem.${table} limit 1`);
    if (rowCount === 0) {
      empty.push(table);
      continue;
    }
    for (const { name, another } of await keysOf(table)) {
      const change = owner.query(`update blindagem.${table} set ${name} = ${another}`);
      await expect(change).rejects.toMatchObject({ code: "BLD06" });
    }
  }
  expect(empty).toEqual(EMPTY);
});

it("a worker, who may change whole rows of payments, does not change their keys", async () => {
  const worker = database.pool("worker");
  for (const key of ["condominium_id", "payable_id", "transaction_id"]) {
    const change = worker.query(`update blindagem.payments set ${key} = ${key} + 1`);
    await expect(change).rejects.toMatchObject({ code: "BLD06" });
  }
});

it("a key that is set to what it is stays, and the rest of the row changes", async () => {
  const { rowCount } = await owner.query(
    "update blindagem.organization_weights set organization_id = organization_id, weight = weight + 1",
  );
  expect(rowCount).toBe(1);
});

itWithSuperuser(
  "where the guard was taken away, a row under another key is a deletion and an insertion",
  async () => {
    const superuser = new pg.Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    for (const table of await numberedTables()) {
      const records = await recordsOfAnotherId(superuser, table);
      expect({ table, records }).toMatchObject({
        records: [
          { operation: "DELETE", action: "OUT_OF_BAND", new_state: null },
          { operation: "INSERT", action: "OUT_OF_BAND", previous_state: null },
        ],
      });
      const { id: left, ...before } = records[0]?.previous_state ?? {};
      const { id: came, ...after } = records[1]?.new_state ?? {};
      expect(came).not.toEqual(left);
      expect(after).toEqual(before);
    }
    await superuser.end();
  },
);

/** Those with rows, whose ids the database gives. */
async function numberedTables(): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'blindagem'::regnamespace and a.attname = 'id' and a.attidentity = 'a' order by 1`,
  );
  return rows
    .map(({ name }) => name)
    .filter((name) => tables.includes(name) && !EMPTY.includes(name));
}

interface Recorded {
  operation: string;
  action: string;
  previous_state: Record<string, unknown> | null;
  new_state: Record<string, unknown> | null;
}

/** What is recorded when the table's first row gets another id, in a transaction that is rolled back. */
async function recordsOfAnotherId(superuser: pg.Client, table: string): Promise<Recorded[]> {
  await superuser.query("begin");
  // So that others may go on naming the former id.
  await superuser.query("set local session_replication_role to replica");
  await superuser.query(`alter table blindagem.${table} disable trigger user`);
  await superuser.query(`alter table blindagem.${table} enable always trigger audit_update`);
  const { rows: last } = await superuser.query<{ id: string }>(
    "select coalesce(max(id), 0)::text as id from blindagem_audit.audit_log_immutable",
  );
  await superuser.query(
    `update blindagem.${table} set id = default where id = (select min(id) from blindagem.${table})`,
  );
  const { rows } = await superuser.query<Recorded>(
    `select operation, action, previous_state, new_state from blindagem_audit.records where id > $1 order by operation`,
    [last[0]?.id],
  );
  await superuser.query("rollback");
  return rows;
}
