--! Previous: sha1:6e371995f5db91ed3fed68a1fed20e5e0ecd2d93
--! Hash: sha1:582cd9a25bc0fab13081a5c0f71f1785c9c72a4c

-- The key of an NFS-e of the national standard is an identifier, too; an erasure reaches the names that are read on documents.

set local role :OWNER;

alter table blindagem.document_identifiers drop constraint document_identifiers_kind_check;
alter table blindagem.document_identifiers add constraint document_identifiers_kind_check
  check (kind in ('PIX_END_TO_END', 'BOLETO_LINE', 'DFE_KEY', 'NFSE_KEY', 'BR_CODE'));

create function blindagem_private.without_person(reading jsonb) returns jsonb
  language sql immutable parallel safe
  as $$
    select jsonb_set(reading, '{fields}', reading->'fields' || coalesce((
      select jsonb_object_agg(f.name, case f.name
        when 'identifiers' then '[]'::jsonb
        else '{"value": null, "confidence": 0, "box": null, "page": null}' end)
      from jsonb_object_keys(reading->'fields') as f (name)
      where f.name in ('identifiers', 'payer', 'payee', 'documentNumber')), '{}'))
  $$;
comment on function blindagem_private.without_person is
  'A reading without what may speak of a person: names, identifiers (a payment''s code has the payee''s key) and the number. Readings of older readers have fewer of these fields.';
revoke execute on function blindagem_private.without_person from public;

do $$
  declare
    before text := pg_get_functiondef('blindagem_private.erase_rows'::regproc);
    after text := replace(before,
      $s$      -- Of a reading a decision needs the fields; a payment's code (Pix) has the name and the key of who is paid.
      update blindagem.document_readings r
      set reading = jsonb_set(r.reading, '{fields,identifiers}', '[]')
      where r.sha256::text = any (erase_rows.documents) and jsonb_typeof(r.reading#>'{fields,identifiers}') = 'array';
$s$,
      $s$      -- Of a reading a decision needs the other fields.
      update blindagem.document_readings r
      set reading = blindagem_private.without_person(r.reading)
      where r.sha256::text = any (erase_rows.documents) and jsonb_typeof(r.reading->'fields') = 'object';
$s$);
  begin
    if after = before then
      raise exception 'blindagem_private.erase_rows is not the one of 000040';
    end if;
    execute after;
  end
$$;

reset role;
