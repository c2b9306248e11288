--! Previous: sha1:4546ae00c2d5ef04516e716b07c3e012d3a81e95
--! Hash: sha1:406a39f3cfed5cc45ce61ad4add11de0f5b5bc14

-- An erasure reaches what people wrote of a person in other words: names without accents or with dots between, a CPF
-- inside of a text, names of files, rows that were refused, what an auditor searched for, and an MEI's registry data.

set local role :AUDIT_OWNER;

do $$
  begin
    execute replace(pg_get_functiondef('blindagem_audit.personal_columns'::regproc),
      $s$('expense_documents', 'file_name',$s$,
      $s$('document_uploads', 'file_name', '%s not like ''[apagado]%%'''),
      ('expense_documents', 'file_name',$s$);
    execute replace(pg_get_functiondef('blindagem_audit.impersonal_columns'::regproc),
      $s$      -- Part of the row's key, by which its records are found: it cannot be behind a commitment.
      ('document_uploads', 'file_name'),
$s$, '');
  end
$$;

drop function blindagem_audit.values_of;
create function blindagem_audit.values_of(pattern text, condominium_ids bigint[], organization bigint) returns bigint[]
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      -- What was written before their first record says nothing of theirs.
      since timestamptz := (
        select min(least(own.recorded_at, theirs.recorded_at))
        from (
          select r.recorded_at from blindagem_audit.audit_log_immutable r
          where r.organization_id = organization order by r.id limit 1) as own
        full join (
          select min(first.recorded_at) as recorded_at from unnest(condominium_ids) as c (id)
          cross join lateral (
            select r.recorded_at from blindagem_audit.audit_log_immutable r
            where r.condominium_id = c.id order by r.id limit 1) as first) as theirs on true);
    begin
      return (
        select coalesce(array_agg(r.id), '{}')
        from blindagem_audit.personal_values v
        cross join lateral unnest(v.record_ids, v.personal) as p (id, personal)
        join blindagem_audit.audit_log_immutable r on r.id = p.id and r.recorded_at = v.recorded_at
        where v.recorded_at >= since and p.personal ~* pattern
          and (r.condominium_id = any (condominium_ids) or r.condominium_id is null and r.organization_id = organization));
    end
  $$;
comment on function blindagem_audit.values_of is
  'The records of those condominiums, and of the administradora itself, whose values match (blindagem_private.person_pattern). All values since their first record are read for it: there is no index of people.';
revoke execute on function blindagem_audit.values_of from public;
grant execute on function blindagem_audit.values_of to :OWNER;

reset role;
set local role :OWNER;

-- Names of files, which were part of the key and so of the text that is hashed. The rows are written anew under a key
-- that says nothing; what was told of them before stays as it was hashed.
do $$
  declare stored jsonb := (select jsonb_agg(to_jsonb(u) order by u.uploaded_at) from blindagem.document_uploads u);
  begin
    delete from blindagem.document_uploads;
    alter table blindagem.document_uploads drop constraint document_uploads_pkey;
    alter table blindagem.document_uploads add column id bigint generated always as identity primary key;
    alter table blindagem.document_uploads add constraint document_uploads_once unique (organization_id, sha256, file_name);
    set local role :AUDIT_OWNER;
    perform blindagem_audit.define_capture('blindagem.document_uploads');
    set local role :OWNER;
    insert into blindagem.document_uploads (organization_id, sha256, file_name, uploaded_by, uploaded_at)
    select u.organization_id, u.sha256, u.file_name, u.uploaded_by, u.uploaded_at
    from jsonb_to_recordset(stored) as u (organization_id bigint, sha256 text, file_name text, uploaded_by bigint, uploaded_at timestamptz);
    execute replace(pg_get_functiondef('blindagem_private.register_document'::regproc), 'document_uploads_pkey', 'document_uploads_once');
  end
$$;

-- What an auditor asked never changes, but for the name of somebody who is erased.
drop trigger guard_change on blindagem.auditor_accesses;
create trigger guard_change before update on blindagem.auditor_accesses for each statement
  when (current_setting('blindagem.erasing', true) is distinct from 'on')
  execute function blindagem_audit.refuse_change();
create trigger guard_delete before delete on blindagem.auditor_accesses
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem.auditor_accesses enable always trigger guard_change;
alter table blindagem.auditor_accesses enable always trigger guard_delete;

create function blindagem_private.person_pattern(document text, names text[]) returns text
  language sql immutable parallel safe
  as $$
    with name as (
      select n.text as name, c.letter, c.place
      from unnest(names) as n (text)
      cross join lateral regexp_split_to_table(
        btrim(regexp_replace(regexp_replace(normalize(lower(n.text), NFD), '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g')), '')
        with ordinality as c (letter, place)
    ), spelt as (
      select '(?<![[:alpha:]])' || string_agg(
        case n.letter
          when 'a' then '[aáàâãäAÁÀÂÃÄ][\u0300-\u036f]?'
          when 'e' then '[eéèêëEÉÈÊË][\u0300-\u036f]?'
          when 'i' then '[iíìîïIÍÌÎÏ][\u0300-\u036f]?'
          when 'o' then '[oóòôõöOÓÒÔÕÖ][\u0300-\u036f]?'
          when 'u' then '[uúùûüUÚÙÛÜ][\u0300-\u036f]?'
          when 'c' then '[cçCÇ][\u0300-\u036f]?'
          when 'n' then '[nñNÑ][\u0300-\u036f]?'
          when ' ' then '[^[:alnum:]]+'
          else n.letter
        end, '' order by n.place) || '(?![[:alpha:]])' as pattern
      from name n group by n.name
      union all
      select '(?<![0-9])' || array_to_string(
        regexp_match(person_pattern.document,
          case length(person_pattern.document) when 11 then '^(...)(...)(...)(..)$' else '^(..)(...)(...)(....)(..)$' end),
        '[^[:alnum:]]?') || '(?![0-9])'
    )
    select string_agg(s.pattern, '|') from spelt s
  $$;
comment on function blindagem_private.person_pattern is
  'A regular expression (~*) for what speaks of a person: the CPF or CNPJ, whatever stands between its groups, and the names, with or without accents, words apart by anything.';

create function blindagem_private.names_of(document text, condominium_ids bigint[]) returns text[]
  language sql stable
  as $$
    select coalesce(array_agg(distinct n.name), '{}')
    from (
      select e.payee_name as name from blindagem.expenses e
      where e.condominium_id = any (condominium_ids) and names_of.document in (e.payee_document, e.payee_pix_key)
      union all
      select b.counterparty_name from blindagem.bank_transactions b
      where b.condominium_id = any (condominium_ids) and b.counterparty_document = names_of.document
      union all
      select p.payee_name from blindagem.returned_payments p
      where p.condominium_id = any (condominium_ids) and p.payee_document = names_of.document) as n
    -- A word alone is in too many descriptions.
    where length(n.name) >= 8 and strpos(btrim(n.name), ' ') > 0
  $$;
comment on function blindagem_private.names_of is 'Under which names the payee with that document is known there.';

create or replace function blindagem_private.erase_rows(targets jsonb, documents text[]) returns jsonb
  language plpgsql
  as $$
    declare
      counts jsonb := '{}';
      changed int;
      target record;
    begin
      for target in
        select t."table" as name, t.field, array_agg(t.id) as ids
        from jsonb_to_recordset(targets) as t ("table" text, id text, field text)
        group by t."table", t.field order by t."table", t.field
      loop
        case target.name
          when 'expenses' then
            update blindagem.expenses e set
              payee_kind = case when e.payee_kind = 'CPF' and target.field is null then 'NONE' else e.payee_kind end,
              payee_document = case when e.payee_kind <> 'CPF' or target.field is not null then e.payee_document end,
              payee_name = case when target.field is not null then e.payee_name when e.payee_name is not null then '[apagado]' end,
              payee_pix_key = case when target.field is not null then e.payee_pix_key end,
              description = null
            where e.condominium_id || '/' || e.id = any (target.ids)
              and e.condominium_id = any (array(select split_part(i, '/', 1)::bigint from unnest(target.ids) as i))
              and e.id = any (array(select split_part(i, '/', 2)::bigint from unnest(target.ids) as i));
          when 'payables' then
            update blindagem.payables p set
              payee_document = case when length(p.payee_document) <> 11 then p.payee_document end,
              payee_name = case when p.payee_name is not null then '[apagado]' end
            where p.condominium_id || '/' || p.id = any (target.ids)
              and p.condominium_id = any (array(select split_part(i, '/', 1)::bigint from unnest(target.ids) as i))
              and p.id = any (array(select split_part(i, '/', 2)::bigint from unnest(target.ids) as i));
          when 'reviews' then
            update blindagem.reviews r set resolution_reason = case when r.resolution_reason is not null then '[apagado]' end
            where r.condominium_id || '/' || r.id = any (target.ids)
              and r.id = any (array(select split_part(i, '/', 2)::bigint from unnest(target.ids) as i));
          when 'match_decisions' then
            update blindagem.match_decisions m set reason = '[apagado]'
            where m.condominium_id || '/' || m.id = any (target.ids)
              and m.id = any (array(select split_part(i, '/', 2)::bigint from unnest(target.ids) as i));
          when 'expense_documents' then
            update blindagem.expense_documents d set file_name = case when d.sha256 is null then '[apagado]' end
            where d.condominium_id || '/' || d.expense_id || '/' || d.position = any (target.ids)
              and d.expense_id = any (array(select split_part(i, '/', 2)::bigint from unnest(target.ids) as i));
          when 'document_uploads' then
            update blindagem.document_uploads u set file_name = '[apagado] ' || u.id where u.id = any (target.ids::bigint[]);
          when 'expense_batches' then
            -- Which rows were refused stays, and why; a message may repeat what the row said.
            update blindagem.expense_batches b set refused_rows = (
              select jsonb_agg(jsonb_build_object('index', r->'index', 'field', r->'field', 'code', r->'code', 'message', '[apagado]'))
              from jsonb_array_elements(b.refused_rows) as r)
            where b.id = any (target.ids::bigint[]);
          when 'auditor_accesses' then
            update blindagem.auditor_accesses a set
              ip = case when target.field is null then a.ip end,
              variables = case when target.field is null then '{}' else a.variables end
            where a.id = any (target.ids::bigint[]);
          when 'payee_accounts' then
            delete from blindagem.payee_accounts a where a.id = any (target.ids::bigint[]);
          when 'bank_transactions' then
            update blindagem.bank_transactions b set description = '[apagado]',
              counterparty_document = case when length(b.counterparty_document) <> 11 then b.counterparty_document end,
              counterparty_name = case when b.counterparty_name is not null then '[apagado]' end
            where b.id = any (target.ids::bigint[]);
          when 'returned_payments' then
            update blindagem.returned_payments p set
              payee_document = case when length(p.payee_document) <> 11 then p.payee_document end,
              payee_name = case when p.payee_name is not null then '[apagado]' end
            where p.id = any (target.ids::bigint[]);
          when 'statement_doubts' then
            update blindagem.statement_doubts d set entry = '{}' where d.id = any (target.ids::bigint[]);
          when 'decisions' then
            update blindagem.decisions d set facts = '{"erased":true}'
            where d.condominium_id || '/' || d.id = any (target.ids)
              and d.condominium_id = any (array(select split_part(i, '/', 1)::bigint from unnest(target.ids) as i))
              and d.id = any (array(select split_part(i, '/', 2)::bigint from unnest(target.ids) as i));
          when 'people' then
            update blindagem.people p set subject = '[apagado] ' || p.id, name = '[apagado]', email = null
            where p.id = any (target.ids::bigint[]);
          when 'companies' then
            -- As old as can be: whoever is paid next under that number is looked up anew.
            update blindagem.companies c set name = '[apagado]', fetched_at = 'epoch' where c.cnpj::text = any (target.ids);
          when 'company_mirror' then
            update blindagem_private.company_mirror m set name = null where m.cnpj = any (target.ids);
          when 'company_answers' then
            -- A partner is told by the place in the answer, so that the list holds no name; '*' is the whole answer.
            update blindagem_private.company_answers a
            set raw = case when a.id || '/*' = any (target.ids) then '{"apagado": true}'
              else jsonb_set(a.raw, '{socios}', (
                select coalesce(jsonb_agg(case when a.id || '/' || (s.place - 1) = any (target.ids)
                  then '{"apagado": true}'::jsonb else s.socio end order by s.place), '[]')
                from jsonb_array_elements(a.raw->'socios') with ordinality as s (socio, place))) end
            where a.id = any (array(select split_part(i, '/', 1)::bigint from unnest(target.ids) as i))
              and (a.id || '/*' = any (target.ids) or jsonb_typeof(a.raw->'socios') = 'array');
          else
            raise exception using errcode = 'BLD04', message = 'Uma lista de apagamentos não tem a tabela ' || quote_ident(target.name) || '.';
        end case;
        get diagnostics changed = row_count;
        counts := counts || jsonb_build_object(target.name, coalesce((counts->>target.name)::int, 0) + changed);
      end loop;
      -- Of a reading a decision needs the fields; a payment's code (Pix) has the name and the key of who is paid.
      update blindagem.document_readings r
      set reading = jsonb_set(r.reading, '{fields,identifiers}', '[]')
      where r.sha256::text = any (erase_rows.documents) and jsonb_typeof(r.reading#>'{fields,identifiers}') = 'array';
      get diagnostics changed = row_count;
      delete from blindagem.document_identifiers i where i.sha256::text = any (erase_rows.documents);
      return counts || jsonb_build_object('document_readings', changed);
    end
  $$;

drop function blindagem_private.payee_rows;
create function blindagem_private.payee_rows(document text, pattern text, condominium_ids bigint[], organization bigint) returns jsonb
  language plpgsql stable
  as $$
    begin
      return (
    with expense as (
      select e.condominium_id, e.id from blindagem.expenses e
      where e.condominium_id = any (condominium_ids) and document in (e.payee_document, e.payee_pix_key)
        and (e.status in ('REJECTED', 'CANCELLED') or e.status = 'APPROVED' and e.payment_status in ('PAID', 'REFUNDED'))
    ), mei as (
      select c.cnpj::text as cnpj from blindagem.companies c where c.mei and (c.cnpj = document or c.name ~* pattern)
      union
      select m.cnpj from blindagem_private.company_mirror m where m.mei and m.cnpj = document
    ), access as (
      select a.id, a.request_id, a.variables from blindagem.auditor_accesses a
      where a.organization_id = organization or a.condominium_id = any (condominium_ids)
    ), pool as (
      -- What came into an account of the administradora that serves many belongs to no condominium.
      select a.id from blindagem.bank_accounts a where a.organization_id = organization
    ), found as (
      select 'expenses' as "table", e.condominium_id || '/' || e.id as id, null as field from expense e
      union all
      -- Of an expense of somebody else, what it says of this person.
      select 'expenses', e.condominium_id || '/' || e.id, 'description' from blindagem.expenses e
      where e.condominium_id = any (condominium_ids) and e.description ~* pattern
        and not coalesce(document in (e.payee_document, e.payee_pix_key), false)
      union all
      select 'payables', p.condominium_id || '/' || p.id, null from blindagem.payables p
      join expense e on e.condominium_id = p.condominium_id and e.id = p.expense_id
      where p.payee_document = document or p.payee_name ~* pattern
      union all
      select 'expense_documents', d.condominium_id || '/' || d.expense_id || '/' || d.position, null from blindagem.expense_documents d
      left join expense e on e.condominium_id = d.condominium_id and e.id = d.expense_id
      where d.condominium_id = any (condominium_ids) and d.file_name is not null
        -- By its name a document is still to come.
        and (e.id is not null or d.file_name ~* pattern and d.sha256 is not null)
      union all
      select 'document_uploads', u.id::text, null from blindagem.document_uploads u
      where u.organization_id = organization
        and (u.file_name ~* pattern or u.sha256 in (
          select d.sha256 from blindagem.expense_documents d
          join expense e on e.condominium_id = d.condominium_id and e.id = d.expense_id))
      union all
      select 'expense_batches', b.id::text, null from blindagem.expense_batches b
      where b.organization_id = organization and b.refused_rows <> '[]' and b.refused_rows::text ~* pattern
      union all
      select 'auditor_accesses', a.id::text, null from access a where a.variables::text ~* pattern
      union all
      -- The row in which alone the values stand that an auditor of several administradoras asked with.
      select 'auditor_accesses', a.id::text, null from blindagem.auditor_accesses a
      where a.grant_id is null and a.variables::text ~* pattern and a.request_id in (select k.request_id from access k)
      union all
      select 'reviews', r.condominium_id || '/' || r.id, null from blindagem.reviews r
      left join expense e on e.condominium_id = r.condominium_id and e.id = r.expense_id
      where r.condominium_id = any (condominium_ids) and r.resolution_reason is not null
        and (e.id is not null or r.resolution_reason ~* pattern)
      union all
      select 'match_decisions', m.condominium_id || '/' || m.id, null from blindagem.match_decisions m
      left join blindagem.payables p on p.condominium_id = m.condominium_id and p.id = m.payable_id
      left join expense e on e.condominium_id = p.condominium_id and e.id = p.expense_id
      where m.condominium_id = any (condominium_ids) and (e.id is not null or m.reason ~* pattern)
      union all
      select 'decisions', d.condominium_id || '/' || d.id, null from blindagem.decisions d
      join expense e on e.condominium_id = d.condominium_id and e.id = d.expense_id
      union all
      select 'payee_accounts', a.id::text, null from blindagem.payee_accounts a
      where a.condominium_id = any (condominium_ids) and document in (a.payee_document, a.pix_key)
      union all
      select 'bank_transactions', b.id::text, null from blindagem.bank_transactions b
      where (b.condominium_id = any (condominium_ids) or b.condominium_id is null and b.account_id in (select id from pool))
        and (b.counterparty_document = document or b.counterparty_name ~* pattern or b.description ~* pattern)
      union all
      select 'returned_payments', p.id::text, null from blindagem.returned_payments p
      where (p.condominium_id = any (condominium_ids) or p.condominium_id is null and p.account_id in (select id from pool)) and (p.payee_document = document or p.payee_name ~* pattern)
      union all
      select 'statement_doubts', d.id::text, null from blindagem.statement_doubts d
      where (d.condominium_id = any (condominium_ids) or d.condominium_id is null and d.account_id in (select id from pool)) and d.outcome is not null and d.entry::text ~* pattern
      union all
      select 'companies', c.cnpj::text, null from blindagem.companies c join mei m on m.cnpj = c.cnpj where c.name is not null
      union all
      select 'company_mirror', c.cnpj, null from blindagem_private.company_mirror c join mei m on m.cnpj = c.cnpj where c.name is not null
      union all
      select 'company_answers', a.id || '/*', null
      from blindagem_private.company_answers a join mei m on m.cnpj = a.cnpj where a.raw is not null
      union all
      select 'company_answers', a.id || '/' || (s.place - 1), null
      from blindagem_private.company_answers a
      cross join lateral jsonb_array_elements(case jsonb_typeof(a.raw->'socios') when 'array' then a.raw->'socios' else '[]' end)
        with ordinality as s (socio, place)
      where not exists (select from mei m where m.cnpj = a.cnpj) and (a.cnpj = document or length(document) = 11
        and s.socio->>'cpf_cnpj_socio' = '***' || substr(document, 4, 6) || '**' and s.socio->>'nome' ~* pattern)
    )
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('table', f."table", 'id', f.id, 'field', f.field))), '[]') from found f);
    end
  $$;
comment on function blindagem_private.payee_rows is
  'The rows of those condominiums and of the administradora that say something of the payee with that document: of expenses that are settled, movements and texts by document and name, Pix keys, names of files, refused rows, what auditors searched for, an MEI''s registry data, and partners in registry answers (whose CPF is masked there: by its six digits and the name). `field` names the one field where the row is somebody else''s.';

drop function blindagem_private.erasable_documents;
create function blindagem_private.erasable_documents(targets jsonb, pattern text, organization bigint) returns table (sha256 text, until date)
  language sql stable
  as $$
    with expense as (
      select split_part(t.id, '/', 1)::bigint as condominium_id, split_part(t.id, '/', 2)::bigint as id
      from jsonb_to_recordset(targets) as t ("table" text, id text, field text) where t."table" = 'expenses' and t.field is null
    )
    select d.sha256::text, max(make_date(extract(year from coalesce(e.issue_date, e.competence))::int + 6, 1, 1))
    from expense x
    join blindagem.expense_documents d on d.condominium_id = x.condominium_id and d.expense_id = x.id
    join blindagem.expenses e on e.condominium_id = x.condominium_id and e.id = x.id
    where d.sha256 is not null and not exists (
      select from blindagem.expense_documents other
      where other.sha256 = d.sha256 and not exists (
        select from expense y where y.condominium_id = other.condominium_id and y.id = other.expense_id))
    group by d.sha256
    union all
    -- What belongs to no expense is no book's document.
    select u.sha256::text, blindagem_private.today()
    from blindagem.document_uploads u
    where u.organization_id = organization
      and (u.file_name ~* pattern or exists (
        select from blindagem.document_identifiers i where i.sha256 = u.sha256 and i.value ~* pattern))
      and not exists (select from blindagem.expense_documents d where d.sha256 = u.sha256)
      and not exists (select from blindagem.document_uploads other where other.sha256 = u.sha256 and other.organization_id <> organization)
    group by u.sha256
  $$;
comment on function blindagem_private.erasable_documents is
  'Documents that belong to these expenses alone, and the day until which they are to be kept: five whole years after that of their issue (CTN, arts. 173, I, and 195); and those about the person that belong to no expense.';

create or replace function blindagem.erase_personal_data(reason text, document text default null, person_id bigint default null)
  returns blindagem.erasures
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      organization bigint := blindagem_private.current_organization_id();
      -- A command acts for an administradora without a person: it sees what the administradora manages today.
      condominiums bigint[] := blindagem_private.visible_condominium_ids();
      pattern text;
      targets jsonb;
      records bigint[];
      documents text[] := '{}';
      read_documents text[] := '{}';
      kept jsonb := '[]';
      count_kept int;
      kept_until date;
    begin
      perform blindagem_private.require_role('admin');
      perform blindagem_private.require_reason(reason);
      if num_nonnulls(document, person_id) <> 1 then
        perform blindagem_private.fail('BLD04', 'Diga quem: o documento do favorecido (CPF, ou CNPJ de um MEI), ou o número da pessoa que usou a plataforma.');
      end if;
      if document is not null and not (blindagem_private.is_cpf(document) or blindagem_private.is_cnpj(document)) then
        perform blindagem_private.fail('BLD04', 'O documento é um CPF ou CNPJ, só com seus dígitos e letras.');
      end if;

      if person_id is not null then
        if not exists (select from blindagem.members m where m.person_id = erase_personal_data.person_id and m.organization_id = organization)
          and not exists (select from blindagem.grants g where g.person_id = erase_personal_data.person_id
            and (g.organization_id = organization or g.condominium_id = any (condominiums))) then
          perform blindagem_private.fail('BLD03', 'A pessoa não existe ou não é desta administradora.');
        end if;
        if exists (select from blindagem.members m where m.person_id = erase_personal_data.person_id
              and (m.organization_id <> organization or m.valid_to is null or m.valid_to > blindagem_private.today()))
          or exists (select from blindagem.grants g where g.person_id = erase_personal_data.person_id
              and (g.valid_to is null or g.valid_to > blindagem_private.today()
                or coalesce(g.organization_id <> organization, not g.condominium_id = any (condominiums)))) then
          perform blindagem_private.fail('BLD06', 'A pessoa ainda tem acesso, ou é também de outra administradora: termine o acesso antes.');
        end if;
        select jsonb_build_object('table', 'people', 'id', erase_personal_data.person_id::text) || coalesce(jsonb_agg(
          jsonb_build_object('table', 'auditor_accesses', 'id', a.id::text, 'field', 'ip')), '[]') into targets
        from blindagem.auditor_accesses a where a.person_id = erase_personal_data.person_id and a.ip is not null;
        return blindagem_private.record_erasure(organization, reason, 'PERSON', targets,
          blindagem_audit.records_of(targets), '{}', '{}', '[]', person_id);
      end if;

      pattern := blindagem_private.person_pattern(document, blindagem_private.names_of(document, condominiums));
      if reason ~* pattern then
        perform blindagem_private.fail('BLD04', 'O motivo fica no registro de auditoria: escreva-o sem o nome nem o documento de quem se apaga.');
      end if;
      targets := blindagem_private.payee_rows(document, pattern, condominiums, organization);
      records := array(
        -- Of somebody else's row go the records alone that speak of this person.
        select unnest(blindagem_audit.records_of((
          select coalesce(jsonb_agg(t), '[]') from jsonb_array_elements(targets) as t where not t ? 'field')))
        union
        select r.id
        from jsonb_to_recordset(blindagem_audit.times_of(
          blindagem_audit.values_of(pattern, condominiums, organization))) as r (id bigint, "table" text, "row" text)
        -- An open expense is still to be paid to whom it names.
        where not exists (
          select from blindagem.expenses e
          where document in (e.payee_document, e.payee_pix_key) and e.condominium_id = any (condominiums)
            and not targets @> jsonb_build_array(jsonb_build_object('table', 'expenses', 'id', e.condominium_id || '/' || e.id))
            and (r."table" = 'expenses' and r."row" = e.condominium_id || '/' || e.id
              or r."table" = 'payables' and exists (select from blindagem.payables p
                where p.condominium_id || '/' || p.id = r."row" and p.expense_id = e.id))));
      select coalesce(array_agg(d.sha256) filter (where d.until <= blindagem_private.today()), '{}'),
        coalesce(array_agg(d.sha256), '{}'),
        count(*) filter (where d.until > blindagem_private.today()), max(d.until)
      into documents, read_documents, count_kept, kept_until
      from blindagem_private.erasable_documents(targets, pattern, organization) d;
      if count_kept > 0 then
        kept := kept || jsonb_build_object('what', 'documents', 'count', count_kept, 'until', kept_until,
          'why', 'Documentos fiscais guardam-se até cinco anos depois do ano da emissão (CTN, arts. 173, I, e 195, parágrafo único; LGPD, art. 16, I).');
      end if;
      select count(*) into count_kept from blindagem.expenses e
      where e.condominium_id = any (condominiums) and document in (e.payee_document, e.payee_pix_key)
        and not targets @> jsonb_build_array(jsonb_build_object('table', 'expenses', 'id', e.condominium_id || '/' || e.id));
      if count_kept > 0 then
        kept := kept || jsonb_build_object('what', 'expenses', 'count', count_kept,
          'why', 'Despesas ainda não decididas ou não pagas: apague de novo quando terminarem (LGPD, art. 16, I).');
      end if;
      select count(*) into count_kept from blindagem.statement_doubts d
      where d.condominium_id = any (condominiums) and d.outcome is null and d.entry::text ~* pattern;
      if count_kept > 0 then
        kept := kept || jsonb_build_object('what', 'statement_doubts', 'count', count_kept,
          'why', 'Movimentos de extrato que esperam por alguém: decida-os, e apague de novo.');
      end if;
      if jsonb_array_length(targets) = 0 and cardinality(records) = 0 and cardinality(read_documents) = 0 and kept = '[]' then
        perform blindagem_private.fail('BLD03', 'Nada se encontrou desta pessoa nos condomínios da administradora.');
      end if;
      return blindagem_private.record_erasure(organization, reason, 'PAYEE', targets, records, documents, read_documents, kept, null);
    end
  $$;

do $$
  begin
    execute replace(pg_get_functiondef('blindagem_private.replay_erasure'::regproc),
      $s$('decisions', 'company_answers')$s$, $s$('decisions', 'company_answers', 'companies', 'company_mirror')$s$);
  end
$$;

-- What is hashed cannot be erased: a reason is refused that says who by number.
create or replace function blindagem_private.require_reason(reason text) returns void
  language plpgsql
  as $$
    begin
      if reason is null or length(btrim(reason)) < 3 or length(reason) > 1000 then
        perform blindagem_private.fail('BLD08', 'Diga o motivo, em 3 a 1000 caracteres.');
      end if;
      if exists (
        select from regexp_matches(reason, '(?<![0-9])([0-9]{3})[.]?([0-9]{3})[.]?([0-9]{3})-?([0-9]{2})(?![0-9])', 'g') as m (groups)
        where blindagem_private.is_cpf(array_to_string(m.groups, ''))) then
        perform blindagem_private.fail('BLD04', 'O motivo fica para sempre no registro de auditoria: escreva-o sem CPF.');
      end if;
      perform set_config('blindagem.reason', btrim(reason), true);
    end
  $$;
comment on function blindagem_private.require_reason is
  'Refuses a change without reason (BLD08), or with one that has a CPF in it, and gives the reason to the audit log.';

revoke execute on function blindagem_private.person_pattern, blindagem_private.names_of, blindagem_private.payee_rows,
  blindagem_private.erasable_documents from public;
comment on column blindagem.erasures.targets is
  'The rows [{table, id, field}], id as the audit log has it, `field` the one field where the row is not about the person.';

reset role;
