--! Previous: sha1:d347e9bd82298ecc1100f4e1d3acf8b30e1539b4
--! Hash: sha1:d63d00551e81d9ae121f0344c1bae8a9d3b34b35

-- What every expense passes through on its way from batch to decision.

set local role :OWNER;

-- A change of status wrote new entries into all nine indexes, since three of them had the status in them: 50 of the 150
-- microseconds of an update. Without, and with room on the page, PostgreSQL changes the row in place (HOT).

drop index blindagem.expenses_by_status, blindagem.expenses_of_batch, blindagem.expenses_of_company,
  blindagem.expenses_of_payee, blindagem.expenses_waiting;
create index expenses_of_batch on blindagem.expenses (batch_id);
create index expenses_of_payee on blindagem.expenses (payee_document, condominium_id);
comment on index blindagem.expenses_of_payee is 'For a payee of one condominium, and for all expenses of a company.';
alter table blindagem.expenses set (fillfactor = 45);

create table blindagem_private.undecided_expenses (
  expense_id bigint primary key,
  fact_deadline timestamptz not null
);
comment on table blindagem_private.undecided_expenses is
  'The expenses that are PENDING, kept by triggers: in place of an index over the status, which made every change of it dear.';
create index undecided_expenses_deadline on blindagem_private.undecided_expenses (fact_deadline);
alter table blindagem_private.undecided_expenses enable row level security;
create policy worker on blindagem_private.undecided_expenses for select to :WORKER using (true);
grant select on blindagem_private.undecided_expenses to :WORKER;
insert into blindagem_private.undecided_expenses (expense_id, fact_deadline)
select id, fact_deadline from blindagem.expenses where status = 'PENDING';

create function blindagem_private.note_undecided_expenses() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      insert into blindagem_private.undecided_expenses (expense_id, fact_deadline)
      select id, fact_deadline from new_rows where status = 'PENDING';
      return null;
    end
  $$;
comment on function blindagem_private.note_undecided_expenses is 'New expenses wait for their decision.';
create trigger undecided after insert on blindagem.expenses
  referencing new table as new_rows for each statement execute function blindagem_private.note_undecided_expenses();

-- Row by row this check was a call of a function for each expense.
drop trigger expense_transition on blindagem.expenses;
drop function blindagem_private.check_expense_transition();
create function blindagem_private.change_expense_status() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare wrong record;
    begin
      select n.id, o.status as old_status, n.status as new_status into wrong
      from new_rows n join old_rows o on o.condominium_id = n.condominium_id and o.id = n.id
      where o.status <> n.status and not exists (
        select from blindagem_private.expense_transitions t where t.from_status = o.status and t.to_status = n.status)
      limit 1;
      if found then
        perform blindagem_private.fail('BLD06',
          format('A despesa %s não pode passar de %s para %s.', wrong.id, wrong.old_status, wrong.new_status));
      end if;
      delete from blindagem_private.undecided_expenses u
      using new_rows n
      where u.expense_id = n.id and n.status <> 'PENDING';
      return null;
    end
  $$;
comment on function blindagem_private.change_expense_status is
  'Refuses a change of status that expense_transitions does not list, and takes what is decided off the undecided ones.';
create trigger expense_transition after update on blindagem.expenses
  referencing old table as old_rows new table as new_rows
  for each statement execute function blindagem_private.change_expense_status();
revoke execute on function blindagem_private.note_undecided_expenses, blindagem_private.change_expense_status from public;

-- Rule sets are few and never deleted: looked at once a statement, not once a decision.
alter table blindagem.decisions drop constraint decisions_rule_set_fkey;
create or replace function blindagem_private.check_decision_expense() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare missing bigint;
    begin
      select n.expense_id into missing
      from new_rows n
      left join blindagem.expenses e on e.condominium_id = n.condominium_id and e.id = n.expense_id
      where e.facts_hash is distinct from n.facts_hash
      limit 1;
      if found then
        raise foreign_key_violation using
          message = format('A decision on the expense %s is stored, but the expense does not have its facts'' hash.', missing),
          table = tg_table_name, schema = tg_table_schema;
      end if;
      if exists (
        select from (select distinct rule_set from new_rows) as n
        where not exists (select from blindagem_private.rule_sets s where s.hash = n.rule_set)) then
        raise foreign_key_violation using
          message = 'A decision rests on a rule set that is not stored.', table = tg_table_name, schema = tg_table_schema;
      end if;
      return null;
    end
  $$;
comment on function blindagem_private.check_decision_expense is
  'Invariant: the expense of a decision exists and carries the hash of the decision''s facts, which the audit log thus has; its rule set exists.';
create trigger keep before delete on blindagem_private.rule_sets
  for each statement execute function blindagem_private.refuse_deletion();
alter table blindagem_private.rule_sets enable always trigger keep;

reset role;

-- The changed fields of an update, written as JSON text and read as a whole: taking the unchanged ones out of two
-- complete rows in jsonb took 20 microseconds more.

set local role :AUDIT_OWNER;

create function blindagem_audit.changed_fields_source(columns text[], side text) returns text
  language sql immutable
  as $$
    select $s$('{' || concat_ws(', ', $s$ || string_agg(
      format($s$case when o.%1$I is distinct from n.%1$I then '%2$s: ' || coalesce(to_json(%3$s.%1$I)::text, 'null') end$s$,
        col, replace(to_json(col)::text, '%', '%%'), side), ', ' order by place) || $s$) || '}')::jsonb$s$
    from unnest(columns) with ordinality as c (col, place)
  $$;
comment on function blindagem_audit.changed_fields_source is
  'The expression for one side ("o" or "n") of an updated row: an object of the fields that differ.';
revoke execute on function blindagem_audit.changed_fields_source from public;

create or replace function blindagem_audit.capture_source(table_name regclass, operation text) returns text
  language plpgsql stable
  as $$
    declare
      entity text;
      columns text[];
      keys text[];
      row_alias text := case operation when 'DELETE' then 'o' else 'n' end;
      any_row text;
      entity_id text;
      organization text;
      condominium text;
      sensitivity text;
      source text;
    begin
      select c.relname into strict entity from pg_class c where c.oid = table_name;
      select array_agg(a.attname::text order by a.attnum) into columns
      from pg_attribute a where a.attrelid = table_name and a.attnum > 0 and not a.attisdropped;
      select array_agg(a.attname::text order by k.position) into keys
      from pg_constraint c
      cross join unnest(c.conkey) with ordinality as k (attnum, position)
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum
      where c.conrelid = table_name and c.contype = 'p';

      -- Of an updated row whose key was changed all the same, one half is missing.
      any_row := case operation when 'UPDATE' then 'coalesce(n.%1$I, o.%1$I)' else row_alias || '.%1$I' end;
      select string_agg(format(any_row || '::text', key), $s$ || '/' || $s$ order by place) into entity_id
      from unnest(keys) with ordinality as k (key, place);
      organization := case
        when entity = 'organizations' then format(any_row, 'id')
        when 'organization_id' = any (columns) then format(any_row, 'organization_id')
        else 'null::bigint' end;
      condominium := case
        when entity = 'condominiums' then format(any_row, 'id')
        when 'condominium_id' = any (columns) then format(any_row, 'condominium_id')
        else 'null::bigint' end;
      -- By the expense's id alone, which is unique: with the condominium beside it, the planner of a database without
      -- statistics took an index of the condominium and read all its expenses for each row.
      sensitivity := case
        when 'sensitivity' = any (columns) then format(any_row, 'sensitivity')
        when 'expense_id' = any (columns) then format(
          $s$coalesce((select e.sensitivity from blindagem.expenses e where e.id = %s), 'ORDINARY')$s$,
          format(any_row, 'expense_id'))
        when 'payable_id' = any (columns) then format(
          $s$coalesce((select e.sensitivity from blindagem.payables p join blindagem.expenses e on e.id = p.expense_id
               where p.condominium_id = %s and p.id = %s), 'ORDINARY')$s$,
          format(any_row, 'condominium_id'), format(any_row, 'payable_id'))
        else $s$'ORDINARY'$s$ end;

      source := case operation
        when 'INSERT' then 'select null::jsonb as previous_state, to_jsonb(n) as new_state, %1$s from new_rows n'
        when 'DELETE' then 'select to_jsonb(o) as previous_state, null::jsonb as new_state, %1$s from old_rows o'
        else format(
          'select %s as previous_state, %s as new_state, %%1$s
           from old_rows o
           full join new_rows n on %s
           where o is distinct from n',
          blindagem_audit.changed_fields_source(columns, 'o'), blindagem_audit.changed_fields_source(columns, 'n'),
          (select string_agg(format('n.%1$I = o.%1$I', key), ' and ') from unnest(keys) as key))
        end;
      source := format(source, format('%s as organization_id, %s as condominium_id, %s as sensitivity, %s as entity_id',
        organization, condominium, sensitivity, entity_id));
      return format($f$
    declare who blindagem_audit.context := blindagem_audit.current_context();
    begin
      with recorded as (
        insert into blindagem_audit.audit_log_immutable (
          organization_id, condominium_id, sensitivity, entity_type, entity_id, operation, action, actor_id, actor_role,
          on_behalf_of, previous_state, new_state, reason, ip, user_agent, request_id, job_id)
        select c.organization_id, c.condominium_id, c.sensitivity, %1$L, c.entity_id, %2$L,
          case when who.out_of_band then 'OUT_OF_BAND'
            else blindagem_audit.business_action(%1$L, %2$L, c.previous_state, c.new_state) end,
          who.actor_id, who.actor_role, who.on_behalf_of, c.previous_state, c.new_state, who.reason, who.ip,
          who.user_agent, who.request_id, who.job_id
        from (%3$s offset 0) as c
        returning id, recorded_at
      )
      insert into blindagem_audit.pending_records (record_id, recorded_at) select id, recorded_at from recorded;
      return null;
    end
  $f$, entity, operation, source);
    end
  $$;

select blindagem_audit.define_capture(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

reset role;
