--! Previous: sha1:10f47b08cbd0cbdc40392ef6b961c5cbe3235370
--! Hash: sha1:295214f23c198f9876ff74d1999f643a88bb5c5a

-- Expenses: the obligation, what is to be paid for it, the decision on it and the reviews by people.

set local role :OWNER;

create table blindagem.expense_batches (
  id bigint generated always as identity primary key,
  organization_id bigint not null references blindagem.organizations,
  parent_id bigint references blindagem.expense_batches,
  idempotency_key text check (length(idempotency_key) between 1 and 200),
  content_hash blindagem.sha256 not null,
  submitted_by bigint not null references blindagem.people,
  submitted_through bigint references blindagem.api_keys,
  submitted_at timestamptz not null default now(),
  row_count int not null check (row_count between 0 and 10000),
  refused_rows jsonb not null default '[]',
  unique (organization_id, idempotency_key)
);
comment on table blindagem.expense_batches is 'A batch as it was handed in.';
comment on column blindagem.expense_batches.content_hash is 'Digest of the rows: the same idempotency key with another content is refused.';
comment on column blindagem.expense_batches.refused_rows is 'With onError acceptValid: the rows that were not stored, with their errors.';
comment on column blindagem.expense_batches.parent_id is 'The first part, when a large file was handed in as several batches.';

create table blindagem_private.expense_transitions (
  from_status text not null,
  to_status text not null,
  primary key (from_status, to_status)
);
alter table blindagem_private.expense_transitions enable row level security;
comment on table blindagem_private.expense_transitions is 'Every change of expenses.status that may happen; anything else is refused by trigger.';
insert into blindagem_private.expense_transitions (from_status, to_status) values
  ('PENDING', 'APPROVED'), ('PENDING', 'REJECTED'), ('PENDING', 'MANUAL_REVIEW'),
  ('PENDING', 'AWAITING_SECOND_APPROVAL'), ('PENDING', 'CANCELLED'),
  ('MANUAL_REVIEW', 'APPROVED'), ('MANUAL_REVIEW', 'REJECTED'), ('MANUAL_REVIEW', 'AWAITING_SECOND_APPROVAL'),
  ('MANUAL_REVIEW', 'CANCELLED'),
  ('AWAITING_SECOND_APPROVAL', 'APPROVED'), ('AWAITING_SECOND_APPROVAL', 'REJECTED'),
  ('AWAITING_SECOND_APPROVAL', 'CANCELLED'),
  -- Only by a person who rejects what a late fact tells against it.
  ('APPROVED', 'REJECTED');

create table blindagem.expenses (
  condominium_id bigint not null references blindagem.condominiums,
  id bigint generated always as identity,
  organization_id bigint not null references blindagem.organizations,
  batch_id bigint not null references blindagem.expense_batches,
  external_id text not null check (length(external_id) between 1 and 100),
  category text not null references blindagem.categories,
  sensitivity text not null default 'ORDINARY' check (sensitivity in ('ORDINARY', 'SALARY')),
  document_kind text not null check (document_kind in
    ('NFE', 'NFSE', 'NFCE', 'BOLETO', 'UTILITY_BILL', 'RPA', 'TAX_SLIP', 'PAYROLL', 'RECEIPT', 'CREDIT_NOTE')),
  document_number text check (length(document_number) between 1 and 60),
  issue_date date,
  competence date not null check (extract(day from competence) = 1),
  gross_amount blindagem.amount not null check (gross_amount > 0),
  payee_kind text not null check (payee_kind in ('CNPJ', 'CPF', 'NONE')),
  payee_document text,
  payee_name text check (length(payee_name) between 1 and 200),
  payee_pix_key text check (length(payee_pix_key) between 1 and 100),
  due_date date not null,
  instalment_number int,
  instalment_total int,
  description text check (length(description) <= 500),
  submitted_by bigint not null references blindagem.people,
  submitted_at timestamptz not null default now(),
  fact_deadline timestamptz not null,
  status text not null default 'PENDING' check (status in
    ('PENDING', 'APPROVED', 'REJECTED', 'MANUAL_REVIEW', 'AWAITING_SECOND_APPROVAL', 'CANCELLED')),
  status_reasons jsonb not null default '[]',
  second_approval text check (second_approval in ('SECOND_APPROVER', 'CONDOMINIUM')),
  decided_at timestamptz,
  payment_status text not null default 'UNPAID' check (payment_status in
    ('UNPAID', 'PARTIALLY_PAID', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED')),
  primary key (condominium_id, id),
  constraint expenses_external_id unique (organization_id, external_id),
  constraint expenses_payee check (
    case payee_kind
      when 'CNPJ' then payee_document is not null and blindagem_private.is_cnpj(payee_document)
      when 'CPF' then payee_document is not null and blindagem_private.is_cpf(payee_document)
      else payee_document is null
    end),
  constraint expenses_instalment check (
    num_nonnulls(instalment_number, instalment_total) in (0, 2)
    and (instalment_number is null or instalment_number between 1 and instalment_total and instalment_total <= 999))
);
comment on table blindagem.expenses is E'@unique id\nAn obligation of a condominium: what it owes, to whom, for which document.';
comment on column blindagem.expenses.organization_id is 'The administradora that handed it in; the row stays the condominium''s when the administradora changes.';
comment on column blindagem.expenses.competence is 'First day of the month the expense belongs to.';
comment on column blindagem.expenses.status is 'Whether it may be paid. Waiting is derived: PENDING plus a missing fact.';
comment on column blindagem.expenses.payment_status is 'Derived from the payments and refunds of its payables.';
comment on column blindagem.expenses.second_approval is 'Who must approve besides (alçada); it stands whatever the status, so that a reviewer''s yes does not skip it.';
comment on column blindagem.expenses.fact_deadline is 'When a fact that is still missing sends the expense to a person.';
create unique index expenses_id on blindagem.expenses (id);
create index expenses_of_batch on blindagem.expenses (batch_id, status);
create index expenses_by_status on blindagem.expenses (condominium_id, status);
create index expenses_of_payee on blindagem.expenses (condominium_id, payee_document, submitted_at);
create index expenses_of_company on blindagem.expenses (payee_document, status) where payee_kind = 'CNPJ';
create index expenses_waiting on blindagem.expenses (fact_deadline) where status = 'PENDING';
create index expenses_same_document on blindagem.expenses (condominium_id, document_kind, document_number)
  where document_number is not null;

create table blindagem.retentions (
  condominium_id bigint not null,
  expense_id bigint not null,
  kind text not null check (kind in ('INSS', 'CSRF', 'ISS', 'IRRF')),
  amount blindagem.amount not null check (amount > 0),
  primary key (condominium_id, expense_id, kind),
  foreign key (condominium_id, expense_id) references blindagem.expenses
);
comment on table blindagem.retentions is 'Taxes retained from the supplier''s gross; each is paid by its own guia.';

create table blindagem.payables (
  condominium_id bigint not null,
  id bigint generated always as identity,
  expense_id bigint not null,
  kind text not null check (kind in ('SUPPLIER', 'RETENTION', 'CREDIT_NOTE')),
  retention text check (retention in ('INSS', 'CSRF', 'ISS', 'IRRF')),
  payee_document text,
  payee_name text,
  amount blindagem.amount not null,
  due_date date not null,
  payment_status text not null default 'UNPAID' check (payment_status in
    ('UNPAID', 'PARTIALLY_PAID', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED')),
  primary key (condominium_id, id),
  foreign key (condominium_id, expense_id) references blindagem.expenses,
  check ((kind = 'RETENTION') = (retention is not null)),
  check (case kind when 'CREDIT_NOTE' then amount < 0 else amount > 0 end)
);
comment on table blindagem.payables is 'What is to be paid for an expense: the supplier''s net, each retained tax; a credit note as a negative. Their sum is the gross.';
create index payables_of_expense on blindagem.payables (condominium_id, expense_id);

create function blindagem_private.check_payables_sum() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare wrong record;
    begin
      select e.id into wrong
      from (select distinct condominium_id, expense_id from changed) as touched
      join blindagem.expenses e on e.condominium_id = touched.condominium_id and e.id = touched.expense_id
      join lateral (
        select sum(p.amount) as total from blindagem.payables p
        where p.condominium_id = e.condominium_id and p.expense_id = e.id
      ) as payables on true
      where payables.total is distinct from
        case e.document_kind when 'CREDIT_NOTE' then -e.gross_amount else e.gross_amount end
      limit 1;
      if found then
        perform blindagem_private.fail('BLD04',
          format('Os valores a pagar da despesa %s não somam o valor bruto.', wrong.id));
      end if;
      return null;
    end
  $$;
comment on function blindagem_private.check_payables_sum is 'Invariant: the payables of an expense sum up to its gross.';
create trigger payables_sum_on_insert after insert on blindagem.payables
  referencing new table as changed for each statement execute function blindagem_private.check_payables_sum();
create trigger payables_sum_on_update after update on blindagem.payables
  referencing new table as changed for each statement execute function blindagem_private.check_payables_sum();

create table blindagem.expense_documents (
  condominium_id bigint not null,
  expense_id bigint not null,
  position int not null,
  sha256 blindagem.sha256,
  file_name text,
  primary key (condominium_id, expense_id, position),
  foreign key (condominium_id, expense_id) references blindagem.expenses,
  check (num_nonnulls(sha256, file_name) >= 1)
);
comment on table blindagem.expense_documents is 'The documents an expense lists, by hash or by file name; a name gets its hash when the file is handed in.';
create index expense_documents_sha256 on blindagem.expense_documents (sha256);
create index expense_documents_missing on blindagem.expense_documents (file_name) where sha256 is null;

create table blindagem_private.rule_sets (
  hash blindagem.sha256 primary key,
  rules jsonb not null
);
comment on table blindagem_private.rule_sets is
  'The rows of rules as decisions found them, each set once: thousands of decisions rest on the same.';
alter table blindagem_private.rule_sets enable row level security;
create policy worker on blindagem_private.rule_sets to :WORKER using (true) with check (true);
grant select, insert on blindagem_private.rule_sets to :WORKER;

create table blindagem_private.decision_facts (
  facts_hash blindagem.sha256 primary key,
  rule_set blindagem.sha256 not null references blindagem_private.rule_sets,
  facts jsonb not null
);
comment on column blindagem_private.decision_facts.facts is 'All facts but the rules, which are the rule set''s.';
comment on table blindagem_private.decision_facts is
  'The facts a decision rests on, under their hash: the audited decision holds the hash, so they cannot change unnoticed, and the log need not hold them twice.';
alter table blindagem_private.decision_facts enable row level security;
create policy worker on blindagem_private.decision_facts to :WORKER using (true) with check (true);
grant select, insert on blindagem_private.decision_facts to :WORKER;

create table blindagem.decisions (
  condominium_id bigint not null,
  id bigint generated always as identity,
  expense_id bigint not null,
  status text not null,
  reasons jsonb not null,
  rule_version text not null,
  thresholds jsonb not null,
  facts_hash blindagem.sha256 not null references blindagem_private.decision_facts,
  decided_at timestamptz not null default now(),
  primary key (condominium_id, id),
  foreign key (condominium_id, expense_id) references blindagem.expenses
);
comment on table blindagem.decisions is 'Each decision with the facts, rules and thresholds it rests on, so that it can be replayed.';
create unique index decisions_once on blindagem.decisions (condominium_id, expense_id, facts_hash);

create table blindagem.reviews (
  condominium_id bigint not null references blindagem.condominiums,
  id bigint generated always as identity,
  kind text not null check (kind in ('EXPENSE', 'SECOND_APPROVAL', 'LATE_FACT', 'PAYMENT', 'REFUND', 'BANK')),
  expense_id bigint,
  subject text not null,
  reasons jsonb not null,
  requires text check (requires in ('SECOND_APPROVER', 'CONDOMINIUM')),
  opened_at timestamptz not null default now(),
  outcome text check (outcome in ('APPROVED', 'REJECTED', 'SUPERSEDED')),
  resolved_by bigint references blindagem.people,
  resolved_at timestamptz,
  resolution_reason text check (length(btrim(resolution_reason)) >= 3),
  primary key (condominium_id, id),
  foreign key (condominium_id, expense_id) references blindagem.expenses,
  check ((outcome is null) = (resolved_at is null)),
  check (outcome is null or outcome = 'SUPERSEDED' or (resolved_by is not null and resolution_reason is not null))
);
comment on table blindagem.reviews is E'@unique id\nA question to a person, with its evidence. It ends by resolveReview, with a reason.';
comment on column blindagem.reviews.subject is 'What the review is about, e.g. expense:123 or transaction:9; one open review per subject and kind.';
create unique index reviews_open on blindagem.reviews (condominium_id, kind, subject) where outcome is null;
create unique index reviews_id on blindagem.reviews (id);
create index reviews_of_expense on blindagem.reviews (condominium_id, expense_id);

-- The states ------------------------------------------------------------------------------------------------

create function blindagem_private.check_expense_transition() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      if not exists (
        select from blindagem_private.expense_transitions t
        where t.from_status = old.status and t.to_status = new.status) then
        perform blindagem_private.fail('BLD06',
          format('A despesa %s não pode passar de %s para %s.', old.id, old.status, new.status));
      end if;
      return new;
    end
  $$;
comment on function blindagem_private.check_expense_transition is 'Refuses a change of status that expense_transitions does not list.';
create trigger expense_transition before update of status on blindagem.expenses
  for each row when (old.status is distinct from new.status)
  execute function blindagem_private.check_expense_transition();

create function blindagem_private.refuse_key_change() returns trigger
  language plpgsql
  as $$
    begin
      perform blindagem_private.fail('BLD06', format('As chaves de %I.%I não mudam.', tg_table_schema, tg_table_name));
      return null;
    end
  $$;
comment on function blindagem_private.refuse_key_change is 'Keys never change: the audit log pairs old and new rows by them.';
create trigger expense_keys before update of condominium_id, id, organization_id, external_id on blindagem.expenses
  for each row when (
    (old.condominium_id, old.id, old.organization_id, old.external_id)
    is distinct from (new.condominium_id, new.id, new.organization_id, new.external_id))
  execute function blindagem_private.refuse_key_change();

select blindagem_private.scope_by_organization('blindagem.expense_batches');
select blindagem_private.scope_by_condominium('blindagem.expenses');
select blindagem_private.scope_by_condominium('blindagem.retentions');
select blindagem_private.scope_by_condominium('blindagem.payables');
select blindagem_private.scope_by_condominium('blindagem.expense_documents');
select blindagem_private.scope_by_condominium('blindagem.decisions');
select blindagem_private.scope_by_condominium('blindagem.reviews');

-- What a task changes; the rest comes in through functions alone.
grant update on blindagem.expenses, blindagem.payables to :WORKER;
grant insert on blindagem.decisions to :WORKER;
grant insert, update on blindagem.reviews to :WORKER;

create policy salaries on blindagem.expenses as restrictive for select to :AUDITOR
  using (sensitivity <> 'SALARY' or (select blindagem_private.sees_salaries()));
do $$
  declare table_name text;
  begin
    foreach table_name in array '{retentions,payables,expense_documents,decisions}'::text[] loop
      execute format(
        'create policy salaries on blindagem.%1$I as restrictive for select to :AUDITOR using (
           (select blindagem_private.sees_salaries()) or exists (
             select from blindagem.expenses e
             where e.condominium_id = %1$I.condominium_id and e.id = %1$I.expense_id))', table_name);
    end loop;
  end
$$;
create policy salaries on blindagem.reviews as restrictive for select to :AUDITOR
  using (expense_id is null or (select blindagem_private.sees_salaries()) or exists (
    select from blindagem.expenses e where e.condominium_id = reviews.condominium_id and e.id = reviews.expense_id));

create function blindagem_private.handed_in_by(organization_id bigint, sha256 text) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select exists (
      select from blindagem.document_uploads u
      where u.organization_id = handed_in_by.organization_id and u.sha256 = handed_in_by.sha256)
  $$;
comment on function blindagem_private.handed_in_by is
  'True when that organization handed in the document. An expense that only names a hash shows nobody what lies under it.';
grant execute on function blindagem_private.handed_in_by to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR;

create policy of_visible_expense on blindagem.documents for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
  using (exists (
      select from blindagem.expense_documents d
      join blindagem.expenses e on e.condominium_id = d.condominium_id and e.id = d.expense_id
      where d.sha256 = documents.sha256 and blindagem_private.handed_in_by(e.organization_id, d.sha256))
    or exists (select from blindagem.document_uploads u where u.sha256 = documents.sha256));
create policy of_visible_document on blindagem.document_readings for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
  using (exists (select from blindagem.documents d where d.sha256 = document_readings.sha256));
create policy of_visible_document on blindagem.document_identifiers for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
  using (exists (select from blindagem.documents d where d.sha256 = document_identifiers.sha256));

create policy sindico_batches on blindagem.expense_batches for select to :SINDICO, :AUDITOR
  using (exists (select from blindagem.expenses e where e.batch_id = expense_batches.id));

reset role;
