import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { exportBundle } from "../../src/audit/bundle/export.ts";
import { verifyBundle } from "../../src/audit/bundle/verify.ts";
import { ErasureList, erasureListFile } from "../../src/audit/erasure-list.ts";
import { formatKeyList } from "../../src/audit/key-list.ts";
import { createDirectoryStore } from "../../src/receipts/document-store.ts";
import { useServices } from "../../src/services.ts";
import { sealAll } from "../audit/seal-all.ts";
import { testKeys } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { ask, createTenant, type Tenant } from "../database/world.ts";
import { runAll } from "../tasks/administradora.ts";
import { servicesOf } from "../tasks/task-run.ts";
import { verifierReport } from "../verifier/run-verifier.ts";
import { commandRunner, environmentOf, messageOfFailure, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

const CPF = "52998224725";
const NAME = "Joana Prado Teixeira";
const SHA256 = "ab".repeat(32);

let database: TestDatabase;
let backup: TestDatabase;
let tenant: Tenant;
let directory: string;
let run: RunCommand;
let restored: RunCommand;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "blindagem-erase-"));
  database = await createTestDatabase();
  tenant = await createTenant(database);
  await joanaIsPaid();
  backup = await database.copy();
  const environment = (of: TestDatabase) =>
    commandRunner(
      environmentOf(of, {
        SEALER_DATABASE_URL: of.url("sealer"),
        CHECKPOINT_DIRECTORY: directory,
      }),
    );
  run = environment(database);
  restored = environment(backup);
});
afterAll(async () => {
  await database.drop();
  await backup?.drop();
  await rm(directory, { recursive: true });
});

/** A person who was paid, and what the platform holds of her. */
async function joanaIsPaid(): Promise<void> {
  const owner = database.pool("migrator");
  const { condominiumId, salaryId, organizationId } = tenant;
  await owner.query(
    `update blindagem.expenses set status = 'APPROVED', payment_status = 'PAID', payee_name = $2, payee_pix_key = $3,
       description = 'Férias de Joana Prado Teixeira', issue_date = '2018-03-02', decided_at = now() where id = $1`,
    [salaryId, NAME, CPF],
  );
  await owner.query("update blindagem.payables set payee_name = $2 where expense_id = $1", [
    salaryId,
    NAME,
  ]);
  const facts = JSON.stringify({ expense: { payee: { kind: "CPF", document: CPF, name: NAME } } });
  await owner.query(
    `alter table blindagem.decisions disable trigger keep_values;
     update blindagem.decisions set facts = '${facts}', facts_hash = encode(sha256(convert_to('${facts}', 'UTF8')), 'hex') where expense_id = ${salaryId};
     alter table blindagem.decisions enable always trigger keep_values`,
  );
  await owner.query(
    `insert into blindagem.documents (sha256, format, size) values ('${SHA256}', 'PDF', 3)`,
  );
  await owner.query(
    `insert into blindagem.document_uploads (organization_id, sha256, file_name) values (${organizationId}, '${SHA256}', 'holerite.pdf')`,
  );
  await owner.query(
    `update blindagem.expense_documents set sha256 = '${SHA256}', file_name = 'joana prado teixeira.pdf' where expense_id = $1`,
    [salaryId],
  );
  await owner.query(
    `insert into blindagem.document_readings (sha256, reader_version, kind, verdict, reading)
     values ('${SHA256}', '1', 'PIX_PROOF', 'ACCEPTED', '{"fields": {"identifiers": [{"kind": "BR_CODE", "value": "${NAME} ${CPF}"}]}}')`,
  );
  await owner.query(
    `insert into blindagem.document_identifiers (sha256, kind, value) values ('${SHA256}', 'BR_CODE', '${NAME} ${CPF}')`,
  );
  await owner.query(
    `insert into blindagem.payee_accounts (condominium_id, payee_document, pix_key, first_seen_on, last_seen_on)
     values ($1, '${CPF}', '${CPF}', '2026-11-01', '2026-11-01')`,
    [condominiumId],
  );
  await owner.query(
    `update blindagem.bank_transactions set description = 'PIX ENVIADO ' || upper($2), counterparty_name = $2,
       counterparty_document = '${CPF}' where id = $1`,
    [tenant.debitId, NAME],
  );
  await owner.query(
    `insert into blindagem_private.company_answers (cnpj, source, outcome, raw)
     values ('11222333000181', 'CNPJWS', 'FOUND', $1)`,
    [
      JSON.stringify({
        razao_social: "Padaria",
        socios: [
          { nome: "JOANA PRADO TEIXEIRA", cpf_cnpj_socio: "***982247**" },
          { nome: "OUTRA PESSOA", cpf_cnpj_socio: "***111222**" },
        ],
      }),
    ],
  );
}

/** The tables in which something of her still is, and how many rows. */
async function remains(of: TestDatabase): Promise<Record<string, string>> {
  const owner = of.pool("migrator");
  const { rows } = await owner.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relnamespace::regnamespace::text in ('blindagem', 'blindagem_private', 'blindagem_audit')
       and c.relkind = 'r' order by 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of rows) {
    const counted = await owner.query<{ count: string }>(
      `select count(*) from ${name} t where t::text ilike '%${CPF}%' or t::text ilike '%joana%'`,
    );
    if (counted.rows[0]?.count !== "0") found[name] = counted.rows[0]?.count ?? "";
  }
  return found;
}

describe("blindagem erase payee", () => {
  it("refuses who is nobody, and a reason that says nothing", async () => {
    const at = ["--organization", tenant.organizationId, "--reason"];
    const nobody = await run("erase", "payee", "111.444.777-35", ...at, "Pedido do titular");
    expect(messageOfFailure(nobody)).toContain("Nada se encontrou desta pessoa");
    const wrong = await run("erase", "payee", "111", ...at, "Pedido do titular");
    expect(messageOfFailure(wrong)).toContain("CPF ou CNPJ");
    expect(messageOfFailure(await run("erase", "payee", CPF, ...at, " "))).toContain("motivo");
  });

  it("leaves nothing of her anywhere, and every proof verifies", async () => {
    expect(Object.keys(await remains(database)).length).toBeGreaterThan(5);
    const documents = createDirectoryStore(join(directory, "documents"));
    await documents.put(SHA256, new Uint8Array([1, 2, 3]));

    const { status, stdout, stderr } = await run(
      ...["erase", "payee", "529.982.247-25", "--organization", tenant.organizationId],
      ...["--reason", "Pedido do titular"],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Apagamento \d+\.$/m);
    expect(stdout).toMatch(/^ {2}expenses: 1$/m);
    expect(stdout).not.toContain("Joana");
    expect(await remains(database)).toEqual({});

    useServices(servicesOf({ clock: () => new Date(), documents }));
    await runAll(database);
    await expect(documents.get(SHA256)).rejects.toThrow("ENOENT");
  });

  it("is told by an ERASURE record, by each record that it touched, and by the export", async () => {
    const { admin } = tenant.askers;
    const [erasure] = await ask<{ id: string; new_state: object }>(
      database,
      admin,
      "select id, new_state from blindagem.audit_log where action = 'ERASURE' and entity_type = 'erasures'",
    );
    expect(erasure?.new_state).toMatchObject({ reason: "Pedido do titular", subject: "PAYEE" });
    const records = await ask<{ previous_state: object | null; new_state: object }>(
      database,
      admin,
      "select previous_state, new_state from blindagem.audit_log where entity_type = 'expenses' and entity_id = $1 and previous_state ? 'payee_name'",
      [`${tenant.condominiumId}/${tenant.salaryId}`],
    );
    const erased = { erased: { at: expect.any(String), by: erasure?.id } };
    expect(records.length).toBe(2);
    expect(records.at(-1)).toMatchObject({
      previous_state: { payee_name: erased, payee_document: erased },
      new_state: { payee_name: "[apagado]", payee_document: null, description: null },
    });

    await sealAll(database);
    const bundle = join(directory, "bundle");
    await database.asRequest("admin", admin.settings, (client) =>
      exportBundle(client, {
        directory: bundle,
        organizationId: tenant.organizationId,
        keys: testKeys,
        now: new Date(),
      }),
    );
    const report = await verifyBundle(bundle, { trustedKeys: testKeys });
    // The test's own requests are signed by nobody, and its closing names a root that there never was.
    expect(Object.keys(report.faultCounts).sort()).toEqual(["FORK", "UNATTESTED"]);
    const unsigned = report.faults.map(({ where }) => where.record);
    expect(unsigned).not.toContain(erasure?.id);
    expect(report.erasures).toEqual([
      { erasureId: erasure?.id, erasedAt: expect.any(String), records: expect.any(Number) },
    ]);
    const notices = report.notices.map(({ code }) => code);
    expect(notices).toContain("ERASED");
    expect(notices).not.toContain("WITHHELD");
    await writeFile(join(directory, "keys"), formatKeyList(testKeys));
    const independent = await verifierReport("bundle", bundle, "--keys", join(directory, "keys"));
    expect(independent.faultCounts).toEqual(report.faultCounts);
    expect(independent.notices.ERASED).toBe(
      report.notices.find(({ code }) => code === "ERASED")?.count,
    );
  });

  it("is no divergence of tables and log", async () => {
    const { stdout, status } = await run("audit", "compare");
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^CONFERE/),
    });
  });
});

describe("blindagem erase replay", () => {
  it("erases again in a restored copy what the list outside of the database has, once", async () => {
    const sealer = await database.pool("sealer").connect();
    const list = new ErasureList(erasureListFile(directory));
    expect(await list.keep(sealer)).toEqual({ added: 1, missing: 0 });
    expect(await list.keep(sealer)).toEqual({ added: 0, missing: 0 });
    sealer.release();

    const keepInBackup = async () => {
      const standby = await backup.pool("sealer").connect();
      try {
        return await new ErasureList(erasureListFile(directory)).keep(standby);
      } finally {
        standby.release();
      }
    };
    expect(await keepInBackup()).toEqual({ added: 0, missing: 1 });
    expect(Object.keys(await remains(backup)).length).toBeGreaterThan(5);
    expect((await restored("erase", "replay")).stdout).toContain("1 de 1 apagamentos repetidos");
    expect(await remains(backup)).toEqual({});
    expect((await restored("erase", "replay")).stdout).toContain("0 de 1 apagamentos repetidos");
    expect(await keepInBackup()).toMatchObject({ missing: 0 });
  });
});

describe("blindagem erase person", () => {
  it("waits until the access has ended, and then takes name, e-mail and addresses", async () => {
    const { reviewer } = tenant.askers;
    const id = reviewer.settings.person_id;
    const { admin } = tenant.askers;
    const acting = { ...admin.settings, actor_id: `person:${id}`, ip: "203.0.113.44" };
    await database.asRequest("admin", acting, (client) =>
      client.query("select blindagem.set_setting('stale_bank_hours', 24, 'Nova política')"),
    );
    const addressOf = async () => {
      const [record] = await ask<{ metadata: { ip: unknown } }>(
        database,
        admin,
        "select metadata from blindagem.audit_log where entity_type = 'settings' and actor_id = $1",
        [`person:${id}`],
      );
      return record?.metadata.ip;
    };
    expect(await addressOf()).toBe("203.0.113.44");
    const erase = () =>
      run(
        ...["erase", "person", id, "--organization", tenant.organizationId],
        ...["--reason", "Saiu da administradora"],
      );
    expect(messageOfFailure(await erase())).toContain("ainda tem acesso");
    const owner = database.pool("migrator");
    await owner.query(
      "update blindagem.members set valid_from = '2020-01-01', valid_to = '2021-01-01' where person_id = $1",
      [id],
    );
    expect((await erase()).status).toBe(0);
    const { rows } = await owner.query(
      "select subject, name, email from blindagem.people where id = $1",
      [id],
    );
    expect(rows).toEqual([{ subject: `[apagado] ${id}`, name: "[apagado]", email: null }]);
    const { rows: told } = await owner.query(
      "select new_state->'name' as name from blindagem_audit.records where entity_type = 'people' and entity_id = $1 and operation = 'INSERT'",
      [id],
    );
    const erased = { erased: { at: expect.any(String), by: expect.any(String) } };
    expect(told).toEqual([{ name: erased }]);
    expect(await addressOf()).toEqual(erased);
  });
});
