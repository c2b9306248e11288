--! Previous: sha1:ecf2cac059ac828b0530a8dd2290cacadec47f6c
--! Hash: sha1:2009e1e1ac51dbaa5d545139c3155c271a591611

-- The key of an NFS-e of the national standard is an identifier, too; an erasure reaches the names that are read on documents.

set local role :OWNER;

alter table blindagem.document_identifiers drop constraint document_identifiers_kind_check;
alter table blindagem.document_identifiers add constraint document_identifiers_kind_check
  check (kind in ('PIX_END_TO_END', 'BOLETO_LINE', 'DFE_KEY', 'NFSE_KEY', 'BR_CODE'));

create function blindagem_private.without_fields(reading jsonb, names text[]) returns jsonb
  language sql immutable parallel safe
  as $$
    select jsonb_set(reading, '{fields}', reading->'fields' || coalesce((
      select jsonb_object_agg(f.name, case f.name
        when 'identifiers' then '[]'::jsonb
        else '{"value": null, "confidence": 0, "box": null, "page": null}' end)
      from jsonb_object_keys(reading->'fields') as f (name) where f.name = any (names)), '{}'))
  $$;
comment on function blindagem_private.without_fields is
  'A reading as if those fields had not been read. Readings of older readers have fewer fields: none is added.';
revoke execute on function blindagem_private.without_fields from public;

-- Functions of 000040, with what is new in them.
do $do$
  declare
    change record;
    definition text;
  begin
    for change in select * from (values
      ('blindagem_private.erase_rows',
      $s$      -- Of a reading a decision needs the fields; a payment's code (Pix) has the name and the key of who is paid.
      update blindagem.document_readings r
      set reading = jsonb_set(r.reading, '{fields,identifiers}', '[]')
      where r.sha256::text = any (erase_rows.documents) and jsonb_typeof(r.reading#>'{fields,identifiers}') = 'array';
      get diagnostics changed = row_count;
$s$,
      $s$      -- Of a reading a decision needs the other fields; a payment's code (Pix) has the name and the key of who is paid.
      update blindagem.document_readings r
      set reading = blindagem_private.without_fields(r.reading, '{identifiers,payee,payer,documentNumber}')
      where r.sha256::text = any (erase_rows.documents) and jsonb_typeof(r.reading->'fields') = 'object';
      get diagnostics changed = row_count;
      changed := changed + coalesce((counts->>'document_readings')::int, 0);
$s$),
      ('blindagem_private.erase_rows',
      $s$          when 'payee_accounts' then
$s$,
      $s$          when 'document_readings' then
            update blindagem.document_readings r set reading = blindagem_private.without_fields(r.reading, '{payee,payer}')
            where r.sha256 || '/' || r.reader_version = any (target.ids)
              and r.sha256::text = any (array(select split_part(i, '/', 1) from unnest(target.ids) as i));
          when 'payee_accounts' then
$s$),
      ('blindagem_private.payee_rows',
      $s$      union all
      select 'expense_batches', b.id::text, null from blindagem.expense_batches b
$s$,
      $s$      union all
      -- Of a paper of somebody else's expense, the names that were read on it; what it is a witness of stays.
      select 'document_readings', r.sha256 || '/' || r.reader_version, 'names' from blindagem.document_readings r
      where concat_ws(' | ', r.reading#>>'{fields,payee,value}', r.reading#>>'{fields,payer,value}') ~* pattern
        and exists (select from blindagem.expense_documents d where d.sha256 = r.sha256 and d.condominium_id = any (condominium_ids))
        and not exists (select from blindagem.expense_documents d where d.sha256 = r.sha256 and d.condominium_id <> all (condominium_ids))
      union all
      select 'expense_batches', b.id::text, null from blindagem.expense_batches b
$s$),
      ('blindagem_private.erasable_documents',
      $s$        select from blindagem.document_identifiers i where i.sha256 = u.sha256 and i.value ~* pattern))
$s$,
      $s$        select from blindagem.document_identifiers i where i.sha256 = u.sha256 and i.value ~* pattern)
        or exists (
          select from blindagem.document_readings r
          where r.sha256 = u.sha256 and concat_ws(' | ', r.reading#>>'{fields,payee,value}', r.reading#>>'{fields,payer,value}') ~* pattern))
$s$),
      ('blindagem_private.replay_erasure',
      $s$'company_answers', 'companies', 'company_mirror')$s$,
      $s$'company_answers', 'companies', 'company_mirror', 'document_readings')$s$)) as c (function, was, becomes)
    loop
      definition := pg_get_functiondef(change.function::regproc);
      if strpos(definition, change.was) = 0 then
        raise exception '% is not that of 000040', change.function;
      end if;
      execute replace(definition, change.was, change.becomes);
    end loop;
  end
$do$;

reset role;
