--! Previous: sha1:d63d00551e81d9ae121f0344c1bae8a9d3b34b35
--! Hash: sha1:ca6e98e127bc69d6312327c3b95ae876ac89cfc7

-- Sealing inside the database. The sealing process fetched each record, wrote it as canonical JSON (RFC 8785), hashed it
-- and sent it back: 109 microseconds a record, 48 of them in JavaScript. What is hashed is stored beside its hash and
-- never derived again, so it need not be canonical, only exact: now PostgreSQL writes it, and numbers come as text
-- already from the capture functions.

set local role :AUDIT_OWNER;

create function blindagem_audit.row_source(numbers text[], side text) returns text
  language sql immutable
  as $$
    select format('to_jsonb(%s)', side) || coalesce(
      (select ' || jsonb_build_object(' || string_agg(format('%L, %s.%I::text', col, side, col), ', ' order by place) || ')'
       from unnest(numbers) with ordinality as n (col, place)), '')
  $$;
comment on function blindagem_audit.row_source is
  'The expression for a whole row, its numbers as text: no reader of JSON rounds them.';
revoke execute on function blindagem_audit.row_source from public;

drop function blindagem_audit.changed_fields_source(text[], text);
create function blindagem_audit.changed_fields_source(columns text[], numbers text[], side text) returns text
  language sql immutable
  as $$
    select $s$('{' || concat_ws(', ', $s$ || string_agg(
      format($s$case when o.%1$I is distinct from n.%1$I then '%2$s: ' || coalesce(to_json(%3$s.%1$I%4$s)::text, 'null') end$s$,
        col, replace(to_json(col)::text, '%', '%%'), side, case when col = any (numbers) then '::text' else '' end),
      ', ' order by place) || $s$) || '}')::jsonb$s$
    from unnest(columns) with ordinality as c (col, place)
  $$;
comment on function blindagem_audit.changed_fields_source is
  'The expression for one side ("o" or "n") of an updated row: an object of the fields that differ, numbers as text.';
revoke execute on function blindagem_audit.changed_fields_source from public;

create or replace function blindagem_audit.capture_source(table_name regclass, operation text) returns text
  language plpgsql stable
  as $$
    declare
      entity text;
      columns text[];
      numbers text[];
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
      select array_agg(a.attname::text order by a.attnum) into numbers
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = table_name and a.attnum > 0 and not a.attisdropped and t.typcategory = 'N';
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
        when 'INSERT' then format('select null::jsonb as previous_state, %s as new_state, %%1$s from new_rows n', blindagem_audit.row_source(numbers, 'n'))
        when 'DELETE' then format('select %s as previous_state, null::jsonb as new_state, %%1$s from old_rows o', blindagem_audit.row_source(numbers, 'o'))
        else format(
          'select %s as previous_state, %s as new_state, %%1$s
           from old_rows o
           full join new_rows n on %s
           where o is distinct from n',
          blindagem_audit.changed_fields_source(columns, numbers, 'o'), blindagem_audit.changed_fields_source(columns, numbers, 'n'),
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
comment on column blindagem_audit.audit_log_immutable.previous_state is
  'Changed fields before, numbers as text; the whole row of a deletion.';
comment on column blindagem_audit.audit_log_immutable.new_state is
  'Changed fields after, numbers as text; the whole row of an insertion.';

-- Put together as text: json_build_object, which looks up the type of each of its 50 arguments anew, took 22
-- microseconds a record. What is null is left out.
create function blindagem_audit.entry_of(r blindagem_audit.audit_log_immutable) returns bytea
  language sql stable parallel safe
  as $$
    select convert_to('{"format":"blindagem-record-2",' || concat_ws(',',
      '"id":"' || r.id || '"',
      '"recorded_at":"' || to_char(r.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"',
      '"organization_id":"' || r.organization_id || '"',
      '"condominium_id":"' || r.condominium_id || '"',
      '"sensitivity":' || to_json(r.sensitivity)::text,
      '"entity_type":' || to_json(r.entity_type)::text,
      '"entity_id":' || to_json(r.entity_id)::text,
      '"operation":"' || r.operation || '"',
      '"action":' || to_json(r.action)::text,
      '"actor_id":' || to_json(r.actor_id)::text,
      '"actor_role":' || to_json(r.actor_role)::text,
      '"on_behalf_of":' || to_json(r.on_behalf_of)::text,
      '"previous_state":' || r.previous_state::text,
      '"new_state":' || r.new_state::text,
      '"reason":' || to_json(r.reason)::text,
      '"ip":"' || host(r.ip) || '"',
      '"user_agent":' || to_json(r.user_agent)::text,
      '"request_id":' || to_json(r.request_id)::text,
      '"job_id":' || to_json(r.job_id)::text,
      '"session_login":' || to_json(r.session_login)::text,
      '"application_name":' || to_json(r.application_name)::text,
      '"client_address":"' || host(r.client_address) || '"',
      '"transaction_id":"' || r.transaction_id::text || '"',
      '"intent":"' || encode(r.intent, 'hex') || '"') || '}', 'UTF8')
  $$;
comment on function blindagem_audit.entry_of is
  'The bytes of a record that are hashed: a JSON object in UTF-8, numbers as text, nulls left out. They are stored beside the hash and never derived again; "format" tells readers which fields there are (blindagem-record-1, RFC 8785, was written until version 16 of the schema).';

create function blindagem_audit.leaf_hash(entry bytea) returns bytea
  language sql immutable parallel safe
  as $$ select sha256('\x00'::bytea || entry) $$;
comment on function blindagem_audit.leaf_hash is
  'The hash of a leaf in a Merkle tree: SHA-256(0x00 || entry). The prefix keeps a leaf from being passed off as an inner node (RFC 6962, section 2.1).';

revoke execute on function blindagem_audit.entry_of, blindagem_audit.leaf_hash from public;
grant execute on function blindagem_audit.entry_of, blindagem_audit.leaf_hash to :SEALER;

reset role;
