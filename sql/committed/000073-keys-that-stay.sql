--! Previous: sha1:122a39029f28d990dbb1a6e071a3b73d3a546f28
--! Hash: sha1:d93f00303871fc665571dcb6f58b6103e49e22bc

-- Keys of audited rows do not change, in any table: the log pairs a row's halves by them. Four tables were guarded, and not
-- while a session plays replication. Where somebody took a guard away all the same, the capture says what the log can follow:
-- that a row under the old key is gone, and one under the new key has come, not two changes without their other halves.

set local role :OWNER;

create function blindagem_private.key_columns(table_name regclass) returns text[]
  language sql stable as $$
    select array_agg(a.attname::text order by a.attnum)
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    where a.attrelid = key_columns.table_name and a.attnum > 0 and not a.attisdropped
      and (a.attname in ('organization_id', 'condominium_id') or exists (
        select from pg_constraint p where p.conrelid = a.attrelid and p.contype = 'p' and a.attnum = any (p.conkey)))
      -- Whose a returned payment of a pool is, its debit tells later, and no longer once the bank takes that back.
      and (c.relname, a.attname) <> ('returned_payments', 'condominium_id')
  $$;
comment on function blindagem_private.key_columns is
  'The columns of a table that never change: its primary key, and whose the row is, where that is known from the beginning.';

create function blindagem_private.guard_keys(table_name regclass) returns void
  language plpgsql as $$
    declare
      keys text[] := blindagem_private.key_columns(table_name);
    begin
      execute format('create or replace trigger audit_keys before update of %s on %s for each row when (%s) execute function blindagem_private.refuse_key_change()',
        (select string_agg(quote_ident(key), ', ') from unnest(keys) as key),
        table_name,
        (select string_agg(format('old.%1$I is distinct from new.%1$I', key), ' or ') from unnest(keys) as key));
      execute format('alter table %s enable always trigger audit_keys', table_name);
    end
  $$;
comment on function blindagem_private.guard_keys is
  'Refuses changes of a table''s keys (key_columns). Where a statement names none of them, the trigger is not even asked.';
revoke execute on function blindagem_private.key_columns, blindagem_private.guard_keys from public;

do $$
  declare
    source text := pg_get_functiondef('blindagem_private.attach_audit'::regproc);
    before text := $s$      execute format('drop policy if exists comparison on %s', table_name);$s$;
  begin
    if strpos(source, before) = 0 then raise exception 'attach_audit is not what it was'; end if;
    execute replace(source, before, '      perform blindagem_private.guard_keys(table_name);' || chr(10) || before);
  end
$$;
comment on function blindagem_private.attach_audit is
  'Gives a table its audit triggers, the guard of its keys, and to the sealing process what it needs to compare it with the log; its capture functions have been written before (blindagem_audit.define_capture).';

select blindagem_private.guard_keys(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

drop trigger category_key on blindagem.categories;
drop trigger condominium_key on blindagem.condominiums;
-- These two guard more than keys.
alter table blindagem.expense_batches enable always trigger batch_keys;
alter table blindagem.expenses enable always trigger expense_keys;

reset role;
set local role :AUDIT_OWNER;

do $$
  declare
    source text := pg_get_functiondef('blindagem_audit.capture_source'::regproc);
    change text[];
  begin
    foreach change slice 1 in array array[
      array[
        $was$-- Of an updated row whose key was changed all the same, one half is missing.$was$,
        $now$-- Of an updated row whose key was changed all the same, one half is missing: it is a deletion, or an insertion.$now$],
      array[
        $was$|| (blindagem_audit.state_source(table_name, side, operation = 'UPDATE') || format(' as %I', side))$was$,
        $now$|| format(case operation when 'UPDATE' then 'case when %1$I.%2$I is not null then %3$s end as %1$I' else '%3$s as %1$I' end,
            side, keys[1], blindagem_audit.state_source(table_name, side, operation = 'UPDATE'))$now$],
      array[
        $was$format($s$ || ',"%s":{' || right(%s, -1) || '}'$s$,$was$,
        $now$format(case operation
            when 'UPDATE' then $s$ || coalesce(',"%s":{' || right(%s, -1) || '}', '')$s$
            else $s$ || ',"%s":{' || right(%s, -1) || '}'$s$ end,$now$],
      array[
        $was$, entity, operation, states,$was$,
        $now$, entity, case operation
          when 'UPDATE' then $s$' || case when c.n is null then 'DELETE' when c.o is null then 'INSERT' else 'UPDATE' end || '$s$
          else operation end, states,$now$],
      array[
        $was$blindagem_audit.action_source(entity, operation),$was$,
        $now$case operation
          when 'UPDATE' then format('case when n.%1$I is null then %2$s when o.%1$I is null then %3$s else %4$s end', keys[1],
            blindagem_audit.action_source(entity, 'DELETE'), blindagem_audit.action_source(entity, 'INSERT'),
            blindagem_audit.action_source(entity, 'UPDATE'))
          else blindagem_audit.action_source(entity, operation) end,$now$]
    ] loop
      if strpos(source, change[1]) = 0 then raise exception 'capture_source is not what it was: %', change[1]; end if;
      source := replace(source, change[1], change[2]);
    end loop;
    execute source;
  end
$$;
select blindagem_audit.define_capture(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

-- What an intent covers may still name another actor than the intent does, when a trigger of somebody else's put that name there.
alter table blindagem_audit.unattested_records drop constraint unattested_records_cause_check;
alter table blindagem_audit.unattested_records add constraint unattested_records_cause_check
  check (cause in ('NO_INTENT', 'INVALID_INTENT', 'OTHER_RECORDS', 'CONTRADICTED'));
comment on column blindagem_audit.unattested_records.cause is
  'No intent in its transaction; one whose signature does not hold; one that covers other records; or one that covers it and says something else of who made it.';

reset role;
