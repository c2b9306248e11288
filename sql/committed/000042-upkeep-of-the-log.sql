--! Previous: sha1:9393b9b878de42299102f2c499f2c0526f369cfa
--! Hash: sha1:9efd828e23ab152ec250d23c35d40de04895e3b9

-- What closings say of statements, what is asked every few seconds of what waits for its seal, and checkpoints, of which
-- there is one a second under constant load.

set local role :OWNER;

-- Statements belong to months ---------------------------------------------------------------------------------

alter table blindagem.bank_statements add column condominium_id bigint;
comment on column blindagem.bank_statements.condominium_id is
  'The account''s, so that its records are the condominium''s; null for a pool account of the administradora.';

create function blindagem_private.place_statement() returns trigger
  language plpgsql set search_path = pg_catalog, pg_temp
  as $$
    begin
      new.condominium_id := (select a.condominium_id from blindagem.bank_accounts a where a.id = new.account_id);
      return new;
    end
  $$;
comment on function blindagem_private.place_statement is 'Gives a statement the condominium of its account.';
revoke execute on function blindagem_private.place_statement from public;
create trigger place_statement before insert or update of account_id on blindagem.bank_statements
  for each row execute function blindagem_private.place_statement();

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.bank_statements');
reset role;
set local role :OWNER;
update blindagem.bank_statements s set condominium_id = a.condominium_id
from blindagem.bank_accounts a where a.id = s.account_id and a.condominium_id is not null;

create or replace function blindagem_private.is_of_month(
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
      or place.days && daterange(is_of_month.month, (is_of_month.month + interval '1 month')::date), false)
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
          when entity_type = 'match_decisions' then (
            select y.expense_id from blindagem.match_decisions m
            join blindagem.payables y on y.condominium_id = m.condominium_id and y.id = m.payable_id
            where m.condominium_id = is_of_month.condominium_id and m.id = split_part(entity_id, '/', 2)::bigint)
        end as expense_id,
        case entity_type
          when 'bank_transactions' then array[entity_id::bigint]
          when 'movement_verdicts' then array[split_part(entity_id, '/', 2)::bigint]
          when 'refunds' then array[split_part(entity_id, '/', 2)::bigint, split_part(entity_id, '/', 3)::bigint]
          when 'payments' then array[split_part(entity_id, '/', 3)::bigint]
          when 'match_decisions' then (
            select array[m.debit_id, m.credit_id] from blindagem.match_decisions m
            where m.condominium_id = is_of_month.condominium_id and m.id = split_part(entity_id, '/', 2)::bigint)
          when 'statement_doubts' then (select d.candidate_ids from blindagem.statement_doubts d where d.id = entity_id::bigint)
        end as movement_ids,
        case entity_type
          when 'closings' then (
            select daterange(c.month, c.month, '[]') from blindagem.closings c where c.id = entity_id::bigint)
          when 'bank_statements' then (
            select daterange(s.starts_on, s.ends_on, '[]') from blindagem.bank_statements s where s.id = entity_id::bigint)
          when 'statement_exceptions' then (
            select daterange(x.from_day, x.to_day, '[]') from blindagem.statement_exceptions x
            where x.id = split_part(entity_id, '/', 2)::bigint)
          when 'statement_files' then (
            select daterange(min(f.first), max(f.last), '[]')
            from (
              select s.starts_on, s.ends_on from blindagem.bank_statements s where s.file_id = entity_id::bigint
              union all
              select coalesce(p.paid_on, p.due_on), coalesce(p.paid_on, p.due_on) from blindagem.returned_payments p
              where p.file_id = entity_id::bigint) as f (first, last)
            having min(f.first) is not null)
          when 'returned_payments' then (
            select daterange(coalesce(p.paid_on, p.due_on), coalesce(p.paid_on, p.due_on), '[]')
            from blindagem.returned_payments p where p.id = entity_id::bigint and coalesce(p.paid_on, p.due_on) is not null)
        end as days
      offset 0) as place
  $$;
comment on function blindagem_private.is_of_month is
  'Whether a record of a condominium is about that month: an expense of that competence with all that hangs on it (payables, retentions, documents, reviews, payments, match decisions), a movement posted in it with its verdict, refunds and payments, a statement that reaches into it with its file, exceptions, doubts and returned payments, a closing of it.';

-- Síndicos take their building's records along, as the conselho does -------------------------------------------

reset role;
set local role :AUDIT_OWNER;

grant execute on function blindagem_audit.sealed_leaves, blindagem_audit.intents_of, blindagem_audit.withheld_records,
  blindagem_audit.detached_months to :SINDICO;

-- What waits -------------------------------------------------------------------------------------------------

alter table blindagem_audit.sealer_heartbeat
  add column taken_to bigint not null default 0,
  add column running xid8[] not null default '{}';
comment on column blindagem_audit.sealer_heartbeat.taken_to is
  'The sealing process''s mark (low-water-mark.ts): no pending row is to be found up to that id, save of transactions in `running`.';

create function blindagem_audit.waiting_records() returns setof blindagem_audit.pending_records
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select p.* from blindagem_audit.pending_records p
    where p.first_record_id > coalesce((select h.taken_to from blindagem_audit.sealer_heartbeat h), 0)
    union all
    select p.* from blindagem_audit.sealer_heartbeat h
    join blindagem_audit.pending_records p on p.transaction_id = any (h.running) and p.first_record_id <= h.taken_to
  $$;
comment on function blindagem_audit.waiting_records is
  'What waits for its seal, from where the sealing process looks: behind an old snapshot the rows that it has taken out cannot be cleaned up, and a look from the first one walked over 20,000,000 of them at every scrape.';

create or replace function blindagem_audit.pending_count() returns bigint
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select coalesce(sum(cardinality(record_ids)), 0)
    from (select p.record_ids from blindagem_audit.waiting_records() p limit 100000) as waiting
  $$;

create or replace function blindagem_audit.sealing_state() returns table (beat_at timestamptz, oldest_pending_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select h.beat_at, least(
      (select p.recorded_at from blindagem_audit.pending_records p
       where p.first_record_id > coalesce(h.taken_to, 0) order by p.first_record_id limit 1),
      (select min(p.recorded_at) from blindagem_audit.pending_records p
       where p.transaction_id = any (h.running) and p.first_record_id <= h.taken_to))
    from (values (true)) as always
    left join blindagem_audit.sealer_heartbeat h on true
  $$;

do $$
  begin
    execute replace(pg_get_functiondef('blindagem_audit.first_id_after'::regproc),
      'from blindagem_audit.pending_records p', 'from blindagem_audit.waiting_records() p');
  end
$$;
revoke execute on function blindagem_audit.waiting_records from public;

-- Old checkpoints --------------------------------------------------------------------------------------------

reset role;
set local role :OWNER;

create table blindagem.checkpoint_thinnings (
  id bigint generated always as identity primary key,
  signed_before timestamptz not null,
  removed bigint not null check (removed > 0),
  thinned_at timestamptz not null default clock_timestamp()
);
comment on table blindagem.checkpoint_thinnings is
  'Times at which old checkpoints were thinned out, as the record of each row tells: how many went, of those signed before when.';
alter table blindagem.checkpoint_thinnings enable row level security;
create policy audit on blindagem.checkpoint_thinnings to :AUDIT_OWNER using (true) with check (true);
grant insert on blindagem.checkpoint_thinnings to :AUDIT_OWNER;

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.checkpoint_thinnings');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.checkpoint_thinnings');
grant select on blindagem.closings to :AUDIT_OWNER;
create policy audit on blindagem.closings for select to :AUDIT_OWNER using (true);
reset role;
set local role :AUDIT_OWNER;

-- A proof is made from tiles and the newest checkpoint, and whoever kept an old one has it held against the tiles: no old
-- signature is needed for either. What stays tells by itself when the log was how large: each hour's last, the first of
-- all, and those that acts rest on: that a month was closed on, and the first that covers a closing, an erasure or a month
-- that was taken out. Bundles and cosignatures have the checkpoints that they name in them.
create function blindagem_audit.thin_checkpoints(signed_before timestamptz, at_most int) returns bigint
  language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '3s'
  as $$
    declare removed bigint;
    begin
      if signed_before > now() - interval '1 day' then
        raise exception using errcode = 'BLD04', message = 'Os checkpoints do último dia ficam todos.';
      end if;
      alter table blindagem_audit.checkpoints disable trigger guard_change;
      with act as (
        select array_agg(a.id) as ids from (
          select r.id from blindagem_audit.audit_log_immutable r where r.entity_type in ('closings', 'erasures', 'log_detachments')
          union all
          select c.last_record_id from blindagem_audit.carried_states c where c.entity_type in ('closings', 'erasures', 'log_detachments')) as a
      ), named as (
        select c.tree_size from blindagem.closings c
        union
        select first.tree_size from act
        cross join lateral blindagem_audit.leaf_indexes(act.ids) as leaf
        cross join lateral (
          select c.tree_size from blindagem_audit.checkpoints c where c.tree_size > leaf.leaf_index order by c.tree_size limit 1) as first
        union
        select min(c.tree_size) from blindagem_audit.checkpoints c
      ), aged as (
        select c.tree_size, row_number() over (partition by date_trunc('hour', c.signed_at, 'UTC') order by c.tree_size desc) > 1 as is_between
        from blindagem_audit.checkpoints c where c.signed_at < date_trunc('hour', thin_checkpoints.signed_before, 'UTC')
      ), superfluous as (
        select a.tree_size from aged a
        where a.is_between and not exists (select from named n where n.tree_size = a.tree_size)
        order by a.tree_size limit at_most
      )
      delete from blindagem_audit.checkpoints c using superfluous s where c.tree_size = s.tree_size;
      get diagnostics removed = row_count;
      alter table blindagem_audit.checkpoints enable always trigger guard_change;
      if removed > 0 then
        insert into blindagem.checkpoint_thinnings (signed_before, removed) values (thin_checkpoints.signed_before, removed);
      end if;
      return removed;
    end
  $$;
comment on function blindagem_audit.thin_checkpoints is
  'Removes up to so many checkpoints that were signed before then, and leaves a record of it; the sealing process waits meanwhile. How many went.';
revoke execute on function blindagem_audit.thin_checkpoints from public;
grant execute on function blindagem_audit.thin_checkpoints to :WORKER;

reset role;
