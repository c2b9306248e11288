--! Previous: sha1:be5b3fc553b72dfeb01a9c1d5d5806c5d323f172
--! Hash: sha1:397ae90a6401d4ab5b3b4443cbbb7a2bb7c9d81b

-- The audit triggers, faster: each table gets capture functions of its own, written for its columns. Passing rows as
-- arrays of jsonb through one function for all tables took 77 microseconds a record, of which 45 went into comparing
-- two jsonb field by field; comparing the columns themselves takes 3.

set local role :AUDIT_OWNER;

create type blindagem_audit.context as (
  out_of_band boolean, actor_id text, actor_role text, on_behalf_of text, reason text, ip inet, user_agent text,
  request_id text, job_id text);
comment on type blindagem_audit.context is 'Who makes the changes of the running statement, from where and why.';

create function blindagem_audit.current_context() returns blindagem_audit.context
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    select row(
      session_user not in (':AUTHENTICATOR', ':WORKER') or nullif(current_setting('blindagem.actor_id', true), '') is null,
      nullif(current_setting('blindagem.actor_id', true), ''),
      nullif(current_setting('blindagem.role', true), ''),
      nullif(current_setting('blindagem.on_behalf_of', true), ''),
      nullif(current_setting('blindagem.reason', true), ''),
      nullif(current_setting('blindagem.ip', true), '')::inet,
      nullif(current_setting('blindagem.user_agent', true), ''),
      nullif(current_setting('blindagem.request_id', true), ''),
      nullif(current_setting('blindagem.job_id', true), ''))::blindagem_audit.context
  $$;
comment on function blindagem_audit.current_context is
  'The context of the running statement, read once for all its rows. Without an actor, or under a login that is not the platform''s, it is out of band.';

-- No search_path of its own: with one PostgreSQL cannot inline it. Only capture functions call it, under a fixed one.
create function blindagem_audit.business_action(entity_type text, operation text, old_state jsonb, new_state jsonb) returns text
  language sql immutable parallel safe
  as $$
    select case
      when entity_type = 'expenses' and operation = 'INSERT' then 'SUBMIT'
      when entity_type = 'expenses' and operation = 'UPDATE' and new_state ? 'status'
        then case new_state->>'status'
          when 'APPROVED' then 'APPROVE'
          when 'REJECTED' then 'REJECT'
          when 'CANCELLED' then 'CANCEL'
          when 'MANUAL_REVIEW' then 'SEND_TO_REVIEW'
          when 'AWAITING_SECOND_APPROVAL' then 'REQUEST_SECOND_APPROVAL'
        end
      when entity_type = 'payments' then case operation when 'INSERT' then 'MATCH' when 'DELETE' then 'UNDO_MATCH' else 'UPDATE' end
      when entity_type = 'refunds' then case operation when 'INSERT' then 'REFUND' when 'DELETE' then 'UNDO_REFUND' else 'UPDATE' end
      when entity_type = 'reviews' and operation = 'INSERT' then 'OPEN_REVIEW'
      when entity_type = 'reviews' and operation = 'UPDATE' and old_state->'outcome' = 'null' then 'RESOLVE_REVIEW'
      else operation
    end
  $$;
comment on function blindagem_audit.business_action is
  'What a change was in the business''s words; for an update the states hold the changed fields alone.';

create function blindagem_audit.capture_source(table_name regclass, operation text) returns text
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
          'select to_jsonb(o) - same.columns as previous_state, to_jsonb(n) - same.columns as new_state, %%1$s
           from old_rows o
           full join new_rows n on %s
           cross join lateral (select array_remove(array[%s], null)) as same (columns)
           where o is distinct from n',
          (select string_agg(format('n.%1$I = o.%1$I', key), ' and ') from unnest(keys) as key),
          (select string_agg(format('case when o.%1$I is not distinct from n.%1$I then %1$L end', col), ', ' order by place)
           from unnest(columns) with ordinality as c (col, place)))
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
comment on function blindagem_audit.capture_source is
  'The body of a table''s capture function: one record per changed row, in one statement, and its mark for sealing. Old and new rows pair by key in a full join. After a change of the table''s columns, define_capture is to be called again (a test compares).';

create function blindagem_audit.define_capture(table_name regclass) returns void
  language plpgsql
  as $$
    declare
      entity text;
      operation text;
    begin
      select c.relname into strict entity from pg_class c where c.oid = table_name;
      foreach operation in array '{INSERT,UPDATE,DELETE}'::text[] loop
        execute format(
          'create or replace function blindagem_audit.%I() returns trigger
           language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = ''UTC'' as %L',
          'capture_' || lower(operation) || '_' || entity, blindagem_audit.capture_source(table_name, operation));
        execute format('comment on function blindagem_audit.%I is %L', 'capture_' || lower(operation) || '_' || entity,
          format('Records each %s of a row of %s.', lower(operation), entity));
        execute format('revoke execute on function blindagem_audit.%I from public', 'capture_' || lower(operation) || '_' || entity);
        execute format('grant execute on function blindagem_audit.%I to :OWNER', 'capture_' || lower(operation) || '_' || entity);
      end loop;
    end
  $$;
comment on function blindagem_audit.define_capture is 'Writes a table''s three capture functions for the columns it has now.';

create or replace function blindagem_audit.capture_truncate() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
  as $$
    declare who blindagem_audit.context := blindagem_audit.current_context();
    begin
      with recorded as (
        insert into blindagem_audit.audit_log_immutable (
          entity_type, entity_id, operation, action, actor_id, actor_role, on_behalf_of, previous_state, reason, ip,
          user_agent, request_id, job_id)
        values (tg_table_name, tg_table_name, 'TRUNCATE', case when who.out_of_band then 'OUT_OF_BAND' else 'TRUNCATE' end,
          who.actor_id, who.actor_role, who.on_behalf_of, jsonb_build_object('table', tg_table_name), who.reason, who.ip,
          who.user_agent, who.request_id, who.job_id)
        returning id, recorded_at
      )
      insert into blindagem_audit.pending_records (record_id, recorded_at) select id, recorded_at from recorded;
      return null;
    end
  $$;

select blindagem_audit.define_capture(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

revoke execute on function
  blindagem_audit.current_context, blindagem_audit.business_action, blindagem_audit.capture_source,
  blindagem_audit.define_capture, blindagem_audit.capture_truncate from public;
grant execute on function blindagem_audit.capture_truncate to :OWNER;

-- Records of a condominium are found by the condominium; by the organization only those that have none.
drop index blindagem_audit.audit_log_organization;
create index audit_log_organization on blindagem_audit.audit_log_immutable (organization_id, id)
  where condominium_id is null;

reset role;
set local role :OWNER;

create or replace function blindagem_private.attach_audit(table_name regclass) returns void
  language plpgsql
  as $$
    declare
      entity text;
      event text;
      tables text;
    begin
      select c.relname into strict entity from pg_class c where c.oid = table_name;
      foreach event in array '{insert,update,delete}'::text[] loop
        tables := case event
          when 'insert' then 'referencing new table as new_rows'
          when 'update' then 'referencing old table as old_rows new table as new_rows'
          else 'referencing old table as old_rows'
        end;
        execute format('drop trigger if exists audit_%s on %s', event, table_name);
        execute format('create trigger audit_%1$s after %1$s on %2$s %3$s for each statement execute function blindagem_audit.%4$I()',
          event, table_name, tables, 'capture_' || event || '_' || entity);
        execute format('alter table %s enable always trigger audit_%s', table_name, event);
      end loop;
      execute format('drop trigger if exists audit_truncate on %s', table_name);
      execute format('create trigger audit_truncate after truncate on %s for each statement execute function blindagem_audit.capture_truncate()', table_name);
      execute format('alter table %s enable always trigger audit_truncate', table_name);
    end
  $$;
comment on function blindagem_private.attach_audit is
  'Gives a table its audit triggers; its capture functions have been written before (blindagem_audit.define_capture).';

select blindagem_private.attach_audit(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

reset role;
set local role :AUDIT_OWNER;

drop function blindagem_audit.capture_insert, blindagem_audit.capture_update, blindagem_audit.capture_delete;
drop function blindagem_audit.record_changes(text, text, text[], jsonb[], jsonb[]);
drop function blindagem_audit.action_of(text, text, jsonb, jsonb);
drop function blindagem_audit.changed_fields(jsonb, jsonb);
drop function blindagem_audit.entity_id(jsonb, text[]);

reset role;
