--! Previous: sha1:4ce4fa6ba61fd3564b4fe2ae1505a082e35be60b
--! Hash: sha1:b7f584b1d0bcc86e2c493b23180c38dc08dff996

-- What a record says of people can be erased, and the log stays as it was hashed: in the entry stand commitments to those
-- values, and beside it, for as long as nobody asks for their erasure, the values and the salts.

set local role :AUDIT_OWNER;

-- Which values ----------------------------------------------------------------------------------------------

create function blindagem_audit.personal_columns() returns table (table_name text, column_name text, condition text)
  language sql immutable parallel safe
  as $$
    values
      -- What an auditor searched with: may be a name or a CPF.
      ('auditor_accesses', 'ip', '%s is not null'),
      ('auditor_accesses', 'variables', '%s <> ''{}'''),
      -- The other side of a movement is often a person (Pix), and the bank puts the name into the description, too.
      ('bank_transactions', 'description', '%s <> ''[apagado]'''),
      ('bank_transactions', 'counterparty_document', 'length(%s) = 11'),
      ('bank_transactions', 'counterparty_name', '%s <> ''[apagado]'''),
      -- People name files after people: "recibo-joao-da-silva.pdf".
      ('expense_documents', 'file_name', '%s <> ''[apagado]'''),
      -- Rows as they were handed in, with payees.
      ('expense_batches', 'refused_rows', '%s <> ''[]'''),
      -- 11 characters are a CPF; a CNPJ is a company's. The name of an MEI is a person's, whatever its document.
      ('expenses', 'payee_document', 'length(%s) = 11'),
      ('expenses', 'payee_name', '%s <> ''[apagado]'''),
      ('expenses', 'payee_pix_key', '%s <> ''[apagado]'''),
      ('expenses', 'description', '%s <> ''[apagado]'''),
      -- Typed by a person, about what may be a person.
      ('match_decisions', 'reason', '%s <> ''[apagado]'''),
      ('payables', 'payee_document', 'length(%s) = 11'),
      ('payables', 'payee_name', '%s <> ''[apagado]'''),
      ('payee_accounts', 'payee_document', 'length(%s) = 11'),
      ('payee_accounts', 'pix_key', '%s <> ''[apagado]'''),
      -- The claim sub is made up by the identity provider, and often the e-mail.
      ('people', 'subject', '%s not like ''[apagado]%%'''),
      ('people', 'name', '%s <> ''[apagado]'''),
      ('people', 'email', '%s is not null'),
      ('returned_payments', 'payee_document', 'length(%s) = 11'),
      ('returned_payments', 'payee_name', '%s <> ''[apagado]'''),
      ('reviews', 'resolution_reason', '%s <> ''[apagado]'''),
      -- A movement as it came, with its other side.
      ('statement_doubts', 'entry', '%s <> ''{}''')
  $$;
comment on function blindagem_audit.personal_columns is
  'The columns that may say something of a natural person, each with the condition (of the column, in the place of %s) under which a value does: then a record has a commitment in its place. An erased value is no value: it stands as it is. After a change, define_capture is to be called for the table.';

create function blindagem_audit.impersonal_columns() returns table (table_name text, column_names text)
  language sql immutable parallel safe
  as $$
    values
      ('api_keys', 'name'),
      ('approval_limits', 'requires'),
      -- The document is the text of a query without its values; ids are not names.
      ('auditor_accesses', 'request_id operation operation_name document entity_ids'),
      -- Accounts of condominiums and administradoras.
      ('bank_accounts', 'provider_account_id purpose name number_masked file_keys'),
      ('bank_connections', 'provider provider_item_id state state_cause'),
      ('bank_transactions', 'provider_id operation_type end_to_end_id original_end_to_end_id check_number status file_key'),
      ('categories', 'code name sensitivity'),
      -- Why a period was closed: the act's, as any change's reason is.
      ('closings', 'root reason'),
      ('condominiums', 'name city'),
      ('definitions', 'schema_version fingerprint objects columns unrecorded'),
      -- Part of the row's key, by which its records are found: it cannot be behind a commitment.
      ('document_uploads', 'file_name'),
      ('expense_batches', 'idempotency_key'),
      -- Evidence of reasons never holds a CPF (src/validation/reason.ts). The customer's own number of the expense, and that of the document: what a person is called by is the payee.
      ('expenses', 'external_id category sensitivity document_kind document_number payee_kind status status_reasons second_approval payment_status'),
      ('grants', 'role block'),
      -- Why an operator did something with jobs, like the reason of any change: the intent is signed over it.
      ('job_interventions', 'action reason filter'),
      ('log_detachments', 'root carried_digest'),
      ('managements', 'code'),
      ('match_decisions', 'decision evidence'),
      ('members', 'role'),
      ('movement_verdicts', 'verdict reasons'),
      ('organizations', 'name'),
      ('payables', 'kind retention payment_status'),
      ('payments', 'reasons'),
      ('refunds', 'reasons'),
      ('retentions', 'kind'),
      -- Numbers and codes of a bank's return.
      ('returned_payments', 'item_key batch service sensitivity form segment outcome occurrences barcode own_number bank_number authentication end_to_end_id'),
      ('reviews', 'kind subject reasons requires outcome'),
      ('rules', 'code facts severity parameters source'),
      ('settings', 'name'),
      ('statement_doubts', 'entry_key sensitivity outcome'),
      ('statement_exceptions', 'kind'),
      -- Files of banks, named by banks.
      ('statement_files', 'kind result reason file_name')
  $$;
comment on function blindagem_audit.impersonal_columns is
  'The other columns of audited tables that hold text: looked at, and found to say nothing of natural persons. A test asks for every column''s decision.';

-- Where they are ----------------------------------------------------------------------------------------------

create table blindagem_audit.personal_values (
  bucket bigint not null,
  recorded_at timestamptz not null,
  record_ids bigint[] not null,
  salts bytea[] not null,
  personal text[] not null,
  context_salt bytea,
  context text
);
comment on table blindagem_audit.personal_values is
  'What the commitments in records stand for, a row per statement (and 256 ids): written by the capture functions, emptied by erasures, otherwise never changed. Read by personal_of.';
comment on column blindagem_audit.personal_values.bucket is 'The records'' ids, divided by 256.';
comment on column blindagem_audit.personal_values.recorded_at is 'As the records have it: by it and the bucket they are found.';
comment on column blindagem_audit.personal_values.salts is 'Of each record, 16 bytes; null where it has no values, or no longer.';
comment on column blindagem_audit.personal_values.personal is
  'Of each record a JSON object of its values by path (new_state.payee_name); with the salt or not at all.';
comment on column blindagem_audit.personal_values.context is
  'The same of what all records of the statement share: ip, user_agent, client_address.';
create index personal_values_record on blindagem_audit.personal_values (recorded_at, bucket);
alter table blindagem_audit.personal_values enable row level security;

create table blindagem_audit.erased_values (
  record_id bigint primary key,
  erasure_id bigint not null,
  erased_at timestamptz not null
);
comment on table blindagem_audit.erased_values is 'Records whose values were erased, and by which record of an erasure.';
comment on column blindagem_audit.erased_values.erasure_id is 'The ERASURE record.';
alter table blindagem_audit.erased_values enable row level security;

create function blindagem_audit.guard_personal_values() returns trigger
  language plpgsql
  as $$
    begin
      if (to_jsonb(new) - array['salts', 'personal', 'context_salt', 'context'])
          = (to_jsonb(old) - array['salts', 'personal', 'context_salt', 'context'])
        and (new.context is null or new.context = old.context)
        and (new.context_salt is null or new.context_salt = old.context_salt)
        and cardinality(new.salts) = cardinality(old.salts) and cardinality(new.personal) = cardinality(old.personal)
        and not exists (
          select from unnest(old.salts, new.salts, old.personal, new.personal) as v (salt, kept_salt, value, kept_value)
          where v.kept_salt is distinct from v.salt and v.kept_salt is not null
            or v.kept_value is distinct from v.value and v.kept_value is not null) then
        return new;
      end if;
      raise exception using errcode = 'BLD06', message = 'O que um registro mostra de pessoas só pode ser apagado.';
    end
  $$;
comment on function blindagem_audit.guard_personal_values is 'Values and salts vanish; they never change.';
create trigger guard_change before update on blindagem_audit.personal_values
  for each row execute function blindagem_audit.guard_personal_values();
create trigger guard_insert before insert on blindagem_audit.personal_values
  for each statement when (pg_trigger_depth() = 0) execute function blindagem_audit.refuse_change();
create trigger guard_delete before delete on blindagem_audit.personal_values
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem_audit.personal_values
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_change before update or delete on blindagem_audit.erased_values
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem_audit.erased_values
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem_audit.personal_values enable always trigger guard_change;
alter table blindagem_audit.personal_values enable always trigger guard_insert;
alter table blindagem_audit.personal_values enable always trigger guard_delete;
alter table blindagem_audit.personal_values enable always trigger guard_truncate;
alter table blindagem_audit.erased_values enable always trigger guard_change;
alter table blindagem_audit.erased_values enable always trigger guard_truncate;

-- How they get there ------------------------------------------------------------------------------------------

create function blindagem_audit.commitment(salt bytea, path text, json_text text) returns text
  language sql stable parallel safe
  as $$
    select '{"commitment":"' || encode(sha256('\x02'::bytea || salt || convert_to(path, 'UTF8') || '\x00'::bytea
      || convert_to(json_text, 'UTF8')), 'base64') || '"}'
  $$;
comment on function blindagem_audit.commitment is
  'What stands in a value''s place: SHA-256(0x02 || salt || path || 0x00 || JSON text); null for null. The prefix keeps it apart from leaves (0x00) and nodes (0x01) of the tree. Not HMAC: that takes two hashes a value, and against a secret salt of fixed length proves no more.';

drop function blindagem_audit.context_entry;
create function blindagem_audit.context_values(who blindagem_audit.context) returns text
  language sql stable
  as $$
    select nullif(concat_ws(',',
      '"ip":"' || host(who.ip) || '"',
      '"user_agent":' || to_json(who.user_agent)::text,
      case when who.out_of_band then '"client_address":"' || host(inet_client_addr()) || '"' end), '')
  $$;
comment on function blindagem_audit.context_values is
  'What a statement''s context says of the person behind it, as a JSON object''s fields; null for nothing. Under the platform''s logins the address of the connection is a server''s.';

create function blindagem_audit.context_entry(who blindagem_audit.context, recorded_at timestamptz, salt bytea) returns text
  language sql stable
  as $$
    select concat_ws(',',
      '"recorded_at":"' || to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"',
      '"actor_id":' || to_json(who.actor_id)::text,
      '"actor_role":' || to_json(who.actor_role)::text,
      '"on_behalf_of":' || to_json(who.on_behalf_of)::text,
      '"reason":' || to_json(who.reason)::text,
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
  'The fields of an entry that all records of a statement share, as JSON text without braces; what is null is left out. The reason stands as it is: it is the act''s, and the intent is signed over it.';

create or replace function blindagem_audit.state_source(table_name regclass, side text, only_changed boolean) returns text
  language sql stable
  as $$
    select string_agg(format(
        case
          when p.condition is not null and only_changed then
            $s$case when o.%1$I is distinct from n.%1$I and (%3$s) is not true then ',"%1$s":' || coalesce(%2$s, 'null') else '' end$s$
          when p.condition is not null then $s$case when %3$s then '' else coalesce(',"%1$s":' || %2$s, '') end$s$
          when only_changed then $s$case when o.%1$I is distinct from n.%1$I then ',"%1$s":' || coalesce(%2$s, 'null') else '' end$s$
          when a.attnotnull then $s$(',"%1$s":' || %2$s)$s$
          else $s$coalesce(',"%1$s":' || %2$s, '')$s$
        end, a.attname, blindagem_audit.json_source(side, a.attname, a.atttypid),
        format(p.condition, format('%s.%I', side, a.attname))), ' || ' order by a.attnum)
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    left join blindagem_audit.personal_columns() p on p.table_name = c.relname and p.column_name = a.attname
    where a.attrelid = state_source.table_name and a.attnum > 0 and not a.attisdropped
  $$;
comment on function blindagem_audit.state_source is
  'The expression for what one side ("o" or "n") of a row says openly, as the fields of a JSON object, a comma before each: all its columns but the empty ones, or those that an update changed.';

create function blindagem_audit.personal_source(table_name regclass, side text, only_changed boolean) returns text
  language sql stable
  as $$
    select string_agg(format(
        case when only_changed then $s$case when o.%1$I is distinct from n.%1$I and (%3$s) then %2$s end as %4$I$s$
          else $s$case when %3$s then %2$s end as %4$I$s$ end,
        a.attname, blindagem_audit.json_source(side, a.attname, a.atttypid),
        format(p.condition, format('%s.%I', side, a.attname)), side || '.' || a.attname), ', ' order by a.attnum)
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join blindagem_audit.personal_columns() p on p.table_name = c.relname and p.column_name = a.attname
    where a.attrelid = personal_source.table_name and a.attnum > 0 and not a.attisdropped
  $$;
comment on function blindagem_audit.personal_source is
  'The select list for the JSON texts of one side''s values that are to be committed to ("n.payee_name"); null where there is none.';

create function blindagem_audit.committed_source(table_name regclass, side text, template text) returns text
  language sql stable
  as $$
    select string_agg(format(template, p.column_name, case side when 'o' then 'previous_state' else 'new_state' end,
      side || '.' || p.column_name), ' || ' order by a.attnum)
    from blindagem_audit.personal_columns() p
    join pg_class c on c.relname = p.table_name
    join pg_attribute a on a.attrelid = c.oid and a.attname = p.column_name
    where c.oid = committed_source.table_name
  $$;
comment on function blindagem_audit.committed_source is
  'An expression for each value of one side that personal_source selects (%1 the column, %2 the side''s name in an entry, %3 the value''s name), concatenated.';

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
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, %11$s as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"%1$s","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"%2$s","action":"' || c.action || '"'%3$s || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, %4$s as organization_id, %5$s as condominium_id,
                %6$s as sensitivity, %7$s as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' else %8$s end as action, %9$s
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
comment on function blindagem_audit.capture_source is
  'The body of a table''s capture function: one record per changed row, in one statement, with its mark for sealing and what it commits to. Old and new rows pair by key in a full join. Of a secret that lives as long as the statement and the record''s id come the two salts of a record: one stands in it and keeps those who have its hash alone from guessing what it says, the other stands beside it, with the values. After a change of the table''s columns, define_capture is to be called again (a test compares).';

create or replace function blindagem_audit.capture_truncate() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
  as $$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      context_salt bytea := uuid_send(gen_random_uuid());
      context text := blindagem_audit.context_values(who);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
      action text := case when who.out_of_band then 'OUT_OF_BAND' else 'TRUNCATE' end;
      record_id bigint := nextval('blindagem_audit.record_id');
    begin
      insert into blindagem_audit.audit_log_immutable (id, recorded_at, sensitivity, entity_type, entity_id, action, actor_id, entry)
      values (record_id, at, 'ORDINARY', tg_table_name, tg_table_name, action, who.actor_id,
        '{"format":"blindagem-record-5","id":"' || record_id || '","salt":"' || gen_random_uuid()
          || '","sensitivity":"ORDINARY","entity_type":"' || tg_table_name || '","entity_id":"' || tg_table_name
          || '","operation":"TRUNCATE","action":"' || action || '",' || shared || '}');
      if context is not null then
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        values (record_id / 256, at, array[record_id], array[null::bytea], array[null::text], context_salt, '{' || context || '}');
      end if;
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      values (record_id, array[record_id], at);
      return null;
    end
  $$;

revoke execute on function blindagem_audit.personal_columns, blindagem_audit.impersonal_columns, blindagem_audit.commitment,
  blindagem_audit.context_values, blindagem_audit.context_entry, blindagem_audit.personal_source,
  blindagem_audit.committed_source from public;

select blindagem_audit.define_capture(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

-- Who sees them ---------------------------------------------------------------------------------------------

create function blindagem_audit.personal_of(record_id bigint, recorded_at timestamptz, entry text)
  returns table (salt bytea, personal text, context_salt bytea, context text, erased_at timestamptz, erasure_id bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select v.salts[place.at], v.personal[place.at], v.context_salt, v.context, e.erased_at, e.erasure_id
    from blindagem_audit.personal_values v
    cross join lateral (select array_position(v.record_ids, personal_of.record_id) as at) as place
    left join blindagem_audit.erased_values e on e.record_id = personal_of.record_id
      and exists (select from blindagem_audit.audit_log_immutable r where r.id = e.erasure_id and r.action = 'ERASURE')
    where v.recorded_at = personal_of.recorded_at and v.bucket = personal_of.record_id / 256 and place.at is not null
      and exists (
        select from blindagem_audit.audit_log_immutable r
        where r.id = personal_of.record_id and r.recorded_at = personal_of.recorded_at and r.entry = personal_of.entry)
  $$;
comment on function blindagem_audit.personal_of is
  'What stands beside a record, for whoever may read it: it has to be handed in, and cannot be guessed for its salt. No row, or nothing in it, for a record that commits to nothing.';

create function blindagem_audit.shown(value jsonb, path text, known jsonb, erased jsonb) returns jsonb
  language sql immutable parallel safe
  as $$
    select case
      when jsonb_typeof(value) <> 'object' or not value ? 'commitment' then value
      when known ? path then known->path
      else coalesce(erased, value)
    end
  $$;
comment on function blindagem_audit.shown is
  'A value of an entry as people see it: what its commitment stands for, or when and by which record that was erased.';

create function blindagem_audit.revealed(record_id bigint, recorded_at timestamptz, entry text) returns jsonb
  language plpgsql stable set search_path = pg_catalog, pg_temp
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
      foreach field in array '{ip,user_agent,client_address}'::text[] loop
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
comment on function blindagem_audit.revealed is
  'A record''s entry as people see it: with the values that its commitments stand for, or {"erased": {"at", "by"}}, by naming the ERASURE record, where they were erased.';

revoke execute on function blindagem_audit.personal_of, blindagem_audit.shown, blindagem_audit.revealed from public;
grant execute on function blindagem_audit.personal_of, blindagem_audit.shown, blindagem_audit.revealed
  to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :SEALER;

drop view blindagem_audit.records;
create view blindagem_audit.records with (security_invoker = true, security_barrier = true) as
  select r.id, r.recorded_at, r.organization_id, r.condominium_id, r.sensitivity, r.entity_type, r.entity_id, r.action,
    r.actor_id, r.entry, f.operation, f.actor_role, f.on_behalf_of, f.previous_state, f.new_state, f.reason, f.ip,
    f.user_agent, f.request_id, f.job_id, f.session_login, f.application_name, f.client_address, f.transaction_id
  from blindagem_audit.audit_log_immutable r
  cross join lateral (select blindagem_audit.revealed(r.id, r.recorded_at, r.entry) as fields offset 0) as e
  cross join lateral jsonb_to_record(
    -- An erased address is no address.
    e.fields - array(select a from unnest('{ip,client_address}'::text[]) as a where jsonb_typeof(e.fields->a) = 'object')) as f (
    operation text, actor_role text, on_behalf_of text, previous_state jsonb, new_state jsonb, reason text, ip inet,
    user_agent text, request_id text, job_id text, session_login text, application_name text, client_address inet,
    transaction_id text)
  where r.entity_type <> 'intents';
comment on view blindagem_audit.records is
  'The records with all that their entries say, and what their commitments stand for, for those who look into the log in SQL.';

reset role;
set local role :OWNER;

create or replace view blindagem.audit_log with (security_invoker = true, security_barrier = false) as
  select
    r.id, r.recorded_at, r.organization_id, r.condominium_id, r.entity_type, r.entity_id,
    case when u.record_id is null then r.action else 'OUT_OF_BAND' end as action,
    r.actor_id, e.fields->>'actor_role' as actor_role, e.fields->>'on_behalf_of' as on_behalf_of,
    e.fields->'previous_state' as previous_state, e.fields->'new_state' as new_state,
    blindagem_audit.metadata_of(e.fields)
      || case when u.record_id is null then '{}' else jsonb_build_object('claimedAction', r.action, 'unattested', u.cause) end as metadata
  from blindagem_audit.audit_log_immutable r
  -- Parsed once, not once a column.
  cross join lateral (select blindagem_audit.revealed(r.id, r.recorded_at, r.entry) as fields offset 0) as e
  left join blindagem_audit.unattested_records u on u.record_id = r.id
  where r.entity_type <> 'intents';

reset role;
