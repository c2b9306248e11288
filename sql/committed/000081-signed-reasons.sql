--! Previous: sha1:c3b93883744d79ea1a6ca555fa19f8f1c625881e
--! Hash: sha1:e218684815cf39b526139b0f3683721d01b76460

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

-- A sealing process of the version before, which may run until it is restarted, takes a record of a format that it does not
-- know for one that its intent contradicts, and that would stand there for good. It does not tell the format, and so waits.
-- Of what stands there already nothing is asked.
alter table blindagem_audit.unattested_records add column format text;
alter table blindagem_audit.unattested_records add constraint unattested_records_format_check
  check (cause <> 'CONTRADICTED' or format is not null) not valid;
comment on column blindagem_audit.unattested_records.format is
  'The format of the record, told by whoever knows it; null in what was found before format 6.';

reset role;
