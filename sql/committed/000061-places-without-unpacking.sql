--! Previous: sha1:f2a9b5f7d2cf7b57f1d20d17b9d152cf7b2d68c5
--! Hash: sha1:c4779a2608aa5f93fbf02eee78637fd885b3b3e2

-- Places of records in the tree are counted where that can be: a page of 100 records of 100 runs unpacked 4 MB of ids.

set local role :AUDIT_OWNER;

create or replace function blindagem_audit.leaf_indexes(record_ids bigint[]) returns table (record_id bigint, leaf_index bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    with hit as materialized (
      select wanted.id, r.first_index, r.first_record_id,
        -- As long as the hashes are, which are not read for it: a run's ids ascend, and there are as many of both.
        length(r.leaf_hashes) = 32 * (r.last_record_id - r.first_record_id + 1) as has_all_ids
      from unnest(leaf_indexes.record_ids) as wanted (id)
      join blindagem_audit.sealed_runs r on int8range(r.first_record_id, r.last_record_id, '[]') @> wanted.id
    )
    select hit.id, hit.first_index + hit.id - hit.first_record_id from hit where hit.has_all_ids
    union all
    select place.id, run.first_index + place.position - 1
    from (
      select hit.first_index, array_agg(hit.id) as ids from hit where not hit.has_all_ids
      group by hit.first_index) as rest
    cross join lateral (
      select s.first_index, s.record_ids || '{}' as record_ids
      from blindagem_audit.sealed_runs s where s.first_index = rest.first_index
      offset 0) as run
    cross join lateral (
      select wanted.id, array_position(run.record_ids, wanted.id) as position
      from unnest(rest.ids) as wanted (id)
      offset 0) as place
    where place.position is not null
  $$;
comment on function blindagem_audit.leaf_indexes is
  'The places of records in the tree, from 0; those that wait for their seal are left out. Of a run that has all ids from its first to its last, a place is counted; any other is unpacked once for all its records: once for each took a page of 100 records 100 ms, and leaf_index alone, through which the planner went run by run, seconds.';

reset role;
