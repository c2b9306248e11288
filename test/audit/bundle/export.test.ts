import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { type Exported, exportBundle } from "../../../src/audit/bundle/export.ts";
import { verifyBundle } from "../../../src/audit/bundle/verify.ts";
import { formatKeyList } from "../../../src/audit/key-list.ts";
import { proveRecord } from "../../../src/audit/prove-record.ts";
import { type Actor, type Attest, transaction } from "../../../src/database/actor.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";
import { verifierReport } from "../../verifier/run-verifier.ts";
import { sealAll } from "../seal-all.ts";
import { attest, testKeys } from "../test-keys.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(60_000);

const ACTOR: Actor = { id: "system:test", role: "worker", reason: "Teste", jobId: "7" };
const NO_INTENT: Attest = async () => undefined;

let database: TestDatabase;
let parent: string;
let organizations: string[];
let condominiums: string[];
/** Records of what `migrate` has seeded. */
let everybodys: string[];
beforeAll(async () => {
  database = await createTestDatabase();
  parent = await mkdtemp(join(tmpdir(), "blindagem-export-"));
  await writeFile(join(parent, "keys"), formatKeyList(testKeys));
  organizations = await idsOf(
    "insert into blindagem.organizations (name, cnpj) values ('Alfa', '11222333000181'), ('Beta', '11444777000161') returning id",
  );
  condominiums = await idsOf(
    "insert into blindagem.condominiums (name) values ('Horizonte'), ('Mar'), ('Outro') returning id",
  );
  const [alfa, beta] = organizations;
  const [horizonte, mar, outro] = condominiums;
  await byHand(
    `insert into blindagem.managements (organization_id, condominium_id, code, valid_from)
     values (${alfa}, ${horizonte}, 'HZ', '2020-01-01'), (${alfa}, ${mar}, 'MA', '2020-01-01'), (${beta}, ${outro}, 'OU', '2020-01-01')`,
  );
  await byHand(
    `insert into blindagem.bank_connections (organization_id, provider_item_id)
     select o.id, n::text || '/' || o.id from blindagem.organizations o, generate_series(1, 3) as n`,
  );
  await sealAll(database);
  everybodys = await idsOf(
    "select id from blindagem_audit.audit_log_immutable where entity_type in ('categories', 'reader_thresholds', 'rules')",
  );
});
afterAll(async () => {
  await database.drop();
  await rm(parent, { recursive: true });
});

async function byHand(statement: string): Promise<void> {
  await database.pool("migrator").query(statement);
}

/** What a migrating role can make itself. */
async function asOwner(statement: string): Promise<void> {
  await byHand(`begin; grant ${database.prefix}_owner to current_user; set local role ${database.prefix}_owner;
    ${statement}; commit`);
}

async function idsOf(statement: string): Promise<string[]> {
  const { rows } = await database.pool("migrator").query<{ id: string }>(statement);
  return rows.map(({ id }) => id);
}

const CHANGE_ALL = "update blindagem.bank_connections set state_cause = gen_random_uuid()::text";

/** A task changes the rows of both administradoras in one transaction. */
async function taskChanges(attesting: Attest = attest, statement = CHANGE_ALL): Promise<void> {
  const client = await database.pool("worker").connect();
  try {
    await transaction(client, attesting, ACTOR, () => client.query(statement));
  } finally {
    client.release();
  }
}

/** Somebody who owns the log switches its guards off. */
async function altersLog(statement: string): Promise<void> {
  const client = await database.pool("migrator").connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select 'blindagem_audit.audit_log_immutable' as name union all
       select inhrelid::regclass::text from pg_inherits where inhparent = 'blindagem_audit.audit_log_immutable'::regclass`,
    );
    for (const { name } of rows) await client.query(`alter table ${name} disable trigger all`);
    await client.query(statement);
    for (const { name } of rows) await client.query(`alter table ${name} enable trigger all`);
  } finally {
    client.release();
  }
}

let exports = 0;

/** Exports what Alfa sees; what the bundle says, and what both verifiers find in it. */
async function exported(condominiumIds?: string[]) {
  await sealAll(database);
  exports += 1;
  const directory = join(parent, `bundle-${exports}`);
  const [organizationId = ""] = organizations;
  const settings = { organization_id: organizationId, actor_id: "command:test" };
  const result: Exported = await database.asRequest("admin", settings, (client) =>
    exportBundle(client, {
      directory,
      organizationId,
      condominiumIds,
      keys: testKeys,
      now: new Date(),
    }),
  );
  const report = await verifyBundle(directory, { trustedKeys: testKeys });
  const independent = await verifierReport("bundle", directory, "--keys", join(parent, "keys"));
  expect(independent.faultCounts).toEqual(report.faultCounts);
  const notices = Object.fromEntries(report.notices.map(({ code, count }) => [code, count]));
  expect(independent.notices).toEqual(notices);
  return {
    ...result,
    directory,
    report,
    notices,
    text: await readFile(join(directory, "records"), "utf8"),
  };
}

describe("exportBundle", () => {
  it("writes what the administradora sees, which both verifiers find right", async () => {
    await taskChanges();
    const { report, notices, text, records, treeSize, lost } = await exported();
    expect(report).toMatchObject({ ok: true, counts: { records, attested: 3, intents: 1 } });
    expect(lost).toBe(0);
    expect(text.match(/"organization_id":"(\d+)"/g)).not.toContain(
      `"organization_id":"${organizations[1]}"`,
    );
    // Administradora, two condominiums and managements, three connections, and their change; and what concerns everybody.
    expect(records).toBe(1 + 2 + 2 + 3 + 3 + 1 + everybodys.length);
    expect(notices).toMatchObject({
      OUT_OF_BAND: 8,
      OUT_OF_BAND_PLATFORM: everybodys.length,
      GAPS: treeSize - records,
    });
  });

  it("has the first checkpoint and the last of each day", async () => {
    const { directory, report } = await exported();
    const names = await readdir(join(directory, "checkpoints"));
    expect(names.length).toBeGreaterThan(0);
    expect(report.counts.checkpoints).toBe(names.length);
  });

  it("is confined to condominiums, but to none that the administradora does not manage", async () => {
    const [, mar = "", outro = ""] = condominiums;
    const { report, records, text } = await exported([mar]);
    expect(report.faults).toEqual([]);
    expect(records).toBe(2 + everybodys.length);
    expect(text).not.toContain("bank_connections");
    await expect(exported([mar, outro])).rejects.toThrow(`O condomínio ${outro} não existe`);
  });

  it("has in every bundle what concerns everybody, and a table that was emptied, but no person", async () => {
    const [, mar = ""] = condominiums;
    const before = await exported([mar]);
    await asOwner("truncate blindagem.retentions");
    await asOwner("update blindagem.rules set source = 'Ninguém' where code = 'APPROVAL_LIMIT'");
    await byHand("insert into blindagem.people (subject, name) values ('ghost', 'Fantasma')");
    const { report, records, text, notices } = await exported([mar]);
    expect(report.faults).toEqual([]);
    expect(records).toBe(before.records + 2);
    expect(text).toContain(
      '"entity_type":"retentions","entity_id":"retentions","operation":"TRUNCATE"',
    );
    expect(text).toContain('"new_state":{"source":"Ninguém"}');
    expect(text).not.toContain('"entity_type":"people"');
    expect(notices.OUT_OF_BAND).toBe((before.notices.OUT_OF_BAND ?? 0) + 1);
  });

  it("lets both verifiers check a transaction of which everybody sees a part", async () => {
    const worker = `${database.prefix}_worker`;
    for (const table of ["blindagem.people", "blindagem.reader_thresholds"]) {
      await asOwner(
        `grant insert on ${table} to ${worker}; create policy test on ${table} for insert to ${worker} with check (true)`,
      );
    }
    const before = await exported();
    await taskChanges(
      attest,
      `with person as (insert into blindagem.people (subject, name) values ('outro', 'Outro'))
       insert into blindagem.reader_thresholds (reader_version, basis, least_probability, evidence, reason)
       values ('7', 'REVIEWS', 0.99, '{}', 'Mais estrito')`,
    );
    const { report, notices } = await exported();
    expect(report.faults).toEqual([]);
    expect(report.counts.attested).toBe(before.report.counts.attested + 1);
    expect(notices.WITHHELD_RECORDS).toBe((before.notices.WITHHELD_RECORDS ?? 0) + 1);
  });

  it("tells tenants nothing personal of what concerns everybody, and both verifiers go by the commitments", async () => {
    const before = await exported();
    const settings = {
      person_id: "1",
      actor_id: "person:1",
      request_id: "pedido-1",
      reason: "mutation setReaderThreshold",
      ip: "198.51.100.77",
      user_agent: "Navegador de Olga",
    };
    await database.asRequest("operator", settings, async (client) => {
      await client.query(
        `select blindagem.set_reader_threshold('8', 0.9990, 'OPERATOR', '{"documents": ["jose.pdf"]}', 'O recibo de José da Silva')`,
      );
      await attest(client, {
        id: "person:1",
        role: "operator",
        reason: settings.reason,
        requestId: "pedido-1",
      });
    });
    const { directory, report, notices, text } = await exported();
    expect(report.faults).toEqual([]);
    expect(report.counts.attested).toBe(before.report.counts.attested + 1);
    expect(notices.WITHHELD).toBe((before.notices.WITHHELD ?? 0) + 1);
    const told = text + (await readFile(join(directory, "personal.jsonl"), "utf8"));
    expect(told).toContain('"reader_version":"8"');
    expect(told).not.toMatch(/José|jose\.pdf|198\.51|Olga/);
  });

  it("shows a change that somebody made by hand", async () => {
    const before = await exported();
    await byHand(`${CHANGE_ALL} where organization_id = ${organizations[0]}`);
    const { report, notices } = await exported();
    expect(report.ok).toBe(true);
    expect(notices.OUT_OF_BAND).toBe((before.notices.OUT_OF_BAND ?? 0) + 3);
  });

  it("has proofs of its records, and of none that the administradora does not see", async () => {
    await sealAll(database);
    const ids = (of: string) =>
      idsOf(
        `select id from blindagem_audit.audit_log_immutable where organization_id = ${of} order by id`,
      );
    const [organization_id = "", other = ""] = organizations;
    const [own = ""] = await ids(organization_id);
    const [foreign = ""] = await ids(other);
    const prove = (id: string) =>
      database.asRequest("admin", { organization_id, actor_id: "command:test" }, (client) =>
        proveRecord(client, id, testKeys),
      );
    expect(String(Buffer.from((await prove(own)).extra ?? ""))).toContain(`"id":"${own}"`);
    await expect(prove(foreign)).rejects.toThrow(`O registro ${foreign} não existe`);
    await taskChanges();
    const [latest = ""] = (await ids(organization_id)).toReversed();
    await expect(prove(latest)).rejects.toThrow("ainda não está em nenhum checkpoint");
  });

  it("lets both verifiers find a record that nobody signed for", async () => {
    await taskChanges(NO_INTENT, `${CHANGE_ALL} where organization_id = ${organizations[0]}`);
    const { report } = await exported();
    expect(report.faultCounts).toEqual({ UNATTESTED: 1 });
  });

  it("tells of a record that is gone from the log, and so do both verifiers", async () => {
    await taskChanges();
    const [id] = await idsOf(
      `select max(id) as id from blindagem_audit.audit_log_immutable where organization_id = ${organizations[0]}`,
    );
    await exported();
    await altersLog(`delete from blindagem_audit.audit_log_immutable where id = ${id}`);
    const { report, lost, firstLost } = await exported();
    expect(lost).toBe(1);
    expect(firstLost).toBeGreaterThan(0);
    // Of the group that the record is missing from; and of the one from before.
    expect(report.faultCounts).toEqual({ UNATTESTED: 2 });
  });

  it("lets both verifiers find a record that was edited", async () => {
    const [id] = await idsOf(
      `select min(id) as id from blindagem_audit.audit_log_immutable
       where organization_id = ${organizations[0]} and entity_type = 'organizations'`,
    );
    await altersLog(
      `update blindagem_audit.audit_log_immutable set entry = replace(entry, 'Alfa', 'Alpha') where id = ${id}`,
    );
    const { report } = await exported();
    expect(report.faultCounts).toEqual({ UNATTESTED: 2, LEAF_MISMATCH: 1 });
    await altersLog(
      `update blindagem_audit.audit_log_immutable set entry = 'no JSON' || chr(10) || '"' where id = ${id}`,
    );
    expect((await exported()).report.faultCounts).toMatchObject({ LEAF_MISMATCH: 1, MALFORMED: 2 });
  });
});
