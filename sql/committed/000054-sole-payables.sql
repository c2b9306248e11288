--! Previous: sha1:2f75c5647dd5fc1c9a255bd6e7262cf2fb8d68c8
--! Hash: sha1:73a2351a012da3f54b313024af9e7a402a12db3d

-- An expense from which nothing is retained is owed as one: it is its own payable, and has no row in the table of payables. What
-- such a row said stood in the expense already; writing it, its two index entries and its record of the log took a fifth of what
-- handing in an expense took. (Batches are stored so from 000058 on.)

set local role :OWNER;

lock table blindagem.expenses, blindagem.payables in share row exclusive mode;

-- Ids are common from here on, so that no payable is taken for an expense: what had a row keeps it.
select setval('blindagem.expenses_id_seq', greatest(e.last_value, p.last_value), e.is_called or p.is_called)
from blindagem.expenses_id_seq e, blindagem.payables_id_seq p;
alter table blindagem.payables alter column id drop identity;
alter table blindagem.payables alter column id set default nextval('blindagem.expenses_id_seq');
comment on column blindagem.payables.id is 'Of the sequence of the expenses: an expense without rows here is its own payable, by its own id.';

comment on table blindagem.payables is '@name itemised_payables
@omit
What is to be paid for an expense of which something is retained: the supplier''s net, and each tax. Their sum is the gross. An expense without rows here is one payable by itself: see accounts_payable.';

-- The condition stands outside: of the two sides of a union without one the planner looks up each by its keys, also in joins;
-- which a barrier would keep it from. What a row may be seen by is its table's to say: this view hides nothing.
create view blindagem.accounts_payable with (security_invoker = true, security_barrier = false) as
  select every.condominium_id, every.id, every.expense_id, every.kind, every.retention, every.payee_document, every.payee_name,
    every.amount, every.due_date, every.payment_status
  from (
    select p.condominium_id, p.id, p.expense_id, p.kind, p.retention, p.payee_document, p.payee_name, p.amount, p.due_date,
      p.payment_status, true as stands
    from blindagem.payables p
    union all
    select e.condominium_id, e.id, e.id, case e.document_kind when 'CREDIT_NOTE' then 'CREDIT_NOTE' else 'SUPPLIER' end, null,
      e.payee_document, e.payee_name,
      (case e.document_kind when 'CREDIT_NOTE' then -e.gross_amount else e.gross_amount end)::blindagem.amount, e.due_date,
      e.payment_status,
      not exists (select from blindagem.payables p where p.condominium_id = e.condominium_id and p.expense_id = e.id)
    from blindagem.expenses e) as every
  where every.stands;
comment on view blindagem.accounts_payable is '@name payables
@primaryKey condominium_id,id
@foreignKey (condominium_id, expense_id) references blindagem.expenses (condominium_id, id)|@fieldName expense|@foreignFieldName payables
@behavior -insert -update -delete
What is to be paid for an expense: as a rule its gross, to its supplier; of which taxes are retained, the supplier''s net and each tax; a credit note as a negative. Their sum is the gross.';
comment on column blindagem.accounts_payable.condominium_id is '@notNull';
comment on column blindagem.accounts_payable.expense_id is '@notNull';
comment on column blindagem.accounts_payable.kind is '@notNull';
comment on column blindagem.accounts_payable.amount is '@notNull';
comment on column blindagem.accounts_payable.due_date is '@notNull';
comment on column blindagem.accounts_payable.payment_status is '@notNull';
comment on column blindagem.accounts_payable.id is '@notNull
The expense''s own where it is one payable.';

grant select on blindagem.accounts_payable to :ADMIN, :AUDITOR, :INTEGRATOR, :REVIEWER, :SINDICO, :WORKER;

create function blindagem_private.expense_of_payable(condominium_id bigint, payable_id bigint) returns bigint
  language sql stable
  as $$
    select coalesce((
      select p.expense_id from blindagem.payables p
      where p.condominium_id = expense_of_payable.condominium_id and p.id = expense_of_payable.payable_id), payable_id)
  $$;
comment on function blindagem_private.expense_of_payable is
  'Whose payable it is: an expense that is its own payable is meant by its own id. Ids of both come from one sequence.';
grant execute on function blindagem_private.expense_of_payable to :ADMIN, :AUDITOR, :INTEGRATOR, :REVIEWER, :SINDICO, :WORKER, :AUDIT_OWNER;

create function blindagem_private.check_payable_ids() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare taken bigint;
    begin
      select c.id into taken from changed c
      join blindagem.expenses e on e.condominium_id = c.condominium_id and e.id = c.id
      where not exists (select from blindagem.payables p where p.condominium_id = e.condominium_id and p.expense_id = e.id)
      limit 1;
      if found then
        raise unique_violation using
          message = format('The id %s of a payable is that of an expense, which is a payable by itself.', taken),
          table = 'payables', schema = 'blindagem';
      end if;
      return null;
    end
  $$;
comment on function blindagem_private.check_payable_ids is 'Invariant: an id means one payable, be it a row or an expense by itself.';
create trigger payable_ids after insert on blindagem.payables referencing new table as changed
  for each statement execute function blindagem_private.check_payable_ids();

-- What a foreign key did while each payable had a row.
alter table blindagem.match_decisions drop constraint match_decisions_condominium_id_payable_id_fkey;
create function blindagem_private.check_decided_payables() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare unknown bigint;
    begin
      select count(*) into unknown from changed c
      where c.payable_id is not null and not exists (
        select from blindagem.accounts_payable p where p.condominium_id = c.condominium_id and p.id = c.payable_id);
      perform blindagem_private.refuse_missing_movement(unknown, tg_table_name);
      return null;
    end
  $$;
comment on function blindagem_private.check_decided_payables is 'Invariant: what people decide on is a payable of its condominium.';
create trigger decided_payables after insert on blindagem.match_decisions referencing new table as changed
  for each statement execute function blindagem_private.check_decided_payables();
create trigger decided_payables_changed after update on blindagem.match_decisions referencing new table as changed
  for each statement execute function blindagem_private.check_decided_payables();
comment on table blindagem.match_decisions is '@unique id
@foreignKey (condominium_id, payable_id) references blindagem.accounts_payable (condominium_id, id)|@fieldName payable|@foreignFieldName matchDecisions
What people say of pairs: that a debit pays a payable, or that a credit gives a debit back, or that it does not. Of several on a pair the last one counts.';

comment on table blindagem.payments is '@foreignKey (condominium_id) references blindagem.condominiums (id)
@foreignKey (condominium_id, payable_id) references blindagem.accounts_payable (condominium_id, id)|@fieldName payable|@foreignFieldName payments
@foreignKey (condominium_id, transaction_id) references blindagem.bank_transactions (condominium_id, id)|@fieldName transaction|@foreignFieldName payments
Edge: this debit pays this payable, with the amount and why.';
drop policy salaries on blindagem.payments;
create policy salaries on blindagem.payments as restrictive for select to :AUDITOR
  using ((select blindagem_private.sees_salaries()) or exists (
    select from blindagem.expenses e
    where e.condominium_id = payments.condominium_id
      and e.id = blindagem_private.expense_of_payable(payments.condominium_id, payments.payable_id)));

-- Functions that look payables up.
create function pg_temp.amend(name text, was text, becomes text) returns void
  language plpgsql
  as $$
    declare source text := pg_get_functiondef(name::regproc);
    begin
      if strpos(source, was) = 0 then
        raise exception '% does not say: %', name, was;
      end if;
      execute replace(source, was, becomes);
    end
  $$;
grant execute on function pg_temp.amend to :AUDIT_OWNER;
select pg_temp.amend('blindagem.expenses_payment_in_doubt', 'join blindagem.payables p', 'join blindagem.accounts_payable p');
select pg_temp.amend('blindagem_private.check_decided_amounts', 'join blindagem.payables p', 'join blindagem.accounts_payable p');
select pg_temp.amend('blindagem_private.require_payable', 'from blindagem.payables p', 'from blindagem.accounts_payable p');
-- One by one, whatever the planner thinks of how many there are: a statement's payments are few beside all expenses.
select pg_temp.amend('blindagem_private.check_payment_conserves',
  'left join blindagem.payables p on p.condominium_id = c.condominium_id and p.id = c.payable_id',
  'left join lateral (
            select p.id, p.amount from blindagem.accounts_payable p
            where p.condominium_id = c.condominium_id and p.id = c.payable_id
            offset 0) as p on true');
select pg_temp.amend('blindagem_private.is_of_month',
  $s$(
            select y.expense_id from blindagem.payables y
            where y.condominium_id = is_of_month.condominium_id and y.id = split_part(entity_id, '/', 2)::bigint)$s$,
  $s$
            blindagem_private.expense_of_payable(is_of_month.condominium_id, split_part(entity_id, '/', 2)::bigint)$s$);
select pg_temp.amend('blindagem_private.is_of_month',
  $s$select y.expense_id from blindagem.match_decisions m
            join blindagem.payables y on y.condominium_id = m.condominium_id and y.id = m.payable_id
            where$s$,
  $s$select blindagem_private.expense_of_payable(m.condominium_id, m.payable_id) from blindagem.match_decisions m
            where m.payable_id is not null and$s$);
select pg_temp.amend('blindagem_private.is_salary_movement',
  $s$join blindagem.payables y on y.condominium_id = p.condominium_id and y.id = p.payable_id
      join blindagem.expenses e on e.condominium_id = y.condominium_id and e.id = y.expense_id$s$,
  $s$join blindagem.expenses e on e.condominium_id = p.condominium_id
        and e.id = blindagem_private.expense_of_payable(p.condominium_id, p.payable_id)$s$);
select pg_temp.amend('blindagem_private.payee_rows',
  $s$left join blindagem.payables p on p.condominium_id = m.condominium_id and p.id = m.payable_id
      left join expense e on e.condominium_id = p.condominium_id and e.id = p.expense_id$s$,
  $s$left join expense e on e.condominium_id = m.condominium_id
        and e.id = blindagem_private.expense_of_payable(m.condominium_id, m.payable_id)$s$);
reset role;

set local role :AUDIT_OWNER;
select pg_temp.amend('blindagem_audit.capture_source',
  $s$coalesce((select e.sensitivity from blindagem.payables p join blindagem.expenses e on e.id = p.expense_id
               where p.condominium_id = %s and p.id = %s), 'ORDINARY')$s$,
  $s$coalesce((select e.sensitivity from blindagem.expenses e
               where e.id = blindagem_private.expense_of_payable(%s, %s)), 'ORDINARY')$s$);
select blindagem_audit.define_capture('blindagem.payments');
select blindagem_audit.define_capture('blindagem.match_decisions');
reset role;
