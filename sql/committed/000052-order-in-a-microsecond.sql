--! Previous: sha1:12038895b8bdca9420cebb515bac498f07a1fc9e
--! Hash: sha1:b21be3c65c3b6ff344b2c2c96d1865b24811fdc2

-- Jobs of one organization keep their order, also when they are enqueued within one microsecond, or to run at the same time.
--
-- The library takes jobs by priority, time and its own id, and gives ids in whatever order its insert has them: of four
-- jobs in a session that is new to it, the last one first. Two that were due at the same microsecond changed places so, one
-- of some hundred calls. Now each of a call's jobs is due a microsecond after the one before it; what a record tells of the
-- time stays as it was asked for. To enqueue a job takes longer than that, so nobody waits for it, and no later call's come
-- before it.

set local role :OWNER;

grant create on schema blindagem_private to :QUEUE;
set local role :QUEUE;

do $do$
  declare
    change record;
    definition text := pg_get_functiondef('blindagem_private.enqueue_jobs(jsonb)'::regprocedure);
  begin
    for change in
      select * from (values
        ('coalesce((element->>''runAt'')::timestamptz, clock_timestamp()) as run_at' || chr(10) || '        from jsonb_array_elements(jobs) as element',
          'coalesce((element->>''runAt'')::timestamptz, clock_timestamp()) as run_at,' || chr(10) || '          (place - 1) * interval ''1 microsecond'' as behind' || chr(10) || '        from jsonb_array_elements(jobs) with ordinality as listed (element, place)'),
        ('s.run_at, t.name as task', 's.run_at, s.behind, t.name as task'),
        ('null, run_at, max_attempts', 'null, run_at + behind, max_attempts')
      ) as replaced (was, becomes)
    loop
      if strpos(definition, change.was) = 0 then
        raise exception 'blindagem_private.enqueue_jobs is not as it was';
      end if;
      definition := replace(definition, change.was, change.becomes);
    end loop;
    execute definition;
  end
$do$;

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;

reset role;
