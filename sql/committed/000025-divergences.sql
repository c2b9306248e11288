--! Previous: sha1:7be72fd9d12381ebc69500f85d2cf5123146e60f
--! Hash: sha1:2563c05f8583760f5b4944f2c204f0aaab186587

-- State against log: what the tables hold is compared with what the log says they hold, by a process that reads both
-- under the sealer's login. The comparing statements stand in that process's code; here is only what it may read and
-- where it writes what it finds.

grant usage on schema blindagem to :SEALER;

set local role :OWNER;

create table blindagem.definitions (
  id bigint generated always as identity primary key,
  recorded_at timestamptz not null default now(),
  schema_version text not null,
  server_version int not null,
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  objects jsonb not null,
  columns jsonb not null,
  unrecorded jsonb not null
);
comment on table blindagem.definitions is
  'What a migration left: a row per version of the schema, written by `blindagem migrate` alone. The comparison takes it from the log, not from here.';
comment on column blindagem.definitions.schema_version is 'The newest migration, by file name and hash.';
comment on column blindagem.definitions.server_version is 'PostgreSQL''s major version: another one may write the same definition otherwise.';
comment on column blindagem.definitions.fingerprint is 'SHA-256 over objects, sorted by name: a line of name, space, hash for each.';
comment on column blindagem.definitions.objects is 'SHA-256 of each object''s definition, by name: functions, tables with triggers, policies, owner and partitions, views.';
comment on column blindagem.definitions.columns is 'Types of the audited tables'' columns, by table and column: since when a column is there.';
comment on column blindagem.definitions.unrecorded is
  'Keys of rows that were there without a record, by table, when the table was first listed: they are older than the log.';
alter table blindagem.definitions enable row level security;

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.definitions');
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
      execute format('drop policy if exists comparison on %s', table_name);
      execute format('create policy comparison on %s for select to :SEALER using (true)', table_name);
      execute format('grant select on %s to :SEALER', table_name);
    end
  $$;
comment on function blindagem_private.attach_audit is
  'Gives a table its audit triggers, and to the sealing process what it needs to compare it with the log; its capture functions have been written before (blindagem_audit.define_capture).';

select blindagem_private.attach_audit(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

alter table blindagem.reviews drop constraint reviews_kind_check,
  add constraint reviews_kind_check
    check (kind in ('EXPENSE', 'SECOND_APPROVAL', 'LATE_FACT', 'PAYMENT', 'REFUND', 'BANK', 'DIVERGENCE'));

reset role;
set local role :AUDIT_OWNER;

create table blindagem_audit.divergences (
  id bigint generated always as identity primary key,
  kind text not null check (kind in (
    'ROW_CHANGED', 'ROW_MISSING', 'ROW_UNKNOWN', 'RECORD_ALTERED', 'RECORD_MISSING', 'RECORD_UNSEALED', 'TREE', 'DEFINITIONS')),
  entity_type text not null,
  entity_id text not null,
  organization_id bigint,
  condominium_id bigint,
  sensitivity text not null default 'ORDINARY',
  fields text[] not null default '{}',
  first_seen_at timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz not null default clock_timestamp(),
  resolved_at timestamptz
);
comment on table blindagem_audit.divergences is
  'Where the tables, the log and its seal do not say the same, as the comparison found it. A divergence never goes away: it is resolved when a later comparison no longer finds it.';
comment on column blindagem_audit.divergences.kind is
  'A row that is not as the log has it, that is gone, or that the log does not know; a record that is not as it was sealed, that is gone, or that is neither sealed nor waits for it; a tree that is not the signed one; a definition that no migration left.';
comment on column blindagem_audit.divergences.entity_type is 'The table of the row; records for a record of the log; for definitions the kind says it all.';
comment on column blindagem_audit.divergences.entity_id is 'The row''s key as the log has it, the record''s id, or the object''s name.';
comment on column blindagem_audit.divergences.fields is 'Names of the fields that differ, and never their values.';
create unique index divergences_open on blindagem_audit.divergences (kind, entity_type, entity_id) where resolved_at is null;
create index divergences_condominium on blindagem_audit.divergences (condominium_id, id);
create index divergences_organization on blindagem_audit.divergences (organization_id, id) where condominium_id is null;

create function blindagem_audit.guard_divergence() returns trigger
  language plpgsql
  as $$
    begin
      if (to_jsonb(new) - array['fields', 'last_seen_at', 'resolved_at']) = (to_jsonb(old) - array['fields', 'last_seen_at', 'resolved_at'])
        and new.fields @> old.fields and new.last_seen_at >= old.last_seen_at
        and old.resolved_at is null then
        return new;
      end if;
      raise exception using errcode = 'BLD06', message = 'Uma divergência só pode ser vista de novo ou ser resolvida.';
    end
  $$;
comment on function blindagem_audit.guard_divergence is 'What was found stays: it may be seen again, in more fields, and be resolved once.';
create trigger guard_change before update on blindagem_audit.divergences
  for each row execute function blindagem_audit.guard_divergence();
create trigger guard_delete before delete on blindagem_audit.divergences
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem_audit.divergences
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem_audit.divergences enable always trigger guard_change;
alter table blindagem_audit.divergences enable always trigger guard_delete;
alter table blindagem_audit.divergences enable always trigger guard_truncate;

alter table blindagem_audit.divergences enable row level security;
create policy sealer on blindagem_audit.divergences to :SEALER using (true) with check (true);
create policy worker on blindagem_audit.divergences for select to :WORKER using (true);
create policy operators on blindagem_audit.divergences for select to :OPERATOR
  using (condominium_id is null and organization_id is null);
create policy scope on blindagem_audit.divergences for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR
  using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[])
    or (condominium_id is null and organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[])));
create policy salaries on blindagem_audit.divergences as restrictive for select to :AUDITOR
  using ((select blindagem_private.sees_salaries())
    or (sensitivity <> 'SALARY' and not (
      entity_type in ('bank_transactions', 'movement_verdicts', 'refunds') and condominium_id is not null
      and blindagem_private.is_salary_movement(condominium_id, (regexp_match(entity_id, case entity_type
        when 'refunds' then '^[0-9]+/([0-9]+)/' else '([0-9]+)$' end))[1]::bigint))));
grant select, insert, update (fields, last_seen_at, resolved_at) on blindagem_audit.divergences to :SEALER;
grant select on blindagem_audit.divergences to :WORKER, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR;

reset role;
set local role :OWNER;

create view blindagem.audit_divergences with (security_invoker = true, security_barrier = true) as
  select d.id, d.kind, d.entity_type, d.entity_id, d.organization_id, d.condominium_id, d.fields,
    d.first_seen_at, d.last_seen_at, d.resolved_at
  from blindagem_audit.divergences d;
comment on view blindagem.audit_divergences is
  E'@primaryKey id\n@behavior -insert -update -delete\nWhere the tables and the audit log do not say the same: which row, in which fields, since when, and when it was found mended.';
grant select on blindagem.audit_divergences to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR;

insert into blindagem_private.tasks (name, lane, max_attempts) values ('review_divergences', 'QUICK', 3);

reset role;
