--! Previous: sha1:9da14ae94a1b8ebd8cf15944812bbdea527d76fc
--! Hash: sha1:8a814b01691bfe205f1a50c9b1fcaa626ca661de

-- A job may be about several condominiums: what it costs its organization, and the claims that are its.

set local role :OWNER;

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create function blindagem_private.subjects_of(payload jsonb, field text) returns setof text
  language sql immutable parallel safe
  as $$
    select payload->>field where payload->>field is not null
    union all
    select jsonb_array_elements_text(payload->(field || 's')) where jsonb_typeof(payload->(field || 's')) = 'array'
  $$;
comment on function blindagem_private.subjects_of is
  'The subjects that a job of this payload claims: that of the field ("condominiumId"), or those of the list in the plural ("condominiumIds").';

create function blindagem_private.cost_of(payload jsonb) returns int
  language sql immutable parallel safe
  as $$
    select greatest(1, case jsonb_typeof(listed) when 'array' then jsonb_array_length(listed) end)
    from (select coalesce(payload->'expenseIds', payload->'condominiumIds') as listed) as l
  $$;
comment on function blindagem_private.cost_of is 'What a job of this payload costs its organization: as many expenses or condominiums as it names, or 1.';

create function blindagem_private.claim_subjects(jobs jsonb) returns table (task text, subject text)
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    -- Ordered, so that two transactions that claim the same subjects never deadlock.
    with claimed as (
      insert into blindagem_private.work_claims as claim (task, subject)
      select distinct spec->>'task', spec->>'subject' from jsonb_array_elements(jobs) as spec
      order by 1, 2
      on conflict (task, subject) do update set claimed_at = claim.claimed_at
      returning claim.task, claim.subject, xmax = 0 as is_new
    )
    select c.task, c.subject from claimed c where c.is_new
  $$;
comment on function blindagem_private.claim_subjects is
  'Claims the subjects of [{task, subject}], and returns those that no waiting job had claimed; the others'' claims are locked until commit, so that their job reads what this transaction writes.';
revoke execute on function blindagem_private.subjects_of, blindagem_private.cost_of, blindagem_private.claim_subjects from public;
grant execute on function blindagem_private.claim_subjects to :WORKER;

create or replace function blindagem_private.claim_and_enqueue(jobs jsonb) returns integer
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare new_jobs jsonb;
    begin
      select jsonb_agg(spec) into new_jobs
      from (select distinct on (s->>'task', s->>'subject') s as spec from jsonb_array_elements(jobs) as s) as wanted
      join blindagem_private.claim_subjects(jobs) c on c.task = spec->>'task' and c.subject = spec->>'subject';
      return case when new_jobs is null then 0 else blindagem_private.enqueue_jobs(new_jobs) end;
    end
  $$;

-- Functions of 000014 and 000023, with what is new in them.
do $do$
  declare
    change record;
    definition text;
  begin
    for change in select * from (values
      ('blindagem_private.enqueue_jobs',
      $s$          case jsonb_typeof(s.job->'payload'->'expenseIds')
            when 'array' then greatest(1, jsonb_array_length(s.job->'payload'->'expenseIds')) else 1 end / coalesce(w.weight, 1)::float as cost
$s$,
      $s$          blindagem_private.cost_of(s.job->'payload') / coalesce(w.weight, 1)::float as cost
$s$),
      ('blindagem_private.bury_jobs',
      $s$        where t.name = k.task and c.task = k.task and c.subject = k.payload->>t.subject
$s$,
      $s$        where t.name = k.task and c.task = k.task
          and c.subject in (select s from blindagem_private.subjects_of(k.payload, t.subject) as s)
$s$),
      ('blindagem_private.retry_dead_jobs',
      $s$        select distinct l.task, l.payload->>t.subject from letters l join blindagem_private.tasks t on t.name = l.task
        where l.payload->>t.subject is not null
$s$,
      $s$        select distinct l.task, s.subject from letters l join blindagem_private.tasks t on t.name = l.task
        cross join lateral blindagem_private.subjects_of(l.payload, t.subject) as s (subject)
$s$)) as c (function, was, becomes)
    loop
      definition := pg_get_functiondef(change.function::regproc);
      if strpos(definition, change.was) = 0 then
        raise exception '% is not as it was', change.function;
      end if;
      execute replace(definition, change.was, change.becomes);
    end loop;
  end
$do$;

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;

reset role;
