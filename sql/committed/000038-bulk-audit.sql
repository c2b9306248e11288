--! Previous: sha1:2f305b396b2b442bf757711606bfc9d21a260d20
--! Hash: sha1:a1cb439467f024c061ba382ebf18c969ac430be8

-- What costs sealing and comparing most when records come in bulk, by profiles at 100,000 records.

set local role :AUDIT_OWNER;

-- A look counts the records of up to 5,000 waiting statements. Asking the arrays for it unpacked each of them: an eighth of
-- all that sealing cost.
alter table blindagem_audit.pending_records
  add column record_count integer generated always as (cardinality(record_ids)) stored;
comment on column blindagem_audit.pending_records.record_count is 'How many record_ids there are, without unpacking them.';

-- Hashes cannot be compressed, and trying cost another eighth.
alter table blindagem_audit.sealed_runs alter column leaf_hashes set storage external;
alter table blindagem_audit.sealed_runs alter column record_ids set storage external;

-- One by one a record's values cost 180 microseconds: the arrays of its statement were unpacked for each of them. Where the
-- planner does not know how many are asked for, it would go through all of them for each: no nested loops. A record by itself
-- is still asked for by the function of 000029: PostgreSQL 15 plans functions in SQL at each call, and plans that one sooner.
create function blindagem_audit.personal_of(record_ids bigint[], recorded_ats timestamptz[], entries text[])
  returns table (record_id bigint, salt bytea, personal text, context_salt bytea, context text, erased_at timestamptz, erasure_id bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp set enable_nestloop = off
  as $$
    with known as materialized (
      select r.id, r.recorded_at
      from unnest(record_ids, recorded_ats, entries) as asked (id, recorded_at, entry)
      cross join lateral (
        select r.id, r.recorded_at from blindagem_audit.audit_log_immutable r
        where r.id = asked.id and r.recorded_at = asked.recorded_at and r.entry = asked.entry
        offset 0) as r
    )
    select p.id, p.salt, p.personal, p.context_salt, p.context, e.erased_at, e.erasure_id
    from (select distinct k.recorded_at, k.id / 256 as bucket from known k) as place
    cross join lateral (
      select unnest(v.record_ids) as id, unnest(v.salts) as salt, unnest(v.personal) as personal, v.context_salt, v.context, v.recorded_at
      from blindagem_audit.personal_values v
      where v.recorded_at = place.recorded_at and v.bucket = place.bucket
      offset 0) as p
    join known k on k.id = p.id and k.recorded_at = p.recorded_at
    left join blindagem_audit.erased_values e on e.record_id = p.id
      and exists (select from blindagem_audit.audit_log_immutable r where r.id = e.erasure_id and r.action = 'ERASURE')
  $$;
comment on function blindagem_audit.personal_of(bigint[], timestamptz[], text[]) is
  'What stands beside records, for whoever may read them: each has to be handed in, and cannot be guessed for its salt. No row, or nothing in it, for a record that commits to nothing.';
revoke execute on function blindagem_audit.personal_of(bigint[], timestamptz[], text[]) from public;
grant execute on function blindagem_audit.personal_of(bigint[], timestamptz[], text[])
  to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :SEALER;

reset role;
