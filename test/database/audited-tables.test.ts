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
         and t.tgfoid::regproc::text = case t.tgname
           when 'audit_insert' then 'blindagem_audit.capture_insert_' || c.relname
           when 'audit_update' then 'blindagem_audit.capture_update_' || c.relname
           when 'audit_delete' then 'blindagem_audit.capture_delete_' || c.relname
           when 'audit_truncate' then 'blindagem_audit.capture_truncate' end) = 4
       order by 1`,
    );
    const exceptions = await list("select unnest(blindagem_audit.unaudited_tables()) order by 1");
    const all = await list(
      "select relname from pg_class where relnamespace = 'blindagem'::regnamespace and relkind in ('r', 'p') order by 1",
    );
    expect(exceptions).toEqual([
      "companies",
      "decisions",
      "document_identifiers",
      "document_readings",
      "documents",
    ]);
    expect([...audited, ...exceptions].sort()).toEqual(all);
  });

  it("has capture functions that were written for the columns it has now", async () => {
    const outdated = await list(
      `select c.relname || ' ' || operation from pg_class c
       cross join unnest('{INSERT,UPDATE,DELETE}'::text[]) as operation
       join pg_proc p on p.pronamespace = 'blindagem_audit'::regnamespace
         and p.proname = 'capture_' || lower(operation) || '_' || c.relname
       where c.relnamespace = 'blindagem'::regnamespace and c.relkind in ('r', 'p')
         and p.prosrc <> blindagem_audit.capture_source(c.oid, operation)`,
    );
    expect(outdated).toEqual([]);
  });

  it("has columns that its capture of updates can compare", async () => {
    const incomparable = await list(
      `select c.relname || '.' || a.attname from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relnamespace = 'blindagem'::regnamespace and c.relkind in ('r', 'p')
         and a.atttypid in ('json'::regtype, 'xml'::regtype, 'point'::regtype)`,
    );
    expect(incomparable).toEqual([]);
  });

  it("has columns whose text no setting of a session changes", async () => {
    // bytea_output, extra_float_digits, intervalstyle, lc_monetary, xmlbinary; of others (dates, instants) JSON has a form of its own.
    const dependent = await list(
      `select c.relname || '.' || a.attname from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       join pg_type t on t.oid = a.atttypid
       where c.relnamespace = 'blindagem'::regnamespace and c.relkind in ('r', 'p')
         and c.relname <> all (blindagem_audit.unaudited_tables())
         and coalesce(nullif(t.typelem, 0), nullif(t.typbasetype, 0), t.oid) in ('bytea'::regtype, 'real'::regtype,
           'double precision'::regtype, 'interval'::regtype, 'money'::regtype, 'xml'::regtype, 'tstzrange'::regtype)`,
    );
    expect(dependent).toEqual([]);
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

  // Those without a barrier have their reasons in their migrations (000026, 000054, 000065).
  it("asks with its caller's rights, if it is a view", async () => {
    const views = await list(
      `select relname from pg_class where relnamespace::regnamespace::text in ${OURS} and relkind = 'v'
       and not coalesce(reloptions @> '{security_invoker=true,security_barrier=true}', false)
       and not (relname in ('accounts_payable', 'audit_checkpoints', 'audit_log', 'queue_figures') and reloptions @> '{security_invoker=true,security_barrier=false}')`,
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
