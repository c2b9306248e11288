--! Previous: sha1:b7f584b1d0bcc86e2c493b23180c38dc08dff996
--! Hash: sha1:e26bbee3226bdcf3897aaeee4455eed202d71aba

-- Erasure (LGPD, art. 18): what the platform holds of a person goes, in the live rows, beside the log, in readings, documents
-- and registry answers; that it went, what and why stays, as an ERASURE record.

set local role :AUDIT_OWNER;

do $$
  begin
    execute replace(pg_get_functiondef('blindagem_audit.impersonal_columns'::regproc), $s$('expense_batches', 'idempotency_key'),$s$,
      $s$-- What was erased is told by numbers: never the value.
      ('erasures', 'reason subject counts kept targets documents'),
      ('expense_batches', 'idempotency_key'),$s$);
    -- Of a change that an erasure makes.
    execute replace(replace(pg_get_functiondef('blindagem_audit.capture_source'::regproc),
      $s$case when who.out_of_band then 'OUT_OF_BAND' else %8$s end$s$,
      $s$case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else %8$s end$s$),
      $s$shared text := blindagem_audit.context_entry$s$,
      $s$is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry$s$);
  end
$$;
select blindagem_audit.define_capture(c.oid::regclass)
from pg_class c
where c.relnamespace = 'blindagem'::regnamespace and c.relkind = 'r'
  and c.relname <> all (blindagem_audit.unaudited_tables());

create function blindagem_audit.values_of(needle text, condominium_ids bigint[], organization bigint) returns bigint[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select coalesce(array_agg(r.id), '{}')
    from blindagem_audit.personal_values v
    cross join lateral unnest(v.record_ids, v.personal) as p (id, personal)
    join blindagem_audit.audit_log_immutable r on r.id = p.id and r.recorded_at = v.recorded_at
    where strpos(p.personal, needle) > 0
      and (r.condominium_id = any (condominium_ids) or r.condominium_id is null and r.organization_id = organization)
  $$;
comment on function blindagem_audit.values_of is
  'The records of those condominiums, and of the administradora itself, whose values hold that text. All values are read for it: there is no index of people.';

create function blindagem_audit.records_of(targets jsonb) returns bigint[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select coalesce(array_agg(r.id), '{}')
    from jsonb_to_recordset(targets) as t ("table" text, id text)
    join blindagem_audit.audit_log_immutable r on r.entity_type = t."table" and r.entity_id = t.id
    where r.entry like '%{"commitment":"%'
  $$;
comment on function blindagem_audit.records_of is 'The records of rows [{table, id}] that commit to something.';

create function blindagem_audit.records_by(actor text) returns bigint[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select coalesce(array_agg(r.id), '{}')
    from blindagem_audit.audit_log_immutable r
    where r.actor_id = actor and r.entry like '%{"commitment":"%'
  $$;
comment on function blindagem_audit.records_by is 'The records of what that actor did: they commit to its address and program.';

create function blindagem_audit.times_of(record_ids bigint[]) returns jsonb
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select coalesce(jsonb_agg(jsonb_build_object('id', r.id::text, 'at', r.recorded_at, 'table', r.entity_type, 'row', r.entity_id)), '[]')
    from blindagem_audit.audit_log_immutable r where r.id = any (record_ids)
  $$;
comment on function blindagem_audit.times_of is
  'When records were written, and of which rows: by both a restored copy tells them from others that got their ids later.';

create function blindagem_audit.erase_values(erasure bigint, record_ids bigint[], actor text) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      proof blindagem_audit.audit_log_immutable;
      erased bigint[];
      acts bigint[] := case when actor is null then '{}' else blindagem_audit.records_by(actor) end;
    begin
      select r.* into proof from blindagem_audit.audit_log_immutable r
      where r.entity_type = 'erasures' and r.entity_id = erasure::text and r.action = 'ERASURE' order by r.id limit 1;
      if not found then
        raise exception using errcode = 'BLD06', message = 'Sem registro de apagamento nada se apaga.';
      end if;
      -- What the erasure itself changed must not say again what was there.
      select array_agg(i.id) into erased from (
        select unnest(record_ids) as id
        union
        select r.id from blindagem_audit.pending_records p
        cross join lateral unnest(p.record_ids) as own (id)
        join blindagem_audit.audit_log_immutable r on r.id = own.id and r.recorded_at = p.recorded_at
        where p.transaction_id = pg_current_xact_id_if_assigned() and r.action = 'ERASURE' and r.entity_type <> 'erasures') as i;
      update blindagem_audit.personal_values v
      set salts = array(select case when i.id = any (erased) then null else i.salt end
            from unnest(v.record_ids, v.salts) with ordinality as i (id, salt, place) order by i.place),
          personal = array(select case when i.id = any (erased) then null else i.personal end
            from unnest(v.record_ids, v.personal) with ordinality as i (id, personal, place) order by i.place)
      from (
        select distinct r.recorded_at, r.id / 256 as bucket from blindagem_audit.audit_log_immutable r where r.id = any (erased)) as place
      where v.recorded_at = place.recorded_at and v.bucket = place.bucket and v.record_ids && erased;
      update blindagem_audit.personal_values v set context_salt = null, context = null
      from (
        select distinct r.recorded_at, r.id / 256 as bucket from blindagem_audit.audit_log_immutable r where r.id = any (acts)) as place
      where v.recorded_at = place.recorded_at and v.bucket = place.bucket and v.record_ids && acts;
      insert into blindagem_audit.erased_values (record_id, erasure_id, erased_at)
      select distinct i.id, proof.id, proof.recorded_at
      from unnest(erased || acts) as i (id)
      join blindagem_audit.audit_log_immutable r on r.id = i.id
      where r.entry like '%{"commitment":"%'
      on conflict do nothing;
      return cardinality(erased || acts);
    end
  $$;
comment on function blindagem_audit.erase_values is
  'Removes the values and salts of records, of what the running erasure changed, and the addresses of an actor. It asks for the record of the erasure, and leaves word of it for each.';

revoke execute on function blindagem_audit.values_of, blindagem_audit.records_of, blindagem_audit.records_by,
  blindagem_audit.times_of, blindagem_audit.erase_values from public;
grant execute on function blindagem_audit.values_of, blindagem_audit.records_of, blindagem_audit.times_of,
  blindagem_audit.erase_values to :OWNER;
grant execute on function blindagem_audit.times_of to :SEALER;

reset role;
set local role :OWNER;

create table blindagem.erasures (
  id bigint generated always as identity primary key,
  organization_id bigint not null references blindagem.organizations,
  requested_by bigint references blindagem.people,
  requested_at timestamptz not null default clock_timestamp(),
  reason text not null check (length(btrim(reason)) >= 3),
  subject text not null check (subject in ('PAYEE', 'PERSON')),
  counts jsonb not null,
  kept jsonb not null,
  targets jsonb not null,
  record_ids bigint[] not null,
  documents text[] not null,
  person_id bigint references blindagem.people
);
comment on table blindagem.erasures is
  E'@behavior -totalCount\nErasures of personal data (LGPD): who asked for what, and what is gone; never the values.';
comment on column blindagem.erasures.subject is 'Someone who was paid (PAYEE), or who used the platform (PERSON).';
comment on column blindagem.erasures.counts is 'How many rows of each table lost their values, and how many documents their bytes.';
comment on column blindagem.erasures.kept is 'What stays and why: [{what, count, why, until}].';
comment on column blindagem.erasures.targets is 'The rows [{table, id}], id as the audit log has it.';
comment on column blindagem.erasures.record_ids is 'The records of the audit log whose values are gone, beside those of this erasure.';
comment on column blindagem.erasures.documents is 'SHA-256 of the documents whose bytes are removed.';
create index erasures_organization on blindagem.erasures (organization_id, id);
create index erasures_person on blindagem.erasures (person_id);
create index erasures_requested_by on blindagem.erasures (requested_by);
alter table blindagem.erasures enable row level security;
create policy scope on blindagem.erasures for select to :ADMIN, :AUDITOR
  using (organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[]));
grant select on blindagem.erasures to :ADMIN, :AUDITOR;
create trigger guard_change before update or delete on blindagem.erasures
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem.erasures
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem.erasures enable always trigger guard_change;
alter table blindagem.erasures enable always trigger guard_truncate;

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture('blindagem.erasures');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.erasures');

alter table blindagem.documents add column erased_at timestamptz;
comment on column blindagem.documents.erased_at is
  'When its bytes were erased (LGPD); whoever hands the same bytes in again stores them again.';

-- Decisions never change, but for the facts of one whose payee is erased.
drop trigger keep_values on blindagem.decisions;
create trigger keep_values before update on blindagem.decisions for each statement
  when (current_setting('blindagem.erasing', true) is distinct from 'on')
  execute function blindagem_private.refuse_update();
alter table blindagem.decisions enable always trigger keep_values;

alter table blindagem.decisions drop constraint decisions_facts_hashed;
alter table blindagem.decisions add constraint decisions_facts_hashed
  check (facts = '{"erased":true}' or (encode(sha256(convert_to(facts, 'UTF8'::name)), 'hex'::text) = (facts_hash)::text)) not valid;

insert into blindagem_private.tasks (name, lane, max_attempts) values ('erase_documents', 'QUICK', 25);

create function blindagem_private.erase_rows(targets jsonb, documents text[]) returns jsonb
  language plpgsql
  as $$
    declare
      counts jsonb := '{}';
      changed int;
      target record;
    begin
      for target in
        select t."table" as name, array_agg(t.id) as ids
        from jsonb_to_recordset(targets) as t ("table" text, id text) group by t."table" order by t."table"
      loop
        case target.name
          when 'expenses' then
            update blindagem.expenses e set
              payee_kind = case e.payee_kind when 'CPF' then 'NONE' else e.payee_kind end,
              payee_document = case when e.payee_kind <> 'CPF' then e.payee_document end,
              payee_name = case when e.payee_name is not null then '[apagado]' end,
              payee_pix_key = null, description = null
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
          when 'company_answers' then
            -- A partner is told by the place in the answer, so that the list holds no name.
            update blindagem_private.company_answers a
            set raw = jsonb_set(a.raw, '{socios}', (
              select coalesce(jsonb_agg(case when a.id || '/' || (s.place - 1) = any (target.ids)
                then '{"apagado": true}'::jsonb else s.socio end order by s.place), '[]')
              from jsonb_array_elements(a.raw->'socios') with ordinality as s (socio, place)))
            where a.id = any (array(select split_part(i, '/', 1)::bigint from unnest(target.ids) as i))
              and jsonb_typeof(a.raw->'socios') = 'array';
          else
            raise exception using errcode = 'BLD04', message = 'Uma lista de apagamentos não tem a tabela ' || quote_ident(target.name) || '.';
        end case;
        get diagnostics changed = row_count;
        counts := counts || jsonb_build_object(target.name, changed);
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
comment on function blindagem_private.erase_rows is
  'Takes what says something of a person out of these rows and these documents'' readings: nothing where that may be, else a mark. The number of rows per table.';

create function blindagem_private.payee_rows(document text, condominium_ids bigint[], organization bigint) returns jsonb
  language plpgsql stable
  as $$
    begin
      return (
    with expense as (
      select e.condominium_id, e.id from blindagem.expenses e
      where e.condominium_id = any (condominium_ids) and e.payee_document = document
        and (e.status in ('REJECTED', 'CANCELLED') or e.status = 'APPROVED' and e.payment_status in ('PAID', 'REFUNDED'))
    ), name as (
      select distinct upper(e.payee_name) as text from blindagem.expenses e
      where e.condominium_id = any (condominium_ids) and e.payee_document = document
        -- A word alone is in too many descriptions.
        and length(e.payee_name) >= 8 and strpos(e.payee_name, ' ') > 0
    ), found as (
      select 'expenses' as "table", e.condominium_id || '/' || e.id as id from expense e
      union all
      select 'payables', p.condominium_id || '/' || p.id from blindagem.payables p
      join expense e on e.condominium_id = p.condominium_id and e.id = p.expense_id
      where p.payee_document = document or upper(p.payee_name) in (select n.text from name n)
      union all
      select 'expense_documents', d.condominium_id || '/' || d.expense_id || '/' || d.position from blindagem.expense_documents d
      join expense e on e.condominium_id = d.condominium_id and e.id = d.expense_id where d.file_name is not null
      union all
      select 'reviews', r.condominium_id || '/' || r.id from blindagem.reviews r
      join expense e on e.condominium_id = r.condominium_id and e.id = r.expense_id where r.resolution_reason is not null
      union all
      select 'match_decisions', m.condominium_id || '/' || m.id from blindagem.match_decisions m
      join blindagem.payables p on p.condominium_id = m.condominium_id and p.id = m.payable_id
      join expense e on e.condominium_id = p.condominium_id and e.id = p.expense_id
      union all
      select 'decisions', d.condominium_id || '/' || d.id from blindagem.decisions d
      join expense e on e.condominium_id = d.condominium_id and e.id = d.expense_id
      union all
      select 'payee_accounts', a.id::text from blindagem.payee_accounts a
      where a.condominium_id = any (condominium_ids) and a.payee_document = document
      union all
      select 'bank_transactions', b.id::text from blindagem.bank_transactions b
      where b.condominium_id = any (condominium_ids)
        and (b.counterparty_document = document or exists (
          select from name n where upper(b.counterparty_name) = n.text or strpos(upper(b.description), n.text) > 0))
      union all
      select 'returned_payments', p.id::text from blindagem.returned_payments p
      where p.condominium_id = any (condominium_ids) and p.payee_document = document
      union all
      select 'statement_doubts', d.id::text from blindagem.statement_doubts d
      where d.condominium_id = any (condominium_ids) and d.outcome is not null and strpos(d.entry::text, document) > 0
      union all
      select 'company_answers', a.id || '/' || (s.place - 1)
      from blindagem_private.company_answers a
      cross join lateral jsonb_array_elements(case jsonb_typeof(a.raw->'socios') when 'array' then a.raw->'socios' else '[]' end)
        with ordinality as s (socio, place)
      where a.cnpj = document or length(document) = 11
        and s.socio->>'cpf_cnpj_socio' = '***' || substr(document, 4, 6) || '**'
        and exists (select from name n where n.text = upper(s.socio->>'nome'))
    )
    select coalesce(jsonb_agg(jsonb_build_object('table', f."table", 'id', f.id)), '[]') from found f);
    end
  $$;
comment on function blindagem_private.payee_rows is
  'The rows of those condominiums that say something of the payee with that document: of expenses that are settled, movements by document and name, Pix keys, and partners in registry answers (whose CPF is masked there: by its six digits and the name).';

create function blindagem_private.erasable_documents(targets jsonb) returns table (sha256 text, until date)
  language sql stable
  as $$
    with expense as (
      select split_part(t.id, '/', 1)::bigint as condominium_id, split_part(t.id, '/', 2)::bigint as id
      from jsonb_to_recordset(targets) as t ("table" text, id text) where t."table" = 'expenses'
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
  $$;
comment on function blindagem_private.erasable_documents is
  'Documents that belong to these expenses alone, and the day until which they are to be kept: five whole years after that of their issue (CTN, arts. 173, I, and 195).';

create function blindagem_private.record_erasure(
  organization bigint, reason text, subject text, targets jsonb, record_ids bigint[], documents text[], read_documents text[],
  kept jsonb, person bigint) returns blindagem.erasures
  language plpgsql
  as $$
    declare
      stored blindagem.erasures;
      counts jsonb;
    begin
      perform set_config('blindagem.erasing', 'on', true);
      counts := blindagem_private.erase_rows(targets, read_documents) || jsonb_build_object('documents', cardinality(documents));
      insert into blindagem.erasures (organization_id, requested_by, reason, subject, counts, kept, targets, record_ids, documents, person_id)
      values (organization, blindagem_private.current_person_id(), record_erasure.reason, record_erasure.subject, counts,
        record_erasure.kept, record_erasure.targets, record_erasure.record_ids, record_erasure.documents, person)
      returning * into stored;
      perform set_config('blindagem.erasing', '', true);
      perform blindagem_audit.erase_values(stored.id, stored.record_ids, 'person:' || person);
      if cardinality(stored.documents) > 0 then
        update blindagem.documents d set erased_at = stored.requested_at where d.sha256::text = any (stored.documents);
        perform blindagem_private.enqueue_jobs(jsonb_build_array(jsonb_build_object('task', 'erase_documents',
          'organizationId', organization, 'payload', jsonb_build_object('sha256s', to_jsonb(stored.documents)))));
      end if;
      return stored;
    end
  $$;
comment on function blindagem_private.record_erasure is
  'Erases these rows, documents and values of records, and leaves the ERASURE record.';

create function blindagem.erase_personal_data(reason text, document text default null, person_id bigint default null)
  returns blindagem.erasures
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      organization bigint := blindagem_private.current_organization_id();
      -- A command acts for an administradora without a person: it sees what the administradora manages today.
      condominiums bigint[] := blindagem_private.visible_condominium_ids();
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
        targets := jsonb_build_array(jsonb_build_object('table', 'people', 'id', person_id::text));
        return blindagem_private.record_erasure(organization, reason, 'PERSON', targets,
          blindagem_audit.records_of(targets), '{}', '{}', '[]', person_id);
      end if;

      targets := blindagem_private.payee_rows(document, condominiums, organization);
      records := array(
        select unnest(blindagem_audit.records_of(targets))
        union
        select r.id
        from jsonb_to_recordset(blindagem_audit.times_of(
          blindagem_audit.values_of('"' || document || '"', condominiums, organization))) as r (id bigint, "table" text, "row" text)
        -- An open expense is still to be paid to whom it names.
        where not exists (
          select from blindagem.expenses e
          where e.payee_document = document and e.condominium_id = any (condominiums)
            and not targets @> jsonb_build_array(jsonb_build_object('table', 'expenses', 'id', e.condominium_id || '/' || e.id))
            and (r."table" = 'expenses' and r."row" = e.condominium_id || '/' || e.id
              or r."table" = 'payables' and exists (select from blindagem.payables p
                where p.condominium_id || '/' || p.id = r."row" and p.expense_id = e.id))));
      select coalesce(array_agg(d.sha256) filter (where d.until <= blindagem_private.today()), '{}'),
        coalesce(array_agg(d.sha256), '{}'),
        count(*) filter (where d.until > blindagem_private.today()), max(d.until)
      into documents, read_documents, count_kept, kept_until
      from blindagem_private.erasable_documents(targets) d;
      if count_kept > 0 then
        kept := kept || jsonb_build_object('what', 'documents', 'count', count_kept, 'until', kept_until,
          'why', 'Documentos fiscais guardam-se até cinco anos depois do ano da emissão (CTN, arts. 173, I, e 195, parágrafo único; LGPD, art. 16, I).');
      end if;
      select count(*) into count_kept from blindagem.expenses e
      where e.condominium_id = any (condominiums) and e.payee_document = document
        and not targets @> jsonb_build_array(jsonb_build_object('table', 'expenses', 'id', e.condominium_id || '/' || e.id));
      if count_kept > 0 then
        kept := kept || jsonb_build_object('what', 'expenses', 'count', count_kept,
          'why', 'Despesas ainda não decididas ou não pagas: apague de novo quando terminarem (LGPD, art. 16, I).');
      end if;
      if jsonb_array_length(targets) = 0 and cardinality(records) = 0 and kept = '[]' then
        perform blindagem_private.fail('BLD03', 'Nada se encontrou desta pessoa nos condomínios da administradora.');
      end if;
      return blindagem_private.record_erasure(organization, reason, 'PAYEE', targets, records, documents, read_documents, kept, null);
    end
  $$;
comment on function blindagem.erase_personal_data is
  'Erases what the administradora holds of a person: of a payee by CPF (or the CNPJ of an MEI), of somebody who used the platform by id. What stays, and why, is in `kept`.';

create function blindagem_private.replay_erasure(told jsonb) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      organization bigint := blindagem_private.current_organization_id();
      records bigint[];
      targets jsonb;
    begin
      perform blindagem_private.require_role('admin');
      if exists (select from blindagem.erasures e where e.organization_id = organization
          and (e.id = (told->>'id')::bigint and e.requested_at = (told->>'requestedAt')::timestamptz
            or e.reason like '%(' || (told->>'requestedAt') || ')')) then
        return false;
      end if;
      -- Ids that were given away anew since the copy was made are others' records.
      records := array(
        select (here->>'id')::bigint from jsonb_array_elements(told->'records') as r (was)
        join lateral jsonb_array_elements(blindagem_audit.times_of(array[(was->>'id')::bigint])) as h (here)
          on (here->>'at')::timestamptz = (was->>'at')::timestamptz);
      select coalesce(jsonb_agg(t), '[]') into targets
      from jsonb_array_elements(told->'targets') as t
      where t->>'table' in ('decisions', 'company_answers') or exists (
        select from jsonb_array_elements(blindagem_audit.times_of(records)) as r
        where r->>'table' = t->>'table' and r->>'row' = t->>'id');
      perform blindagem_private.record_erasure(organization,
        format('Repetição, depois de restaurada uma cópia, do apagamento %s (%s)', told->>'id', told->>'requestedAt'),
        told->>'subject', targets, records,
        array(select jsonb_array_elements_text(told->'documents')), array(select jsonb_array_elements_text(told->'documents')),
        told->'kept', (told->>'personId')::bigint);
      return true;
    end
  $$;
comment on function blindagem_private.replay_erasure is
  'Erases again what a restored copy still holds, by an entry of the list that is kept outside of the database. False when it is erased already.';

revoke execute on function blindagem_private.erase_rows, blindagem_private.payee_rows, blindagem_private.erasable_documents,
  blindagem_private.record_erasure, blindagem.erase_personal_data, blindagem_private.replay_erasure from public;
grant execute on function blindagem.erase_personal_data to :ADMIN, :REVIEWER, :SINDICO, :INTEGRATOR, :OPERATOR;
grant execute on function blindagem_private.replay_erasure to :ADMIN;

reset role;
