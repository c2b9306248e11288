--! Previous: sha1:b4dddb42feedf3fd7131defd8918288434408a76
--! Hash: sha1:da792b444277951980a55ff66f0f3d8c00781668

-- A record is the bytes that are hashed. A record of the log lay in it twice: as columns, two of them jsonb, and as the
-- leaf's bytes that the sealer wrote out of them. Now the capture function writes the bytes, once, as text; beside them
-- stand only the columns by which records are found. What is shown is what was hashed. Sealing is left with hashing, and
-- keeps runs of leaves instead of a row each: 24 to 130 microseconds a record (capturing) and 28 (sealing) before.

set local role :OWNER;

drop view blindagem.audit_log;

reset role;
set local role :AUDIT_OWNER;

-- What the log held so far keeps its bytes ------------------------------------------------------------------

create table blindagem_audit.former_records as
  select r.id, r.recorded_at, r.organization_id, r.condominium_id, r.sensitivity, r.entity_type, r.entity_id, r.action,
    r.actor_id, l.index, l.hash, l.sealed_at,
    convert_from(coalesce(l.entry, blindagem_audit.entry_of(r)), 'UTF8') as entry,
    exists (select from blindagem_audit.pending_records p where p.record_id = r.id) as pending
  from blindagem_audit.audit_log_immutable r
  left join blindagem_audit.leaves l on l.record_id = r.id;

drop table blindagem_audit.leaves;
drop table blindagem_audit.pending_records;
drop function blindagem_audit.entry_of(blindagem_audit.audit_log_immutable);
drop table blindagem_audit.audit_log_immutable;

-- The log ---------------------------------------------------------------------------------------------------

create sequence blindagem_audit.record_id;
comment on sequence blindagem_audit.record_id is
  'Ids of records, without a cache: a session that kept some back would give later changes of a row smaller ids.';

create table blindagem_audit.audit_log_immutable (
  id bigint not null,
  recorded_at timestamptz not null,
  organization_id bigint,
  condominium_id bigint,
  sensitivity text not null,
  entity_type text not null,
  entity_id text not null,
  action text not null,
  actor_id text,
  entry text not null,
  primary key (id, recorded_at)
) partition by range (recorded_at);
comment on table blindagem_audit.audit_log_immutable is
  'Who, when, what (previous state -> new state). Written by triggers alone; never updated, deleted or truncated.';
comment on column blindagem_audit.audit_log_immutable.entry is
  'The record itself, a JSON object; these bytes (UTF-8) are hashed, and what people see is read out of them. The other columns repeat what records are searched and guarded by.';
comment on column blindagem_audit.audit_log_immutable.action is
  'What it was in the business''s words; OUT_OF_BAND when no process of the platform made the change.';
create index audit_log_entity on blindagem_audit.audit_log_immutable (entity_type, entity_id, id);
create index audit_log_organization on blindagem_audit.audit_log_immutable (organization_id, id)
  where condominium_id is null;
create index audit_log_condominium on blindagem_audit.audit_log_immutable (condominium_id, id);

create table blindagem_audit.pending_records (
  first_record_id bigint primary key,
  record_ids bigint[] not null,
  recorded_at timestamptz not null
);
comment on table blindagem_audit.pending_records is
  'Records not sealed yet, a row for those of one statement. The sealer empties it: sealing is by visibility, never by a cursor over ids, which skips late commits.';

create table blindagem_audit.sealed_runs (
  first_index bigint primary key check (first_index >= 0),
  record_ids bigint[] not null check (cardinality(record_ids) > 0),
  leaf_hashes bytea not null check (length(leaf_hashes) = 32 * cardinality(record_ids)),
  first_record_id bigint not null,
  last_record_id bigint not null,
  sealed_at timestamptz not null default clock_timestamp()
);
comment on table blindagem_audit.sealed_runs is
  'Records in their sealed order, as runs of leaves with dense indexes; a row for each leaf, with its two indexes, cost more than its hash.';
comment on column blindagem_audit.sealed_runs.leaf_hashes is 'The RFC 6962 leaf hashes of the run, 32 bytes each, one after the other.';
create index sealed_runs_records on blindagem_audit.sealed_runs using gist (int8range(first_record_id, last_record_id, '[]'));
comment on index blindagem_audit.sealed_runs_records is
  'For the leaf of a record: runs overlap only where transactions committed in another order than they took their ids.';

create table blindagem_audit.audit_log_default partition of blindagem_audit.audit_log_immutable default;
comment on table blindagem_audit.audit_log_default is 'Takes what no month holds, so that no business write ever fails for want of a partition.';
select blindagem_audit.guard_partition('blindagem_audit.audit_log_default');
do $$
  declare month date;
  begin
    for month in
      select distinct date_trunc('month', recorded_at at time zone 'UTC')::date from blindagem_audit.former_records
    loop
      execute format(
        'create table blindagem_audit.%I partition of blindagem_audit.audit_log_immutable for values from (%L) to (%L)',
        'audit_log_' || to_char(month, 'YYYY_MM'), month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
      perform blindagem_audit.guard_partition(('blindagem_audit.audit_log_' || to_char(month, 'YYYY_MM'))::regclass);
    end loop;
  end
$$;
select blindagem_audit.create_partitions(3);

insert into blindagem_audit.audit_log_immutable (
  id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
select id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry
from blindagem_audit.former_records;
select setval('blindagem_audit.record_id', max(id)) from blindagem_audit.former_records having max(id) is not null;
insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
select id, array[id], recorded_at from blindagem_audit.former_records where pending;
insert into blindagem_audit.sealed_runs (first_index, record_ids, leaf_hashes, first_record_id, last_record_id, sealed_at)
select min(index), array_agg(id order by index), string_agg(hash, '' order by index), min(id), max(id), max(sealed_at)
from blindagem_audit.former_records where index is not null group by index / 5000;
drop table blindagem_audit.former_records;

alter table blindagem_audit.audit_log_immutable enable row level security;
create trigger guard_change before update or delete on blindagem_audit.audit_log_immutable
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_insert before insert on blindagem_audit.audit_log_immutable
  for each statement when (pg_trigger_depth() = 0) execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem_audit.audit_log_immutable
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_immutable enable always trigger guard_change;
alter table blindagem_audit.audit_log_immutable enable always trigger guard_insert;
alter table blindagem_audit.audit_log_immutable enable always trigger guard_truncate;
alter table blindagem_audit.sealed_runs enable row level security;
create trigger guard_change before update or delete on blindagem_audit.sealed_runs
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem_audit.sealed_runs
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem_audit.sealed_runs enable always trigger guard_change;
alter table blindagem_audit.sealed_runs enable always trigger guard_truncate;
alter table blindagem_audit.pending_records enable row level security;

create policy sealer on blindagem_audit.audit_log_immutable for select to :SEALER using (true);
create policy sealer on blindagem_audit.sealed_runs to :SEALER using (true) with check (true);
create policy sealer on blindagem_audit.pending_records to :SEALER using (true) with check (true);
grant select on blindagem_audit.audit_log_immutable to :SEALER;
grant select, insert on blindagem_audit.sealed_runs to :SEALER;
grant select, delete on blindagem_audit.pending_records to :SEALER;

create policy scope on blindagem_audit.audit_log_immutable for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR
  using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[])
    or (condominium_id is null and organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[])));
create policy salaries on blindagem_audit.audit_log_immutable as restrictive for select to :AUDITOR
  using ((select blindagem_private.sees_salaries())
    or (sensitivity <> 'SALARY' and not (
      entity_type in ('bank_transactions', 'movement_verdicts', 'refunds') and condominium_id is not null
      and blindagem_private.is_salary_movement(condominium_id, (regexp_match(entity_id, case entity_type
        when 'refunds' then '^[0-9]+/([0-9]+)/' else '([0-9]+)$' end))[1]::bigint))));
grant select on blindagem_audit.audit_log_immutable to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

create or replace function blindagem_audit.sealing_state() returns table (beat_at timestamptz, oldest_pending_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select
      (select h.beat_at from blindagem_audit.sealer_heartbeat h),
      (select p.recorded_at from blindagem_audit.pending_records p order by p.first_record_id limit 1)
  $$;
create or replace function blindagem_audit.pending_count() returns bigint
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select coalesce(sum(cardinality(record_ids)), 0)
    from (select p.record_ids from blindagem_audit.pending_records p limit 100000) as waiting
  $$;
comment on function blindagem_audit.pending_count is
  'How many records of the log wait for their seal, counted up to those of 100,000 statements: a figure that is asked for every few seconds must not cost more the worse things are.';

create function blindagem_audit.leaf_index(record_id bigint) returns bigint
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select run.first_index + array_position(run.record_ids, leaf_index.record_id) - 1
    from blindagem_audit.sealed_runs run
    where int8range(run.first_record_id, run.last_record_id, '[]') @> leaf_index.record_id
      and array_position(run.record_ids, leaf_index.record_id) is not null
  $$;
comment on function blindagem_audit.leaf_index is 'The place of a record in the tree, from 0; null while it waits for its seal.';

create function blindagem_audit.metadata_of(entry jsonb) returns jsonb
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp
  as $$
    select jsonb_strip_nulls(jsonb_build_object(
      'reason', entry->'reason', 'ip', entry->'ip', 'userAgent', entry->'user_agent', 'requestId', entry->'request_id',
      'jobId', entry->'job_id', 'operation', entry->'operation', 'login', entry->'session_login',
      'transactionId', entry->'transaction_id'))
  $$;
comment on function blindagem_audit.metadata_of is 'What people see of a record beside who, when and what: reason, address, request and job.';
revoke execute on function blindagem_audit.leaf_index, blindagem_audit.metadata_of from public;
grant execute on function blindagem_audit.leaf_index, blindagem_audit.metadata_of to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

create view blindagem_audit.records with (security_invoker = true, security_barrier = true) as
  select r.id, r.recorded_at, r.organization_id, r.condominium_id, r.sensitivity, r.entity_type, r.entity_id, r.action,
    r.actor_id, r.entry, f.operation, f.actor_role, f.on_behalf_of, f.previous_state, f.new_state, f.reason, f.ip,
    f.user_agent, f.request_id, f.job_id, f.session_login, f.application_name, f.client_address, f.transaction_id
  from blindagem_audit.audit_log_immutable r
  cross join lateral jsonb_to_record(r.entry::jsonb) as f (
    operation text, actor_role text, on_behalf_of text, previous_state jsonb, new_state jsonb, reason text, ip inet,
    user_agent text, request_id text, job_id text, session_login text, application_name text, client_address inet,
    transaction_id text);
comment on view blindagem_audit.records is 'The records with all that their entries say, for those who look into the log in SQL.';

-- Capture ---------------------------------------------------------------------------------------------------

drop function blindagem_audit.changed_fields_source(text[], text[], text), blindagem_audit.row_source(text[], text);
drop function blindagem_audit.business_action(text, text, jsonb, jsonb);

create function blindagem_audit.json_source(side text, col name, column_type oid) returns text
  language sql stable
  as $$
    select case
      when t.typcategory = 'N' then format($s$'"' || %1$s.%2$I::text || '"'$s$, side, col)
      when t.typcategory = 'B' or t.typname in ('json', 'jsonb') then format('%1$s.%2$I::text', side, col)
      else format('to_json(%1$s.%2$I)::text', side, col)
    end
    from pg_type t where t.oid = column_type
  $$;
comment on function blindagem_audit.json_source is
  'The expression for a column''s value as JSON text, whatever the session''s settings; numbers as strings, so that no reader rounds them.';

create function blindagem_audit.state_source(table_name regclass, side text, only_changed boolean) returns text
  language sql stable
  as $$
    select $s$'{' || substr($s$ || string_agg(format(
        case
          when only_changed then $s$case when o.%1$I is distinct from n.%1$I then ',"%1$s":' || coalesce(%2$s, 'null') else '' end$s$
          when a.attnotnull then $s$(',"%1$s":' || %2$s)$s$
          else $s$coalesce(',"%1$s":' || %2$s, '')$s$
        end, a.attname, blindagem_audit.json_source(side, a.attname, a.atttypid)), ' || ' order by a.attnum) || $s$, 2) || '}'$s$
    from pg_attribute a
    where a.attrelid = table_name and a.attnum > 0 and not a.attisdropped
  $$;
comment on function blindagem_audit.state_source is
  'The expression for one side ("o" or "n") of a row as JSON text: all its columns but the empty ones, or those that an update changed.';

create function blindagem_audit.action_source(entity text, operation text) returns text
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
      else quote_literal(operation)
    end
  $$;
comment on function blindagem_audit.action_source is 'The expression for what a change was in the business''s words.';

create function blindagem_audit.context_entry(who blindagem_audit.context, recorded_at timestamptz) returns text
  language sql stable
  as $$
    select concat_ws(',',
      '"recorded_at":"' || to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"',
      '"actor_id":' || to_json(who.actor_id)::text,
      '"actor_role":' || to_json(who.actor_role)::text,
      '"on_behalf_of":' || to_json(who.on_behalf_of)::text,
      '"reason":' || to_json(who.reason)::text,
      '"ip":"' || host(who.ip) || '"',
      '"user_agent":' || to_json(who.user_agent)::text,
      '"request_id":' || to_json(who.request_id)::text,
      '"job_id":' || to_json(who.job_id)::text,
      '"session_login":' || to_json(session_user::text)::text,
      '"application_name":' || to_json(current_setting('application_name', true))::text,
      '"client_address":"' || host(inet_client_addr()) || '"',
      '"transaction_id":"' || pg_current_xact_id()::text || '"')
  $$;
comment on function blindagem_audit.context_entry is
  'The fields of an entry that all records of a statement share, as JSON text without braces; what is null is left out.';

create or replace function blindagem_audit.capture_source(table_name regclass, operation text) returns text
  language plpgsql stable
  as $$
    declare
      entity text;
      columns text[];
      keys text[];
      any_row text;
      entity_id text;
      organization text;
      condominium text;
      sensitivity text;
      changed_rows text;
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
      any_row := case operation when 'UPDATE' then 'coalesce(n.%1$I, o.%1$I)' when 'DELETE' then 'o.%1$I' else 'n.%1$I' end;
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
      changed_rows := case operation
        when 'INSERT' then 'new_rows n'
        when 'DELETE' then 'old_rows o'
        else 'old_rows o full join new_rows n on '
          || (select string_agg(format('n.%1$I = o.%1$I', key), ' and ') from unnest(keys) as key)
          || ' where o is distinct from n' end;

      return format($f$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      shared text := blindagem_audit.context_entry(who, at);
    begin
      with recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, %1$L, c.entity_id, c.action, who.actor_id,
          '{"format":"blindagem-record-3","id":"' || c.id::text || '","salt":"' || gen_random_uuid()::text || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"%1$s","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"%2$s","action":"' || c.action || '"'
            || %3$s || ',' || shared || '}'
        from (
          select nextval('blindagem_audit.record_id') as id, %4$s as organization_id, %5$s as condominium_id,
            %6$s as sensitivity, %7$s as entity_id,
            case when who.out_of_band then 'OUT_OF_BAND' else %8$s end as action, %9$s
          from %10$s
          offset 0) as c
        returning id
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from recorded having count(*) > 0;
      return null;
    end
  $f$, entity, operation,
        case operation when 'DELETE' then '' else $s$',"new_state":' || c.new_state$s$ end
          || case operation when 'UPDATE' then ' || ' else '' end
          || case operation when 'INSERT' then '' else $s$',"previous_state":' || c.previous_state$s$ end,
        organization, condominium, sensitivity, entity_id, blindagem_audit.action_source(entity, operation),
        concat_ws(', ',
          case when operation <> 'INSERT' then blindagem_audit.state_source(table_name, 'o', operation = 'UPDATE') || ' as previous_state' end,
          case when operation <> 'DELETE' then blindagem_audit.state_source(table_name, 'n', operation = 'UPDATE') || ' as new_state' end),
        changed_rows);
    end
  $$;
comment on function blindagem_audit.capture_source is
  'The body of a table''s capture function: one record per changed row, in one statement, and its mark for sealing. Old and new rows pair by key in a full join. A record''s salt keeps those who have its hash alone from guessing what it says. After a change of the table''s columns, define_capture is to be called again (a test compares).';

create or replace function blindagem_audit.capture_truncate() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
  as $$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      action text := case when who.out_of_band then 'OUT_OF_BAND' else 'TRUNCATE' end;
      record_id bigint := nextval('blindagem_audit.record_id');
    begin
      insert into blindagem_audit.audit_log_immutable (id, recorded_at, sensitivity, entity_type, entity_id, action, actor_id, entry)
      values (record_id, at, 'ORDINARY', tg_table_name, tg_table_name, action, who.actor_id,
        '{"format":"blindagem-record-3","id":"' || record_id || '","salt":"' || gen_random_uuid()
          || '","sensitivity":"ORDINARY","entity_type":"' || tg_table_name || '","entity_id":"' || tg_table_name
          || '","operation":"TRUNCATE","action":"' || action || '",' || blindagem_audit.context_entry(who, at) || '}');
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      values (record_id, array[record_id], at);
      return null;
    end
  $$;

revoke execute on function
  blindagem_audit.json_source, blindagem_audit.state_source, blindagem_audit.action_source, blindagem_audit.context_entry
  from public;
select blindagem_audit.define_capture(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

reset role;
set local role :OWNER;

create view blindagem.audit_log with (security_invoker = true, security_barrier = true) as
  select
    r.id, r.recorded_at, r.organization_id, r.condominium_id, r.entity_type, r.entity_id, r.action,
    r.actor_id, r.entry::jsonb->>'actor_role' as actor_role, r.entry::jsonb->>'on_behalf_of' as on_behalf_of,
    r.entry::jsonb->'previous_state' as previous_state, r.entry::jsonb->'new_state' as new_state,
    blindagem_audit.metadata_of(r.entry::jsonb) as metadata,
    blindagem_audit.leaf_index(r.id) as leaf_index
  from blindagem_audit.audit_log_immutable r;
comment on view blindagem.audit_log is
  E'@primaryKey id\n@behavior -insert -update -delete\nThe audit log: who, when, what (previous state -> new state), with reason and address.';
grant select on blindagem.audit_log to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

reset role;
