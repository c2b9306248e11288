--! Previous: sha1:a11a6b8c3e16d71ef7f35baef2906293510e46d3
--! Hash: sha1:aa4c1f3367cffb4c70d371caea5926b3e779043d

-- Pool accounts: what of them no return itemises is asked, and parts never add up to more than their movement. And a person
-- who said that a credit is income can take that back.

set local role :OWNER;

-- Parts -----------------------------------------------------------------------------------------------------

comment on column blindagem.bank_transactions.part_of is
  'The movement of a pool account of which this is one condominium''s part; that movement itself is no condominium''s.';

create function blindagem_private.check_parts_conserve() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      whole blindagem.bank_transactions;
      parts numeric;
    begin
      -- Whoever makes parts of one movement waits for the other: the sum below has all of them.
      select * into whole from blindagem.bank_transactions t where t.id = coalesce(new.part_of, new.id) for no key update;
      select sum(p.amount) into parts from blindagem.bank_transactions p
      where p.part_of = whole.id and p.deleted_at is null;
      if parts is null then
        return null;
      end if;
      if whole.condominium_id is not null or whole.part_of is not null then
        perform blindagem_private.fail('BLD06', 'Só um movimento de conta pool tem partes.');
      end if;
      if sign(parts) <> sign(whole.amount) or abs(parts) > abs(whole.amount) or exists (
        select from blindagem.bank_transactions p
        where p.part_of = whole.id and p.deleted_at is null
          and (sign(p.amount) <> sign(whole.amount) or p.account_id <> whole.account_id)) then
        perform blindagem_private.fail('BLD06', 'As partes de um movimento da conta pool passam do valor dele.');
      end if;
      return null;
    end
  $$;
comment on function blindagem_private.check_parts_conserve is
  'Money is conserved: the condominiums'' parts of a pool account''s movement are of its account and sign, and never add up to more than it.';
create trigger parts_conserve_on_insert after insert on blindagem.bank_transactions
  for each row when (new.part_of is not null) execute function blindagem_private.check_parts_conserve();
create trigger parts_conserve_on_update after update of amount, part_of, deleted_at, account_id, condominium_id on blindagem.bank_transactions
  for each row when (new.deleted_at is null and (new.part_of is not null or new.condominium_id is null))
  execute function blindagem_private.check_parts_conserve();

-- Doubts ----------------------------------------------------------------------------------------------------

create table blindagem.pool_doubts (
  organization_id bigint not null references blindagem.organizations,
  id bigint generated always as identity,
  transaction_id bigint not null references blindagem.bank_transactions (id),
  kind text not null check (kind in ('REFUND', 'REVERSAL', 'AMBIGUOUS', 'NOT_ITEMISED')),
  opened_at timestamptz not null default now(),
  outcome text check (outcome in ('ASSIGNED', 'SUPERSEDED')),
  resolved_by bigint references blindagem.people,
  resolved_at timestamptz,
  primary key (organization_id, id),
  check ((outcome is null) = (resolved_at is null)),
  check ((outcome = 'ASSIGNED') = (resolved_by is not null))
);
comment on table blindagem.pool_doubts is
  E'@unique id\nMovements of a pool account of which nothing tells whose they are. Only the administradora sees them: no condominium may see another''s.';
comment on column blindagem.pool_doubts.kind is
  'REFUND: money that came back. REVERSAL: income taken back. AMBIGUOUS: items of a return add up to several debits, or of several returns to one. NOT_ITEMISED: a debit that no return explains in time.';
create unique index pool_doubts_id on blindagem.pool_doubts (id);
create unique index pool_doubts_open on blindagem.pool_doubts (transaction_id) where outcome is null;
alter table blindagem.pool_doubts enable row level security;
create policy scope on blindagem.pool_doubts for select to :ADMIN, :REVIEWER
  using (organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[]));
create policy worker on blindagem.pool_doubts to :WORKER using (true) with check (true);
grant select on blindagem.pool_doubts to :ADMIN, :REVIEWER;
grant select, insert on blindagem.pool_doubts to :WORKER;
grant update (kind, outcome, resolved_at) on blindagem.pool_doubts to :WORKER;

-- Who is asked has to see what about.
create policy pool on blindagem.bank_transactions for select to :ADMIN, :REVIEWER
  using (condominium_id is null and exists (
    select from blindagem.bank_accounts a
    where a.id = bank_transactions.account_id
      and a.organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[])));

create function blindagem_private.ambiguous_pool_debits(account_id bigint) returns setof bigint
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    with sums as (
      select whole.batch, r.paid_on, sum(r.amount) as amount
      from blindagem.returned_payments r
      -- What is debited in one sum is a batch, or else a file.
      cross join lateral (values (r.batch), (regexp_replace(r.batch, '/[^/]*$', ''))) as whole (batch)
      where r.account_id = ambiguous_pool_debits.account_id and r.condominium_id is null
        and r.outcome = 'PAID' and r.paid_on is not null
      group by whole.batch, r.paid_on
    )
    select distinct t.id
    from sums s
    join blindagem.bank_transactions t on t.account_id = ambiguous_pool_debits.account_id and t.amount = -s.amount
      and t.posted_on between s.paid_on and s.paid_on + 1
    where t.condominium_id is null and t.deleted_at is null and t.status = 'POSTED'
  $$;
comment on function blindagem_private.ambiguous_pool_debits is
  'Debits of a pool account that a return''s sum fits, and that were not itemised by it all the same: several fit, or an item is of no known expense.';

create function blindagem.assign_pool_movement(transaction_id bigint, parts jsonb, reason text)
  returns setof blindagem.bank_transactions
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      whole blindagem.bank_transactions;
      organization bigint := blindagem_private.current_organization_id();
      touched bigint;
      before bigint[];
    begin
      perform blindagem_private.require_role('admin', 'reviewer');
      perform blindagem_private.require_reason(reason);
      select t.* into whole from blindagem.bank_transactions t
      join blindagem.bank_accounts a on a.id = t.account_id and a.purpose = 'POOL' and a.organization_id = organization
      where t.id = assign_pool_movement.transaction_id and t.part_of is null and t.condominium_id is null
      for update of t;
      if not found then
        perform blindagem_private.fail('BLD03', 'O movimento não existe ou não é de uma conta pool da administradora.');
      end if;
      if whole.deleted_at is not null or whole.status <> 'POSTED' then
        perform blindagem_private.fail('BLD06', 'O banco retirou este movimento ou ainda não o efetivou.');
      end if;
      if jsonb_typeof(parts) <> 'array' or jsonb_array_length(parts) not between 1 and 1000 then
        perform blindagem_private.fail('BLD04', 'As partes (parts) são uma lista de {condominiumId, amount}, de 1 a 1000.');
      end if;
      if (select count(distinct p."condominiumId") < count(*) or bool_or(coalesce(p.amount, 0) <= 0) or sum(p.amount) <> abs(whole.amount)
          from jsonb_to_recordset(parts) as p ("condominiumId" bigint, amount numeric)) then
        perform blindagem_private.fail('BLD04',
          'Cada parte tem um condomínio (condominiumId) diferente e um valor (amount) positivo, e todas somam o valor do movimento.');
      end if;
      perform blindagem_private.require_condominium(p."condominiumId")
      from jsonb_to_recordset(parts) as p ("condominiumId" bigint);
      before := array(select p.condominium_id from blindagem.bank_transactions p where p.part_of = whole.id and p.deleted_at is null);
      update blindagem.bank_transactions p set deleted_at = now() where p.part_of = whole.id and p.deleted_at is null;
      return query
        insert into blindagem.bank_transactions as stored (
          condominium_id, account_id, provider_id, posted_at, posted_on, amount, description, operation_type,
          counterparty_document, counterparty_name, end_to_end_id, original_end_to_end_id, check_number, status, part_of)
        select p."condominiumId", whole.account_id, 'part:' || whole.id || ':' || p."condominiumId", whole.posted_at,
          whole.posted_on, sign(whole.amount) * p.amount, whole.description, whole.operation_type, whole.counterparty_document,
          whole.counterparty_name, whole.end_to_end_id, whole.original_end_to_end_id, whole.check_number, 'POSTED', whole.id
        from jsonb_to_recordset(parts) as p ("condominiumId" bigint, amount numeric)
        order by p."condominiumId"
        on conflict on constraint bank_transactions_account_id_provider_id_key do update
        set amount = excluded.amount, deleted_at = null
        returning stored.*;
      update blindagem.pool_doubts d
      set outcome = 'ASSIGNED', resolved_at = now(), resolved_by = blindagem_private.current_person_id()
      where d.transaction_id = whole.id and d.outcome is null;
      for touched in
        select unnest(before) union select p."condominiumId" from jsonb_to_recordset(parts) as p ("condominiumId" bigint) order by 1
      loop
        perform blindagem_private.enqueue_reconciliation(touched);
      end loop;
    end
  $$;
comment on function blindagem.assign_pool_movement is
  'Says whose a pool account''s movement is: [{condominiumId, amount}], amounts without sign that add up to it. What was said before is replaced.';

create or replace function blindagem_private.finish_statement_import(file_id bigint, result jsonb) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      file blindagem.statement_files;
      pool bigint;
      touched bigint;
    begin
      file := blindagem_private.own_statement_file(finish_statement_import.file_id);
      update blindagem.statement_files f set result = finish_statement_import.result where f.id = file.id;
      if file.condominium_id is not null then
        perform blindagem_private.enqueue_reconciliation(file.condominium_id);
        return;
      end if;
      for pool in
        select distinct a.id
        from jsonb_to_recordset(finish_statement_import.result->'accounts') as told ("accountId" bigint)
        join blindagem.bank_accounts a on a.id = told."accountId" and a.organization_id = file.organization_id
        order by 1
      loop
        for touched in select distinct i from blindagem_private.itemise_pool(pool) as i order by 1 loop
          perform blindagem_private.enqueue_reconciliation(touched);
        end loop;
        perform blindagem_private.claim_and_enqueue(jsonb_build_array(jsonb_build_object(
          'task', 'review_pool', 'subject', pool::text, 'organizationId', file.organization_id,
          'requestId', blindagem_private.setting('request_id'),
          'payload', jsonb_build_object('accountId', pool::text))));
      end loop;
    end
  $$;
comment on function blindagem_private.finish_statement_import is
  'Keeps what came of a file, itemises a pool''s debits and asks for a look at what is left of it, and enqueues the reconciliation of the condominiums concerned.';

-- Income, taken back ------------------------------------------------------------------------------------------

alter table blindagem.reviews
  add column withdrawn_at timestamptz,
  add constraint reviews_withdrawn check (withdrawn_at is null or (outcome in ('APPROVED', 'REJECTED') and withdrawn_at >= resolved_at));
comment on column blindagem.reviews.withdrawn_at is 'A person took the answer back: it counts no more, and the question may be asked again.';

create function blindagem.undo_income(credit_id bigint, reason text) returns blindagem.reviews
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      credit blindagem.bank_transactions;
      answered blindagem.reviews;
    begin
      perform blindagem_private.require_role('admin', 'reviewer');
      perform blindagem_private.require_reason(reason);
      select * into credit from blindagem.bank_transactions t
      where t.id = undo_income.credit_id and t.condominium_id = any (blindagem_private.visible_condominium_ids());
      if not found then
        perform blindagem_private.fail('BLD03', 'O movimento não existe ou não está ao seu alcance.');
      end if;
      update blindagem.reviews r set withdrawn_at = clock_timestamp()
      where r.condominium_id = credit.condominium_id and r.kind = 'REFUND' and r.outcome = 'REJECTED' and r.withdrawn_at is null
        and r.reasons @> jsonb_build_array(jsonb_build_object('code', 'REFUND_SUSPECTED',
          'evidence', jsonb_build_object('transactionIds', jsonb_build_array(credit.id::text))))
      returning * into answered;
      if not found then
        perform blindagem_private.fail('BLD03', 'Ninguém disse que este crédito é receita.');
      end if;
      perform blindagem_private.enqueue_reconciliation(credit.condominium_id);
      return answered;
    end
  $$;
comment on function blindagem.undo_income is
  'Takes back that a suspected refund is income: the credit is suspect again, and the question is asked again. No task ever changes what a person said of it.';

create or replace view blindagem.evidence_precision with (security_invoker = true, security_barrier = true) as
  select answer.code,
    count(*) filter (where vote.is_yes)::int as confirmed,
    count(*) filter (where not vote.is_yes)::int as rejected,
    round(count(*) filter (where vote.is_yes)::numeric / count(*), 4) as precision
  from (
    select code, d.decision = 'CONFIRMED' as confirmed
    from blindagem.match_decisions d cross join lateral unnest(d.evidence) as code
    where d.decision in ('CONFIRMED', 'REJECTED')
    union all
    select distinct_codes.code, r.outcome = 'APPROVED'
    from blindagem.reviews r
    cross join lateral (select distinct e->>'code' as code from jsonb_array_elements(r.reasons) as e) as distinct_codes
    where r.kind in ('PAYMENT', 'REFUND') and r.outcome in ('APPROVED', 'REJECTED') and r.withdrawn_at is null) as answer
  -- Of a second relation, so that PostgreSQL 15 and 18 tell the view in the same words.
  cross join lateral (select answer.confirmed as is_yes) as vote
  group by answer.code;

insert into blindagem_private.tasks (name, lane, max_attempts) values ('review_pool', 'QUICK', 3);

revoke execute on function
  blindagem_private.check_parts_conserve, blindagem_private.ambiguous_pool_debits from public;
grant execute on function blindagem_private.ambiguous_pool_debits to :WORKER;
grant execute on function blindagem.assign_pool_movement, blindagem.undo_income
  to :ADMIN, :REVIEWER, :SINDICO, :INTEGRATOR, :OPERATOR;

reset role;
set local role :AUDIT_OWNER;
-- One more table is looked at; the list itself is not repeated here.
do $$
  begin
    execute replace(pg_get_functiondef('blindagem_audit.impersonal_columns'::regproc),
      '(''refunds'', ''reasons'')', '(''pool_doubts'', ''kind outcome''),' || chr(10) || '      (''refunds'', ''reasons'')');
  end
$$;
select blindagem_audit.define_capture('blindagem.reviews');
select blindagem_audit.define_capture('blindagem.pool_doubts');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.pool_doubts');
reset role;
