--! Previous: sha1:f8875f1067bb02ae2d8c2b108bebee56c687dd3a
--! Hash: sha1:006948826c7c7ce7ef2605dd3e995ebfa4de780a

-- The slots that jobs had reserved before version 76 were given back, but the jobs still bore them: a worker of the version before,
-- which runs on until it is restarted, came with one and was let go, uncounted, beside whoever had been given the same slot.

set local role :QUEUE;

update graphile_worker._private_jobs j
set payload = (j.payload::jsonb - 'slotAt' - 'slots')::json
from graphile_worker._private_tasks t
where t.id = j.task_id and t.identifier in ('cnpj_lookup', 'pluggy_sync') and j.payload->>'slotAt' is not null and j.locked_at is null;

reset role;

-- Of a fact that came while the review of another was open on the same expense, nobody was ever told. Once a person has let the
-- first one pass, the expense is validated again, and what is new opens the next review.

set local role :OWNER;

do $do$
  declare
    source text := pg_get_functiondef('blindagem.resolve_review(bigint, boolean, text)'::regprocedure);
    before text := $s$      elsif review.kind in ('PAYMENT', 'REFUND') then$s$;
  begin
    if strpos(source, before) = 0 then
      raise exception 'blindagem.resolve_review does not say: %', before;
    end if;
    execute replace(source, before, $s$      elsif review.kind = 'LATE_FACT' and approve and not exists (
          select from blindagem_private.deadly_expenses d where d.expense_id = expense.id) then
        -- What came while this was open had no review of its own.
        perform blindagem_private.enqueue_jobs(jsonb_build_array(jsonb_build_object(
          'task', 'validate_expenses', 'organizationId', expense.organization_id, 'batchId', expense.batch_id,
          'requestId', blindagem_private.setting('request_id'),
          'payload', jsonb_build_object('expenseIds', jsonb_build_array(expense.id::text)))));
$s$ || before);
  end
$do$;

-- After another credential was set, the jobs that waited stood in the old one's line: they came to the new one only at the old one's
-- rate, 20,000 look-ups of the public limit in days.

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create function blindagem_private.adopt_provider_lines(provider_name text, credential_name text) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      bucket blindagem_private.provider_buckets;
      former blindagem_private.provider_lines;
      line blindagem_private.provider_lines;
      adopted int := 0;
    begin
      -- In the order in which whoever gives slots locks them.
      perform from blindagem_private.provider_buckets b where b.provider = provider_name order by b.credential for update;
      select * into bucket from blindagem_private.provider_buckets b
      where b.provider = provider_name and b.credential = credential_name;
      if not found then return 0; end if;
      for former in
        select * from blindagem_private.provider_lines l
        where l.provider = provider_name and l.credential <> credential_name and l.waiting > 0 order by l.credential, l.organization_id
      loop
        line := blindagem_private.join_line(
          bucket, former.organization_id, clock_timestamp(), former.waiting, former.next_position::int);
        update blindagem_private.provider_places p
        set credential = credential_name, position = p.position + line.next_position - former.next_position
        where p.provider = provider_name and p.credential = former.credential and p.organization_id = former.organization_id
          and p.slot is null;
        update blindagem_private.provider_lines l set waiting = 0
        where l.provider = provider_name and l.credential = former.credential and l.organization_id = former.organization_id;
        adopted := adopted + former.waiting;
      end loop;
      return adopted;
    end
  $$;
comment on function blindagem_private.adopt_provider_lines is
  'Has those that wait for other credentials of the provider wait for this one, each organization''s in its order, behind what it has there; returns how many requests. A worker that starts says so of the credentials that it has.';

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;
set local role :QUEUE;
revoke execute on function blindagem_private.adopt_provider_lines from public;
grant execute on function blindagem_private.adopt_provider_lines to :WORKER;

reset role;
