import { createHash } from "node:crypto";
import type { RequestRole } from "../../src/database/role-names.ts";
import { cnpjCheckDigits } from "../../src/identifiers/cnpj.ts";
import type { TestDatabase } from "./test-database.ts";

/** Who asks: a role, and the settings that the API makes of the verified token. */
export interface Asker {
  role: RequestRole;
  settings: { person_id: string; organization_id?: string; actor_id: string; reason?: string };
}

/** One administradora with everything a customer has: people, a condominium, expenses, bank data, documents. */
export interface Tenant {
  organizationId: string;
  condominiumId: string;
  code: string;
  batchId: string;
  /** An ordinary expense, decided, paid and refunded in part. */
  expenseId: string;
  /** An expense of the payroll, with everything that hangs on an expense. */
  salaryId: string;
  debitId: string;
  creditId: string;
  sha256: string;
  askers: {
    admin: Asker;
    reviewer: Asker;
    integrator: Asker;
    sindico: Asker;
    /** Auditor of the whole organization. */
    auditor: Asker;
    /** The conselho fiscal: an auditor of the one condominium. */
    conselho: Asker;
  };
}

/** A CNPJ with right check digits, made of a number; every second one with letters. */
export function cnpjOf(number: number): string {
  const base = `${number % 2 ? "A" : "1"}${String(number).padStart(11, "0")}`;
  return base + cnpjCheckDigits(base);
}

let made = 0;

/** Makes a tenant of its own, through the functions that a customer uses where there are any. */
export async function createTenant(database: TestDatabase): Promise<Tenant> {
  made += 1;
  const number = made;
  const owner = database.pool("migrator");
  const one = async (text: string, values: unknown[] = []): Promise<string> => {
    const { rows } = await owner.query<{ id: string }>(text, values);
    const [row] = rows;
    if (!row) throw new Error(`No row came from: ${text}`);
    return row.id;
  };
  const person = (name: string) =>
    one("insert into blindagem.people (subject, name) values ($1, $2) returning id", [
      `${name}-${number}`,
      `${name} ${number}`,
    ]);
  const organizationId = await one(
    "insert into blindagem.organizations (name, cnpj) values ($1, $2) returning id",
    [`Administradora ${number}`, cnpjOf(1000 + number)],
  );
  const member = async (role: "admin" | "reviewer" | "integrator"): Promise<Asker> => {
    const id = await person(role);
    await one(
      "insert into blindagem.members (organization_id, person_id, role) values ($1, $2, $3) returning id",
      [organizationId, id, role],
    );
    return asker(role, id, organizationId);
  };
  const admin = await member("admin");
  const reviewer = await member("reviewer");
  const integrator = await member("integrator");

  const code = `COND-${number}`;
  const condominium = await ask<{ id: string }>(
    database,
    admin,
    "select id from blindagem.create_condominium($1, $2, $3)",
    [`Edifício ${number}`, code, cnpjOf(2000 + number)],
  );
  const condominiumId = condominium[0]?.id ?? "";
  const grant = async (role: "sindico" | "auditor", scope: "condominium" | "organization") => {
    const id = await person(`${role}-${scope}`);
    await one(
      `insert into blindagem.grants (person_id, role, organization_id, condominium_id)
       values ($1, $2, $3, $4) returning id`,
      [
        id,
        role,
        scope === "organization" ? organizationId : null,
        scope === "condominium" ? condominiumId : null,
      ],
    );
    return asker(role, id, undefined);
  };
  const sindico = await grant("sindico", "condominium");
  const auditor = await grant("auditor", "organization");
  const conselho = await grant("auditor", "condominium");
  const askers = { admin, reviewer, integrator, sindico, auditor, conselho };
  await owner.query(
    `insert into blindagem.auditor_accesses (person_id, organization_id, condominium_id, request_id, operation, variables, entity_ids)
     values ($1, $3, null, $2, 'query auditLog', '{}', '{}'), ($4, null, $5, $2, 'query auditLog', '{}', '{}')`,
    [
      ...[auditor.settings.person_id, `request-${number}`, organizationId],
      ...[conselho.settings.person_id, condominiumId],
    ],
  );

  await ask(
    database,
    admin,
    "select blindagem.set_setting('split_window_days', 40, 'Política da casa')",
  );
  await ask(
    database,
    admin,
    "select blindagem.set_approval_limit(5000, 'SECOND_APPROVER', 'Alçada')",
  );
  await ask(database, admin, "select blindagem.create_api_key('ERP')");
  const sha256 = number.toString(16).padStart(64, "0");
  await ask(
    database,
    admin,
    "select blindagem_private.register_document($1, 'PDF', 1000, 'recibo.pdf')",
    [sha256],
  );
  const submitted = await ask<{ answer: { batchId: string } }>(
    database,
    admin,
    "select blindagem.submit_expense_batch($1, $2) as answer",
    [
      JSON.stringify([
        rowOf({ index: 0, externalId: "ordinary", condominium: code, documents: [{ sha256 }] }),
        rowOf({
          index: 1,
          externalId: "salary",
          condominium: code,
          category: "FOLHA_PAGAMENTO",
          documentKind: "PAYROLL",
          payeeKind: "CPF",
          payeeDocument: "52998224725",
          documents: [{ fileName: "holerite.pdf" }],
        }),
      ]),
      "c".repeat(64),
    ],
  );
  const batchId = submitted[0]?.answer.batchId ?? "";
  const expense = (externalId: string) =>
    one("select id from blindagem.expenses where batch_id = $1 and external_id = $2", [
      batchId,
      externalId,
    ]);
  const expenseId = await expense("ordinary");
  const salaryId = await expense("salary");

  await owner.query(
    `insert into blindagem.document_readings (sha256, reader_version, kind, verdict, reading)
     values ($1, '1', 'PIX_PROOF', 'ACCEPTED', '{}')`,
    [sha256],
  );
  await ask(
    database,
    reviewer,
    "select blindagem.correct_reading($1, 'Conferido na imagem', '2026-11-05T17:12:33')",
    [sha256],
  );
  await owner.query(
    "insert into blindagem.document_identifiers (sha256, kind, value) values ($1::text, 'DFE_KEY', $1::text)",
    [sha256],
  );
  for (const id of [expenseId, salaryId]) {
    const facts = JSON.stringify({ expense: { id } });
    const hash = createHash("sha256").update(facts).digest("hex");
    await owner.query("update blindagem.expenses set facts_hash = $2 where id = $1", [id, hash]);
    await owner.query(
      `with rules as (insert into blindagem_private.rule_sets (hash, rules) values ($3::text, '[]'))
       insert into blindagem.decisions (
         condominium_id, expense_id, status, reasons, rule_version, thresholds, facts_hash, rule_set, facts)
       values ($1, $2, 'MANUAL_REVIEW', '[]', '1', '{}', $3, $3, $4)`,
      [condominiumId, id, hash, facts],
    );
    await owner.query(
      `insert into blindagem.reviews (condominium_id, kind, expense_id, subject, reasons)
       values ($1, 'EXPENSE', $2::bigint, 'expense:' || $2::bigint, '[]')`,
      [condominiumId, id],
    );
  }

  await owner.query(
    `insert into blindagem_private.job_minutes (organization_id, minute, task, shard, started, finished)
     values ($1, '2026-11-05T15:00:00Z', 'reconcile', 1, $2, $2)`,
    [organizationId, number],
  );
  await owner.query(
    `insert into blindagem_private.dead_letters (organization_id, task, payload, priority, max_attempts, attempts, cause)
     values ($1, 'reconcile', '{}', 0, 10, 10, 'ATTEMPTS')`,
    [organizationId],
  );
  await owner.query(
    `insert into blindagem.job_interventions (action, reason, filter, matched)
     values ('RETRY', 'O banco voltou', '{"task": "pluggy_sync"}', 0)`,
  );
  const connectionId = await one(
    `insert into blindagem.bank_connections (organization_id, condominium_id, provider_item_id)
     values ($1, $2, gen_random_uuid()) returning id`,
    [organizationId, condominiumId],
  );
  const accountId = await one(
    `insert into blindagem.bank_accounts (condominium_id, connection_id, name)
     values ($1, $2, 'Conta') returning id`,
    [condominiumId, connectionId],
  );
  await owner.query(
    `insert into blindagem.bank_statements (account_id, starts_on, ends_on, opening_balance)
     values ($1, '2026-11-01', '2026-11-30', $2)`,
    [accountId, number],
  );
  const movement = (amount: number) =>
    one(
      `insert into blindagem.bank_transactions (
         condominium_id, account_id, provider_id, posted_at, posted_on, amount, description, status)
       values ($1, $2, gen_random_uuid(), '2026-11-05T15:00:00Z', '2026-11-05', $3, 'PIX', 'POSTED') returning id`,
      [condominiumId, accountId, amount],
    );
  const debitId = await movement(-1000);
  const creditId = await movement(250);
  const incomeId = await movement(600);
  for (const id of [expenseId, salaryId]) {
    await owner.query(
      `insert into blindagem.payments (condominium_id, payable_id, transaction_id, amount, confidence, reasons)
       select condominium_id, id, $3, 100, 1, '[]' from blindagem.accounts_payable
       where condominium_id = $1 and expense_id = $2 and kind = 'SUPPLIER'`,
      [condominiumId, id, debitId],
    );
  }
  await owner.query(
    `insert into blindagem.refunds (condominium_id, credit_id, debit_id, amount, confidence, reasons)
     values ($1, $2, $3, 250, 1, '[]')`,
    [condominiumId, creditId, debitId],
  );
  await owner.query(
    `insert into blindagem.movement_verdicts (condominium_id, transaction_id, verdict)
     values ($1, $2, 'REFUND'), ($1, $3, 'INCOME')`,
    [condominiumId, creditId, incomeId],
  );
  const fileId = await one(
    `insert into blindagem.statement_files (organization_id, condominium_id, kind, sha256, file_name, size, imported_by)
     values ($1, $2, 'OFX', $3, 'extrato.ofx', 1, $4) returning id`,
    [organizationId, condominiumId, sha256, admin.settings.person_id],
  );
  await owner.query(
    `with doubt as (
       insert into blindagem.statement_doubts (condominium_id, account_id, file_id, entry_key, entry, candidate_ids)
       values ($1, $2, $3, 'k', '{}', array[$4::bigint])
     ), item as (
       insert into blindagem.returned_payments (
         condominium_id, account_id, file_id, item_key, batch, service, form, segment, outcome, occurrences, amount)
       values ($1, $2, $3, 'k', '1', '30', '45', 'A', 'PAID', '{00}', 100)
     ), pool_doubt as (
       insert into blindagem.pool_doubts (organization_id, transaction_id, kind) values ($8, $4, 'REFUND')
     ), exception as (
       insert into blindagem.statement_exceptions (condominium_id, account_id, kind, from_day, to_day)
       values ($1, $2, 'GAP', '2026-10-01', '2026-10-31')
     )
     insert into blindagem.match_decisions (condominium_id, debit_id, payable_id, decision, evidence, decided_by, reason)
     select $1, $4, p.id, 'REJECTED', array[$6], $5, 'Não é deste débito'
     from blindagem.accounts_payable p where p.expense_id = $7 and p.kind = 'SUPPLIER'`,
    [
      ...[condominiumId, accountId, fileId, debitId, reviewer.settings.person_id],
      ...[`CODE_${number}`, salaryId, organizationId],
    ],
  );
  await owner.query(
    `insert into blindagem.closings (condominium_id, organization_id, month, revision, tree_size, root, reason, closed_by)
     values ($1, $2, '2026-10-01', 1, 1, encode(sha256('x'), 'base64'), 'Mês conferido', $3)`,
    [condominiumId, organizationId, admin.settings.person_id],
  );
  return {
    organizationId,
    condominiumId,
    code,
    batchId,
    expenseId,
    salaryId,
    debitId,
    creditId,
    sha256,
    askers,
  };
}

/** A row as src/expenses hands it to submit_expense_batch. */
export function rowOf(fields: Record<string, unknown>): Record<string, unknown> {
  return {
    category: "LIMPEZA",
    documentKind: "NFSE",
    documentNumber: `N-${String(fields.externalId)}`,
    issueDate: "2026-11-01",
    competence: "2026-11",
    grossAmount: "1000.00",
    retentions: [{ kind: "INSS", amount: "110.00" }],
    payeeKind: "CNPJ",
    payeeDocument: "11222333000181",
    payeeName: "Limpadora",
    payeePixKey: "pix@limpadora.example",
    dueDate: "2026-11-10",
    documents: [],
    ...fields,
  };
}

/** Runs one statement as a request. */
export async function ask<Row extends object>(
  database: TestDatabase,
  { role, settings }: Asker,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return database.asRequest(role, settings, async (client) => {
    const { rows } = await client.query<Row>(text, values);
    return rows;
  });
}

export function asker(
  role: RequestRole,
  personId: string,
  organizationId: string | undefined,
): Asker {
  const settings = { person_id: personId, actor_id: `person:${personId}` };
  return {
    role,
    settings: organizationId ? { ...settings, organization_id: organizationId } : settings,
  };
}
