--! Previous: sha1:d03a906f443c8a9b2b09c05b3ac7c92d9e35da40
--! Hash: sha1:d51e3ac616ad769a38e2cfec726a8f2f5b148c72

-- A worker that stood still is taken for dead; when it wakes up, the library's pool in it may fetch jobs before the process hears
-- of its death and ends. Nobody freed those: they stayed locked for the library's four hours. Now a dead one is freed again
-- whenever it holds a job, and it takes none (src/queue/fence.ts).

set local role :OWNER;

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

do $do$
  declare
    definition text := pg_get_functiondef('blindagem_private.end_worker(uuid, boolean)'::regprocedure);
    before text := $s$update blindagem_private.workers w set stopped_at = clock_timestamp(), died = has_died
      where w.id = ended_id and w.stopped_at is null returning * into ended;$s$;
  begin
    if position(before in definition) = 0 then
      raise 'blindagem_private.end_worker is not the function that this migration changes.';
    end if;
    execute replace(definition, before, $s$update blindagem_private.workers w
      set stopped_at = coalesce(w.stopped_at, clock_timestamp()), died = has_died or coalesce(w.died, false)
      where w.id = ended_id and (w.stopped_at is null or w.died) returning * into ended;$s$);
  end
$do$;

comment on function blindagem_private.end_worker(uuid, boolean) is 'Frees the jobs that a worker still holds, stopped or dead, with the attempt refunded, and returns how many. A job during which three workers died is buried, it may be what they died of: [{task, organizationId}]. Of one that died already it frees what it fetched after its death.';

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;

do $do$
  declare
    definition text := pg_get_functiondef('blindagem_private.recover_jobs(interval)'::regprocedure);
    before text := $s$where w.stopped_at is null and w.heartbeat_at < clock_timestamp() - dead_after
        for update skip locked$s$;
  begin
    if position(before in definition) = 0 then
      raise 'blindagem_private.recover_jobs is not the function that this migration changes.';
    end if;
    execute replace(definition, before, $s$where (w.stopped_at is null and w.heartbeat_at < clock_timestamp() - dead_after)
          -- What woke up ends within its heartbeat; the queue is looked through for the few that died of late.
          or (w.died and w.stopped_at > clock_timestamp() - interval '1 hour' and exists (
            select from graphile_worker._private_jobs j where j.locked_by = any (w.pool_ids)))
        for update skip locked$s$);
  end
$do$;

comment on function blindagem_private.recover_jobs(interval) is 'Frees the jobs of workers that have not been heard of for so long, and ends their sessions: as the workers'' login, which may end its own. Whoever locks the dead one''s row does it; others pass by. Also of those that died within the hour and have fetched jobs since. Tells what was buried of them (end_worker).';

reset role;
