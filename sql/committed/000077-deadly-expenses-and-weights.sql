--! Previous: sha1:d8a1d89fa3327f21282ce096dafa83a594b2a9df
--! Hash: sha1:e6d9990bf8ccb29b8aa1f6f5aaaf74a2f4342b6b

-- An expense that kills the process which validates it took the 250 of its chunk with it into one dead letter, and left all of
-- them PENDING. Now its chunk is handed on in smaller jobs after each death, until it stands alone; and whoever buries the job
-- that holds it alone sends it to people.

set local role :OWNER;

insert into blindagem_private.tasks (name, lane, max_attempts) values ('review_deadly_expense', 'QUICK', 10);

create index dead_letters_of_deadly_expenses on blindagem_private.dead_letters (id)
  where task = 'validate_expenses' and cause = 'DEATHS' and resolution is distinct from 'RETRIED'
    and payload #>> '{expenseIds,0}' ~ '^[0-9]{1,18}$' and payload #> '{expenseIds,1}' is null;
comment on index blindagem_private.dead_letters_of_deadly_expenses is
  'deadly_expenses is asked by whoever wakes expenses, beside tens of thousands of other letters.';

create view blindagem_private.deadly_expenses with (security_invoker = true, security_barrier = true) as
  select d.id as dead_letter_id, (d.payload #>> '{expenseIds,0}')::bigint as expense_id, d.deaths
  from blindagem_private.dead_letters d
  where d.task = 'validate_expenses' and d.cause = 'DEATHS' and d.resolution is distinct from 'RETRIED'
    and d.payload #>> '{expenseIds,0}' ~ '^[0-9]{1,18}$' and d.payload #> '{expenseIds,1}' is null;
comment on view blindagem_private.deadly_expenses is
  'Expenses that alone were what workers died of. No fact that comes later has them validated again: that is for an operator, who retries the dead letter.';
comment on column blindagem_private.deadly_expenses.dead_letter_id is 'The letter, which is not retried.';
comment on column blindagem_private.deadly_expenses.expense_id is 'The expense.';
comment on column blindagem_private.deadly_expenses.deaths is 'How many workers died while they validated it alone.';
grant select on blindagem_private.deadly_expenses to :WORKER;

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create function blindagem_private.review_deadly_expenses(job_ids bigint[]) returns int
  language sql set search_path = pg_catalog, pg_temp
  as $$
    select blindagem_private.enqueue_jobs(coalesce(jsonb_agg(jsonb_build_object(
      'task', 'review_deadly_expense', 'organizationId', r.organization_id::text, 'batchId', r.batch_id::text,
      'requestId', r.request_id, 'startTag', j.payload::jsonb #> '{envelope,startTag}',
      'payload', jsonb_build_object('expenseId', j.payload::jsonb #>> '{expenseIds,0}', 'deaths', r.deaths)) order by j.id), '[]'))
    from graphile_worker._private_jobs j
    join graphile_worker._private_tasks t on t.id = j.task_id
    join blindagem_private.job_records r on r.graphile_job_id = j.id
    where j.id = any (job_ids) and t.identifier = 'validate_expenses'
      and j.payload::jsonb #>> '{expenseIds,0}' ~ '^[0-9]{1,18}$' and j.payload::jsonb #> '{expenseIds,1}' is null
  $$;
comment on function blindagem_private.review_deadly_expenses is
  'Has the expenses sent to people each of which is alone in one of these jobs, which are about to be buried; returns how many. By a job, since the change of an expense is signed for by the process that acts.';

do $do$
  declare
    source text := pg_get_functiondef('blindagem_private.end_worker(uuid, boolean)'::regprocedure);
    buries text := 'perform blindagem_private.bury_jobs(doomed, ''DEATHS'');';
  begin
    if strpos(source, buries) = 0 then
      raise exception 'blindagem_private.end_worker does not say: %', buries;
    end if;
    execute replace(source, buries, 'perform blindagem_private.review_deadly_expenses(doomed);
      ' || buries);
  end
$do$;
comment on function blindagem_private.end_worker is
  'Frees the jobs that a worker still holds, stopped or dead, with the attempt refunded, and returns how many. A job during which three workers died is buried, it may be what they died of: [{task, organizationId}]; an expense that is alone in it goes to people. Of one that died already it frees what it fetched after its death.';

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;
set local role :QUEUE;
revoke execute on function blindagem_private.review_deadly_expenses from public;

reset role;

-- A weight counts for what waits already, too. It counted for what was enqueued from then on alone: whoever was given more for
-- a backlog that took too long had to see the backlog out first.

set local role :OWNER;
grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create function blindagem_private.rescale_waiting(organization_id bigint, factor double precision) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare rescaled int;
    begin
      if factor = 1 then
        return 0;
      end if;
      update blindagem_private.virtual_finishes f set finish = k.virtual_time + (f.finish - k.virtual_time) * factor
      from blindagem_private.virtual_clocks k
      where k.lane = f.lane and f.organization_id = rescale_waiting.organization_id and f.finish > k.virtual_time;
      update blindagem_private.virtual_charges c set cost = c.cost * factor
      where c.organization_id = rescale_waiting.organization_id;
      with waiting as (
        select j.id, k.base, k.first_priority, k.virtual_time + (tag.was - k.virtual_time) * factor as start_tag
        from graphile_worker._private_jobs j
        join graphile_worker._private_tasks i on i.id = j.task_id
        join blindagem_private.tasks t on t.name = i.identifier
        join blindagem_private.virtual_clocks k on k.lane = t.lane
        cross join lateral (select (j.payload->'envelope'->>'startTag')::float as was) as tag
        where j.payload->'envelope'->>'organizationId' = rescale_waiting.organization_id::text
          and j.locked_at is null and tag.was > k.virtual_time
        for update of j skip locked
      )
      update graphile_worker._private_jobs j
      set payload = jsonb_set(j.payload::jsonb, '{envelope,startTag}', to_jsonb(w.start_tag))::json,
        priority = blindagem_private.priority_of(w.start_tag, w.base, w.first_priority)
      from waiting w where j.id = w.id;
      get diagnostics rescaled = row_count;
      return rescaled;
    end
  $$;
comment on function blindagem_private.rescale_waiting is
  'Draws what an organization has waiting together, or apart, as seen from the virtual time, by the factor by which its weight has fallen; returns how many jobs. Whoever calls it holds base_lock alone. A job that is fetched at this moment keeps its place.';

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;
set local role :QUEUE;
revoke execute on function blindagem_private.rescale_waiting from public;
grant execute on function blindagem_private.rescale_waiting to :OWNER;
set local role :OWNER;

create or replace function blindagem.set_organization_weight(organization_id bigint, weight numeric, reason text)
  returns blindagem.organization_weights
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      stored blindagem.organization_weights;
      was numeric;
    begin
      perform blindagem_private.require_role('operator');
      perform blindagem_private.require_reason(reason);
      if not exists (select from blindagem.organizations o where o.id = set_organization_weight.organization_id) then
        perform blindagem_private.fail('BLD03', 'A administradora não existe.');
      end if;
      if weight is null or weight not between 0.01 and 100 or weight <> round(weight, 2) then
        perform blindagem_private.fail('BLD04', 'O peso vai de 0,01 a 100, com até duas casas decimais.');
      end if;
      -- Whoever enqueues does it before, and is rescaled, or after, by the new weight.
      perform pg_advisory_xact_lock(blindagem_private.base_lock());
      was := coalesce((
        select w.weight from blindagem.organization_weights w
        where w.organization_id = set_organization_weight.organization_id), 1);
      insert into blindagem.organization_weights as w (organization_id, weight)
      values (set_organization_weight.organization_id, set_organization_weight.weight)
      on conflict on constraint organization_weights_pkey do update set weight = excluded.weight
      returning * into stored;
      perform blindagem_private.rescale_waiting(stored.organization_id, was::float / stored.weight::float);
      return stored;
    end
  $$;
comment on function blindagem.set_organization_weight is
  'Sets the weight of an administradora in the queue (operators only): with 2 it gets twice what one with 1 gets while both have work waiting. It counts for what waits already, too.';
comment on function blindagem_private.base_lock() is
  'The advisory lock on the bases and weights: shared by transactions that enqueue, alone for the one that moves a base or sets a weight, so that no job comes with the priority of an old one.';

reset role;
