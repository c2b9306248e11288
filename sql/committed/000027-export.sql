--! Previous: sha1:5c19124a2225e4df8cc9f7b035c7158cd921d509
--! Hash: sha1:c25284a260489e6b775a15c20dbb80f95a74567a

-- Bundles of the log for whoever has no access to it: what row-level security hides and every bundle needs.

set local role :AUDIT_OWNER;

create function blindagem_audit.sealed_leaves(first_leaf bigint, leaf_count int)
  returns table (leaf_index bigint, record_id bigint, is_kept boolean, attests text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select run.first_index + leaf.place - 1, leaf.record_id, record.id is not null, record.attests
    from blindagem_audit.sealed_runs run
    cross join lateral unnest(run.record_ids) with ordinality as leaf (record_id, place)
    left join lateral (
      select r.id, case when r.entity_type = 'intents' then r.entity_id end as attests
      from blindagem_audit.audit_log_immutable r where r.id = leaf.record_id limit 1) as record on true
    where run.first_index < first_leaf + leaf_count
      and run.first_index >= coalesce((
        select before.first_index from blindagem_audit.sealed_runs before
        where before.first_index <= first_leaf order by before.first_index desc limit 1), 0)
      and run.first_index + leaf.place - 1 between first_leaf and first_leaf + leaf_count - 1
    order by 1
  $$;
comment on function blindagem_audit.sealed_leaves is
  'So many leaves of the tree from one on, whoever''s they are: the record of each, whether the log still has it, and of an intent the transaction that it attests. No contents.';

create function blindagem_audit.intents_of(transaction_ids text[]) returns table (record_id bigint, entry text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select r.id, r.entry from blindagem_audit.audit_log_immutable r
    where r.entity_type = 'intents' and r.entity_id = any (transaction_ids)
  $$;
comment on function blindagem_audit.intents_of is
  'The intents of transactions. Who reads some of their records cannot check them without: an intent says who acted and why, and of the records of others no more than how many there are and a hash.';

revoke execute on function blindagem_audit.sealed_leaves, blindagem_audit.intents_of from public;
grant execute on function blindagem_audit.sealed_leaves, blindagem_audit.intents_of to :ADMIN, :AUDITOR;

alter policy everybody on blindagem_audit.tiles
  to :ANONYMOUS, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;
grant select on blindagem_audit.tiles to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

reset role;
