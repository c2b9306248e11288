import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { SCHEMA_FILE, schemaText, writeSchema } from "../../src/database/write-schema.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

let database: TestDatabase;
let client: pg.PoolClient;
beforeAll(async () => {
  database = await createTestDatabase();
  client = await database.pool("migrator").connect();
});
afterAll(async () => {
  client.release();
  await database.drop();
});

describe("sql/schema.sql", () => {
  it("is what the migrations make of an empty database", async () => {
    // To accept a change: WRITE_SCHEMA=1 npm test -- test/database/catalogue
    if (process.env.WRITE_SCHEMA) await writeSchema(client, database.prefix);
    expect((await schemaText(client, database.prefix)).split("\n")).toEqual(
      (await readFile(SCHEMA_FILE, "utf8")).split("\n"),
    );
  });
});

describe("schemaText", () => {
  it.each([
    ["a column", "alter table blindagem.organizations add note text"],
    ["a default", "alter table blindagem.expenses alter status set default 'APPROVED'"],
    ["a constraint", "alter table blindagem.expenses drop constraint expenses_payee"],
    ["an index", "drop index blindagem.expenses_of_batch"],
    ["a trigger", "drop trigger expense_transition on blindagem.expenses"],
    ["a trigger's state", "alter table blindagem.expenses enable trigger audit_insert"],
    ["a policy", "drop policy salaries on blindagem.expenses"],
    ["row-level security", "alter table blindagem.expenses disable row level security"],
    ["a grant", "grant delete on blindagem.expenses to public"],
    ["a comment", "comment on table blindagem.expenses is 'x'"],
    ["a view's option", "alter view blindagem.income set (security_invoker = false)"],
    [
      "a function's body",
      "create or replace function blindagem_private.today() returns date language sql as 'select current_date'",
    ],
  ])("tells a change of %s", async (_, statement) => {
    const before = await schemaText(client, database.prefix);
    await client.query(`set role ${database.prefix}_owner`);
    await client.query(statement);
    await client.query("reset role");
    expect(await schemaText(client, database.prefix)).not.toBe(before);
  });

  it("does not change with time: another month's partition shows nothing new", async () => {
    const before = await schemaText(client, database.prefix);
    await client.query(`set role ${database.prefix}_audit_owner`);
    await client.query("select blindagem_audit.create_partitions(5)");
    await client.query("reset role");
    expect(await schemaText(client, database.prefix)).toBe(before);
  });
});
