--! Previous: sha1:295214f23c198f9876ff74d1999f643a88bb5c5a
--! Hash: sha1:a6b95f634b9b2f561e4b78f13d0eb19efb4bee20

-- The bank's side: connections, accounts, statements, movements, and the edges that reconcile them.

set local role :OWNER;

create table blindagem.bank_connections (
  id bigint generated always as identity primary key,
  organization_id bigint not null references blindagem.organizations,
  condominium_id bigint references blindagem.condominiums,
  provider text not null default 'PLUGGY' check (provider in ('PLUGGY')),
  provider_item_id text not null unique,
  state text not null default 'NEW' check (state in ('NEW', 'FRESH', 'STALE', 'PARTIAL', 'BROKEN')),
  state_cause text,
  known_until timestamptz,
  consent_expires_at timestamptz,
  synced_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table blindagem.bank_connections is 'A consent to read accounts at a provider. Without condominium it serves a pool of the administradora.';
comment on column blindagem.bank_connections.known_until is 'Up to when the bank''s data is known. After that instant "no debit" means unknown, never "not paid".';

create table blindagem.bank_accounts (
  id bigint generated always as identity primary key,
  condominium_id bigint references blindagem.condominiums,
  organization_id bigint references blindagem.organizations,
  connection_id bigint references blindagem.bank_connections,
  provider_account_id text unique,
  purpose text not null default 'ORDINARY' check (purpose in ('ORDINARY', 'RESERVE', 'WORKS', 'SWEEP', 'POOL')),
  name text not null,
  number_masked text,
  check (num_nonnulls(condominium_id, organization_id) = 1),
  check ((purpose = 'POOL') = (organization_id is not null))
);
comment on table blindagem.bank_accounts is 'An account, held by a condominium, or a pool account of the administradora that serves many.';

create table blindagem.bank_statements (
  id bigint generated always as identity primary key,
  account_id bigint not null references blindagem.bank_accounts,
  starts_on date not null,
  ends_on date not null check (ends_on >= starts_on),
  opening_balance blindagem.amount,
  closing_balance blindagem.amount,
  unique (account_id, starts_on, ends_on)
);
comment on table blindagem.bank_statements is 'A period of an account with its opening and closing balance.';

create table blindagem.bank_transactions (
  condominium_id bigint references blindagem.condominiums,
  id bigint generated always as identity,
  account_id bigint not null references blindagem.bank_accounts,
  provider_id text not null,
  posted_at timestamptz not null,
  posted_on date not null,
  amount blindagem.amount not null check (amount <> 0),
  description text not null,
  operation_type text,
  counterparty_document text,
  counterparty_name text,
  end_to_end_id text,
  original_end_to_end_id text,
  check_number text,
  status text not null check (status in ('POSTED', 'PENDING')),
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (id),
  unique (account_id, provider_id),
  check (posted_on = (posted_at at time zone 'America/Sao_Paulo')::date)
);
comment on table blindagem.bank_transactions is 'A movement as the bank tells it; debits are negative. In a pool account the condominium is known only once the movement is itemised.';
comment on column blindagem.bank_transactions.posted_on is 'Calendar day in Brasília: 21:00 to 23:59 there is the next day in UTC.';
comment on column blindagem.bank_transactions.deleted_at is 'The provider took the movement back: it is kept, and counts no more.';
create unique index bank_transactions_key on blindagem.bank_transactions (condominium_id, id);
create index bank_transactions_by_day on blindagem.bank_transactions (condominium_id, posted_on);

create table blindagem.payments (
  condominium_id bigint not null references blindagem.condominiums,
  payable_id bigint not null,
  transaction_id bigint not null,
  amount blindagem.amount not null check (amount <> 0),
  confidence numeric(5, 4) not null check (confidence between 0 and 1),
  reasons jsonb not null,
  decided_by bigint references blindagem.people,
  created_at timestamptz not null default now(),
  primary key (condominium_id, payable_id, transaction_id),
  foreign key (condominium_id, payable_id) references blindagem.payables,
  foreign key (condominium_id, transaction_id) references blindagem.bank_transactions (condominium_id, id)
);
comment on table blindagem.payments is 'Edge: this debit pays this payable, with the amount and why.';
comment on column blindagem.payments.amount is 'Of the sign of its payable: a credit note''s is negative, so that a debit''s edges add up to what it paid.';
comment on column blindagem.payments.decided_by is 'The person who decided it; no task ever changes such an edge.';
create index payments_of_transaction on blindagem.payments (condominium_id, transaction_id);

create table blindagem.refunds (
  condominium_id bigint not null references blindagem.condominiums,
  credit_id bigint not null,
  debit_id bigint not null,
  amount blindagem.amount not null check (amount > 0),
  confidence numeric(5, 4) not null check (confidence between 0 and 1),
  reasons jsonb not null,
  decided_by bigint references blindagem.people,
  created_at timestamptz not null default now(),
  primary key (condominium_id, credit_id, debit_id),
  foreign key (condominium_id, credit_id) references blindagem.bank_transactions (condominium_id, id),
  foreign key (condominium_id, debit_id) references blindagem.bank_transactions (condominium_id, id),
  check (credit_id <> debit_id)
);
comment on table blindagem.refunds is 'Edge: this credit gives back this debit (estorno, devolução), with the amount and why.';
create index refunds_of_debit on blindagem.refunds (condominium_id, debit_id);

create table blindagem.movement_verdicts (
  condominium_id bigint not null references blindagem.condominiums,
  transaction_id bigint not null,
  verdict text not null check (verdict in
    ('REFUND', 'SUSPENSE', 'AMBIGUOUS', 'INCOME_REVERSAL', 'NEITHER', 'INCOME')),
  reversed_credit_id bigint,
  reasons jsonb not null default '[]',
  primary key (condominium_id, transaction_id),
  foreign key (condominium_id, transaction_id) references blindagem.bank_transactions (condominium_id, id),
  foreign key (condominium_id, reversed_credit_id) references blindagem.bank_transactions (condominium_id, id)
);
comment on table blindagem.movement_verdicts is
  'What a movement is, when it is not a plain debit. Only INCOME counts as income: a refund, an ambiguous or an orphan one (SUSPENSE), a sweep (NEITHER) never does.';

create function blindagem_private.check_payment_conserves() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      if exists (
        -- Of what is deleted only a credit note's edge can raise the sum of the others.
        select from (
          select distinct c.condominium_id, c.transaction_id from changed c
          where tg_op <> 'DELETE' or c.amount < 0) as touched
        join blindagem.bank_transactions t on t.condominium_id = touched.condominium_id and t.id = touched.transaction_id
        where (select sum(p.amount) from blindagem.payments p
               where p.condominium_id = t.condominium_id and p.transaction_id = t.id) > greatest(-t.amount, 0)) then
        perform blindagem_private.fail('BLD06', 'Os pagamentos ligados a um débito passam do valor dele.');
      end if;
      if exists (
        select from changed c
        join blindagem.payments e on e.condominium_id = c.condominium_id
          and e.payable_id = c.payable_id and e.transaction_id = c.transaction_id
        join blindagem.payables p on p.condominium_id = c.condominium_id and p.id = c.payable_id
        where sign(e.amount) <> sign(p.amount)) then
        perform blindagem_private.fail('BLD06', 'O valor de um pagamento tem o sinal do valor a pagar.');
      end if;
      return null;
    end
  $$;
comment on function blindagem_private.check_payment_conserves is
  'Money is conserved: what a debit pays, less its credit notes, never exceeds it; a credit pays nothing.';
create trigger payments_conserve_on_insert after insert on blindagem.payments
  referencing new table as changed for each statement execute function blindagem_private.check_payment_conserves();
create trigger payments_conserve_on_update after update on blindagem.payments
  referencing new table as changed for each statement execute function blindagem_private.check_payment_conserves();
create trigger payments_conserve_on_delete after delete on blindagem.payments
  referencing old table as changed for each statement execute function blindagem_private.check_payment_conserves();

create function blindagem_private.check_refund_conserves() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      if exists (
        select from (
          select condominium_id, debit_id as id, -1 as sign from changed
          union select condominium_id, credit_id, 1 from changed) as touched
        join blindagem.bank_transactions t on t.condominium_id = touched.condominium_id and t.id = touched.id
        where (select sum(r.amount) from blindagem.refunds r
               where r.condominium_id = t.condominium_id
                 and (case touched.sign when 1 then r.credit_id else r.debit_id end) = t.id) > touched.sign * t.amount) then
        perform blindagem_private.fail('BLD06', 'Os estornos ligados a um movimento passam do valor dele.');
      end if;
      return null;
    end
  $$;
comment on function blindagem_private.check_refund_conserves is 'Money is conserved: refunds never exceed their credit nor the debit they undo.';
create trigger refunds_conserve_on_insert after insert on blindagem.refunds
  referencing new table as changed for each statement execute function blindagem_private.check_refund_conserves();
create trigger refunds_conserve_on_update after update on blindagem.refunds
  referencing new table as changed for each statement execute function blindagem_private.check_refund_conserves();

create table blindagem_private.webhook_events (
  provider text not null,
  event_id text not null,
  event text not null,
  item_id text,
  received_at timestamptz not null default now(),
  primary key (provider, event_id)
);
comment on table blindagem_private.webhook_events is 'Webhook events by their id: the same event twice is one.';
grant select, insert, delete on blindagem_private.webhook_events to :WORKER;
alter table blindagem_private.webhook_events enable row level security;
create policy worker on blindagem_private.webhook_events to :WORKER using (true) with check (true);

alter table blindagem.bank_connections enable row level security;
create policy scope on blindagem.bank_connections for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
  using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[])
    or (condominium_id is null and organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[])));
create policy worker on blindagem.bank_connections to :WORKER using (true) with check (true);
grant select on blindagem.bank_connections to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :WORKER;
grant update on blindagem.bank_connections to :WORKER;

alter table blindagem.bank_accounts enable row level security;
create policy scope on blindagem.bank_accounts for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
  using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[])
    or organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[]));
create policy worker on blindagem.bank_accounts to :WORKER using (true) with check (true);
grant select on blindagem.bank_accounts to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :WORKER;
grant insert, update on blindagem.bank_accounts to :WORKER;

alter table blindagem.bank_statements enable row level security;
create policy scope on blindagem.bank_statements for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
  using (exists (select from blindagem.bank_accounts a where a.id = bank_statements.account_id));
create policy worker on blindagem.bank_statements to :WORKER using (true) with check (true);
grant select on blindagem.bank_statements to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :WORKER;
grant insert, update on blindagem.bank_statements to :WORKER;

select blindagem_private.scope_by_condominium('blindagem.bank_transactions');
select blindagem_private.scope_by_condominium('blindagem.payments');
select blindagem_private.scope_by_condominium('blindagem.refunds');
select blindagem_private.scope_by_condominium('blindagem.movement_verdicts');

grant insert, update on blindagem.bank_transactions to :WORKER;
grant insert, update, delete on blindagem.payments, blindagem.refunds, blindagem.movement_verdicts to :WORKER;

create policy salaries on blindagem.payments as restrictive for select to :AUDITOR
  using ((select blindagem_private.sees_salaries()) or exists (
    select from blindagem.payables p where p.condominium_id = payments.condominium_id and p.id = payments.payable_id));

create view blindagem.income with (security_invoker = true, security_barrier = true) as
  select t.condominium_id, t.id, t.posted_on, t.amount, t.description
  from blindagem.bank_transactions t
  join blindagem.movement_verdicts v on v.condominium_id = t.condominium_id and v.transaction_id = t.id
  where v.verdict = 'INCOME' and t.amount > 0 and t.status = 'POSTED' and t.deleted_at is null;
comment on view blindagem.income is
  E'@primaryKey condominium_id,id\nWhat counts as income: credits found to be neither refund, suspect nor in suspense. A credit that was not looked at yet is not income.';
grant select on blindagem.income to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :WORKER;

create function blindagem.expenses_payment_known(expense blindagem.expenses) returns boolean
  language sql stable
  as $$
    select coalesce(bool_and(c.state = 'FRESH'), false)
    from blindagem.bank_accounts a
    join blindagem.bank_connections c on c.id = a.connection_id
    where a.condominium_id = expense.condominium_id
  $$;
comment on function blindagem.expenses_payment_known is
  'False when the bank''s data of the condominium is missing, stale, partial or broken: then "no debit" is unknown, never "not paid".';
grant execute on function blindagem.expenses_payment_known to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :WORKER;

reset role;
