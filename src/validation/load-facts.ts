import type pg from "pg";
import { z } from "zod";
import { isCategory } from "../suppliers/categories.ts";
import { cnaeFit } from "../suppliers/cnae-policy.ts";
import { FRESH_DAYS } from "../suppliers/look-up.ts";
import { DEFAULT_THRESHOLDS, type ExpenseFacts } from "./facts.ts";
import { type Rule, rule } from "./rule.ts";
import { factsWithoutRules } from "./stored-facts.ts";

/** What an expense carries now. */
export interface StandingState {
  status: string;
  /** The reasons of its decision, and those of the late facts that a person has let pass since. */
  reasons: unknown;
}

/** An expense with all that is known of it. */
export interface LoadedExpense {
  condominiumId: string;
  organizationId: string;
  batchId: string;
  facts: ExpenseFacts;
  /** SHA-256 of the documents that must be read before it can be decided. */
  unreadDocuments: string[];
  standing: StandingState;
}

const loadedCompany = z
  .looseObject({ mainCnae: z.string().nullable(), secondaryCnaes: z.array(z.string()) })
  .nullable();

const row = z.object({
  condominium_id: z.string(),
  organization_id: z.string(),
  batch_id: z.string(),
  status: z.string(),
  known_reasons: z.unknown(),
  category: z.string(),
  supplier_state: z.enum(["MISSING", "NOT_FOUND", "REFUSED", "NOT_APPLICABLE", "FOUND"]),
  company: loadedCompany,
  settings: z.record(z.string(), z.int()),
  earlier_unread: z.array(z.string()),
  facts: z.record(z.string(), z.unknown()),
});

/**
 * Loads the facts of expenses, in a few set-based statements whatever their number.
 *
 * @param now the instant against which deadlines and the age of the registry's answers count
 * @throws Error when what the database holds is not of the facts' shape: then nothing is decided
 */
export async function loadFacts(
  client: pg.ClientBase,
  expenseIds: readonly string[],
  now: Date,
): Promise<LoadedExpense[]> {
  const [rules, rows] = [await loadRules(client), await selectFacts(client, expenseIds, now)];
  return rows.map((loaded) => {
    const facts: ExpenseFacts = {
      ...factsWithoutRules.parse({
        ...loaded.facts,
        asOf: now.toISOString(),
        supplier: supplierFacts(loaded),
        thresholds: thresholdsOf(loaded.settings),
        ...(loaded.earlier_unread.length > 0 && { earlierReceiptUnread: true }),
      }),
      rules,
    };
    const unread = facts.receipts.filter(({ reading }) => reading === null);
    return {
      condominiumId: loaded.condominium_id,
      organizationId: loaded.organization_id,
      batchId: loaded.batch_id,
      standing: { status: loaded.status, reasons: loaded.known_reasons },
      facts,
      unreadDocuments: [...unread.map(({ sha256 }) => sha256), ...loaded.earlier_unread],
    };
  });
}

function supplierFacts(loaded: z.infer<typeof row>): unknown {
  if (loaded.supplier_state !== "FOUND" || loaded.company === null) {
    return { state: loaded.supplier_state };
  }
  if (!isCategory(loaded.category)) {
    throw new Error(`The category ${loaded.category} is stored but not known to this version.`);
  }
  return {
    state: "FOUND",
    company: loaded.company,
    cnaeFit: cnaeFit(loaded.category, loaded.company),
  };
}

/** Amounts here as decimal text: the facts' stored form. */
function thresholdsOf(settings: Readonly<Record<string, number>>): unknown {
  return {
    amountTolerance: "0.00",
    retentionTolerance: "0.01",
    receiptDays: settings.receipt_date_tolerance_days ?? DEFAULT_THRESHOLDS.receiptDays,
    payeeAccountDays: settings.payee_account_hold_days ?? DEFAULT_THRESHOLDS.payeeAccountDays,
    splittingDays: settings.split_window_days ?? DEFAULT_THRESHOLDS.splittingDays,
  };
}

/** Every rule with its dates; in code `validTo` is the last day in force. */
async function loadRules(client: pg.ClientBase): Promise<Rule[]> {
  const { rows } = await client.query(
    `select code, version, facts as "factsNeeded", severity, parameters, source,
       valid_from::text as "validFrom", (valid_to - 1)::text as "validTo"
     from blindagem.rules order by code, version`,
  );
  return z.array(rule).parse(rows);
}

async function selectFacts(
  client: pg.ClientBase,
  expenseIds: readonly string[],
  now: Date,
): Promise<z.infer<typeof row>[]> {
  const { rows } = await client.query(
    `with wanted as (
       select e.*, case when e.instalment_number is not null
         then e.instalment_number || '/' || e.instalment_total end as instalment,
         coalesce(e.issue_date, e.due_date) as document_date
       from blindagem.expenses e
       where e.id = any ($1::bigint[])
     )
     select
       e.condominium_id::text, e.organization_id::text, e.batch_id::text, e.status, e.category,
       e.status_reasons || coalesce((select jsonb_agg(reason) from blindagem.reviews r
         cross join jsonb_array_elements(r.reasons) as reason
         where r.condominium_id = e.condominium_id and r.expense_id = e.id
           and r.kind = 'LATE_FACT' and r.outcome = 'APPROVED'), '[]') as known_reasons,
       case
         when e.payee_kind <> 'CNPJ' then 'NOT_APPLICABLE'
         when c.cnpj is null or c.fetched_at <= $3::timestamptz - $4 * interval '1 day' then 'MISSING'
         else c.state
       end as supplier_state,
       case when c.state = 'FOUND' then jsonb_build_object(
         'name', c.name, 'status', c.status, 'active', c.status = 'Ativa', 'openedOn', c.opened_on,
         'mainCnae', c.main_cnae, 'secondaryCnaes', c.secondary_cnaes, 'mei', c.mei, 'simples', c.simples,
         'source', c.source, 'sourceDate', c.source_date) end as company,
       coalesce((select jsonb_object_agg(s.name, s.value) from blindagem.settings s
         where s.organization_id = e.organization_id), '{}') as settings,
       array(
         select distinct theirs.sha256::text from blindagem.expenses o
         join blindagem.expense_documents theirs on theirs.condominium_id = o.condominium_id and theirs.expense_id = o.id
         join blindagem.document_uploads u on u.organization_id = o.organization_id and u.sha256 = theirs.sha256
         where o.condominium_id = e.condominium_id and o.payee_document = e.payee_document
           and o.gross_amount = e.gross_amount and o.id < e.id and o.status not in ('REJECTED', 'CANCELLED')
           and exists (select from blindagem.expense_documents d where d.condominium_id = e.condominium_id and d.expense_id = e.id)
           and not exists (select from blindagem.document_readings g where g.sha256 = theirs.sha256)
       ) as earlier_unread,
       jsonb_build_object(
         'expense', jsonb_build_object(
           'id', e.id::text, 'condominiumId', e.condominium_id::text, 'externalId', e.external_id,
           'category', e.category, 'documentKind', e.document_kind, 'documentNumber', e.document_number,
           'issueDate', e.issue_date, 'competence', to_char(e.competence, 'YYYY-MM'),
           'grossAmount', e.gross_amount::text,
           'retentions', coalesce((select jsonb_agg(jsonb_build_object('kind', r.kind, 'amount', r.amount::text) order by r.kind)
             from blindagem.retentions r where r.condominium_id = e.condominium_id and r.expense_id = e.id), '[]'),
           'payee', jsonb_build_object('kind', e.payee_kind, 'document', e.payee_document, 'name', e.payee_name),
           'dueDate', e.due_date, 'instalment', e.instalment,
           'submittedAt', to_char(e.submitted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'documentCount', (select count(distinct coalesce(d.sha256, d.file_name)) from blindagem.expense_documents d
             where d.condominium_id = e.condominium_id and d.expense_id = e.id)),
         'condominium', jsonb_build_object('cnpj', b.cnpj),
         'deadline', to_char(e.fact_deadline at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'receipts', coalesce((
           select jsonb_agg(jsonb_build_object('documentId', d.sha256, 'sha256', d.sha256, 'reading',
             (select jsonb_build_object(
                'kind', g.kind, 'verdict', g.verdict,
                'reasonCodes', coalesce((select jsonb_agg(reason->>'code' order by reason->>'code')
                  from jsonb_array_elements(g.reading->'reasons') as reason), '[]'),
                'timestamp', g.reading#>'{fields,timestamp,value}',
                'amount', g.reading#>'{fields,amount,value}',
                'cnpj', g.reading#>'{fields,cnpj,value}',
                'takerCnpj', g.reading#>'{fields,takerCnpj,value}',
                'dueDate', g.reading#>'{fields,dueDate,value}')
              from blindagem.document_readings g where g.sha256 = d.sha256 order by g.id desc limit 1)) order by d.sha256)
           from (select distinct d.sha256 from blindagem.expense_documents d
             -- A hash alone opens nothing: only what the organization itself handed in is a fact of its expenses.
             join blindagem.document_uploads u on u.organization_id = e.organization_id and u.sha256 = d.sha256
             where d.condominium_id = e.condominium_id and d.expense_id = e.id) as d), '[]'),
         'duplicates', coalesce((
           select jsonb_agg(distinct duplicate) from (
             select jsonb_build_object('kind', 'DOCUMENT', 'externalId', o.external_id, 'identifier', null,
               'sameCondominium', true, 'sameDocument', true, 'instalment', case when o.instalment_number is not null
                 then o.instalment_number || '/' || o.instalment_total end) as duplicate
             from blindagem.expenses o
             where o.condominium_id = e.condominium_id and o.document_kind = e.document_kind
               and o.document_number = e.document_number and o.payee_document is not distinct from e.payee_document
               -- Without a document the name says who it is: two utilities may number their bills alike.
               and (o.payee_document is not null or o.payee_name is not distinct from e.payee_name)
               and o.id < e.id and o.status not in ('REJECTED', 'CANCELLED')
             union all
             select jsonb_build_object(
               'kind', case when o.organization_id = e.organization_id then 'RECEIPT' else 'RECEIPT_ELSEWHERE' end,
               'externalId', case when o.organization_id = e.organization_id then o.external_id end,
               'identifier', shared.kind,
               'sameCondominium', o.condominium_id = e.condominium_id,
               'sameDocument', o.condominium_id = e.condominium_id and o.document_kind = e.document_kind
                 and o.document_number is not distinct from e.document_number
                 and o.payee_document is not distinct from e.payee_document
                 and (o.payee_document is not null or o.payee_name is not distinct from e.payee_name),
               'instalment', case when o.instalment_number is not null and o.organization_id = e.organization_id
                 then o.instalment_number || '/' || o.instalment_total end)
             from blindagem.expense_documents mine
             cross join lateral (
               select 'DOCUMENT_HASH' as kind, mine.sha256 as sha256
               union all
               select i.kind, other.sha256
               from blindagem.document_identifiers i
               join blindagem.document_identifiers other on other.kind = i.kind and other.value = i.value
               where i.sha256 = mine.sha256
             ) as shared
             join blindagem.expense_documents theirs on theirs.sha256 = shared.sha256
             join blindagem.expenses o on o.condominium_id = theirs.condominium_id and o.id = theirs.expense_id
             where mine.condominium_id = e.condominium_id and mine.expense_id = e.id
               and o.id < e.id and o.status not in ('REJECTED', 'CANCELLED')
               -- Of the same file its hash says enough; but among condominiums a note may be shared, a Pix may not.
               and (shared.kind = 'DOCUMENT_HASH' or shared.sha256 <> mine.sha256
                 or (o.condominium_id <> e.condominium_id and o.organization_id = e.organization_id))
           ) as found), '[]'),
         'payeeAccountChangedOn', (
           select account.first_seen_on from blindagem.payee_accounts account
           where account.condominium_id = e.condominium_id and account.payee_document = e.payee_document
             and account.pix_key = e.payee_pix_key
             and exists (select from blindagem.payee_accounts earlier
               where earlier.condominium_id = account.condominium_id
                 and earlier.payee_document = account.payee_document and earlier.id < account.id)),
         'otherExpensesInWindow', (
           select jsonb_build_object('count', count(*), 'total', coalesce(sum(o.gross_amount), 0.00)::text)
           from blindagem.expenses o
           where o.condominium_id = e.condominium_id and o.payee_document = e.payee_document and o.id <> e.id
             and o.status not in ('REJECTED', 'CANCELLED') and o.document_kind <> 'CREDIT_NOTE'
             and (l.amount is null or o.gross_amount <= l.amount)
             and abs(coalesce(o.issue_date, o.due_date) - e.document_date) <= coalesce((
               select s.value from blindagem.settings s
               where s.organization_id = e.organization_id and s.name = 'split_window_days'), $2)),
         'approvalLimit', case when l.amount is not null
           then jsonb_build_object('amount', l.amount::text, 'requires', l.requires) end,
         'requirements', jsonb_build_object('receipt', k.requires_receipt, 'supplier', e.payee_kind = 'CNPJ')
       ) as facts
     from wanted e
     join blindagem.condominiums b on b.id = e.condominium_id
     join blindagem.categories k on k.code = e.category
     left join blindagem.companies c on e.payee_kind = 'CNPJ' and c.cnpj = e.payee_document
     left join lateral (
       select a.amount, a.requires from blindagem.approval_limits a
       where a.organization_id = e.organization_id
         and (a.condominium_id is null or a.condominium_id = e.condominium_id)
         and blindagem_private.has_scope((e.submitted_at at time zone 'America/Sao_Paulo')::date, a.valid_from, a.valid_to)
       order by a.condominium_id nulls last limit 1) as l on true
     order by e.id`,
    [expenseIds, DEFAULT_THRESHOLDS.splittingDays, now, FRESH_DAYS],
  );
  return z.array(row).parse(rows);
}
