--! Previous: sha1:57883c5c82fd4db98fcdc137e87a671050fd9676
--! Hash: sha1:1e5a7a24199975d462ecc34df718f7a20644d546

-- What is known of suppliers, and by which rules expenses are judged. Shared by all tenants: one supplier serves
-- many condominiums, so one look-up serves all.

set local role :OWNER;

create table blindagem.categories (
  code text primary key check (code ~ '^[A-Z_]{2,40}$'),
  name text not null,
  sensitivity text not null default 'ORDINARY' check (sensitivity in ('ORDINARY', 'SALARY')),
  requires_receipt boolean not null default false
);
comment on table blindagem.categories is 'Categories of expense, and which facts each requires (the supplier is required of every CNPJ payee).';
comment on column blindagem.categories.sensitivity is 'SALARY rows are hidden from the conselho and from operators.';

create table blindagem.companies (
  cnpj blindagem.cnpj primary key,
  state text not null check (state in ('FOUND', 'NOT_FOUND', 'REFUSED')),
  name text,
  status text,
  status_date date,
  opened_on date,
  main_cnae text check (main_cnae ~ '^[0-9]{7}$'),
  secondary_cnaes text[] not null default '{}',
  mei boolean,
  simples boolean,
  source text not null check (source in ('MIRROR', 'CNPJWS')),
  source_date date,
  fetched_at timestamptz not null default now(),
  check (state <> 'FOUND' or (name is not null and status is not null))
);
comment on table blindagem.companies is 'Registry data of suppliers, shared by all tenants; public data, so every request role reads it.';
comment on column blindagem.companies.state is 'REFUSED: the service called the number invalid (it may not know alphanumeric CNPJs yet), which is no proof that the company does not exist.';
comment on column blindagem.companies.status is 'As the registry says it; only exactly "Ativa" is active, an empty status is not.';
comment on column blindagem.companies.source_date is 'Day of the registry''s data (a monthly load), not of our look-up.';

create table blindagem_private.company_answers (
  id bigint generated always as identity primary key,
  cnpj text not null,
  answered_at timestamptz not null default now(),
  source text not null,
  outcome text not null,
  raw jsonb
);
comment on table blindagem_private.company_answers is 'Each answer of a registry service as it came, with its age, as evidence.';
create index company_answers_cnpj on blindagem_private.company_answers (cnpj, answered_at desc);

create table blindagem_private.company_mirror (
  cnpj text primary key,
  name text,
  status text,
  status_date date,
  opened_on date,
  main_cnae text,
  secondary_cnaes text[] not null default '{}',
  mei boolean,
  simples boolean,
  source_date date not null
);
comment on table blindagem_private.company_mirror is 'Local mirror of the Receita Federal''s open CNPJ data (blindagem suppliers import).';

create table blindagem.rules (
  code text not null check (code ~ '^[A-Z_]{3,60}$'),
  version int not null,
  facts text[] not null,
  severity text not null check (severity in ('BLOCK', 'REVIEW', 'NOTE')),
  parameters jsonb not null default '{}',
  source text not null,
  valid_from date not null,
  valid_to date check (valid_to > valid_from),
  primary key (code, version),
  exclude using gist (code with =, daterange(valid_from, valid_to) with &&)
);
comment on table blindagem.rules is 'The rules by which expenses are judged: dated, with the facts each needs, its severity, parameters and source in law.';

create table blindagem.approval_limits (
  id bigint generated always as identity primary key,
  organization_id bigint not null references blindagem.organizations,
  condominium_id bigint references blindagem.condominiums,
  amount blindagem.amount not null check (amount >= 0),
  requires text not null default 'SECOND_APPROVER' check (requires in ('SECOND_APPROVER', 'CONDOMINIUM')),
  valid_from date not null default blindagem_private.today(),
  valid_to date check (valid_to > valid_from),
  exclude using gist (
    organization_id with =, (coalesce(condominium_id, 0)) with =, daterange(valid_from, valid_to) with &&)
);
comment on table blindagem.approval_limits is 'Alçada: above this amount a second person approves. A condominium''s own limit goes before the organization''s.';
comment on column blindagem.approval_limits.requires is 'CONDOMINIUM: the second person must be of the condominium''s side (its síndico).';

create table blindagem.payee_accounts (
  id bigint generated always as identity primary key,
  condominium_id bigint not null references blindagem.condominiums,
  payee_document text not null,
  pix_key text not null check (length(pix_key) between 1 and 100),
  first_seen_on date not null,
  last_seen_on date not null,
  unique (condominium_id, payee_document, pix_key)
);
comment on table blindagem.payee_accounts is 'The Pix keys under which a payee was to be paid, per condominium, with history: a new one is a warning.';

do $$
  declare table_name regclass;
  begin
    foreach table_name in array '{blindagem.categories,blindagem.companies,blindagem.rules}'::regclass[] loop
      execute format('alter table %s enable row level security', table_name);
      execute format('create policy public_data on %s for select using (true)', table_name);
      execute format('create policy worker on %s to :WORKER using (true) with check (true)', table_name);
      execute format('grant select on %s to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :OPERATOR, :WORKER', table_name);
    end loop;
  end
$$;
grant insert, update on blindagem.companies to :WORKER;

alter table blindagem_private.company_answers enable row level security;
create policy worker on blindagem_private.company_answers to :WORKER using (true) with check (true);
grant select, insert, delete on blindagem_private.company_answers to :WORKER;
alter table blindagem_private.company_mirror enable row level security;
create policy worker on blindagem_private.company_mirror to :WORKER using (true) with check (true);
grant select, insert, update on blindagem_private.company_mirror to :WORKER;

select blindagem_private.scope_by_organization('blindagem.approval_limits');
select blindagem_private.scope_by_condominium('blindagem.payee_accounts');

reset role;
