--! Previous: sha1:663f996069bb43694e3e5229d67db5e93834f018
--! Hash: sha1:74e2ab20da4176596e820896c17e262fbe9d0f6e

-- What is measured: where a job comes from, and which jobs died for good.

set local role :OWNER;

comment on column blindagem_private.job_minutes.dead is
  'Jobs whose last attempt failed, and those during which the third worker died.';

reset role;
grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

-- As 000017 has it, and the envelope names the span that enqueues, if the transaction does (setting blindagem.traceparent).
create or replace function blindagem_private.enqueue_jobs(jobs jsonb) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      unknown text;
      enqueued int;
      trace jsonb := jsonb_strip_nulls(jsonb_build_object('traceparent', blindagem_private.setting('traceparent')));
    begin
      select spec->>'task' into unknown
      from jsonb_array_elements(jobs) as spec
      where not exists (select from blindagem_private.tasks t where t.name = spec->>'task')
      limit 1;
      if found then
        perform blindagem_private.fail('BLD04', format('Não existe a tarefa "%s".', unknown));
      end if;
      perform pg_advisory_xact_lock_shared(blindagem_private.base_lock());

      with spec as materialized (
        select
          nextval('blindagem_private.job_records_id_seq') as id,
          element as job,
          coalesce((element->>'runAt')::timestamptz, clock_timestamp()) as run_at
        from jsonb_array_elements(jobs) as element
      ), priced as materialized (
        select s.id, s.job, s.run_at, t.name as task, t.max_attempts, t.lane,
          case when s.job->>'startTag' is null then (s.job->>'organizationId')::bigint end as payer,
          case jsonb_typeof(s.job->'payload'->'expenseIds')
            when 'array' then greatest(1, jsonb_array_length(s.job->'payload'->'expenseIds')) else 1 end / coalesce(w.weight, 1)::float as cost
        from spec s
        join blindagem_private.tasks t on t.name = s.job->>'task'
        left join blindagem.organization_weights w on w.organization_id = (s.job->>'organizationId')::bigint
      ), account as materialized (
        select lane, payer, sum(cost) as cost from priced where payer is not null group by lane, payer
      ), held as materialized (
        select f.lane, f.organization_id, f.finish
        from blindagem_private.virtual_finishes f
        where (f.organization_id, f.lane) in (select payer, lane from account)
        for update skip locked
      ), settled as (
        delete from blindagem_private.virtual_charges c using held h
        where c.organization_id = h.organization_id and c.lane = h.lane
        returning c.lane, c.organization_id, c.cost
      ), opened as materialized (
        select a.lane, a.payer, a.cost, h.lane is not null as is_held,
          greatest(k.virtual_time, case when h.lane is not null
            then h.finish + coalesce((
              select sum(s.cost) from settled s where s.lane = a.lane and s.organization_id = a.payer), 0)
            else coalesce(f.finish, 0) + coalesce((
              select sum(c.cost) from blindagem_private.virtual_charges c where c.organization_id = a.payer and c.lane = a.lane), 0)
            end) as start
        from account a
        join blindagem_private.virtual_clocks k on k.lane = a.lane
        left join held h on h.lane = a.lane and h.organization_id = a.payer
        left join blindagem_private.virtual_finishes f on f.lane = a.lane and f.organization_id = a.payer
      ), finished as (
        update blindagem_private.virtual_finishes f set finish = o.start + o.cost
        from opened o where o.is_held and f.lane = o.lane and f.organization_id = o.payer
      ), charged as (
        insert into blindagem_private.virtual_charges (lane, organization_id, cost)
        select o.lane, o.payer, o.cost from opened o where not o.is_held
      ), tagged as materialized (
        select p.*, k.base, k.first_priority,
          coalesce((p.job->>'startTag')::float, o.start + coalesce(sum(p.cost) over before, 0), k.virtual_time) as start_tag
        from priced p
        join blindagem_private.virtual_clocks k on k.lane = p.lane
        left join opened o on o.lane = p.lane and o.payer = p.payer
        window before as (partition by p.lane, p.payer order by p.id rows between unbounded preceding and 1 preceding)
      ), recorded as (
        insert into blindagem_private.job_records
          (id, organization_id, condominium_id, batch_id, task, waiting_for, request_id, run_at)
        overriding system value
        select id, (job->>'organizationId')::bigint, (job->>'condominiumId')::bigint, (job->>'batchId')::bigint,
          task, job->>'waitingFor', job->>'requestId', run_at
        from tagged
      )
      select count(added) into enqueued
      from graphile_worker.add_jobs((
        select array_agg(row(
          task,
          (jsonb_build_object('envelope', jsonb_build_object(
            'jobId', id::text,
            'organizationId', job->>'organizationId',
            'batchId', job->>'batchId',
            'requestId', job->>'requestId',
            'startTag', start_tag) || trace) || coalesce(job->'payload', '{}'))::json,
          null, run_at, max_attempts, null, blindagem_private.priority_of(start_tag, base, first_priority), null
        )::graphile_worker.job_spec order by id)
        from tagged
      )) as added;
      return coalesce(enqueued, 0);
    end
  $$;
comment on function blindagem_private.enqueue_jobs is
  'Enqueues jobs [{task, payload, organizationId, condominiumId, batchId, requestId, runAt, waitingFor, startTag}] and records them. The payload gets an envelope with the logical id and the start tag, and the transaction''s traceparent, if it is traced; a job costs its organization 1, or as many expenses as it names. With startTag it keeps the place of the job that it stands for, and costs nothing.';

-- As 000014 has it, and it tells what was buried: whoever recovers the jobs counts them.
drop function blindagem_private.end_worker(uuid, boolean);
create function blindagem_private.end_worker(ended_id uuid, has_died boolean, out freed int, out buried jsonb)
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      ended blindagem_private.workers;
      held bigint[];
      doomed bigint[];
    begin
      freed := 0;
      buried := '[]';
      update blindagem_private.workers w set stopped_at = clock_timestamp(), died = has_died
      where w.id = ended_id and w.stopped_at is null returning * into ended;
      if not found then
        return;
      end if;

      with jobs as (
        update graphile_worker._private_jobs j
        set locked_by = null, locked_at = null, attempts = greatest(j.attempts - 1, 0), updated_at = clock_timestamp()
        where j.locked_by = any (ended.pool_ids)
        returning j.id
      ), queues as (
        update graphile_worker._private_job_queues q set locked_by = null, locked_at = null where q.locked_by = any (ended.pool_ids)
      )
      select coalesce(array_agg(id), '{}') into held from jobs;
      freed := cardinality(held);

      with interrupted as (
        update blindagem_private.job_records r
        set state = 'WAITING', attempts = greatest(r.attempts - 1, 0), taken_by = null, deaths = r.deaths + has_died::int,
          history = case when has_died then coalesce(r.history, '[]') || jsonb_build_object('at', clock_timestamp(), 'attempt', r.attempts,
            'error', format('The worker died (%s, process %s).', ended.host, ended.pid)) else r.history end
        where r.state = 'RUNNING' and r.taken_by = any (ended.pool_ids) and r.graphile_job_id = any (held)
        returning r.graphile_job_id, r.deaths, r.task, r.organization_id
      )
      select coalesce(array_agg(graphile_job_id), '{}'),
        coalesce(jsonb_agg(jsonb_build_object('task', task, 'organizationId', organization_id::text)), '[]')
      into doomed, buried from interrupted where deaths >= 3;
      perform blindagem_private.bury_jobs(doomed, 'DEATHS');

      -- Of the others it did not live to tell how they ended. What is gone from the queue ended well.
      perform blindagem_private.bury_failed_jobs(array(
        select r.graphile_job_id from blindagem_private.job_records r where r.state = 'RUNNING' and r.taken_by = any (ended.pool_ids)), '{}');
      update blindagem_private.job_records r
      set state = case when j.id is null then 'FINISHED' else 'WAITING' end, taken_by = null,
        finished_at = case when j.id is null then clock_timestamp() end
      from blindagem_private.job_records same left join graphile_worker._private_jobs j on j.id = same.graphile_job_id
      where same.id = r.id and r.state = 'RUNNING' and r.taken_by = any (ended.pool_ids);
    end
  $$;
comment on function blindagem_private.end_worker is
  'Frees the jobs that a worker still holds, stopped or dead, with the attempt refunded, and returns how many. A job during which three workers died is buried, it may be what they died of: [{task, organizationId}].';

reset role;
revoke create on schema blindagem_private from :QUEUE;
revoke execute on function blindagem_private.end_worker from public;
grant execute on function blindagem_private.end_worker to :WORKER;
set local role :OWNER;

drop function blindagem_private.recover_jobs(interval);
create function blindagem_private.recover_jobs(dead_after interval) returns table (id uuid, host text, pid int, freed int, buried jsonb)
  language plpgsql
  as $$
    declare dead blindagem_private.workers;
    begin
      for dead in
        select * from blindagem_private.workers w
        where w.stopped_at is null and w.heartbeat_at < clock_timestamp() - dead_after
        for update skip locked
      loop
        -- A process that only stands still has transactions open; what they lock, the jobs' next run needs.
        perform pg_terminate_backend(a.pid) from pg_stat_activity a
        where a.datname = current_database() and a.usename = current_user and a.application_name = 'blindagem worker ' || dead.id;
        id := dead.id;
        host := dead.host;
        pid := dead.pid;
        select e.freed, e.buried into freed, buried from blindagem_private.end_worker(dead.id, true) as e;
        return next;
      end loop;
    end
  $$;
comment on function blindagem_private.recover_jobs is
  'Frees the jobs of workers that have not been heard of for so long, and ends their sessions: as the workers'' login, which may end its own. Whoever locks the dead one''s row does it; others pass by. Tells what was buried of them (end_worker).';
revoke execute on function blindagem_private.recover_jobs from public;
grant execute on function blindagem_private.recover_jobs to :WORKER;

reset role;
