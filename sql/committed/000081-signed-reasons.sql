--! Previous: sha1:26a0cca7503fcd1385e92381fbc383a64e91e530
--! Hash: sha1:dd13144b808056c1835093c46df8dbe28375442c

-- Format 6: a reason that stands in a record in words is the one that the intent signed. Format 5 does not say so: it began
-- with the commitments (000029), and typed reasons, of which an intent knows nothing, stood there in words until 000047.

set local role :AUDIT_OWNER;

do $do$
  declare
    capture regproc;
    source text;
  begin
    foreach capture in array '{blindagem_audit.capture_source,blindagem_audit.capture_truncate}'::regproc[] loop
      source := pg_get_functiondef(capture);
      if strpos(source, '"blindagem-record-5"') = 0 then
        raise exception '% does not write the format that it did', capture;
      end if;
      execute replace(source, '"blindagem-record-5"', '"blindagem-record-6"');
    end loop;
  end
$do$;

select blindagem_audit.define_capture(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

reset role;
