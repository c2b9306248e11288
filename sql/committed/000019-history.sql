--! Previous: sha1:2cd95f3ba8f9e1a56aedb9407cf3acf6f45cfa3d
--! Hash: sha1:b4dddb42feedf3fd7131defd8918288434408a76

-- What the queue has done, minute by minute, and what it does now. The library deletes what is done and its view is not to
-- be polled: workers add up what they ran and write it with the records of the jobs, a few rows a flush.

set local role :OWNER;

create table blindagem_private.job_minutes (
  organization_id bigint not null,
  minute timestamptz not null check (extract(epoch from minute)::bigint % 60 = 0),
  task text not null,
  shard smallint not null,
  started int not null default 0,
  finished int not null default 0,
  failed int not null default 0,
  dead int not null default 0,
  wait_ms bigint not null default 0,
  run_ms bigint not null default 0,
  wait_histogram int[] not null default '{}',
  run_histogram int[] not null default '{}',
  primary key (organization_id, minute, task, shard)
) with (fillfactor = 60);
comment on table blindagem_private.job_minutes is
  'Attempts of jobs by organization, minute (UTC) and task. Each is counted twice: for its organization, and under 0 for the whole platform, so that nobody adds up 10,000 tenants.';
comment on column blindagem_private.job_minutes.shard is
  'Each worker adds into rows of its own: a row is locked from the addition to the commit, some milliseconds on the disk, and twenty workers that write ten times a second would queue up for that of the busiest task.';
comment on column blindagem_private.job_minutes.failed is 'Attempts that failed, the last one of a job included.';
comment on column blindagem_private.job_minutes.dead is 'Jobs whose last attempt failed.';
comment on column blindagem_private.job_minutes.wait_ms is 'From when the attempts were due to when they started, summed; in the minute of the start.';
comment on column blindagem_private.job_minutes.run_ms is 'How long the attempts ran, summed; in the minute of the end.';
comment on column blindagem_private.job_minutes.wait_histogram is
  'How many took up to 2^(i/2) ms, and longer than the bucket before, for i = 0, 1, …; buckets after the last one with a count are left out. There are 64: the last holds all beyond 25 days.';
create index job_minutes_by_time on blindagem_private.job_minutes (minute);

alter table blindagem_private.job_minutes enable row level security;
create policy worker on blindagem_private.job_minutes to :WORKER using (true) with check (true);
create policy tenant on blindagem_private.job_minutes for select to :ADMIN, :REVIEWER, :INTEGRATOR
  using (organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[]));
create policy operator on blindagem_private.job_minutes for select to :OPERATOR using (true);
grant select, insert, update, delete on blindagem_private.job_minutes to :WORKER;
grant select on blindagem_private.job_minutes to :ADMIN, :REVIEWER, :INTEGRATOR, :OPERATOR;

-- All that is asked of open jobs is answered from the index, however many millions have ended.
drop index blindagem_private.job_records_open;
create index job_records_open on blindagem_private.job_records (state, task, organization_id, run_at)
  where state in ('WAITING', 'RUNNING');

-- Percentiles ----------------------------------------------------------------------------------------------

create function blindagem_private.add_histograms(a int[], b int[]) returns int[]
  language sql immutable parallel safe
  as $$
    select coalesce(array_agg(coalesce(x, 0) + coalesce(y, 0) order by bucket), '{}')
    from unnest(a, b) with ordinality as u (x, y, bucket)
  $$;
comment on function blindagem_private.add_histograms is 'Two histograms in one; the shorter one has nothing in the buckets it lacks.';

create aggregate blindagem_private.merge_histograms(int[]) (
  sfunc = blindagem_private.add_histograms, stype = int[], initcond = '{}', combinefunc = blindagem_private.add_histograms, parallel = safe
);
comment on function blindagem_private.merge_histograms(int[]) is 'Many histograms in one: percentiles of a whole come from it, never from percentiles of parts.';

create function blindagem_private.histogram_percentile(histogram int[], fraction numeric) returns double precision
  language sql immutable parallel safe
  as $$
    select power(2, (bucket - 1) / 2.0::double precision)
    from (
      select bucket, sum(n) over (order by bucket) as reached, sum(n) over () as total
      from unnest(histogram) with ordinality as u (n, bucket)) as counted
    where total > 0 and reached >= greatest(1, ceil(fraction * total))
    order by bucket limit 1
  $$;
comment on function blindagem_private.histogram_percentile is
  'The upper bound, in ms, of the bucket that holds the percentile (nearest rank): never below the exact one, and less than 42 % above it (or 1 ms, if that is less). Null of no values.';

revoke execute on function
  blindagem_private.add_histograms, blindagem_private.merge_histograms(int[]), blindagem_private.histogram_percentile from public;
grant execute on function
  blindagem_private.add_histograms, blindagem_private.merge_histograms(int[]), blindagem_private.histogram_percentile
  to :WORKER, :ADMIN, :REVIEWER, :INTEGRATOR, :OPERATOR;

-- For people -----------------------------------------------------------------------------------------------

create view blindagem.queue_figures with (security_invoker = true, security_barrier = true) as
  select
    m.organization_id, m.minute, m.task, m.started, m.finished, m.failed, m.dead,
    m.wait_ms / nullif(m.started, 0)::double precision as wait_mean_ms,
    blindagem_private.histogram_percentile(m.wait_histogram, 0.5) as wait_p50_ms,
    blindagem_private.histogram_percentile(m.wait_histogram, 0.95) as wait_p95_ms,
    blindagem_private.histogram_percentile(m.wait_histogram, 0.99) as wait_p99_ms,
    m.run_ms / nullif(m.finished + m.failed, 0)::double precision as run_mean_ms,
    blindagem_private.histogram_percentile(m.run_histogram, 0.5) as run_p50_ms,
    blindagem_private.histogram_percentile(m.run_histogram, 0.95) as run_p95_ms,
    blindagem_private.histogram_percentile(m.run_histogram, 0.99) as run_p99_ms
  from (
    select m.organization_id, m.minute, m.task,
      sum(m.started) as started, sum(m.finished) as finished, sum(m.failed) as failed, sum(m.dead) as dead,
      sum(m.wait_ms) as wait_ms, sum(m.run_ms) as run_ms,
      blindagem_private.merge_histograms(m.wait_histogram) as wait_histogram,
      blindagem_private.merge_histograms(m.run_histogram) as run_histogram
    from blindagem_private.job_minutes m
    group by m.organization_id, m.minute, m.task) as m;
comment on view blindagem.queue_figures is
  E'@primaryKey organization_id,minute,task\nWhat the queue did in a minute: attempts, failures, how long they waited and ran. A tenant sees its own; operators all, and the whole platform under the organization 0.';
grant select on blindagem.queue_figures to :ADMIN, :REVIEWER, :INTEGRATOR, :OPERATOR;

create view blindagem.queue_now with (security_invoker = true, security_barrier = true) as
  with open_jobs as (
    select r.task,
      count(*) filter (where r.state = 'WAITING' and r.run_at <= now()) as waiting,
      count(*) filter (where r.state = 'WAITING' and r.run_at > now()) as scheduled,
      count(*) filter (where r.state = 'RUNNING') as running,
      min(r.run_at) filter (where r.state = 'WAITING' and r.run_at <= now()) as oldest_waiting_since
    from blindagem_private.job_records r
    where r.state in ('WAITING', 'RUNNING')
    group by r.task
  ), last_hour as (
    select m.task, sum(m.failed) as failed, sum(m.dead) as dead
    from blindagem_private.job_minutes m
    where m.minute > now() - interval '1 hour'
      and m.organization_id = (select case blindagem_private.current_role_name()
        when 'operator' then 0 else blindagem_private.current_organization_id() end)
    group by m.task
  )
  select
    task,
    coalesce(o.waiting, 0) as waiting,
    coalesce(o.scheduled, 0) as scheduled,
    coalesce(o.running, 0) as running,
    o.oldest_waiting_since,
    coalesce(h.failed, 0) as failed_last_hour,
    coalesce(h.dead, 0) as dead_last_hour
  from open_jobs o full join last_hour h using (task);
comment on view blindagem.queue_now is
  E'@primaryKey task\nThe queue at this moment, by task: jobs that are due and wait, that wait for their time, and that run. A tenant sees its own; operators all.';
comment on column blindagem.queue_now.oldest_waiting_since is 'When the job was due that has waited longest.';
comment on column blindagem.queue_now.failed_last_hour is 'Failed attempts of the last hour; most are tried again.';
comment on column blindagem.queue_now.dead_last_hour is 'Jobs that failed for good within the last hour.';
grant select on blindagem.queue_now to :ADMIN, :REVIEWER, :INTEGRATOR, :OPERATOR;

create view blindagem.live_workers with (security_invoker = true, security_barrier = true) as
  select id, host, pid, concurrency, started_at, heartbeat_at
  from blindagem_private.workers
  where stopped_at is null;
comment on view blindagem.live_workers is
  E'@primaryKey id\nThe worker processes that neither stopped nor were taken for dead (operators only).';
create policy operator on blindagem_private.workers for select to :OPERATOR using (true);
grant select on blindagem_private.workers to :OPERATOR;
grant select on blindagem.live_workers to :OPERATOR;

-- For metrics ----------------------------------------------------------------------------------------------

create function blindagem_private.queue_state(dead_after interval) returns jsonb
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select jsonb_build_object(
      'tasks', (
        select jsonb_agg(jsonb_build_object(
          'task', t.name, 'lane', t.lane, 'waiting', coalesce(o.waiting, 0), 'scheduled', coalesce(o.scheduled, 0),
          'running', coalesce(o.running, 0),
          'oldestWaitingSeconds', coalesce(extract(epoch from now() - o.oldest), 0)) order by t.name)
        from blindagem_private.tasks t
        left join (
          select r.task,
            count(*) filter (where r.state = 'WAITING' and r.run_at <= now()) as waiting,
            count(*) filter (where r.state = 'WAITING' and r.run_at > now()) as scheduled,
            count(*) filter (where r.state = 'RUNNING') as running,
            min(r.run_at) filter (where r.state = 'WAITING' and r.run_at <= now()) as oldest
          from blindagem_private.job_records r
          where r.state in ('WAITING', 'RUNNING')
          group by r.task) as o on o.task = t.name),
      'providers', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'provider', b.provider, 'nextSlotSeconds', b.next_slot, 'pausedSeconds', b.paused) order by b.provider), '[]')
        from (
          select provider,
            max(case when next_slot > now() then extract(epoch from next_slot - now()) else 0 end) as next_slot,
            max(case when greatest(paused_until, open_until) > now()
              then extract(epoch from greatest(paused_until, open_until) - now()) else 0 end) as paused
          from blindagem_private.provider_buckets
          group by provider) as b),
      'workers', (
        select jsonb_build_object(
          'live', count(*) filter (where w.stopped_at is null and w.heartbeat_at >= now() - dead_after),
          'dead', count(*) filter (where w.stopped_at is null and w.heartbeat_at < now() - dead_after
            or w.died and w.stopped_at > now() - interval '1 hour'))
        from blindagem_private.workers w
        where w.stopped_at is null or w.stopped_at > now() - interval '1 hour'))
  $$;
comment on function blindagem_private.queue_state is
  'The queue in numbers, without tenants: depth and age by task, the providers'' buckets, workers that live and that died within the hour or are silent for so long.';
revoke execute on function blindagem_private.queue_state from public;
grant execute on function blindagem_private.queue_state to :WORKER, :OPERATOR;

reset role;
set local role :AUDIT_OWNER;

create function blindagem_audit.pending_count() returns bigint
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$ select count(*) from (select from blindagem_audit.pending_records limit 100000) as waiting $$;
comment on function blindagem_audit.pending_count is
  'How many records of the log wait for their seal, counted up to 100,000: a figure that is asked for every few seconds must not cost more the worse things are.';
revoke execute on function blindagem_audit.pending_count from public;
grant execute on function blindagem_audit.pending_count to :WORKER, :OPERATOR, :SEALER;
grant execute on function blindagem_audit.sealing_state to :SEALER;

reset role;
