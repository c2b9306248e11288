--! Previous: sha1:998a198e90b200b6f0b69e973d8ea1728f671f3b
--! Hash: sha1:7e092378fbe9e9eaf6caef581478a8e36c5bcf2f

-- The audit log. Rows are written only by triggers, statement-level, ENABLE ALWAYS, on every table of blindagem
-- but the exceptions listed here. The place of signed intents (intent) and of the Merkle tree (leaves) is laid.

grant usage on schema blindagem_private, blindagem to :AUDIT_OWNER;

set local role :OWNER;

-- A record of a payable, a payment or a decision is as sensitive as the expense it belongs to.
grant select (condominium_id, id, sensitivity) on blindagem.expenses to :AUDIT_OWNER;
grant select (condominium_id, id, expense_id) on blindagem.payables to :AUDIT_OWNER;
create policy audit on blindagem.expenses for select to :AUDIT_OWNER using (true);
create policy audit on blindagem.payables for select to :AUDIT_OWNER using (true);

reset role;
set local role :AUDIT_OWNER;

create table blindagem_audit.audit_log_immutable (
  id bigint generated always as identity,
  recorded_at timestamptz not null default clock_timestamp(),
  organization_id bigint,
  condominium_id bigint,
  sensitivity text not null default 'ORDINARY',
  entity_type text not null,
  entity_id text not null,
  operation text not null check (operation in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')),
  action text not null,
  actor_id text,
  actor_role text,
  on_behalf_of text,
  previous_state jsonb,
  new_state jsonb,
  reason text,
  ip inet,
  user_agent text,
  request_id text,
  job_id text,
  session_login text not null default session_user,
  application_name text default current_setting('application_name', true),
  client_address inet default inet_client_addr(),
  transaction_id xid8 not null default pg_current_xact_id(),
  intent bytea,
  primary key (id, recorded_at)
) partition by range (recorded_at);
comment on table blindagem_audit.audit_log_immutable is 'Who, when, what (previous state -> new state). Written by triggers alone; never updated, deleted or truncated.';
comment on column blindagem_audit.audit_log_immutable.previous_state is 'Changed fields before; the whole row of a deletion.';
comment on column blindagem_audit.audit_log_immutable.new_state is 'Changed fields after; the whole row of an insertion.';
comment on column blindagem_audit.audit_log_immutable.action is 'What it was in the business''s words; OUT_OF_BAND when no process of the platform made the change.';
comment on column blindagem_audit.audit_log_immutable.intent is 'Place of the acting process''s signature.';

create index audit_log_entity on blindagem_audit.audit_log_immutable (entity_type, entity_id, id);
create index audit_log_organization on blindagem_audit.audit_log_immutable (organization_id, id);
create index audit_log_condominium on blindagem_audit.audit_log_immutable (condominium_id, id);

create table blindagem_audit.pending_records (
  record_id bigint primary key,
  recorded_at timestamptz not null
);
comment on table blindagem_audit.pending_records is
  'Records not sealed yet. The sealer empties it: sealing is by visibility, never by a cursor over ids, which skips late commits.';

create table blindagem_audit.leaves (
  index bigint primary key check (index >= 0),
  record_id bigint not null unique,
  entry bytea not null,
  hash bytea not null check (length(hash) = 32),
  sealed_at timestamptz not null default clock_timestamp()
);
comment on table blindagem_audit.leaves is 'Records in their sealed order: dense indexes, the bytes that were hashed, and the RFC 6962 leaf hash.';

create table blindagem_audit.sealer_heartbeat (
  only_one boolean primary key default true check (only_one),
  beat_at timestamptz not null
);
comment on table blindagem_audit.sealer_heartbeat is 'When the sealing process last lived; the cron task seal_audit_log looks at it.';

create function blindagem_audit.refuse_change() returns trigger
  language plpgsql
  as $$
    begin
      raise exception using errcode = 'BLD06', message = 'O registro de auditoria não muda: ' || tg_op || ' em ' || tg_table_name || ' foi recusado.';
    end
  $$;
comment on function blindagem_audit.refuse_change is 'Second wall behind the missing privileges: even an owner''s change or truncate fails.';

create function blindagem_audit.guard_partition(partition regclass) returns void
  language plpgsql
  as $$
    begin
      -- A write straight to a partition, or a truncate of one, fires nothing on the parent.
      execute format('alter table %s enable row level security', partition);
      execute format('create trigger guard_change before update or delete on %s for each statement execute function blindagem_audit.refuse_change()', partition);
      execute format('create trigger guard_truncate before truncate on %s for each statement execute function blindagem_audit.refuse_change()', partition);
      execute format('alter table %s enable always trigger guard_change', partition);
      execute format('alter table %s enable always trigger guard_truncate', partition);
    end
  $$;
comment on function blindagem_audit.guard_partition is 'Gives a partition its own guards and row-level security.';

-- A new partition locks the log for a moment. Behind a long transaction that moment would not come, and all writes
-- would queue up behind it: better it gives up and comes again.
create function blindagem_audit.create_partitions(months_ahead int) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '3s'
  as $$
    declare
      month date;
      name text;
      created int := 0;
    begin
      for month in
        select generate_series(date_trunc('month', now() at time zone 'UTC'),
          date_trunc('month', now() at time zone 'UTC') + months_ahead * interval '1 month', '1 month')::date
      loop
        name := 'audit_log_' || to_char(month, 'YYYY_MM');
        if to_regclass('blindagem_audit.' || name) is null and not exists (
          select from blindagem_audit.audit_log_default d
          where d.recorded_at >= month::timestamp at time zone 'UTC'
            and d.recorded_at < (month + interval '1 month') at time zone 'UTC') then
          execute format(
            'create table blindagem_audit.%I partition of blindagem_audit.audit_log_immutable for values from (%L) to (%L)',
            name, month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
          perform blindagem_audit.guard_partition(('blindagem_audit.' || name)::regclass);
          created := created + 1;
        end if;
      end loop;
      return created;
    end
  $$;
comment on function blindagem_audit.create_partitions is
  'Makes the monthly partitions (UTC) from now to so many months ahead; a month whose rows already lie in the default partition stays there.';

create table blindagem_audit.audit_log_default partition of blindagem_audit.audit_log_immutable default;
comment on table blindagem_audit.audit_log_default is 'Takes what no month holds, so that no business write ever fails for want of a partition.';
select blindagem_audit.guard_partition('blindagem_audit.audit_log_default');
select blindagem_audit.create_partitions(3);

alter table blindagem_audit.audit_log_immutable enable row level security;
create trigger guard_change before update or delete on blindagem_audit.audit_log_immutable
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem_audit.audit_log_immutable
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_immutable enable always trigger guard_change;
alter table blindagem_audit.audit_log_immutable enable always trigger guard_truncate;
alter table blindagem_audit.leaves enable row level security;
create trigger guard_change before update or delete on blindagem_audit.leaves
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem_audit.leaves
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem_audit.leaves enable always trigger guard_change;
alter table blindagem_audit.leaves enable always trigger guard_truncate;
alter table blindagem_audit.pending_records enable row level security;
alter table blindagem_audit.sealer_heartbeat enable row level security;

create policy sealer on blindagem_audit.audit_log_immutable for select to :SEALER using (true);
create policy sealer on blindagem_audit.leaves to :SEALER using (true) with check (true);
create policy sealer on blindagem_audit.pending_records to :SEALER using (true) with check (true);
create policy sealer on blindagem_audit.sealer_heartbeat to :SEALER using (true) with check (true);
create policy worker on blindagem_audit.sealer_heartbeat for select to :WORKER using (true);
grant select on blindagem_audit.audit_log_immutable to :SEALER;
grant select, insert on blindagem_audit.leaves to :SEALER;
grant select, delete on blindagem_audit.pending_records to :SEALER;
grant select, insert, update on blindagem_audit.sealer_heartbeat to :SEALER;
grant select on blindagem_audit.sealer_heartbeat to :WORKER;

create function blindagem_audit.sealing_state() returns table (beat_at timestamptz, oldest_pending_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select
      (select h.beat_at from blindagem_audit.sealer_heartbeat h),
      (select p.recorded_at from blindagem_audit.pending_records p order by p.record_id limit 1)
  $$;
comment on function blindagem_audit.sealing_state is
  'How sealing stands, for those who see no record: when the sealing process last lived, and since when the first record in the row waits.';

-- Capture ---------------------------------------------------------------------------------------------------

-- The small functions have no search_path of their own: with one PostgreSQL cannot inline them, and they run for
-- every row. They name every object with its schema, and only capture_* call them, under a fixed search_path.
create function blindagem_audit.entity_id(state jsonb, key_columns text[]) returns text
  language sql stable parallel safe
  as $$ select concat_ws('/', state->>key_columns[1], state->>key_columns[2], state->>key_columns[3], state->>key_columns[4]) $$;
comment on function blindagem_audit.entity_id is 'The key of a row as text, its columns (four at most) joined by a slash.';

create function blindagem_audit.changed_fields(state jsonb, other jsonb) returns jsonb
  language sql immutable parallel safe
  as $$ select jsonb_object_agg(f.key, f.value) from jsonb_each(state) as f where f.value is distinct from other->f.key $$;
comment on function blindagem_audit.changed_fields is 'The fields of a row that differ from the other.';

create function blindagem_audit.action_of(entity_type text, operation text, old_state jsonb, new_state jsonb) returns text
  language sql stable
  as $$
    select case
      when session_user not in (':AUTHENTICATOR', ':WORKER') or nullif(current_setting('blindagem.actor_id', true), '') is null
        then 'OUT_OF_BAND'
      when entity_type = 'expenses' and operation = 'INSERT' then 'SUBMIT'
      when entity_type = 'expenses' and operation = 'UPDATE' and old_state->'status' is distinct from new_state->'status'
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
comment on function blindagem_audit.action_of is
  'What a change was in the business''s words. Without an actor, or under a login that is not the platform''s, it is OUT_OF_BAND.';

create function blindagem_audit.record_changes(
  entity_type text, operation text, key_columns text[], old_states jsonb[], new_states jsonb[]) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
  as $$
    with change as (
      select
        coalesce(n.state, o.state) as state, o.state as old_state, n.state as new_state,
        coalesce(n.id, o.id) as id,
        coalesce(n.position, o.position) as position
      from (select state, blindagem_audit.entity_id(state, key_columns) as id, position
            from unnest(old_states) with ordinality as rows (state, position)) as o
      full join (select state, blindagem_audit.entity_id(state, key_columns) as id, position
            from unnest(new_states) with ordinality as rows (state, position)) as n on n.id = o.id
    ), recorded as (
      insert into blindagem_audit.audit_log_immutable (
        organization_id, condominium_id, sensitivity, entity_type, entity_id, operation, action,
        actor_id, actor_role, on_behalf_of, previous_state, new_state,
        reason, ip, user_agent, request_id, job_id)
      select
        case entity_type when 'organizations' then c.id::bigint else (c.state->>'organization_id')::bigint end,
        case entity_type when 'condominiums' then c.id::bigint else (c.state->>'condominium_id')::bigint end,
        coalesce(
          c.state->>'sensitivity',
          case
            when c.state ? 'expense_id' then (
              -- By id alone, which is unique: with the condominium beside it, the planner of a database without statistics
              -- took an index of the condominium and read all its expenses for each row (5,000 rows: 27 s, now 1 s).
              select e.sensitivity from blindagem.expenses e where e.id = (c.state->>'expense_id')::bigint)
            when c.state ? 'payable_id' then (
              select e.sensitivity from blindagem.payables p
              join blindagem.expenses e on e.id = p.expense_id
              where p.condominium_id = (c.state->>'condominium_id')::bigint
                and p.id = (c.state->>'payable_id')::bigint)
          end,
          'ORDINARY'),
        entity_type, c.id, operation,
        blindagem_audit.action_of(entity_type, operation, c.old_state, c.new_state),
        nullif(current_setting('blindagem.actor_id', true), ''),
        nullif(current_setting('blindagem.role', true), ''),
        nullif(current_setting('blindagem.on_behalf_of', true), ''),
        case operation when 'UPDATE' then blindagem_audit.changed_fields(c.old_state, c.new_state) else c.old_state end,
        case operation when 'UPDATE' then blindagem_audit.changed_fields(c.new_state, c.old_state) else c.new_state end,
        nullif(current_setting('blindagem.reason', true), ''),
        nullif(current_setting('blindagem.ip', true), '')::inet,
        nullif(current_setting('blindagem.user_agent', true), ''),
        nullif(current_setting('blindagem.request_id', true), ''),
        nullif(current_setting('blindagem.job_id', true), '')
      from change c
      where c.old_state is distinct from c.new_state
      order by c.position
      returning id, recorded_at
    )
    insert into blindagem_audit.pending_records (record_id, recorded_at) select id, recorded_at from recorded
  $$;
comment on function blindagem_audit.record_changes is
  'Appends one record per changed row and marks it for sealing. Old and new rows pair by key in a full join. Times are written in UTC whatever the session''s zone.';

create function blindagem_audit.capture_insert() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
  as $$
    begin
      perform blindagem_audit.record_changes(tg_table_name, tg_op, tg_argv[0]::text[], null,
        (select array_agg(to_jsonb(r)) from new_rows r));
      return null;
    end
  $$;
comment on function blindagem_audit.capture_insert is 'Records inserted rows.';

create function blindagem_audit.capture_update() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
  as $$
    begin
      perform blindagem_audit.record_changes(tg_table_name, tg_op, tg_argv[0]::text[],
        (select array_agg(to_jsonb(r)) from old_rows r), (select array_agg(to_jsonb(r)) from new_rows r));
      return null;
    end
  $$;
comment on function blindagem_audit.capture_update is 'Records updated rows: the changed fields before and after.';

create function blindagem_audit.capture_delete() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
  as $$
    begin
      perform blindagem_audit.record_changes(tg_table_name, tg_op, tg_argv[0]::text[],
        (select array_agg(to_jsonb(r)) from old_rows r), null);
      return null;
    end
  $$;
comment on function blindagem_audit.capture_delete is 'Records deleted rows whole.';

create function blindagem_audit.capture_truncate() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      perform blindagem_audit.record_changes(tg_table_name, tg_op, '{table}',
        array[jsonb_build_object('table', tg_table_name)], null);
      return null;
    end
  $$;
comment on function blindagem_audit.capture_truncate is 'Records that a table was emptied.';

revoke execute on all functions in schema blindagem_audit from public;
grant execute on function
  blindagem_audit.capture_insert, blindagem_audit.capture_update, blindagem_audit.capture_delete, blindagem_audit.capture_truncate
  to :OWNER;
grant execute on function blindagem_audit.create_partitions to :WORKER;
grant execute on function blindagem_audit.sealing_state to :WORKER, :OPERATOR;

create function blindagem_audit.unaudited_tables() returns text[]
  language sql immutable parallel safe
  as $$ select '{companies,document_readings,document_identifiers,documents}'::text[] $$;
comment on function blindagem_audit.unaudited_tables is
  'The exceptions, in one list: companies (public registry data; each answer is kept in company_answers), documents, their readings and identifiers (append-only, addressed by the hash of their content; the decision''s facts hold what was used).';
grant execute on function blindagem_audit.unaudited_tables to :OWNER;

-- What request roles see of it ------------------------------------------------------------------------------

create policy scope on blindagem_audit.audit_log_immutable for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR
  using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[])
    or (condominium_id is null and organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[])));
create policy salaries on blindagem_audit.audit_log_immutable as restrictive for select to :AUDITOR
  using (sensitivity <> 'SALARY' or (select blindagem_private.sees_salaries()));
create policy scope on blindagem_audit.leaves for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR
  using (exists (select from blindagem_audit.audit_log_immutable r where r.id = leaves.record_id));
grant select on blindagem_audit.audit_log_immutable to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;
grant select (index, record_id, hash, sealed_at) on blindagem_audit.leaves to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

reset role;
set local role :OWNER;

create view blindagem.audit_log with (security_invoker = true, security_barrier = true) as
  select
    r.id, r.recorded_at, r.organization_id, r.condominium_id, r.entity_type, r.entity_id, r.action,
    r.actor_id, r.actor_role, r.on_behalf_of, r.previous_state, r.new_state,
    jsonb_strip_nulls(jsonb_build_object(
      'reason', r.reason, 'ip', host(r.ip), 'userAgent', r.user_agent, 'requestId', r.request_id, 'jobId', r.job_id,
      'operation', r.operation, 'login', r.session_login, 'transactionId', r.transaction_id::text)) as metadata,
    l.index as leaf_index
  from blindagem_audit.audit_log_immutable r
  left join blindagem_audit.leaves l on l.record_id = r.id;
comment on view blindagem.audit_log is
  E'@primaryKey id\n@behavior -insert -update -delete\nThe audit log: who, when, what (previous state -> new state), with reason and address.';
grant select on blindagem.audit_log to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

-- Triggers on every table -----------------------------------------------------------------------------------

create function blindagem_private.attach_audit(table_name regclass) returns void
  language plpgsql
  as $$
    declare
      key_columns text[];
      event text;
      tables text;
    begin
      select array_agg(a.attname order by k.position) into key_columns
      from pg_constraint c
      cross join unnest(c.conkey) with ordinality as k (attnum, position)
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum
      where c.conrelid = table_name and c.contype = 'p';
      foreach event in array '{insert,update,delete}'::text[] loop
        tables := case event
          when 'insert' then 'referencing new table as new_rows'
          when 'update' then 'referencing old table as old_rows new table as new_rows'
          else 'referencing old table as old_rows'
        end;
        execute format('create trigger audit_%1$s after %1$s on %2$s %3$s for each statement execute function blindagem_audit.capture_%1$s(%4$L)',
          event, table_name, tables, key_columns);
        execute format('alter table %s enable always trigger audit_%s', table_name, event);
      end loop;
      execute format('create trigger audit_truncate after truncate on %s for each statement execute function blindagem_audit.capture_truncate()', table_name);
      execute format('alter table %s enable always trigger audit_truncate', table_name);
    end
  $$;
comment on function blindagem_private.attach_audit is 'Gives a table its audit triggers, keyed by its primary key.';

select blindagem_private.attach_audit(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

reset role;
