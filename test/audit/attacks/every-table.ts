import type pg from "pg";
import { z } from "zod";
import type { Attempt, Stage } from "./stage.ts";

/** A change that is tried: "update blindagem.expenses". */
interface Try {
  what: string;
  statement: string;
}

/** What was tried, and how the database answered it: an SQLSTATE, or DONE. */
type Answers = Readonly<Record<string, string>>;

/** What a statement that was carried out is taken back with. */
export const DONE = "FEITO";

/** Which tables, by the name c of pg_class. */
const EVERY_TABLE = `c.relnamespace in ('blindagem'::regnamespace, 'blindagem_audit'::regnamespace) and c.relkind in ('r', 'p')
  or c.oid = 'blindagem_audit.intents'::regclass`;
const LOG = "'blindagem_audit.audit_log_immutable'::regclass";
const EVERY_PARTITION = `c.oid = ${LOG} or exists (select from pg_inherits i where i.inhrelid = c.oid and i.inhparent = ${LOG})`;

/**
 * The four ways to change each of these tables, from the catalog: a new table is tried without anybody's doing. None
 * touches a row, so rights and guards of statements answer alone. Of the columns one is taken that the role may change,
 * if there is any.
 */
async function triesOf(client: pg.ClientBase, role: string, tables: string): Promise<Try[]> {
  const { rows } = await client.query(
    `select lower(o.operation) || ' ' || c.oid::regclass as what, case o.operation
       when 'INSERT' then format('insert into %s default values', c.oid::regclass)
       when 'UPDATE' then format('update %s set %I = null where false', c.oid::regclass, a.attname)
       when 'DELETE' then format('delete from %s where false', c.oid::regclass)
       else format('truncate %s cascade', c.oid::regclass) end as statement
     from pg_class c
     cross join unnest('{INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) as o (operation)
     cross join lateral (
       select a.attname from pg_attribute a
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = ''
       order by has_column_privilege($1, c.oid, a.attnum, 'update') desc, a.attnum limit 1) as a
     where (${tables}) and (c.relkind <> 'v' or o.operation = 'INSERT')
     order by 1`,
    [role],
  );
  return z.array(z.object({ what: z.string(), statement: z.string() })).parse(rows);
}

/** Tries all in one round trip, each in a subtransaction that is rolled back. */
async function answersTo(client: pg.ClientBase, tries: readonly Try[]): Promise<Answers> {
  await client.query("select set_config('attack.tries', $1, false)", [JSON.stringify(tries)]);
  await client.query(
    `do $$
       declare
         attempt jsonb;
         answers jsonb := '{}';
       begin
         for attempt in select * from jsonb_array_elements(current_setting('attack.tries')::jsonb) loop
           begin
             execute attempt->>'statement';
             raise exception using errcode = '${DONE}';
           exception when others then
             answers := answers || jsonb_build_object(attempt->>'what', sqlstate);
           end;
         end loop;
         perform set_config('attack.answers', answers::text, false);
       end
     $$`,
  );
  const { rows } = await client.query<{ answers: unknown }>(
    "select current_setting('attack.answers')::jsonb as answers",
  );
  return z.record(z.string(), z.string()).parse(rows[0]?.answers);
}

async function tryAll(stage: Stage, as: Attempt["as"], tables: string): Promise<Answers> {
  const role = as === "migrator" || as === "superuser" ? "owner" : as;
  const tries = await stage.session("migrator", (client) =>
    triesOf(client, `${stage.database.prefix}_${role}`, tables),
  );
  if (tries.length === 0) throw new Error("The catalog has no such tables.");
  return stage.session(as, (client) => answersTo(client, tries));
}

/**
 * Tries to change every table of the business, of the log and of the seal, every partition by itself.
 *
 * @param own what that role's work is, as "insert blindagem.reviews"; the rest has to be refused for want of rights
 * @throws Error when what the role may do is not exactly its own work
 */
export async function tryEveryTable(
  stage: Stage,
  as: Attempt["as"],
  own: readonly string[],
): Promise<void> {
  const answers = Object.entries(await tryAll(stage, as, EVERY_TABLE));
  const permitted = answers.flatMap(([what, code]) => (code === "42501" ? [] : [what]));
  const others = permitted.filter((what) => !own.includes(what));
  const missing = own.filter((what) => !permitted.includes(what));
  if (others.length > 0 || missing.length > 0) {
    const list = (rights: readonly string[]) => rights.join(", ") || "nothing";
    throw new Error(`${as} may as well ${list(others)}, and no longer ${list(missing)}.`);
  }
  for (const [what, code] of answers) if (!own.includes(what)) stage.tell(`database ${code}`);
}

/** Tries to change every partition of the log by itself. */
export async function tryEveryPartition(stage: Stage, as: Attempt["as"]): Promise<void> {
  const answers = await tryAll(stage, as, EVERY_PARTITION);
  for (const code of Object.values(answers)) stage.tell(`database ${code}`);
}
