--! Previous: sha1:b7377b20c20c043883df0df6024ec0c0ba0d9c0d
--! Hash: sha1:57883c5c82fd4db98fcdc137e87a671050fd9676

-- Tenancy. The lasting owner of the data is the condominium; administradoras manage it from a date to a date,
-- and people see it through their organization or through a dated grant.

set local role :OWNER;

create table blindagem.organizations (
  id bigint generated always as identity primary key,
  name text not null check (length(btrim(name)) between 2 and 200),
  cnpj blindagem.cnpj unique,
  created_at timestamptz not null default now()
);
comment on table blindagem.organizations is 'An administradora: the platform''s customer.';

create table blindagem.people (
  id bigint generated always as identity primary key,
  subject text not null unique check (length(subject) between 1 and 200),
  name text not null check (length(btrim(name)) between 2 and 200),
  email text check (email ~ '^[^@\s]+@[^@\s]+$'),
  created_at timestamptz not null default now()
);
comment on table blindagem.people is 'Someone who signs in.';
comment on column blindagem.people.subject is 'The token''s claim sub (for Supabase: the user''s uuid).';

create table blindagem.members (
  id bigint generated always as identity primary key,
  organization_id bigint not null references blindagem.organizations,
  person_id bigint not null references blindagem.people,
  role text not null check (role in ('admin', 'reviewer', 'integrator')),
  valid_from date not null default blindagem_private.today(),
  valid_to date check (valid_to > valid_from),
  exclude using gist (
    organization_id with =, person_id with =, role with =, daterange(valid_from, valid_to) with &&
  )
);
comment on table blindagem.members is 'A person''s role in an organization, from a date to a date (valid_to is the first day without it).';
create index members_person on blindagem.members (person_id);

create table blindagem.condominiums (
  id bigint generated always as identity primary key,
  name text not null check (length(btrim(name)) between 2 and 200),
  cnpj blindagem.cnpj,
  cnpj_valid_from date,
  city text,
  state char(2) check (state ~ '^[A-Z]{2}$'),
  created_at timestamptz not null default now()
);
comment on table blindagem.condominiums is 'The lasting owner of every business row. Its CNPJ may be missing (a new building has none yet).';
comment on column blindagem.condominiums.cnpj_valid_from is 'Since when the building has its CNPJ; documents before that date cannot carry it.';
create unique index condominiums_cnpj on blindagem.condominiums (cnpj) where cnpj is not null;

create table blindagem.managements (
  id bigint generated always as identity primary key,
  organization_id bigint not null references blindagem.organizations,
  condominium_id bigint not null references blindagem.condominiums,
  code text not null check (length(code) between 1 and 60),
  valid_from date not null,
  valid_to date check (valid_to > valid_from),
  constraint managements_one_at_a_time
    exclude using gist (condominium_id with =, daterange(valid_from, valid_to) with &&),
  constraint managements_code_of_organization
    exclude using gist (organization_id with =, code with =, daterange(valid_from, valid_to) with &&)
);
comment on table blindagem.managements is 'Which administradora manages a condominium, from a date to a date. One at a time.';
comment on column blindagem.managements.code is 'The administradora''s own code for the condominium, as its batches write it.';
create index managements_of_organization on blindagem.managements (organization_id, condominium_id);

create table blindagem.grants (
  id bigint generated always as identity primary key,
  person_id bigint not null references blindagem.people,
  role text not null check (role in ('sindico', 'auditor', 'operator')),
  organization_id bigint references blindagem.organizations,
  condominium_id bigint references blindagem.condominiums,
  block text,
  valid_from date not null default blindagem_private.today(),
  valid_to date check (valid_to > valid_from),
  check (num_nonnulls(organization_id, condominium_id) = case role when 'operator' then 0 else 1 end),
  check (block is null or condominium_id is not null),
  check (role <> 'sindico' or condominium_id is not null)
);
comment on table blindagem.grants is
  'A role in a scope (organization, condominium, block) from a date to a date: síndicos, external auditors, the conselho fiscal (an auditor of one condominium), operators (no scope).';
create index grants_person on blindagem.grants (person_id, role);

create table blindagem.settings (
  organization_id bigint not null references blindagem.organizations,
  name text not null check (name in (
    'fact_deadline_hours', 'receipt_date_tolerance_days', 'split_window_days', 'payee_account_hold_days',
    'debit_without_expense_days', 'stale_bank_hours')),
  value int not null check (value >= 0),
  primary key (organization_id, name)
);
comment on table blindagem.settings is 'Settings of an organization; what is not set has the default of src/validation/thresholds.';

create table blindagem.api_keys (
  id bigint generated always as identity primary key,
  organization_id bigint not null references blindagem.organizations,
  name text not null check (length(name) between 1 and 100),
  key_hash blindagem.sha256 not null unique,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
comment on table blindagem.api_keys is 'Keys of other systems (role integrator). Only the key''s hash is kept.';
comment on constraint api_keys_key_hash_key on blindagem.api_keys is '@behavior -single';

-- What is visible -------------------------------------------------------------------------------------------

create function blindagem_private.has_scope(today date, valid_from date, valid_to date) returns boolean
  language sql immutable parallel safe
  as $$ select valid_from <= today and (valid_to is null or today < valid_to) $$;
comment on function blindagem_private.has_scope is 'True when a dated relation holds today.';
grant execute on function blindagem_private.has_scope to public;

create function blindagem_private.visible_condominium_ids() returns bigint[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select coalesce(array_agg(scope.condominium_id), '{}')
    from (
      select m.condominium_id
      from blindagem.managements m
      where blindagem_private.current_role_name() in ('admin', 'reviewer', 'integrator')
        and m.organization_id = blindagem_private.current_organization_id()
        and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
      union
      select g.condominium_id
      from blindagem.grants g
      where g.person_id = blindagem_private.current_person_id()
        and g.role = blindagem_private.current_role_name()
        and g.condominium_id is not null
        and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to)
      union
      select m.condominium_id
      from blindagem.grants g
      join blindagem.managements m on m.organization_id = g.organization_id
      where g.person_id = blindagem_private.current_person_id()
        and g.role = blindagem_private.current_role_name()
        and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to)
        and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
    ) as scope
  $$;
comment on function blindagem_private.visible_condominium_ids is
  'The condominiums that the request may see: managed now by its organization, or granted to the person now. Policies call it as a scalar subquery, so that it runs once a statement.';

create function blindagem_private.visible_organization_ids() returns bigint[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select coalesce(array_agg(scope.organization_id), '{}')
    from (
      select blindagem_private.current_organization_id() as organization_id
      where blindagem_private.current_role_name() in ('admin', 'reviewer', 'integrator')
      union
      select g.organization_id
      from blindagem.grants g
      where g.person_id = blindagem_private.current_person_id()
        and g.role = blindagem_private.current_role_name()
        and g.organization_id is not null
        and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to)
    ) as scope
    where scope.organization_id is not null
  $$;
comment on function blindagem_private.visible_organization_ids is 'The organizations whose own rows (members, settings, batches) the request may see.';

create function blindagem_private.sees_salaries() returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select case blindagem_private.current_role_name()
      when 'admin' then true
      when 'reviewer' then true
      when 'integrator' then true
      when 'sindico' then true
      when 'auditor' then exists (
        select from blindagem.grants g
        where g.person_id = blindagem_private.current_person_id()
          and g.role = 'auditor' and g.organization_id is not null
          and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to))
      else false
    end
  $$;
comment on function blindagem_private.sees_salaries is
  'Salaries are hidden from the conselho (an auditor of single condominiums) and from operators.';

grant execute on function
  blindagem_private.visible_condominium_ids, blindagem_private.visible_organization_ids, blindagem_private.sees_salaries
  to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :OPERATOR, :WORKER;

-- Row-level security ----------------------------------------------------------------------------------------

create function blindagem_private.scope_by_condominium(table_name regclass) returns void
  language plpgsql
  as $$
    begin
      execute format('alter table %s enable row level security', table_name);
      execute format(
        'create policy scope on %s for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
           using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[]))', table_name);
      execute format('create policy worker on %s to :WORKER using (true) with check (true)', table_name);
      execute format('grant select on %s to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR', table_name);
      execute format('grant select on %s to :WORKER', table_name);
    end
  $$;
comment on function blindagem_private.scope_by_condominium is
  'The one policy of all business tables: request roles read the rows of visible condominiums and write through functions only; workers read all, and write where a table is granted to them.';

create function blindagem_private.scope_by_organization(table_name regclass) returns void
  language plpgsql
  as $$
    begin
      execute format('alter table %s enable row level security', table_name);
      execute format(
        'create policy scope on %s for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
           using (organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[]))', table_name);
      execute format('create policy worker on %s to :WORKER using (true) with check (true)', table_name);
      execute format('grant select on %s to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR', table_name);
      execute format('grant select on %s to :WORKER', table_name);
    end
  $$;
comment on function blindagem_private.scope_by_organization is 'The policy of what is an organization''s own.';

alter table blindagem.organizations enable row level security;
create policy scope on blindagem.organizations for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
  using (id = any ((select blindagem_private.visible_organization_ids())::bigint[]));
create policy operator on blindagem.organizations for select to :OPERATOR using (true);
create policy worker on blindagem.organizations for select to :WORKER using (true);
grant select on blindagem.organizations to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :OPERATOR, :WORKER;

alter table blindagem.condominiums enable row level security;
create policy scope on blindagem.condominiums for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
  using (id = any ((select blindagem_private.visible_condominium_ids())::bigint[]));
create policy worker on blindagem.condominiums to :WORKER using (true) with check (true);
grant select on blindagem.condominiums to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :WORKER;

alter table blindagem.people enable row level security;
create policy self on blindagem.people for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :OPERATOR
  using (id = (select blindagem_private.current_person_id()));
create policy colleagues on blindagem.people for select to :ADMIN, :REVIEWER, :AUDITOR
  using (exists (select from blindagem.members m where m.person_id = people.id));
create policy worker on blindagem.people for select to :WORKER using (true);
grant select on blindagem.people to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :OPERATOR, :WORKER;

select blindagem_private.scope_by_organization('blindagem.members');
select blindagem_private.scope_by_organization('blindagem.settings');
select blindagem_private.scope_by_condominium('blindagem.managements');

alter table blindagem.grants enable row level security;
create policy own on blindagem.grants for select to :SINDICO, :AUDITOR, :OPERATOR
  using (person_id = (select blindagem_private.current_person_id()));
create policy given on blindagem.grants for select to :ADMIN
  using (organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[])
    or condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[]));
create policy worker on blindagem.grants for select to :WORKER using (true);
grant select on blindagem.grants to :ADMIN, :SINDICO, :AUDITOR, :OPERATOR, :WORKER;

alter table blindagem.api_keys enable row level security;
create policy scope on blindagem.api_keys for select to :ADMIN
  using (organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[]));
grant select (id, organization_id, name, created_at, revoked_at) on blindagem.api_keys to :ADMIN;

reset role;
