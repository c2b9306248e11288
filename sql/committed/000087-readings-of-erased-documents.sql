--! Previous: sha1:76ad355c2329533fa26786961d37b0230290cbed
--! Hash: sha1:6bebb1d735e7fa6976792ae4c43051c1a4156706

-- A document that was erased while it was read had its reading stored afterwards, with payee and identifiers. Whoever stores a
-- reading holds the document first, and an erasure waits for it and takes the reading, too.

set local role :OWNER;

create function blindagem_private.hold_document(sha256 text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare erased timestamptz;
    begin
      select d.erased_at into erased from blindagem.documents d where d.sha256 = hold_document.sha256 for share;
      return erased is null;
    end
  $$;
comment on function blindagem_private.hold_document is
  'Keeps a document from being erased until the transaction ends; false where it is erased already, and is not to be read.';
revoke execute on function blindagem_private.hold_document from public;
grant execute on function blindagem_private.hold_document to :WORKER;

-- After a restore of the disk alone the database has the erasure, and the bytes are there again.
do $do$
  declare
    change record;
    source text;
  begin
    for change in
      select * from (values
        ('blindagem_private.record_erasure(bigint, text, text, jsonb, bigint[], text[], text[], jsonb, bigint)',
          '      perform set_config(''blindagem.erasing'', ''on'', true);',
          '      -- What is being read is stored first, and erased then (hold_document).
      perform from blindagem.documents d where d.sha256::text = any (record_erasure.documents) order by d.sha256 for no key update;
      perform set_config(''blindagem.erasing'', ''on'', true);'),
        ('blindagem_private.replay_erasure(jsonb)',
          '        return false;',
          '        if jsonb_array_length(told->''documents'') > 0 then
          perform blindagem_private.enqueue_jobs(jsonb_build_array(jsonb_build_object(''task'', ''erase_documents'',
            ''organizationId'', organization, ''payload'', jsonb_build_object(''sha256s'', told->''documents''))));
        end if;
        return false;')
      ) as c (name, was, becomes)
    loop
      source := pg_get_functiondef(change.name::regprocedure);
      if strpos(source, change.was) = 0 then
        raise exception '% does not say: %', change.name, change.was;
      end if;
      execute replace(source, change.was, change.becomes);
    end loop;
  end
$do$;

reset role;
