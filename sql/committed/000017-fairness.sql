--! Previous: sha1:ca6e98e127bc69d6312327c3b95ae876ac89cfc7
--! Hash: sha1:1712a775ee88610a8026a26d0c187516b2754923

-- Fairness between administradoras. The library takes jobs by priority, then by time: whoever submits 100,000 expenses at
-- once stood before everybody who came later. Start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996) gives each job
-- a start tag, and the tag becomes the priority. Each lane has a clock of virtual time, which is the work done for one
-- unit of weight; each organization in it a finish, up to which its work is enqueued:
--
--   start = max(virtual time, finish)      finish = start + cost / weight      virtual time = the last start tag begun
--
-- Who has nothing waiting begins at the present; a long backlog reaches far into the future, and its own order holds.

set local role :OWNER;

create table blindagem.organization_weights (
  organization_id bigint primary key references blindagem.organizations,
  weight numeric(5, 2) not null check (weight > 0 and weight <= 100)
);
comment on table blindagem.organization_weights is
  'How much of the workers an administradora gets beside others that have work waiting, in relation to their weights. What is not set is 1.';
alter table blindagem.organization_weights enable row level security;
create policy operator on blindagem.organization_weights for select to :OPERATOR using (true);
create policy queue on blindagem.organization_weights for select to :QUEUE using (true);
grant select on blindagem.organization_weights to :OPERATOR, :QUEUE;
grant usage on schema blindagem to :QUEUE;

create table blindagem_private.virtual_clocks (
  lane text primary key,
  first_priority smallint not null,
  virtual_time double precision not null default 0,
  base double precision not null default 0,
  check (base <= virtual_time)
);
comment on table blindagem_private.virtual_clocks is
  'The virtual time of each lane. Its priorities begin at first_priority, which is that of the start tag "base", and are 32,768.';
comment on column blindagem_private.virtual_clocks.first_priority is
  'Quick jobs stand before slow ones in the library''s index: a fetch of the busiest lane passes over none of the thousands that wait for a provider.';
insert into blindagem_private.virtual_clocks (lane, first_priority) values ('QUICK', -32768), ('PROVIDER', 0), ('READING', 0);
alter table blindagem_private.tasks add constraint tasks_lane_clock foreign key (lane) references blindagem_private.virtual_clocks;

create table blindagem_private.virtual_finishes (
  lane text not null references blindagem_private.virtual_clocks,
  organization_id bigint not null references blindagem.organizations,
  finish double precision not null default 0,
  primary key (lane, organization_id)
);
comment on table blindagem_private.virtual_finishes is
  'Up to which virtual time the work of an organization is enqueued. Nobody waits for a row: who finds it locked adds to virtual_charges.';

create table blindagem_private.virtual_charges (
  id bigint generated always as identity primary key,
  lane text not null,
  organization_id bigint not null,
  cost double precision not null
);
comment on table blindagem_private.virtual_charges is
  'What was enqueued while another transaction held the organization''s finish; whoever holds it next adds it there. Waiting for it would deadlock: whoever enqueues holds claims, expenses and records already, in no common order.';
create index virtual_charges_of_organization on blindagem_private.virtual_charges (organization_id, lane);

do $$
  declare table_name regclass;
  begin
    foreach table_name in array
      '{blindagem_private.virtual_clocks,blindagem_private.virtual_finishes,blindagem_private.virtual_charges}'::regclass[] loop
      execute format('alter table %s enable row level security', table_name);
      execute format('create policy queue on %s to :QUEUE using (true) with check (true)', table_name);
      execute format('grant select, insert, update, delete on %s to :QUEUE', table_name);
    end loop;
  end
$$;
create policy worker on blindagem_private.virtual_clocks for select to :WORKER using (true);
grant select on blindagem_private.virtual_clocks to :WORKER;

create function blindagem_private.open_virtual_finishes() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      insert into blindagem_private.virtual_finishes (lane, organization_id)
      select c.lane, n.id from new_rows n cross join blindagem_private.virtual_clocks c;
      return null;
    end
  $$;
comment on function blindagem_private.open_virtual_finishes is
  'A new organization has its finishes at once: two sessions that made the row when they need it would wait for each other.';
create trigger virtual_finishes after insert on blindagem.organizations
  referencing new table as new_rows for each statement execute function blindagem_private.open_virtual_finishes();
insert into blindagem_private.virtual_finishes (lane, organization_id)
select c.lane, o.id from blindagem.organizations o cross join blindagem_private.virtual_clocks c;

create function blindagem_private.priority_of(start_tag double precision, base double precision, first_priority int) returns smallint
  language sql immutable parallel safe
  as $$
    select (first_priority + greatest(0, least(32767, floor(coalesce(start_tag - base, 0) / 16))))::smallint
  $$;
comment on function blindagem_private.priority_of is
  'The library''s priority of a start tag: 16 units (a millisecond of work) share one. What lies further ahead than 524,288 units shares the last one until the base has moved; what has no tag is first.';

-- Nobody but enqueue_jobs and rebase_priorities takes this lock.
create function blindagem_private.base_lock() returns bigint
  language sql immutable parallel safe
  as $$ select hashtextextended('blindagem_private.virtual_clocks.base', 0) $$;
comment on function blindagem_private.base_lock is
  'The advisory lock on the bases: shared by transactions that enqueue, alone for the one that moves a base, so that no job comes with the priority of an old one.';
grant execute on function blindagem_private.priority_of, blindagem_private.base_lock to :QUEUE;

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create or replace function blindagem_private.enqueue_jobs(jobs jsonb) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      unknown text;
      enqueued int;
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
            'startTag', start_tag)) || coalesce(job->'payload', '{}'))::json,
          null, run_at, max_attempts, null, blindagem_private.priority_of(start_tag, base, first_priority), null
        )::graphile_worker.job_spec order by id)
        from tagged
      )) as added;
      return coalesce(enqueued, 0);
    end
  $$;
comment on function blindagem_private.enqueue_jobs is
  'Enqueues jobs [{task, payload, organizationId, condominiumId, batchId, requestId, runAt, waitingFor, startTag}] and records them. The payload gets an envelope with the logical id and the start tag; a job costs its organization 1, or as many expenses as it names. With startTag it keeps the place of the job that it stands for, and costs nothing.';

create function blindagem_private.rebase_priorities(lane_name text) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      clock blindagem_private.virtual_clocks;
      moved int;
    begin
      -- It waits holding no job and no finish, and then waits for nothing more.
      perform pg_advisory_xact_lock(blindagem_private.base_lock());
      update blindagem_private.virtual_clocks k set base = floor(k.virtual_time / 16) * 16
      where k.lane = lane_name returning * into clock;
      with wrong as (
        select j.id, place.priority
        from graphile_worker._private_jobs j
        join graphile_worker._private_tasks i on i.id = j.task_id
        join blindagem_private.tasks t on t.name = i.identifier
        cross join lateral (
          select blindagem_private.priority_of((j.payload->'envelope'->>'startTag')::float, clock.base, clock.first_priority) as priority
        ) as place
        where t.lane = lane_name and j.priority <> place.priority
        for update of j skip locked
      )
      update graphile_worker._private_jobs j set priority = w.priority from wrong w where j.id = w.id;
      get diagnostics moved = row_count;
      return moved;
    end
  $$;
comment on function blindagem_private.rebase_priorities is
  'Moves a lane''s base to its virtual time and gives the jobs in its queue the priorities that follow; returns how many. Each job is moved at most twice in its life: what lies beyond the last priority stays there.';

create function blindagem_private.advance_virtual_time(started jsonb) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      -- Locked in order: two workers may report on several lanes at once.
      perform from blindagem_private.virtual_clocks order by lane for update;
      update blindagem_private.virtual_clocks k set virtual_time = s.start_tag
      from (
        select t.lane, max(r."startTag") as start_tag
        from jsonb_to_recordset(started) as r (task text, "startTag" float)
        join blindagem_private.tasks t on t.name = r.task
        group by t.lane) as s
      where k.lane = s.lane and k.virtual_time < s.start_tag;
      perform blindagem_private.rebase_priorities(k.lane)
      from blindagem_private.virtual_clocks k where k.virtual_time - k.base >= 262144;
    end
  $$;
comment on function blindagem_private.advance_virtual_time is
  'Workers tell which start tags [{task, startTag}] they have begun. When half of a lane''s priorities are behind, its base moves.';

create or replace function blindagem_private.retry_dead_jobs(job_ids bigint[]) returns int
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
          null, null, l.max_attempts, null, coalesce(k.first_priority, l.priority), null)::graphile_worker.job_spec order by l.record_id)
        from letters l
        left join blindagem_private.tasks t on t.name = l.task
        left join blindagem_private.virtual_clocks k on k.lane = t.lane), '{}'::graphile_worker.job_spec[])) as added;
      return retried;
    end
  $$;
comment on function blindagem_private.retry_dead_jobs is
  'Enqueues dead jobs again, as the same logical jobs with all their attempts, and returns how many. They come first: their base has moved on since they waited.';

-- What waits already, came before there were tags, and goes first.
update graphile_worker._private_jobs j set priority = k.first_priority
from graphile_worker._private_tasks i
join blindagem_private.tasks t on t.name = i.identifier
join blindagem_private.virtual_clocks k on k.lane = t.lane
where i.id = j.task_id and j.priority <> k.first_priority;

reset role;
revoke create on schema blindagem_private from :QUEUE;
revoke execute on function
  blindagem_private.rebase_priorities, blindagem_private.advance_virtual_time, blindagem_private.open_virtual_finishes from public;
grant execute on function blindagem_private.advance_virtual_time to :WORKER;
set local role :OWNER;

create function blindagem.set_organization_weight(organization_id bigint, weight numeric, reason text)
  returns blindagem.organization_weights
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare stored blindagem.organization_weights;
    begin
      perform blindagem_private.require_role('operator');
      perform blindagem_private.require_reason(reason);
      if not exists (select from blindagem.organizations o where o.id = set_organization_weight.organization_id) then
        perform blindagem_private.fail('BLD03', 'A administradora não existe.');
      end if;
      if weight is null or weight not between 0.01 and 100 or weight <> round(weight, 2) then
        perform blindagem_private.fail('BLD04', 'O peso vai de 0,01 a 100, com até duas casas decimais.');
      end if;
      insert into blindagem.organization_weights as w (organization_id, weight)
      values (set_organization_weight.organization_id, set_organization_weight.weight)
      on conflict on constraint organization_weights_pkey do update set weight = excluded.weight
      returning * into stored;
      return stored;
    end
  $$;
comment on function blindagem.set_organization_weight is
  'Sets the weight of an administradora in the queue (operators only): with 2 it gets twice what one with 1 gets while both have work waiting. It counts for what is enqueued from now on.';
revoke execute on function blindagem.set_organization_weight from public;
grant execute on function blindagem.set_organization_weight to :ADMIN, :REVIEWER, :INTEGRATOR, :OPERATOR;

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.organization_weights');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.organization_weights');

reset role;
