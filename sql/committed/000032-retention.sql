--! Previous: sha1:717ec876f776eff67f8b21fe50b30e901e252222
--! Hash: sha1:cb7885187f775fba45a5f7f68e504941bfe0d1ef

-- Months of the log that are kept elsewhere. A month that is sealed whole, old enough and in a verified bundle is taken out
-- of the log; its leaves, tiles and checkpoints stay, so that every proof still holds. What the comparison needs of it stays
-- too: the last that its records told of each row, and which records it had.

create schema blindagem_archive authorization :AUDIT_OWNER;
comment on schema blindagem_archive is
  'Months that were taken out of the audit log, a table each, until somebody drops them. Nothing of the platform reads here.';

set local role :OWNER;

create table blindagem.log_detachments (
  id bigint generated always as identity primary key,
  month date not null unique check (month = date_trunc('month', month::timestamp)),
  records bigint not null check (records > 0),
  record_ids int8multirange not null,
  kept_ids bigint[] not null,
  root text not null,
  carried_digest text not null check (carried_digest ~ '^[0-9a-f]{64}$'),
  detached_at timestamptz not null default now()
);
comment on table blindagem.log_detachments is
  'Months that were taken out of the audit log: who did it and why says the record of the row. The comparison takes it from the log, not from here.';
comment on column blindagem.log_detachments.records is 'How many records the month had.';
comment on column blindagem.log_detachments.record_ids is 'Those that are no longer in the log.';
comment on column blindagem.log_detachments.kept_ids is
  'Those that stay in the log: of transactions that reach into the next month, whose intents cover all their records.';
comment on column blindagem.log_detachments.root is
  'Of the Merkle tree (RFC 6962) over the leaf hashes of the month''s records alone, in their sealed order; base64.';
comment on column blindagem.log_detachments.carried_digest is 'SHA-256 over what blindagem_audit.carried_states has of the month.';
alter table blindagem.log_detachments enable row level security;
create policy audit on blindagem.log_detachments to :AUDIT_OWNER using (true) with check (true);
grant select, insert on blindagem.log_detachments to :AUDIT_OWNER;

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.log_detachments');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.log_detachments');
reset role;
set local role :AUDIT_OWNER;

create table blindagem_audit.carried_states (
  month date not null,
  entity_type text not null,
  entity_id text not null,
  last_record_id bigint not null,
  exists_after boolean not null,
  is_anew boolean not null,
  inserted_by bigint,
  told jsonb not null,
  primary key (entity_type, entity_id, month)
);
comment on table blindagem_audit.carried_states is
  'What the records of a month that is no longer in the log told of each row, so that it can still be compared with the log. An entity_id that is the table''s name tells that the table was truncated.';
comment on column blindagem_audit.carried_states.is_anew is
  'Whether the row was inserted, deleted or truncated in that month: what was told of it before counts no more.';
comment on column blindagem_audit.carried_states.told is 'By field: the record that told it last, and the value.';
alter table blindagem_audit.carried_states enable row level security;
create policy sealer on blindagem_audit.carried_states for select to :SEALER using (true);
grant select on blindagem_audit.carried_states to :SEALER;
create trigger guard_change before update or delete on blindagem_audit.carried_states
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem_audit.carried_states
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem_audit.carried_states enable always trigger guard_change;
alter table blindagem_audit.carried_states enable always trigger guard_truncate;

create function blindagem_audit.carried_digest(of_month date) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select encode(sha256(coalesce(string_agg(sha256(convert_to(concat_ws(' ', c.entity_type, c.entity_id, c.last_record_id,
      c.exists_after, c.is_anew, c.inserted_by, c.told), 'UTF8')), '' order by c.entity_type collate "C", c.entity_id collate "C"), '')), 'hex')
    from blindagem_audit.carried_states c where c.month = of_month
  $$;
comment on function blindagem_audit.carried_digest is 'What was carried over from a month, as one hash.';

create function blindagem_audit.open_transactions(since timestamptz, until timestamptz) returns table (transaction_id text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select distinct substring(r.entry from '"transaction_id":"([0-9]+)"[}]$')
    from blindagem_audit.audit_log_immutable r
    where r.recorded_at >= since and r.recorded_at < until and r.action <> 'OUT_OF_BAND' and r.entity_type <> 'intents'
    except
    select r.entity_id from blindagem_audit.audit_log_immutable r
    where r.recorded_at >= since and r.recorded_at < until and r.entity_type = 'intents'
  $$;
comment on function blindagem_audit.open_transactions is
  'Transactions that wrote records in that time, but whose intent, their last record, is not of that time.';

create function blindagem_audit.detached_months()
  returns table (month date, records bigint, record_ids int8multirange, root text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$ select d.month, d.records, d.record_ids, d.root from blindagem.log_detachments d order by d.month $$;
comment on function blindagem_audit.detached_months is 'The months that are no longer in the log, and which records they had.';

create function blindagem_audit.detach_month(of_month date, record_count bigint, month_root text) returns bigint[]
  language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' set lock_timeout = '3s'
  as $$
    declare
      since timestamptz := of_month::timestamptz;
      until timestamptz := (of_month + interval '1 month')::timestamptz;
      name text := 'audit_log_' || to_char(of_month, 'YYYY_MM');
      partition regclass := to_regclass('blindagem_audit.' || name);
      lying_in regclass := coalesce(partition, 'blindagem_audit.audit_log_default'::regclass);
      all_ids bigint[];
      kept bigint[];
      intact bigint;
      digest text;
    begin
      if of_month <> date_trunc('month', of_month) or until > date_trunc('month', now()) then
        raise exception using errcode = 'BLD04', message = format('%s não é um mês que já terminou.', to_char(of_month, 'YYYY-MM'));
      end if;
      perform pg_advisory_xact_lock(hashtextextended('blindagem detaching', 0));
      -- Where all is written to the default partition, locking it would hold up every business write.
      if partition is null and to_regclass('blindagem_audit.audit_log_' || to_char(now(), 'YYYY_MM')) is null then
        raise exception using errcode = 'BLD04', message = 'O mês corrente não tem partição: rode a tarefa housekeeping antes.';
      end if;
      execute format('lock table %s in share row exclusive mode', lying_in);

      select coalesce(array_agg(r.id), '{}') into all_ids
      from blindagem_audit.audit_log_immutable r where r.recorded_at >= since and r.recorded_at < until;
      select count(*) into intact
      from (
        select s.id, substr(run.leaf_hashes, 32 * (s.place - 1)::int + 1, 32) as hash
        from blindagem_audit.sealed_runs run
        cross join lateral unnest(run.record_ids) with ordinality as s (id, place)
        where int8range(run.first_record_id, run.last_record_id, '[]')
          && int8range((select min(id) from unnest(all_ids) as id), (select max(id) from unnest(all_ids) as id), '[]')) as leaf
      join blindagem_audit.audit_log_immutable r on r.id = leaf.id and r.recorded_at >= since and r.recorded_at < until
      where blindagem_audit.leaf_hash(convert_to(r.entry, 'UTF8')) = leaf.hash;
      if record_count is distinct from cardinality(all_ids) or record_count = 0 or intact <> record_count then
        raise exception using errcode = 'BLD04',
          message = format('O mês %s tem %s registros, dos quais %s estão como foram selados; o pacote tem %s.',
            to_char(of_month, 'YYYY-MM'), cardinality(all_ids), intact, record_count);
      end if;
      if exists (
        select from blindagem_audit.audit_log_immutable r where r.recorded_at < since
          and r.id <> all (coalesce((select array_agg(k.id) from blindagem.log_detachments d cross join unnest(d.kept_ids) as k (id)), '{}'))) then
        raise exception using errcode = 'BLD04', message = 'Há um mês mais antigo no registro: os meses saem em ordem.';
      end if;

      select coalesce(array_agg(r.id order by r.id), '{}') into kept
      from blindagem_audit.audit_log_immutable r
      join blindagem_audit.open_transactions(since, until) as open on open.transaction_id = substring(r.entry from '"transaction_id":"([0-9]+)"[}]$')
      where r.recorded_at >= since and r.recorded_at < until
        and exists (
          select from blindagem_audit.audit_log_immutable later
          where later.entity_type = 'intents' and later.entity_id = open.transaction_id and later.recorded_at >= until);

      insert into blindagem_audit.carried_states (
        month, entity_type, entity_id, last_record_id, exists_after, is_anew, inserted_by, told)
      with change as (
        select r.id, r.entity_type, r.entity_id, e.operation, e.new_state,
          max(r.id) filter (where e.operation = 'TRUNCATE') over (partition by r.entity_type) as truncated_by
        from blindagem_audit.audit_log_immutable r
        cross join lateral jsonb_to_record(r.entry::jsonb) as e (operation text, new_state jsonb)
        where r.recorded_at >= since and r.recorded_at < until and r.entity_type <> 'intents' and r.id <> all (kept)
      ), standing as (
        select c.*, max(c.id) filter (where c.operation <> 'UPDATE') over (partition by c.entity_type, c.entity_id) as anew_by
        from change c where c.truncated_by is null or c.id >= c.truncated_by
      )
      select of_month, s.entity_type, s.entity_id, max(s.id),
        (array_agg(s.operation order by s.id desc))[1] in ('INSERT', 'UPDATE'), bool_or(s.operation <> 'UPDATE'),
        max(s.id) filter (where s.operation = 'INSERT'),
        coalesce(jsonb_object_agg(f.key, jsonb_build_array(s.id::text, f.value) order by s.id) filter (where f.key is not null), '{}')
      from standing s
      left join lateral jsonb_each(s.new_state) as f on true
      where s.anew_by is null or s.id >= s.anew_by
      group by s.entity_type, s.entity_id;
      digest := blindagem_audit.carried_digest(of_month);

      if partition is null then
        execute format('create table blindagem_archive.%I as select * from blindagem_audit.audit_log_default where recorded_at >= %L and recorded_at < %L', name, since, until);
        alter table blindagem_audit.audit_log_default disable trigger guard_change;
        delete from blindagem_audit.audit_log_default d where d.recorded_at >= since and d.recorded_at < until and d.id <> all (kept);
        alter table blindagem_audit.audit_log_default enable always trigger guard_change;
      else
        execute format('alter table blindagem_audit.audit_log_immutable detach partition %s', partition);
        execute format('alter table %s set schema blindagem_archive', partition);
        if kept <> '{}' then
          alter table blindagem_audit.audit_log_default disable trigger guard_insert;
          execute format('insert into blindagem_audit.audit_log_default select * from blindagem_archive.%I where id = any ($1)', name) using kept;
          alter table blindagem_audit.audit_log_default enable always trigger guard_insert;
        end if;
      end if;

      -- What stood beside the records is in the bundle with them.
      update blindagem_audit.personal_values v
      set salts = array_fill(null::bytea, array[cardinality(v.salts)]), personal = array_fill(null::text, array[cardinality(v.personal)]),
        context_salt = null, context = null
      where v.recorded_at >= since and v.recorded_at < until and not v.record_ids && kept;

      insert into blindagem.log_detachments (month, records, record_ids, kept_ids, root, carried_digest)
      select of_month, record_count, coalesce(range_agg(int8range(id, id, '[]')), '{}'), kept, month_root, digest
      from unnest(all_ids) as gone (id) where id <> all (kept);
      return kept;
    end
  $$;
comment on function blindagem_audit.detach_month is
  'Takes a month out of the log into blindagem_archive, if it is over, the oldest, and sealed whole; says which records stay. That a verified bundle holds it, whoever calls has to know (blindagem audit detach). Other writes wait for no more than the moment of detaching.';

revoke execute on function
  blindagem_audit.carried_digest, blindagem_audit.open_transactions, blindagem_audit.detached_months, blindagem_audit.detach_month from public;
grant execute on function blindagem_audit.carried_digest, blindagem_audit.open_transactions to :SEALER;
grant execute on function blindagem_audit.detached_months to :SEALER, :ADMIN, :AUDITOR;
grant execute on function blindagem_audit.detach_month to :OPERATOR;

reset role;
