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

/** What stands in the place of a value that is not for this reader. */
const COMMITMENT = { commitment: expect.any(String) };

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
  await database.asRequest(
    "operator",
    {
      ...operator.settings,
      reason: "mutation setReaderThreshold",
      ip: "198.51.100.77",
      user_agent: "Navegador de Olga",
    },
    (client) =>
      client.query(
        `select blindagem.set_reader_threshold('7', 0.9990, 'OPERATOR', '{"documents": ["jose.pdf"]}', 'O recibo de José da Silva')`,
      ),
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
      const address = who === operator ? "127.0.0.1" : COMMITMENT;
      expect(records.slice(-4, -1)).toEqual([
        {
          entity_type: "retentions",
          entity_id: "retentions",
          action: "OUT_OF_BAND",
          metadata: expect.objectContaining({
            operation: "TRUNCATE",
            sessionLogin: expect.any(String),
            clientAddress: address,
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

  it("tells operators alone from where somebody acted, and what was typed", async () => {
    const thresholdSeenBy = async (who: Asker) =>
      (
        await ask<{ new_state: object; metadata: object }>(
          database,
          who,
          `select new_state, metadata from blindagem.audit_log where entity_type = 'reader_thresholds' order by id desc limit 1`,
        )
      )[0];
    const threshold = { reader_version: "7", basis: "OPERATOR", least_probability: "0.9990" };
    const { admin, reviewer, sindico, auditor, conselho } = tenant.askers;
    for (const who of [admin, reviewer, sindico, auditor, conselho, other.askers.admin]) {
      const seen = await thresholdSeenBy(who);
      expect(seen?.new_state).toMatchObject({
        ...threshold,
        evidence: COMMITMENT,
        reason: COMMITMENT,
      });
      expect(seen?.metadata).toMatchObject({
        reason: COMMITMENT,
        ip: COMMITMENT,
        userAgent: COMMITMENT,
      });
      expect(JSON.stringify(seen)).not.toMatch(/José|jose|198\.51|Olga/);
    }
    const seen = await thresholdSeenBy(operator);
    expect(seen?.new_state).toMatchObject({
      ...threshold,
      evidence: { documents: ["jose.pdf"] },
      reason: "O recibo de José da Silva",
    });
    expect(seen?.metadata).toMatchObject({
      reason: "O recibo de José da Silva",
      ip: "198.51.100.77",
      userAgent: "Navegador de Olga",
    });
  });

  it("gives its values to no tenant, by whichever function, and to the sealing process", async () => {
    const columns = "r.id, r.recorded_at, r.entry";
    const of =
      "blindagem_audit.audit_log_immutable r where r.entity_type = 'reader_thresholds' order by r.id desc limit 1";
    const each = `select p.personal from (select ${columns} from ${of}) r
      cross join lateral blindagem_audit.personal_of(r.id, r.recorded_at, r.entry) as p`;
    const all = `select p.personal from (select ${columns} from ${of}) r
      cross join lateral blindagem_audit.personal_of(array[r.id], array[r.recorded_at], array[r.entry]) as p`;
    for (const statement of [each, all]) {
      expect(await ask(database, tenant.askers.admin, statement)).toEqual([]);
      const { rows } = await database.pool("sealer").query(statement);
      expect(rows).toEqual([{ personal: expect.stringContaining("José da Silva") }]);
    }
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
