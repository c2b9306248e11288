--! Previous: sha1:f2f55ad6e41cc2ba5f357f9903aef448341b888f
--! Hash: sha1:c3b93883744d79ea1a6ca555fa19f8f1c625881e

-- Whoever looked for jobs of dead workers read the whole queue once for each worker that had died within the hour: with 150 of
-- them and 200,000 jobs no worker started any more. It is read once now, and so nobody has to forget a dead one after an hour:
-- it may sleep longer than that.

set local role :OWNER;

create index workers_died on blindagem_private.workers using gin (pool_ids) with (fastupdate = off) where died;
comment on index blindagem_private.workers_died is
  'Whose a pool is, if its worker died: asked with every job that is taken, beside all the workers of HISTORY_DAYS.';

do $do$
  declare
    source text := pg_get_functiondef('blindagem_private.recover_jobs(interval)'::regprocedure);
    change record;
  begin
    for change in
      select * from (values
        ($s$    declare dead blindagem_private.workers;
    begin
$s$, $s$    declare
      dead blindagem_private.workers;
      holders text[];
    begin
      -- One that was taken for dead may have woken up, and fetched jobs. The queue is read once, however many they are.
      if exists (select from blindagem_private.workers w where w.died) then
        holders := array(select distinct j.locked_by from graphile_worker._private_jobs j where j.locked_by is not null);
      end if;
$s$),
        ($s$          -- What woke up ends within its heartbeat; the queue is looked through for the few that died of late.
          or (w.died and w.stopped_at > clock_timestamp() - interval '1 hour' and exists (
            select from graphile_worker._private_jobs j where j.locked_by = any (w.pool_ids)))
        for update skip locked$s$, $s$          or (w.died and w.pool_ids && holders)
        -- Each one's end reads the queue again. The others are for whoever looks next: the caller waits only so long.
        limit 10
        for update skip locked$s$)) as c (was, becomes)
    loop
      if strpos(source, change.was) = 0 then
        raise exception 'blindagem_private.recover_jobs does not say: %', change.was;
      end if;
      source := replace(source, change.was, change.becomes);
    end loop;
    execute source;
  end
$do$;
comment on function blindagem_private.recover_jobs(interval) is
  'Frees the jobs of workers that have not been heard of for so long, of ten at most, and ends their sessions: as the workers'' login, which may end its own. Whoever locks the dead one''s row does it; others pass by. Also of those that died before and have fetched jobs since. Tells what was buried of them (end_worker).';

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

do $do$
  declare
    source text := pg_get_functiondef('blindagem_private.reschedule_jobs(bigint[], timestamptz)'::regprocedure);
    was text := 'set run_at = reschedule_jobs.run_at from queued q where r.id = q.record_id';
  begin
    if strpos(source, was) = 0 then
      raise exception 'blindagem_private.reschedule_jobs does not say: %', was;
    end if;
    execute replace(source, was, 'set run_at = reschedule_jobs.run_at, waiting_for = null from queued q where r.id = q.record_id');
  end
$do$;
comment on function blindagem_private.reschedule_jobs(bigint[], timestamptz) is
  'Gives waiting jobs another time, and returns how many. One that a worker has fetched but not taken is taken from it. What they waited for is forgotten: it tells of the time before.';

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;

reset role;
