--! Previous: sha1:c4779a2608aa5f93fbf02eee78637fd885b3b3e2
--! Hash: sha1:a24ab39fc0a5c0c2d7487f71bae2dc9c1dcd23bd

-- While a large batch is being handed in, a worker does its bulk work one job at a time: whoever waits for an answer comes first.

set local role :OWNER;

create function blindagem_private.submissions_key() returns bigint
  language sql immutable parallel safe
  as $$ select hashtextextended('blindagem submission', 0) $$;
comment on function blindagem_private.submissions_key is
  'The advisory lock that every submission of 100 rows or more shares until its commit, and that nobody else keeps.';

create function blindagem_private.is_submitting() returns boolean
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    select case
      when pg_try_advisory_lock(blindagem_private.submissions_key()) then not pg_advisory_unlock(blindagem_private.submissions_key())
      -- Another that looks at this moment is no submission.
      else exists (
        select from pg_locks l
        where l.locktype = 'advisory' and l.mode = 'ShareLock'
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
          and (l.classid::bigint << 32) | l.objid::bigint = blindagem_private.submissions_key()) end
  $$;
comment on function blindagem_private.is_submitting is
  'Whether somebody is handing in a batch of 100 rows or more at this moment: the submissions'' lock is tried and let go at once (7 microseconds). Only where it is taken, pg_locks says by whom: that copies every lock of the server (58 microseconds beside 60 sessions).';
grant execute on function blindagem_private.is_submitting to :WORKER;

do $do$
  declare
    source text := pg_get_functiondef('blindagem.submit_expense_batch'::regproc);
    before text := $s$      if jsonb_typeof(rows) <> 'array'$s$;
  begin
    if strpos(source, before) = 0 then
      raise exception 'submit_expense_batch does not begin as it did';
    end if;
    execute replace(source, before, $s$      -- A smaller one is over before a chunk of the workers' is.
      if jsonb_typeof(rows) = 'array' and jsonb_array_length(rows) >= 100 then
        perform pg_advisory_xact_lock_shared(blindagem_private.submissions_key());
      end if;
$s$ || before);
  end
$do$;

reset role;
