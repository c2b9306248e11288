--! Previous: sha1:cf89954f7b5328119bbef3dfd48c042e55d0acde
--! Hash: sha1:fbb54f17b2309390392e43584dcab751ec9bfe49

-- Housekeeping took claims away after seven days, also those of jobs that still wait: whoever needed the subject then made a second job.
-- It looks now whose subject a job in the queue has.

set local role :OWNER;
grant create on schema blindagem_private to :QUEUE;

set local role :QUEUE;

grant execute on function blindagem_private.subjects_of(jsonb, text) to :WORKER;

-- What kills the database's process and not the worker was tried again with all of its chunk until the attempts were spent.

create function blindagem_private.bury_deadly_job(job_id bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      perform blindagem_private.review_deadly_expenses(array[job_id]);
      perform blindagem_private.bury_jobs(array[job_id], 'DEATHS');
    end
  $$;
comment on function blindagem_private.bury_deadly_job is
  'Makes a job a dead letter that ends the database''s sessions whenever it runs, as its runner found out; an expense that is alone in it goes to people, and is not woken by facts that come later (deadly_expenses).';
revoke execute on function blindagem_private.bury_deadly_job from public;
grant execute on function blindagem_private.bury_deadly_job to :WORKER;

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;

reset role;
