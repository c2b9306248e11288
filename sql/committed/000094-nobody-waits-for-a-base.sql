--! Previous: sha1:6d0feaa12493ee81741f5338d30a8efee605a2af
--! Hash: sha1:9b4ae82c987e7f970ef77f0ea3e46b922d165534

-- Whoever moves a base or sets a weight waits for all who enqueue, and who enqueues later waits behind. Where a transaction that had
-- enqueued stood still, as in a process that does, or on a connection that died, no batch could be handed in until it ended.

set local role :OWNER;

create function blindagem_private.take_base_lock(patience interval) returns boolean
  language plpgsql
  as $$
    declare was text := current_setting('lock_timeout');
    begin
      begin
        perform set_config('lock_timeout', ceil(extract(epoch from patience) * 1000)::text, true);
        perform pg_advisory_xact_lock(blindagem_private.base_lock());
      exception when lock_not_available then
        return false;
      end;
      perform set_config('lock_timeout', was, true);
      return true;
    end
  $$;
comment on function blindagem_private.take_base_lock is
  'Takes base_lock alone, until the transaction ends; false where somebody has it for longer than that. As long those wait who enqueue meanwhile, but no longer.';
revoke execute on function blindagem_private.take_base_lock from public;
grant execute on function blindagem_private.take_base_lock to :QUEUE;

do $do$
  declare
    source text := pg_get_functiondef('blindagem.set_organization_weight(bigint, numeric, text)'::regprocedure);
    before text := $$      perform pg_advisory_xact_lock(blindagem_private.base_lock());
$$;
  begin
    if strpos(source, before) = 0 then
      raise exception 'set_organization_weight does not take the lock as it did';
    end if;
    execute replace(source, before, $$      if not blindagem_private.take_base_lock('3 seconds') then
        perform blindagem_private.fail('BLD14', 'Há mais de 3 segundos outra operação põe tarefas na fila; tente de novo daqui a um minuto.');
      end if;
$$);
  end
$do$;

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

do $do$
  declare
    source text := pg_get_functiondef('blindagem_private.rebase_priorities(text)'::regprocedure);
    before text := $$      perform pg_advisory_xact_lock(blindagem_private.base_lock());
$$;
  begin
    if strpos(source, before) = 0 then
      raise exception 'rebase_priorities does not take the lock as it did';
    end if;
    execute replace(source, before, $$      -- Not for long: the next report tries again, and there is room for as many priorities once more.
      if not blindagem_private.take_base_lock('0.25 seconds') then return 0; end if;
$$);
  end
$do$;

-- A job is fetched at its slot by those alone who have the slot's credential: they forbid the flags of all others (src/queue/workers.ts).
-- Where two groups of workers had different ones, half of the slots came to nothing.

create function blindagem_private.flag_slot(job bigint, provider text, credential text) returns void
  language sql
  as $$
    update graphile_worker._private_jobs j set flags = jsonb_build_object(provider || '/' || credential, true) where j.id = job;
  $$;
comment on function blindagem_private.flag_slot is
  'Has a job, of the library''s number, fetched by those alone who have that credential of the provider, until unflag_missed.';

create function blindagem_private.unflag_missed(provider_name text, credential_name text, at timestamptz) returns void
  language sql
  as $$
    update graphile_worker._private_jobs j set flags = null
    where j.id = any (array(
      select waiting.id from graphile_worker._private_jobs waiting
      where waiting.flags is not null and waiting.locked_at is null and waiting.id = any (array(
        select p.graphile_job_id from blindagem_private.provider_places p
        where p.provider = provider_name and p.credential = credential_name and p.slot < at - interval '2 seconds'))
      for update skip locked));
  $$;
comment on function blindagem_private.unflag_missed is
  'Lets everybody fetch the jobs whose slots are gone: nobody who has that credential may live any more.';
revoke execute on function blindagem_private.flag_slot, blindagem_private.unflag_missed from public;

do $do$
  declare
    change text[];
    source text;
  begin
    foreach change slice 1 in array array[
      ['blindagem_private.give_slots_of(blindagem_private.provider_buckets, timestamptz, bigint)',
       $$        update blindagem_private.provider_places p set slot = step.slot, expected_at = step.slot where p.id = place.id;
$$, $$        update blindagem_private.provider_places p set slot = step.slot, expected_at = step.slot where p.id = place.id;
        perform blindagem_private.flag_slot(place.graphile_job_id, bucket.provider, bucket.credential);
$$],
      ['blindagem_private.give_provider_slots(timestamptz)',
       $$        perform blindagem_private.grant_wishes(bucket, at);
$$, $$        perform blindagem_private.unflag_missed(bucket.provider, bucket.credential, at);
        perform blindagem_private.grant_wishes(bucket, at);
$$],
      ['blindagem_private.enqueue_jobs(jsonb)',
       $$        update blindagem_private.provider_places p set graphile_job_id = last_job where p.id = (jobs->0->>'place')::bigint;
$$, $$        update blindagem_private.provider_places p set graphile_job_id = last_job where p.id = (jobs->0->>'place')::bigint;
        perform blindagem_private.flag_slot(last_job, p.provider, p.credential)
        from blindagem_private.provider_places p where p.id = (jobs->0->>'place')::bigint and p.slot is not null;
$$]
    ] loop
      source := pg_get_functiondef(change[1]::regprocedure);
      if strpos(source, change[2]) = 0 then
        raise exception '% does not say: %', change[1], change[2];
      end if;
      execute replace(source, change[2], change[3]);
    end loop;
  end
$do$;

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;

reset role;
