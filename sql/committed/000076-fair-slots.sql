--! Previous: sha1:26a0cca7503fcd1385e92381fbc383a64e91e530
--! Hash: sha1:d8a1d89fa3327f21282ce096dafa83a594b2a9df

-- Slots of a provider go round between administradoras. They went by who asked first: behind 20,000 look-ups of one, at three a
-- minute, ten of another waited for days. Now whoever must wait stands in its administradora's line, and slots are given only
-- two seconds ahead, each to the line whose turn it is: start-time fair queueing over the lines, as among jobs (000017).
--
--   start tag of a line = max(virtual time, its own)     after a slot = start tag + requests / weight
--   virtual time = start tag of the line that was given the last slot

set local role :OWNER;

alter table blindagem_private.provider_buckets add column virtual_time double precision not null default 0;
comment on column blindagem_private.provider_buckets.virtual_time is
  'The start tag of the line that was given the last slot (provider_lines): whoever begins to wait begins there.';

create table blindagem_private.provider_lines (
  provider text not null,
  credential text not null,
  organization_id bigint not null,
  start_tag double precision not null,
  opened_at timestamptz not null,
  waiting int not null default 0 check (waiting >= 0),
  next_position bigint not null default 0,
  primary key (provider, credential, organization_id),
  foreign key (provider, credential) references blindagem_private.provider_buckets on delete cascade
);
create index provider_lines_waiting on blindagem_private.provider_lines (provider, credential, start_tag, opened_at desc) where waiting > 0;
comment on table blindagem_private.provider_lines is
  'The lines before a provider''s limit, one an administradora (0: the platform''s own jobs). Whoever changes one has locked the bucket.';
comment on column blindagem_private.provider_lines.start_tag is 'The virtual time at which the line''s next slot begins; the line with the least is next.';
comment on column blindagem_private.provider_lines.opened_at is 'When somebody last began to wait where nobody did. Of two lines with the same tag the one that came later is first: it has had nothing yet.';
comment on column blindagem_private.provider_lines.waiting is 'How many requests wait in it. Of jobs that were cancelled or moved, too, until their turn comes and they are found to be gone.';
comment on column blindagem_private.provider_lines.next_position is 'The position of whoever comes next: how many requests have ever stood in the line.';

create table blindagem_private.provider_places (
  id bigint primary key,
  provider text not null,
  credential text not null,
  organization_id bigint not null,
  position bigint not null,
  requests int not null check (requests > 0),
  subject text,
  expected_at timestamptz,
  slot timestamptz,
  graphile_job_id bigint,
  foreign key (provider, credential, organization_id) references blindagem_private.provider_lines on delete cascade
);
create index provider_places_in_line on blindagem_private.provider_places (provider, credential, organization_id, position) where slot is null;
create index provider_places_expected on blindagem_private.provider_places (provider, credential, expected_at) where slot is null;
create index provider_places_given on blindagem_private.provider_places (provider, credential, slot) where slot is not null;
create index provider_places_of_subject on blindagem_private.provider_places (subject) where slot is null;
comment on table blindagem_private.provider_places is
  'The jobs that wait for a slot of a provider, by the id of their record, and those that have had theirs, as long as they are open.';
comment on column blindagem_private.provider_places.requests is 'How many slots the job takes together.';
comment on column blindagem_private.provider_places.subject is 'What it asks for, where jobs of several administradoras may need one answer.';
comment on column blindagem_private.provider_places.expected_at is
  'When its slot was last expected, which is when the job is to run (run_at of its record). Where that is another time, somebody has moved the job, and its place is void.';
comment on column blindagem_private.provider_places.slot is 'Its slot, given at most two seconds ahead; -infinity: it has been used.';

create table blindagem_private.provider_wishes (
  task text not null,
  subject text not null,
  organization_id bigint not null,
  wished_at timestamptz not null default clock_timestamp(),
  primary key (task, subject, organization_id)
);
comment on table blindagem_private.provider_wishes is
  'Who else needs what a job with a claim asks a provider for. It stands in the line that gets there first. Noted and not done at once: whoever claims holds locks that those who hold a bucket wait for.';

do $$
  declare table_name regclass;
  begin
    foreach table_name in array
      '{blindagem_private.provider_lines,blindagem_private.provider_places,blindagem_private.provider_wishes}'::regclass[] loop
      execute format('alter table %s enable row level security', table_name);
      execute format('create policy queue on %s to :QUEUE using (true) with check (true)', table_name);
      execute format('grant select, insert, update, delete on %s to :QUEUE', table_name);
    end loop;
  end
$$;
create policy worker on blindagem_private.provider_lines for select to :WORKER using (true);
create policy operator on blindagem_private.provider_lines for select to :OPERATOR using (true);
grant select on blindagem_private.provider_lines to :WORKER, :OPERATOR;
grant execute on function blindagem_private.brasilia_day to :QUEUE;

create function blindagem_private.next_provider_slot(
  before blindagem_private.provider_buckets, at timestamptz, requests int,
  out bucket blindagem_private.provider_buckets, out slot timestamptz)
  language plpgsql stable
  as $$
    declare
      width interval := before.interval_ms * interval '1 millisecond';
      earliest timestamptz := greatest(at, before.paused_until, before.open_until, before.probe_until);
      each timestamptz;
      day date;
    begin
      bucket := before;
      for request in 1..requests loop
        bucket.next_slot := greatest(bucket.next_slot, earliest) + width;
        each := greatest(earliest, bucket.next_slot - bucket.burst * width);
        day := greatest(blindagem_private.brasilia_day(each), bucket.quota_day);
        if day is distinct from bucket.quota_day then
          bucket.quota_used := 0;
        elsif bucket.quota_used >= bucket.daily_quota then
          day := day + 1;
          bucket.quota_used := 0;
        end if;
        if day > blindagem_private.brasilia_day(each) and bucket.daily_quota is not null then
          each := day::timestamp at time zone 'America/Sao_Paulo';
          bucket.next_slot := greatest(bucket.next_slot, each + width);
        end if;
        bucket.quota_day := day;
        bucket.quota_used := bucket.quota_used + 1;
        -- In whole milliseconds, as the queue's clients tell times.
        slot := coalesce(slot, date_trunc('milliseconds', each + interval '999 microseconds'));
      end loop;
    end
  $$;
comment on function blindagem_private.next_provider_slot is
  'The next slot of a bucket from a time on, and the bucket as it is when so many requests have taken theirs from there (generic cell rate, quota a day). It stores nothing.';

create or replace function blindagem_private.take_provider_slot(
  provider_name text, credential_name text, at timestamptz, reserved timestamptz default null)
  returns table (slot timestamptz, cause text)
  language plpgsql volatile
  as $$
    declare
      bucket blindagem_private.provider_buckets;
      step record;
    begin
      select * into bucket from blindagem_private.provider_buckets b
      where b.provider = provider_name and b.credential = credential_name for update;
      if not found then
        return query select at, null::text;
        return;
      end if;
      -- A slot that was missed is gone: after a standstill all the missed ones would be used at once.
      if blindagem_private.is_on_time(bucket, at, reserved) then
        slot := at;
      else
        step := blindagem_private.next_provider_slot(bucket, at, 1);
        bucket := step.bucket;
        slot := step.slot;
      end if;
      if slot <= at then
        if bucket.open_until is not null then
          bucket.probe_until := at + interval '1 minute';
        end if;
      else
        cause := blindagem_private.cause_of_wait(bucket, at, slot);
      end if;
      update blindagem_private.provider_buckets b
      set next_slot = bucket.next_slot, quota_day = bucket.quota_day, quota_used = bucket.quota_used, probe_until = bucket.probe_until
      where b.provider = provider_name and b.credential = credential_name;
      return next;
    end
  $$;
comment on function blindagem_private.take_provider_slot is
  'When the caller may ask the provider: not after "at" means now. A later slot stays the caller''s, who comes again with it as "reserved"; cause tells why: LIMIT, QUOTA (no more that day), DOWN (the breaker is open, or another is trying). Where no limit is stored everyone may. It passes by the lines: for requests of a job that has had its turn (take_provider_turn).';

create function blindagem_private.is_on_time(bucket blindagem_private.provider_buckets, at timestamptz, slot timestamptz) returns boolean
  language sql stable
  as $$
    select coalesce(
      greatest(at, bucket.paused_until, bucket.open_until, bucket.probe_until) = at
      and at between slot - interval '1 second' and slot + interval '2 seconds'
      and (bucket.daily_quota is null or blindagem_private.brasilia_day(at) = blindagem_private.brasilia_day(slot)), false)
  $$;
comment on function blindagem_private.is_on_time is
  'Whether a slot that was given serves now: within a second before and two after, not in a pause, and not when it was another day''s quota.';

create function blindagem_private.cause_of_wait(bucket blindagem_private.provider_buckets, at timestamptz, slot timestamptz) returns text
  language sql stable
  as $$
    select case
      when greatest(bucket.open_until, bucket.probe_until) > at then 'DOWN'
      when bucket.daily_quota is not null and blindagem_private.brasilia_day(slot) > blindagem_private.brasilia_day(at) then 'QUOTA'
      else 'LIMIT' end
  $$;
comment on function blindagem_private.cause_of_wait is
  'Why one waits until a slot: LIMIT, QUOTA (no more that day), DOWN (the breaker is open, or another is trying).';

create function blindagem_private.expected_provider_slot(bucket blindagem_private.provider_buckets, at timestamptz, ahead bigint) returns timestamptz
  language plpgsql stable
  as $$
    declare
      width interval := bucket.interval_ms * interval '1 millisecond';
      earliest timestamptz := greatest(at, bucket.paused_until, bucket.open_until, bucket.probe_until);
      slot timestamptz := greatest(earliest, greatest(bucket.next_slot, earliest) + (ahead + 1 - bucket.burst) * width);
      day date := greatest(blindagem_private.brasilia_day(earliest), bucket.quota_day);
      beyond bigint := ahead - (bucket.daily_quota - case when day = bucket.quota_day then bucket.quota_used else 0 end);
    begin
      if beyond >= 0 then
        day := day + 1 + (beyond / bucket.daily_quota)::int;
      end if;
      if bucket.daily_quota is not null and day > blindagem_private.brasilia_day(earliest) then
        slot := greatest(slot, (day::timestamp at time zone 'America/Sao_Paulo') + greatest(0, beyond % bucket.daily_quota) * width);
      end if;
      return date_trunc('milliseconds', slot + interval '999 microseconds');
    end
  $$;
comment on function blindagem_private.expected_provider_slot is
  'When a bucket will have a slot for a request with so many before it, if nobody else comes.';

create function blindagem_private.requests_ahead(line blindagem_private.provider_lines, ahead_in_line bigint) returns bigint
  language sql stable
  as $$
    select requests_ahead.ahead_in_line + coalesce(sum(least(o.waiting, greatest(0, ceil(
      (own.start_tag - o.start_tag) * coalesce(w.weight, 1)::float)))), 0)::bigint
    from (
      select line.start_tag + requests_ahead.ahead_in_line / coalesce((
        select weight from blindagem.organization_weights where organization_id = line.organization_id), 1)::float as start_tag) as own
    left join blindagem_private.provider_lines o
      on o.provider = line.provider and o.credential = line.credential and o.waiting > 0 and o.organization_id <> line.organization_id
    left join blindagem.organization_weights w on w.organization_id = o.organization_id
  $$;
comment on function blindagem_private.requests_ahead is
  'How many requests of all lines are let go before one that has so many before it in its own, if nobody else comes.';
grant execute on function blindagem_private.next_provider_slot, blindagem_private.is_on_time, blindagem_private.cause_of_wait,
  blindagem_private.expected_provider_slot, blindagem_private.requests_ahead to :QUEUE;
grant execute on function blindagem_private.next_provider_slot, blindagem_private.is_on_time, blindagem_private.cause_of_wait to :WORKER;

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

create function blindagem_private.move_waiting_job(place blindagem_private.provider_places, moved_to timestamptz) returns text
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare known blindagem_private.job_records;
    begin
      select * into known from blindagem_private.job_records r where r.id = place.id;
      if known.state = 'RUNNING' then return 'BUSY'; end if;
      if known.state is distinct from 'WAITING' or known.run_at is distinct from place.expected_at then return 'GONE'; end if;
      -- Waiting for nothing: whoever runs a job holds its record, and may wait for the bucket that the caller holds.
      perform from graphile_worker._private_jobs j where j.id = place.graphile_job_id and j.locked_at is null for update skip locked;
      if not found then
        return case when exists (select from graphile_worker._private_jobs j where j.id = place.graphile_job_id) then 'BUSY' else 'GONE' end;
      end if;
      perform from blindagem_private.job_records r where r.id = place.id and r.state = 'WAITING' and r.run_at = place.expected_at for update skip locked;
      if not found then return 'BUSY'; end if;
      update graphile_worker._private_jobs j set run_at = moved_to, updated_at = clock_timestamp() where j.id = place.graphile_job_id;
      -- Where the text names a time (src/queue/waiting-for.ts), it is now another.
      update blindagem_private.job_records r
      set run_at = moved_to, waiting_for = regexp_replace(r.waiting_for, '(nova tentativa às ).*', '\1' || to_char(
        moved_to at time zone 'America/Sao_Paulo',
        case blindagem_private.brasilia_day(moved_to) when blindagem_private.brasilia_day(clock_timestamp()) then 'HH24:MI' else 'HH24:MI "de" DD/MM' end))
      where r.id = place.id;
      return 'MOVED';
    end
  $$;
comment on function blindagem_private.move_waiting_job is
  'Gives the job of a place another time to run. MOVED; BUSY: it runs, or somebody else is about to change it; GONE: it is done, cancelled, or was given another time by somebody else.';

create function blindagem_private.leave_line(place blindagem_private.provider_places) returns void
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    delete from blindagem_private.provider_places p where p.id = place.id;
    update blindagem_private.provider_lines l set waiting = greatest(0, l.waiting - place.requests)
    where l.provider = place.provider and l.credential = place.credential and l.organization_id = place.organization_id;
  $$;
comment on function blindagem_private.leave_line is 'Takes the place of a job that is gone out of its line.';

create function blindagem_private.give_slots_of(before blindagem_private.provider_buckets, at timestamptz, own bigint) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      bucket blindagem_private.provider_buckets := before;
      step record;
      line blindagem_private.provider_lines;
      place blindagem_private.provider_places;
      last_position bigint;
      outcome text;
      passed_by bigint[] := '{}';
      gone int := 0;
    begin
      loop
        step := blindagem_private.next_provider_slot(bucket, at, 1);
        exit when step.slot > at + interval '2 seconds';
        -- After a breaker's pause one tries for all.
        exit when bucket.open_until is not null and exists (
          select from blindagem_private.provider_places p
          where p.provider = bucket.provider and p.credential = bucket.credential and p.slot >= at - interval '2 seconds');
        select * into line from blindagem_private.provider_lines l
        where l.provider = bucket.provider and l.credential = bucket.credential and l.waiting > 0 and l.organization_id <> all (passed_by)
        order by l.start_tag, l.opened_at desc limit 1;
        exit when not found;

        -- The first that can run: a job that is gone leaves the line, one that runs at this moment comes by itself.
        last_position := null;
        loop
          select * into place from blindagem_private.provider_places p
          where p.provider = line.provider and p.credential = line.credential and p.organization_id = line.organization_id
            and p.slot is null and p.position > coalesce(last_position, -9223372036854775808)
          order by p.position limit 1;
          exit when not found;
          outcome := case when place.id = own then 'MOVED' else blindagem_private.move_waiting_job(place, step.slot) end;
          exit when outcome = 'MOVED';
          if outcome = 'GONE' then
            perform blindagem_private.leave_line(place);
            gone := gone + 1;
            -- The rest of 20,000 that were cancelled leave with the next slots.
            exit when gone >= 1000;
          end if;
          last_position := place.position;
        end loop;
        exit when gone >= 1000;
        if place.id is null then
          if last_position is null then
            update blindagem_private.provider_lines l set waiting = 0
            where l.provider = line.provider and l.credential = line.credential and l.organization_id = line.organization_id;
          end if;
          passed_by := passed_by || line.organization_id;
          continue;
        end if;

        step := blindagem_private.next_provider_slot(bucket, at, place.requests);
        bucket := step.bucket;
        bucket.virtual_time := greatest(bucket.virtual_time, line.start_tag);
        update blindagem_private.provider_places p set slot = step.slot, expected_at = step.slot where p.id = place.id;
        update blindagem_private.provider_lines l
        set waiting = greatest(0, l.waiting - place.requests),
          start_tag = line.start_tag + place.requests / coalesce((
            select w.weight from blindagem.organization_weights w where w.organization_id = line.organization_id), 1)::float
        where l.provider = line.provider and l.credential = line.credential and l.organization_id = line.organization_id;
      end loop;
      if bucket is distinct from before then
        update blindagem_private.provider_buckets b
        set next_slot = bucket.next_slot, quota_day = bucket.quota_day, quota_used = bucket.quota_used, virtual_time = bucket.virtual_time
        where b.provider = bucket.provider and b.credential = bucket.credential;
      end if;
    end
  $$;
comment on function blindagem_private.give_slots_of is
  'Gives the slots of the next two seconds to the lines whose turn it is, and moves their first jobs to them. The caller has locked the bucket; its own job, which runs, need not be moved.';

create function blindagem_private.join_line(
  bucket blindagem_private.provider_buckets, organization bigint, at timestamptz, requests int, positions int)
  returns blindagem_private.provider_lines
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    insert into blindagem_private.provider_lines as l (provider, credential, organization_id, start_tag, opened_at, waiting, next_position)
    values (bucket.provider, bucket.credential, organization, bucket.virtual_time, at, requests, positions)
    on conflict (provider, credential, organization_id) do update
    set start_tag = case when l.waiting = 0 then greatest(l.start_tag, excluded.start_tag) else l.start_tag end,
      opened_at = case when l.waiting = 0 then excluded.opened_at else l.opened_at end,
      waiting = l.waiting + excluded.waiting, next_position = l.next_position + excluded.next_position
    returning l.*
  $$;
comment on function blindagem_private.join_line is 'The line of an organization with so many requests more, and so many new positions: the last before next_position.';

create function blindagem_private.take_provider_turn(
  provider_name text, credential_name text, at timestamptz, job bigint, organization bigint, wanted int, wanted_subject text)
  returns table (slot timestamptz, cause text, requests int, place bigint)
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      bucket blindagem_private.provider_buckets;
      line blindagem_private.provider_lines;
      mine blindagem_private.provider_places;
    begin
      requests := wanted;
      select * into bucket from blindagem_private.provider_buckets b
      where b.provider = provider_name and b.credential = credential_name for update;
      if not found then
        slot := at;
        return next;
        return;
      end if;
      select * into mine from blindagem_private.provider_places p where p.id = job;
      if (mine.provider, mine.credential) <> (provider_name, credential_name) then
        -- The credential was changed meanwhile.
        if mine.slot is null then
          perform blindagem_private.leave_line(mine);
        else
          delete from blindagem_private.provider_places p where p.id = job;
        end if;
        mine := null;
      end if;

      if not blindagem_private.is_on_time(bucket, at, mine.slot) then
        place := nextval('blindagem_private.job_records_id_seq');
        if mine.id is null then
          line := blindagem_private.join_line(bucket, coalesce(organization, 0), at, wanted, wanted);
          insert into blindagem_private.provider_places (id, provider, credential, organization_id, position, requests, subject)
          values (place, provider_name, credential_name, line.organization_id, line.next_position - wanted, wanted, wanted_subject);
        elsif mine.slot > at and mine.slot >= greatest(bucket.paused_until, bucket.open_until, bucket.probe_until, at) then
          -- This worker's clock is slow.
          update blindagem_private.provider_places p set id = place, graphile_job_id = null where p.id = job;
        else
          -- It has been here before, and keeps its position: its slot was missed or refused, or it had none yet.
          if mine.slot is null then
            update blindagem_private.provider_lines l set waiting = greatest(0, l.waiting - mine.requests)
            where l.provider = provider_name and l.credential = credential_name and l.organization_id = mine.organization_id;
          end if;
          perform blindagem_private.join_line(bucket, mine.organization_id, at, wanted, 0);
          update blindagem_private.provider_places p set id = place, slot = null, requests = wanted, graphile_job_id = null where p.id = job;
        end if;
        perform blindagem_private.give_slots_of(bucket, at, place);
        select * into mine from blindagem_private.provider_places p where p.id = place;
        select * into bucket from blindagem_private.provider_buckets b where b.provider = provider_name and b.credential = credential_name;
      end if;

      if mine.slot > at and place is not null or mine.slot is null then
        if mine.slot is null then
          select * into line from blindagem_private.provider_lines l
          where l.provider = provider_name and l.credential = credential_name and l.organization_id = mine.organization_id;
          mine.slot := blindagem_private.expected_provider_slot(bucket, at, blindagem_private.requests_ahead(line, mine.position - (
            select min(p.position) from blindagem_private.provider_places p
            where p.provider = provider_name and p.credential = credential_name and p.organization_id = mine.organization_id and p.slot is null)));
        end if;
        update blindagem_private.provider_places p set expected_at = mine.slot where p.id = place;
        slot := mine.slot;
        cause := blindagem_private.cause_of_wait(bucket, at, slot);
        return next;
        return;
      end if;

      slot := at;
      requests := mine.requests;
      place := null;
      -- Should it come once more, it has its position again.
      update blindagem_private.provider_places p set id = coalesce(job, p.id), slot = '-infinity' where p.id = mine.id;
      if bucket.open_until is not null then
        update blindagem_private.provider_buckets b set probe_until = at + interval '1 minute'
        where b.provider = provider_name and b.credential = credential_name;
      end if;
      return next;
    end
  $$;
comment on function blindagem_private.take_provider_turn is
  'When a job may make so many requests of a provider: now where cause is null, else at a later time of its own. Then it is enqueued for that time with "place" as its record''s id: so long it stands in its organization''s line, is moved to its slot when that is given, and comes with it. Where no limit is stored every job may.';

create function blindagem_private.expect_again(bucket blindagem_private.provider_buckets, at timestamptz) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      place blindagem_private.provider_places;
      line blindagem_private.provider_lines;
      later timestamptz;
      outcome text;
    begin
      for place in
        select * from blindagem_private.provider_places p
        where p.provider = bucket.provider and p.credential = bucket.credential and p.slot is null and p.expected_at < at + interval '2 seconds'
        order by p.expected_at limit 500
      loop
        select * into line from blindagem_private.provider_lines l
        where l.provider = place.provider and l.credential = place.credential and l.organization_id = place.organization_id;
        later := greatest(at + interval '2 seconds', blindagem_private.expected_provider_slot(bucket, at,
          blindagem_private.requests_ahead(line, place.position - (
            select min(p.position) from blindagem_private.provider_places p
            where p.provider = place.provider and p.credential = place.credential and p.organization_id = place.organization_id and p.slot is null))));
        outcome := blindagem_private.move_waiting_job(place, later);
        if outcome = 'MOVED' then
          update blindagem_private.provider_places p set expected_at = later where p.id = place.id;
        elsif outcome = 'GONE' then
          perform blindagem_private.leave_line(place);
        end if;
      end loop;
    end
  $$;
comment on function blindagem_private.expect_again is
  'Puts off the jobs whose slots were expected by now and were not given, since others came meanwhile or the provider was paused: else they would run in vain.';

create function blindagem_private.give_provider_slots(at timestamptz) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare bucket blindagem_private.provider_buckets;
    begin
      -- Whoever puts jobs off locks the bucket again and again: it is waited for, by one at a time.
      if not pg_try_advisory_xact_lock(hashtextextended('blindagem_private.give_provider_slots', 0)) then return; end if;
      for bucket in
        select * from blindagem_private.provider_buckets b
        where exists (select from blindagem_private.provider_lines l where l.provider = b.provider and l.credential = b.credential)
        order by b.provider, b.credential
        for update of b
      loop
        perform blindagem_private.grant_wishes(bucket, at);
        perform blindagem_private.give_slots_of(bucket, at, null);
        select * into bucket from blindagem_private.provider_buckets b where b.provider = bucket.provider and b.credential = bucket.credential;
        perform blindagem_private.expect_again(bucket, at);
        delete from blindagem_private.provider_places p
        where p.provider = bucket.provider and p.credential = bucket.credential and p.slot < at - interval '10 seconds'
          and not exists (select from blindagem_private.job_records r where r.id = p.id and r.state in ('WAITING', 'RUNNING'));
      end loop;
      with answered as (
        select w.task, w.subject, w.organization_id from blindagem_private.provider_wishes w
        where w.wished_at < clock_timestamp() - interval '1 minute'
          and not exists (select from blindagem_private.work_claims c where c.task = w.task and c.subject = w.subject)
        for update of w skip locked
      )
      delete from blindagem_private.provider_wishes w using answered a
      where w.task = a.task and w.subject = a.subject and w.organization_id = a.organization_id;
    end
  $$;
comment on function blindagem_private.give_provider_slots is
  'Gives the slots of the next two seconds of all providers to those whose turn it is. Each worker calls it once a second; one of them does it, the others pass by.';

create function blindagem_private.grant_wishes(bucket blindagem_private.provider_buckets, at timestamptz) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      wish record;
      place blindagem_private.provider_places;
      line blindagem_private.provider_lines;
      other blindagem_private.provider_lines;
      sooner bigint;
    begin
      for wish in
        select w.task, w.subject, w.organization_id, p.id
        from blindagem_private.provider_wishes w
        -- By its limit one look-up a wish, and not all the places.
        join lateral (
          select p.id from blindagem_private.provider_places p
          where p.subject = w.subject and p.slot is null and p.provider = bucket.provider and p.credential = bucket.credential
          limit 1) as p on true
        order by w.wished_at limit 500
        for update of w skip locked
      loop
        delete from blindagem_private.provider_wishes w
        where w.task = wish.task and w.subject = wish.subject and w.organization_id = wish.organization_id;
        select * into place from blindagem_private.provider_places p where p.id = wish.id;
        continue when place.organization_id = wish.organization_id;
        select * into line from blindagem_private.provider_lines l
        where l.provider = place.provider and l.credential = place.credential and l.organization_id = place.organization_id;
        select * into other from blindagem_private.provider_lines l
        where l.provider = place.provider and l.credential = place.credential and l.organization_id = wish.organization_id;
        other.provider := place.provider;
        other.credential := place.credential;
        other.organization_id := wish.organization_id;
        other.waiting := coalesce(other.waiting, 0);
        if other.waiting = 0 then other.start_tag := greatest(other.start_tag, bucket.virtual_time); end if;
        sooner := blindagem_private.requests_ahead(other, other.waiting);
        continue when sooner >= blindagem_private.requests_ahead(line, place.position - (
          select min(p.position) from blindagem_private.provider_places p
          where p.provider = place.provider and p.credential = place.credential and p.organization_id = place.organization_id and p.slot is null));
        update blindagem_private.provider_lines l set waiting = greatest(0, l.waiting - place.requests)
        where l.provider = place.provider and l.credential = place.credential and l.organization_id = place.organization_id;
        other := blindagem_private.join_line(bucket, wish.organization_id, at, place.requests, place.requests);
        update blindagem_private.provider_places p
        set organization_id = wish.organization_id, position = other.next_position - place.requests where p.id = place.id;
      end loop;
    end
  $$;
comment on function blindagem_private.grant_wishes is
  'Moves jobs whose answer another organization needs, too, into that one''s line where they are sooner served there.';

do $do$
  declare
    source text;
    change record;
  begin
    source := pg_get_functiondef('blindagem_private.enqueue_jobs'::regproc);
    for change in
      select * from (values
        ('      enqueued int;
', '      enqueued int;
      last_job bigint;
'),
        ($s$nextval('blindagem_private.job_records_id_seq') as id,$s$,
          $s$coalesce((element->>'place')::bigint, nextval('blindagem_private.job_records_id_seq')) as id,$s$),
        ('select count(added) into enqueued', 'select count(added), max((added).id) into enqueued, last_job'),
        ($s$      return coalesce(enqueued, 0);$s$, $s$      if jobs->0 ? 'place' then
        update blindagem_private.provider_places p set graphile_job_id = last_job where p.id = (jobs->0->>'place')::bigint;
      end if;
      return coalesce(enqueued, 0);$s$)) as c (was, becomes)
    loop
      if strpos(source, change.was) = 0 then raise exception 'enqueue_jobs does not say: %', change.was; end if;
      source := replace(source, change.was, change.becomes);
    end loop;
    execute source;

    source := pg_get_functiondef('blindagem_private.claim_and_enqueue'::regproc);
    if strpos(source, '      return case when new_jobs is null') = 0 then raise exception 'claim_and_enqueue does not end as it did'; end if;
    execute replace(source, '      return case when new_jobs is null', $s$      insert into blindagem_private.provider_wishes (task, subject, organization_id)
      select distinct s->>'task', s->>'subject', (s->>'organizationId')::bigint
      from jsonb_array_elements(jobs) as s
      join blindagem_private.tasks t on t.name = s->>'task' and t.lane = 'PROVIDER'
      where s->>'organizationId' is not null and not exists (
        select from jsonb_array_elements(new_jobs) as n where n->>'task' = s->>'task' and n->>'subject' = s->>'subject')
      order by 1, 2, 3
      on conflict do nothing;
      return case when new_jobs is null$s$);
  end
$do$;
comment on function blindagem_private.enqueue_jobs is
  'Enqueues jobs [{task, payload, organizationId, condominiumId, batchId, requestId, runAt, waitingFor, startTag, place}] and records them. The payload gets an envelope with the logical id and the start tag, and the transaction''s traceparent, if it is traced; a job costs its organization 1, or as many expenses as it names. With startTag it keeps the place of the job that it stands for, and costs nothing; with place, where it is the only one, it has that place in a provider''s line, whose id becomes its own.';
comment on function blindagem_private.claim_and_enqueue is
  'Enqueues each job unless one waits for the same task and subject; the waiting one''s claim is locked until commit, so that it reads what this transaction writes, and that this organization needs its answer, too, is noted (provider_wishes).';

-- Slots that were taken far ahead are given back, and their jobs stand in line, in the same order.
with taken as materialized (
  select j.id as graphile_job_id, r.id, b.provider, b.credential, coalesce(r.organization_id, 0) as organization_id, r.run_at,
    case t.identifier when 'pluggy_sync' then coalesce((j.payload->>'slots')::int, 1) else 1 end as requests, j.payload->>'cnpj' as subject,
    blindagem_private.brasilia_day(r.run_at) as day
  from graphile_worker._private_jobs j
  join graphile_worker._private_tasks t on t.id = j.task_id
  join (values ('cnpj_lookup', 'CNPJWS'), ('pluggy_sync', 'PLUGGY')) as asks (task, provider) on asks.task = t.identifier
  join blindagem_private.job_records r on r.id = (j.payload->'envelope'->>'jobId')::bigint and r.state = 'WAITING'
  -- Of several credentials the one that is in use.
  join lateral (
    select * from blindagem_private.provider_buckets b where b.provider = asks.provider order by b.next_slot desc limit 1) as b on true
  where j.payload->>'slotAt' is not null and j.locked_at is null and j.attempts = 0 and r.run_at > clock_timestamp()
), lines as (
  insert into blindagem_private.provider_lines (provider, credential, organization_id, start_tag, opened_at, waiting, next_position)
  select provider, credential, organization_id, 0, clock_timestamp(), sum(requests), sum(requests) from taken group by 1, 2, 3
), places as (
  insert into blindagem_private.provider_places
    (id, provider, credential, organization_id, position, requests, subject, expected_at, graphile_job_id)
  select id, provider, credential, organization_id,
    sum(requests) over (partition by provider, credential, organization_id order by run_at, id) - requests, requests, subject, run_at, graphile_job_id
  from taken
)
update blindagem_private.provider_buckets b
set next_slot = least(b.next_slot, clock_timestamp() + b.burst * b.interval_ms * interval '1 millisecond'),
  quota_day = blindagem_private.brasilia_day(clock_timestamp()),
  quota_used = greatest(0, case b.quota_day when blindagem_private.brasilia_day(clock_timestamp()) then b.quota_used
      else coalesce(b.daily_quota, 0) end
    - (select coalesce(sum(t.requests), 0) from taken t
       where t.provider = b.provider and t.credential = b.credential and t.day = blindagem_private.brasilia_day(clock_timestamp())))
where (b.provider, b.credential) in (select provider, credential from taken);

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;
revoke execute on function
  blindagem_private.next_provider_slot, blindagem_private.is_on_time, blindagem_private.cause_of_wait, blindagem_private.expected_provider_slot,
  blindagem_private.requests_ahead from public;
reset role;
set local role :QUEUE;
revoke execute on function
  blindagem_private.move_waiting_job, blindagem_private.leave_line, blindagem_private.give_slots_of, blindagem_private.join_line,
  blindagem_private.take_provider_turn, blindagem_private.expect_again, blindagem_private.give_provider_slots, blindagem_private.grant_wishes from public;
grant execute on function blindagem_private.take_provider_turn, blindagem_private.give_provider_slots to :WORKER;
reset role;
set local role :OWNER;

create or replace view blindagem.provider_limits with (security_invoker = true, security_barrier = true) as
  select b.provider, b.credential, 60000 / b.interval_ms as per_minute, b.burst, b.daily_quota,
    case when b.quota_day >= blindagem_private.brasilia_day(now()) then b.quota_used else 0 end as quota_used, b.quota_day,
    nullif(b.next_slot, '-infinity') as next_slot, b.paused_until, b.failures, b.open_until,
    case
      when b.open_until is null then 'CLOSED'
      when b.open_until > now() then 'OPEN'
      else 'HALF_OPEN' end as breaker, lines.waiting
  from blindagem_private.provider_buckets b
  cross join lateral (
    select coalesce(sum(l.waiting), 0)::int as waiting from blindagem_private.provider_lines l
    where l.provider = b.provider and l.credential = b.credential) as lines;
comment on column blindagem.provider_limits.next_slot is 'From when on slots are free. They are given two seconds ahead; whoever waits has none yet.';
comment on column blindagem.provider_limits.waiting is 'How many requests wait for a slot, of all organizations.';

do $do$
  declare
    source text := pg_get_functiondef('blindagem_private.queue_state'::regproc);
    before text := $s$            max(case when next_slot > now() then extract(epoch from next_slot - now()) else 0 end) as next_slot,$s$;
  begin
    if strpos(source, before) = 0 then raise exception 'queue_state does not say: %', before; end if;
    execute replace(source, before, $s$            -- Until the last of those has its slot that wait now.
            max(extract(epoch from greatest(next_slot, now()) - now()) + interval_ms / 1000 * (
              select coalesce(sum(l.waiting), 0) from blindagem_private.provider_lines l
              where l.provider = provider_buckets.provider and l.credential = provider_buckets.credential)) as next_slot,$s$);
  end
$do$;

reset role;
