--! Previous: sha1:fbb54f17b2309390392e43584dcab751ec9bfe49
--! Hash: sha1:3db2f61db8724cc7ec2184dd0533b166780bae49

-- 1. Whoever has the API's password can invent witnesses, as many as a note has lines, and true ones found no room any more.
-- The table takes what comes; whoever reads a note says which witnesses it knows, and their lines are there whatever else is.

set local role :AUDIT_OWNER;

create function blindagem_audit.cosigned_note(tree_size bigint, note text, witnesses text[], key_ids bytea[]) returns text
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    select cosigned_note.note || coalesce((
      select string_agg('— ' || f.witness || ' ' || translate(encode(f.key_id || f.signature, 'base64'), E'\n', '') || E'\n', ''
        order by f.cosigned_at, f.witness, f.key_id)
      from (
        select together.* from (
          (select true as is_known, s.witness, s.key_id, s.signature, s.cosigned_at
          from unnest(witnesses, key_ids) as known (witness, key_id)
          join blindagem_audit.cosignatures s on s.tree_size = cosigned_note.tree_size
            and s.witness = known.witness and s.key_id = known.key_id
          where length(s.signature) = 72
          order by s.witness, s.key_id limit 48)
          union all
          -- In the order of the key: of many that somebody invented none but these are read.
          (select false, s.witness, s.key_id, s.signature, s.cosigned_at
          from blindagem_audit.cosignatures s
          where s.tree_size = cosigned_note.tree_size
            and length(s.witness) <= 200 and length(s.key_id) = 4 and length(s.signature) = 72
            and s.witness ~ '^[^\s\u0001-\u0020+\u007f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+$'
            and not exists (
              select from unnest(witnesses, key_ids) as known (witness, key_id)
              where known.witness = s.witness and known.key_id = s.key_id)
          order by s.witness, s.key_id limit 48)) as together
        -- A note has no more than 64 lines, and some are the log's own.
        order by together.is_known desc, together.witness, together.key_id limit 48) as f), '')
  $$;
comment on function blindagem_audit.cosigned_note(bigint, text, text[], bytea[]) is
  'A checkpoint''s note with the witnesses'' lines under the log''s own: those that can be lines of a note, 48 at most, first of the witnesses that are told.';
revoke execute on function blindagem_audit.cosigned_note(bigint, text, text[], bytea[]) from public;
grant execute on function blindagem_audit.cosigned_note(bigint, text, text[], bytea[])
  to :ADMIN, :ANONYMOUS, :AUDITOR, :OPERATOR, :REVIEWER, :SEALER, :SINDICO;

do $do$
  declare
    source text := pg_get_functiondef('blindagem_audit.store_cosignatures(text, bigint, text[], bytea[], bytea[])'::regprocedure);
    before text := substr(source, strpos(source, '      -- A note has no more than 64 signatures'));
  begin
    before := left(before, strpos(before, '      return query') - 1);
    if before !~ 'assinaturas demais' then
      raise exception 'store_cosignatures does not limit what a checkpoint has';
    end if;
    execute replace(source, before, '');
  end
$do$;

reset role;

-- 2. A document that was handed in again between an erasing job's look and its removal lost its bytes. The job holds the document
-- until its bytes are gone.

set local role :OWNER;

create function blindagem_private.hold_erased_document(sha256 text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare erased timestamptz;
    begin
      select d.erased_at into erased from blindagem.documents d where d.sha256 = hold_erased_document.sha256 for no key update;
      return erased is not null;
    end
  $$;
comment on function blindagem_private.hold_erased_document is
  'Keeps an erased document from being handed in again until the transaction ends; false where it is not erased, and its bytes are to stay.';
revoke execute on function blindagem_private.hold_erased_document from public;
grant execute on function blindagem_private.hold_erased_document to :WORKER;

-- 3. Whoever mistypes a CPF is told that a digit is wrong, not that it is none.

do $do$
  declare
    source text := pg_get_functiondef('blindagem.erase_personal_data(text, text, bigint, text)'::regprocedure);
    before text := $$        perform blindagem_private.fail('BLD04', 'O documento é um CPF ou CNPJ, só com seus dígitos e letras.');$$;
  begin
    if strpos(source, before) = 0 then
      raise exception 'erase_personal_data does not say what a document is';
    end if;
    execute replace(source, before, $$        perform blindagem_private.fail('BLD04', case
          when document ~ '^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$' then format(
            'Os dígitos verificadores (os dois últimos) do %s não conferem: algum dígito está errado ou trocado. Confira o número num documento da pessoa e informe-o de novo.',
            case length(document) when 11 then 'CPF' else 'CNPJ' end)
          else 'O documento é um CPF (11 dígitos) ou um CNPJ (12 dígitos ou letras e 2 dígitos), sem pontuação: confira se não falta nem sobra nada e informe-o de novo.' end);$$);
  end
$do$;

reset role;
