--! Previous: sha1:6d0feaa12493ee81741f5338d30a8efee605a2af
--! Hash: sha1:9eab3f8168bb42da5b215261a34a5525c0837ba2

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

set local role :OWNER;
revoke create on schema blindagem_private from :QUEUE;

reset role;
