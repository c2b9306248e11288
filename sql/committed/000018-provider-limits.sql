--! Previous: sha1:1712a775ee88610a8026a26d0c187516b2754923
--! Hash: sha1:2cd95f3ba8f9e1a56aedb9407cf3acf6f45cfa3d

-- Limits of the outer services, by provider and credential: rate and burst (generic cell rate algorithm), a quota for the
-- day in Brasília, a pause that the provider asked for, and a circuit breaker for when it does not answer. One row each,
-- shared by all workers; its lock makes them ask one after the other.

set local role :OWNER;

alter table blindagem_private.provider_buckets
  add column credential text not null default 'public',
  add column daily_quota int check (daily_quota > 0),
  add column quota_day date,
  add column quota_used int not null default 0,
  add column failures int not null default 0,
  add column trips int not null default 0,
  add column open_until timestamptz,
  add column probe_until timestamptz,
  drop constraint provider_buckets_pkey,
  add primary key (provider, credential);
comment on table blindagem_private.provider_buckets is
  'Limits of the outer services, shared by all workers: generic cell rate (one request an interval, a burst at once), a quota a day, a pause, a circuit breaker.';
comment on column blindagem_private.provider_buckets.credential is 'A fingerprint of the token or client id that is limited, or "public"; never the secret.';
comment on column blindagem_private.provider_buckets.quota_day is 'The day in Brasília of the latest slot that was given; quota_used counts those of that day.';
comment on column blindagem_private.provider_buckets.paused_until is 'The provider has refused for its own limit, and opens again then.';
comment on column blindagem_private.provider_buckets.failures is 'How often in a row it has not answered.';
comment on column blindagem_private.provider_buckets.open_until is 'The circuit breaker is open: nobody asks before then, and then one alone.';
comment on column blindagem_private.provider_buckets.trips is 'How often in a row the breaker has opened: each time the pause is twice as long.';
comment on column blindagem_private.provider_buckets.probe_until is 'So long the others wait for the one that tries whether the provider answers again.';

create function blindagem_private.brasilia_day(at timestamptz) returns date
  language sql stable parallel safe
  as $$ select (at at time zone 'America/Sao_Paulo')::date $$;
comment on function blindagem_private.brasilia_day is 'The calendar day in Brasília.';
grant execute on function blindagem_private.brasilia_day to :WORKER, :OPERATOR;

drop function blindagem_private.reserve_provider_slot;
create function blindagem_private.take_provider_slot(
  provider_name text, credential_name text, at timestamptz, reserved timestamptz default null)
  returns table (slot timestamptz, cause text)
  language plpgsql volatile
  as $$
    declare
      bucket blindagem_private.provider_buckets;
      earliest timestamptz;
      width interval;
      day date;
    begin
      select * into bucket from blindagem_private.provider_buckets b
      where b.provider = provider_name and b.credential = credential_name for update;
      if not found then
        return query select at, null::text;
        return;
      end if;
      width := bucket.interval_ms * interval '1 millisecond';
      earliest := greatest(at, bucket.paused_until, bucket.open_until, bucket.probe_until);
      cause := case
        when greatest(bucket.open_until, bucket.probe_until) > at then 'DOWN'
        else 'LIMIT' end;

      -- A slot that was missed is gone: after a standstill all the missed ones would be used at once.
      if earliest = at and at between reserved - interval '1 second' and reserved + interval '2 seconds'
        and (bucket.daily_quota is null or blindagem_private.brasilia_day(at) = blindagem_private.brasilia_day(reserved)) then
        slot := at;
      else
        bucket.next_slot := greatest(bucket.next_slot, earliest) + width;
        slot := greatest(earliest, bucket.next_slot - bucket.burst * width);
        day := greatest(blindagem_private.brasilia_day(slot), bucket.quota_day);
        if day is distinct from bucket.quota_day then
          bucket.quota_used := 0;
        elsif bucket.quota_used >= bucket.daily_quota then
          day := day + 1;
          bucket.quota_used := 0;
        end if;
        if day > blindagem_private.brasilia_day(slot) and bucket.daily_quota is not null then
          slot := day::timestamp at time zone 'America/Sao_Paulo';
          bucket.next_slot := greatest(bucket.next_slot, slot + width);
        end if;
        if day > blindagem_private.brasilia_day(at) and bucket.daily_quota is not null and cause = 'LIMIT' then
          cause := 'QUOTA';
        end if;
        bucket.quota_day := day;
        bucket.quota_used := bucket.quota_used + 1;
      end if;

      if slot <= at then
        cause := null;
        if bucket.open_until is not null then
          bucket.probe_until := at + interval '1 minute';
        end if;
      end if;
      update blindagem_private.provider_buckets b
      set next_slot = bucket.next_slot, quota_day = bucket.quota_day, quota_used = bucket.quota_used, probe_until = bucket.probe_until
      where b.provider = provider_name and b.credential = credential_name;
      return next;
    end
  $$;
comment on function blindagem_private.take_provider_slot is
  'When the caller may ask the provider: not after "at" means now. A later slot stays the caller''s, who comes again with it as "reserved"; cause tells why: LIMIT, QUOTA (no more that day), DOWN (the breaker is open, or another is trying). Where no limit is stored everyone may.';

create function blindagem_private.note_provider_answer(provider_name text, credential_name text, at timestamptz, answered boolean) returns void
  language sql volatile
  as $$
    update blindagem_private.provider_buckets b
    set failures = 0, trips = 0, open_until = null, probe_until = null
    where b.provider = provider_name and b.credential = credential_name and answered
      and (b.failures > 0 or b.open_until is not null);
    update blindagem_private.provider_buckets b
    set failures = b.failures + 1,
      -- Who asked before it opened and fails now says nothing new.
      trips = b.trips + (opens and not is_open)::int,
      open_until = case when opens and not is_open
        then at + least(interval '1 hour', interval '1 minute' * power(2, least(b.trips, 10))) else b.open_until end,
      probe_until = case when opens and not is_open then null else b.probe_until end
    from (
      select k.provider, k.credential, k.failures >= 4 or k.open_until is not null as opens, coalesce(k.open_until > at, false) as is_open
      from blindagem_private.provider_buckets k
      where k.provider = provider_name and k.credential = credential_name for update) as k
    where b.provider = k.provider and b.credential = k.credential and not answered;
  $$;
comment on function blindagem_private.note_provider_answer is
  'Tells the circuit breaker whether the provider answered. The fifth failure in a row opens it for a minute; when the one that tries then fails too, for two, four, … up to an hour; an answer closes it.';
revoke execute on function blindagem_private.take_provider_slot, blindagem_private.note_provider_answer from public;
grant execute on function blindagem_private.take_provider_slot, blindagem_private.note_provider_answer to :WORKER;

create policy operator on blindagem_private.provider_buckets for select to :OPERATOR using (true);
grant select on blindagem_private.provider_buckets to :OPERATOR;
create view blindagem.provider_limits with (security_invoker = true, security_barrier = true) as
  select provider, credential, 60000 / interval_ms as per_minute, burst, daily_quota,
    case when quota_day >= blindagem_private.brasilia_day(now()) then quota_used else 0 end as quota_used, quota_day,
    nullif(next_slot, '-infinity') as next_slot, paused_until, failures, open_until,
    case
      when open_until is null then 'CLOSED'
      when open_until > now() then 'OPEN'
      else 'HALF_OPEN' end as breaker
  from blindagem_private.provider_buckets;
comment on view blindagem.provider_limits is
  E'@primaryKey provider,credential\nThe limits of the outer services, what of them is taken, and whether they answer (operators only).';
comment on column blindagem.provider_limits.quota_used is 'Slots of quota_day that are taken; that may be a later day, if today''s are.';
grant select on blindagem.provider_limits to :OPERATOR;

reset role;
