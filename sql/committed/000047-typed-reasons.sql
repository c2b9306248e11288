--! Previous: sha1:2009e1e1ac51dbaa5d545139c3155c271a591611
--! Hash: sha1:9da14ae94a1b8ebd8cf15944812bbdea527d76fc

-- A reason that somebody typed may name a person. It becomes a commitment of its record, which can be erased; the
-- platform's own reasons ("mutation resolveReview") stay as they are.

set local role :OWNER;

create or replace function blindagem_private.require_reason(reason text)
  returns void language plpgsql
  as $$
    begin
      if reason is null or length(btrim(reason)) < 3 or length(reason) > 1000 then
        perform blindagem_private.fail('BLD08', 'Diga o motivo, em 3 a 1000 caracteres.');
      end if;
      if exists (
        select from regexp_matches(reason, '(?<![0-9])([0-9]{3})[.]?([0-9]{3})[.]?([0-9]{3})-?([0-9]{2})(?![0-9])', 'g') as m (groups)
        where blindagem_private.is_cpf(array_to_string(m.groups, ''))) then
        perform blindagem_private.fail('BLD04', 'O motivo fica no registro de auditoria: escreva-o sem CPF.');
      end if;
      perform set_config('blindagem.reason', btrim(reason), true), set_config('blindagem.typed_reason', btrim(reason), true);
    end
  $$;
comment on function blindagem_private.require_reason is
  'Refuses a change without reason (BLD08), or with one that has a CPF in it, and gives the reason to the audit log as one that was typed.';

reset role;

set local role :AUDIT_OWNER;

create function blindagem_audit.typed_reason(reason text) returns text
  language sql stable
  as $$
    select case when reason = current_setting('blindagem.typed_reason', true) then to_json(reason)::text end
  $$;
comment on function blindagem_audit.typed_reason is
  'The JSON text of a reason that somebody typed (require_reason); null for one of the platform''s.';

create or replace function blindagem_audit.context_entry(who blindagem_audit.context, recorded_at timestamp with time zone, salt bytea)
  returns text language sql stable
  as $$
    select concat_ws(',',
      '"recorded_at":"' || to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"',
      '"actor_id":' || to_json(who.actor_id)::text,
      '"actor_role":' || to_json(who.actor_role)::text,
      '"on_behalf_of":' || to_json(who.on_behalf_of)::text,
      case when blindagem_audit.typed_reason(who.reason) is null then '"reason":' || to_json(who.reason)::text end,
      '"ip":' || blindagem_audit.commitment(salt, 'ip', '"' || host(who.ip) || '"'),
      '"user_agent":' || blindagem_audit.commitment(salt, 'user_agent', to_json(who.user_agent)::text),
      '"request_id":' || to_json(who.request_id)::text,
      '"job_id":' || to_json(who.job_id)::text,
      '"session_login":' || to_json(session_user::text)::text,
      '"application_name":' || to_json(current_setting('application_name', true))::text,
      '"client_address":' || case when who.out_of_band
        then blindagem_audit.commitment(salt, 'client_address', '"' || host(inet_client_addr()) || '"')
        else '"' || host(inet_client_addr()) || '"' end,
      '"transaction_id":"' || pg_current_xact_id()::text || '"')
  $$;
comment on function blindagem_audit.context_entry is
  'The fields of an entry that all records of a statement share, as JSON text without braces; what is null is left out. The platform''s own reasons stand as they are; a typed one is each record''s, under its salt, since it is erased with what the record says and not with its actor''s addresses.';

create or replace function blindagem_audit.capture_source(table_name regclass, operation text) returns text
  language plpgsql stable
  as $do$
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
      side text;
      sides text[] := case operation when 'INSERT' then '{n}' when 'DELETE' then '{o}' else '{n,o}' end;
      states text := '';
      told text := '';
      open_states text[] := '{}';
      personal_values text[] := '{}';
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
      foreach side in array sides loop
        open_states := open_states
          || (blindagem_audit.state_source(table_name, side, operation = 'UPDATE') || format(' as %I', side))
          || blindagem_audit.personal_source(table_name, side, operation = 'UPDATE');
        states := states || format($s$ || ',"%s":{' || substr(%s, 2) || '}'$s$,
          case side when 'o' then 'previous_state' else 'new_state' end,
          concat_ws(' || ', 'c.' || side, blindagem_audit.committed_source(table_name, side,
            $s$coalesce(',"%1$s":' || blindagem_audit.commitment(c.salt, '%2$s.%1$s', c.%3$I), '')$s$)));
        personal_values := personal_values || blindagem_audit.committed_source(table_name, side,
          $s$coalesce(',"%2$s.%1$s":' || c.%3$I, '')$s$);
      end loop;
      told := array_to_string(personal_values, ' || ');

      return format($f$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
      typed text := blindagem_audit.typed_reason(who.reason);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, %11$s || coalesce(',"reason":' || typed, '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"%1$s","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"%2$s","action":"' || c.action || '"'%3$s
            || case when typed is null then '' else ',"reason":' || blindagem_audit.commitment(c.salt, 'reason', typed) end
            || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, %4$s as organization_id, %5$s as condominium_id,
                %6$s as sensitivity, %7$s as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else %8$s end as action, %9$s
              from %10$s
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, %1$L, c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $f$, entity, operation, states,
        organization, condominium, sensitivity, entity_id, blindagem_audit.action_source(entity, operation),
        array_to_string(open_states, ', '), changed_rows, coalesce(nullif(told, ''), $s$''$s$));
    end
  $do$;

create or replace function blindagem_audit.capture_truncate()
  returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
  as $$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      context_salt bytea := uuid_send(gen_random_uuid());
      context text := blindagem_audit.context_values(who);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
      typed text := blindagem_audit.typed_reason(who.reason);
      salt bytea := case when typed is not null then uuid_send(gen_random_uuid()) end;
      action text := case when who.out_of_band then 'OUT_OF_BAND' else 'TRUNCATE' end;
      record_id bigint := nextval('blindagem_audit.record_id');
    begin
      insert into blindagem_audit.audit_log_immutable (id, recorded_at, sensitivity, entity_type, entity_id, action, actor_id, entry)
      values (record_id, at, 'ORDINARY', tg_table_name, tg_table_name, action, who.actor_id,
        '{"format":"blindagem-record-5","id":"' || record_id || '","salt":"' || gen_random_uuid()
          || '","sensitivity":"ORDINARY","entity_type":"' || tg_table_name || '","entity_id":"' || tg_table_name
          || '","operation":"TRUNCATE","action":"' || action || '"'
          || coalesce(',"reason":' || blindagem_audit.commitment(salt, 'reason', typed), '') || ',' || shared || '}');
      if num_nonnulls(context, typed) > 0 then
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        values (record_id / 256, at, array[record_id], array[salt], array['{"reason":' || typed || '}'],
          case when context is not null then context_salt end, '{' || context || '}');
      end if;
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      values (record_id, array[record_id], at);
      return null;
    end
  $$;

create or replace function blindagem_audit.revealed(record_id bigint, recorded_at timestamp with time zone, entry text)
  returns jsonb language plpgsql stable set search_path = pg_catalog, pg_temp
  as $$
    declare
      fields jsonb := entry;
      known jsonb;
      erased jsonb;
      side text;
      field text;
    begin
      if entry not like '%{"commitment":"%' then
        return fields;
      end if;
      select coalesce(p.personal::jsonb, '{}') || coalesce(p.context::jsonb, '{}'),
        case when p.erasure_id is not null then
          jsonb_build_object('erased', jsonb_build_object('at', p.erased_at, 'by', p.erasure_id::text)) end
      into known, erased
      from blindagem_audit.personal_of(record_id, recorded_at, entry) p;
      known := coalesce(known, '{}');
      foreach field in array '{ip,user_agent,client_address,reason}'::text[] loop
        if fields ? field then
          fields := jsonb_set(fields, array[field], blindagem_audit.shown(fields->field, field, known, erased));
        end if;
      end loop;
      foreach side in array '{previous_state,new_state}'::text[] loop
        if fields ? side then
          fields := jsonb_set(fields, array[side], (
            select coalesce(jsonb_object_agg(s.key, blindagem_audit.shown(s.value, side || '.' || s.key, known, erased)), '{}')
            from jsonb_each(fields->side) as s));
        end if;
      end loop;
      return fields;
    end
  $$;

select blindagem_audit.define_capture(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

reset role;
