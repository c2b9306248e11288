import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from "@jest/globals";
import type pg from "pg";
import { readDefinitions } from "../../../src/database/definitions.ts";
import { DEFINITIONS_LOCK, storeDefinitions } from "../../../src/database/store-definitions.ts";
import { itWithSuperuser } from "../../database/superuser.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";
import { createTenant, type Tenant } from "../../database/world.ts";
import { asSuperuser, findDivergences, placesOf, sealAll } from "./compare.ts";

// Each misdeed has a database of its own, and each database everything a customer has.
jest.setTimeout(60_000);

let untouched: TestDatabase;
let tenant: Tenant;
beforeAll(async () => {
  untouched = await createTestDatabase();
  tenant = await createTenant(untouched);
  await sealAll(untouched);
});
afterAll(() => untouched.drop());

let database: TestDatabase;
let owner: pg.Pool;
beforeEach(async () => {
  database = await untouched.copy();
  owner = database.pool("migrator");
});
afterEach(() => database.drop());

const found = async () => placesOf(await findDivergences(database));

/** Runs statements of the owner with all its triggers of a table switched off, and then as they were. */
async function behind(table: string, ...statements: string[]): Promise<void> {
  const { rows } = await owner.query<{ name: string; state: string }>(
    `select tgname as name, case tgenabled when 'A' then 'enable always' else 'enable' end as state
     from pg_trigger where tgrelid = $1::regclass and not tgisinternal`,
    [table],
  );
  await owner.query(`alter table ${table} disable trigger user`);
  for (const statement of statements) await owner.query(statement);
  for (const { name, state } of rows) {
    await owner.query(`alter table ${table} ${state} trigger ${name}`);
  }
}

const behindTriggers = (table: string, ...statements: string[]) =>
  behind(`blindagem.${table}`, ...statements);
const behindGuards = (table: string, ...statements: string[]) =>
  behind(`blindagem_audit.${table}`, ...statements);

async function one(statement: string, ...values: unknown[]): Promise<string> {
  const { rows } = await owner.query<{ value: string }>(statement, values);
  return rows[0]?.value ?? "none";
}

const lastRecord = (entityType: string) =>
  one(
    "select max(id) as value from blindagem_audit.audit_log_immutable where entity_type = $1",
    entityType,
  );

/** The month's partition that holds the records. */
const partition = () =>
  one("select tableoid::regclass::text as value from blindagem_audit.audit_log_immutable limit 1");

describe("a database that nobody tampered with", () => {
  it("agrees with its log in every table, from both sides", async () => {
    expect(await found()).toEqual([]);
  });

  it("agrees after changes of every kind, sealed or waiting, by whatever session", async () => {
    await owner.query(
      "set timezone to 'Asia/Tokyo'; set datestyle to 'SQL, DMY'; set extra_float_digits to 0",
    );
    const id = await one(
      "insert into blindagem.people (subject, name) values ('a', 'Ana') returning id as value",
    );
    await owner.query("update blindagem.people set name = 'Ana \"B\" \\\\ é' where id = $1", [id]);
    await owner.query("update blindagem.people set email = 'a@x.example' where id = $1", [id]);
    await owner.query("update blindagem.people set email = null where id = $1", [id]);
    await owner.query("delete from blindagem.refunds");
    await owner.query("truncate blindagem.movement_verdicts");
    await owner.query(
      "update blindagem.bank_transactions set posted_at = posted_at + interval '1 microsecond'",
    );
    expect(await found()).toEqual([]);
    await sealAll(database);
    expect(await found()).toEqual([]);
  });

  it("agrees when its tree was sealed in many runs, whose first leaves have more and more digits", async () => {
    for (let person = 0; person < 10; person++) {
      await owner.query(
        "insert into blindagem.people (subject, name) select $1 || n, 'Pessoa' from generate_series(1, 100) as n",
        [`run ${person} `],
      );
      await sealAll(database);
    }
    expect(await found()).toEqual([]);
  });

  it("agrees while transactions run, whether they end well or not", async () => {
    const open = await owner.connect();
    try {
      await open.query("begin");
      await open.query("update blindagem.organizations set name = 'Outro nome'");
      await open.query("insert into blindagem.people (subject, name) values ('late', 'Late')");
      await owner.query("insert into blindagem.people (subject, name) values ('quick', 'Quick')");
      await sealAll(database);
      expect(await found()).toEqual([]);
      await open.query("commit");
      expect(await found()).toEqual([]);
    } finally {
      open.release();
    }
  });

  it("agrees after a migration has added columns, changed a type and filled in rows", async () => {
    const as = async (role: string, statement: string) => {
      await owner.query(`begin; set local role ${database.prefix}_${role}; ${statement}; commit`);
    };
    await as(
      "owner",
      "alter table blindagem.people add column level int not null default 3, add column note text",
    );
    await as(
      "owner",
      "alter table blindagem.approval_limits alter column amount type numeric(16,4)",
    );
    for (const table of ["people", "approval_limits"]) {
      await as("audit_owner", `select blindagem_audit.define_capture('blindagem.${table}')`);
    }
    await owner.query(
      "insert into graphile_migrate.migrations (filename, hash, previous_hash) select '999999.sql', 'sha1:x', hash from graphile_migrate.migrations order by filename desc limit 1",
    );
    const client = await owner.connect();
    await storeDefinitions(client, database.prefix);
    client.release();
    await owner.query("insert into blindagem.people (subject, name) values ('new', 'Nova')");
    expect(await found()).toEqual([]);
    // What was added since is watched as any other column.
    await behindTriggers("people", "update blindagem.people set note = 'x' where subject = 'new'");
    const id = await one("select id as value from blindagem.people where subject = 'new'");
    expect(await found()).toEqual([`ROW_CHANGED people ${id}: note`]);
  });
});

describe("rows changed behind the triggers' backs", () => {
  it("are found: changed, inserted and deleted ones, with the fields, whose they are, and nothing else", async () => {
    await behindTriggers(
      "expenses",
      `update blindagem.expenses set gross_amount = gross_amount + 0.01, facts_hash = null where id = ${tenant.expenseId}`,
    );
    await behindTriggers(
      "movement_verdicts",
      `delete from blindagem.movement_verdicts where transaction_id = ${tenant.creditId}`,
    );
    await behindTriggers(
      "people",
      "insert into blindagem.people (subject, name) values ('ghost', 'Fantasma')",
    );
    const ghost = await one("select id as value from blindagem.people where subject = 'ghost'");
    const divergences = await findDivergences(database);
    expect(placesOf(divergences)).toEqual([
      // Its decision rests on nothing that the expense bears any more.
      `FACTS_ALTERED expenses ${tenant.condominiumId}/${tenant.expenseId}`,
      `ROW_CHANGED expenses ${tenant.condominiumId}/${tenant.expenseId}: gross_amount, facts_hash`,
      `ROW_MISSING movement_verdicts ${tenant.condominiumId}/${tenant.creditId}`,
      `ROW_UNKNOWN people ${ghost}`,
    ]);
    expect(divergences.find(({ entityType }) => entityType === "expenses")).toMatchObject({
      organizationId: tenant.organizationId,
      condominiumId: tenant.condominiumId,
      sensitivity: "ORDINARY",
    });
  });

  it("are found after a column was rewritten in place", async () => {
    await owner.query(
      "alter table blindagem.retentions alter column amount type blindagem.amount using amount + 1",
    );
    const places = await found();
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) expect(place).toMatch(/^ROW_CHANGED retentions .*: amount$/);
  });

  it("are found after a part was restored from a backup", async () => {
    await owner.query("create table public.backup as select * from blindagem.people");
    const id = await one(
      "update blindagem.people set name = 'Novo nome' where id = (select min(id) from blindagem.people) returning id as value",
    );
    const later = await one(
      "insert into blindagem.people (subject, name) values ('later', 'Later') returning id as value",
    );
    await behindTriggers(
      "people",
      `update blindagem.people p set name = b.name from public.backup b where b.id = p.id`,
      "delete from blindagem.people p where not exists (select from public.backup b where b.id = p.id)",
    );
    expect(await found()).toEqual([
      `ROW_CHANGED people ${id}: name`,
      `ROW_MISSING people ${later}`,
    ]);
  });

  it("are resolved when they are mended, and never go away", async () => {
    await behindTriggers("organizations", "update blindagem.organizations set name = name || '!'");
    await behindTriggers(
      "people",
      "insert into blindagem.people (subject, name) values ('ghost', 'Fantasma')",
    );
    expect(await found()).toHaveLength(2);
    expect(await found()).toHaveLength(2);
    await behindTriggers(
      "organizations",
      "update blindagem.organizations set name = rtrim(name, '!')",
    );
    await behindTriggers("people", "delete from blindagem.people where subject = 'ghost'");
    expect(await found()).toEqual([]);
    const { rows } = await owner.query(
      `select kind, entity_type, fields, resolved_at > first_seen_at as is_resolved, last_seen_at > first_seen_at as seen_again
       from blindagem_audit.divergences order by kind`,
    );
    const resolved = { is_resolved: true, seen_again: true };
    expect(rows).toEqual([
      { kind: "ROW_CHANGED", entity_type: "organizations", fields: ["name"], ...resolved },
      { kind: "ROW_UNKNOWN", entity_type: "people", fields: [], ...resolved },
    ]);
    await expect(owner.query("delete from blindagem_audit.divergences")).rejects.toMatchObject({
      code: "BLD06",
    });
    await expect(
      owner.query("update blindagem_audit.divergences set resolved_at = null"),
    ).rejects.toMatchObject({ code: "BLD06" });
  });
});

describe("decisions", () => {
  const ofExpense = () => `${tenant.condominiumId}/${tenant.expenseId}`;
  const rewriteFacts = (facts: string) =>
    behindTriggers(
      "decisions",
      `update blindagem.decisions set facts = '${facts}', as_of = decided_at,
         facts_hash = encode(sha256(convert_to('${facts}', 'UTF8')), 'hex') where expense_id = ${tenant.expenseId}`,
    );

  it("are found when their facts were rewritten, with the hash that they bear, and resolved when they are put back", async () => {
    const facts = await one(
      "select facts as value from blindagem.decisions where expense_id = $1",
      tenant.expenseId,
    );
    await rewriteFacts('{"expense": {}}');
    const divergences = await findDivergences(database);
    expect(placesOf(divergences)).toEqual([`FACTS_ALTERED expenses ${ofExpense()}`]);
    expect(divergences).toMatchObject([
      { organizationId: tenant.organizationId, condominiumId: tenant.condominiumId },
    ]);
    await rewriteFacts(facts);
    expect(await found()).toEqual([]);
    expect(
      await one(
        "select string_agg(kind, ', ') as value from blindagem_audit.divergences where resolved_at is not null",
      ),
    ).toBe("FACTS_ALTERED");
  });

  it("are found when they are put down as erased, and are right when an erasure names them", async () => {
    const { expenseId, organizationId, condominiumId } = tenant;
    await behindTriggers(
      "decisions",
      `update blindagem.decisions set facts = '{"erased":true}' where expense_id = ${expenseId}`,
    );
    expect(await found()).toEqual([`FACTS_ALTERED expenses ${ofExpense()}`]);
    await owner.query(
      `insert into blindagem.erasures (organization_id, reason, subject, counts, kept, targets, record_ids, documents)
       select $1, 'Pedido', 'PAYEE', '{}', '[]', jsonb_build_array(jsonb_build_object('table', 'decisions',
         'id', d.condominium_id || '/' || d.id)), '{}', '{}'
       from blindagem.decisions d where d.condominium_id = $2 and d.expense_id = $3`,
      [organizationId, condominiumId, expenseId],
    );
    expect(await found()).toEqual([]);
  });

  it("are found when they are gone", async () => {
    await behindTriggers("decisions", "delete from blindagem.decisions");
    expect(await found()).toEqual(
      [
        `DECISION_MISSING expenses ${ofExpense()}`,
        `DECISION_MISSING expenses ${tenant.condominiumId}/${tenant.salaryId}`,
      ].sort(),
    );
    const { rows } = await owner.query(
      "select sensitivity from blindagem_audit.divergences order by sensitivity",
    );
    expect(rows).toEqual([{ sensitivity: "ORDINARY" }, { sensitivity: "SALARY" }]);
  });

  it("are missed of a forged expense, until it is taken back", async () => {
    await behindTriggers(
      "expenses",
      `insert into blindagem.expenses overriding system value
       select (jsonb_populate_record(e, '{"id": 900, "external_id": "forged"}')).* from blindagem.expenses e
       where id = ${tenant.expenseId}`,
    );
    const forged = `${tenant.condominiumId}/900`;
    expect(await found()).toEqual([
      `DECISION_MISSING expenses ${forged}`,
      `ROW_UNKNOWN expenses ${forged}`,
    ]);
    await behindTriggers("expenses", "delete from blindagem.expenses where id = 900");
    expect(await found()).toEqual([]);
  });
});

describe("definitions", () => {
  it("are found when a trigger is disabled, is no longer ALWAYS, or is gone", async () => {
    await owner.query("alter table blindagem.people disable trigger audit_update");
    await owner.query("alter table blindagem.settings enable trigger audit_update");
    await owner.query("drop trigger audit_delete on blindagem.reviews");
    expect(await found()).toEqual([
      "DEFINITIONS definitions blindagem.people",
      "DEFINITIONS definitions blindagem.reviews",
      "DEFINITIONS definitions blindagem.settings",
    ]);
  });

  it("are found when a function is swapped, and what it let pass as well", async () => {
    await owner.query(
      "create or replace function blindagem_audit.capture_update_people() returns trigger language plpgsql as $$ begin return null; end $$",
    );
    await owner.query(
      "update blindagem.people set name = 'Outra' where id = (select min(id) from blindagem.people)",
    );
    const id = await one("select min(id) as value from blindagem.people");
    expect(await found()).toEqual([
      "DEFINITIONS definitions blindagem_audit.capture_update_people()",
      `ROW_CHANGED people ${id}: name`,
    ]);
  });

  it("are found when a policy, a rule, a function's rights or row-level security were changed", async () => {
    await owner.query("drop policy salaries on blindagem.expenses");
    await owner.query("alter table blindagem.payables disable row level security");
    await owner.query("create rule nothing as on delete to blindagem.people do instead nothing");
    await owner.query("alter function blindagem_private.fail(text, text) security definer");
    expect(await found()).toEqual([
      "DEFINITIONS definitions blindagem.expenses",
      "DEFINITIONS definitions blindagem.payables",
      "DEFINITIONS definitions blindagem.people",
      "DEFINITIONS definitions blindagem_private.fail(text,text)",
    ]);
  });

  it("do not differ by the partitions of coming months, but by one without its guards, and one that is detached", async () => {
    await owner.query("select blindagem_audit.create_partitions(8)");
    expect(await found()).toEqual([]);
    const { rows } = await owner.query<{ name: string }>(
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'blindagem_audit.audit_log_immutable'::regclass and inhrelid::regclass::text ~ '[0-9]' order by 1 desc limit 2",
    );
    const [later, last] = [rows[1]?.name, rows[0]?.name];
    await owner.query(`drop trigger guard_truncate on ${last}`);
    await owner.query(`alter table blindagem_audit.audit_log_immutable detach partition ${later}`);
    expect(await found()).toEqual([
      `DEFINITIONS definitions ${later}`,
      `DEFINITIONS definitions ${last}`,
    ]);
  });

  it("do not become right by being stored again", async () => {
    await owner.query("alter table blindagem.people disable trigger audit_update");
    const client = await owner.connect();
    await storeDefinitions(client, database.prefix);
    expect(await found()).toEqual(["DEFINITIONS definitions blindagem.people"]);
    const definitions = await readDefinitionsOf(client);
    client.release();
    await owner.query(
      `insert into blindagem.definitions (schema_version, server_version, fingerprint, objects, columns, unrecorded)
       select schema_version, server_version, fingerprint, $1, columns, unrecorded from blindagem.definitions`,
      [JSON.stringify(Object.fromEntries(definitions))],
    );
    expect(await found()).toEqual([
      `DEFINITIONS definitions blindagem.definitions, registro ${await lastRecord("definitions")}`,
    ]);
  });

  it("are not compared while a migration runs", async () => {
    await owner.query("drop policy salaries on blindagem.expenses");
    const migrating = await owner.connect();
    await migrating.query(`select pg_advisory_lock(${DEFINITIONS_LOCK})`);
    expect(await found()).toEqual([]);
    await migrating.query(`select pg_advisory_unlock(${DEFINITIONS_LOCK})`);
    migrating.release();
    expect(await found()).toEqual(["DEFINITIONS definitions blindagem.expenses"]);
  });
});

describe("records", () => {
  it("are found when they were altered in place, the entry or what they are searched by", async () => {
    const table = (await partition()).replace("blindagem_audit.", "");
    const [person, setting] = [await lastRecord("people"), await lastRecord("settings")];
    const entity = await one(
      "select entity_id as value from blindagem_audit.audit_log_immutable where id = $1",
      setting,
    );
    await behindGuards(
      table,
      `update blindagem_audit.${table} set entry = replace(entry, '"operation"', '"Operation"') where id = ${person}`,
      `update blindagem_audit.${table} set entity_id = '0/x' where id = ${setting}`,
    );
    const places = await found();
    expect(places).toEqual(
      expect.arrayContaining([
        `RECORD_ALTERED records ${person}`,
        `RECORD_ALTERED records ${setting}: entity_id`,
        "ROW_MISSING settings 0/x",
        `ROW_UNKNOWN settings ${entity}`,
      ]),
    );
  });

  it("are found when one is no JSON any more, and the comparison goes on", async () => {
    const table = (await partition()).replace("blindagem_audit.", "");
    const id = await lastRecord("settings");
    await behindGuards(table, `update blindagem_audit.${table} set entry = '{' where id = ${id}`);
    expect(await found()).toContain(`RECORD_ALTERED records ${id}`);
  });

  it("are found when they are gone, also from a partition that was detached, edited and attached", async () => {
    const name = await partition();
    const id = await lastRecord("people");
    const bounds = await one(
      "select pg_get_expr(relpartbound, oid) as value from pg_class where oid = $1::regclass",
      name,
    );
    await owner.query(`alter table blindagem_audit.audit_log_immutable detach partition ${name}`);
    await behindGuards(
      name.replace("blindagem_audit.", ""),
      `delete from ${name} where id = ${id}`,
    );
    await owner.query(
      `alter table blindagem_audit.audit_log_immutable attach partition ${name} ${bounds}`,
    );
    expect(await found()).toEqual(expect.arrayContaining([`RECORD_MISSING records ${id}`]));
  });

  it("are found when they neither are sealed nor wait for it", async () => {
    await owner.query("insert into blindagem.people (subject, name) values ('x', 'Xis')");
    await owner.query("delete from blindagem_audit.pending_records");
    expect(await found()).toEqual([`RECORD_UNSEALED records ${await lastRecord("people")}`]);
  });

  it("are found when their seal was rewritten with them: the tree is no longer what was signed", async () => {
    const table = (await partition()).replace("blindagem_audit.", "");
    const id = await lastRecord("people");
    await behindGuards(
      table,
      `update blindagem_audit.${table} set entry = replace(entry, '"salt":"', '"salt":"0') where id = ${id}`,
    );
    await behindGuards(
      "sealed_runs",
      `update blindagem_audit.sealed_runs run set leaf_hashes = (
         select string_agg(sha256('\\x00'::bytea || convert_to(r.entry, 'UTF8')), '' order by place)
         from unnest(run.record_ids) with ordinality as s (id, place)
         join blindagem_audit.audit_log_immutable r on r.id = s.id)`,
    );
    expect(await found()).toEqual(expect.arrayContaining(["TREE tree root"]));
  });
});

describe("the tree's tiles", () => {
  it("are found when they are not what the leaves make, and are right again when they were put back", async () => {
    const { rows } = await owner.query<{ hashes: Buffer }>(
      "select hashes from blindagem_audit.tiles where level = 0 and index = 0",
    );
    const put = (hashes: Buffer) =>
      behindGuards(
        "tiles",
        `update blindagem_audit.tiles set hashes = '\\x${hashes.toString("hex")}' where level = 0 and index = 0`,
      );
    const right = rows[0]?.hashes ?? Buffer.alloc(0);
    const wrong = Buffer.from(right);
    wrong.writeUInt8(wrong.readUInt8(40) ^ 1, 40);
    await put(wrong);
    expect(await found()).toEqual(["TREE tree tile/0/0"]);
    await put(right);
    expect(await found()).toEqual([]);
    await behindGuards("tiles", "delete from blindagem_audit.tiles where level = 0 and index = 0");
    expect(await found()).toEqual(["TREE tree tile/0/0"]);
  });
});

describe("the superuser", () => {
  itWithSuperuser(
    "is recorded under session_replication_role = replica, since the triggers are ALWAYS",
    async () => {
      await asSuperuser(
        database,
        "set session_replication_role to replica",
        "update blindagem.organizations set name = 'Outra'",
      );
      expect(await found()).toEqual([]);
      expect(
        await one("select action as value from blindagem_audit.records order by id desc limit 1"),
      ).toBe("OUT_OF_BAND");
    },
  );

  itWithSuperuser("is found when the triggers were first made to sleep under it", async () => {
    await asSuperuser(
      database,
      "alter table blindagem.organizations enable trigger audit_update",
      "set session_replication_role to replica",
      `update blindagem.organizations set name = 'Outra' where id = ${tenant.organizationId}`,
      "reset session_replication_role",
      "alter table blindagem.organizations enable always trigger audit_update",
    );
    expect(await found()).toEqual([`ROW_CHANGED organizations ${tenant.organizationId}: name`]);
  });

  itWithSuperuser("is found when it edits pg_trigger", async () => {
    await asSuperuser(
      database,
      "update pg_trigger set tgenabled = 'D' where tgrelid = 'blindagem.people'::regclass and tgname = 'audit_insert'",
      "insert into blindagem.people (subject, name) values ('ghost', 'Fantasma')",
    );
    const ghost = await one("select id as value from blindagem.people where subject = 'ghost'");
    expect(await found()).toEqual([
      "DEFINITIONS definitions blindagem.people",
      `ROW_UNKNOWN people ${ghost}`,
    ]);
  });

  itWithSuperuser("is found when it switches off a foreign key", async () => {
    await asSuperuser(database, "alter table blindagem.retentions disable trigger all");
    expect(await found()).toEqual(["DEFINITIONS definitions blindagem.retentions"]);
  });
});

async function readDefinitionsOf(client: pg.PoolClient) {
  await client.query("begin");
  try {
    return await readDefinitions(client, database.prefix);
  } finally {
    await client.query("rollback");
  }
}
