import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { type Asker, ask, asker, createTenant, type Tenant } from "./world.ts";

/** Tables whose rows never belong to a tenant, and whose records nobody reads: why is in the function's comment. */
const WITHHELD = ["definitions", "job_interventions", "people"];
const OF_EVERYBODY = [
  "categories",
  "checkpoint_thinnings",
  "log_detachments",
  "reader_thresholds",
  "rules",
];

let database: TestDatabase;
let tenant: Tenant;
let other: Tenant;
let operator: Asker;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  other = await createTenant(database);
  operator = asker("operator", "1", undefined);
  await byHand(
    "truncate blindagem.retentions",
    "update blindagem.rules set source = 'Ninguém' where code = (select min(code) from blindagem.rules)",
    "update blindagem.categories set name = name || '!' where code = 'FOLHA_PAGAMENTO'",
    "insert into blindagem.people (subject, name) values ('ghost', 'Fantasma')",
    "insert into blindagem.grants (person_id, role) select max(id), 'operator' from blindagem.people",
  );
});
afterAll(() => database.drop());

/** As the owner of the tables, which is what a migrating role can make itself. */
async function byHand(...statements: string[]): Promise<void> {
  const client = await database.pool("migrator").connect();
  try {
    await client.query("begin");
    await client.query(`grant ${database.prefix}_owner to current_user`);
    await client.query(`set local role ${database.prefix}_owner`);
    for (const statement of statements) await client.query(statement);
    await client.query("commit");
  } finally {
    client.release();
  }
}

const seenBy = (who: Asker) =>
  ask<{ entity_type: string; entity_id: string; action: string; metadata: object }>(
    database,
    who,
    `select entity_type, entity_id, action, metadata from blindagem.audit_log
     where organization_id is null and condominium_id is null order by id`,
  );

describe("a record that belongs to no tenant", () => {
  it("is seen by everybody who reads the log, if it concerns everybody", async () => {
    const { admin, reviewer, sindico, auditor, conselho } = tenant.askers;
    for (const who of [admin, reviewer, sindico, auditor, conselho, other.askers.admin, operator]) {
      const records = await seenBy(who);
      const types = new Set(records.map(({ entity_type }) => entity_type));
      expect([...types].sort()).toEqual(["categories", "reader_thresholds", "retentions", "rules"]);
      expect(records.slice(-3)).toEqual([
        {
          entity_type: "retentions",
          entity_id: "retentions",
          action: "OUT_OF_BAND",
          metadata: expect.objectContaining({
            operation: "TRUNCATE",
            sessionLogin: expect.any(String),
            clientAddress: "127.0.0.1",
          }),
        },
        expect.objectContaining({ entity_type: "rules", action: "OUT_OF_BAND" }),
        expect.objectContaining({ entity_type: "categories", entity_id: "FOLHA_PAGAMENTO" }),
      ]);
    }
  });

  it("is seen by nobody who reads nothing else of the log", async () => {
    const { person_id } = tenant.askers.sindico.settings;
    expect(await seenBy(asker("auditor", person_id, undefined))).toEqual([]);
    expect(await seenBy(asker("admin", person_id, undefined))).toEqual([]);
  });

  it("is decided upon, for every table whose rows belong to none", async () => {
    const { rows } = await database.pool("migrator").query<{ name: string; shown: boolean }>(
      `select c.relname as name, blindagem_audit.concerns_everybody(c.relname, '1') as shown
       from pg_class c
       where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
         and c.relname <> all (blindagem_audit.unaudited_tables() || '{organizations,condominiums}')
         and not exists (
           select from pg_attribute a where a.attrelid = c.oid and a.attname in ('organization_id', 'condominium_id'))
       order by 1`,
    );
    const named = (isShown: boolean) =>
      rows.flatMap(({ name, shown }) => (shown === isShown ? [name] : []));
    expect(named(true)).toEqual(OF_EVERYBODY);
    expect(named(false)).toEqual(WITHHELD);
  });

  it("is nothing personal: no such table has columns that are", async () => {
    const { rows } = await database
      .pool("migrator")
      .query(
        "select from blindagem_audit.personal_columns() where blindagem_audit.concerns_everybody(table_name, '1')",
      );
    expect(rows).toEqual([]);
  });
});

describe("a divergence that belongs to no tenant", () => {
  it("is seen by everybody who reads the log, but for what has a tenant's key", async () => {
    await database.pool("sealer").query(
      `insert into blindagem_audit.divergences (kind, entity_type, entity_id, sensitivity)
       values ('TREE', 'tree', 'root', 'ORDINARY'), ('DEFINITIONS', 'definitions', 'blindagem.people', 'ORDINARY'),
         ('RECORD_MISSING', 'records', '4711', 'SALARY'), ('ROW_CHANGED', 'rules', 'CNPJ/1', 'ORDINARY'),
         ('ROW_UNKNOWN', 'people', '7', 'ORDINARY'), ('ROW_MISSING', 'document_uploads', '1/joao.pdf', 'ORDINARY')`,
    );
    const kindsSeenBy = async (who: Asker) =>
      (
        await ask<{ kind: string }>(
          database,
          who,
          "select kind from blindagem.audit_divergences order by id",
        )
      ).map(({ kind }) => kind);
    const kinds = ["TREE", "DEFINITIONS", "RECORD_MISSING", "ROW_CHANGED", "ROW_UNKNOWN"];
    const { admin, reviewer, sindico, auditor, conselho } = tenant.askers;
    for (const who of [admin, reviewer, sindico, auditor, conselho]) {
      expect(await kindsSeenBy(who)).toEqual(kinds);
    }
    expect(await kindsSeenBy(operator)).toEqual([...kinds, "ROW_MISSING"]);
  });
});
