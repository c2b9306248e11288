--! Previous: sha1:d51e3ac616ad769a38e2cfec726a8f2f5b148c72
--! Hash: sha1:52c2679a09e94d0db27fb14da1810315177dd653

-- Jobs that are run again take their turn like any other. They came before everybody else's: 40,000 dead letters retried at once
-- stopped a lane for all other administradoras until the last was done.

set local role :OWNER;

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create or replace function blindagem_private.retry_dead_jobs(job_ids bigint[]) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare retried int;
    begin
      perform pg_advisory_xact_lock_shared(blindagem_private.base_lock());

      with records as (
        select r.id from blindagem_private.job_records r
        where r.id = any (job_ids) and r.state in ('FAILED', 'CANCELLED') order by r.id for update
      ), letters as (
        update blindagem_private.dead_letters d set resolved_at = clock_timestamp(), resolution = 'RETRIED'
        where d.id in (
          select max(last.id) from blindagem_private.dead_letters last where last.record_id in (select id from records) group by last.record_id)
        returning d.*
      ), waiting as (
        update blindagem_private.job_records r
        set state = 'WAITING', attempts = 0, deaths = 0, run_at = clock_timestamp(), finished_at = null, graphile_job_id = null
        from letters l where r.id = l.record_id
      ), claims as (
        insert into blindagem_private.work_claims (task, subject)
        select distinct l.task, s.subject from letters l join blindagem_private.tasks t on t.name = l.task
        cross join lateral blindagem_private.subjects_of(l.payload, t.subject) as s (subject)
        order by 1, 2
        on conflict do nothing
      ), priced as materialized (
        select l.record_id, l.task, l.payload, l.max_attempts, l.priority, t.lane, l.organization_id as payer,
          blindagem_private.cost_of(l.payload) / coalesce(w.weight, 1)::float as cost
        from letters l
        left join blindagem_private.tasks t on t.name = l.task
        left join blindagem.organization_weights w on w.organization_id = l.organization_id
      ), opened as materialized (
        select a.lane, a.payer, a.cost,
          greatest(k.virtual_time, coalesce(f.finish, 0) + coalesce((
            select sum(c.cost) from blindagem_private.virtual_charges c where c.organization_id = a.payer and c.lane = a.lane), 0)) as start
        from (select p.lane, p.payer, sum(p.cost) as cost from priced p where p.payer is not null group by p.lane, p.payer) as a
        join blindagem_private.virtual_clocks k on k.lane = a.lane
        left join blindagem_private.virtual_finishes f on f.lane = a.lane and f.organization_id = a.payer
      ), charged as (
        insert into blindagem_private.virtual_charges (lane, organization_id, cost)
        select o.lane, o.payer, o.cost from opened o
      ), tagged as materialized (
        select p.*, k.base, k.first_priority,
          coalesce(o.start + coalesce(sum(p.cost) over before, 0), k.virtual_time) as start_tag,
          (row_number() over (order by p.record_id) - 1) * interval '1 microsecond' as behind
        from priced p
        left join blindagem_private.virtual_clocks k on k.lane = p.lane
        left join opened o on o.lane = p.lane and o.payer = p.payer
        window before as (partition by p.lane, p.payer order by p.record_id rows between unbounded preceding and 1 preceding)
      )
      select count(added) into retried
      from graphile_worker.add_jobs(coalesce((
        select array_agg(row(
          t.task,
          case jsonb_typeof(t.payload) when 'object' then
            jsonb_set(t.payload, '{envelope}', coalesce(t.payload->'envelope', '{}')
              || jsonb_strip_nulls(jsonb_build_object('jobId', t.record_id::text, 'startTag', t.start_tag)))
            else t.payload end::json,
          null, clock_timestamp() + t.behind, t.max_attempts, null,
          case when t.lane is null then t.priority else blindagem_private.priority_of(t.start_tag, t.base, t.first_priority) end,
          null)::graphile_worker.job_spec order by t.record_id)
        from tagged t), '{}'::graphile_worker.job_spec[])) as added;
      return retried;
    end
  $$;

comment on function blindagem_private.retry_dead_jobs(bigint[]) is
  'Enqueues dead jobs again, as the same logical jobs with all their attempts, and returns how many. They take their turn as new ones do (enqueue_jobs): at the present, or after what their organization has waiting.';

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;

create or replace view blindagem.live_workers with (security_invoker, security_barrier) as
  select id, host, pid, concurrency, started_at, heartbeat_at
  from blindagem_private.workers
  where stopped_at is null
    -- When all of them have died, nobody is left to note it.
    and heartbeat_at > now() - interval '5 minutes';

comment on view blindagem.live_workers is
  '@primaryKey id
The worker processes that neither stopped nor were taken for dead, and were heard of within five minutes (operators only).';

reset role;
