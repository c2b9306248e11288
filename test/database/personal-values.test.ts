import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type pg from "pg";
import { checkCommitments, commitmentsOf } from "../../src/audit/commitment.ts";
import { isRecord, parseEntry, type RecordEntry } from "../../src/audit/entry.ts";
import { besideSchema, withBeside } from "../../src/audit/personal-values.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { createTenant, type Tenant } from "./world.ts";

let database: TestDatabase;
let owner: pg.Pool;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = database.pool("migrator");
  tenant = await createTenant(database);
});
afterAll(() => database.drop());

interface Found {
  id: string;
  entity_type: string;
  entry: string;
  beside: unknown;
}

const recordsWith = (where: string, values: unknown[] = []) =>
  owner.query<Found>(
    withBeside(
      `select r.id, r.recorded_at, r.entity_type, r.entry
       from blindagem_audit.audit_log_immutable r where r.entity_type <> 'intents' and ${where}`,
    ),
    values,
  );

function recordIn(entry: string): RecordEntry {
  const parsed = parseEntry(entry);
  if (!isRecord(parsed)) throw new Error("unreachable");
  return parsed;
}

describe("every column of an audited table that holds text", () => {
  it("is listed as personal or as not", async () => {
    const { rows } = await owner.query<{ undecided: string[]; unknown: string[] }>(
      `with decided as (
         select p.table_name, p.column_name from blindagem_audit.personal_columns() p
         union all
         select i.table_name, c from blindagem_audit.impersonal_columns() i, unnest(string_to_array(i.column_names, ' ')) as c
       ), held as (
         select c.relname as table_name, a.attname as column_name from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relnamespace = 'blindagem'::regnamespace and c.relkind in ('r', 'p')
           and c.relname <> all (blindagem_audit.unaudited_tables())
           and a.atttypid = any ('{text,varchar,json,jsonb,inet,text[],jsonb[]}'::regtype[]::oid[])
       )
       select array(select table_name || '.' || column_name from held except select table_name || '.' || column_name from decided) as undecided,
         array(select table_name || '.' || column_name from decided except select table_name || '.' || column_name from held) as unknown`,
    );
    expect(rows).toEqual([{ undecided: [], unknown: [] }]);
  });

  it("is decided once", async () => {
    const { rows } = await owner.query(
      `select from blindagem_audit.personal_columns() p join blindagem_audit.impersonal_columns() i
         on i.table_name = p.table_name and p.column_name = any (string_to_array(i.column_names, ' '))`,
    );
    expect(rows).toEqual([]);
  });
});

describe("a record", () => {
  it("commits to what it says of people, with values beside it that fit", async () => {
    const { rows } = await recordsWith("true");
    let commitments = 0;
    for (const { entry, beside } of rows) {
      const found = commitmentsOf(recordIn(entry));
      commitments += found.size;
      if (found.size === 0) continue;
      const { personal } = besideSchema.parse(beside);
      if (!personal) throw new Error("A record has commitments and no values.");
      expect(Object.keys(personal.values).sort()).toEqual([...found.keys()].sort());
      expect(checkCommitments(found, personal)).toEqual([]);
    }
    expect(commitments).toBeGreaterThan(20);
  });

  it("has a CNPJ as it is, and commits to a CPF and to every name", async () => {
    await owner.query(
      `update blindagem.expenses set payee_kind = 'CPF', payee_document = '52998224725', payee_name = 'João d''Ávila "Zé"',
         payee_pix_key = null, description = 'Conserto' where id = $1`,
      [tenant.expenseId],
    );
    const { rows } = await recordsWith("r.entity_type = 'expenses'");
    const { previous_state: before, new_state: after } = recordIn(rows.at(-1)?.entry ?? "");
    expect(before).toMatchObject({ payee_document: expect.stringMatching(/^\w{14}$/) });
    for (const column of ["payee_document", "payee_name", "description"]) {
      expect(after).toHaveProperty(`${column}.commitment`);
    }
    expect(rows.at(-1)?.entry).not.toMatch(/52998224725|João|Conserto/);
    const { rows: shown } = await owner.query(
      "select new_state from blindagem_audit.records where id = $1",
      [rows.at(-1)?.id],
    );
    expect(shown[0]?.new_state).toMatchObject({
      payee_document: "52998224725",
      payee_name: 'João d\'Ávila "Zé"',
      description: "Conserto",
    });
  });

  it("commits to a reason that somebody typed, and says one of the platform's as it is", async () => {
    const { role, settings } = tenant.askers.admin;
    await database.asRequest(
      role,
      { ...settings, reason: "mutation setSetting" },
      async (client) => {
        await client.query(
          "select blindagem.set_setting('split_window_days', 33, ' Por \"Ana\" ')",
        );
        // What is done for another reason in the same transaction was not typed.
        await client.query("select set_config('blindagem.reason', 'mutation other', true)");
        await client.query(
          "select blindagem_private.register_document(repeat('ab', 32), 'PDF', 3, 'nota.pdf')",
        );
      },
    );
    const lastOf = async (entityType: string) =>
      (await recordsWith("r.entity_type = $1", [entityType])).rows.sort(
        (one, other) => Number(other.id) - Number(one.id),
      )[0];
    const [change, upload] = [await lastOf("settings"), await lastOf("document_uploads")];
    if (!change || !upload) throw new Error("There are no records.");
    const typed = recordIn(change.entry);
    expect(typed.reason).toEqual({ commitment: expect.any(String) });
    expect(recordIn(upload.entry).reason).toBe("mutation other");
    const beside = besideSchema.parse(change.beside).personal;
    if (!beside) throw new Error("unreachable");
    expect(beside.values.reason).toBe('"Por \\"Ana\\""');
    expect(checkCommitments(commitmentsOf(typed), beside)).toEqual([]);
    const { rows: shown } = await owner.query(
      "select reason from blindagem_audit.records where id = $1",
      [change.id],
    );
    expect(shown).toEqual([{ reason: 'Por "Ana"' }]);
  });

  it("keeps the values of thousands of rows of one statement apart", async () => {
    await owner.query(
      "insert into blindagem.people (subject, name) select 'muitos ' || n, 'Pessoa ' || n from generate_series(1, 700) as n",
    );
    const { rows } = await owner.query<{ right: string; salts: string }>(
      `select count(*) filter (where new_state->>'name' = 'Pessoa ' || substr(new_state->>'subject', 8)) as right,
         (select count(distinct s) from blindagem_audit.personal_values v, unnest(v.salts) as s
          where v.personal[1] like '%muitos %') as salts
       from blindagem_audit.records where entity_type = 'people' and new_state->>'subject' like 'muitos %'`,
    );
    expect(rows).toEqual([{ right: "700", salts: "700" }]);
  });

  it("is shown with its values to those who may read it, and to them alone", async () => {
    const { admin } = tenant.askers;
    const { rows } = await recordsWith(
      "r.entity_type = 'payables' and r.entry like '%commitment%'",
    );
    const record = rows[0];
    if (!record) throw new Error("There is no payable.");
    const visible = await database.asRequest("admin", admin.settings, (client) =>
      client.query(
        "select new_state->>'payee_name' as name from blindagem.audit_log where id = $1",
        [record.id],
      ),
    );
    expect(visible.rows[0]?.name).toEqual(expect.any(String));
    await expect(
      database.asRequest("admin", admin.settings, (client) =>
        client.query("select from blindagem_audit.personal_values"),
      ),
    ).rejects.toThrow("permission denied");
    // Whoever does not have the record does not know its salt.
    const guessed = await database.asRequest("reviewer", {}, (client) =>
      client.query(
        `select * from blindagem_audit.personal_of($1, (select now()), '{"salt":"0"}')`,
        [record.id],
      ),
    );
    expect(guessed.rows).toEqual([]);
  });
});

describe("the values beside the log", () => {
  it.each([
    "update blindagem_audit.personal_values set personal = array['{}'], salts = array['\\x00'::bytea], record_ids = array[1]",
    "delete from blindagem_audit.personal_values",
    "truncate blindagem_audit.personal_values",
    "insert into blindagem_audit.personal_values values (0, now(), '{1}', '{null}', '{null}', null, null)",
  ])("refuse, of their owner too: %s", async (statement) => {
    await expect(owner.query(statement)).rejects.toMatchObject({ code: "BLD06" });
  });
});
