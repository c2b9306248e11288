--! Previous: sha1:3db2f61db8724cc7ec2184dd0533b166780bae49
--! Hash: sha1:6d0feaa12493ee81741f5338d30a8efee605a2af

-- 1. A job that its worker gave back before it ran kept its time to run apart from its place in a provider's line: when its turn
-- came it passed for one that an operator had moved, lost its place, and stood behind all that waited.

set local role :OWNER;
grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create function blindagem_private.keep_place(job bigint, moved_to timestamptz) returns void
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    update blindagem_private.provider_places p set expected_at = moved_to where p.id = job and p.slot is null;
  $$;
comment on function blindagem_private.keep_place is
  'A job was given another time to run by its worker, and keeps its position in the provider''s line; one that is in none is passed over.';
revoke execute on function blindagem_private.keep_place from public;
grant execute on function blindagem_private.keep_place to :WORKER;

-- 2. Where two groups of workers have different credentials of one provider, each fetches jobs at slots of the other's. Such a job
-- went to the end of its organization's line here, and its slot was lost. It comes before the others of the line, and the slot is
-- the next one's, if it was the last that was given.

do $do$
  declare
    source text := pg_get_functiondef('blindagem_private.take_provider_turn(text, text, timestamptz, bigint, bigint, int, text)'::regprocedure);
    change text[];
  begin
    foreach change slice 1 in array array[
      [$$      mine blindagem_private.provider_places;
    begin
      requests := wanted;
$$, $$      mine blindagem_private.provider_places;
      former blindagem_private.provider_places;
    begin
      requests := wanted;
      select * into former from blindagem_private.provider_places p where p.id = job and p.credential <> credential_name;
      -- In the order in which whoever gives slots locks them.
      perform from blindagem_private.provider_buckets b
      where b.provider = provider_name and b.credential in (credential_name, former.credential) order by b.credential for update;
$$],
      [$$      where b.provider = provider_name and b.credential = credential_name for update;
$$, $$      where b.provider = provider_name and b.credential = credential_name;
$$],
      [$$        -- The credential was changed meanwhile.
        if mine.slot is null then
          perform blindagem_private.leave_line(mine);
        else
          delete from blindagem_private.provider_places p where p.id = job;
        end if;
        mine := null;
$$, $$        -- The credential was changed meanwhile, or a worker with another one has fetched the job.
        if mine.slot is null then
          perform blindagem_private.leave_line(mine);
        else
          delete from blindagem_private.provider_places p where p.id = job;
          update blindagem_private.provider_buckets b
          set next_slot = b.next_slot - mine.requests * b.interval_ms * interval '1 millisecond',
            quota_used = greatest(0, b.quota_used - mine.requests)
          where b.provider = provider_name and b.credential = mine.credential and b.credential = former.credential
            and mine.slot >= at - interval '2 seconds'
            and b.next_slot <= mine.slot + (mine.requests - 1 + b.burst) * b.interval_ms * interval '1 millisecond';
        end if;
        former := mine;
        mine := null;
      else
        former := null;
$$],
      [$$          line := blindagem_private.join_line(bucket, coalesce(organization, 0), at, wanted, wanted);
          insert into blindagem_private.provider_places (id, provider, credential, organization_id, position, requests, subject)
          values (place, provider_name, credential_name, line.organization_id, line.next_position - wanted, wanted, wanted_subject);
$$, $$          line := blindagem_private.join_line(
            bucket, coalesce(former.organization_id, organization, 0), at, wanted, case when former.id is null then wanted else 0 end);
          insert into blindagem_private.provider_places (id, provider, credential, organization_id, position, requests, subject)
          values (place, provider_name, credential_name, line.organization_id, coalesce((
            select min(p.position) from blindagem_private.provider_places p
            where former.id is not null and p.provider = provider_name and p.credential = credential_name
              and p.organization_id = line.organization_id and p.slot is null), line.next_position) - wanted, wanted, wanted_subject);
$$]
    ] loop
      if strpos(source, change[1]) = 0 then
        raise exception 'take_provider_turn does not say: %', change[1];
      end if;
      source := replace(source, change[1], change[2]);
    end loop;
    execute source;
  end
$do$;

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;

reset role;
