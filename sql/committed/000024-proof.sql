--! Previous: sha1:74e2ab20da4176596e820896c17e262fbe9d0f6e
--! Hash: sha1:7be72fd9d12381ebc69500f85d2cf5123146e60f

-- The log becomes provable: intents signed by the process that acts, tiles of the Merkle tree, signed checkpoints.

set local role :AUDIT_OWNER;

-- Who and why -----------------------------------------------------------------------------------------------

create or replace function blindagem_audit.current_context() returns blindagem_audit.context
  language plpgsql stable set search_path = pg_catalog, pg_temp
  as $$
    declare
      is_platform boolean := session_user in (':AUTHENTICATOR', ':WORKER');
      actor_id text := nullif(current_setting('blindagem.actor_id', true), '');
      reason text := nullif(current_setting('blindagem.reason', true), '');
    begin
      if is_platform and (actor_id is null or reason is null) then
        raise exception using errcode = 'BLD08',
          message = 'Falta dizer quem faz a mudança, e por quê: sem isso o registro de auditoria não a aceita.',
          hint = 'Set blindagem.actor_id and blindagem.reason in the transaction (src/database/actor.ts).';
      end if;
      return row(
        not is_platform,
        actor_id,
        nullif(current_setting('blindagem.role', true), ''),
        nullif(current_setting('blindagem.on_behalf_of', true), ''),
        reason,
        nullif(current_setting('blindagem.ip', true), '')::inet,
        nullif(current_setting('blindagem.user_agent', true), ''),
        nullif(current_setting('blindagem.request_id', true), ''),
        nullif(current_setting('blindagem.job_id', true), ''))::blindagem_audit.context;
    end
  $$;
comment on function blindagem_audit.current_context is
  'The context of the running statement, read once for all its rows. Under the platform''s logins a write without actor and reason is refused; under any other it is out of band.';

-- Intents ---------------------------------------------------------------------------------------------------

alter table blindagem_audit.pending_records add column transaction_id xid8 not null default pg_current_xact_id();
comment on column blindagem_audit.pending_records.transaction_id is
  'The transaction that wrote them: its intent covers them all.';
create index pending_records_transaction on blindagem_audit.pending_records (transaction_id);

-- From this format on, a record that names an actor is covered by an intent.
do $$
  begin
    execute replace(pg_get_functiondef('blindagem_audit.capture_source'::regproc), '"blindagem-record-3"', '"blindagem-record-4"');
    execute replace(pg_get_functiondef('blindagem_audit.capture_truncate'::regproc), '"blindagem-record-3"', '"blindagem-record-4"');
  end
$$;
select blindagem_audit.define_capture(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

create function blindagem_audit.transaction_groups() returns table (leaf_hashes bytea, actions text[])
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select string_agg(blindagem_audit.leaf_hash(convert_to(record.entry, 'UTF8')), '' order by record.id),
      array_agg(distinct record.action)
    from blindagem_audit.pending_records p
    cross join lateral (
      select r.id, r.organization_id, r.condominium_id, r.sensitivity, r.action, r.entry
      from blindagem_audit.audit_log_immutable r
      where r.id = any (p.record_ids) and r.recorded_at = p.recorded_at and r.entity_type <> 'intents'
      offset 0) as record
    where p.transaction_id = pg_current_xact_id_if_assigned()
    group by record.organization_id, record.condominium_id, record.sensitivity
  $$;
comment on function blindagem_audit.transaction_groups is
  'What the running transaction has written to the log, by organization, condominium and sensitivity: the leaf hashes of its records in the order of their ids, 32 bytes each, and their actions. The process that acts signs it, and whoever may read a group can check it without the others.';

create or replace view blindagem_audit.records with (security_invoker = true, security_barrier = true) as
  select r.id, r.recorded_at, r.organization_id, r.condominium_id, r.sensitivity, r.entity_type, r.entity_id, r.action,
    r.actor_id, r.entry, f.operation, f.actor_role, f.on_behalf_of, f.previous_state, f.new_state, f.reason, f.ip,
    f.user_agent, f.request_id, f.job_id, f.session_login, f.application_name, f.client_address, f.transaction_id
  from blindagem_audit.audit_log_immutable r
  cross join lateral jsonb_to_record(r.entry::jsonb) as f (
    operation text, actor_role text, on_behalf_of text, previous_state jsonb, new_state jsonb, reason text, ip inet,
    user_agent text, request_id text, job_id text, session_login text, application_name text, client_address inet,
    transaction_id text)
  where r.entity_type <> 'intents';

create view blindagem_audit.intents with (security_invoker = true, security_barrier = true) as
  select r.id as record_id, r.entity_id as transaction_id, r.entry::jsonb->>'note' as note
  from blindagem_audit.audit_log_immutable r where r.entity_type = 'intents';
comment on view blindagem_audit.intents is
  'Notes that acting processes have signed over transaction_groups, as the last act of their transactions. What is inserted becomes a record of the log; the database keeps an intent and cannot make one: the key is not here.';

create function blindagem_audit.record_intent() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      record_id bigint := nextval('blindagem_audit.record_id');
      at timestamptz := clock_timestamp();
      who blindagem_audit.context := blindagem_audit.current_context();
    begin
      if new.note is null or length(new.note) > 1000000 then
        raise exception using errcode = 'BLD04', message = 'Uma intenção tem até 1.000.000 de caracteres.';
      end if;
      insert into blindagem_audit.audit_log_immutable (id, recorded_at, sensitivity, entity_type, entity_id, action, actor_id, entry)
      values (record_id, at, 'ORDINARY', 'intents', pg_current_xact_id()::text, 'ATTEST', who.actor_id,
        '{"format":"blindagem-intent-1","id":"' || record_id || '","salt":"' || gen_random_uuid() || '","recorded_at":"'
          || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","transaction_id":"' || pg_current_xact_id()
          || '","note":' || to_json(new.note) || '}');
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      values (record_id, array[record_id], at);
      return new;
    end
  $$;
comment on function blindagem_audit.record_intent is
  'Makes an intent a record of the running transaction, whatever id and transaction it was inserted with.';
create trigger record_intent instead of insert on blindagem_audit.intents
  for each row execute function blindagem_audit.record_intent();

create function blindagem_audit.attest(note text) returns void
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$ insert into blindagem_audit.intents (note) values (attest.note) $$;
comment on function blindagem_audit.attest is
  'Adds the intent of the running transaction to the log. By way of a trigger, since the log takes records from triggers alone.';

revoke execute on function blindagem_audit.transaction_groups, blindagem_audit.attest from public;
grant execute on function blindagem_audit.transaction_groups, blindagem_audit.attest
  to :WORKER, :ADMIN, :REVIEWER, :SINDICO, :INTEGRATOR, :OPERATOR;

create table blindagem_audit.unattested_records (
  record_id bigint primary key,
  cause text not null check (cause in ('NO_INTENT', 'INVALID_INTENT', 'OTHER_RECORDS')),
  found_at timestamptz not null default clock_timestamp()
);
comment on table blindagem_audit.unattested_records is
  'Records that name an actor, but no valid intent covers: shown as OUT_OF_BAND. Found by the sealing process, and by every verification anew.';
comment on column blindagem_audit.unattested_records.cause is
  'No intent in its transaction; one whose signature does not hold; or one that covers other records.';

create table blindagem_audit.split_transactions (
  transaction_id xid8 primary key,
  record_ids bigint[] not null
);
comment on table blindagem_audit.split_transactions is
  'Records that were sealed before the rest of their transaction: they are checked with it.';

-- The tree --------------------------------------------------------------------------------------------------

create table blindagem_audit.tiles (
  level smallint not null check (level between 0 and 63),
  index bigint not null check (index >= 0),
  hashes bytea not null check (length(hashes) between 32 and 8192 and length(hashes) % 32 = 0),
  primary key (level, index)
);
comment on table blindagem_audit.tiles is
  'Hash tiles of the Merkle tree (C2SP tlog-tiles): up to 256 hashes of 32 bytes; only ever appended to.';
alter table blindagem_audit.tiles alter column hashes set storage external;

create table blindagem_audit.checkpoints (
  tree_size bigint primary key check (tree_size >= 0),
  root bytea not null check (length(root) = 32),
  note text not null,
  signed_at timestamptz not null default clock_timestamp()
);
comment on table blindagem_audit.checkpoints is 'Signed checkpoints of the tree (C2SP tlog-checkpoint).';
comment on column blindagem_audit.checkpoints.note is 'The signed note, as it was signed.';

create function blindagem_audit.refuse_rewriting() returns trigger
  language plpgsql
  as $$
    begin
      if new.level = old.level and new.index = old.index and length(new.hashes) > length(old.hashes)
        and substring(new.hashes for length(old.hashes)) = old.hashes then
        return new;
      end if;
      raise exception using errcode = 'BLD06', message = 'Uma página da árvore só cresce.';
    end
  $$;
comment on function blindagem_audit.refuse_rewriting is 'Hashes of the tree are appended, never changed.';

do $$
  declare name text;
  begin
    foreach name in array array['unattested_records', 'checkpoints', 'tiles'] loop
      execute format('alter table blindagem_audit.%I enable row level security', name);
      execute format('create trigger guard_change before %s on blindagem_audit.%I for each statement execute function blindagem_audit.refuse_change()',
        case name when 'tiles' then 'delete' else 'update or delete' end, name);
      execute format('create trigger guard_truncate before truncate on blindagem_audit.%I for each statement execute function blindagem_audit.refuse_change()', name);
      execute format('alter table blindagem_audit.%I enable always trigger guard_change', name);
      execute format('alter table blindagem_audit.%I enable always trigger guard_truncate', name);
      execute format('create policy sealer on blindagem_audit.%I to :SEALER using (true) with check (true)', name);
    end loop;
  end
$$;
create trigger guard_growth before update on blindagem_audit.tiles
  for each row execute function blindagem_audit.refuse_rewriting();
alter table blindagem_audit.tiles enable always trigger guard_growth;
alter table blindagem_audit.split_transactions enable row level security;
create policy sealer on blindagem_audit.split_transactions to :SEALER using (true) with check (true);
grant select, insert on blindagem_audit.unattested_records, blindagem_audit.checkpoints to :SEALER;
grant select, insert, update on blindagem_audit.tiles to :SEALER;
grant select, insert, update, delete on blindagem_audit.split_transactions to :SEALER;

create policy everybody on blindagem_audit.tiles for select to :ANONYMOUS using (true);
create policy everybody on blindagem_audit.checkpoints for select
  to :ANONYMOUS, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR using (true);
create policy readers on blindagem_audit.unattested_records for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR using (true);
grant usage on schema blindagem_audit to :ANONYMOUS;
grant select on blindagem_audit.tiles to :ANONYMOUS;
grant select on blindagem_audit.checkpoints to :ANONYMOUS, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR;
grant select on blindagem_audit.unattested_records to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

reset role;
set local role :OWNER;

create or replace view blindagem.audit_log with (security_invoker = true, security_barrier = true) as
  select
    r.id, r.recorded_at, r.organization_id, r.condominium_id, r.entity_type, r.entity_id,
    case when u.record_id is null then r.action else 'OUT_OF_BAND' end as action,
    r.actor_id, r.entry::jsonb->>'actor_role' as actor_role, r.entry::jsonb->>'on_behalf_of' as on_behalf_of,
    r.entry::jsonb->'previous_state' as previous_state, r.entry::jsonb->'new_state' as new_state,
    blindagem_audit.metadata_of(r.entry::jsonb)
      || case when u.record_id is null then '{}' else jsonb_build_object('claimedAction', r.action, 'unattested', u.cause) end as metadata,
    blindagem_audit.leaf_index(r.id) as leaf_index
  from blindagem_audit.audit_log_immutable r
  left join blindagem_audit.unattested_records u on u.record_id = r.id;

reset role;
