--! Previous: sha1:bf0e4712ab5284db6da66779edfe6e25ea60343e
--! Hash: sha1:039d5500c05e0ae6f68a7074546aba8ca5f2e082

-- What a second look at the first version found.

set local role :OWNER;

-- NaN is a numeric, and no amount: an approval limit of NaN let no expense of its organization be decided.
alter domain blindagem.amount add constraint amount_is_a_number check (value <> 'NaN');

-- Hours and days. Beyond, dates ran out of what a timestamp can say, and expenses could never be decided.
alter table blindagem.settings add constraint settings_value_in_range check (value <= 999999);

-- Access ends at once, also on the day it began: whoever was added by mistake must not keep it until midnight.
alter table blindagem.members drop constraint members_check, add constraint members_dates check (valid_to >= valid_from);
alter table blindagem.grants drop constraint grants_check, add constraint grants_dates check (valid_to >= valid_from);

create or replace function blindagem.end_membership(member_id bigint, reason text) returns blindagem.members
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare ended blindagem.members;
    begin
      perform blindagem_private.require_role('admin');
      perform blindagem_private.require_reason(reason);
      update blindagem.members m set valid_to = blindagem_private.today()
      where m.id = member_id and m.organization_id = blindagem_private.current_organization_id()
        and m.valid_to is null and m.valid_from <= blindagem_private.today()
      returning * into ended;
      if not found then
        perform blindagem_private.fail('BLD03', 'O membro não existe ou já saiu.');
      end if;
      return ended;
    end
  $$;

create or replace function blindagem.end_grant(grant_id bigint, reason text) returns blindagem.grants
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare ended blindagem.grants;
    begin
      perform blindagem_private.require_role('admin');
      perform blindagem_private.require_reason(reason);
      update blindagem.grants g set valid_to = greatest(blindagem_private.today(), g.valid_from)
      where g.id = grant_id and (g.valid_to is null or g.valid_to > blindagem_private.today())
        and (g.organization_id = blindagem_private.current_organization_id()
          or g.condominium_id = any (blindagem_private.visible_condominium_ids()))
      returning * into ended;
      if not found then
        perform blindagem_private.fail('BLD03', 'A concessão não existe, já terminou ou não está ao seu alcance.');
      end if;
      return ended;
    end
  $$;

create function blindagem_private.trimmed(value text) returns text
  language sql immutable parallel safe
  as $$ select regexp_replace(value, '^[[:space:]\u00a0\u2000-\u200a\u202f\u205f\u3000\ufeff]+|[[:space:]\u00a0\u2000-\u200a\u202f\u205f\u3000\ufeff]+$', '', 'g') $$;
comment on function blindagem_private.trimmed is 'Without white space at its ends, as ECMAScript''s trim has it: so the rows of batches are read.';

create or replace function blindagem.grant_role(
  subject text, name text, email text, role text, condominium_id bigint default null, valid_to date default null)
  returns blindagem.grants
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare created blindagem.grants;
    begin
      perform blindagem_private.require_role('admin');
      if grant_role.role not in ('sindico', 'auditor') then
        perform blindagem_private.fail('BLD04', 'O papel concedido é sindico ou auditor.');
      end if;
      if grant_role.condominium_id is not null then
        perform blindagem_private.require_condominium(grant_role.condominium_id);
      elsif grant_role.role = 'sindico' then
        perform blindagem_private.fail('BLD04', 'Um síndico é de um condomínio: diga qual.');
      end if;
      if grant_role.valid_to <= blindagem_private.today() then
        perform blindagem_private.fail('BLD04', 'A concessão deve terminar depois de hoje.');
      end if;
      insert into blindagem.grants (person_id, role, organization_id, condominium_id, valid_to)
      values (
        blindagem_private.person_of(grant_role.subject, grant_role.name, grant_role.email), grant_role.role,
        case when grant_role.condominium_id is null then blindagem_private.current_organization_id() end,
        grant_role.condominium_id, grant_role.valid_to)
      returning * into created;
      return created;
    end
  $$;

create or replace function blindagem.import_condominiums(rows jsonb) returns setof blindagem.condominiums
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare item record;
    begin
      perform blindagem_private.require_role('admin');
      if rows is null or jsonb_typeof(rows) <> 'array' then
        perform blindagem_private.fail('BLD04', 'Os condomínios vêm numa lista de objetos.');
      end if;
      for item in
        select * from jsonb_to_recordset(rows)
          as r (name text, code text, cnpj text, city text, state text, "managedFrom" date)
      loop
        return next blindagem.create_condominium(item.name, item.code, item.cnpj, item.city, item.state, item."managedFrom");
      end loop;
    end
  $$;

create or replace function blindagem.create_condominium(
  name text, code text, cnpj text default null, city text default null, state text default null, managed_from date default null)
  returns blindagem.condominiums
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare created blindagem.condominiums;
    begin
      perform blindagem_private.require_role('admin');
      insert into blindagem.condominiums (name, cnpj, city, state)
      values (create_condominium.name, create_condominium.cnpj::blindagem.cnpj, create_condominium.city, create_condominium.state)
      returning * into created;
      insert into blindagem.managements (organization_id, condominium_id, code, valid_from)
      -- As the rows of batches are read: trimmed, and composed, or no row could name it.
      values (blindagem_private.current_organization_id(), created.id, normalize(blindagem_private.trimmed(create_condominium.code), NFC),
        coalesce(managed_from, blindagem_private.today()));
      return created;
    end
  $$;

create or replace function blindagem_private.register_document(sha256 text, format text, size int, file_name text) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare organization bigint := blindagem_private.current_organization_id();
    begin
      perform blindagem_private.require_role('admin', 'integrator');
      -- A batch that names the file is either stored already, or sees this upload: without the lock each missed the other.
      perform pg_advisory_xact_lock(hashtextextended('blindagem documents ' || organization, 0));
      insert into blindagem.documents (sha256, format, size)
      values (register_document.sha256, register_document.format, register_document.size)
      on conflict on constraint documents_pkey do nothing;
      insert into blindagem.document_uploads (organization_id, sha256, file_name, uploaded_by)
      values (organization, register_document.sha256, register_document.file_name, blindagem_private.current_person_id())
      on conflict on constraint document_uploads_pkey do nothing;
      update blindagem.expense_documents d set sha256 = register_document.sha256
      from blindagem.expenses e
      where d.sha256 is null and d.file_name = register_document.file_name
        and e.condominium_id = d.condominium_id and e.id = d.expense_id and e.organization_id = organization;
      perform blindagem_private.claim_and_enqueue(jsonb_build_array(jsonb_build_object(
        'task', 'ocr_triage', 'subject', register_document.sha256, 'organizationId', organization,
        'requestId', blindagem_private.setting('request_id'),
        'payload', jsonb_build_object('sha256', register_document.sha256))));
      return true;
    end
  $$;

create or replace function blindagem_private.store_expenses(batch_id bigint, rows jsonb) returns int
  language plpgsql volatile
  as $$
    declare
      batch blindagem.expense_batches;
      stored int;
    begin
      select * into strict batch from blindagem.expense_batches b where b.id = batch_id;
      perform pg_advisory_xact_lock_shared(hashtextextended('blindagem documents ' || batch.organization_id, 0));
      with submitted as materialized (
        select s.*, nextval('blindagem.expenses_id_seq') as expense_id
        from (select * from blindagem_private.submitted_rows(rows) order by index) as s
      ), known as materialized (
        select * from blindagem_private.condominiums_of(array(select distinct condominium from submitted))
      ), deadline as (
        select batch.submitted_at + coalesce((
          select s.value from blindagem.settings s
          where s.organization_id = batch.organization_id and s.name = 'fact_deadline_hours'), 72) * interval '1 hour' as at
      ), placed as materialized (
        select k.condominium_id, s.*, c.sensitivity
        from submitted s
        join known k on k.reference = s.condominium
        join blindagem.categories c on c.code = s.category
      ), expenses as (
        insert into blindagem.expenses (
          condominium_id, id, organization_id, batch_id, external_id, category, sensitivity, document_kind,
          document_number, issue_date, competence, gross_amount, payee_kind, payee_document, payee_name,
          payee_pix_key, due_date, instalment_number, instalment_total, description, submitted_by, submitted_at,
          fact_deadline)
        overriding system value
        select p.condominium_id, p.expense_id, batch.organization_id, batch.id, p.external_id, p.category, p.sensitivity,
          p.document_kind, p.document_number, p.issue_date, p.competence, p.gross_amount, p.payee_kind,
          p.payee_document, p.payee_name, p.payee_pix_key, p.due_date, p.instalment_number, p.instalment_total,
          p.description, batch.submitted_by, batch.submitted_at, d.at
        from placed p cross join deadline d
        returning id
      ), retentions as (
        insert into blindagem.retentions (condominium_id, expense_id, kind, amount)
        select p.condominium_id, p.expense_id, r.kind, r.amount
        from placed p cross join jsonb_to_recordset(p.retentions) as r (kind text, amount numeric)
      ), payables as (
        insert into blindagem.payables (condominium_id, expense_id, kind, retention, payee_document, payee_name, amount, due_date)
        select p.condominium_id, p.expense_id,
          case p.document_kind when 'CREDIT_NOTE' then 'CREDIT_NOTE' else 'SUPPLIER' end, null,
          p.payee_document, p.payee_name,
          case p.document_kind when 'CREDIT_NOTE' then -p.gross_amount else p.gross_amount - r.total end, p.due_date
        from placed p
        cross join lateral (
          select coalesce(sum(r.amount), 0) as total from jsonb_to_recordset(p.retentions) as r (amount numeric)) as r
        union all
        -- Federal retentions fall due on the 20th of the month after the note's; ISS as the municipality says, unknown here.
        select p.condominium_id, p.expense_id, 'RETENTION', r.kind, null,
          case r.kind when 'ISS' then 'Prefeitura' else 'Receita Federal' end, r.amount,
          case r.kind when 'ISS' then p.due_date
            else (date_trunc('month', coalesce(p.issue_date, p.due_date)) + interval '1 month 19 days')::date end
        from placed p cross join jsonb_to_recordset(p.retentions) as r (kind text, amount numeric)
      ), documents as (
        insert into blindagem.expense_documents (condominium_id, expense_id, position, sha256, file_name)
        select p.condominium_id, p.expense_id, d.position,
          coalesce(d.document->>'sha256', (
            select u.sha256 from blindagem.document_uploads u
            where u.organization_id = batch.organization_id and u.file_name = d.document->>'fileName'
            order by u.uploaded_at desc limit 1)),
          d.document->>'fileName'
        from placed p cross join jsonb_array_elements(p.documents) with ordinality as d (document, position)
      ), accounts as (
        insert into blindagem.payee_accounts as account (condominium_id, payee_document, pix_key, first_seen_on, last_seen_on)
        select distinct on (p.condominium_id, p.payee_document, p.payee_pix_key)
          p.condominium_id, p.payee_document, p.payee_pix_key, blindagem_private.today(), blindagem_private.today()
        from (select * from placed order by index) as p
        where p.payee_pix_key is not null and p.payee_document is not null
        on conflict (condominium_id, payee_document, pix_key) do update set last_seen_on = excluded.last_seen_on
      )
      select count(*) into stored from expenses;
      return stored;
    end
  $$;

create or replace function blindagem.submit_expense_batch(
  rows jsonb, content_hash text, idempotency_key text default null, accept_valid boolean default false,
  dry_run boolean default false, refused jsonb default '[]', parent_id bigint default null) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      organization bigint := blindagem_private.current_organization_id();
      person bigint := blindagem_private.current_person_id();
      previous blindagem.expense_batches;
      errors jsonb;
      accepted jsonb;
      new_batch bigint;
      stored int;
    begin
      perform blindagem_private.require_role('admin', 'integrator');
      if jsonb_typeof(rows) <> 'array' or jsonb_array_length(rows) > 10000 then
        perform blindagem_private.fail('BLD04', 'Um lote é uma lista de até 10.000 linhas.');
      end if;
      if parent_id is not null and not exists (
        select from blindagem.expense_batches b where b.id = submit_expense_batch.parent_id and b.organization_id = organization) then
        perform blindagem_private.fail('BLD03', 'O lote principal não existe ou não está ao seu alcance.');
      end if;

      if idempotency_key is not null and not dry_run then
        -- Two submissions at once with one key wait for each other; the second finds the first's batch.
        perform pg_advisory_xact_lock(hashtextextended(organization || ':' || idempotency_key, 0));
        select * into previous from blindagem.expense_batches b
        where b.organization_id = organization and b.idempotency_key = submit_expense_batch.idempotency_key;
        if found and previous.content_hash <> submit_expense_batch.content_hash then
          perform blindagem_private.fail('BLD05', format('A chave de idempotência já é do lote %s, com outro conteúdo.', previous.id));
        elsif found then
          return jsonb_build_object('batchId', previous.id::text, 'accepted', previous.row_count,
            'errors', previous.refused_rows, 'repeated', true);
        end if;
      end if;

      errors := refused || blindagem_private.row_errors(rows);
      if dry_run or (jsonb_array_length(errors) > 0 and not accept_valid) then
        return jsonb_build_object('batchId', null, 'accepted', 0, 'errors', errors, 'repeated', false);
      end if;
      -- Writing all the rows anew costs as much as storing a tenth of them, and nearly always none is refused.
      accepted := case when errors = '[]' then rows else (
        select coalesce(jsonb_agg(r), '[]') from jsonb_array_elements(rows) as r
        where not exists (select from jsonb_array_elements(errors) as e where e->'index' = r->'index')) end;

      -- A batch of nothing would keep the rows, once they are mended elsewhere, from ever being taken under their key.
      if jsonb_array_length(accepted) = 0 and jsonb_array_length(errors) > 0 then
        return jsonb_build_object('batchId', null, 'accepted', 0, 'errors', errors, 'repeated', false);
      end if;

      insert into blindagem.expense_batches
        (organization_id, parent_id, idempotency_key, content_hash, submitted_by, submitted_through, row_count, refused_rows)
      values (organization, submit_expense_batch.parent_id, submit_expense_batch.idempotency_key,
        submit_expense_batch.content_hash, person, blindagem_private.setting('api_key_id')::bigint,
        jsonb_array_length(accepted), errors)
      returning id into new_batch;
      stored := blindagem_private.store_expenses(new_batch, accepted);
      perform blindagem_private.enqueue_batch(new_batch);
      return jsonb_build_object('batchId', new_batch::text, 'accepted', stored, 'errors', errors, 'repeated', false);
    end
  $$;

create or replace function blindagem.resolve_review(review_id bigint, approve boolean, reason text) returns blindagem.reviews
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      person bigint := blindagem_private.current_person_id();
      review blindagem.reviews;
      expense blindagem.expenses;
    begin
      perform blindagem_private.require_role('admin', 'reviewer', 'sindico');
      perform blindagem_private.require_reason(reason);
      if approve is null then
        perform blindagem_private.fail('BLD04', 'Diga se aprova ou recusa (approve).');
      end if;
      select * into review from blindagem.reviews r
      where r.id = review_id and r.condominium_id = any (blindagem_private.visible_condominium_ids());
      if not found then
        perform blindagem_private.fail('BLD03', 'A revisão não existe ou não está ao seu alcance.');
      end if;
      -- The expense first and then its review, as a cancellation and a validation lock them.
      select * into expense from blindagem.expenses e
      where e.condominium_id = review.condominium_id and e.id = review.expense_id for update;
      select * into strict review from blindagem.reviews r
      where r.condominium_id = review.condominium_id and r.id = review_id for update;
      if review.outcome is not null then
        perform blindagem_private.fail('BLD06', 'A revisão já foi resolvida.');
      end if;
      if review.requires = 'CONDOMINIUM' and blindagem_private.current_role_name() <> 'sindico' then
        perform blindagem_private.fail('BLD02', 'Esta aprovação cabe ao síndico do condomínio.');
      end if;
      -- Had the síndico answered the administradora's question, nobody would be left for the condominium's approval.
      if blindagem_private.current_role_name() = 'sindico' and review.kind <> 'SECOND_APPROVAL' then
        perform blindagem_private.fail('BLD02', 'Esta revisão cabe à administradora.');
      end if;
      if expense.submitted_by = person then
        perform blindagem_private.fail('BLD07', 'Quem submeteu a despesa não pode decidir sobre ela.');
      end if;
      if review.kind = 'SECOND_APPROVAL' and exists (
        select from blindagem.reviews r
        where r.condominium_id = review.condominium_id and r.expense_id = review.expense_id
          and r.kind = 'EXPENSE' and r.outcome = 'APPROVED' and r.resolved_by = person) then
        perform blindagem_private.fail('BLD07', 'A segunda aprovação cabe a outra pessoa.');
      end if;

      update blindagem.reviews r
      set outcome = case when approve then 'APPROVED' else 'REJECTED' end,
        resolved_by = person, resolved_at = now(), resolution_reason = btrim(reason)
      where r.condominium_id = review.condominium_id and r.id = review.id
      returning * into review;
      if review.kind in ('EXPENSE', 'SECOND_APPROVAL')
        or (review.kind = 'LATE_FACT' and not approve
          and expense.status in ('MANUAL_REVIEW', 'AWAITING_SECOND_APPROVAL', 'APPROVED')) then
        perform blindagem_private.end_review_of_expense(review, expense, approve);
      elsif review.kind in ('PAYMENT', 'REFUND') then
        -- The matcher takes the answer as given, and builds on it.
        perform blindagem_private.claim_and_enqueue(jsonb_build_array(jsonb_build_object(
          'task', 'reconcile', 'subject', review.condominium_id::text,
          'organizationId', blindagem_private.current_organization_id(), 'condominiumId', review.condominium_id,
          'requestId', blindagem_private.setting('request_id'),
          'payload', jsonb_build_object('condominiumId', review.condominium_id::text))));
      end if;
      return review;
    end
  $$;

-- What an expense says is never changed, and of what becomes of it, each worker's task writes its own columns.
drop trigger expense_keys on blindagem.expenses;
create trigger expense_keys before update of condominium_id, id, organization_id, external_id, batch_id, submitted_by, category,
    document_kind, gross_amount
  on blindagem.expenses
  for each row when (
    (old.condominium_id, old.id, old.organization_id, old.external_id, old.batch_id, old.submitted_by, old.category,
      old.document_kind, old.gross_amount)
    is distinct from (new.condominium_id, new.id, new.organization_id, new.external_id, new.batch_id, new.submitted_by,
      new.category, new.document_kind, new.gross_amount))
  execute function blindagem_private.refuse_key_change();
revoke update on blindagem.expenses, blindagem.payables from :WORKER;
grant update (status, status_reasons, second_approval, facts_hash, decided_at, payment_status) on blindagem.expenses to :WORKER;
grant update (payment_status) on blindagem.payables to :WORKER;

-- The debit of a salary says as much as the salary, and so does the credit that gives it back.
create function blindagem_private.is_salary_movement(condominium_id bigint, transaction_id bigint) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select exists (
      select from (
        select is_salary_movement.transaction_id as id
        union all
        select r.debit_id from blindagem.refunds r
        where r.condominium_id = is_salary_movement.condominium_id and r.credit_id = is_salary_movement.transaction_id
      ) as debit
      join blindagem.payments p on p.condominium_id = is_salary_movement.condominium_id and p.transaction_id = debit.id
      join blindagem.payables y on y.condominium_id = p.condominium_id and y.id = p.payable_id
      join blindagem.expenses e on e.condominium_id = y.condominium_id and e.id = y.expense_id
      where e.sensitivity = 'SALARY')
  $$;
comment on function blindagem_private.is_salary_movement is
  'Whether a movement pays an expense of the payroll, or gives such a payment back.';
revoke execute on function blindagem_private.is_salary_movement from public;
grant execute on function blindagem_private.is_salary_movement to :AUDITOR;
create policy salaries on blindagem.bank_transactions as restrictive for select to :AUDITOR
  using ((select blindagem_private.sees_salaries()) or not blindagem_private.is_salary_movement(condominium_id, id));
create policy salaries on blindagem.movement_verdicts as restrictive for select to :AUDITOR
  using ((select blindagem_private.sees_salaries()) or not blindagem_private.is_salary_movement(condominium_id, transaction_id));
create policy salaries on blindagem.refunds as restrictive for select to :AUDITOR
  using ((select blindagem_private.sees_salaries()) or not blindagem_private.is_salary_movement(condominium_id, credit_id));

-- The other half of the relations that have no foreign key: parents are neither emptied nor do their keys change.
do $$
  declare table_name text;
  begin
    foreach table_name in array '{organizations,people,condominiums,categories,expense_batches,expenses,payables}'::text[] loop
      execute format('create trigger keep_rows before truncate on blindagem.%I for each statement execute function blindagem_private.refuse_deletion()', table_name);
      execute format('alter table blindagem.%I enable always trigger keep_rows', table_name);
    end loop;
  end
$$;
create trigger category_key before update of code on blindagem.categories
  for each row when (old.code is distinct from new.code) execute function blindagem_private.refuse_key_change();
create trigger batch_keys before update of id, organization_id, submitted_by on blindagem.expense_batches
  for each row when ((old.id, old.organization_id, old.submitted_by) is distinct from (new.id, new.organization_id, new.submitted_by))
  execute function blindagem_private.refuse_key_change();
create trigger condominium_key before update of id on blindagem.condominiums
  for each row when (old.id is distinct from new.id) execute function blindagem_private.refuse_key_change();

-- The API asks before it keeps a document's bytes.
grant execute on function blindagem_private.require_role to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :OPERATOR;

reset role;
set local role :AUDIT_OWNER;

drop policy salaries on blindagem_audit.audit_log_immutable;
create policy salaries on blindagem_audit.audit_log_immutable as restrictive for select to :AUDITOR
  using ((select blindagem_private.sees_salaries())
    or (sensitivity <> 'SALARY' and not (
      entity_type in ('bank_transactions', 'movement_verdicts', 'refunds') and condominium_id is not null
      and blindagem_private.is_salary_movement(condominium_id, (regexp_match(entity_id, case entity_type
        when 'refunds' then '^[0-9]+/([0-9]+)/' else '([0-9]+)$' end))[1]::bigint))));

-- A record comes from a capture function, which also hands it to the sealer; one that was inserted by itself would stand
-- in the log without a seal.
create trigger guard_insert before insert on blindagem_audit.audit_log_immutable
  for each statement when (pg_trigger_depth() = 0) execute function blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_immutable enable always trigger guard_insert;

create or replace function blindagem_audit.guard_partition(partition regclass) returns void
  language plpgsql
  as $$
    begin
      -- A write straight to a partition, or a truncate of one, fires nothing on the parent.
      execute format('alter table %s enable row level security', partition);
      execute format('create or replace trigger guard_change before update or delete on %s for each statement execute function blindagem_audit.refuse_change()', partition);
      execute format('create or replace trigger guard_insert before insert on %s for each statement when (pg_trigger_depth() = 0) execute function blindagem_audit.refuse_change()', partition);
      execute format('create or replace trigger guard_truncate before truncate on %s for each statement execute function blindagem_audit.refuse_change()', partition);
      execute format('alter table %s enable always trigger guard_change', partition);
      execute format('alter table %s enable always trigger guard_insert', partition);
      execute format('alter table %s enable always trigger guard_truncate', partition);
    end
  $$;
select blindagem_audit.guard_partition(inhrelid::regclass)
from pg_inherits where inhparent = 'blindagem_audit.audit_log_immutable'::regclass;

reset role;
