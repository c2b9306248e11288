--! Previous: sha1:039d5500c05e0ae6f68a7074546aba8ca5f2e082
--! Hash: sha1:d347e9bd82298ecc1100f4e1d3acf8b30e1539b4

-- Workers die, jobs fail for good, operators step in. Graphile Worker frees a dead worker's jobs after four hours, deletes a
-- finished job by its id whoever holds it by then, and leaves what failed for good in its queue. What it lacks stands here,
-- beside its schema: who lives, who holds a job, what is dead.

set local role :OWNER;

-- Living and dead workers -----------------------------------------------------------------------------------

create table blindagem_private.workers (
  id uuid primary key,
  host text not null,
  pid int not null,
  concurrency jsonb not null,
  pool_ids text[] not null default '{}',
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  stopped_at timestamptz,
  died boolean not null default false
);
comment on table blindagem_private.workers is
  'The worker processes. Each tells that it lives, by the database''s clock; one that has not for too long is dead, and its jobs are freed.';
comment on column blindagem_private.workers.pool_ids is 'What the library writes into locked_by of the jobs that this process holds: one id a lane.';
comment on column blindagem_private.workers.died is 'It was taken for dead. One that wakes up later finds this and ends.';
create index workers_alive on blindagem_private.workers (heartbeat_at) where stopped_at is null;

alter table blindagem_private.job_records
  add column fence int not null default 0,
  add column taken_by text,
  add column deaths int not null default 0,
  add column history jsonb,
  drop constraint job_records_state_check,
  add constraint job_records_state_check check (state in ('WAITING', 'RUNNING', 'FINISHED', 'FAILED', 'CANCELLED'));
comment on column blindagem_private.job_records.fence is
  'How many times the job was taken. Whoever took it last alone may commit: its transactions lock the record under this number.';
comment on column blindagem_private.job_records.taken_by is 'The library''s pool that took it last.';
comment on column blindagem_private.job_records.deaths is 'How many workers died while they ran it.';
comment on column blindagem_private.job_records.history is 'What went wrong: [{at, attempt, error}], null while nothing did.';
create index job_records_dead on blindagem_private.job_records (id) where state in ('FAILED', 'CANCELLED');

alter table blindagem_private.tasks add column subject text;
comment on column blindagem_private.tasks.subject is 'The field of the payload that is the subject of the job''s claim, where the task has claims.';
update blindagem_private.tasks t set subject = s.field
from (values ('cnpj_lookup', 'cnpj'), ('ocr_triage', 'sha256'), ('reconcile', 'condominiumId'), ('pluggy_sync', 'connectionId')) as s (task, field)
where t.name = s.task;
insert into blindagem_private.tasks (name, lane, max_attempts) values ('manage_jobs', 'QUICK', 10);

-- Dead letters ----------------------------------------------------------------------------------------------

create table blindagem_private.dead_letters (
  id bigint generated always as identity primary key,
  record_id bigint,
  organization_id bigint,
  condominium_id bigint,
  batch_id bigint,
  task text not null,
  payload jsonb not null,
  priority smallint not null,
  max_attempts int not null,
  attempts int not null,
  deaths int not null default 0,
  cause text not null check (cause in ('ATTEMPTS', 'DEATHS', 'CANCELLED')),
  last_error text,
  history jsonb not null default '[]',
  died_at timestamptz not null default clock_timestamp(),
  resolved_at timestamptz,
  resolution text check (resolution in ('RETRIED', 'CANCELLED')),
  check ((resolved_at is null) = (resolution is null))
);
comment on table blindagem_private.dead_letters is
  'Jobs that no worker runs any more: all attempts failed, three workers died of it, or an operator cancelled it. Each is kept with what it takes to run it again; the library''s own row goes, so that its queue holds only what is to be done.';
create index dead_letters_of_record on blindagem_private.dead_letters (record_id, id desc);
create index dead_letters_open on blindagem_private.dead_letters (id) where resolved_at is null;
create index dead_letters_of_organization on blindagem_private.dead_letters (organization_id, id desc);
create index dead_letters_resolved on blindagem_private.dead_letters (resolved_at) where resolved_at is not null;

do $$
  declare table_name regclass;
  begin
    foreach table_name in array '{blindagem_private.workers,blindagem_private.dead_letters}'::regclass[] loop
      execute format('alter table %s enable row level security', table_name);
      execute format('create policy worker on %s to :WORKER, :QUEUE using (true) with check (true)', table_name);
      execute format('grant select, insert, update, delete on %s to :WORKER, :QUEUE', table_name);
    end loop;
  end
$$;
create policy tenant on blindagem_private.dead_letters for select to :ADMIN, :REVIEWER, :INTEGRATOR
  using (organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[]));
create policy operator on blindagem_private.dead_letters for select to :OPERATOR using (true);
grant select on blindagem_private.dead_letters to :ADMIN, :REVIEWER, :INTEGRATOR, :OPERATOR;

create view blindagem.dead_letters with (security_invoker = true, security_barrier = true) as
  select id, record_id as job_id, organization_id, condominium_id, batch_id, task, cause, attempts, deaths, last_error,
    history, died_at, resolved_at, resolution,
    case when blindagem_private.current_role_name() = 'operator' then payload end as payload
  from blindagem_private.dead_letters;
comment on view blindagem.dead_letters is
  E'@primaryKey id\nJobs that failed for good or were cancelled, with their errors. A tenant sees its own; the payload (ids) is for operators.';
grant select on blindagem.dead_letters to :ADMIN, :REVIEWER, :INTEGRATOR, :OPERATOR;

create or replace view blindagem.background_jobs with (security_invoker = true, security_barrier = true) as
  select id, organization_id, condominium_id, batch_id, task, state, attempts, waiting_for, last_error, request_id,
    enqueued_at, run_at, started_at, finished_at, deaths
  from blindagem_private.job_records;

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create function blindagem_private.bury_jobs(job_ids bigint[], cause text) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare buried int;
    begin
      with gone as (
        delete from graphile_worker._private_jobs j using graphile_worker._private_tasks t
        where j.id = any (job_ids) and t.id = j.task_id
        returning j.id, t.identifier as task, j.payload::jsonb as payload, j.priority, j.max_attempts, j.attempts, j.last_error
      ), known as (
        select g.*, r.id as record_id, r.organization_id, r.condominium_id, r.batch_id, coalesce(r.deaths, 0) as deaths,
          coalesce(r.last_error, g.last_error) as error, coalesce(r.history, '[]') as history
        from gone g
        left join lateral (
          select * from blindagem_private.job_records r
          where r.id = case when g.payload->'envelope'->>'jobId' ~ '^\d{1,18}$' then (g.payload->'envelope'->>'jobId')::bigint end
            or r.graphile_job_id = g.id
          order by r.graphile_job_id = g.id nulls last
          limit 1) as r on true
      ), letters as (
        insert into blindagem_private.dead_letters (record_id, organization_id, condominium_id, batch_id, task, payload, priority,
          max_attempts, attempts, deaths, cause, last_error, history, resolved_at, resolution)
        select k.record_id, k.organization_id, k.condominium_id, k.batch_id, k.task, k.payload, k.priority, k.max_attempts, k.attempts,
          k.deaths, bury_jobs.cause, k.error, k.history,
          case bury_jobs.cause when 'CANCELLED' then clock_timestamp() end, case bury_jobs.cause when 'CANCELLED' then 'CANCELLED' end
        from known k
      ), claims as (
        delete from blindagem_private.work_claims c using known k, blindagem_private.tasks t
        where t.name = k.task and c.task = k.task and c.subject = k.payload->>t.subject
      ), records as (
        update blindagem_private.job_records r
        set state = case bury_jobs.cause when 'CANCELLED' then 'CANCELLED' else 'FAILED' end, fence = r.fence + 1, taken_by = null,
          waiting_for = null, last_error = k.error, finished_at = coalesce(r.finished_at, clock_timestamp())
        from known k where r.id = k.record_id
      )
      select count(*) into buried from known;
      return buried;
    end
  $$;
comment on function blindagem_private.bury_jobs is
  'Takes jobs out of the queue into the dead letters. Their claims go, so that whoever needs the subject asks anew; their fence rises, so that nobody who runs one commits.';

create function blindagem_private.bury_failed_jobs(job_ids bigint[], holders text[]) returns int
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    select blindagem_private.bury_jobs(array(
      select j.id from graphile_worker._private_jobs j
      where j.id = any (job_ids) and j.attempts >= j.max_attempts and (j.locked_by is null or j.locked_by = any (holders))
      for update), 'ATTEMPTS')
  $$;
comment on function blindagem_private.bury_failed_jobs is
  'Buries those of the jobs whose last attempt has failed. Their worker says so before the library notes the failure: then the job is still locked by one of the holders.';

create function blindagem_private.end_worker(ended_id uuid, has_died boolean) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      ended blindagem_private.workers;
      freed bigint[];
      doomed bigint[];
    begin
      update blindagem_private.workers w set stopped_at = clock_timestamp(), died = has_died
      where w.id = ended_id and w.stopped_at is null returning * into ended;
      if not found then
        return 0;
      end if;

      with jobs as (
        update graphile_worker._private_jobs j
        set locked_by = null, locked_at = null, attempts = greatest(j.attempts - 1, 0), updated_at = clock_timestamp()
        where j.locked_by = any (ended.pool_ids)
        returning j.id
      ), queues as (
        update graphile_worker._private_job_queues q set locked_by = null, locked_at = null where q.locked_by = any (ended.pool_ids)
      )
      select coalesce(array_agg(id), '{}') into freed from jobs;

      with interrupted as (
        update blindagem_private.job_records r
        set state = 'WAITING', attempts = greatest(r.attempts - 1, 0), taken_by = null, deaths = r.deaths + has_died::int,
          history = case when has_died then coalesce(r.history, '[]') || jsonb_build_object('at', clock_timestamp(), 'attempt', r.attempts,
            'error', format('The worker died (%s, process %s).', ended.host, ended.pid)) else r.history end
        where r.state = 'RUNNING' and r.taken_by = any (ended.pool_ids) and r.graphile_job_id = any (freed)
        returning r.graphile_job_id, r.deaths
      )
      select coalesce(array_agg(graphile_job_id) filter (where deaths >= 3), '{}') into doomed from interrupted;
      perform blindagem_private.bury_jobs(doomed, 'DEATHS');

      -- Of the others it did not live to tell how they ended. What is gone from the queue ended well.
      perform blindagem_private.bury_failed_jobs(array(
        select r.graphile_job_id from blindagem_private.job_records r where r.state = 'RUNNING' and r.taken_by = any (ended.pool_ids)), '{}');
      update blindagem_private.job_records r
      set state = case when j.id is null then 'FINISHED' else 'WAITING' end, taken_by = null,
        finished_at = case when j.id is null then clock_timestamp() end
      from blindagem_private.job_records same left join graphile_worker._private_jobs j on j.id = same.graphile_job_id
      where same.id = r.id and r.state = 'RUNNING' and r.taken_by = any (ended.pool_ids);
      return cardinality(freed);
    end
  $$;
comment on function blindagem_private.end_worker is
  'Frees the jobs that a worker still holds, stopped or dead, with the attempt refunded, and returns how many. A job during which three workers died is buried: it may be what they died of.';

reset role;
revoke create on schema blindagem_private from :QUEUE;
revoke execute on function blindagem_private.bury_jobs, blindagem_private.bury_failed_jobs, blindagem_private.end_worker from public;
grant execute on function blindagem_private.bury_failed_jobs, blindagem_private.end_worker to :WORKER;
set local role :OWNER;

create function blindagem_private.recover_jobs(dead_after interval) returns table (id uuid, host text, pid int, freed int)
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
        freed := blindagem_private.end_worker(dead.id, true);
        return next;
      end loop;
    end
  $$;
comment on function blindagem_private.recover_jobs is
  'Frees the jobs of workers that have not been heard of for so long, and ends their sessions: as the workers'' login, which may end its own. Whoever locks the dead one''s row does it; others pass by.';
revoke execute on function blindagem_private.recover_jobs from public;
grant execute on function blindagem_private.recover_jobs to :WORKER;

-- Operators step in ----------------------------------------------------------------------------------------

create table blindagem.job_interventions (
  id bigint generated always as identity primary key,
  action text not null check (action in ('RETRY', 'CANCEL', 'RESCHEDULE')),
  reason text not null,
  job_ids bigint[],
  filter jsonb,
  run_at timestamptz,
  requested_by bigint references blindagem.people,
  requested_at timestamptz not null default clock_timestamp(),
  matched int not null,
  changed int not null default 0,
  next_job_id bigint,
  last_job_id bigint,
  finished_at timestamptz,
  check ((job_ids is null) <> (filter is null)),
  check ((action = 'RESCHEDULE') = (run_at is not null))
);
comment on table blindagem.job_interventions is
  'What operators did to jobs: which, why, and how many were changed. A large one is done by a job, chunk by chunk.';
comment on column blindagem.job_interventions.next_job_id is 'Where the next chunk begins; jobs are gone through once, by number.';
comment on column blindagem.job_interventions.last_job_id is 'The newest job when it was asked for: later ones are not meant.';
create index job_interventions_of_person on blindagem.job_interventions (requested_by);
alter table blindagem.job_interventions enable row level security;
create policy operator on blindagem.job_interventions for select to :OPERATOR using (true);
create policy worker on blindagem.job_interventions for select to :WORKER using (true);
grant select on blindagem.job_interventions to :OPERATOR, :WORKER;

create type blindagem.job_filter as (task text, organization_id bigint, state text, error text, enqueued_before timestamptz);
comment on type blindagem.job_filter is
  E'@behavior insert attribute:insert\nWhich jobs are meant: all of what is given must fit. "error" is part of the last error\'s text.';
create type blindagem.job_summary as (
  id bigint, task text, state text, organization_id bigint, attempts int, last_error text, enqueued_at timestamptz);
comment on type blindagem.job_summary is 'A job in a few words.';
create type blindagem.job_selection as (
  count int, changed int, sample blindagem.job_summary[], intervention_id bigint, in_background boolean);
comment on type blindagem.job_selection is
  'The jobs that an intervention meets: how many, the first ten, and (not in a preview) how many were changed already, and the intervention by which the log and the rest are found.';

create function blindagem_private.states_for(action text) returns text[]
  language sql immutable
  as $$
    select case action
      when 'RETRY' then '{FAILED,CANCELLED}'
      when 'CANCEL' then '{WAITING,FAILED}'
      when 'RESCHEDULE' then '{WAITING}'
    end::text[]
  $$;
comment on function blindagem_private.states_for is 'The states of jobs that an intervention is for.';

create function blindagem_private.matching_jobs(
  action text, job_ids bigint[], filter blindagem.job_filter, from_id bigint, to_id bigint) returns setof blindagem_private.job_records
  language plpgsql stable
  as $$
    begin
      -- The states as literals: or the indexes of open and of dead jobs would not serve.
      return query execute format($q$
        select r.* from blindagem_private.job_records r
        where r.state in (%s) and r.id between $1 and $2 and ($3 is null or r.id = any ($3))
          and ($4 is null or r.task = $4) and ($5 is null or r.organization_id = $5)
          and ($6 is null or strpos(lower(r.last_error), lower($6)) > 0) and ($7 is null or r.enqueued_at < $7)
        $q$, (
          select string_agg(quote_literal(state), ', ') from unnest(blindagem_private.states_for(action)) as state
          where filter.state is null or state = filter.state))
      using from_id, to_id, job_ids, filter.task, filter.organization_id, filter.error, filter.enqueued_before;
    end
  $$;
comment on function blindagem_private.matching_jobs is 'The jobs between two numbers that an intervention is for.';

create function blindagem_private.check_selection(action text, job_ids bigint[], filter blindagem.job_filter) returns void
  language plpgsql stable
  as $$
    declare wrong record;
    begin
      -- A filter is null, too, when it says nothing: all jobs at once are never meant.
      if (job_ids is null) = (filter is null) then
        perform blindagem_private.fail('BLD04', 'Diga quais tarefas: por número ou por filtro, um dos dois.');
      end if;
      if cardinality(job_ids) not between 1 and 1000 or array_position(job_ids, null) is not null then
        perform blindagem_private.fail('BLD04', 'Por número são de 1 a 1000 tarefas; para mais, use um filtro.');
      end if;
      select id, r.state into wrong
      from unnest(job_ids) as id
      left join blindagem_private.job_records r using (id)
      where r.id is null or r.state <> all (blindagem_private.states_for(action))
      order by r.id is not null, id limit 1;
      if found and wrong.state is null then
        perform blindagem_private.fail('BLD03', format('A tarefa %s não existe.', wrong.id));
      elsif found then
        perform blindagem_private.fail('BLD06', format('A tarefa %s está no estado %s, em que isto não se faz.', wrong.id, wrong.state));
      end if;

      if filter.task is not null and not exists (select from blindagem_private.tasks t where t.name = filter.task) then
        perform blindagem_private.fail('BLD04', 'O filtro nomeia uma tarefa que não existe.');
      end if;
      if filter.state is not null and filter.state <> all (blindagem_private.states_for(action)) then
        perform blindagem_private.fail('BLD04', format('O estado do filtro é um destes: %s.',
          array_to_string(blindagem_private.states_for(action), ', ')));
      end if;
      if filter.organization_id is not null and not exists (
        select from blindagem.organizations o where o.id = filter.organization_id) then
        perform blindagem_private.fail('BLD03', 'A administradora do filtro não existe.');
      end if;
      if length(filter.error) not between 3 and 200 then
        perform blindagem_private.fail('BLD04', 'O texto do erro tem de 3 a 200 caracteres.');
      end if;
      if filter.enqueued_before > clock_timestamp() or not isfinite(filter.enqueued_before) then
        perform blindagem_private.fail('BLD04', 'O filtro pede tarefas de antes de um instante que já passou.');
      end if;
    end
  $$;
comment on function blindagem_private.check_selection is
  'Refuses (BLD03, BLD04, BLD06) what selects nothing, everything, what does not exist, or jobs in a state that the intervention is not for.';

reset role;
grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create function blindagem_private.retry_dead_jobs(job_ids bigint[]) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare retried int;
    begin
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
        select distinct l.task, l.payload->>t.subject from letters l join blindagem_private.tasks t on t.name = l.task
        where l.payload->>t.subject is not null
        order by 1, 2
        on conflict do nothing
      )
      select count(added) into retried
      from graphile_worker.add_jobs(coalesce((
        select array_agg(row(
          l.task,
          case jsonb_typeof(l.payload) when 'object' then
            jsonb_set(l.payload, '{envelope}', coalesce(l.payload->'envelope', '{}') || jsonb_build_object('jobId', l.record_id::text))
            else l.payload end::json,
          null, null, l.max_attempts, null, l.priority, null)::graphile_worker.job_spec order by l.record_id)
        from letters l), '{}'::graphile_worker.job_spec[])) as added;
      return retried;
    end
  $$;
comment on function blindagem_private.retry_dead_jobs is
  'Enqueues dead jobs again, as the same logical jobs with all their attempts, and returns how many.';

create function blindagem_private.queued_jobs_of(record_ids bigint[]) returns table (record_id bigint, job_id bigint)
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    with locked as (
      -- The queue first, then the records: in the order in which a dead worker's jobs are freed.
      select j.id, case when j.payload->'envelope'->>'jobId' ~ '^\d{1,18}$' then (j.payload->'envelope'->>'jobId')::bigint end as record_id
      from graphile_worker._private_jobs j
      where j.payload->'envelope'->>'jobId' = any (record_ids::text[])
        or j.id = any (array(select r.graphile_job_id from blindagem_private.job_records r where r.id = any (record_ids)))
      order by j.id
      for update
    )
    select r.id, l.id from blindagem_private.job_records r
    join locked l on r.id = coalesce(l.record_id, r.id) and (l.record_id is not null or r.graphile_job_id = l.id)
    where r.id = any (record_ids) and r.state = 'WAITING'
    order by r.id
    for update of r
  $$;
comment on function blindagem_private.queued_jobs_of is 'The library''s jobs of waiting records, both locked.';

create function blindagem_private.cancel_jobs(job_ids bigint[]) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      cancelled int;
      given_up int;
    begin
      cancelled := blindagem_private.bury_jobs(array(select q.job_id from blindagem_private.queued_jobs_of(job_ids) as q), 'CANCELLED');
      with records as (
        update blindagem_private.job_records r set state = 'CANCELLED' where r.id = any (job_ids) and r.state = 'FAILED' returning r.id
      ), letters as (
        update blindagem_private.dead_letters d set resolved_at = clock_timestamp(), resolution = 'CANCELLED'
        where d.record_id in (select id from records) and d.resolved_at is null
      )
      select count(*) into given_up from records;
      return cancelled + given_up;
    end
  $$;
comment on function blindagem_private.cancel_jobs is
  'Takes waiting jobs out of the queue, and closes the letters of failed ones; returns how many. One that a worker has fetched but not taken is cancelled, too: taking it fails.';

create function blindagem_private.reschedule_jobs(job_ids bigint[], run_at timestamptz) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare moved int;
    begin
      with queued as (
        select * from blindagem_private.queued_jobs_of(job_ids)
      ), jobs as (
        update graphile_worker._private_jobs j
        set run_at = reschedule_jobs.run_at, locked_by = null, locked_at = null, updated_at = clock_timestamp(),
          attempts = greatest(j.attempts - (j.locked_at is not null)::int, 0)
        from queued q where j.id = q.job_id
      ), records as (
        update blindagem_private.job_records r set run_at = reschedule_jobs.run_at from queued q where r.id = q.record_id
      )
      select count(*) into moved from queued;
      return moved;
    end
  $$;
comment on function blindagem_private.reschedule_jobs is
  'Gives waiting jobs another time, and returns how many. One that a worker has fetched but not taken is taken from it.';

create function blindagem_private.apply_intervention(action text, job_ids bigint[], run_at timestamptz) returns int
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    select case action
      when 'RETRY' then blindagem_private.retry_dead_jobs(job_ids)
      when 'CANCEL' then blindagem_private.cancel_jobs(job_ids)
      when 'RESCHEDULE' then blindagem_private.reschedule_jobs(job_ids, run_at)
    end
  $$;
comment on function blindagem_private.apply_intervention is 'Does to these jobs what an operator asked for, and returns how many were changed.';

reset role;
revoke create on schema blindagem_private from :QUEUE;
revoke execute on function
  blindagem_private.retry_dead_jobs, blindagem_private.queued_jobs_of, blindagem_private.cancel_jobs,
  blindagem_private.reschedule_jobs, blindagem_private.apply_intervention from public;
grant execute on function blindagem_private.apply_intervention to :OWNER;
set local role :OWNER;

create function blindagem_private.intervene(
  action text, reason text, job_ids bigint[], filter blindagem.job_filter, run_at timestamptz, preview boolean) returns blindagem.job_selection
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      selection blindagem.job_selection;
      distinct_ids bigint[] := (select array_agg(distinct id) from unnest(job_ids) as id);
      newest bigint := coalesce((select max(r.id) from blindagem_private.job_records r), 0);
    begin
      perform blindagem_private.require_role('operator');
      if not preview then
        perform blindagem_private.require_reason(reason);
      end if;
      perform blindagem_private.check_selection(action, coalesce(distinct_ids, job_ids), filter);
      if action = 'RESCHEDULE' and (run_at is null or run_at not between clock_timestamp() - interval '1 minute' and clock_timestamp() + interval '1 year') then
        perform blindagem_private.fail('BLD04', 'O novo horário é de agora a um ano.');
      end if;

      select count(*) into selection.count from blindagem_private.matching_jobs(action, distinct_ids, filter, 0, newest);
      selection.sample := array(
        select row(m.id, m.task, m.state, m.organization_id, m.attempts, m.last_error, m.enqueued_at)::blindagem.job_summary
        from blindagem_private.matching_jobs(action, distinct_ids, filter, 0, newest) as m order by m.id limit 10);
      selection.changed := 0;
      selection.in_background := selection.count > 1000;
      if preview or selection.count = 0 then
        return selection;
      end if;

      if not selection.in_background then
        selection.changed := blindagem_private.apply_intervention(action,
          array(select m.id from blindagem_private.matching_jobs(action, distinct_ids, filter, 0, newest) as m), run_at);
        if job_ids is not null and selection.changed <> selection.count then
          perform blindagem_private.fail('BLD06', 'Enquanto isso uma das tarefas começou ou terminou; nada foi mudado.');
        end if;
      end if;
      insert into blindagem.job_interventions
        (action, reason, job_ids, filter, run_at, requested_by, matched, changed, next_job_id, last_job_id, finished_at)
      values (action, btrim(reason), distinct_ids, case when distinct_ids is null then jsonb_strip_nulls(to_jsonb(filter)) end, run_at,
        blindagem_private.current_person_id(), selection.count, selection.changed, case when selection.in_background then 0 end,
        newest, case when not selection.in_background then clock_timestamp() end)
      returning id into selection.intervention_id;
      if selection.in_background then
        perform blindagem_private.enqueue_jobs(jsonb_build_array(jsonb_build_object(
          'task', 'manage_jobs', 'requestId', blindagem_private.setting('request_id'),
          'payload', jsonb_build_object('interventionId', selection.intervention_id::text))));
      end if;
      return selection;
    end
  $$;
comment on function blindagem_private.intervene is
  'Does something to jobs for an operator, or tells what it would be done to: up to 1,000 at once, more by a job.';

create function blindagem_private.continue_intervention(intervention_id bigint) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      work blindagem.job_interventions;
      chunk bigint[];
      done int;
    begin
      select * into work from blindagem.job_interventions i where i.id = intervention_id for update;
      if not found or work.finished_at is not null then
        return true;
      end if;
      chunk := array(
        select m.id from blindagem_private.matching_jobs(
          work.action, work.job_ids, jsonb_populate_record(null::blindagem.job_filter, work.filter), work.next_job_id, work.last_job_id) as m
        order by m.id limit 1000);
      done := blindagem_private.apply_intervention(work.action, chunk, work.run_at);
      update blindagem.job_interventions i
      set changed = i.changed + done, next_job_id = coalesce(chunk[cardinality(chunk)] + 1, i.next_job_id),
        finished_at = case when cardinality(chunk) < 1000 then clock_timestamp() end
      where i.id = work.id;
      return cardinality(chunk) < 1000;
    end
  $$;
comment on function blindagem_private.continue_intervention is
  'Does the next 1,000 jobs of an intervention and tells whether it is finished. Each job is met once: what fails again meanwhile is not tried for ever.';

create function blindagem.retry_jobs(
  reason text default null, job_ids bigint[] default null, filter blindagem.job_filter default null, preview boolean default false)
  returns blindagem.job_selection
  language sql volatile
  as $$ select blindagem_private.intervene('RETRY', reason, job_ids, filter, null, coalesce(preview, false)) $$;
comment on function blindagem.retry_jobs is
  'Runs failed or cancelled jobs again, with all their attempts (operators only). With "preview" nothing is changed.';

create function blindagem.cancel_jobs(
  reason text default null, job_ids bigint[] default null, filter blindagem.job_filter default null, preview boolean default false)
  returns blindagem.job_selection
  language sql volatile
  as $$ select blindagem_private.intervene('CANCEL', reason, job_ids, filter, null, coalesce(preview, false)) $$;
comment on function blindagem.cancel_jobs is
  'Takes waiting jobs out of the queue, and gives failed ones up (operators only); running ones are refused. They can be retried later. With "preview" nothing is changed.';

create function blindagem.reschedule_jobs(
  run_at timestamptz, reason text default null, job_ids bigint[] default null, filter blindagem.job_filter default null, preview boolean default false)
  returns blindagem.job_selection
  language sql volatile
  as $$ select blindagem_private.intervene('RESCHEDULE', reason, job_ids, filter, run_at, coalesce(preview, false)) $$;
comment on function blindagem.reschedule_jobs is
  'Gives waiting jobs another time to run, from now on (operators only). With "preview" nothing is changed.';

revoke execute on function
  blindagem_private.states_for, blindagem_private.matching_jobs, blindagem_private.check_selection, blindagem_private.intervene,
  blindagem_private.continue_intervention, blindagem.retry_jobs, blindagem.cancel_jobs, blindagem.reschedule_jobs from public;
grant execute on function blindagem_private.continue_intervention to :WORKER;
grant execute on function blindagem_private.intervene, blindagem.retry_jobs, blindagem.cancel_jobs, blindagem.reschedule_jobs to
  :ADMIN, :REVIEWER, :INTEGRATOR, :OPERATOR;

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.job_interventions');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.job_interventions');

reset role;

-- What failed for good before there were dead letters.
set local role :QUEUE;
select blindagem_private.bury_failed_jobs(array(
  select id from graphile_worker._private_jobs where attempts >= max_attempts and locked_at is null), '{}');
reset role;
