--! Previous: sha1:573e94a203b7a389763f615e659a42ab29605fe5
--! Hash: sha1:76ad355c2329533fa26786961d37b0230290cbed

-- A document whose bytes were erased is not given out, though they lie there still (the job that removes them waits, or a disk
-- was restored), until somebody hands them in again: what is handed in is no longer erased.
--
-- Three characters of a reason are to be seen: line breaks, no-break spaces and what has no width passed for one. What turns
-- the text round or moves the cursor of a terminal is not taken. Nor is a day that never comes, or was before all days: a
-- closing of the month '-infinity' would have stood there for good.

set local role :OWNER;

do $do$
  declare
    change record;
    source text;
  begin
    for change in
      select * from (values
        ('blindagem_private.require_reason(text)',
          'length(btrim(reason)) < 3 or',
          'length(regexp_replace(reason, ''[\s\u00a0\u200b-\u200f\u2028\u2029\u2060\ufeff]'', '''', ''g'')) < 3 or'),
        ('blindagem_private.require_reason(text)',
          '      if exists (
        select from regexp_matches(reason,',
          '      if reason ~ ''[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]'' then
        perform blindagem_private.fail(''BLD04'', ''O motivo tem caracteres de controle, que não se leem: escreva-o sem eles.'');
      end if;
      if exists (
        select from regexp_matches(reason,'),
        ('blindagem.close_period(bigint, date, text)',
          'if month is null or extract(day from month) <> 1 then',
          'if month is null or not isfinite(month) or extract(day from month) <> 1 then'),
        ('blindagem.grant_role(text, text, text, text, bigint, date)',
          'if grant_role.valid_to <= blindagem_private.today() then',
          'if grant_role.valid_to <= blindagem_private.today() or not isfinite(grant_role.valid_to) then'),
        ('blindagem_private.register_document(text, text, integer, text)',
          'on conflict on constraint documents_pkey do nothing;',
          'on conflict on constraint documents_pkey do update set erased_at = null where documents.erased_at is not null;')
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

comment on column blindagem.documents.erased_at is
  'When its bytes were erased (LGPD): they are given to nobody. Null again when somebody hands the same bytes in.';
update blindagem.documents d set erased_at = null
where d.erased_at < (select max(u.uploaded_at) from blindagem.document_uploads u where u.sha256 = d.sha256);

reset role;
