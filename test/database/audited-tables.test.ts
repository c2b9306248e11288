import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const OURS = "('blindagem', 'blindagem_private', 'blindagem_audit')";

/** The first column of the rows. */
async function list(statement: string): Promise<unknown[]> {
  const { rows } = await database
    .pool("migrator")
    .query<unknown[]>({ text: statement, rowMode: "array" });
  return rows.map(([value]) => value);
}

describe("every table of blindagem", () => {
  it("is audited, but for the listed exceptions", async () => {
    const audited = await list(
      `select c.relname from pg_class c where relnamespace = 'blindagem'::regnamespace and relkind in ('r', 'p')
       and (select count(*) from pg_trigger t where t.tgrelid = c.oid and t.tgenabled = 'A'
         and t.tgname in ('audit_insert', 'audit_update', 'audit_delete', 'audit_truncate')
         and t.tgfoid::regproc::text = 'blindagem_audit.capture_' || substr(t.tgname, 7)) = 4
       order by 1`,
    );
    const exceptions = await list("select unnest(blindagem_audit.unaudited_tables()) order by 1");
    const all = await list(
      "select relname from pg_class where relnamespace = 'blindagem'::regnamespace and relkind in ('r', 'p') order by 1",
    );
    expect(exceptions).toEqual([
      "companies",
      "document_identifiers",
      "document_readings",
      "documents",
    ]);
    expect([...audited, ...exceptions].sort()).toEqual(all);
  });

  it("hands its own primary key to its audit triggers", async () => {
    const wrong = await list(
      `select t.tgrelid::regclass || ' ' || t.tgname from pg_trigger t
       join pg_constraint k on k.conrelid = t.tgrelid and k.contype = 'p'
       where t.tgname in ('audit_insert', 'audit_update', 'audit_delete')
         and encode(t.tgargs, 'escape') <> (
           select '{' || string_agg(a.attname, ',' order by position) || '}\\000'
           from unnest(k.conkey) with ordinality as c (attnum, position)
           join pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.attnum)`,
    );
    expect(wrong).toEqual([]);
  });
});

describe("every object of ours", () => {
  it("has a comment: tables, views, functions, types", async () => {
    const silent = await list(
      `select c.oid::regclass::text from pg_class c
       where relnamespace::regnamespace::text in ${OURS} and relkind in ('r', 'p', 'v', 'c')
         and obj_description(c.oid, 'pg_class') is null and not (relkind = 'c' and obj_description(c.reltype, 'pg_type') is not null)
         and c.relname !~ '^audit_log_\\d{4}_\\d{2}$'
       union all
       select p.oid::regprocedure::text from pg_proc p
       where pronamespace::regnamespace::text in ${OURS} and obj_description(p.oid, 'pg_proc') is null
       union all
       select t.oid::regtype::text from pg_type t
       where typnamespace::regnamespace::text in ${OURS} and typtype = 'd' and obj_description(t.oid, 'pg_type') is null`,
    );
    expect(silent).toEqual([]);
  });

  it("is secured by row, if it is a table", async () => {
    const open = await list(
      `select c.oid::regclass::text from pg_class c
       where relnamespace::regnamespace::text in ${OURS} and relkind in ('r', 'p') and not relrowsecurity`,
    );
    expect(open).toEqual([]);
  });

  it("asks with its caller's rights, if it is a view", async () => {
    const views = await list(
      `select relname from pg_class where relnamespace::regnamespace::text in ${OURS} and relkind = 'v'
       and not coalesce(reloptions @> '{security_invoker=true,security_barrier=true}', false)`,
    );
    expect(views).toEqual([]);
  });

  it("has a fixed search path, if it is a function with its owner's rights", async () => {
    const loose = await list(
      `select p.oid::regprocedure::text from pg_proc p
       where pronamespace::regnamespace::text in ${OURS} and prosecdef
         and not coalesce(proconfig @> '{"search_path=pg_catalog, pg_temp"}', false)`,
    );
    expect(loose).toEqual([]);
  });

  it("is not to be run by everyone, if it is a function that acts with its owner's rights", async () => {
    const open = await list(
      `select p.oid::regprocedure::text from pg_proc p
       where pronamespace::regnamespace::text in ${OURS} and prosecdef
         and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0)`,
    );
    expect(open).toEqual([]);
  });
});
