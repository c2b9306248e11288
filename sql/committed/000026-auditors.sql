--! Previous: sha1:2563c05f8583760f5b4944f2c204f0aaab186587
--! Hash: sha1:5c19124a2225e4df8cc9f7b035c7158cd921d509

-- For auditors: records of the log are found by what people ask for, each with its place in the tree and its proof;
-- and whatever an auditor looks at is itself recorded, before it is shown.

set local role :AUDIT_OWNER;

-- Finding records -------------------------------------------------------------------------------------------

-- Each of these costs every write about a microsecond and 50 bytes; what they are for is measured by
-- `npm run bench -- audit --only queries`. All end in id and recorded_at, so that a page and a month are read off the index.
create index audit_log_entity_type on blindagem_audit.audit_log_immutable (entity_type, id, recorded_at);
comment on index blindagem_audit.audit_log_entity_type is
  'Records of one kind of entity by age; the index by entity has them by key, and a page would sort all of them.';
create index audit_log_actor on blindagem_audit.audit_log_immutable (actor_id, id, recorded_at);
comment on index blindagem_audit.audit_log_actor is 'What one person, key or task did.';
create index audit_log_action on blindagem_audit.audit_log_immutable (action, id, recorded_at)
  where action not in ('INSERT', 'UPDATE', 'ATTEST');
comment on index blindagem_audit.audit_log_action is
  'Changes of one kind in the business''s words. What is left out is more than half of any log: such records are met by reading along the ids.';
create index audit_log_time on blindagem_audit.audit_log_immutable using brin (recorded_at, id)
  with (pages_per_range = 32, autosummarize = on);
comment on index blindagem_audit.audit_log_time is
  'Tells for next to nothing where in a month there is nothing of a period.';
drop index blindagem_audit.audit_log_organization;
create index audit_log_organization on blindagem_audit.audit_log_immutable (organization_id, id)
  where organization_id is not null;
comment on index blindagem_audit.audit_log_organization is
  'Records that name an administradora: its own, and those of the expenses that it handed in.';

-- The scope of the asker as sets that are hashed once: along the log's ids each row was compared with each condominium.
alter policy scope on blindagem_audit.audit_log_immutable
  using (condominium_id in (select unnest((select blindagem_private.visible_condominium_ids())::bigint[]))
    or (condominium_id is null
      and organization_id in (select unnest((select blindagem_private.visible_organization_ids())::bigint[]))));

create function blindagem_audit.first_id_at(instant timestamptz) returns bigint
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      lower bigint := (select min(id) from blindagem_audit.audit_log_immutable);
      upper bigint := (select max(id) + 1 from blindagem_audit.audit_log_immutable);
      middle bigint;
    begin
      while lower < upper and instant > '-infinity' and instant < 'infinity' loop
        middle := lower + (upper - lower) / 2;
        if (select r.recorded_at from blindagem_audit.audit_log_immutable r where r.id >= middle order by r.id limit 1) < instant then
          lower := middle + 1;
        else
          upper := middle;
        end if;
      end loop;
      return case when instant = 'infinity' then upper else lower end;
    end
  $$;
comment on function blindagem_audit.first_id_at is
  'About where in the log that instant is: the id of the first record of then or later, as far as ids follow the clock; one more than the last id for infinity.';
revoke execute on function blindagem_audit.first_id_at from public;
grant execute on function blindagem_audit.first_id_at to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

-- Places and proofs -----------------------------------------------------------------------------------------

alter policy everybody on blindagem_audit.tiles to :ANONYMOUS, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;
grant select on blindagem_audit.tiles to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

create function blindagem_audit.leaf_indexes(record_ids bigint[]) returns table (record_id bigint, leaf_index bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select place.id, run.first_index + place.position - 1
    from (
      select r.first_index, array_agg(wanted.id) as ids
      from unnest(leaf_indexes.record_ids) as wanted (id)
      join blindagem_audit.sealed_runs r on int8range(r.first_record_id, r.last_record_id, '[]') @> wanted.id
      group by r.first_index) as hit
    cross join lateral (
      select s.first_index, s.record_ids || '{}' as record_ids
      from blindagem_audit.sealed_runs s where s.first_index = hit.first_index
      offset 0) as run
    cross join lateral (
      select wanted.id, array_position(run.record_ids, wanted.id) as position
      from unnest(hit.ids) as wanted (id)
      offset 0) as place
    where place.position is not null
  $$;
comment on function blindagem_audit.leaf_indexes is
  'The places of records in the tree, from 0; those that wait for their seal are left out. A run is unpacked once for all its records: once for each took a page of 100 records 100 ms, and leaf_index alone, through which the planner went run by run, seconds.';
create or replace function blindagem_audit.leaf_index(record_id bigint) returns bigint
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$ select i.leaf_index from blindagem_audit.leaf_indexes(array[leaf_index.record_id]) as i $$;
revoke execute on function blindagem_audit.leaf_indexes from public;
grant execute on function blindagem_audit.leaf_indexes to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

-- Who looked at what ----------------------------------------------------------------------------------------

grant usage on schema blindagem_audit to :ACCESS_LOG;
grant execute on function blindagem_audit.transaction_groups, blindagem_audit.attest to :ACCESS_LOG;
grant execute on function blindagem_audit.refuse_change to :OWNER;

reset role;
set local role :OWNER;

-- Not security barriers, unlike all other views: behind one, PostgreSQL sorts the whole log for each page. They show every
-- row that row-level security leaves, so there is nothing for a barrier to hold back. And the log without the place in the
-- tree, which is looked up for a page at once.
drop view blindagem.audit_log;
create view blindagem.audit_log with (security_invoker = true, security_barrier = false) as
  select
    r.id, r.recorded_at, r.organization_id, r.condominium_id, r.entity_type, r.entity_id,
    case when u.record_id is null then r.action else 'OUT_OF_BAND' end as action,
    r.actor_id, e.fields->>'actor_role' as actor_role, e.fields->>'on_behalf_of' as on_behalf_of,
    e.fields->'previous_state' as previous_state, e.fields->'new_state' as new_state,
    blindagem_audit.metadata_of(e.fields)
      || case when u.record_id is null then '{}' else jsonb_build_object('claimedAction', r.action, 'unattested', u.cause) end as metadata
  from blindagem_audit.audit_log_immutable r
  -- Parsed once, not once a column.
  cross join lateral (select r.entry::jsonb as fields offset 0) as e
  left join blindagem_audit.unattested_records u on u.record_id = r.id
  where r.entity_type <> 'intents';
comment on view blindagem.audit_log is
  E'@primaryKey id\n@behavior -insert -update -delete -totalCount\nThe audit log: who, when, what (previous state -> new state), with reason and address.';
grant select on blindagem.audit_log to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

create view blindagem.audit_checkpoints with (security_invoker = true, security_barrier = false) as
  select c.tree_size, encode(c.root, 'base64') as root, c.note, c.signed_at from blindagem_audit.checkpoints c;
comment on view blindagem.audit_checkpoints is
  E'@primaryKey tree_size\n@behavior -insert -update -delete -totalCount\nSigned checkpoints of the audit log''s Merkle tree.';
comment on column blindagem.audit_checkpoints.root is 'The root of the tree of that size, in base64.';
comment on column blindagem.audit_checkpoints.note is 'The signed note (C2SP tlog-checkpoint), as it was signed.';
grant select on blindagem.audit_checkpoints to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

create table blindagem.auditor_accesses (
  id bigint generated always as identity primary key,
  accessed_at timestamptz not null default clock_timestamp(),
  person_id bigint not null references blindagem.people,
  grant_id bigint references blindagem.grants,
  organization_id bigint references blindagem.organizations,
  condominium_id bigint references blindagem.condominiums,
  request_id text not null,
  ip inet,
  operation text not null check (length(operation) <= 200),
  operation_name text check (length(operation_name) <= 200),
  document text,
  variables jsonb not null,
  entity_ids text[] not null
);
comment on table blindagem.auditor_accesses is
  E'@behavior -totalCount\nWhat auditors asked for, a row per grant that they asked under; written before they are answered, never changed.';
comment on column blindagem.auditor_accesses.operation is 'What it was: "query auditLog", "GET /documents/:sha256".';
comment on column blindagem.auditor_accesses.operation_name is 'The name that a GraphQL client gave its operation.';
comment on column blindagem.auditor_accesses.document is
  'The text of a GraphQL document; the values in it stand in variables.';
comment on column blindagem.auditor_accesses.variables is
  'The values that were asked with. Of an auditor of several administradoras only the names: what is asked of one is not told to another.';
comment on column blindagem.auditor_accesses.entity_ids is 'The ids among those values; none where the values are not told.';
comment on column blindagem.auditor_accesses.grant_id is
  'Null for the row that holds the values of what was asked under grants of several administradoras; the auditor alone sees it.';
create index auditor_accesses_organization on blindagem.auditor_accesses (organization_id, id);
create index auditor_accesses_condominium on blindagem.auditor_accesses (condominium_id, id);
create index auditor_accesses_person on blindagem.auditor_accesses (person_id, id);

alter table blindagem.auditor_accesses enable row level security;
create policy scope on blindagem.auditor_accesses for select to :ADMIN
  using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[])
    or organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[]));
create policy own on blindagem.auditor_accesses for select to :AUDITOR
  using (person_id = (select blindagem_private.current_person_id()));
grant select on blindagem.auditor_accesses to :ADMIN, :AUDITOR;
-- Whom an administradora has granted something has a name for it: row-level security shows it its own grants alone.
create policy grantees on blindagem.people for select to :ADMIN
  using (exists (select from blindagem.grants g where g.person_id = people.id));

create trigger guard_change before update or delete on blindagem.auditor_accesses
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem.auditor_accesses
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem.auditor_accesses enable always trigger guard_change;
alter table blindagem.auditor_accesses enable always trigger guard_truncate;

create function blindagem_private.record_access(
  operation text, operation_name text, document text, variables jsonb, entity_ids text[]) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      insert into blindagem.auditor_accesses (
        person_id, grant_id, organization_id, condominium_id, request_id, ip,
        operation, operation_name, document, variables, entity_ids)
      with scopes as (
        select g.id, g.organization_id, g.condominium_id,
          coalesce('organization ' || coalesce(g.organization_id, m.organization_id), 'condominium ' || g.condominium_id) as tenant
        from blindagem.grants g
        left join blindagem.managements m on m.condominium_id = g.condominium_id
          and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
        where g.person_id = blindagem_private.current_person_id() and g.role = 'auditor'
          and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to)
      ), told as (
        select count(distinct s.tenant) <= 1 as all from scopes s
      )
      select
        blindagem_private.current_person_id(), s.id, s.organization_id, s.condominium_id,
        current_setting('blindagem.request_id'), nullif(current_setting('blindagem.ip', true), '')::inet,
        record_access.operation, record_access.operation_name, record_access.document,
        case when told.all or s.id is null then record_access.variables
          else (select coalesce(jsonb_object_agg(v.name, null), '{}') from jsonb_object_keys(record_access.variables) as v (name)) end,
        case when told.all or s.id is null then record_access.entity_ids else '{}' end
      from told
      cross join (
        select id, organization_id, condominium_id from scopes
        union all
        select null, null, null) as s
      where s.id is not null or not told.all;
      if not found then
        raise exception using errcode = 'BLD02', message = 'A concessão de auditor terminou.';
      end if;
    end
  $$;
comment on function blindagem_private.record_access is
  'Writes down what the asking auditor is about to be shown, a row for each of their grants.';
revoke execute on function blindagem_private.record_access from public;
grant usage on schema blindagem_private to :ACCESS_LOG;
grant execute on function blindagem_private.record_access to :ACCESS_LOG;

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.auditor_accesses');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.auditor_accesses');
reset role;
