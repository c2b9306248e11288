--! Previous: sha1:309113a008425156b0c29e0c301b45b5b2a2c11a
--! Hash: sha1:2f305b396b2b442bf757711606bfc9d21a260d20

-- Completeness: what statements say against the movements that are stored, and the month as an account's holder reads it.

set local role :OWNER;

create table blindagem.statement_exceptions (
  condominium_id bigint not null references blindagem.condominiums,
  id bigint generated always as identity,
  account_id bigint not null references blindagem.bank_accounts,
  kind text not null check (kind in ('GAP', 'DIFFERENCE', 'MOVEMENTS')),
  from_day date not null,
  to_day date not null check (to_day >= from_day),
  expected blindagem.amount,
  found blindagem.amount,
  opened_at timestamptz not null default now(),
  resolved_at timestamptz,
  primary key (condominium_id, id)
);
comment on table blindagem.statement_exceptions is
  E'@unique id\nWhere an account''s statements do not join, or do not add up with its movements. One stays, with when it was mended.';
comment on column blindagem.statement_exceptions.kind is
  'GAP: days of which neither a statement nor the provider tells. DIFFERENCE: a statement does not begin with the balance with which the one before ended. MOVEMENTS: opening balance and movements do not make the closing one.';
comment on column blindagem.statement_exceptions.expected is 'The balance that the statement tells; null for a gap.';
comment on column blindagem.statement_exceptions.found is 'The balance that the movements make.';
create unique index statement_exceptions_id on blindagem.statement_exceptions (id);
create unique index statement_exceptions_open on blindagem.statement_exceptions (account_id, kind, from_day, to_day)
  where resolved_at is null;
select blindagem_private.scope_by_condominium('blindagem.statement_exceptions');
grant insert on blindagem.statement_exceptions to :WORKER;
grant update (expected, found, resolved_at) on blindagem.statement_exceptions to :WORKER;

create view blindagem.account_months with (security_invoker = true, security_barrier = true) as
  with movement as (
    select t.condominium_id, t.account_id, date_trunc('month', t.posted_on)::date as month, t.amount,
      case
        when v.verdict in ('INCOME_REVERSAL', 'NEITHER') then 0
        when t.amount > 0 then case when v.verdict in ('REFUND', 'INCOME') then 0 else t.amount end
        when exists (
          select from blindagem.payments p
          where p.condominium_id = t.condominium_id and p.transaction_id = t.id
            and p.reasons @> '[{"code": "PAYMENT_WITH_FINE"}]') then 0
        else -t.amount - greatest(
          coalesce((select sum(p.amount) from blindagem.payments p
            where p.condominium_id = t.condominium_id and p.transaction_id = t.id), 0),
          coalesce((select sum(r.amount) from blindagem.refunds r
            where r.condominium_id = t.condominium_id and r.debit_id = t.id), 0))
      end as unexplained
    from blindagem.bank_transactions t
    left join blindagem.movement_verdicts v on v.condominium_id = t.condominium_id and v.transaction_id = t.id
    where t.deleted_at is null and t.status = 'POSTED' and t.condominium_id is not null
      -- A condominium's parts of a pool's debits are not the account's month.
      and t.part_of is null
  ), month as (
    select m.condominium_id, m.account_id, m.month,
      coalesce(sum(m.amount) filter (where m.amount > 0), 0) as credits,
      coalesce(sum(m.amount) filter (where m.amount < 0), 0) as debits,
      coalesce(sum(m.unexplained) filter (where m.amount > 0), 0) as unexplained_credits,
      coalesce(sum(m.unexplained) filter (where m.amount < 0), 0) as unexplained_debits
    from movement m
    group by m.condominium_id, m.account_id, m.month
  )
  select m.condominium_id, m.account_id, m.month, opening.balance as opening_balance, m.credits, m.debits,
    opening.balance + m.credits + m.debits as balance, stated.closing_balance as stated_balance,
    stated.closing_balance - (opening.balance + m.credits + m.debits) as difference,
    m.unexplained_debits, m.unexplained_credits
  from month m
  left join lateral (
    select coalesce(
      (select s.opening_balance from blindagem.bank_statements s
       where s.account_id = m.account_id and s.starts_on = m.month and s.opening_balance is not null
       order by s.ends_on desc limit 1),
      (select s.closing_balance + coalesce((
         select sum(t.amount) from blindagem.bank_transactions t
         where t.account_id = s.account_id and t.posted_on > s.ends_on and t.posted_on < m.month
           and t.deleted_at is null and t.status = 'POSTED'), 0)
       from blindagem.bank_statements s
       where s.account_id = m.account_id and s.ends_on < m.month and s.closing_balance is not null
       order by s.ends_on desc limit 1)) as balance) as opening on true
  left join lateral (
    select s.closing_balance from blindagem.bank_statements s
    where s.account_id = m.account_id and s.closing_balance is not null
      and s.ends_on = (m.month + interval '1 month - 1 day')::date
    order by s.starts_on desc limit 1) as stated on true
  -- Without the salaries no sum would be right.
  where (select blindagem_private.sees_salaries());
comment on view blindagem.account_months is
  E'@primaryKey account_id,month\nThe month of an account: balance = opening + movements, what the bank''s statement says of it, and what no expense, refund or income explains. Nothing for who does not see salaries.';
comment on column blindagem.account_months.opening_balance is 'As a statement tells it, or from the last known balance on; null where no statement tells any.';
comment on column blindagem.account_months.difference is 'What the statement says less what the movements make: 0 when nothing is missing.';
comment on column blindagem.account_months.unexplained_debits is 'Of the debits what neither pays an expense nor came back, nor is a transfer or a reversal of income.';
comment on column blindagem.account_months.unexplained_credits is 'Credits in suspense, in doubt, or not looked at yet.';
grant select on blindagem.account_months to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR;

insert into blindagem_private.tasks (name, lane, max_attempts) values ('review_unexplained_debits', 'QUICK', 3);

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.statement_exceptions');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.statement_exceptions');
reset role;
