import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import pg from "pg";
import { exportBundle } from "../../src/audit/bundle/export.ts";
import { verifyBundle } from "../../src/audit/bundle/verify.ts";
import { erasureListFile } from "../../src/audit/erasure-file.ts";
import { ErasureList } from "../../src/audit/erasure-list.ts";
import { formatKeyList } from "../../src/audit/key-list.ts";
import { createDirectoryStore } from "../../src/receipts/document-store.ts";
import { useServices } from "../../src/services.ts";
import { sealAll } from "../audit/seal-all.ts";
import { testKeys } from "../audit/test-keys.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { type Asker, ask, createTenant, rowOf, type Tenant } from "../database/world.ts";
import { runAll } from "../tasks/administradora.ts";
import { queuedJobs, servicesOf } from "../tasks/task-run.ts";
import { verifierReport } from "../verifier/run-verifier.ts";
import { commandRunner, environmentOf, messageOfFailure, type RunCommand } from "./run-command.ts";

// Processes start slowly on a machine that does other things too.
jest.setTimeout(180_000);

const CPF = "52998224725";
const NAME = "Joana Prado Conceição";
/** As banks write it, and as macOS names files. */
const BANK_NAME = "JOANA PRADO CONCEICAO";
const FILE_NAME = "joana_prado_Conceição.pdf".normalize("NFD");
const MEI = "11222333000181";
const DOCUMENT = Buffer.from(`Holerite de ${NAME}`);
const SHA256 = createHash("sha256").update(DOCUMENT).digest("hex");
/** Of a document that no expense names. */
const LOOSE = "cd".repeat(32);
/** A paper of somebody else's expense that names her. */
const ELSEWHERE = "12".repeat(32);

let database: TestDatabase;
let backup: TestDatabase;
let tenant: Tenant;
let directory: string;
/** A bundle from before her erasure. */
let earlier: string;
let run: RunCommand;
let restored: RunCommand;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "blindagem-erase-"));
  database = await createTestDatabase();
  tenant = await createTenant(database);
  await writeFile(join(directory, "keys"), formatKeyList(testKeys));
  await joanaIsPaid();
  earlier = await exported("earlier", tenant.organizationId);
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
       description = 'Férias de Joana Prado Conceição', issue_date = '2018-03-02', decided_at = now() where id = $1`,
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
     alter table blindagem.decisions enable always trigger keep_values;
     update blindagem.expenses e set facts_hash = d.facts_hash from blindagem.decisions d where e.id = ${salaryId} and d.expense_id = e.id`,
  );
  await owner.query(
    `insert into blindagem.documents (sha256, format, size) values ('${SHA256}', 'PDF', 3)`,
  );
  await owner.query(
    `insert into blindagem.document_uploads (organization_id, sha256, file_name) values (${organizationId}, '${SHA256}', 'holerite.pdf')`,
  );
  await owner.query(
    `update blindagem.expense_documents set sha256 = '${SHA256}', file_name = 'joana prado conceição.pdf' where expense_id = $1`,
    [salaryId],
  );
  await owner.query(
    `insert into blindagem.document_readings (sha256, reader_version, kind, verdict, reading)
     values ('${SHA256}', '1', 'PIX_PROOF', 'ACCEPTED', '{"fields": {"payee": {"value": "${NAME}"}, "identifiers": [{"kind": "BR_CODE", "value": "${NAME} ${CPF}"}]}}')`,
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
    `update blindagem.bank_transactions set description = 'PIX ENVIADO ' || $2, counterparty_name = $2,
       counterparty_document = '${CPF}' where id = $1`,
    [tenant.debitId, BANK_NAME],
  );
  await owner.query(
    "update blindagem.bank_transactions set description = 'PIX 529.982.247-25 devolvido' where id = $1",
    [tenant.creditId],
  );
  await owner.query(
    `insert into blindagem_private.company_answers (cnpj, source, outcome, raw)
     values ('${MEI}', 'CNPJWS', 'FOUND', $2), ('11444777000161', 'CNPJWS', 'FOUND', $1)`,
    [
      JSON.stringify({
        razao_social: "Padaria",
        socios: [
          { nome: BANK_NAME, cpf_cnpj_socio: "***982247**" },
          { nome: "OUTRA PESSOA", cpf_cnpj_socio: "***111222**" },
        ],
      }),
      JSON.stringify({ razao_social: `${BANK_NAME} ${CPF}`, email: "joana@exemplo.com.br" }),
    ],
  );
  await owner.query(
    `insert into blindagem.companies (cnpj, state, name, status, mei, source)
     values ('${MEI}', 'FOUND', '${BANK_NAME} ${CPF}', 'Ativa', true, 'MIRROR');
     insert into blindagem_private.company_mirror (cnpj, name, status, mei, source_date)
     values ('${MEI}', '${BANK_NAME} ${CPF}', 'Ativa', true, '2026-10-01')`,
  );
  await joanaIsNamedElsewhere();
}

/** Through the doors of the product: what is handed in, decided, imported and searched for. */
async function joanaIsNamedElsewhere(): Promise<void> {
  const { condominiumId, expenseId, askers, code } = tenant;
  const by = ({ role, settings }: Asker, statement: string, values: unknown[] = []) =>
    ask(database, { role, settings: { ...settings, reason: "Teste" } }, statement, values);
  await by(
    askers.admin,
    "select blindagem_private.register_document($1, 'PDF', 3, $2), blindagem_private.register_document($3, 'PNG', 3, 'x.png')",
    [LOOSE, FILE_NAME, "ef".repeat(32)],
  );
  await by(
    askers.admin,
    "select blindagem.submit_expense_batch($1, $2, accept_valid => true, refused => $3)",
    [
      JSON.stringify([
        rowOf({ index: 0, externalId: "other", condominium: code, description: `Cobriu ${NAME}` }),
      ]),
      "d".repeat(64),
      JSON.stringify([{ index: 1, field: "payeeName", code: "X", message: `${NAME} repetida` }]),
    ],
  );
  await by(
    askers.reviewer,
    "select blindagem.resolve_review(r.id, false, $1) from blindagem.reviews r where r.expense_id = $2",
    [`Quem prestou foi ${NAME}`, expenseId],
  );
  const owner = database.pool("migrator");
  await owner.query(
    `with paper as (insert into blindagem.documents (sha256, format, size) values ($1, 'PDF', 3) returning sha256),
       listed as (
         insert into blindagem.expense_documents (condominium_id, expense_id, position, sha256)
         select e.condominium_id, e.id, 9, p.sha256 from blindagem.expenses e cross join paper p where e.external_id = 'other')
     insert into blindagem.document_readings (sha256, reader_version, kind, verdict, reading)
     select sha256, '1', 'RPA', 'ACCEPTED', $2 from paper`,
    [
      ELSEWHERE,
      JSON.stringify({
        fields: {
          amount: { value: "10.00" },
          payee: { value: BANK_NAME },
          identifiers: [{ kind: "BR_CODE", value: "of another" }],
        },
      }),
    ],
  );
  await owner.query(
    `insert into blindagem.document_identifiers (sha256, kind, value) values ($1, 'BR_CODE', $2)`,
    ["ef".repeat(32), `0014BR.GOV.BCB.PIX0111${CPF}5909${BANK_NAME}`],
  );
  await owner.query(
    `update blindagem.match_decisions set reason = 'É de ${NAME}' where condominium_id = $1`,
    [condominiumId],
  );
  await owner.query(
    `update blindagem.returned_payments set payee_document = '${CPF}', payee_name = '${BANK_NAME}' where condominium_id = $1`,
    [condominiumId],
  );
  await owner.query(
    `update blindagem.statement_doubts set entry = $2, outcome = 'NEW', resolved_at = now() where condominium_id = $1`,
    [condominiumId, JSON.stringify({ name: BANK_NAME })],
  );
  await owner.query(
    `insert into blindagem.auditor_accesses (person_id, condominium_id, request_id, operation, variables, entity_ids)
     values ($1, $2, 'request', 'query expenses', $3, '{}')`,
    [
      ...[askers.conselho.settings.person_id, condominiumId],
      JSON.stringify({ filter: { payeeDocument: { equalTo: CPF } } }),
    ],
  );
  await by(askers.admin, "select blindagem.set_setting('split_window_days', 41, $1)", [
    `Por causa de ${NAME}`,
  ]);
}

/** The columns in which something of her still is, in any table of any schema, and how many rows. */
async function remains(of: TestDatabase): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: of.superuserUrl ?? of.migratorUrl });
  await client.connect();
  try {
    const { rows: columns } = await client.query<{ place: string; found: string }>(
      `select format('%I.%I.%I', table_schema, table_name, column_name) as place,
         format('(select count(*)::int from %I.%I where %s ~* $1)', table_schema, table_name,
           case when data_type = 'bytea' then format('encode(%I, ''escape'')', column_name)
             else format('%I::text', column_name) end) as found
       from information_schema.columns c join information_schema.tables t using (table_catalog, table_schema, table_name)
       where t.table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
         and (data_type in ('text', 'json', 'jsonb', 'bytea', 'ARRAY', 'USER-DEFINED') or data_type like 'character%')`,
    );
    const found: Record<string, number> = {};
    for (const { place, found: counting } of columns) {
      const { rows } = await client.query<{ count: number }>(`select ${counting} as count`, [
        `${CPF}|529.982.247-25|joana.+prado`,
      ]);
      if (rows[0]?.count) found[place] = rows[0].count;
    }
    return found;
  } finally {
    await client.end();
  }
}

/** Where she is, to begin with. */
const PLANTED = [
  "blindagem.auditor_accesses.variables",
  ...["counterparty_document", "counterparty_name", "description"].map(
    (name) => `blindagem.bank_transactions.${name}`,
  ),
  "blindagem.companies.name",
  "blindagem.decisions.facts",
  "blindagem.document_identifiers.value",
  "blindagem.document_readings.reading",
  "blindagem.document_uploads.file_name",
  "blindagem.expense_batches.refused_rows",
  "blindagem.expense_documents.file_name",
  ...["description", "payee_document", "payee_name", "payee_pix_key"].map(
    (name) => `blindagem.expenses.${name}`,
  ),
  "blindagem.match_decisions.reason",
  "blindagem.payables.payee_document",
  "blindagem.payables.payee_name",
  "blindagem.payee_accounts.payee_document",
  "blindagem.payee_accounts.pix_key",
  "blindagem.returned_payments.payee_document",
  "blindagem.returned_payments.payee_name",
  "blindagem.reviews.resolution_reason",
  "blindagem.statement_doubts.entry",
  "blindagem_audit.personal_values.personal",
  "blindagem_private.company_answers.raw",
  "blindagem_private.company_mirror.name",
];

/** A bundle of all that the administradora sees. */
async function exported(name: string, organizationId: string): Promise<string> {
  const bundle = join(directory, name);
  await sealAll(database);
  await database.asRequest("admin", tenant.askers.admin.settings, (client) =>
    exportBundle(client, {
      directory: bundle,
      organizationId,
      documents: async (sha256) => (sha256 === SHA256 ? DOCUMENT : undefined),
      keys: testKeys,
      now: new Date(),
    }),
  );
  return bundle;
}

/** What of a bundle names her. */
async function namingFiles(bundle: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(bundle, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath, entry.name), "utf8");
    if (/joana.+prado|52998224725/i.test(text)) {
      found.push(entry.name);
    }
  }
  return found.sort();
}

describe("blindagem erase payee", () => {
  it("refuses who is nobody, and a reason that says nothing", async () => {
    const at = ["--organization", tenant.organizationId, "--reason"];
    const nobody = await run("erase", "payee", "111.444.777-35", ...at, "Pedido do titular");
    expect(messageOfFailure(nobody)).toContain("Nada se encontrou desta pessoa");
    const wrong = await run("erase", "payee", "111", ...at, "Pedido do titular");
    expect(messageOfFailure(wrong)).toContain("CPF (11 dígitos) ou um CNPJ");
    for (const [kind, document] of [
      ["CPF", "529.982.247-52"],
      ["CNPJ", "12.ABC.345/01DE-53"],
    ] as const) {
      const mistyped = await run("erase", "payee", document, ...at, "Pedido do titular");
      expect(messageOfFailure(mistyped)).toContain(
        `Os dígitos verificadores (os dois últimos) do ${kind} não conferem`,
      );
    }
    expect(messageOfFailure(await run("erase", "payee", CPF, ...at, " "))).toContain("motivo");
    const naming = await run("erase", "payee", CPF, ...at, `Pedido de ${BANK_NAME}`);
    expect(messageOfFailure(naming)).toContain("sem o nome nem o documento");
    const numbered = await run("erase", "payee", CPF, ...at, "Pedido de 529.982.247-25");
    expect(messageOfFailure(numbered)).toContain("sem CPF");
  });

  it("leaves nothing of her anywhere, and every proof verifies", async () => {
    expect(Object.keys(await remains(database)).sort()).toEqual(PLANTED);
    const documents = createDirectoryStore(join(directory, "documents"));
    for (const sha256 of [SHA256, LOOSE]) await documents.put(sha256, new Uint8Array([1, 2, 3]));

    const { status, stdout, stderr } = await run(
      ...["erase", "payee", "529.982.247-25", "--organization", tenant.organizationId],
      ...["--reason", "Pedido do titular"],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Apagamento \d+\.$/m);
    // Of the other it is the description alone: somebody else was paid.
    expect(stdout).toMatch(/^ {2}expenses: 2$/m);
    const { rows: others } = await database
      .pool("migrator")
      .query("select payee_name, description from blindagem.expenses where external_id = 'other'");
    expect(others).toEqual([{ payee_name: "Limpadora", description: null }]);
    const { rows: readings } = await database
      .pool("migrator")
      .query(
        "select reading->'fields' as fields from blindagem.document_readings where reading ? 'fields' order by sha256",
      );
    const absent = { value: null, confidence: 0, box: null, page: null };
    expect(readings.map(({ fields }) => fields)).toEqual([
      {
        amount: { value: "10.00" },
        payee: absent,
        identifiers: [{ kind: "BR_CODE", value: "of another" }],
      },
      { payee: absent, identifiers: [] },
    ]);
    expect(stdout).not.toContain("Joana");
    expect(await remains(database)).toEqual({});
    useServices(servicesOf({ clock: () => new Date(), documents }));
    await runAll(database);
    for (const sha256 of [SHA256, LOOSE]) {
      await expect(documents.get(sha256)).rejects.toThrow("ENOENT");
    }
  });

  it("reaches a bundle that was written before, by a command, and it verifies as it did", async () => {
    const before = await verifyBundle(earlier, { trustedKeys: testKeys });
    expect(await namingFiles(earlier)).toEqual([SHA256, "personal.jsonl"]);
    expect((await run("erase", "bundle", earlier)).stdout).toMatch(
      /dados pessoais de \d\d registros, e 1 documento\./,
    );
    expect(await namingFiles(earlier)).toEqual([]);
    // From where something was done by hand is no word about who was paid.
    expect(await readFile(join(earlier, "personal.jsonl"), "utf8")).toContain('"client_address"');
    const after = await verifyBundle(earlier, { trustedKeys: testKeys });
    expect(after.faultCounts).toEqual(before.faultCounts);
    expect(after.notices.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["ERASED", "ERASED_DOCUMENTS"]),
    );
    const independent = await verifierReport("bundle", earlier, "--keys", join(directory, "keys"));
    expect(independent).toMatchObject({
      faultCounts: after.faultCounts,
      notices: Object.fromEntries(after.notices.map(({ code, count }) => [code, count])),
    });
    expect((await run("erase", "bundle", earlier)).stdout).toContain("de 0 registros");
  });

  it("is in no bundle that is written afterwards: there is nothing to be taken out of it", async () => {
    await sealAll(database);
    const later = join(directory, "later");
    await run("audit", "export", later, "--organization", "1");
    expect((await run("erase", "bundle", later)).stdout).toContain("de 0 registros");
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

    const bundle = await exported("bundle", tenant.organizationId);
    const report = await verifyBundle(bundle, { trustedKeys: testKeys });
    // The test's own requests are signed by nobody, its closing names a root that there never was, and of another document
    // it has no bytes.
    expect(Object.keys(report.faultCounts).sort()).toEqual(["FORK", "MISSING_FILE", "UNATTESTED"]);
    // Hers is erased, though the bytes were still there to be given.
    const missing = report.faults.filter(({ code }) => code === "MISSING_FILE");
    expect(missing.map(({ where }) => where.file)).not.toContain(`documents/${SHA256}`);
    expect(report.notices).toContainEqual(
      expect.objectContaining({ code: "ERASED_DOCUMENTS", count: 1 }),
    );
    expect(await namingFiles(bundle)).toEqual([]);
    const unsigned = report.faults.map(({ where }) => where.record);
    expect(unsigned).not.toContain(erasure?.id);
    expect(report.erasures).toEqual([
      { erasureId: erasure?.id, erasedAt: expect.any(String), records: expect.any(Number) },
    ]);
    const notices = report.notices.map(({ code }) => code);
    expect(notices).toContain("ERASED");
    // What concerns everybody is told without its commitments' values; of hers nothing is withheld, all is erased.
    const { rows: everybodys } = await database.pool("migrator").query<{ count: number }>(
      `select count(*)::int as count from blindagem_audit.audit_log_immutable r
       where organization_id is null and condominium_id is null and entry like '%{"commitment":"%'
         and blindagem_audit.concerns_everybody(entity_type, entity_id)`,
    );
    expect(report.notices.find(({ code }) => code === "WITHHELD")?.count).toBe(
      everybodys[0]?.count,
    );
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
    const keeping = async (of: TestDatabase, list: ErasureList) => {
      const sealer = await of.pool("sealer").connect();
      try {
        return await list.keep(sealer);
      } finally {
        sealer.release();
      }
    };
    const list = new ErasureList(erasureListFile(directory));
    expect(await keeping(database, list)).toMatchObject({ added: 1, missing: 0 });
    expect(await keeping(database, list)).toMatchObject({ added: 0, missing: 0 });
    const keepInBackup = () => keeping(backup, new ErasureList(erasureListFile(directory)));
    expect(await keepInBackup()).toMatchObject({ added: 0, missing: 1 });
    expect(Object.keys(await remains(backup)).length).toBeGreaterThan(5);
    expect((await restored("erase", "replay")).stdout).toContain("1 de 1 apagamentos repetidos");
    expect(await remains(backup)).toEqual({});
    // Bytes may have come back with the disk alone: they are removed again each time.
    const removals = async () =>
      (await queuedJobs(backup)).filter(({ task }) => task === "erase_documents").length;
    const before = await removals();
    expect((await restored("erase", "replay")).stdout).toContain("0 de 1 apagamentos repetidos");
    expect(await removals()).toBe(before + 1);
    expect(await keepInBackup()).toMatchObject({ missing: 0 });
  });

  it("does what it can read, and then says which lines it cannot", async () => {
    const list = await readFile(erasureListFile(directory), "utf8");
    const copy = join(directory, "copy.jsonl");
    await writeFile(copy, `{"id":\n${list}`);
    const damaged = await restored("erase", "replay", copy);
    expect(damaged.stdout).toMatch(/^0 de \d+ apagamentos repetidos/);
    expect(messageOfFailure(damaged)).toMatch(
      /não foram repetidas, estas linhas de .*copy.jsonl: 1/,
    );
    await writeFile(copy, `${list}{"id":"7`);
    const cutOff = await restored("erase", "replay", copy);
    expect(cutOff.stdout).toMatch(/^0 de \d+ apagamentos repetidos/);
    expect(messageOfFailure(cutOff)).toMatch(/última linha de .*copy.jsonl está cortada/);
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

describe("a partner who was never paid", () => {
  const PARTNER = "111.444.777-35";
  const partners = async () => {
    const { rows } = await database
      .pool("migrator")
      .query(
        "select a.cnpj, a.raw->'socios' as partners from blindagem_private.company_answers a where a.cnpj = '61412110000155'",
      );
    return rows[0]?.partners;
  };
  const masked = "***444777**";
  const other = { nome: "OUTRO SÓCIO", cpf_cnpj_socio: "***111222**" };
  const namesake = { nome: "Marta Nunes Rocha", cpf_cnpj_socio: masked };
  const erase = (...more: string[]) =>
    run(
      ...["erase", "payee", PARTNER, "--organization", tenant.organizationId],
      ...["--reason", "Pedido do titular", ...more],
    );

  it("is found by the six digits that the registry shows, with the name that is told", async () => {
    const represented = {
      nome: "HOLDING LTDA",
      cpf_representante_legal: masked,
      nome_representante: "Carlos Antônio Lima",
    };
    await database.pool("migrator").query(
      `insert into blindagem_private.company_answers (cnpj, source, outcome, raw)
       values ('61412110000155', 'CNPJWS', 'FOUND', $1)`,
      [
        JSON.stringify({
          socios: [
            other,
            { nome: "CARLOS ANTONIO LIMA", cpf_cnpj_socio: masked },
            namesake,
            represented,
          ],
        }),
      ],
    );
    expect(messageOfFailure(await erase())).toContain(
      "3 sócios têm os mesmos seis dígitos visíveis nas respostas do cadastro de empresas. Se é a pessoa, informe também o nome",
    );
    expect(messageOfFailure(await erase("--name", "José Souza Lima"))).toContain("3 sócios");
    expect(messageOfFailure(await erase("--name", "Carlos"))).toContain("nome e sobrenome");
    const naming = await run(
      ...["erase", "payee", PARTNER, "--organization", tenant.organizationId],
      ...["--reason", "Pedido de Carlos Antonio Lima", "--name", "Carlos Antônio Lima"],
    );
    expect(messageOfFailure(naming)).toContain("sem o nome nem o documento");

    const { status, stdout } = await erase("--name", "Carlos Antônio  Lima");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}company_answers: 1$/m);
    expect(stdout).toMatch(/^Fica: partners, 1\. Sócios no cadastro de empresas/m);
    expect(stdout).not.toContain("Carlos");
    const erased = { apagado: true };
    expect(await partners()).toEqual([other, erased, namesake, erased]);
    expect(messageOfFailure(await erase("--name", "Carlos Antônio Lima"))).toContain(
      "um sócio tem",
    );
  });

  it("is no reason to take a name for a CNPJ, or for who used the platform", async () => {
    const at = ["--organization", tenant.organizationId, "--reason", "Pedido do titular"];
    const company = await run("erase", "payee", MEI, ...at, "--name", "Carlos Antônio Lima");
    expect(messageOfFailure(company)).toContain("acompanha o CPF");
  });
});
