/** Without CPF or CNPJ the name says who the payee is: two utilities may number their bills alike. */
const SAME_PAYEE = `o.payee_document is not distinct from e.payee_document
  and (o.payee_document is not null or o.payee_name is not distinct from e.payee_name)`;

const INSTALMENT = `case when o.instalment_number is not null then o.instalment_number || '/' || o.instalment_total end`;

/** An earlier expense of the condominium with the same document. */
const SAME_DOCUMENT = `jsonb_build_object('kind', 'DOCUMENT', 'externalId', o.external_id, 'identifier', null,
      'sameCondominium', true, 'sameDocument', true, 'instalment', ${INSTALMENT})`;

/** An earlier expense of the condominium with the same payee, amount and month. Without CPF or CNPJ nobody knows the payee. */
const SAME_MONTH = `json_build_object('kind', 'SAME_MONTH', 'externalId', o.external_id, 'identifier', null,
      'sameCondominium', true, 'sameDocument', o.document_kind = e.document_kind
        and coalesce(o.document_number = e.document_number, false), 'instalment', ${INSTALMENT})`;

/**
 * The facts of the expenses $1, a row each. $2: days of the splitting window where an organization has not set its own;
 * $3: now; $4: days for which a registry's answer serves.
 *
 * What organizations and condominiums share is looked up once a chunk, and what only an expense with documents can have
 * is not looked for in others: they are most, and a subquery that finds nothing costs 5 to 10 microseconds all the same.
 * Columns rather than one JSON object: to build that took as long as to find what is in it.
 */
export const SELECT_FACTS = `
with wanted as materialized (
  select e.*, case when e.instalment_number is not null
    then e.instalment_number || '/' || e.instalment_total end as instalment,
    coalesce(e.issue_date, e.due_date) as document_date,
    (e.submitted_at at time zone 'America/Sao_Paulo')::date as submitted_on,
    (select count(distinct coalesce(d.sha256, d.file_name))::int from blindagem.expense_documents d
      where d.condominium_id = e.condominium_id and d.expense_id = e.id) as document_count
  from blindagem.expenses e
  where e.id = any ($1::bigint[])
), organization_settings as materialized (
  select s.organization_id, jsonb_object_agg(s.name, s.value) as settings,
    max(s.value) filter (where s.name = 'split_window_days') as split_window_days
  from blindagem.settings s where s.organization_id in (select organization_id from wanted)
  group by s.organization_id
), limits as materialized (
  select scope.*, l.amount, l.requires
  from (select distinct organization_id, condominium_id, submitted_on from wanted) as scope
  cross join lateral (
    select a.amount, a.requires from blindagem.approval_limits a
    where a.organization_id = scope.organization_id
      and (a.condominium_id is null or a.condominium_id = scope.condominium_id)
      and blindagem_private.has_scope(scope.submitted_on, a.valid_from, a.valid_to)
    order by a.condominium_id nulls last limit 1) as l
)
select
  e.id::text, e.condominium_id::text, e.organization_id::text, e.batch_id::text, e.status,
  case when e.status = 'PENDING' then e.status_reasons else ${knownReasons()} end as known_reasons,
  e.external_id, e.category, e.document_kind, e.document_number, to_char(e.issue_date, 'YYYY-MM-DD') as issue_date,
  to_char(e.competence, 'YYYY-MM') as competence, e.gross_amount::text, e.payee_kind, e.payee_document, e.payee_name,
  to_char(e.due_date, 'YYYY-MM-DD') as due_date, e.instalment, e.document_count,
  to_char(e.submitted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as submitted_at,
  to_char(e.fact_deadline at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as deadline,
  (select json_agg(json_build_object('kind', r.kind, 'amount', r.amount::text) order by r.kind)
    from blindagem.retentions r where r.condominium_id = e.condominium_id and r.expense_id = e.id) as retentions,
  b.cnpj as condominium_cnpj,
  case
    when e.payee_kind <> 'CNPJ' then 'NOT_APPLICABLE'
    when c.cnpj is null or c.fetched_at <= $3::timestamptz - $4 * interval '1 day' then 'MISSING'
    else c.state
  end as supplier_state,
  c.name as supplier_name, c.status as supplier_status, to_char(c.opened_on, 'YYYY-MM-DD') as supplier_opened_on,
  c.main_cnae, c.secondary_cnaes, c.mei, c.simples, c.source, to_char(c.source_date, 'YYYY-MM-DD') as source_date,
  s.settings,
  -- Of the reader's own threshold its verdicts tell already.
  (select case when t.basis <> 'RELEASE' then t.least_probability::float8 end
    from blindagem.reader_thresholds t order by t.id desc limit 1) as recalibrated,
  case when e.document_count > 0 then ${earlierUnread()} end as earlier_unread,
  case when e.document_count > 0 then ${receipts()} end as receipts,
  case when e.document_count = 0 then ${sameDocuments()}
    else (select jsonb_agg(distinct duplicate)
      from (select jsonb_array_elements(coalesce(${sameDocuments()}, '[]')) as duplicate
        union all ${sharedReceipts()}) as found) end as duplicates,
  case when e.payee_pix_key is not null then to_char(${payeeAccountChange()}, 'YYYY-MM-DD') end as payee_account_changed_on,
  others.count as other_count, others.total::text as other_total, others.same_month,
  l.amount::text as limit_amount, l.requires as limit_requires, k.requires_receipt
from wanted e
join blindagem.condominiums b on b.id = e.condominium_id
join blindagem.categories k on k.code = e.category
-- Lateral, so that the few suppliers of a chunk are looked up: without statistics the planner read all of them instead.
left join lateral (
  select * from blindagem.companies c where e.payee_kind = 'CNPJ' and c.cnpj = e.payee_document limit 1) as c on true
left join organization_settings s on s.organization_id = e.organization_id
left join limits l on l.organization_id = e.organization_id and l.condominium_id = e.condominium_id
  and l.submitted_on = e.submitted_on
cross join lateral (
  select count(*) filter (where o.is_near)::int as count,
    coalesce(sum(o.gross_amount) filter (where o.is_near), 0.00) as total,
    json_agg(${SAME_MONTH} order by o.id) filter (where o.id < e.id and o.gross_amount = e.gross_amount
      and o.competence = e.competence and 'CREDIT_NOTE' not in (e.document_kind, o.document_kind)) as same_month,
    jsonb_agg(distinct ${SAME_DOCUMENT}) filter (where o.id < e.id and o.document_kind = e.document_kind
      and o.document_number = e.document_number) as same_documents
  from (
    select o.*, (l.amount is null or o.gross_amount <= l.amount) and o.document_kind <> 'CREDIT_NOTE'
      and abs(coalesce(o.issue_date, o.due_date) - e.document_date) <= coalesce(s.split_window_days, $2) as is_near
    from blindagem.expenses o
    where o.condominium_id = e.condominium_id and o.payee_document = e.payee_document and o.id <> e.id
      and o.status not in ('REJECTED', 'CANCELLED')) as o) as others
order by e.id`;

/** The decision's reasons, and those of the late facts that a person has let pass since. */
function knownReasons(): string {
  return `e.status_reasons || coalesce((
    select jsonb_agg(reason) from blindagem.reviews r
    cross join jsonb_array_elements(r.reasons) as reason
    where r.condominium_id = e.condominium_id and r.expense_id = e.id
      and r.kind = 'LATE_FACT' and r.outcome = 'APPROVED'), '[]')`;
}

/** Unread documents of earlier expenses that look the same. */
function earlierUnread(): string {
  return `array(
    select distinct theirs.sha256::text from blindagem.expenses o
    join blindagem.expense_documents theirs on theirs.condominium_id = o.condominium_id and theirs.expense_id = o.id
    join blindagem.document_uploads u on u.organization_id = o.organization_id and u.sha256 = theirs.sha256
    where o.condominium_id = e.condominium_id and o.payee_document = e.payee_document
      and o.gross_amount = e.gross_amount and o.id < e.id and o.status not in ('REJECTED', 'CANCELLED')
      and not exists (select from blindagem.document_readings g where g.sha256 = theirs.sha256))`;
}

/** A hash alone opens nothing: only what the organization itself handed in is a fact of its expenses. */
function receipts(): string {
  return `coalesce((
    select jsonb_agg(jsonb_build_object('documentId', d.sha256, 'sha256', d.sha256, 'reading',
      (select jsonb_build_object(
         'kind', g.kind, 'verdict', g.verdict,
         'reasonCodes', coalesce((select jsonb_agg(reason->>'code' order by reason->>'code')
           from jsonb_array_elements(g.reading->'reasons') as reason), '[]'),
         'timestamp', g.reading#>'{fields,timestamp,value}',
         'confidence', g.reading#>'{fields,timestamp,confidence}',
         'precision', g.reading#>'{fields,timestamp,precision}',
         'amount', g.reading#>'{fields,amount,value}',
         'cnpj', g.reading#>'{fields,cnpj,value}',
         'takerCnpj', g.reading#>'{fields,takerCnpj,value}',
         'dueDate', g.reading#>'{fields,dueDate,value}')
       from blindagem.document_readings g where g.sha256 = d.sha256 order by g.id desc limit 1)) order by d.sha256)
    from (select distinct d.sha256 from blindagem.expense_documents d
      join blindagem.document_uploads u on u.organization_id = e.organization_id and u.sha256 = d.sha256
      where d.condominium_id = e.condominium_id and d.expense_id = e.id) as d), '[]')`;
}

/** Earlier expenses of the condominium with the same document: of a known payee they are among its others. */
function sameDocuments(): string {
  return `(case when e.payee_document is not null then others.same_documents else (
    select jsonb_agg(distinct ${SAME_DOCUMENT})
    from blindagem.expenses o
    where o.condominium_id = e.condominium_id and o.document_kind = e.document_kind
      and o.document_number = e.document_number and o.payee_document is null
      and o.payee_name is not distinct from e.payee_name
      and o.id < e.id and o.status not in ('REJECTED', 'CANCELLED')) end)`;
}

/**
 * Earlier expenses that list the same file, or one with the same identifier on it. Of the same file its hash says
 * enough; but among condominiums a note may be shared, a Pix may not.
 */
function sharedReceipts(): string {
  return `
    select jsonb_build_object(
      'kind', case when o.organization_id = e.organization_id then 'RECEIPT' else 'RECEIPT_ELSEWHERE' end,
      'externalId', case when o.organization_id = e.organization_id then o.external_id end,
      'identifier', shared.kind,
      'sameCondominium', o.condominium_id = e.condominium_id,
      'sameDocument', o.condominium_id = e.condominium_id and o.document_kind = e.document_kind
        and o.document_number is not distinct from e.document_number and ${SAME_PAYEE},
      'instalment', case when o.organization_id = e.organization_id then ${INSTALMENT} end)
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
      and (shared.kind = 'DOCUMENT_HASH' or shared.sha256 <> mine.sha256
        or (o.condominium_id <> e.condominium_id and o.organization_id = e.organization_id))`;
}

/** When the payee was first paid under this key, if it had another before. */
function payeeAccountChange(): string {
  return `(
    select account.first_seen_on from blindagem.payee_accounts account
    where account.condominium_id = e.condominium_id and account.payee_document = e.payee_document
      and account.pix_key = e.payee_pix_key
      and exists (select from blindagem.payee_accounts earlier
        where earlier.condominium_id = account.condominium_id
          and earlier.payee_document = account.payee_document and earlier.id < account.id))`;
}
