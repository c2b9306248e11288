--! Previous: sha1:a6b95f634b9b2f561e4b78f13d0eb19efb4bee20
--! Hash: sha1:998a198e90b200b6f0b69e973d8ea1728f671f3b

-- The queue in our own words. Graphile Worker stays unaltered; it deletes finished jobs and knows no tenant, so
-- each job has a record here, written when it is enqueued and by batched worker events.

set local role :OWNER;

create table blindagem_private.job_records (
  id bigint generated always as identity primary key,
  organization_id bigint,
  condominium_id bigint,
  batch_id bigint,
  task text not null,
  state text not null default 'WAITING' check (state in ('WAITING', 'RUNNING', 'FINISHED', 'FAILED')),
  attempts int not null default 0,
  waiting_for text,
  last_error text,
  request_id text,
  graphile_job_id bigint,
  enqueued_at timestamptz not null default clock_timestamp(),
  run_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz
);
comment on table blindagem_private.job_records is 'The logical jobs: tenant, task, state. Their id travels in the payload''s envelope.';
comment on column blindagem_private.job_records.last_error is 'The error''s message; tasks keep personal data and payloads out of it.';
comment on column blindagem_private.job_records.waiting_for is 'Why it waits, when it waits for something (a provider''s limit).';
create index job_records_of_batch on blindagem_private.job_records (batch_id, state) where batch_id is not null;
create index job_records_of_organization on blindagem_private.job_records (organization_id, id desc);
create index job_records_open on blindagem_private.job_records (state, task) where state in ('WAITING', 'RUNNING');
create unique index job_records_of_graphile_job on blindagem_private.job_records (graphile_job_id) where graphile_job_id is not null;
create index job_records_finished on blindagem_private.job_records (finished_at) where finished_at is not null;

create table blindagem_private.work_claims (
  task text not null,
  subject text not null,
  claimed_at timestamptz not null default clock_timestamp(),
  primary key (task, subject)
);
comment on table blindagem_private.work_claims is
  'At most one open job per task and subject (a CNPJ, a condominium, a document). The job deletes its claim before it reads what may still change (reconcile: the condominium; cnpj_lookup and ocr_triage, once they have the answer: the expenses that wait for it); whoever needs the job locks the claim or makes a new one with its job. Either the open job reads after that commit, or a new job is made: no wake-up is lost, and graphile-worker''s keyed add_job (null under contention, issue 580) is not needed.';

create table blindagem_private.provider_buckets (
  provider text primary key,
  interval_ms double precision not null check (interval_ms > 0),
  burst int not null default 1 check (burst >= 1),
  next_slot timestamptz not null default '-infinity',
  paused_until timestamptz
);
comment on table blindagem_private.provider_buckets is 'Limits of the outer services, shared by all workers: generic cell rate (one request an interval, a burst at once).';

do $$
  declare table_name regclass;
  begin
    foreach table_name in array '{blindagem_private.job_records,blindagem_private.work_claims,blindagem_private.provider_buckets}'::regclass[] loop
      execute format('alter table %s enable row level security', table_name);
      execute format('create policy worker on %s to :WORKER, :QUEUE using (true) with check (true)', table_name);
      execute format('grant select, insert, update, delete on %s to :WORKER, :QUEUE', table_name);
    end loop;
  end
$$;
grant usage on sequence blindagem_private.job_records_id_seq to :QUEUE;

create table blindagem_private.tasks (
  name text primary key check (name ~ '^[a-z_]+$'),
  lane text not null check (lane in ('QUICK', 'SLOW')),
  max_attempts int not null default 10 check (max_attempts between 1 and 100)
);
comment on table blindagem_private.tasks is
  'Every kind of job. Slow ones (HTTP, OCR) run in a lane of their own, or they hold the quick ones hostage.';
insert into blindagem_private.tasks (name, lane, max_attempts) values
  ('validate_expenses', 'QUICK', 10),
  ('reconcile', 'QUICK', 10),
  ('validate_overdue', 'QUICK', 3),
  ('housekeeping', 'QUICK', 3),
  ('seal_audit_log', 'QUICK', 3),
  ('sync_all_banks', 'QUICK', 3),
  ('prepare_day_five', 'QUICK', 3),
  -- The library waits longer from attempt to attempt, up to six hours: these are the three days that facts may take.
  ('cnpj_lookup', 'SLOW', 20),
  ('ocr_triage', 'SLOW', 5),
  ('pluggy_sync', 'SLOW', 10);
alter table blindagem_private.tasks enable row level security;
create policy everyone on blindagem_private.tasks for select to :WORKER, :QUEUE using (true);
grant select on blindagem_private.tasks to :WORKER, :QUEUE;

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create function blindagem_private.enqueue_jobs(jobs jsonb) returns int
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

      with spec as materialized (
        select
          nextval('blindagem_private.job_records_id_seq') as id,
          element as job,
          coalesce((element->>'runAt')::timestamptz, clock_timestamp()) as run_at
        from jsonb_array_elements(jobs) as element
      ), recorded as (
        insert into blindagem_private.job_records
          (id, organization_id, condominium_id, batch_id, task, waiting_for, request_id, run_at)
        overriding system value
        select id, (job->>'organizationId')::bigint, (job->>'condominiumId')::bigint, (job->>'batchId')::bigint,
          job->>'task', job->>'waitingFor', job->>'requestId', run_at
        from spec
      )
      select count(added) into enqueued
      from graphile_worker.add_jobs((
        select array_agg(row(
          t.name,
          (jsonb_build_object('envelope', jsonb_build_object(
            'jobId', spec.id::text,
            'organizationId', job->>'organizationId',
            'batchId', job->>'batchId',
            'requestId', job->>'requestId')) || coalesce(job->'payload', '{}'))::json,
          null, run_at, t.max_attempts, null, coalesce((job->>'priority')::smallint, 0), null
        )::graphile_worker.job_spec order by spec.id)
        from spec join blindagem_private.tasks t on t.name = job->>'task'
      )) as added;
      return coalesce(enqueued, 0);
    end
  $$;
comment on function blindagem_private.enqueue_jobs is
  'Enqueues jobs [{task, payload, organizationId, condominiumId, batchId, requestId, runAt, priority, waitingFor}] and records them. The payload gets an envelope with the logical id.';

create function blindagem_private.claim_and_enqueue(jobs jsonb) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare new_jobs jsonb;
    begin
      -- Ordered, so that two transactions that claim the same subjects never deadlock.
      with claimed as (
        insert into blindagem_private.work_claims as claim (task, subject)
        select distinct spec->>'task', spec->>'subject' from jsonb_array_elements(jobs) as spec
        order by 1, 2
        on conflict (task, subject) do update set claimed_at = claim.claimed_at
        returning task, subject, xmax = 0 as is_new
      )
      select jsonb_agg(spec) into new_jobs
      from (select distinct on (s->>'task', s->>'subject') s as spec from jsonb_array_elements(jobs) as s) as wanted
      join claimed c on c.task = spec->>'task' and c.subject = spec->>'subject'
      where c.is_new;
      return case when new_jobs is null then 0 else blindagem_private.enqueue_jobs(new_jobs) end;
    end
  $$;
comment on function blindagem_private.claim_and_enqueue is
  'Enqueues each job unless one waits for the same task and subject; the waiting one''s claim is locked until commit, so that it reads what this transaction writes.';

reset role;
revoke create on schema blindagem_private from :QUEUE;
revoke execute on function blindagem_private.enqueue_jobs, blindagem_private.claim_and_enqueue from public;
grant execute on function blindagem_private.enqueue_jobs, blindagem_private.claim_and_enqueue to :OWNER, :WORKER;

set local role :OWNER;

create function blindagem_private.reserve_provider_slot(provider_name text, at timestamptz) returns timestamptz
  language sql volatile
  as $$
    update blindagem_private.provider_buckets b
    set next_slot = greatest(b.next_slot, at, coalesce(b.paused_until, at)) + b.interval_ms * interval '1 millisecond'
    where b.provider = provider_name
    returning greatest(
      at,
      coalesce(b.paused_until, at),
      b.next_slot - b.burst * b.interval_ms * interval '1 millisecond')
  $$;
comment on function blindagem_private.reserve_provider_slot is
  'Takes the provider''s next slot (generic cell rate algorithm) and returns its time: not after "at" means go now. Null: no limit is set for that provider.';
grant execute on function blindagem_private.reserve_provider_slot to :WORKER;

create function blindagem_private.reconcile_dropped_expenses() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      perform blindagem_private.claim_and_enqueue(jsonb_agg(jsonb_build_object(
        'task', 'reconcile', 'subject', dropped.condominium_id::text,
        'organizationId', dropped.organization_id, 'condominiumId', dropped.condominium_id,
        'requestId', blindagem_private.setting('request_id'),
        'payload', jsonb_build_object('condominiumId', dropped.condominium_id::text))))
      from (
        select distinct n.condominium_id, n.organization_id
        from new_rows n join old_rows o on o.condominium_id = n.condominium_id and o.id = n.id
        where n.status in ('REJECTED', 'CANCELLED') and o.status <> n.status) as dropped
      having count(*) > 0;
      return null;
    end
  $$;
comment on function blindagem_private.reconcile_dropped_expenses is
  'An expense that is rejected or cancelled gives its debits free, and no longer stands beside its duplicate as an equal: its condominium is reconciled again, whoever dropped it.';
create trigger reconcile_dropped after update on blindagem.expenses
  referencing old table as old_rows new table as new_rows
  for each statement execute function blindagem_private.reconcile_dropped_expenses();

create policy tenant on blindagem_private.job_records for select to :ADMIN, :REVIEWER, :INTEGRATOR
  using (organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[]));
create policy operator on blindagem_private.job_records for select to :OPERATOR using (true);
grant select on blindagem_private.job_records to :ADMIN, :REVIEWER, :INTEGRATOR, :OPERATOR;

create view blindagem.background_jobs with (security_invoker = true, security_barrier = true) as
  select id, organization_id, condominium_id, batch_id, task, state, attempts, waiting_for, last_error, request_id,
    enqueued_at, run_at, started_at, finished_at
  from blindagem_private.job_records;
comment on view blindagem.background_jobs is
  E'@primaryKey id\nThe queue in sight: waiting, running, failed and finished jobs. A tenant sees its own.';
grant select on blindagem.background_jobs to :ADMIN, :REVIEWER, :INTEGRATOR, :OPERATOR;

create view blindagem.batch_progress with (security_invoker = true, security_barrier = true) as
  select
    b.id as batch_id,
    b.organization_id,
    b.row_count as expenses,
    count(*) filter (where e.status = 'PENDING') as pending,
    count(*) filter (where e.status = 'APPROVED') as approved,
    count(*) filter (where e.status = 'REJECTED') as rejected,
    count(*) filter (where e.status = 'MANUAL_REVIEW') as manual_review,
    count(*) filter (where e.status = 'AWAITING_SECOND_APPROVAL') as awaiting_second_approval,
    count(*) filter (where e.status = 'CANCELLED') as cancelled
  from blindagem.expense_batches b
  left join blindagem.expenses e on e.batch_id = b.id
  group by b.id;
comment on view blindagem.batch_progress is
  E'@primaryKey batch_id\n@foreignKey (batch_id) references blindagem.expense_batches (id)|@fieldName batch|@foreignFieldName progress\nHow far a batch is.';
grant select on blindagem.batch_progress to :ADMIN, :REVIEWER, :INTEGRATOR, :SINDICO, :AUDITOR;

reset role;
