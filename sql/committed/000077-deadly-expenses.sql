--! Previous: sha1:458ad08519c3c5e452b5a75d03bed378e24ef2bf
--! Hash: sha1:25a6b2d0dddb4aad33a9d362a4384d32a8a874ee

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

create view blindagem_private.deadly_expenses with (security_invoker = true) as
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
