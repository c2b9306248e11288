--! Previous: sha1:cb7885187f775fba45a5f7f68e504941bfe0d1ef
--! Hash: sha1:2890959a7b457ddfbcddd82a352f381ebe8e6705

-- A condominium's month is closed on a signed checkpoint: what the log says of it later is told apart from what was known.

set local role :AUDIT_OWNER;

create or replace function blindagem_audit.action_source(entity text, operation text) returns text
  language sql immutable
  as $$
    select case
      when entity = 'expenses' and operation = 'INSERT' then $s$'SUBMIT'$s$
      when entity = 'expenses' and operation = 'UPDATE' then
        $s$case when o.status is not distinct from n.status then 'UPDATE' else case n.status
          when 'APPROVED' then 'APPROVE'
          when 'REJECTED' then 'REJECT'
          when 'CANCELLED' then 'CANCEL'
          when 'MANUAL_REVIEW' then 'SEND_TO_REVIEW'
          when 'AWAITING_SECOND_APPROVAL' then 'REQUEST_SECOND_APPROVAL'
          else 'UPDATE' end end$s$
      when entity = 'payments' and operation = 'INSERT' then $s$'MATCH'$s$
      when entity = 'payments' and operation = 'DELETE' then $s$'UNDO_MATCH'$s$
      when entity = 'refunds' and operation = 'INSERT' then $s$'REFUND'$s$
      when entity = 'refunds' and operation = 'DELETE' then $s$'UNDO_REFUND'$s$
      when entity = 'reviews' and operation = 'INSERT' then $s$'OPEN_REVIEW'$s$
      when entity = 'reviews' and operation = 'UPDATE' then
        $s$case when o.outcome is null and n.outcome is not null then 'RESOLVE_REVIEW' else 'UPDATE' end$s$
      when entity = 'closings' and operation = 'INSERT' then $s$'CLOSE_PERIOD'$s$
      else quote_literal(operation)
    end
  $$;

create function blindagem_audit.newest_checkpoint() returns table (tree_size bigint, root bytea)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$ select c.tree_size, c.root from blindagem_audit.checkpoints c order by c.tree_size desc limit 1 $$;
comment on function blindagem_audit.newest_checkpoint is 'The tree as it was signed last; nothing before the first signature.';

create function blindagem_audit.first_id_after(tree_size bigint) returns bigint
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select least(
      (select min(r.first_record_id) from blindagem_audit.sealed_runs r
       where r.first_index >= coalesce((
         select before.first_index from blindagem_audit.sealed_runs before
         where before.first_index <= first_id_after.tree_size order by before.first_index desc limit 1), 0)),
      (select min(p.first_record_id) from blindagem_audit.pending_records p))
  $$;
comment on function blindagem_audit.first_id_after is
  'Where along the ids to begin to look for records that are not among the first leaves of the tree; null when there is none.';

revoke execute on function blindagem_audit.newest_checkpoint, blindagem_audit.first_id_after from public;
grant execute on function blindagem_audit.newest_checkpoint to :OWNER;
grant execute on function blindagem_audit.first_id_after to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

reset role;
set local role :OWNER;

create table blindagem.closings (
  id bigint generated always as identity primary key,
  condominium_id bigint not null references blindagem.condominiums,
  organization_id bigint references blindagem.organizations,
  month date not null check (extract(day from month) = 1),
  revision int not null check (revision > 0),
  tree_size bigint not null check (tree_size > 0),
  root text not null check (length(root) = 44),
  reason text not null check (length(btrim(reason)) >= 3),
  closed_by bigint not null references blindagem.people,
  closed_at timestamptz not null default now(),
  unique (condominium_id, month, revision)
);
comment on table blindagem.closings is
  E'@behavior -totalCount\nMonths of condominiums that were closed, each on a signed checkpoint of the audit log. Never changed: whoever closes a month again adds a row, since people have signed for what the one before says.';
comment on column blindagem.closings.organization_id is 'The administradora for which it was closed; null when the síndico closed it.';
comment on column blindagem.closings.month is 'Its first day.';
comment on column blindagem.closings.revision is '1 for the first closing of the month, and one more each time that it is closed again: the greatest holds.';
comment on column blindagem.closings.tree_size is 'Of the checkpoint: what is among its leaves was known at the closing.';
comment on column blindagem.closings.root is 'Of the checkpoint, in base64.';
create index closings_organization on blindagem.closings (organization_id);
create index closings_closed_by on blindagem.closings (closed_by);

alter table blindagem.closings enable row level security;
create policy scope on blindagem.closings for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR
  using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[]));
grant select on blindagem.closings to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

create trigger guard_change before update or delete on blindagem.closings
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem.closings
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem.closings enable always trigger guard_change;
alter table blindagem.closings enable always trigger guard_truncate;

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.closings');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.closings');

create function blindagem.close_period(condominium_id bigint, month date, reason text) returns blindagem.closings
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      closing blindagem.closings;
      checkpoint record;
    begin
      perform blindagem_private.require_role('admin', 'sindico');
      perform blindagem_private.require_reason(reason);
      perform blindagem_private.require_condominium(condominium_id);
      if month is null or extract(day from month) <> 1 then
        perform blindagem_private.fail('BLD04', 'O mês é o primeiro dia dele, como 2026-11-01.');
      end if;
      if blindagem_private.today() < month + interval '1 month' then
        perform blindagem_private.fail('BLD06', format('O mês %s ainda não terminou.', to_char(month, 'MM/YYYY')));
      end if;
      select * into checkpoint from blindagem_audit.newest_checkpoint();
      if checkpoint.tree_size is null or checkpoint.tree_size = 0 then
        perform blindagem_private.fail('BLD14',
          'O registro de auditoria ainda não tem checkpoint assinado, e sem ele não há o que fechar; tente de novo em instantes.');
      end if;
      insert into blindagem.closings (condominium_id, organization_id, month, revision, tree_size, root, reason, closed_by)
      select close_period.condominium_id, blindagem_private.current_organization_id(), close_period.month,
        1 + coalesce(max(c.revision), 0), checkpoint.tree_size, encode(checkpoint.root, 'base64'), btrim(close_period.reason),
        blindagem_private.current_person_id()
      from blindagem.closings c
      where c.condominium_id = close_period.condominium_id and c.month = close_period.month
      returning * into closing;
      return closing;
    end
  $$;
comment on function blindagem.close_period is
  'Closes a condominium''s month on the newest signed checkpoint of the audit log: what is recorded of it later is listed by laterChanges. A month may be closed again; the closing before stays.';

create function blindagem_private.is_of_month(
  condominium_id bigint, month date, entity_type text, entity_id text) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select coalesce(
      exists (
        select from blindagem.expenses e
        where e.condominium_id = is_of_month.condominium_id and e.id = place.expense_id and e.competence = is_of_month.month)
      or exists (
        select from blindagem.bank_transactions t
        where t.condominium_id = is_of_month.condominium_id and t.id = any (place.movement_ids)
          and t.posted_on >= is_of_month.month and t.posted_on < is_of_month.month + interval '1 month')
      or place.month = is_of_month.month, false)
    from (
      select
        case
          when entity_type in ('expenses', 'retentions', 'expense_documents') then split_part(entity_id, '/', 2)::bigint
          when entity_type in ('payables', 'payments') then (
            select y.expense_id from blindagem.payables y
            where y.condominium_id = is_of_month.condominium_id and y.id = split_part(entity_id, '/', 2)::bigint)
          when entity_type = 'reviews' then (
            select r.expense_id from blindagem.reviews r
            where r.condominium_id = is_of_month.condominium_id and r.id = split_part(entity_id, '/', 2)::bigint)
        end as expense_id,
        case entity_type
          when 'bank_transactions' then array[entity_id::bigint]
          when 'movement_verdicts' then array[split_part(entity_id, '/', 2)::bigint]
          when 'refunds' then array[split_part(entity_id, '/', 2)::bigint, split_part(entity_id, '/', 3)::bigint]
          when 'payments' then array[split_part(entity_id, '/', 3)::bigint]
        end as movement_ids,
        case when entity_type = 'closings' then (
          select c.month from blindagem.closings c where c.id = entity_id::bigint) end as month
      offset 0) as place
  $$;
comment on function blindagem_private.is_of_month is
  'Whether a record of a condominium is about that month: an expense of that competence with all that hangs on it (payables, retentions, documents, reviews, payments), a movement posted in it with its verdict, refunds and payments, a closing of it.';

create type blindagem.later_change as (
  record_id bigint,
  recorded_at timestamptz,
  entity_type text,
  entity_id text,
  action text,
  actor_id text,
  leaf_index bigint
);
comment on type blindagem.later_change is
  'A change of a closed month that the log tells of after its closing; auditLog has its record whole.';
comment on column blindagem.later_change.record_id is 'Of the record in auditLog.';
comment on column blindagem.later_change.leaf_index is 'Null while the record waits for its seal.';

create function blindagem.closings_later_changes(closing blindagem.closings) returns setof blindagem.later_change
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    with candidate as materialized (
      select r.id, r.recorded_at, r.entity_type, r.entity_id, r.action, r.actor_id
      from blindagem_audit.audit_log_immutable r
      where r.condominium_id = closing.condominium_id
        and r.id >= (select blindagem_audit.first_id_after(closing.tree_size))
        and not (r.entity_type = 'closings' and r.entity_id = closing.id::text)
        and blindagem_private.is_of_month(closing.condominium_id, closing.month, r.entity_type, r.entity_id)
    )
    select c.id, c.recorded_at, c.entity_type, c.entity_id,
      case when u.record_id is null then c.action else 'OUT_OF_BAND' end, c.actor_id, place.leaf_index
    from candidate c
    left join blindagem_audit.leaf_indexes((select array_agg(id) from candidate)) as place on place.record_id = c.id
    left join blindagem_audit.unattested_records u on u.record_id = c.id
    where place.leaf_index is null or place.leaf_index >= closing.tree_size
    order by c.id
  $$;
comment on function blindagem.closings_later_changes is
  E'@behavior -filter -orderBy\nWhat the log tells of the month that was not known at its closing, oldest first.';

revoke execute on function blindagem.close_period, blindagem.closings_later_changes, blindagem_private.is_of_month from public;
grant execute on function blindagem.close_period to :ADMIN, :SINDICO;
grant execute on function blindagem.closings_later_changes, blindagem_private.is_of_month
  to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;
grant execute on function blindagem_private.visible_condominium_ids, blindagem_private.sees_salaries to :AUDIT_OWNER;

reset role;
set local role :AUDIT_OWNER;

-- Records that a bundle leaves out ---------------------------------------------------------------------------

create function blindagem_audit.withheld_records(record_ids bigint[])
  returns table (record_id bigint, transaction_id text, organization_id bigint, condominium_id bigint, sensitivity text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select r.id, substring(r.entry from '"transaction_id":"([0-9]+)"'), r.organization_id, r.condominium_id, r.sensitivity
    from blindagem_audit.audit_log_immutable r
    where r.id = any (withheld_records.record_ids) and r.entity_type <> 'intents'
      and r.condominium_id = any (blindagem_private.visible_condominium_ids())
      and (r.sensitivity <> 'SALARY' or blindagem_private.sees_salaries())
  $$;
comment on function blindagem_audit.withheld_records is
  'To which group of an intent records of the asker''s condominiums belong: with that and its leaf hash a record that is left out of a bundle, since its reader may not see it or did not ask for it, lets the others of its group be checked. No contents.';
revoke execute on function blindagem_audit.withheld_records from public;
grant execute on function blindagem_audit.withheld_records to :ADMIN, :AUDITOR;

reset role;
