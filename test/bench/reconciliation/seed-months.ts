import type pg from "pg";
import { dateInBrasilia, daysBetween } from "../../../src/calendar/brasilia.ts";
import type { Installation } from "../installation.ts";
import { createTenants } from "../queue/tenants.ts";
import type { GeneratedCase } from "./generated-case.ts";
import { generateMonths } from "./months.ts";

/** A condominium that waits to be reconciled. */
export interface SeededCondominium {
  condominiumId: string;
  organizationId: string;
}

const CONDOMINIUMS_PER_TENANT = 100;
/** So many different ones are made up; the others are like one of these, each with rows of its own. */
const MOST_DIFFERENT = 500;
/** The generated quarter ends by then. */
const LAST_DAY = "2026-11-30";
const TABLES = ["bank_accounts", "bank_transactions", "expense_documents", "expenses"] as const;

/**
 * Condominiums with so many expenses and movements each, not matched yet. They are put there in bulk, without triggers: how
 * they come in is measured elsewhere. What is measured here finds the tables with all their triggers.
 */
export async function seedMonths(
  installation: Installation,
  condominiums: number,
  each: number,
  make: (seed: number, each: number) => GeneratedCase = generateMonths,
): Promise<SeededCondominium[]> {
  const tenants = Math.ceil(condominiums / CONDOMINIUMS_PER_TENANT);
  await createTenants(
    installation,
    Array.from({ length: tenants }, (_, number) => `Administradora ${number}`),
    Math.min(CONDOMINIUMS_PER_TENANT, condominiums),
  );
  const client = await installation.connect("superuser");
  const different = Math.min(condominiums, MOST_DIFFERENT);
  await client.query(TEMPLATES);
  for (let seed = 0; seed < different; seed += 1) await addTemplate(client, seed, make(seed, each));
  await client.query("analyze bench_expense, bench_transaction");
  const restore = await withoutTriggers(client);
  // The days of the quarter's end are today's, so that the shipped clock sees them as past.
  const shift = daysBetween(LAST_DAY, dateInBrasilia(new Date()));
  await client.query(
    `create temp table bench_condominium as
     select c.condominium_id, c.organization_id, (row_number() over (order by c.condominium_id) - 1) % $1 as template
     from (select condominium_id, organization_id from blindagem.managements order by condominium_id limit $2) as c`,
    [different, condominiums],
  );
  for (const statement of ROWS) {
    await client.query(statement, statement.includes("$1") ? [shift] : []);
  }
  await restore();
  await client.query("vacuum analyze");
  const { rows } = await client.query<SeededCondominium>(
    `select condominium_id::text as "condominiumId", organization_id::text as "organizationId"
     from bench_condominium order by condominium_id`,
  );
  return rows;
}

const TEMPLATES = `
  create temp table bench_expense (
    template int, place int, description text, category text, payee_name text, cnpj text, cpf text, amount numeric,
    due_date date, instalment text, end_to_end_id text);
  create temp table bench_transaction (
    template int, place int, account text, posted_at timestamptz, amount numeric, description text,
    operation_type text, counterparty_document text, counterparty_name text, end_to_end_id text,
    original_end_to_end_id text, check_number text, status text)`;

async function addTemplate(
  client: pg.Client,
  template: number,
  { expenses, transactions }: GeneratedCase,
): Promise<void> {
  await client.query(
    `insert into bench_expense
     select $1, ordinality, "description", "category", "supplierName", "supplierCnpj", "supplierCpf",
       coalesce("netAmount", "amount"), "dueDate", "instalment", "endToEndId"
     from rows from (jsonb_to_recordset($2) as (
       "description" text, "category" text, "supplierName" text, "supplierCnpj" text, "supplierCpf" text, "amount" numeric,
       "netAmount" numeric, "dueDate" date, "instalment" text, "endToEndId" text)) with ordinality`,
    [template, JSON.stringify(expenses)],
  );
  await client.query(
    `insert into bench_transaction
     select $1, ordinality, "accountId", "postedAt", "amount", "description", "operationType",
       translate("counterpartyDocument", './-', ''), "counterpartyName", "endToEndId", "originalEndToEndId",
       "checkNumber", "status"
     from rows from (jsonb_to_recordset($2) as (
       "accountId" text, "postedAt" timestamptz, "amount" numeric, "description" text, "operationType" text,
       "counterpartyDocument" text, "counterpartyName" text, "endToEndId" text, "originalEndToEndId" text,
       "checkNumber" text, "status" text)) with ordinality`,
    [template, JSON.stringify(transactions)],
  );
}

/** $1: by how many days the quarter is put off. */
const ROWS = [
  `insert into blindagem.expenses (condominium_id, organization_id, batch_id, external_id, category, document_kind, issue_date,
     competence, gross_amount, payee_kind, payee_document, payee_name, due_date, instalment_number, instalment_total,
     description, submitted_by, fact_deadline, status)
   select c.condominium_id, c.organization_id, 1, c.condominium_id || '-' || e.place, e.category, 'NFSE', e.due_date + $1::int,
     date_trunc('month', e.due_date), e.amount, case when e.cnpj is not null then 'CNPJ' when e.cpf is not null then 'CPF' else 'NONE' end,
     coalesce(e.cnpj, e.cpf), e.payee_name, e.due_date + $1::int, split_part(e.instalment, '/', 1)::int,
     split_part(e.instalment, '/', 2)::int, e.description, 1, now(), 'APPROVED'
   from bench_condominium c join bench_expense e using (template)
   order by c.condominium_id, e.place`,
  `insert into blindagem.expense_documents (condominium_id, expense_id, position, sha256)
   select x.condominium_id, x.id, 1, encode(sha256(convert_to(e.end_to_end_id, 'UTF8')), 'hex')
   from bench_condominium c join bench_expense e using (template)
   join blindagem.expenses x on x.organization_id = c.organization_id and x.external_id = c.condominium_id || '-' || e.place
   where e.end_to_end_id is not null`,
  `insert into blindagem.documents (sha256, format, size)
   select distinct sha256, 'PDF', 1000 from blindagem.expense_documents`,
  `insert into blindagem.document_identifiers (sha256, kind, value)
   select distinct encode(sha256(convert_to(end_to_end_id, 'UTF8')), 'hex'), 'PIX_END_TO_END', end_to_end_id
   from bench_expense where end_to_end_id is not null`,
  `insert into blindagem.bank_accounts (condominium_id, name)
   select c.condominium_id, t.account
   from bench_condominium c join (select distinct template, account from bench_transaction) as t using (template)`,
  `insert into blindagem.bank_transactions (condominium_id, account_id, provider_id, posted_at, posted_on, amount, description,
     operation_type, counterparty_document, counterparty_name, end_to_end_id, original_end_to_end_id, check_number, status)
   select c.condominium_id, a.id, 'bench-' || t.place, t.posted_at + $1::int * interval '1 day',
     (t.posted_at at time zone 'America/Sao_Paulo')::date + $1::int, t.amount, t.description, t.operation_type,
     t.counterparty_document, t.counterparty_name, t.end_to_end_id, t.original_end_to_end_id, t.check_number, t.status
   from bench_condominium c join bench_transaction t using (template)
   join blindagem.bank_accounts a on a.condominium_id = c.condominium_id and a.name = t.account
   order by c.condominium_id, t.place`,
];

/** Switches the tables' triggers off. @returns what switches them on again, each as it was */
async function withoutTriggers(client: pg.Client): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ table: string; trigger: string; state: string }>(
    `select c.relname as table, t.tgname as trigger, t.tgenabled as state
     from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'blindagem' and c.relname = any ($1) and not t.tgisinternal`,
    [[...TABLES, "documents", "document_identifiers"]],
  );
  for (const { table, trigger } of rows) {
    await client.query(`alter table blindagem.${table} disable trigger ${trigger}`);
  }
  // Foreign keys hold by construction.
  await client.query("set session_replication_role = replica");
  return async () => {
    await client.query("reset session_replication_role");
    for (const { table, trigger, state } of rows) {
      const always = state === "A" ? "always" : "";
      await client.query(`alter table blindagem.${table} enable ${always} trigger ${trigger}`);
    }
  };
}
