--! Previous: sha1:406a39f3cfed5cc45ce61ad4add11de0f5b5bc14
--! Hash: sha1:9393b9b878de42299102f2c499f2c0526f369cfa

-- Bundles of months that left the database hold what the months' records said of people: the log knows where they are, and
-- an erasure names those in which values of the erased are still to be found.

set local role :OWNER;

alter table blindagem.log_detachments add column bundle text;
comment on column blindagem.log_detachments.bundle is
  'Where the bundle lay by which the month was taken out: what its records said of people is there alone.';

reset role;
set local role :AUDIT_OWNER;

do $$
  declare definition text := pg_get_functiondef('blindagem_audit.detach_month'::regproc);
  begin
    execute replace(pg_get_functiondef('blindagem_audit.impersonal_columns'::regproc),
      $s$('log_detachments', 'root carried_digest')$s$, $s$('log_detachments', 'root carried_digest bundle')$s$);
    drop function blindagem_audit.detach_month;
    execute replace(replace(replace(definition,
      'record_count bigint, month_root text)', 'record_count bigint, month_root text, in_bundle text)'),
      'kept_ids, root, carried_digest)', 'kept_ids, root, carried_digest, bundle)'),
      'kept, month_root, digest', 'kept, month_root, digest, in_bundle');
  end
$$;
comment on function blindagem_audit.detach_month is
  'Takes a month out of the log into blindagem_archive, if it is over, the oldest, and sealed whole; says which records stay. That a verified bundle holds it, whoever calls has to know (blindagem audit detach). Other writes wait for no more than the moment of detaching.';
select blindagem_audit.define_capture('blindagem.log_detachments');

create function blindagem_audit.bundles_about(targets jsonb, is_actor boolean)
  returns table (month date, bundle text, entities bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select d.month, d.bundle, count(c.entity_id)
    from blindagem.log_detachments d
    left join (
      blindagem_audit.carried_states c
      join jsonb_to_recordset(targets) as t ("table" text, id text) on t."table" = c.entity_type and t.id = c.entity_id)
      on c.month = d.month and c.told::text like '%{"commitment": "%'
    group by d.month, d.bundle
    having is_actor or count(c.entity_id) > 0
    order by d.month
  $$;
comment on function blindagem_audit.bundles_about is
  'Months that are kept elsewhere and told something of people in these rows, and in which bundle; of somebody who acted all, since addresses stand beside whatever they changed.';

-- Whoever archives a month, or looks after bundles, has to know which records lost their values.
create policy sealer on blindagem_audit.erased_values for select to :SEALER using (true);
grant select on blindagem_audit.erased_values to :SEALER;

revoke execute on function blindagem_audit.bundles_about, blindagem_audit.detach_month from public;
grant execute on function blindagem_audit.detach_month to :OPERATOR;
grant execute on function blindagem_audit.bundles_about to :OWNER;

reset role;
set local role :OWNER;

do $$
  begin
    execute replace(replace(pg_get_functiondef('blindagem_private.record_erasure'::regproc),
      $s$      perform set_config('blindagem.erasing', 'on', true);
$s$, $s$      -- Of a repetition what was kept is told anew.
      kept := jsonb_path_query_array(kept, '$[*] ? (@.what != "bundle")') || (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('what', 'bundle', 'count', b.entities, 'month', to_char(b.month, 'YYYY-MM'),
          'bundle', b.bundle, 'why', 'O pacote de um mês que saiu do banco: apague nele com blindagem erase bundle.'))), '[]')
        from blindagem_audit.bundles_about(targets, person is not null) as b);
      perform set_config('blindagem.erasing', 'on', true);
$s$), 'record_erasure.kept', 'kept');
  end
$$;
comment on column blindagem.erasures.kept is
  'What stays and why: [{what, count, why, until}]; of a bundle that was taken out of the database its month and place, too.';

reset role;
