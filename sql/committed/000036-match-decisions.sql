--! Previous: sha1:3a7537dbeccac18c8f434378de32a2f66c97e987
--! Hash: sha1:309113a008425156b0c29e0c301b45b5b2a2c11a

-- What people decide on matches: kept for good, taken back at any time, and never overwritten by a task.

set local role :OWNER;

create table blindagem.match_decisions (
  condominium_id bigint not null references blindagem.condominiums,
  id bigint generated always as identity,
  debit_id bigint not null,
  payable_id bigint,
  credit_id bigint,
  decision text not null check (decision in ('CONFIRMED', 'REJECTED', 'WITHDRAWN')),
  amount blindagem.amount,
  evidence text[] not null default '{}',
  confidence numeric(5, 4),
  decided_by bigint not null references blindagem.people,
  decided_at timestamptz not null default clock_timestamp(),
  reason text not null check (length(btrim(reason)) >= 3),
  primary key (condominium_id, id),
  foreign key (condominium_id, debit_id) references blindagem.bank_transactions (condominium_id, id),
  foreign key (condominium_id, payable_id) references blindagem.payables,
  foreign key (condominium_id, credit_id) references blindagem.bank_transactions (condominium_id, id),
  check (num_nonnulls(payable_id, credit_id) = 1),
  check ((decision = 'CONFIRMED') = (amount is not null))
);
comment on table blindagem.match_decisions is
  E'@unique id\nWhat people say of pairs: that a debit pays a payable, or that a credit gives a debit back, or that it does not. Of several on a pair the last one counts.';
comment on column blindagem.match_decisions.decision is 'WITHDRAWN: the person''s word is taken back, and the pair is the machine''s to judge again.';
comment on column blindagem.match_decisions.evidence is 'Codes of the reasons that the link had when it was decided on: what was right or wrong.';
comment on column blindagem.match_decisions.confidence is 'Of the machine''s link; null where there was none.';
create unique index match_decisions_id on blindagem.match_decisions (id);
create index match_decisions_of_debit on blindagem.match_decisions (condominium_id, debit_id);
select blindagem_private.scope_by_condominium('blindagem.match_decisions');
create policy salaries on blindagem.match_decisions as restrictive for select to :AUDITOR
  using ((select blindagem_private.sees_salaries()) or not blindagem_private.is_salary_movement(condominium_id, debit_id));

create function blindagem_private.standing_decisions(condominium_id bigint) returns setof blindagem.match_decisions
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select distinct on (d.debit_id, d.payable_id, d.credit_id) d.*
    from blindagem.match_decisions d
    where d.condominium_id = standing_decisions.condominium_id
    order by d.debit_id, d.payable_id, d.credit_id, d.id desc
  $$;
comment on function blindagem_private.standing_decisions is 'The last decision on each pair of a condominium.';

create function blindagem_private.confirmed_matches(condominium_id bigint)
  returns table (debit_id bigint, payable_id bigint, credit_id bigint, amount numeric)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    with decision as materialized (
      select * from blindagem_private.standing_decisions(confirmed_matches.condominium_id)
    )
    select d.debit_id, d.payable_id, d.credit_id, d.amount from decision d where d.decision = 'CONFIRMED'
    union all
    select p.transaction_id, p.payable_id, null, p.amount from blindagem.payments p
    where p.condominium_id = confirmed_matches.condominium_id and p.decided_by is not null
      and not exists (select from decision d where d.debit_id = p.transaction_id and d.payable_id = p.payable_id)
    union all
    select r.debit_id, null, r.credit_id, r.amount from blindagem.refunds r
    where r.condominium_id = confirmed_matches.condominium_id and r.decided_by is not null
      and not exists (select from decision d where d.debit_id = r.debit_id and d.credit_id = r.credit_id)
  $$;
comment on function blindagem_private.confirmed_matches is 'What people stand by in a condominium: their decisions, and what they answered to reviews.';

-- Deciding --------------------------------------------------------------------------------------------------

create function blindagem_private.debit_to_decide(debit_id bigint, reason text) returns blindagem.bank_transactions
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare debit blindagem.bank_transactions;
    begin
      perform blindagem_private.require_role('admin', 'reviewer');
      perform blindagem_private.require_reason(reason);
      -- Decisions on one debit wait for each other: together they never pass its amount.
      select * into debit from blindagem.bank_transactions t
      where t.id = debit_to_decide.debit_id and t.condominium_id = any (blindagem_private.visible_condominium_ids())
      for update;
      if not found then
        perform blindagem_private.fail('BLD03', 'O movimento não existe ou não está ao seu alcance.');
      end if;
      if debit.deleted_at is not null then
        perform blindagem_private.fail('BLD06', 'O banco retirou este movimento; decida sobre o que o substituiu.');
      end if;
      if debit.amount >= 0 then
        perform blindagem_private.fail('BLD04', 'O movimento (debitId) não é um débito.');
      end if;
      return debit;
    end
  $$;
comment on function blindagem_private.debit_to_decide is 'The debit of a decision, locked, or a refusal.';

create function blindagem_private.decide_match(
  debit blindagem.bank_transactions, payable_id bigint, credit_id bigint, decision text, amount numeric, reason text)
  returns blindagem.match_decisions
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      made blindagem.match_decisions;
      codes text[];
      machine_confidence numeric;
    begin
      select array(select distinct r->>'code' from jsonb_array_elements(l.reasons) as r order by 1), l.confidence
      into codes, machine_confidence
      from (
        select p.reasons, p.confidence from blindagem.payments p
        where p.condominium_id = debit.condominium_id and p.transaction_id = debit.id
          and p.payable_id = decide_match.payable_id and p.decided_by is null
        union all
        select f.reasons, f.confidence from blindagem.refunds f
        where f.condominium_id = debit.condominium_id and f.debit_id = debit.id
          and f.credit_id = decide_match.credit_id and f.decided_by is null) as l;
      insert into blindagem.match_decisions
        (condominium_id, debit_id, payable_id, credit_id, decision, amount, evidence, confidence, decided_by, reason)
      values (debit.condominium_id, debit.id, decide_match.payable_id, decide_match.credit_id, decide_match.decision,
        decide_match.amount, coalesce(codes, '{}'), machine_confidence, blindagem_private.current_person_id(),
        btrim(decide_match.reason))
      returning * into made;
      return made;
    end
  $$;
comment on function blindagem_private.decide_match is 'Keeps a decision with what the machine had said of the pair.';

create function blindagem_private.require_payable(debit blindagem.bank_transactions, payable_id bigint) returns blindagem.payables
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      payable blindagem.payables;
      expense blindagem.expenses;
    begin
      select * into payable from blindagem.payables p
      where p.condominium_id = debit.condominium_id and p.id = require_payable.payable_id;
      if not found then
        perform blindagem_private.fail('BLD03', format('O valor a pagar %s não existe no condomínio do débito.', payable_id));
      end if;
      select * into strict expense from blindagem.expenses e
      where e.condominium_id = payable.condominium_id and e.id = payable.expense_id;
      if expense.status in ('REJECTED', 'CANCELLED') then
        perform blindagem_private.fail('BLD06', format('A despesa %s foi rejeitada ou cancelada.', expense.external_id));
      end if;
      if expense.submitted_by = blindagem_private.current_person_id() then
        perform blindagem_private.fail('BLD07', 'Quem submeteu a despesa não pode decidir sobre ela.');
      end if;
      return payable;
    end
  $$;
comment on function blindagem_private.require_payable is 'The payable of a decision; refused to the one who submitted its expense.';

create function blindagem_private.check_decided_amounts(debit blindagem.bank_transactions) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare wrong record;
    begin
      if (select sum(d.amount) from blindagem_private.confirmed_matches(debit.condominium_id) d
          where d.debit_id = debit.id and d.payable_id is not null) > -debit.amount then
        perform blindagem_private.fail('BLD06', 'As partes confirmadas passam do valor do débito.');
      end if;
      if (select sum(d.amount) from blindagem_private.confirmed_matches(debit.condominium_id) d
          where d.debit_id = debit.id and d.credit_id is not null) > -debit.amount then
        perform blindagem_private.fail('BLD06', 'Os estornos confirmados passam do valor do débito.');
      end if;
      select p.id into wrong from blindagem_private.confirmed_matches(debit.condominium_id) d
      join blindagem.payables p on p.condominium_id = debit.condominium_id and p.id = d.payable_id
      where d.debit_id = debit.id and (sign(d.amount) <> sign(p.amount) or abs(d.amount) > abs(p.amount))
      limit 1;
      if found then
        perform blindagem_private.fail('BLD04', format('A parte do valor a pagar %s passa dele ou tem o sinal contrário.', wrong.id));
      end if;
      select t.id into wrong from blindagem_private.confirmed_matches(debit.condominium_id) d
      join blindagem.bank_transactions t on t.id = d.credit_id
      group by t.id, t.amount having sum(d.amount) > t.amount
      limit 1;
      if found then
        perform blindagem_private.fail('BLD06', format('Os estornos confirmados passam do crédito %s.', wrong.id));
      end if;
    end
  $$;
comment on function blindagem_private.check_decided_amounts is 'Money is conserved in what people confirm, too: no part passes its debit, its credit or its payable.';

create function blindagem.confirm_match(
  debit_id bigint, reason text, payable_id bigint default null, credit_id bigint default null, amount numeric default null)
  returns blindagem.match_decisions
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      debit blindagem.bank_transactions;
      payable blindagem.payables;
      credit blindagem.bank_transactions;
      whole numeric;
      made blindagem.match_decisions;
    begin
      debit := blindagem_private.debit_to_decide(confirm_match.debit_id, confirm_match.reason);
      if num_nonnulls(confirm_match.payable_id, confirm_match.credit_id) <> 1 then
        perform blindagem_private.fail('BLD04', 'Diga o valor a pagar (payableId) ou o crédito (creditId), um dos dois.');
      end if;
      if confirm_match.payable_id is not null then
        payable := blindagem_private.require_payable(debit, confirm_match.payable_id);
        whole := least(payable.amount, -debit.amount);
      else
        select * into credit from blindagem.bank_transactions t
        where t.condominium_id = debit.condominium_id and t.id = confirm_match.credit_id and t.deleted_at is null and t.amount > 0
        for update;
        if not found then
          perform blindagem_private.fail('BLD03', 'O crédito não existe no condomínio do débito.');
        end if;
        whole := least(credit.amount, -debit.amount);
      end if;
      if confirm_match.amount = 0 then
        perform blindagem_private.fail('BLD04', 'O valor (amount) não pode ser zero.');
      end if;
      made := blindagem_private.decide_match(debit, confirm_match.payable_id, confirm_match.credit_id, 'CONFIRMED',
        coalesce(confirm_match.amount, whole), confirm_match.reason);
      perform blindagem_private.check_decided_amounts(debit);
      perform blindagem_private.enqueue_reconciliation(debit.condominium_id);
      return made;
    end
  $$;
comment on function blindagem.confirm_match is
  'Says that a debit pays a payable (payableId), or that a credit gives it back (creditId): for that amount, or for as much as both have. No task changes it.';

create function blindagem.undo_match(
  debit_id bigint, reason text, payable_id bigint default null, credit_id bigint default null)
  returns blindagem.match_decisions
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      debit blindagem.bank_transactions;
      payable blindagem.payables;
      last text;
      by_person boolean;
      made blindagem.match_decisions;
    begin
      debit := blindagem_private.debit_to_decide(undo_match.debit_id, undo_match.reason);
      if num_nonnulls(undo_match.payable_id, undo_match.credit_id) <> 1 then
        perform blindagem_private.fail('BLD04', 'Diga o valor a pagar (payableId) ou o crédito (creditId), um dos dois.');
      end if;
      if undo_match.payable_id is not null then
        payable := blindagem_private.require_payable(debit, undo_match.payable_id);
      end if;
      select d.decision into last from blindagem_private.standing_decisions(debit.condominium_id) d
      where d.debit_id = debit.id and d.payable_id is not distinct from undo_match.payable_id
        and d.credit_id is not distinct from undo_match.credit_id;
      select l.decided_by is not null into by_person
      from (
        select p.decided_by from blindagem.payments p
        where p.condominium_id = debit.condominium_id and p.transaction_id = debit.id and p.payable_id = undo_match.payable_id
        union all
        select f.decided_by from blindagem.refunds f
        where f.condominium_id = debit.condominium_id and f.debit_id = debit.id and f.credit_id = undo_match.credit_id) as l;
      if by_person is null and coalesce(last, 'WITHDRAWN') = 'WITHDRAWN' then
        perform blindagem_private.fail('BLD03', 'Não há ligação nem decisão sobre este par.');
      end if;
      made := blindagem_private.decide_match(debit, undo_match.payable_id, undo_match.credit_id,
        case when by_person or last in ('CONFIRMED', 'REJECTED') then 'WITHDRAWN' else 'REJECTED' end, null, undo_match.reason);
      perform blindagem_private.enqueue_reconciliation(debit.condominium_id);
      return made;
    end
  $$;
comment on function blindagem.undo_match is
  'Takes a match back. A person''s word is withdrawn, and all is as if it had not been said; a link that the machine made is rejected, and it never proposes it again.';

create function blindagem.split_payment(debit_id bigint, parts jsonb, reason text) returns setof blindagem.match_decisions
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      debit blindagem.bank_transactions;
      payable blindagem.payables;
      part record;
      other record;
    begin
      debit := blindagem_private.debit_to_decide(split_payment.debit_id, split_payment.reason);
      if jsonb_typeof(parts) <> 'array' or jsonb_array_length(parts) = 0 or jsonb_array_length(parts) > 1000 then
        perform blindagem_private.fail('BLD04', 'As partes (parts) são uma lista de {payableId, amount}, de 1 a 1000.');
      end if;
      if (select count(distinct p."payableId") < count(*) or bool_or(p."payableId" is null or coalesce(p.amount, 0) = 0)
          from jsonb_to_recordset(parts) as p ("payableId" bigint, amount numeric)) then
        perform blindagem_private.fail('BLD04', 'Cada parte tem um valor a pagar (payableId) diferente e um valor (amount) que não é zero.');
      end if;
      for other in
        select d.payable_id from blindagem_private.confirmed_matches(debit.condominium_id) d
        where d.debit_id = debit.id and d.payable_id is not null
          and d.payable_id not in (select p."payableId" from jsonb_to_recordset(parts) as p ("payableId" bigint))
      loop
        return next blindagem_private.decide_match(debit, other.payable_id, null, 'WITHDRAWN', null, split_payment.reason);
      end loop;
      for part in
        select p."payableId" as payable_id, p.amount from jsonb_to_recordset(parts) as p ("payableId" bigint, amount numeric)
      loop
        payable := blindagem_private.require_payable(debit, part.payable_id);
        return next blindagem_private.decide_match(debit, part.payable_id, null, 'CONFIRMED', part.amount, split_payment.reason);
      end loop;
      perform blindagem_private.check_decided_amounts(debit);
      perform blindagem_private.enqueue_reconciliation(debit.condominium_id);
    end
  $$;
comment on function blindagem.split_payment is
  'Says which payables a debit pays and with how much of it each: [{payableId, amount}], all or none. What was confirmed of it before and is not among them is withdrawn.';

create function blindagem.expenses_payment_in_doubt(expense blindagem.expenses) returns boolean
  language sql stable
  as $$
    select exists (
      select from blindagem.reviews r
      join blindagem.payables p on p.condominium_id = expense.condominium_id and p.expense_id = expense.id
      where r.condominium_id = expense.condominium_id and r.kind in ('PAYMENT', 'REFUND') and r.outcome is null
        and r.reasons @> jsonb_build_array(jsonb_build_object('evidence',
          jsonb_build_object('payableIds', jsonb_build_array(p.id::text)))))
  $$;
comment on function blindagem.expenses_payment_in_doubt is
  'True while an open question touches the expense''s payment: a later refund may have undone its debit. The payment status is then what it was, neither taken back nor sure.';
grant execute on function blindagem.expenses_payment_in_doubt to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :WORKER;

create view blindagem.evidence_precision with (security_invoker = true, security_barrier = true) as
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
    where r.kind in ('PAYMENT', 'REFUND') and r.outcome in ('APPROVED', 'REJECTED')) as answer
  -- Of a second relation, so that PostgreSQL 15 and 18 tell the view in the same words.
  cross join lateral (select answer.confirmed as is_yes) as vote
  group by answer.code;
comment on view blindagem.evidence_precision is
  E'@primaryKey code\nHow often people confirmed and rejected what rested on each kind of evidence, in the condominiums that the asker sees.';
grant select on blindagem.evidence_precision to :ADMIN, :REVIEWER, :AUDITOR;

revoke execute on function
  blindagem_private.standing_decisions, blindagem_private.confirmed_matches, blindagem_private.debit_to_decide, blindagem_private.decide_match,
  blindagem_private.require_payable, blindagem_private.check_decided_amounts
  from public;
grant execute on function blindagem_private.standing_decisions to :WORKER;
grant execute on function blindagem.confirm_match, blindagem.undo_match, blindagem.split_payment
  to :ADMIN, :REVIEWER, :SINDICO, :INTEGRATOR, :OPERATOR;

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.match_decisions');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.match_decisions');
reset role;
