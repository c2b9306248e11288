-- The schema as the migrations in committed/ leave it, to be read: written by src/database/write-schema.ts from the
-- catalogue of a database, and compared with a fresh one by test. Not to be edited, and not to be run.

create schema blindagem authorization blindagem_owner;
grant usage on schema blindagem to blindagem_admin;
grant usage on schema blindagem to blindagem_anonymous;
grant usage on schema blindagem to blindagem_audit_owner;
grant usage on schema blindagem to blindagem_auditor;
grant usage on schema blindagem to blindagem_integrator;
grant usage on schema blindagem to blindagem_operator;
grant usage on schema blindagem to blindagem_queue;
grant usage on schema blindagem to blindagem_reviewer;
grant usage on schema blindagem to blindagem_sealer;
grant usage on schema blindagem to blindagem_sindico;
grant usage on schema blindagem to blindagem_worker;
comment on schema blindagem is 'What GraphQL shows: tables, views and functions of the business.';

create schema blindagem_audit authorization blindagem_audit_owner;
grant usage on schema blindagem_audit to blindagem_access_log;
grant usage on schema blindagem_audit to blindagem_admin;
grant usage on schema blindagem_audit to blindagem_anonymous;
grant usage on schema blindagem_audit to blindagem_auditor;
grant usage on schema blindagem_audit to blindagem_operator;
grant usage on schema blindagem_audit to blindagem_owner;
grant usage on schema blindagem_audit to blindagem_reviewer;
grant usage on schema blindagem_audit to blindagem_sealer;
grant usage on schema blindagem_audit to blindagem_sindico;
grant usage on schema blindagem_audit to blindagem_worker;
comment on schema blindagem_audit is 'The audit log, owned by a role that nothing logs in as.';

create schema blindagem_private authorization blindagem_owner;
grant usage on schema blindagem_private to blindagem_access_log;
grant usage on schema blindagem_private to blindagem_admin;
grant usage on schema blindagem_private to blindagem_audit_owner;
grant usage on schema blindagem_private to blindagem_auditor;
grant usage on schema blindagem_private to blindagem_authenticator;
grant usage on schema blindagem_private to blindagem_integrator;
grant usage on schema blindagem_private to blindagem_operator;
grant usage on schema blindagem_private to blindagem_queue;
grant usage on schema blindagem_private to blindagem_reviewer;
grant usage on schema blindagem_private to blindagem_sindico;
grant usage on schema blindagem_private to blindagem_worker;
comment on schema blindagem_private is 'Internals that no request role reads directly.';

-- functions made by blindagem_audit_owner can be used by: blindagem_audit_owner
-- functions made by blindagem_owner can be used by: blindagem_owner

create domain blindagem.amount as numeric(14,2) constraint amount_is_a_number CHECK ((VALUE <> 'NaN'::numeric));
comment on domain blindagem.amount is 'Money in reais with exact centavos.';

create domain blindagem.cnpj as text constraint cnpj_check CHECK (blindagem_private.is_cnpj(VALUE));
comment on domain blindagem.cnpj is 'CNPJ, bare and upper-case, check digits verified; letters are never stripped.';

create type blindagem.created_api_key as (id bigint, name text, key text);
comment on type blindagem.created_api_key is 'A new API key: shown once, only its hash is kept.';

create type blindagem.job_filter as (task text, organization_id bigint, state text, error text, enqueued_before timestamp with time zone);
comment on type blindagem.job_filter is '@behavior insert attribute:insert
Which jobs are meant: all of what is given must fit. "error" is part of the last error''s text.';

create type blindagem.job_selection as (count integer, changed integer, sample blindagem.job_summary[], intervention_id bigint, in_background boolean);
comment on type blindagem.job_selection is 'The jobs that an intervention meets: how many, the first ten, and (not in a preview) how many were changed already, and the intervention by which the log and the rest are found.';

create type blindagem.job_summary as (id bigint, task text, state text, organization_id bigint, attempts integer, last_error text, enqueued_at timestamp with time zone);
comment on type blindagem.job_summary is 'A job in a few words.';

create domain blindagem.sha256 as text constraint sha256_check CHECK (((length(VALUE) = 64) AND (encode(decode(VALUE, 'hex'::text), 'hex'::text) = VALUE)));
comment on domain blindagem.sha256 is 'SHA-256 digest in lower-case hexadecimal.';

create type blindagem_audit.context as (out_of_band boolean, actor_id text, actor_role text, on_behalf_of text, reason text, ip inet, user_agent text, request_id text, job_id text);
comment on type blindagem_audit.context is 'Who makes the changes of the running statement, from where and why.';

CREATE OR REPLACE FUNCTION blindagem.add_member(subject text, name text, email text, role text)
 RETURNS blindagem.members
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare created blindagem.members;
    begin
      perform blindagem_private.require_role('admin');
      insert into blindagem.members (organization_id, person_id, role)
      values (blindagem_private.current_organization_id(),
        blindagem_private.person_of(add_member.subject, add_member.name, add_member.email), add_member.role)
      returning * into created;
      return created;
    end
  $function$
;
alter function blindagem.add_member(text,text,text,text) owner to blindagem_owner;
grant execute on function blindagem.add_member(text,text,text,text) to blindagem_admin;
grant execute on function blindagem.add_member(text,text,text,text) to blindagem_integrator;
grant execute on function blindagem.add_member(text,text,text,text) to blindagem_operator;
grant execute on function blindagem.add_member(text,text,text,text) to blindagem_reviewer;
grant execute on function blindagem.add_member(text,text,text,text) to blindagem_sindico;
comment on function blindagem.add_member(text,text,text,text) is 'Gives a person a role (admin, reviewer, integrator) in the organization.';

CREATE OR REPLACE FUNCTION blindagem.cancel_expense(expense_id bigint, reason text)
 RETURNS blindagem.expenses
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare cancelled blindagem.expenses;
    begin
      perform blindagem_private.require_role('admin', 'integrator');
      perform blindagem_private.require_reason(reason);
      select * into cancelled from blindagem.expenses e
      where e.id = expense_id and e.submitted_by = blindagem_private.current_person_id()
        and e.condominium_id = any (blindagem_private.visible_condominium_ids())
      for update;
      if not found then
        perform blindagem_private.fail('BLD03', 'A despesa não existe ou não foi você quem a submeteu.');
      end if;
      if cancelled.status = 'CANCELLED' then
        perform blindagem_private.fail('BLD06', 'A despesa já foi cancelada.');
      end if;
      update blindagem.expenses e set status = 'CANCELLED', decided_at = now()
      where e.condominium_id = cancelled.condominium_id and e.id = cancelled.id
      returning * into cancelled;
      update blindagem.reviews r set outcome = 'SUPERSEDED', resolved_at = now()
      where r.condominium_id = cancelled.condominium_id and r.expense_id = cancelled.id and r.outcome is null;
      return cancelled;
    end
  $function$
;
alter function blindagem.cancel_expense(bigint,text) owner to blindagem_owner;
grant execute on function blindagem.cancel_expense(bigint,text) to blindagem_admin;
grant execute on function blindagem.cancel_expense(bigint,text) to blindagem_integrator;
grant execute on function blindagem.cancel_expense(bigint,text) to blindagem_operator;
grant execute on function blindagem.cancel_expense(bigint,text) to blindagem_reviewer;
grant execute on function blindagem.cancel_expense(bigint,text) to blindagem_sindico;
comment on function blindagem.cancel_expense(bigint,text) is 'Takes back an expense that is not decided yet: only its submitter can, with a reason.';

CREATE OR REPLACE FUNCTION blindagem.cancel_jobs(reason text DEFAULT NULL::text, job_ids bigint[] DEFAULT NULL::bigint[], filter blindagem.job_filter DEFAULT NULL::blindagem.job_filter, preview boolean DEFAULT false)
 RETURNS blindagem.job_selection
 LANGUAGE sql
AS $function$ select blindagem_private.intervene('CANCEL', reason, job_ids, filter, null, coalesce(preview, false)) $function$
;
alter function blindagem.cancel_jobs(text,bigint[],blindagem.job_filter,boolean) owner to blindagem_owner;
grant execute on function blindagem.cancel_jobs(text,bigint[],blindagem.job_filter,boolean) to blindagem_admin;
grant execute on function blindagem.cancel_jobs(text,bigint[],blindagem.job_filter,boolean) to blindagem_integrator;
grant execute on function blindagem.cancel_jobs(text,bigint[],blindagem.job_filter,boolean) to blindagem_operator;
grant execute on function blindagem.cancel_jobs(text,bigint[],blindagem.job_filter,boolean) to blindagem_reviewer;
comment on function blindagem.cancel_jobs(text,bigint[],blindagem.job_filter,boolean) is 'Takes waiting jobs out of the queue, and gives failed ones up (operators only); running ones are refused. They can be retried later. With "preview" nothing is changed.';

CREATE OR REPLACE FUNCTION blindagem.connect_bank(provider_item_id text, condominium_id bigint DEFAULT NULL::bigint)
 RETURNS blindagem.bank_connections
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare created blindagem.bank_connections;
    begin
      perform blindagem_private.require_role('admin');
      if connect_bank.condominium_id is not null then
        perform blindagem_private.require_condominium(connect_bank.condominium_id);
      end if;
      insert into blindagem.bank_connections (organization_id, condominium_id, provider_item_id)
      values (blindagem_private.current_organization_id(), connect_bank.condominium_id, connect_bank.provider_item_id)
      returning * into created;
      perform blindagem_private.claim_and_enqueue(jsonb_build_array(jsonb_build_object(
        'task', 'pluggy_sync', 'subject', created.id::text,
        'organizationId', created.organization_id, 'condominiumId', created.condominium_id,
        'requestId', blindagem_private.setting('request_id'),
        'payload', jsonb_build_object('connectionId', created.id::text))));
      return created;
    end
  $function$
;
alter function blindagem.connect_bank(text,bigint) owner to blindagem_owner;
grant execute on function blindagem.connect_bank(text,bigint) to blindagem_admin;
grant execute on function blindagem.connect_bank(text,bigint) to blindagem_integrator;
grant execute on function blindagem.connect_bank(text,bigint) to blindagem_operator;
grant execute on function blindagem.connect_bank(text,bigint) to blindagem_reviewer;
grant execute on function blindagem.connect_bank(text,bigint) to blindagem_sindico;
comment on function blindagem.connect_bank(text,bigint) is 'Connects a Pluggy item to a condominium (or, without one, to the organization''s pool) and enqueues its first sync.';

CREATE OR REPLACE FUNCTION blindagem.create_api_key(name text)
 RETURNS blindagem.created_api_key
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      key text := 'bld_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
      created blindagem.created_api_key;
    begin
      perform blindagem_private.require_role('admin');
      insert into blindagem.api_keys (organization_id, name, key_hash)
      values (blindagem_private.current_organization_id(), create_api_key.name, encode(sha256(convert_to(key, 'UTF8')), 'hex'))
      returning id into created.id;
      created.name := create_api_key.name;
      created.key := key;
      return created;
    end
  $function$
;
alter function blindagem.create_api_key(text) owner to blindagem_owner;
grant execute on function blindagem.create_api_key(text) to blindagem_admin;
grant execute on function blindagem.create_api_key(text) to blindagem_integrator;
grant execute on function blindagem.create_api_key(text) to blindagem_operator;
grant execute on function blindagem.create_api_key(text) to blindagem_reviewer;
grant execute on function blindagem.create_api_key(text) to blindagem_sindico;
comment on function blindagem.create_api_key(text) is 'Makes a key for another system (role integrator).';

CREATE OR REPLACE FUNCTION blindagem.create_condominium(name text, code text, cnpj text DEFAULT NULL::text, city text DEFAULT NULL::text, state text DEFAULT NULL::text, managed_from date DEFAULT NULL::date)
 RETURNS blindagem.condominiums
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem.create_condominium(text,text,text,text,text,date) owner to blindagem_owner;
grant execute on function blindagem.create_condominium(text,text,text,text,text,date) to blindagem_admin;
grant execute on function blindagem.create_condominium(text,text,text,text,text,date) to blindagem_integrator;
grant execute on function blindagem.create_condominium(text,text,text,text,text,date) to blindagem_operator;
grant execute on function blindagem.create_condominium(text,text,text,text,text,date) to blindagem_reviewer;
grant execute on function blindagem.create_condominium(text,text,text,text,text,date) to blindagem_sindico;
comment on function blindagem.create_condominium(text,text,text,text,text,date) is 'Makes a condominium, managed by the organization from that day (default: today).';

CREATE OR REPLACE FUNCTION blindagem.create_organization(name text, cnpj text, admin_subject text, admin_name text, admin_email text)
 RETURNS blindagem.organizations
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare created blindagem.organizations;
    begin
      perform blindagem_private.require_role('operator');
      insert into blindagem.organizations (name, cnpj)
      values (create_organization.name, create_organization.cnpj::blindagem.cnpj) returning * into created;
      insert into blindagem.members (organization_id, person_id, role)
      values (created.id, blindagem_private.person_of(admin_subject, admin_name, admin_email), 'admin');
      return created;
    end
  $function$
;
alter function blindagem.create_organization(text,text,text,text,text) owner to blindagem_owner;
grant execute on function blindagem.create_organization(text,text,text,text,text) to blindagem_admin;
grant execute on function blindagem.create_organization(text,text,text,text,text) to blindagem_integrator;
grant execute on function blindagem.create_organization(text,text,text,text,text) to blindagem_operator;
grant execute on function blindagem.create_organization(text,text,text,text,text) to blindagem_reviewer;
grant execute on function blindagem.create_organization(text,text,text,text,text) to blindagem_sindico;
comment on function blindagem.create_organization(text,text,text,text,text) is 'Makes an administradora and its first administrator (operators only).';

CREATE OR REPLACE FUNCTION blindagem.end_grant(grant_id bigint, reason text)
 RETURNS blindagem.grants
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem.end_grant(bigint,text) owner to blindagem_owner;
grant execute on function blindagem.end_grant(bigint,text) to blindagem_admin;
grant execute on function blindagem.end_grant(bigint,text) to blindagem_integrator;
grant execute on function blindagem.end_grant(bigint,text) to blindagem_operator;
grant execute on function blindagem.end_grant(bigint,text) to blindagem_reviewer;
grant execute on function blindagem.end_grant(bigint,text) to blindagem_sindico;
comment on function blindagem.end_grant(bigint,text) is 'Ends a grant from today on (a grant of today ends tomorrow).';

CREATE OR REPLACE FUNCTION blindagem.end_membership(member_id bigint, reason text)
 RETURNS blindagem.members
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem.end_membership(bigint,text) owner to blindagem_owner;
grant execute on function blindagem.end_membership(bigint,text) to blindagem_admin;
grant execute on function blindagem.end_membership(bigint,text) to blindagem_integrator;
grant execute on function blindagem.end_membership(bigint,text) to blindagem_operator;
grant execute on function blindagem.end_membership(bigint,text) to blindagem_reviewer;
grant execute on function blindagem.end_membership(bigint,text) to blindagem_sindico;
comment on function blindagem.end_membership(bigint,text) is 'Ends a member''s role from today on.';

CREATE OR REPLACE FUNCTION blindagem.erase_personal_data(reason text, document text DEFAULT NULL::text, person_id bigint DEFAULT NULL::bigint)
 RETURNS blindagem.erasures
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem.erase_personal_data(text,text,bigint) owner to blindagem_owner;
grant execute on function blindagem.erase_personal_data(text,text,bigint) to blindagem_admin;
grant execute on function blindagem.erase_personal_data(text,text,bigint) to blindagem_integrator;
grant execute on function blindagem.erase_personal_data(text,text,bigint) to blindagem_operator;
grant execute on function blindagem.erase_personal_data(text,text,bigint) to blindagem_reviewer;
grant execute on function blindagem.erase_personal_data(text,text,bigint) to blindagem_sindico;
comment on function blindagem.erase_personal_data(text,text,bigint) is 'Erases what the administradora holds of a person: of a payee by CPF (or the CNPJ of an MEI), of somebody who used the platform by id. What stays, and why, is in `kept`.';

CREATE OR REPLACE FUNCTION blindagem.expenses_payment_known(expense blindagem.expenses)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
    select coalesce(bool_and(c.state = 'FRESH'), false)
    from blindagem.bank_accounts a
    join blindagem.bank_connections c on c.id = a.connection_id
    where a.condominium_id = expense.condominium_id
  $function$
;
alter function blindagem.expenses_payment_known(blindagem.expenses) owner to blindagem_owner;
grant execute on function blindagem.expenses_payment_known(blindagem.expenses) to blindagem_admin;
grant execute on function blindagem.expenses_payment_known(blindagem.expenses) to blindagem_auditor;
grant execute on function blindagem.expenses_payment_known(blindagem.expenses) to blindagem_integrator;
grant execute on function blindagem.expenses_payment_known(blindagem.expenses) to blindagem_reviewer;
grant execute on function blindagem.expenses_payment_known(blindagem.expenses) to blindagem_sindico;
grant execute on function blindagem.expenses_payment_known(blindagem.expenses) to blindagem_worker;
comment on function blindagem.expenses_payment_known(blindagem.expenses) is 'False when the bank''s data of the condominium is missing, stale, partial or broken: then "no debit" is unknown, never "not paid".';

CREATE OR REPLACE FUNCTION blindagem.grant_role(subject text, name text, email text, role text, condominium_id bigint DEFAULT NULL::bigint, valid_to date DEFAULT NULL::date)
 RETURNS blindagem.grants
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem.grant_role(text,text,text,text,bigint,date) owner to blindagem_owner;
grant execute on function blindagem.grant_role(text,text,text,text,bigint,date) to blindagem_admin;
grant execute on function blindagem.grant_role(text,text,text,text,bigint,date) to blindagem_integrator;
grant execute on function blindagem.grant_role(text,text,text,text,bigint,date) to blindagem_operator;
grant execute on function blindagem.grant_role(text,text,text,text,bigint,date) to blindagem_reviewer;
grant execute on function blindagem.grant_role(text,text,text,text,bigint,date) to blindagem_sindico;
comment on function blindagem.grant_role(text,text,text,text,bigint,date) is 'Grants sindico or auditor, for one condominium or (auditor) the whole organization, until a date.';

CREATE OR REPLACE FUNCTION blindagem.import_condominiums(rows jsonb)
 RETURNS SETOF blindagem.condominiums
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem.import_condominiums(jsonb) owner to blindagem_owner;
grant execute on function blindagem.import_condominiums(jsonb) to blindagem_admin;
grant execute on function blindagem.import_condominiums(jsonb) to blindagem_integrator;
grant execute on function blindagem.import_condominiums(jsonb) to blindagem_operator;
grant execute on function blindagem.import_condominiums(jsonb) to blindagem_reviewer;
grant execute on function blindagem.import_condominiums(jsonb) to blindagem_sindico;
comment on function blindagem.import_condominiums(jsonb) is 'Makes many condominiums [{name, code, cnpj, city, state, managedFrom}]; one bad row refuses them all.';

CREATE OR REPLACE FUNCTION blindagem.reschedule_jobs(run_at timestamp with time zone, reason text DEFAULT NULL::text, job_ids bigint[] DEFAULT NULL::bigint[], filter blindagem.job_filter DEFAULT NULL::blindagem.job_filter, preview boolean DEFAULT false)
 RETURNS blindagem.job_selection
 LANGUAGE sql
AS $function$ select blindagem_private.intervene('RESCHEDULE', reason, job_ids, filter, run_at, coalesce(preview, false)) $function$
;
alter function blindagem.reschedule_jobs(timestamp with time zone,text,bigint[],blindagem.job_filter,boolean) owner to blindagem_owner;
grant execute on function blindagem.reschedule_jobs(timestamp with time zone,text,bigint[],blindagem.job_filter,boolean) to blindagem_admin;
grant execute on function blindagem.reschedule_jobs(timestamp with time zone,text,bigint[],blindagem.job_filter,boolean) to blindagem_integrator;
grant execute on function blindagem.reschedule_jobs(timestamp with time zone,text,bigint[],blindagem.job_filter,boolean) to blindagem_operator;
grant execute on function blindagem.reschedule_jobs(timestamp with time zone,text,bigint[],blindagem.job_filter,boolean) to blindagem_reviewer;
comment on function blindagem.reschedule_jobs(timestamp with time zone,text,bigint[],blindagem.job_filter,boolean) is 'Gives waiting jobs another time to run, from now on (operators only). With "preview" nothing is changed.';

CREATE OR REPLACE FUNCTION blindagem.resolve_review(review_id bigint, approve boolean, reason text)
 RETURNS blindagem.reviews
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem.resolve_review(bigint,boolean,text) owner to blindagem_owner;
grant execute on function blindagem.resolve_review(bigint,boolean,text) to blindagem_admin;
grant execute on function blindagem.resolve_review(bigint,boolean,text) to blindagem_integrator;
grant execute on function blindagem.resolve_review(bigint,boolean,text) to blindagem_operator;
grant execute on function blindagem.resolve_review(bigint,boolean,text) to blindagem_reviewer;
grant execute on function blindagem.resolve_review(bigint,boolean,text) to blindagem_sindico;
comment on function blindagem.resolve_review(bigint,boolean,text) is 'Ends a review with a reason: never by the one who submitted; a condominium''s approval only by its síndico.';

CREATE OR REPLACE FUNCTION blindagem.retry_jobs(reason text DEFAULT NULL::text, job_ids bigint[] DEFAULT NULL::bigint[], filter blindagem.job_filter DEFAULT NULL::blindagem.job_filter, preview boolean DEFAULT false)
 RETURNS blindagem.job_selection
 LANGUAGE sql
AS $function$ select blindagem_private.intervene('RETRY', reason, job_ids, filter, null, coalesce(preview, false)) $function$
;
alter function blindagem.retry_jobs(text,bigint[],blindagem.job_filter,boolean) owner to blindagem_owner;
grant execute on function blindagem.retry_jobs(text,bigint[],blindagem.job_filter,boolean) to blindagem_admin;
grant execute on function blindagem.retry_jobs(text,bigint[],blindagem.job_filter,boolean) to blindagem_integrator;
grant execute on function blindagem.retry_jobs(text,bigint[],blindagem.job_filter,boolean) to blindagem_operator;
grant execute on function blindagem.retry_jobs(text,bigint[],blindagem.job_filter,boolean) to blindagem_reviewer;
comment on function blindagem.retry_jobs(text,bigint[],blindagem.job_filter,boolean) is 'Runs failed or cancelled jobs again, with all their attempts (operators only). With "preview" nothing is changed.';

CREATE OR REPLACE FUNCTION blindagem.revoke_api_key(api_key_id bigint, reason text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      perform blindagem_private.require_role('admin');
      perform blindagem_private.require_reason(reason);
      update blindagem.api_keys k set revoked_at = now()
      where k.id = api_key_id and k.organization_id = blindagem_private.current_organization_id() and k.revoked_at is null;
      if not found then
        perform blindagem_private.fail('BLD03', 'A chave não existe ou já foi revogada.');
      end if;
      return true;
    end
  $function$
;
alter function blindagem.revoke_api_key(bigint,text) owner to blindagem_owner;
grant execute on function blindagem.revoke_api_key(bigint,text) to blindagem_admin;
grant execute on function blindagem.revoke_api_key(bigint,text) to blindagem_integrator;
grant execute on function blindagem.revoke_api_key(bigint,text) to blindagem_operator;
grant execute on function blindagem.revoke_api_key(bigint,text) to blindagem_reviewer;
grant execute on function blindagem.revoke_api_key(bigint,text) to blindagem_sindico;
comment on function blindagem.revoke_api_key(bigint,text) is 'Ends a key at once.';

CREATE OR REPLACE FUNCTION blindagem.set_approval_limit(amount numeric, requires text, reason text, condominium_id bigint DEFAULT NULL::bigint)
 RETURNS blindagem.approval_limits
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      stored blindagem.approval_limits;
      current_limit blindagem.approval_limits;
    begin
      perform blindagem_private.require_role('admin');
      perform blindagem_private.require_reason(reason);
      if set_approval_limit.condominium_id is not null then
        perform blindagem_private.require_condominium(set_approval_limit.condominium_id);
      end if;
      select * into current_limit from blindagem.approval_limits l
      where l.organization_id = blindagem_private.current_organization_id()
        and l.condominium_id is not distinct from set_approval_limit.condominium_id and l.valid_to is null
      for update;
      if found and current_limit.valid_from = blindagem_private.today() then
        update blindagem.approval_limits l
        set amount = set_approval_limit.amount, requires = set_approval_limit.requires
        where l.id = current_limit.id returning * into stored;
        return stored;
      elsif found then
        update blindagem.approval_limits l set valid_to = blindagem_private.today() where l.id = current_limit.id;
      end if;
      insert into blindagem.approval_limits (organization_id, condominium_id, amount, requires)
      values (blindagem_private.current_organization_id(), set_approval_limit.condominium_id,
        set_approval_limit.amount, set_approval_limit.requires)
      returning * into stored;
      return stored;
    end
  $function$
;
alter function blindagem.set_approval_limit(numeric,text,text,bigint) owner to blindagem_owner;
grant execute on function blindagem.set_approval_limit(numeric,text,text,bigint) to blindagem_admin;
grant execute on function blindagem.set_approval_limit(numeric,text,text,bigint) to blindagem_integrator;
grant execute on function blindagem.set_approval_limit(numeric,text,text,bigint) to blindagem_operator;
grant execute on function blindagem.set_approval_limit(numeric,text,text,bigint) to blindagem_reviewer;
grant execute on function blindagem.set_approval_limit(numeric,text,text,bigint) to blindagem_sindico;
comment on function blindagem.set_approval_limit(numeric,text,text,bigint) is 'Sets the alçada of the organization or of one condominium from today on; the old one keeps its dates.';

CREATE OR REPLACE FUNCTION blindagem.set_organization_weight(organization_id bigint, weight numeric, reason text)
 RETURNS blindagem.organization_weights
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare stored blindagem.organization_weights;
    begin
      perform blindagem_private.require_role('operator');
      perform blindagem_private.require_reason(reason);
      if not exists (select from blindagem.organizations o where o.id = set_organization_weight.organization_id) then
        perform blindagem_private.fail('BLD03', 'A administradora não existe.');
      end if;
      if weight is null or weight not between 0.01 and 100 or weight <> round(weight, 2) then
        perform blindagem_private.fail('BLD04', 'O peso vai de 0,01 a 100, com até duas casas decimais.');
      end if;
      insert into blindagem.organization_weights as w (organization_id, weight)
      values (set_organization_weight.organization_id, set_organization_weight.weight)
      on conflict on constraint organization_weights_pkey do update set weight = excluded.weight
      returning * into stored;
      return stored;
    end
  $function$
;
alter function blindagem.set_organization_weight(bigint,numeric,text) owner to blindagem_owner;
grant execute on function blindagem.set_organization_weight(bigint,numeric,text) to blindagem_admin;
grant execute on function blindagem.set_organization_weight(bigint,numeric,text) to blindagem_integrator;
grant execute on function blindagem.set_organization_weight(bigint,numeric,text) to blindagem_operator;
grant execute on function blindagem.set_organization_weight(bigint,numeric,text) to blindagem_reviewer;
comment on function blindagem.set_organization_weight(bigint,numeric,text) is 'Sets the weight of an administradora in the queue (operators only): with 2 it gets twice what one with 1 gets while both have work waiting. It counts for what is enqueued from now on.';

CREATE OR REPLACE FUNCTION blindagem.set_setting(name text, value integer, reason text)
 RETURNS blindagem.settings
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare stored blindagem.settings;
    begin
      perform blindagem_private.require_role('admin');
      perform blindagem_private.require_reason(reason);
      insert into blindagem.settings as s (organization_id, name, value)
      values (blindagem_private.current_organization_id(), set_setting.name, set_setting.value)
      on conflict on constraint settings_pkey do update set value = excluded.value
      returning * into stored;
      return stored;
    end
  $function$
;
alter function blindagem.set_setting(text,integer,text) owner to blindagem_owner;
grant execute on function blindagem.set_setting(text,integer,text) to blindagem_admin;
grant execute on function blindagem.set_setting(text,integer,text) to blindagem_integrator;
grant execute on function blindagem.set_setting(text,integer,text) to blindagem_operator;
grant execute on function blindagem.set_setting(text,integer,text) to blindagem_reviewer;
grant execute on function blindagem.set_setting(text,integer,text) to blindagem_sindico;
comment on function blindagem.set_setting(text,integer,text) is 'Sets one of the organization''s settings.';

CREATE OR REPLACE FUNCTION blindagem.submit_expense_batch(rows jsonb, content_hash text, idempotency_key text DEFAULT NULL::text, accept_valid boolean DEFAULT false, dry_run boolean DEFAULT false, refused jsonb DEFAULT '[]'::jsonb, parent_id bigint DEFAULT NULL::bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem.submit_expense_batch(jsonb,text,text,boolean,boolean,jsonb,bigint) owner to blindagem_owner;
grant execute on function blindagem.submit_expense_batch(jsonb,text,text,boolean,boolean,jsonb,bigint) to blindagem_admin;
grant execute on function blindagem.submit_expense_batch(jsonb,text,text,boolean,boolean,jsonb,bigint) to blindagem_integrator;
grant execute on function blindagem.submit_expense_batch(jsonb,text,text,boolean,boolean,jsonb,bigint) to blindagem_operator;
grant execute on function blindagem.submit_expense_batch(jsonb,text,text,boolean,boolean,jsonb,bigint) to blindagem_reviewer;
grant execute on function blindagem.submit_expense_batch(jsonb,text,text,boolean,boolean,jsonb,bigint) to blindagem_sindico;
comment on function blindagem.submit_expense_batch(jsonb,text,text,boolean,boolean,jsonb,bigint) is '@behavior -*
Stores a batch, its expenses and their jobs in one transaction. Rows come parsed by src/expenses; "refused" are the errors found there. Answers {batchId, accepted, errors, repeated}.';

CREATE OR REPLACE FUNCTION blindagem_audit.action_source(entity text, operation text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
    select case
      when entity = 'expenses' and operation = 'INSERT' then $s$'SUBMIT'$s$
      when entity = 'expenses' and operation = 'UPDATE' then
        $s$case when o.status is not distinct from n.status then 'UPDATE' else case n.status
          when 'APPROVED' then 'APPROVE'
          when 'REJECTED' then 'REJECT'
          when 'CANCELLED' then 'CANCEL'
          when 'MANUAL_REVIEW' then 'SEND_TO_REVIEW'
          when 'AWAITING_SECOND_APPROVAL' then 'REQUEST_SECOND_APPROVAL'
          else 'UPDATE' end end$s$
      when entity = 'payments' and operation = 'INSERT' then $s$'MATCH'$s$
      when entity = 'payments' and operation = 'DELETE' then $s$'UNDO_MATCH'$s$
      when entity = 'refunds' and operation = 'INSERT' then $s$'REFUND'$s$
      when entity = 'refunds' and operation = 'DELETE' then $s$'UNDO_REFUND'$s$
      when entity = 'reviews' and operation = 'INSERT' then $s$'OPEN_REVIEW'$s$
      when entity = 'reviews' and operation = 'UPDATE' then
        $s$case when o.outcome is null and n.outcome is not null then 'RESOLVE_REVIEW' else 'UPDATE' end$s$
      else quote_literal(operation)
    end
  $function$
;
alter function blindagem_audit.action_source(text,text) owner to blindagem_audit_owner;
comment on function blindagem_audit.action_source(text,text) is 'The expression for what a change was in the business''s words.';

CREATE OR REPLACE FUNCTION blindagem_audit.attest(note text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ insert into blindagem_audit.intents (note) values (attest.note) $function$
;
alter function blindagem_audit.attest(text) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.attest(text) to blindagem_access_log;
grant execute on function blindagem_audit.attest(text) to blindagem_admin;
grant execute on function blindagem_audit.attest(text) to blindagem_integrator;
grant execute on function blindagem_audit.attest(text) to blindagem_operator;
grant execute on function blindagem_audit.attest(text) to blindagem_reviewer;
grant execute on function blindagem_audit.attest(text) to blindagem_sindico;
grant execute on function blindagem_audit.attest(text) to blindagem_worker;
comment on function blindagem_audit.attest(text) is 'Adds the intent of the running transaction to the log. By way of a trigger, since the log takes records from triggers alone.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_api_keys()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"api_keys","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"organization_id":' || '"' || o.organization_id::text || '"') || (',"name":' || to_json(o.name)::text) || (',"key_hash":' || to_json(o.key_hash)::text) || (',"created_at":' || to_json(o.created_at)::text) || coalesce(',"revoked_at":' || to_json(o.revoked_at)::text, '') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'api_keys', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_api_keys() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_api_keys() to blindagem_owner;
comment on function blindagem_audit.capture_delete_api_keys() is 'Records each delete of a row of api_keys.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_approval_limits()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"approval_limits","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, o.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"organization_id":' || '"' || o.organization_id::text || '"') || coalesce(',"condominium_id":' || '"' || o.condominium_id::text || '"', '') || (',"amount":' || '"' || o.amount::text || '"') || (',"requires":' || to_json(o.requires)::text) || (',"valid_from":' || to_json(o.valid_from)::text) || coalesce(',"valid_to":' || to_json(o.valid_to)::text, '') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'approval_limits', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_approval_limits() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_approval_limits() to blindagem_owner;
comment on function blindagem_audit.capture_delete_approval_limits() is 'Records each delete of a row of approval_limits.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_auditor_accesses()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"previous_state.ip":' || c."o.ip", '') || coalesce(',"previous_state.variables":' || c."o.variables", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"auditor_accesses","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o || coalesce(',"ip":' || blindagem_audit.commitment(c.salt, 'previous_state.ip', c."o.ip"), '') || coalesce(',"variables":' || blindagem_audit.commitment(c.salt, 'previous_state.variables', c."o.variables"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, o.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"accessed_at":' || to_json(o.accessed_at)::text) || (',"person_id":' || '"' || o.person_id::text || '"') || coalesce(',"grant_id":' || '"' || o.grant_id::text || '"', '') || coalesce(',"organization_id":' || '"' || o.organization_id::text || '"', '') || coalesce(',"condominium_id":' || '"' || o.condominium_id::text || '"', '') || (',"request_id":' || to_json(o.request_id)::text) || case when o.ip is not null then '' else coalesce(',"ip":' || to_json(o.ip)::text, '') end || (',"operation":' || to_json(o.operation)::text) || coalesce(',"operation_name":' || to_json(o.operation_name)::text, '') || coalesce(',"document":' || to_json(o.document)::text, '') || case when o.variables <> '{}' then '' else coalesce(',"variables":' || o.variables::text, '') end || (',"entity_ids":' || to_json(o.entity_ids)::text) as o, case when o.ip is not null then to_json(o.ip)::text end as "o.ip", case when o.variables <> '{}' then o.variables::text end as "o.variables"
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'auditor_accesses', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_auditor_accesses() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_auditor_accesses() to blindagem_owner;
comment on function blindagem_audit.capture_delete_auditor_accesses() is 'Records each delete of a row of auditor_accesses.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_bank_accounts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_accounts","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, o.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || coalesce(',"condominium_id":' || '"' || o.condominium_id::text || '"', '') || coalesce(',"organization_id":' || '"' || o.organization_id::text || '"', '') || coalesce(',"connection_id":' || '"' || o.connection_id::text || '"', '') || coalesce(',"provider_account_id":' || to_json(o.provider_account_id)::text, '') || (',"purpose":' || to_json(o.purpose)::text) || (',"name":' || to_json(o.name)::text) || coalesce(',"number_masked":' || to_json(o.number_masked)::text, '') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_accounts', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_bank_accounts() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_bank_accounts() to blindagem_owner;
comment on function blindagem_audit.capture_delete_bank_accounts() is 'Records each delete of a row of bank_accounts.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_bank_connections()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_connections","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, o.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"organization_id":' || '"' || o.organization_id::text || '"') || coalesce(',"condominium_id":' || '"' || o.condominium_id::text || '"', '') || (',"provider":' || to_json(o.provider)::text) || (',"provider_item_id":' || to_json(o.provider_item_id)::text) || (',"state":' || to_json(o.state)::text) || coalesce(',"state_cause":' || to_json(o.state_cause)::text, '') || coalesce(',"known_until":' || to_json(o.known_until)::text, '') || coalesce(',"consent_expires_at":' || to_json(o.consent_expires_at)::text, '') || coalesce(',"synced_at":' || to_json(o.synced_at)::text, '') || (',"created_at":' || to_json(o.created_at)::text) as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_connections', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_bank_connections() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_bank_connections() to blindagem_owner;
comment on function blindagem_audit.capture_delete_bank_connections() is 'Records each delete of a row of bank_connections.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_bank_statements()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_statements","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"account_id":' || '"' || o.account_id::text || '"') || (',"starts_on":' || to_json(o.starts_on)::text) || (',"ends_on":' || to_json(o.ends_on)::text) || coalesce(',"opening_balance":' || '"' || o.opening_balance::text || '"', '') || coalesce(',"closing_balance":' || '"' || o.closing_balance::text || '"', '') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_statements', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_bank_statements() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_bank_statements() to blindagem_owner;
comment on function blindagem_audit.capture_delete_bank_statements() is 'Records each delete of a row of bank_statements.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_bank_transactions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"previous_state.description":' || c."o.description", '') || coalesce(',"previous_state.counterparty_document":' || c."o.counterparty_document", '') || coalesce(',"previous_state.counterparty_name":' || c."o.counterparty_name", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_transactions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o || coalesce(',"description":' || blindagem_audit.commitment(c.salt, 'previous_state.description', c."o.description"), '') || coalesce(',"counterparty_document":' || blindagem_audit.commitment(c.salt, 'previous_state.counterparty_document', c."o.counterparty_document"), '') || coalesce(',"counterparty_name":' || blindagem_audit.commitment(c.salt, 'previous_state.counterparty_name', c."o.counterparty_name"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, o.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, coalesce(',"condominium_id":' || '"' || o.condominium_id::text || '"', '') || (',"id":' || '"' || o.id::text || '"') || (',"account_id":' || '"' || o.account_id::text || '"') || (',"provider_id":' || to_json(o.provider_id)::text) || (',"posted_at":' || to_json(o.posted_at)::text) || (',"posted_on":' || to_json(o.posted_on)::text) || (',"amount":' || '"' || o.amount::text || '"') || case when o.description <> '[apagado]' then '' else coalesce(',"description":' || to_json(o.description)::text, '') end || coalesce(',"operation_type":' || to_json(o.operation_type)::text, '') || case when length(o.counterparty_document) = 11 then '' else coalesce(',"counterparty_document":' || to_json(o.counterparty_document)::text, '') end || case when o.counterparty_name <> '[apagado]' then '' else coalesce(',"counterparty_name":' || to_json(o.counterparty_name)::text, '') end || coalesce(',"end_to_end_id":' || to_json(o.end_to_end_id)::text, '') || coalesce(',"original_end_to_end_id":' || to_json(o.original_end_to_end_id)::text, '') || coalesce(',"check_number":' || to_json(o.check_number)::text, '') || (',"status":' || to_json(o.status)::text) || (',"first_seen_at":' || to_json(o.first_seen_at)::text) || (',"last_seen_at":' || to_json(o.last_seen_at)::text) || coalesce(',"deleted_at":' || to_json(o.deleted_at)::text, '') as o, case when o.description <> '[apagado]' then to_json(o.description)::text end as "o.description", case when length(o.counterparty_document) = 11 then to_json(o.counterparty_document)::text end as "o.counterparty_document", case when o.counterparty_name <> '[apagado]' then to_json(o.counterparty_name)::text end as "o.counterparty_name"
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_transactions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_bank_transactions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_bank_transactions() to blindagem_owner;
comment on function blindagem_audit.capture_delete_bank_transactions() is 'Records each delete of a row of bank_transactions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_categories()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"categories","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                o.sensitivity as sensitivity, o.code::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"code":' || to_json(o.code)::text) || (',"name":' || to_json(o.name)::text) || (',"sensitivity":' || to_json(o.sensitivity)::text) || (',"requires_receipt":' || o.requires_receipt::text) as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'categories', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_categories() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_categories() to blindagem_owner;
comment on function blindagem_audit.capture_delete_categories() is 'Records each delete of a row of categories.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_condominiums()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"condominiums","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, o.id as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"name":' || to_json(o.name)::text) || coalesce(',"cnpj":' || to_json(o.cnpj)::text, '') || coalesce(',"cnpj_valid_from":' || to_json(o.cnpj_valid_from)::text, '') || coalesce(',"city":' || to_json(o.city)::text, '') || coalesce(',"state":' || to_json(o.state)::text, '') || (',"created_at":' || to_json(o.created_at)::text) as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'condominiums', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_condominiums() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_condominiums() to blindagem_owner;
comment on function blindagem_audit.capture_delete_condominiums() is 'Records each delete of a row of condominiums.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_definitions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"definitions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"recorded_at":' || to_json(o.recorded_at)::text) || (',"schema_version":' || to_json(o.schema_version)::text) || (',"server_version":' || '"' || o.server_version::text || '"') || (',"fingerprint":' || to_json(o.fingerprint)::text) || (',"objects":' || o.objects::text) || (',"columns":' || o.columns::text) || (',"unrecorded":' || o.unrecorded::text) as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'definitions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_definitions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_definitions() to blindagem_owner;
comment on function blindagem_audit.capture_delete_definitions() is 'Records each delete of a row of definitions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_document_uploads()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"document_uploads","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.organization_id::text || '/' || o.sha256::text || '/' || o.file_name::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"organization_id":' || '"' || o.organization_id::text || '"') || (',"sha256":' || to_json(o.sha256)::text) || (',"file_name":' || to_json(o.file_name)::text) || coalesce(',"uploaded_by":' || '"' || o.uploaded_by::text || '"', '') || (',"uploaded_at":' || to_json(o.uploaded_at)::text) as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'document_uploads', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_document_uploads() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_document_uploads() to blindagem_owner;
comment on function blindagem_audit.capture_delete_document_uploads() is 'Records each delete of a row of document_uploads.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_erasures()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"erasures","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"organization_id":' || '"' || o.organization_id::text || '"') || coalesce(',"requested_by":' || '"' || o.requested_by::text || '"', '') || (',"requested_at":' || to_json(o.requested_at)::text) || (',"reason":' || to_json(o.reason)::text) || (',"subject":' || to_json(o.subject)::text) || (',"counts":' || o.counts::text) || (',"kept":' || o.kept::text) || (',"targets":' || o.targets::text) || (',"record_ids":' || to_json(o.record_ids)::text) || (',"documents":' || to_json(o.documents)::text) || coalesce(',"person_id":' || '"' || o.person_id::text || '"', '') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'erasures', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_erasures() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_erasures() to blindagem_owner;
comment on function blindagem_audit.capture_delete_erasures() is 'Records each delete of a row of erasures.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_expense_batches()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"previous_state.refused_rows":' || c."o.refused_rows", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"expense_batches","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o || coalesce(',"refused_rows":' || blindagem_audit.commitment(c.salt, 'previous_state.refused_rows', c."o.refused_rows"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"organization_id":' || '"' || o.organization_id::text || '"') || coalesce(',"parent_id":' || '"' || o.parent_id::text || '"', '') || coalesce(',"idempotency_key":' || to_json(o.idempotency_key)::text, '') || (',"content_hash":' || to_json(o.content_hash)::text) || (',"submitted_by":' || '"' || o.submitted_by::text || '"') || coalesce(',"submitted_through":' || '"' || o.submitted_through::text || '"', '') || (',"submitted_at":' || to_json(o.submitted_at)::text) || (',"row_count":' || '"' || o.row_count::text || '"') || case when o.refused_rows <> '[]' then '' else coalesce(',"refused_rows":' || o.refused_rows::text, '') end as o, case when o.refused_rows <> '[]' then o.refused_rows::text end as "o.refused_rows"
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'expense_batches', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_expense_batches() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_expense_batches() to blindagem_owner;
comment on function blindagem_audit.capture_delete_expense_batches() is 'Records each delete of a row of expense_batches.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_expense_documents()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"previous_state.file_name":' || c."o.file_name", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"expense_documents","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o || coalesce(',"file_name":' || blindagem_audit.commitment(c.salt, 'previous_state.file_name', c."o.file_name"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, o.condominium_id as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = o.expense_id), 'ORDINARY') as sensitivity, o.condominium_id::text || '/' || o.expense_id::text || '/' || o."position"::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"condominium_id":' || '"' || o.condominium_id::text || '"') || (',"expense_id":' || '"' || o.expense_id::text || '"') || (',"position":' || '"' || o."position"::text || '"') || coalesce(',"sha256":' || to_json(o.sha256)::text, '') || case when o.file_name <> '[apagado]' then '' else coalesce(',"file_name":' || to_json(o.file_name)::text, '') end as o, case when o.file_name <> '[apagado]' then to_json(o.file_name)::text end as "o.file_name"
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'expense_documents', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_expense_documents() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_expense_documents() to blindagem_owner;
comment on function blindagem_audit.capture_delete_expense_documents() is 'Records each delete of a row of expense_documents.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_expenses()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"previous_state.payee_document":' || c."o.payee_document", '') || coalesce(',"previous_state.payee_name":' || c."o.payee_name", '') || coalesce(',"previous_state.payee_pix_key":' || c."o.payee_pix_key", '') || coalesce(',"previous_state.description":' || c."o.description", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"expenses","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_document', c."o.payee_document"), '') || coalesce(',"payee_name":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_name', c."o.payee_name"), '') || coalesce(',"payee_pix_key":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_pix_key', c."o.payee_pix_key"), '') || coalesce(',"description":' || blindagem_audit.commitment(c.salt, 'previous_state.description', c."o.description"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, o.condominium_id as condominium_id,
                o.sensitivity as sensitivity, o.condominium_id::text || '/' || o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"condominium_id":' || '"' || o.condominium_id::text || '"') || (',"id":' || '"' || o.id::text || '"') || (',"organization_id":' || '"' || o.organization_id::text || '"') || (',"batch_id":' || '"' || o.batch_id::text || '"') || (',"external_id":' || to_json(o.external_id)::text) || (',"category":' || to_json(o.category)::text) || (',"sensitivity":' || to_json(o.sensitivity)::text) || (',"document_kind":' || to_json(o.document_kind)::text) || coalesce(',"document_number":' || to_json(o.document_number)::text, '') || coalesce(',"issue_date":' || to_json(o.issue_date)::text, '') || (',"competence":' || to_json(o.competence)::text) || (',"gross_amount":' || '"' || o.gross_amount::text || '"') || (',"payee_kind":' || to_json(o.payee_kind)::text) || case when length(o.payee_document) = 11 then '' else coalesce(',"payee_document":' || to_json(o.payee_document)::text, '') end || case when o.payee_name <> '[apagado]' then '' else coalesce(',"payee_name":' || to_json(o.payee_name)::text, '') end || case when o.payee_pix_key <> '[apagado]' then '' else coalesce(',"payee_pix_key":' || to_json(o.payee_pix_key)::text, '') end || (',"due_date":' || to_json(o.due_date)::text) || coalesce(',"instalment_number":' || '"' || o.instalment_number::text || '"', '') || coalesce(',"instalment_total":' || '"' || o.instalment_total::text || '"', '') || case when o.description <> '[apagado]' then '' else coalesce(',"description":' || to_json(o.description)::text, '') end || (',"submitted_by":' || '"' || o.submitted_by::text || '"') || (',"submitted_at":' || to_json(o.submitted_at)::text) || (',"fact_deadline":' || to_json(o.fact_deadline)::text) || (',"status":' || to_json(o.status)::text) || (',"status_reasons":' || o.status_reasons::text) || coalesce(',"second_approval":' || to_json(o.second_approval)::text, '') || coalesce(',"decided_at":' || to_json(o.decided_at)::text, '') || (',"payment_status":' || to_json(o.payment_status)::text) || coalesce(',"facts_hash":' || to_json(o.facts_hash)::text, '') as o, case when length(o.payee_document) = 11 then to_json(o.payee_document)::text end as "o.payee_document", case when o.payee_name <> '[apagado]' then to_json(o.payee_name)::text end as "o.payee_name", case when o.payee_pix_key <> '[apagado]' then to_json(o.payee_pix_key)::text end as "o.payee_pix_key", case when o.description <> '[apagado]' then to_json(o.description)::text end as "o.description"
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'expenses', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_expenses() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_expenses() to blindagem_owner;
comment on function blindagem_audit.capture_delete_expenses() is 'Records each delete of a row of expenses.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_grants()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"grants","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, o.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"person_id":' || '"' || o.person_id::text || '"') || (',"role":' || to_json(o.role)::text) || coalesce(',"organization_id":' || '"' || o.organization_id::text || '"', '') || coalesce(',"condominium_id":' || '"' || o.condominium_id::text || '"', '') || coalesce(',"block":' || to_json(o.block)::text, '') || (',"valid_from":' || to_json(o.valid_from)::text) || coalesce(',"valid_to":' || to_json(o.valid_to)::text, '') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'grants', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_grants() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_grants() to blindagem_owner;
comment on function blindagem_audit.capture_delete_grants() is 'Records each delete of a row of grants.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_job_interventions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"job_interventions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"action":' || to_json(o.action)::text) || (',"reason":' || to_json(o.reason)::text) || coalesce(',"job_ids":' || to_json(o.job_ids)::text, '') || coalesce(',"filter":' || o.filter::text, '') || coalesce(',"run_at":' || to_json(o.run_at)::text, '') || coalesce(',"requested_by":' || '"' || o.requested_by::text || '"', '') || (',"requested_at":' || to_json(o.requested_at)::text) || (',"matched":' || '"' || o.matched::text || '"') || (',"changed":' || '"' || o.changed::text || '"') || coalesce(',"next_job_id":' || '"' || o.next_job_id::text || '"', '') || coalesce(',"last_job_id":' || '"' || o.last_job_id::text || '"', '') || coalesce(',"finished_at":' || to_json(o.finished_at)::text, '') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'job_interventions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_job_interventions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_job_interventions() to blindagem_owner;
comment on function blindagem_audit.capture_delete_job_interventions() is 'Records each delete of a row of job_interventions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_managements()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"managements","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, o.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"organization_id":' || '"' || o.organization_id::text || '"') || (',"condominium_id":' || '"' || o.condominium_id::text || '"') || (',"code":' || to_json(o.code)::text) || (',"valid_from":' || to_json(o.valid_from)::text) || coalesce(',"valid_to":' || to_json(o.valid_to)::text, '') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'managements', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_managements() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_managements() to blindagem_owner;
comment on function blindagem_audit.capture_delete_managements() is 'Records each delete of a row of managements.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_members()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"members","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"organization_id":' || '"' || o.organization_id::text || '"') || (',"person_id":' || '"' || o.person_id::text || '"') || (',"role":' || to_json(o.role)::text) || (',"valid_from":' || to_json(o.valid_from)::text) || coalesce(',"valid_to":' || to_json(o.valid_to)::text, '') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'members', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_members() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_members() to blindagem_owner;
comment on function blindagem_audit.capture_delete_members() is 'Records each delete of a row of members.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_movement_verdicts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"movement_verdicts","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, o.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, o.condominium_id::text || '/' || o.transaction_id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"condominium_id":' || '"' || o.condominium_id::text || '"') || (',"transaction_id":' || '"' || o.transaction_id::text || '"') || (',"verdict":' || to_json(o.verdict)::text) || coalesce(',"reversed_credit_id":' || '"' || o.reversed_credit_id::text || '"', '') || (',"reasons":' || o.reasons::text) as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'movement_verdicts', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_movement_verdicts() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_movement_verdicts() to blindagem_owner;
comment on function blindagem_audit.capture_delete_movement_verdicts() is 'Records each delete of a row of movement_verdicts.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_organization_weights()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"organization_weights","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.organization_id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"organization_id":' || '"' || o.organization_id::text || '"') || (',"weight":' || '"' || o.weight::text || '"') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'organization_weights', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_organization_weights() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_organization_weights() to blindagem_owner;
comment on function blindagem_audit.capture_delete_organization_weights() is 'Records each delete of a row of organization_weights.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_organizations()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"organizations","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"name":' || to_json(o.name)::text) || coalesce(',"cnpj":' || to_json(o.cnpj)::text, '') || (',"created_at":' || to_json(o.created_at)::text) as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'organizations', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_organizations() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_organizations() to blindagem_owner;
comment on function blindagem_audit.capture_delete_organizations() is 'Records each delete of a row of organizations.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_payables()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"previous_state.payee_document":' || c."o.payee_document", '') || coalesce(',"previous_state.payee_name":' || c."o.payee_name", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"payables","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_document', c."o.payee_document"), '') || coalesce(',"payee_name":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_name', c."o.payee_name"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, o.condominium_id as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = o.expense_id), 'ORDINARY') as sensitivity, o.condominium_id::text || '/' || o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"condominium_id":' || '"' || o.condominium_id::text || '"') || (',"id":' || '"' || o.id::text || '"') || (',"expense_id":' || '"' || o.expense_id::text || '"') || (',"kind":' || to_json(o.kind)::text) || coalesce(',"retention":' || to_json(o.retention)::text, '') || case when length(o.payee_document) = 11 then '' else coalesce(',"payee_document":' || to_json(o.payee_document)::text, '') end || case when o.payee_name <> '[apagado]' then '' else coalesce(',"payee_name":' || to_json(o.payee_name)::text, '') end || (',"amount":' || '"' || o.amount::text || '"') || (',"due_date":' || to_json(o.due_date)::text) || (',"payment_status":' || to_json(o.payment_status)::text) as o, case when length(o.payee_document) = 11 then to_json(o.payee_document)::text end as "o.payee_document", case when o.payee_name <> '[apagado]' then to_json(o.payee_name)::text end as "o.payee_name"
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'payables', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_payables() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_payables() to blindagem_owner;
comment on function blindagem_audit.capture_delete_payables() is 'Records each delete of a row of payables.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_payee_accounts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"previous_state.payee_document":' || c."o.payee_document", '') || coalesce(',"previous_state.pix_key":' || c."o.pix_key", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"payee_accounts","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_document', c."o.payee_document"), '') || coalesce(',"pix_key":' || blindagem_audit.commitment(c.salt, 'previous_state.pix_key', c."o.pix_key"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, o.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || (',"condominium_id":' || '"' || o.condominium_id::text || '"') || case when length(o.payee_document) = 11 then '' else coalesce(',"payee_document":' || to_json(o.payee_document)::text, '') end || case when o.pix_key <> '[apagado]' then '' else coalesce(',"pix_key":' || to_json(o.pix_key)::text, '') end || (',"first_seen_on":' || to_json(o.first_seen_on)::text) || (',"last_seen_on":' || to_json(o.last_seen_on)::text) as o, case when length(o.payee_document) = 11 then to_json(o.payee_document)::text end as "o.payee_document", case when o.pix_key <> '[apagado]' then to_json(o.pix_key)::text end as "o.pix_key"
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'payee_accounts', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_payee_accounts() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_payee_accounts() to blindagem_owner;
comment on function blindagem_audit.capture_delete_payee_accounts() is 'Records each delete of a row of payee_accounts.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_payments()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"payments","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, o.condominium_id as condominium_id,
                coalesce((select e.sensitivity from blindagem.payables p join blindagem.expenses e on e.id = p.expense_id
               where p.condominium_id = o.condominium_id and p.id = o.payable_id), 'ORDINARY') as sensitivity, o.condominium_id::text || '/' || o.payable_id::text || '/' || o.transaction_id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UNDO_MATCH' end as action, (',"condominium_id":' || '"' || o.condominium_id::text || '"') || (',"payable_id":' || '"' || o.payable_id::text || '"') || (',"transaction_id":' || '"' || o.transaction_id::text || '"') || (',"amount":' || '"' || o.amount::text || '"') || (',"confidence":' || '"' || o.confidence::text || '"') || (',"reasons":' || o.reasons::text) || coalesce(',"decided_by":' || '"' || o.decided_by::text || '"', '') || (',"created_at":' || to_json(o.created_at)::text) as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'payments', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_payments() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_payments() to blindagem_owner;
comment on function blindagem_audit.capture_delete_payments() is 'Records each delete of a row of payments.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_people()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"previous_state.subject":' || c."o.subject", '') || coalesce(',"previous_state.name":' || c."o.name", '') || coalesce(',"previous_state.email":' || c."o.email", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"people","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o || coalesce(',"subject":' || blindagem_audit.commitment(c.salt, 'previous_state.subject', c."o.subject"), '') || coalesce(',"name":' || blindagem_audit.commitment(c.salt, 'previous_state.name', c."o.name"), '') || coalesce(',"email":' || blindagem_audit.commitment(c.salt, 'previous_state.email', c."o.email"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"id":' || '"' || o.id::text || '"') || case when o.subject not like '[apagado]%' then '' else coalesce(',"subject":' || to_json(o.subject)::text, '') end || case when o.name <> '[apagado]' then '' else coalesce(',"name":' || to_json(o.name)::text, '') end || case when o.email is not null then '' else coalesce(',"email":' || to_json(o.email)::text, '') end || (',"created_at":' || to_json(o.created_at)::text) as o, case when o.subject not like '[apagado]%' then to_json(o.subject)::text end as "o.subject", case when o.name <> '[apagado]' then to_json(o.name)::text end as "o.name", case when o.email is not null then to_json(o.email)::text end as "o.email"
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'people', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_people() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_people() to blindagem_owner;
comment on function blindagem_audit.capture_delete_people() is 'Records each delete of a row of people.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_refunds()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"refunds","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, o.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, o.condominium_id::text || '/' || o.credit_id::text || '/' || o.debit_id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UNDO_REFUND' end as action, (',"condominium_id":' || '"' || o.condominium_id::text || '"') || (',"credit_id":' || '"' || o.credit_id::text || '"') || (',"debit_id":' || '"' || o.debit_id::text || '"') || (',"amount":' || '"' || o.amount::text || '"') || (',"confidence":' || '"' || o.confidence::text || '"') || (',"reasons":' || o.reasons::text) || coalesce(',"decided_by":' || '"' || o.decided_by::text || '"', '') || (',"created_at":' || to_json(o.created_at)::text) as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'refunds', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_refunds() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_refunds() to blindagem_owner;
comment on function blindagem_audit.capture_delete_refunds() is 'Records each delete of a row of refunds.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_retentions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"retentions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, o.condominium_id as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = o.expense_id), 'ORDINARY') as sensitivity, o.condominium_id::text || '/' || o.expense_id::text || '/' || o.kind::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"condominium_id":' || '"' || o.condominium_id::text || '"') || (',"expense_id":' || '"' || o.expense_id::text || '"') || (',"kind":' || to_json(o.kind)::text) || (',"amount":' || '"' || o.amount::text || '"') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'retentions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_retentions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_retentions() to blindagem_owner;
comment on function blindagem_audit.capture_delete_retentions() is 'Records each delete of a row of retentions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_reviews()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"previous_state.resolution_reason":' || c."o.resolution_reason", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"reviews","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o || coalesce(',"resolution_reason":' || blindagem_audit.commitment(c.salt, 'previous_state.resolution_reason', c."o.resolution_reason"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, o.condominium_id as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = o.expense_id), 'ORDINARY') as sensitivity, o.condominium_id::text || '/' || o.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"condominium_id":' || '"' || o.condominium_id::text || '"') || (',"id":' || '"' || o.id::text || '"') || (',"kind":' || to_json(o.kind)::text) || coalesce(',"expense_id":' || '"' || o.expense_id::text || '"', '') || (',"subject":' || to_json(o.subject)::text) || (',"reasons":' || o.reasons::text) || coalesce(',"requires":' || to_json(o.requires)::text, '') || (',"opened_at":' || to_json(o.opened_at)::text) || coalesce(',"outcome":' || to_json(o.outcome)::text, '') || coalesce(',"resolved_by":' || '"' || o.resolved_by::text || '"', '') || coalesce(',"resolved_at":' || to_json(o.resolved_at)::text, '') || case when o.resolution_reason <> '[apagado]' then '' else coalesce(',"resolution_reason":' || to_json(o.resolution_reason)::text, '') end as o, case when o.resolution_reason <> '[apagado]' then to_json(o.resolution_reason)::text end as "o.resolution_reason"
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'reviews', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_reviews() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_reviews() to blindagem_owner;
comment on function blindagem_audit.capture_delete_reviews() is 'Records each delete of a row of reviews.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_rules()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"rules","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.code::text || '/' || o.version::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"code":' || to_json(o.code)::text) || (',"version":' || '"' || o.version::text || '"') || (',"facts":' || to_json(o.facts)::text) || (',"severity":' || to_json(o.severity)::text) || (',"parameters":' || o.parameters::text) || (',"source":' || to_json(o.source)::text) || (',"valid_from":' || to_json(o.valid_from)::text) || coalesce(',"valid_to":' || to_json(o.valid_to)::text, '') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'rules', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_rules() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_rules() to blindagem_owner;
comment on function blindagem_audit.capture_delete_rules() is 'Records each delete of a row of rules.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_delete_settings()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"settings","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"DELETE","action":"' || c.action || '"' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, o.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, o.organization_id::text || '/' || o.name::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'DELETE' end as action, (',"organization_id":' || '"' || o.organization_id::text || '"') || (',"name":' || to_json(o.name)::text) || (',"value":' || '"' || o.value::text || '"') as o
              from old_rows o
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'settings', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_delete_settings() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_delete_settings() to blindagem_owner;
comment on function blindagem_audit.capture_delete_settings() is 'Records each delete of a row of settings.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_api_keys()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"api_keys","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"organization_id":' || '"' || n.organization_id::text || '"') || (',"name":' || to_json(n.name)::text) || (',"key_hash":' || to_json(n.key_hash)::text) || (',"created_at":' || to_json(n.created_at)::text) || coalesce(',"revoked_at":' || to_json(n.revoked_at)::text, '') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'api_keys', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_api_keys() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_api_keys() to blindagem_owner;
comment on function blindagem_audit.capture_insert_api_keys() is 'Records each insert of a row of api_keys.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_approval_limits()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"approval_limits","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, n.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"organization_id":' || '"' || n.organization_id::text || '"') || coalesce(',"condominium_id":' || '"' || n.condominium_id::text || '"', '') || (',"amount":' || '"' || n.amount::text || '"') || (',"requires":' || to_json(n.requires)::text) || (',"valid_from":' || to_json(n.valid_from)::text) || coalesce(',"valid_to":' || to_json(n.valid_to)::text, '') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'approval_limits', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_approval_limits() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_approval_limits() to blindagem_owner;
comment on function blindagem_audit.capture_insert_approval_limits() is 'Records each insert of a row of approval_limits.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_auditor_accesses()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.ip":' || c."n.ip", '') || coalesce(',"new_state.variables":' || c."n.variables", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"auditor_accesses","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"ip":' || blindagem_audit.commitment(c.salt, 'new_state.ip', c."n.ip"), '') || coalesce(',"variables":' || blindagem_audit.commitment(c.salt, 'new_state.variables', c."n.variables"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, n.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"accessed_at":' || to_json(n.accessed_at)::text) || (',"person_id":' || '"' || n.person_id::text || '"') || coalesce(',"grant_id":' || '"' || n.grant_id::text || '"', '') || coalesce(',"organization_id":' || '"' || n.organization_id::text || '"', '') || coalesce(',"condominium_id":' || '"' || n.condominium_id::text || '"', '') || (',"request_id":' || to_json(n.request_id)::text) || case when n.ip is not null then '' else coalesce(',"ip":' || to_json(n.ip)::text, '') end || (',"operation":' || to_json(n.operation)::text) || coalesce(',"operation_name":' || to_json(n.operation_name)::text, '') || coalesce(',"document":' || to_json(n.document)::text, '') || case when n.variables <> '{}' then '' else coalesce(',"variables":' || n.variables::text, '') end || (',"entity_ids":' || to_json(n.entity_ids)::text) as n, case when n.ip is not null then to_json(n.ip)::text end as "n.ip", case when n.variables <> '{}' then n.variables::text end as "n.variables"
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'auditor_accesses', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_auditor_accesses() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_auditor_accesses() to blindagem_owner;
comment on function blindagem_audit.capture_insert_auditor_accesses() is 'Records each insert of a row of auditor_accesses.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_bank_accounts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_accounts","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, n.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || coalesce(',"condominium_id":' || '"' || n.condominium_id::text || '"', '') || coalesce(',"organization_id":' || '"' || n.organization_id::text || '"', '') || coalesce(',"connection_id":' || '"' || n.connection_id::text || '"', '') || coalesce(',"provider_account_id":' || to_json(n.provider_account_id)::text, '') || (',"purpose":' || to_json(n.purpose)::text) || (',"name":' || to_json(n.name)::text) || coalesce(',"number_masked":' || to_json(n.number_masked)::text, '') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_accounts', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_bank_accounts() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_bank_accounts() to blindagem_owner;
comment on function blindagem_audit.capture_insert_bank_accounts() is 'Records each insert of a row of bank_accounts.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_bank_connections()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_connections","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, n.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"organization_id":' || '"' || n.organization_id::text || '"') || coalesce(',"condominium_id":' || '"' || n.condominium_id::text || '"', '') || (',"provider":' || to_json(n.provider)::text) || (',"provider_item_id":' || to_json(n.provider_item_id)::text) || (',"state":' || to_json(n.state)::text) || coalesce(',"state_cause":' || to_json(n.state_cause)::text, '') || coalesce(',"known_until":' || to_json(n.known_until)::text, '') || coalesce(',"consent_expires_at":' || to_json(n.consent_expires_at)::text, '') || coalesce(',"synced_at":' || to_json(n.synced_at)::text, '') || (',"created_at":' || to_json(n.created_at)::text) as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_connections', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_bank_connections() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_bank_connections() to blindagem_owner;
comment on function blindagem_audit.capture_insert_bank_connections() is 'Records each insert of a row of bank_connections.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_bank_statements()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_statements","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"account_id":' || '"' || n.account_id::text || '"') || (',"starts_on":' || to_json(n.starts_on)::text) || (',"ends_on":' || to_json(n.ends_on)::text) || coalesce(',"opening_balance":' || '"' || n.opening_balance::text || '"', '') || coalesce(',"closing_balance":' || '"' || n.closing_balance::text || '"', '') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_statements', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_bank_statements() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_bank_statements() to blindagem_owner;
comment on function blindagem_audit.capture_insert_bank_statements() is 'Records each insert of a row of bank_statements.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_bank_transactions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.description":' || c."n.description", '') || coalesce(',"new_state.counterparty_document":' || c."n.counterparty_document", '') || coalesce(',"new_state.counterparty_name":' || c."n.counterparty_name", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_transactions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"description":' || blindagem_audit.commitment(c.salt, 'new_state.description', c."n.description"), '') || coalesce(',"counterparty_document":' || blindagem_audit.commitment(c.salt, 'new_state.counterparty_document', c."n.counterparty_document"), '') || coalesce(',"counterparty_name":' || blindagem_audit.commitment(c.salt, 'new_state.counterparty_name', c."n.counterparty_name"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, n.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, coalesce(',"condominium_id":' || '"' || n.condominium_id::text || '"', '') || (',"id":' || '"' || n.id::text || '"') || (',"account_id":' || '"' || n.account_id::text || '"') || (',"provider_id":' || to_json(n.provider_id)::text) || (',"posted_at":' || to_json(n.posted_at)::text) || (',"posted_on":' || to_json(n.posted_on)::text) || (',"amount":' || '"' || n.amount::text || '"') || case when n.description <> '[apagado]' then '' else coalesce(',"description":' || to_json(n.description)::text, '') end || coalesce(',"operation_type":' || to_json(n.operation_type)::text, '') || case when length(n.counterparty_document) = 11 then '' else coalesce(',"counterparty_document":' || to_json(n.counterparty_document)::text, '') end || case when n.counterparty_name <> '[apagado]' then '' else coalesce(',"counterparty_name":' || to_json(n.counterparty_name)::text, '') end || coalesce(',"end_to_end_id":' || to_json(n.end_to_end_id)::text, '') || coalesce(',"original_end_to_end_id":' || to_json(n.original_end_to_end_id)::text, '') || coalesce(',"check_number":' || to_json(n.check_number)::text, '') || (',"status":' || to_json(n.status)::text) || (',"first_seen_at":' || to_json(n.first_seen_at)::text) || (',"last_seen_at":' || to_json(n.last_seen_at)::text) || coalesce(',"deleted_at":' || to_json(n.deleted_at)::text, '') as n, case when n.description <> '[apagado]' then to_json(n.description)::text end as "n.description", case when length(n.counterparty_document) = 11 then to_json(n.counterparty_document)::text end as "n.counterparty_document", case when n.counterparty_name <> '[apagado]' then to_json(n.counterparty_name)::text end as "n.counterparty_name"
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_transactions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_bank_transactions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_bank_transactions() to blindagem_owner;
comment on function blindagem_audit.capture_insert_bank_transactions() is 'Records each insert of a row of bank_transactions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_categories()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"categories","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                n.sensitivity as sensitivity, n.code::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"code":' || to_json(n.code)::text) || (',"name":' || to_json(n.name)::text) || (',"sensitivity":' || to_json(n.sensitivity)::text) || (',"requires_receipt":' || n.requires_receipt::text) as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'categories', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_categories() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_categories() to blindagem_owner;
comment on function blindagem_audit.capture_insert_categories() is 'Records each insert of a row of categories.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_condominiums()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"condominiums","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, n.id as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"name":' || to_json(n.name)::text) || coalesce(',"cnpj":' || to_json(n.cnpj)::text, '') || coalesce(',"cnpj_valid_from":' || to_json(n.cnpj_valid_from)::text, '') || coalesce(',"city":' || to_json(n.city)::text, '') || coalesce(',"state":' || to_json(n.state)::text, '') || (',"created_at":' || to_json(n.created_at)::text) as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'condominiums', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_condominiums() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_condominiums() to blindagem_owner;
comment on function blindagem_audit.capture_insert_condominiums() is 'Records each insert of a row of condominiums.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_definitions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"definitions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"recorded_at":' || to_json(n.recorded_at)::text) || (',"schema_version":' || to_json(n.schema_version)::text) || (',"server_version":' || '"' || n.server_version::text || '"') || (',"fingerprint":' || to_json(n.fingerprint)::text) || (',"objects":' || n.objects::text) || (',"columns":' || n.columns::text) || (',"unrecorded":' || n.unrecorded::text) as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'definitions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_definitions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_definitions() to blindagem_owner;
comment on function blindagem_audit.capture_insert_definitions() is 'Records each insert of a row of definitions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_document_uploads()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"document_uploads","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.organization_id::text || '/' || n.sha256::text || '/' || n.file_name::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"organization_id":' || '"' || n.organization_id::text || '"') || (',"sha256":' || to_json(n.sha256)::text) || (',"file_name":' || to_json(n.file_name)::text) || coalesce(',"uploaded_by":' || '"' || n.uploaded_by::text || '"', '') || (',"uploaded_at":' || to_json(n.uploaded_at)::text) as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'document_uploads', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_document_uploads() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_document_uploads() to blindagem_owner;
comment on function blindagem_audit.capture_insert_document_uploads() is 'Records each insert of a row of document_uploads.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_erasures()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"erasures","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"organization_id":' || '"' || n.organization_id::text || '"') || coalesce(',"requested_by":' || '"' || n.requested_by::text || '"', '') || (',"requested_at":' || to_json(n.requested_at)::text) || (',"reason":' || to_json(n.reason)::text) || (',"subject":' || to_json(n.subject)::text) || (',"counts":' || n.counts::text) || (',"kept":' || n.kept::text) || (',"targets":' || n.targets::text) || (',"record_ids":' || to_json(n.record_ids)::text) || (',"documents":' || to_json(n.documents)::text) || coalesce(',"person_id":' || '"' || n.person_id::text || '"', '') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'erasures', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_erasures() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_erasures() to blindagem_owner;
comment on function blindagem_audit.capture_insert_erasures() is 'Records each insert of a row of erasures.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_expense_batches()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.refused_rows":' || c."n.refused_rows", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"expense_batches","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"refused_rows":' || blindagem_audit.commitment(c.salt, 'new_state.refused_rows', c."n.refused_rows"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"organization_id":' || '"' || n.organization_id::text || '"') || coalesce(',"parent_id":' || '"' || n.parent_id::text || '"', '') || coalesce(',"idempotency_key":' || to_json(n.idempotency_key)::text, '') || (',"content_hash":' || to_json(n.content_hash)::text) || (',"submitted_by":' || '"' || n.submitted_by::text || '"') || coalesce(',"submitted_through":' || '"' || n.submitted_through::text || '"', '') || (',"submitted_at":' || to_json(n.submitted_at)::text) || (',"row_count":' || '"' || n.row_count::text || '"') || case when n.refused_rows <> '[]' then '' else coalesce(',"refused_rows":' || n.refused_rows::text, '') end as n, case when n.refused_rows <> '[]' then n.refused_rows::text end as "n.refused_rows"
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'expense_batches', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_expense_batches() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_expense_batches() to blindagem_owner;
comment on function blindagem_audit.capture_insert_expense_batches() is 'Records each insert of a row of expense_batches.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_expense_documents()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.file_name":' || c."n.file_name", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"expense_documents","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"file_name":' || blindagem_audit.commitment(c.salt, 'new_state.file_name', c."n.file_name"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, n.condominium_id as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = n.expense_id), 'ORDINARY') as sensitivity, n.condominium_id::text || '/' || n.expense_id::text || '/' || n."position"::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"condominium_id":' || '"' || n.condominium_id::text || '"') || (',"expense_id":' || '"' || n.expense_id::text || '"') || (',"position":' || '"' || n."position"::text || '"') || coalesce(',"sha256":' || to_json(n.sha256)::text, '') || case when n.file_name <> '[apagado]' then '' else coalesce(',"file_name":' || to_json(n.file_name)::text, '') end as n, case when n.file_name <> '[apagado]' then to_json(n.file_name)::text end as "n.file_name"
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'expense_documents', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_expense_documents() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_expense_documents() to blindagem_owner;
comment on function blindagem_audit.capture_insert_expense_documents() is 'Records each insert of a row of expense_documents.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_expenses()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.payee_document":' || c."n.payee_document", '') || coalesce(',"new_state.payee_name":' || c."n.payee_name", '') || coalesce(',"new_state.payee_pix_key":' || c."n.payee_pix_key", '') || coalesce(',"new_state.description":' || c."n.description", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"expenses","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'new_state.payee_document', c."n.payee_document"), '') || coalesce(',"payee_name":' || blindagem_audit.commitment(c.salt, 'new_state.payee_name', c."n.payee_name"), '') || coalesce(',"payee_pix_key":' || blindagem_audit.commitment(c.salt, 'new_state.payee_pix_key', c."n.payee_pix_key"), '') || coalesce(',"description":' || blindagem_audit.commitment(c.salt, 'new_state.description', c."n.description"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, n.condominium_id as condominium_id,
                n.sensitivity as sensitivity, n.condominium_id::text || '/' || n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'SUBMIT' end as action, (',"condominium_id":' || '"' || n.condominium_id::text || '"') || (',"id":' || '"' || n.id::text || '"') || (',"organization_id":' || '"' || n.organization_id::text || '"') || (',"batch_id":' || '"' || n.batch_id::text || '"') || (',"external_id":' || to_json(n.external_id)::text) || (',"category":' || to_json(n.category)::text) || (',"sensitivity":' || to_json(n.sensitivity)::text) || (',"document_kind":' || to_json(n.document_kind)::text) || coalesce(',"document_number":' || to_json(n.document_number)::text, '') || coalesce(',"issue_date":' || to_json(n.issue_date)::text, '') || (',"competence":' || to_json(n.competence)::text) || (',"gross_amount":' || '"' || n.gross_amount::text || '"') || (',"payee_kind":' || to_json(n.payee_kind)::text) || case when length(n.payee_document) = 11 then '' else coalesce(',"payee_document":' || to_json(n.payee_document)::text, '') end || case when n.payee_name <> '[apagado]' then '' else coalesce(',"payee_name":' || to_json(n.payee_name)::text, '') end || case when n.payee_pix_key <> '[apagado]' then '' else coalesce(',"payee_pix_key":' || to_json(n.payee_pix_key)::text, '') end || (',"due_date":' || to_json(n.due_date)::text) || coalesce(',"instalment_number":' || '"' || n.instalment_number::text || '"', '') || coalesce(',"instalment_total":' || '"' || n.instalment_total::text || '"', '') || case when n.description <> '[apagado]' then '' else coalesce(',"description":' || to_json(n.description)::text, '') end || (',"submitted_by":' || '"' || n.submitted_by::text || '"') || (',"submitted_at":' || to_json(n.submitted_at)::text) || (',"fact_deadline":' || to_json(n.fact_deadline)::text) || (',"status":' || to_json(n.status)::text) || (',"status_reasons":' || n.status_reasons::text) || coalesce(',"second_approval":' || to_json(n.second_approval)::text, '') || coalesce(',"decided_at":' || to_json(n.decided_at)::text, '') || (',"payment_status":' || to_json(n.payment_status)::text) || coalesce(',"facts_hash":' || to_json(n.facts_hash)::text, '') as n, case when length(n.payee_document) = 11 then to_json(n.payee_document)::text end as "n.payee_document", case when n.payee_name <> '[apagado]' then to_json(n.payee_name)::text end as "n.payee_name", case when n.payee_pix_key <> '[apagado]' then to_json(n.payee_pix_key)::text end as "n.payee_pix_key", case when n.description <> '[apagado]' then to_json(n.description)::text end as "n.description"
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'expenses', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_expenses() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_expenses() to blindagem_owner;
comment on function blindagem_audit.capture_insert_expenses() is 'Records each insert of a row of expenses.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_grants()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"grants","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, n.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"person_id":' || '"' || n.person_id::text || '"') || (',"role":' || to_json(n.role)::text) || coalesce(',"organization_id":' || '"' || n.organization_id::text || '"', '') || coalesce(',"condominium_id":' || '"' || n.condominium_id::text || '"', '') || coalesce(',"block":' || to_json(n.block)::text, '') || (',"valid_from":' || to_json(n.valid_from)::text) || coalesce(',"valid_to":' || to_json(n.valid_to)::text, '') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'grants', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_grants() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_grants() to blindagem_owner;
comment on function blindagem_audit.capture_insert_grants() is 'Records each insert of a row of grants.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_job_interventions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"job_interventions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"action":' || to_json(n.action)::text) || (',"reason":' || to_json(n.reason)::text) || coalesce(',"job_ids":' || to_json(n.job_ids)::text, '') || coalesce(',"filter":' || n.filter::text, '') || coalesce(',"run_at":' || to_json(n.run_at)::text, '') || coalesce(',"requested_by":' || '"' || n.requested_by::text || '"', '') || (',"requested_at":' || to_json(n.requested_at)::text) || (',"matched":' || '"' || n.matched::text || '"') || (',"changed":' || '"' || n.changed::text || '"') || coalesce(',"next_job_id":' || '"' || n.next_job_id::text || '"', '') || coalesce(',"last_job_id":' || '"' || n.last_job_id::text || '"', '') || coalesce(',"finished_at":' || to_json(n.finished_at)::text, '') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'job_interventions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_job_interventions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_job_interventions() to blindagem_owner;
comment on function blindagem_audit.capture_insert_job_interventions() is 'Records each insert of a row of job_interventions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_managements()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"managements","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, n.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"organization_id":' || '"' || n.organization_id::text || '"') || (',"condominium_id":' || '"' || n.condominium_id::text || '"') || (',"code":' || to_json(n.code)::text) || (',"valid_from":' || to_json(n.valid_from)::text) || coalesce(',"valid_to":' || to_json(n.valid_to)::text, '') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'managements', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_managements() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_managements() to blindagem_owner;
comment on function blindagem_audit.capture_insert_managements() is 'Records each insert of a row of managements.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_members()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"members","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"organization_id":' || '"' || n.organization_id::text || '"') || (',"person_id":' || '"' || n.person_id::text || '"') || (',"role":' || to_json(n.role)::text) || (',"valid_from":' || to_json(n.valid_from)::text) || coalesce(',"valid_to":' || to_json(n.valid_to)::text, '') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'members', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_members() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_members() to blindagem_owner;
comment on function blindagem_audit.capture_insert_members() is 'Records each insert of a row of members.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_movement_verdicts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"movement_verdicts","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, n.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, n.condominium_id::text || '/' || n.transaction_id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"condominium_id":' || '"' || n.condominium_id::text || '"') || (',"transaction_id":' || '"' || n.transaction_id::text || '"') || (',"verdict":' || to_json(n.verdict)::text) || coalesce(',"reversed_credit_id":' || '"' || n.reversed_credit_id::text || '"', '') || (',"reasons":' || n.reasons::text) as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'movement_verdicts', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_movement_verdicts() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_movement_verdicts() to blindagem_owner;
comment on function blindagem_audit.capture_insert_movement_verdicts() is 'Records each insert of a row of movement_verdicts.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_organization_weights()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"organization_weights","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.organization_id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"organization_id":' || '"' || n.organization_id::text || '"') || (',"weight":' || '"' || n.weight::text || '"') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'organization_weights', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_organization_weights() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_organization_weights() to blindagem_owner;
comment on function blindagem_audit.capture_insert_organization_weights() is 'Records each insert of a row of organization_weights.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_organizations()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"organizations","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"name":' || to_json(n.name)::text) || coalesce(',"cnpj":' || to_json(n.cnpj)::text, '') || (',"created_at":' || to_json(n.created_at)::text) as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'organizations', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_organizations() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_organizations() to blindagem_owner;
comment on function blindagem_audit.capture_insert_organizations() is 'Records each insert of a row of organizations.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_payables()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.payee_document":' || c."n.payee_document", '') || coalesce(',"new_state.payee_name":' || c."n.payee_name", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"payables","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'new_state.payee_document', c."n.payee_document"), '') || coalesce(',"payee_name":' || blindagem_audit.commitment(c.salt, 'new_state.payee_name', c."n.payee_name"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, n.condominium_id as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = n.expense_id), 'ORDINARY') as sensitivity, n.condominium_id::text || '/' || n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"condominium_id":' || '"' || n.condominium_id::text || '"') || (',"id":' || '"' || n.id::text || '"') || (',"expense_id":' || '"' || n.expense_id::text || '"') || (',"kind":' || to_json(n.kind)::text) || coalesce(',"retention":' || to_json(n.retention)::text, '') || case when length(n.payee_document) = 11 then '' else coalesce(',"payee_document":' || to_json(n.payee_document)::text, '') end || case when n.payee_name <> '[apagado]' then '' else coalesce(',"payee_name":' || to_json(n.payee_name)::text, '') end || (',"amount":' || '"' || n.amount::text || '"') || (',"due_date":' || to_json(n.due_date)::text) || (',"payment_status":' || to_json(n.payment_status)::text) as n, case when length(n.payee_document) = 11 then to_json(n.payee_document)::text end as "n.payee_document", case when n.payee_name <> '[apagado]' then to_json(n.payee_name)::text end as "n.payee_name"
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'payables', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_payables() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_payables() to blindagem_owner;
comment on function blindagem_audit.capture_insert_payables() is 'Records each insert of a row of payables.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_payee_accounts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.payee_document":' || c."n.payee_document", '') || coalesce(',"new_state.pix_key":' || c."n.pix_key", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"payee_accounts","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'new_state.payee_document', c."n.payee_document"), '') || coalesce(',"pix_key":' || blindagem_audit.commitment(c.salt, 'new_state.pix_key', c."n.pix_key"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, n.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || (',"condominium_id":' || '"' || n.condominium_id::text || '"') || case when length(n.payee_document) = 11 then '' else coalesce(',"payee_document":' || to_json(n.payee_document)::text, '') end || case when n.pix_key <> '[apagado]' then '' else coalesce(',"pix_key":' || to_json(n.pix_key)::text, '') end || (',"first_seen_on":' || to_json(n.first_seen_on)::text) || (',"last_seen_on":' || to_json(n.last_seen_on)::text) as n, case when length(n.payee_document) = 11 then to_json(n.payee_document)::text end as "n.payee_document", case when n.pix_key <> '[apagado]' then to_json(n.pix_key)::text end as "n.pix_key"
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'payee_accounts', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_payee_accounts() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_payee_accounts() to blindagem_owner;
comment on function blindagem_audit.capture_insert_payee_accounts() is 'Records each insert of a row of payee_accounts.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_payments()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"payments","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, n.condominium_id as condominium_id,
                coalesce((select e.sensitivity from blindagem.payables p join blindagem.expenses e on e.id = p.expense_id
               where p.condominium_id = n.condominium_id and p.id = n.payable_id), 'ORDINARY') as sensitivity, n.condominium_id::text || '/' || n.payable_id::text || '/' || n.transaction_id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'MATCH' end as action, (',"condominium_id":' || '"' || n.condominium_id::text || '"') || (',"payable_id":' || '"' || n.payable_id::text || '"') || (',"transaction_id":' || '"' || n.transaction_id::text || '"') || (',"amount":' || '"' || n.amount::text || '"') || (',"confidence":' || '"' || n.confidence::text || '"') || (',"reasons":' || n.reasons::text) || coalesce(',"decided_by":' || '"' || n.decided_by::text || '"', '') || (',"created_at":' || to_json(n.created_at)::text) as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'payments', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_payments() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_payments() to blindagem_owner;
comment on function blindagem_audit.capture_insert_payments() is 'Records each insert of a row of payments.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_people()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.subject":' || c."n.subject", '') || coalesce(',"new_state.name":' || c."n.name", '') || coalesce(',"new_state.email":' || c."n.email", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"people","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"subject":' || blindagem_audit.commitment(c.salt, 'new_state.subject', c."n.subject"), '') || coalesce(',"name":' || blindagem_audit.commitment(c.salt, 'new_state.name', c."n.name"), '') || coalesce(',"email":' || blindagem_audit.commitment(c.salt, 'new_state.email', c."n.email"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"id":' || '"' || n.id::text || '"') || case when n.subject not like '[apagado]%' then '' else coalesce(',"subject":' || to_json(n.subject)::text, '') end || case when n.name <> '[apagado]' then '' else coalesce(',"name":' || to_json(n.name)::text, '') end || case when n.email is not null then '' else coalesce(',"email":' || to_json(n.email)::text, '') end || (',"created_at":' || to_json(n.created_at)::text) as n, case when n.subject not like '[apagado]%' then to_json(n.subject)::text end as "n.subject", case when n.name <> '[apagado]' then to_json(n.name)::text end as "n.name", case when n.email is not null then to_json(n.email)::text end as "n.email"
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'people', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_people() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_people() to blindagem_owner;
comment on function blindagem_audit.capture_insert_people() is 'Records each insert of a row of people.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_refunds()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"refunds","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, n.condominium_id as condominium_id,
                'ORDINARY' as sensitivity, n.condominium_id::text || '/' || n.credit_id::text || '/' || n.debit_id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'REFUND' end as action, (',"condominium_id":' || '"' || n.condominium_id::text || '"') || (',"credit_id":' || '"' || n.credit_id::text || '"') || (',"debit_id":' || '"' || n.debit_id::text || '"') || (',"amount":' || '"' || n.amount::text || '"') || (',"confidence":' || '"' || n.confidence::text || '"') || (',"reasons":' || n.reasons::text) || coalesce(',"decided_by":' || '"' || n.decided_by::text || '"', '') || (',"created_at":' || to_json(n.created_at)::text) as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'refunds', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_refunds() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_refunds() to blindagem_owner;
comment on function blindagem_audit.capture_insert_refunds() is 'Records each insert of a row of refunds.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_retentions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"retentions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, n.condominium_id as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = n.expense_id), 'ORDINARY') as sensitivity, n.condominium_id::text || '/' || n.expense_id::text || '/' || n.kind::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"condominium_id":' || '"' || n.condominium_id::text || '"') || (',"expense_id":' || '"' || n.expense_id::text || '"') || (',"kind":' || to_json(n.kind)::text) || (',"amount":' || '"' || n.amount::text || '"') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'retentions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_retentions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_retentions() to blindagem_owner;
comment on function blindagem_audit.capture_insert_retentions() is 'Records each insert of a row of retentions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_reviews()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.resolution_reason":' || c."n.resolution_reason", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"reviews","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"resolution_reason":' || blindagem_audit.commitment(c.salt, 'new_state.resolution_reason', c."n.resolution_reason"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, n.condominium_id as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = n.expense_id), 'ORDINARY') as sensitivity, n.condominium_id::text || '/' || n.id::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'OPEN_REVIEW' end as action, (',"condominium_id":' || '"' || n.condominium_id::text || '"') || (',"id":' || '"' || n.id::text || '"') || (',"kind":' || to_json(n.kind)::text) || coalesce(',"expense_id":' || '"' || n.expense_id::text || '"', '') || (',"subject":' || to_json(n.subject)::text) || (',"reasons":' || n.reasons::text) || coalesce(',"requires":' || to_json(n.requires)::text, '') || (',"opened_at":' || to_json(n.opened_at)::text) || coalesce(',"outcome":' || to_json(n.outcome)::text, '') || coalesce(',"resolved_by":' || '"' || n.resolved_by::text || '"', '') || coalesce(',"resolved_at":' || to_json(n.resolved_at)::text, '') || case when n.resolution_reason <> '[apagado]' then '' else coalesce(',"resolution_reason":' || to_json(n.resolution_reason)::text, '') end as n, case when n.resolution_reason <> '[apagado]' then to_json(n.resolution_reason)::text end as "n.resolution_reason"
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'reviews', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_reviews() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_reviews() to blindagem_owner;
comment on function blindagem_audit.capture_insert_reviews() is 'Records each insert of a row of reviews.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_rules()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"rules","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.code::text || '/' || n.version::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"code":' || to_json(n.code)::text) || (',"version":' || '"' || n.version::text || '"') || (',"facts":' || to_json(n.facts)::text) || (',"severity":' || to_json(n.severity)::text) || (',"parameters":' || n.parameters::text) || (',"source":' || to_json(n.source)::text) || (',"valid_from":' || to_json(n.valid_from)::text) || coalesce(',"valid_to":' || to_json(n.valid_to)::text, '') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'rules', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_rules() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_rules() to blindagem_owner;
comment on function blindagem_audit.capture_insert_rules() is 'Records each insert of a row of rules.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_insert_settings()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"settings","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"INSERT","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, n.organization_id as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, n.organization_id::text || '/' || n.name::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'INSERT' end as action, (',"organization_id":' || '"' || n.organization_id::text || '"') || (',"name":' || to_json(n.name)::text) || (',"value":' || '"' || n.value::text || '"') as n
              from new_rows n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'settings', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_insert_settings() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_insert_settings() to blindagem_owner;
comment on function blindagem_audit.capture_insert_settings() is 'Records each insert of a row of settings.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_source(table_name regclass, operation text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
    declare
      entity text;
      columns text[];
      keys text[];
      any_row text;
      entity_id text;
      organization text;
      condominium text;
      sensitivity text;
      changed_rows text;
      side text;
      sides text[] := case operation when 'INSERT' then '{n}' when 'DELETE' then '{o}' else '{n,o}' end;
      states text := '';
      told text := '';
      open_states text[] := '{}';
      personal_values text[] := '{}';
    begin
      select c.relname into strict entity from pg_class c where c.oid = table_name;
      select array_agg(a.attname::text order by a.attnum) into columns
      from pg_attribute a where a.attrelid = table_name and a.attnum > 0 and not a.attisdropped;
      select array_agg(a.attname::text order by k.position) into keys
      from pg_constraint c
      cross join unnest(c.conkey) with ordinality as k (attnum, position)
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum
      where c.conrelid = table_name and c.contype = 'p';

      -- Of an updated row whose key was changed all the same, one half is missing.
      any_row := case operation when 'UPDATE' then 'coalesce(n.%1$I, o.%1$I)' when 'DELETE' then 'o.%1$I' else 'n.%1$I' end;
      select string_agg(format(any_row || '::text', key), $s$ || '/' || $s$ order by place) into entity_id
      from unnest(keys) with ordinality as k (key, place);
      organization := case
        when entity = 'organizations' then format(any_row, 'id')
        when 'organization_id' = any (columns) then format(any_row, 'organization_id')
        else 'null::bigint' end;
      condominium := case
        when entity = 'condominiums' then format(any_row, 'id')
        when 'condominium_id' = any (columns) then format(any_row, 'condominium_id')
        else 'null::bigint' end;
      -- By the expense's id alone, which is unique: with the condominium beside it, the planner of a database without
      -- statistics took an index of the condominium and read all its expenses for each row.
      sensitivity := case
        when 'sensitivity' = any (columns) then format(any_row, 'sensitivity')
        when 'expense_id' = any (columns) then format(
          $s$coalesce((select e.sensitivity from blindagem.expenses e where e.id = %s), 'ORDINARY')$s$,
          format(any_row, 'expense_id'))
        when 'payable_id' = any (columns) then format(
          $s$coalesce((select e.sensitivity from blindagem.payables p join blindagem.expenses e on e.id = p.expense_id
               where p.condominium_id = %s and p.id = %s), 'ORDINARY')$s$,
          format(any_row, 'condominium_id'), format(any_row, 'payable_id'))
        else $s$'ORDINARY'$s$ end;
      changed_rows := case operation
        when 'INSERT' then 'new_rows n'
        when 'DELETE' then 'old_rows o'
        else 'old_rows o full join new_rows n on '
          || (select string_agg(format('n.%1$I = o.%1$I', key), ' and ') from unnest(keys) as key)
          || ' where o is distinct from n' end;
      foreach side in array sides loop
        open_states := open_states
          || (blindagem_audit.state_source(table_name, side, operation = 'UPDATE') || format(' as %I', side))
          || blindagem_audit.personal_source(table_name, side, operation = 'UPDATE');
        states := states || format($s$ || ',"%s":{' || substr(%s, 2) || '}'$s$,
          case side when 'o' then 'previous_state' else 'new_state' end,
          concat_ws(' || ', 'c.' || side, blindagem_audit.committed_source(table_name, side,
            $s$coalesce(',"%1$s":' || blindagem_audit.commitment(c.salt, '%2$s.%1$s', c.%3$I), '')$s$)));
        personal_values := personal_values || blindagem_audit.committed_source(table_name, side,
          $s$coalesce(',"%2$s.%1$s":' || c.%3$I, '')$s$);
      end loop;
      told := array_to_string(personal_values, ' || ');

      return format($f$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, %11$s as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"%1$s","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"%2$s","action":"' || c.action || '"'%3$s || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, %4$s as organization_id, %5$s as condominium_id,
                %6$s as sensitivity, %7$s as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else %8$s end as action, %9$s
              from %10$s
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, %1$L, c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $f$, entity, operation, states,
        organization, condominium, sensitivity, entity_id, blindagem_audit.action_source(entity, operation),
        array_to_string(open_states, ', '), changed_rows, coalesce(nullif(told, ''), $s$''$s$));
    end
  $function$
;
alter function blindagem_audit.capture_source(regclass,text) owner to blindagem_audit_owner;
comment on function blindagem_audit.capture_source(regclass,text) is 'The body of a table''s capture function: one record per changed row, in one statement, with its mark for sealing and what it commits to. Old and new rows pair by key in a full join. Of a secret that lives as long as the statement and the record''s id come the two salts of a record: one stands in it and keeps those who have its hash alone from guessing what it says, the other stands beside it, with the values. After a change of the table''s columns, define_capture is to be called again (a test compares).';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_truncate()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      action text := case when who.out_of_band then 'OUT_OF_BAND' else 'TRUNCATE' end;
      record_id bigint := nextval('blindagem_audit.record_id');
      context_salt bytea := uuid_send(gen_random_uuid());
      context text := blindagem_audit.context_values(who);
    begin
      insert into blindagem_audit.audit_log_immutable (id, recorded_at, sensitivity, entity_type, entity_id, action, actor_id, entry)
      values (record_id, at, 'ORDINARY', tg_table_name, tg_table_name, action, who.actor_id,
        '{"format":"blindagem-record-5","id":"' || record_id || '","salt":"' || gen_random_uuid()
          || '","sensitivity":"ORDINARY","entity_type":"' || tg_table_name || '","entity_id":"' || tg_table_name
          || '","operation":"TRUNCATE","action":"' || action || '",' || blindagem_audit.context_entry(who, at, context_salt) || '}');
      if context is not null then
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        values (record_id / 256, at, array[record_id], array[null::bytea], array[null::text], context_salt, '{' || context || '}');
      end if;
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      values (record_id, array[record_id], at);
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_truncate() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_truncate() to blindagem_owner;
comment on function blindagem_audit.capture_truncate() is 'Records that a table was emptied.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_api_keys()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"api_keys","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(n.name)::text, 'null') else '' end || case when o.key_hash is distinct from n.key_hash then ',"key_hash":' || coalesce(to_json(n.key_hash)::text, 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(n.created_at)::text, 'null') else '' end || case when o.revoked_at is distinct from n.revoked_at then ',"revoked_at":' || coalesce(to_json(n.revoked_at)::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(o.name)::text, 'null') else '' end || case when o.key_hash is distinct from n.key_hash then ',"key_hash":' || coalesce(to_json(o.key_hash)::text, 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(o.created_at)::text, 'null') else '' end || case when o.revoked_at is distinct from n.revoked_at then ',"revoked_at":' || coalesce(to_json(o.revoked_at)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'api_keys', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_api_keys() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_api_keys() to blindagem_owner;
comment on function blindagem_audit.capture_update_api_keys() is 'Records each update of a row of api_keys.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_approval_limits()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"approval_limits","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || n.amount::text || '"', 'null') else '' end || case when o.requires is distinct from n.requires then ',"requires":' || coalesce(to_json(n.requires)::text, 'null') else '' end || case when o.valid_from is distinct from n.valid_from then ',"valid_from":' || coalesce(to_json(n.valid_from)::text, 'null') else '' end || case when o.valid_to is distinct from n.valid_to then ',"valid_to":' || coalesce(to_json(n.valid_to)::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || o.amount::text || '"', 'null') else '' end || case when o.requires is distinct from n.requires then ',"requires":' || coalesce(to_json(o.requires)::text, 'null') else '' end || case when o.valid_from is distinct from n.valid_from then ',"valid_from":' || coalesce(to_json(o.valid_from)::text, 'null') else '' end || case when o.valid_to is distinct from n.valid_to then ',"valid_to":' || coalesce(to_json(o.valid_to)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'approval_limits', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_approval_limits() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_approval_limits() to blindagem_owner;
comment on function blindagem_audit.capture_update_approval_limits() is 'Records each update of a row of approval_limits.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_auditor_accesses()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.ip":' || c."n.ip", '') || coalesce(',"new_state.variables":' || c."n.variables", '') || coalesce(',"previous_state.ip":' || c."o.ip", '') || coalesce(',"previous_state.variables":' || c."o.variables", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"auditor_accesses","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"ip":' || blindagem_audit.commitment(c.salt, 'new_state.ip', c."n.ip"), '') || coalesce(',"variables":' || blindagem_audit.commitment(c.salt, 'new_state.variables', c."n.variables"), ''), 2) || '}' || ',"previous_state":{' || substr(c.o || coalesce(',"ip":' || blindagem_audit.commitment(c.salt, 'previous_state.ip', c."o.ip"), '') || coalesce(',"variables":' || blindagem_audit.commitment(c.salt, 'previous_state.variables', c."o.variables"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.accessed_at is distinct from n.accessed_at then ',"accessed_at":' || coalesce(to_json(n.accessed_at)::text, 'null') else '' end || case when o.person_id is distinct from n.person_id then ',"person_id":' || coalesce('"' || n.person_id::text || '"', 'null') else '' end || case when o.grant_id is distinct from n.grant_id then ',"grant_id":' || coalesce('"' || n.grant_id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.request_id is distinct from n.request_id then ',"request_id":' || coalesce(to_json(n.request_id)::text, 'null') else '' end || case when o.ip is distinct from n.ip and (n.ip is not null) is not true then ',"ip":' || coalesce(to_json(n.ip)::text, 'null') else '' end || case when o.operation is distinct from n.operation then ',"operation":' || coalesce(to_json(n.operation)::text, 'null') else '' end || case when o.operation_name is distinct from n.operation_name then ',"operation_name":' || coalesce(to_json(n.operation_name)::text, 'null') else '' end || case when o.document is distinct from n.document then ',"document":' || coalesce(to_json(n.document)::text, 'null') else '' end || case when o.variables is distinct from n.variables and (n.variables <> '{}') is not true then ',"variables":' || coalesce(n.variables::text, 'null') else '' end || case when o.entity_ids is distinct from n.entity_ids then ',"entity_ids":' || coalesce(to_json(n.entity_ids)::text, 'null') else '' end as n, case when o.ip is distinct from n.ip and (n.ip is not null) then to_json(n.ip)::text end as "n.ip", case when o.variables is distinct from n.variables and (n.variables <> '{}') then n.variables::text end as "n.variables", case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.accessed_at is distinct from n.accessed_at then ',"accessed_at":' || coalesce(to_json(o.accessed_at)::text, 'null') else '' end || case when o.person_id is distinct from n.person_id then ',"person_id":' || coalesce('"' || o.person_id::text || '"', 'null') else '' end || case when o.grant_id is distinct from n.grant_id then ',"grant_id":' || coalesce('"' || o.grant_id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.request_id is distinct from n.request_id then ',"request_id":' || coalesce(to_json(o.request_id)::text, 'null') else '' end || case when o.ip is distinct from n.ip and (o.ip is not null) is not true then ',"ip":' || coalesce(to_json(o.ip)::text, 'null') else '' end || case when o.operation is distinct from n.operation then ',"operation":' || coalesce(to_json(o.operation)::text, 'null') else '' end || case when o.operation_name is distinct from n.operation_name then ',"operation_name":' || coalesce(to_json(o.operation_name)::text, 'null') else '' end || case when o.document is distinct from n.document then ',"document":' || coalesce(to_json(o.document)::text, 'null') else '' end || case when o.variables is distinct from n.variables and (o.variables <> '{}') is not true then ',"variables":' || coalesce(o.variables::text, 'null') else '' end || case when o.entity_ids is distinct from n.entity_ids then ',"entity_ids":' || coalesce(to_json(o.entity_ids)::text, 'null') else '' end as o, case when o.ip is distinct from n.ip and (o.ip is not null) then to_json(o.ip)::text end as "o.ip", case when o.variables is distinct from n.variables and (o.variables <> '{}') then o.variables::text end as "o.variables"
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'auditor_accesses', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_auditor_accesses() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_auditor_accesses() to blindagem_owner;
comment on function blindagem_audit.capture_update_auditor_accesses() is 'Records each update of a row of auditor_accesses.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_bank_accounts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_accounts","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.connection_id is distinct from n.connection_id then ',"connection_id":' || coalesce('"' || n.connection_id::text || '"', 'null') else '' end || case when o.provider_account_id is distinct from n.provider_account_id then ',"provider_account_id":' || coalesce(to_json(n.provider_account_id)::text, 'null') else '' end || case when o.purpose is distinct from n.purpose then ',"purpose":' || coalesce(to_json(n.purpose)::text, 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(n.name)::text, 'null') else '' end || case when o.number_masked is distinct from n.number_masked then ',"number_masked":' || coalesce(to_json(n.number_masked)::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.connection_id is distinct from n.connection_id then ',"connection_id":' || coalesce('"' || o.connection_id::text || '"', 'null') else '' end || case when o.provider_account_id is distinct from n.provider_account_id then ',"provider_account_id":' || coalesce(to_json(o.provider_account_id)::text, 'null') else '' end || case when o.purpose is distinct from n.purpose then ',"purpose":' || coalesce(to_json(o.purpose)::text, 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(o.name)::text, 'null') else '' end || case when o.number_masked is distinct from n.number_masked then ',"number_masked":' || coalesce(to_json(o.number_masked)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_accounts', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_bank_accounts() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_bank_accounts() to blindagem_owner;
comment on function blindagem_audit.capture_update_bank_accounts() is 'Records each update of a row of bank_accounts.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_bank_connections()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_connections","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.provider is distinct from n.provider then ',"provider":' || coalesce(to_json(n.provider)::text, 'null') else '' end || case when o.provider_item_id is distinct from n.provider_item_id then ',"provider_item_id":' || coalesce(to_json(n.provider_item_id)::text, 'null') else '' end || case when o.state is distinct from n.state then ',"state":' || coalesce(to_json(n.state)::text, 'null') else '' end || case when o.state_cause is distinct from n.state_cause then ',"state_cause":' || coalesce(to_json(n.state_cause)::text, 'null') else '' end || case when o.known_until is distinct from n.known_until then ',"known_until":' || coalesce(to_json(n.known_until)::text, 'null') else '' end || case when o.consent_expires_at is distinct from n.consent_expires_at then ',"consent_expires_at":' || coalesce(to_json(n.consent_expires_at)::text, 'null') else '' end || case when o.synced_at is distinct from n.synced_at then ',"synced_at":' || coalesce(to_json(n.synced_at)::text, 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(n.created_at)::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.provider is distinct from n.provider then ',"provider":' || coalesce(to_json(o.provider)::text, 'null') else '' end || case when o.provider_item_id is distinct from n.provider_item_id then ',"provider_item_id":' || coalesce(to_json(o.provider_item_id)::text, 'null') else '' end || case when o.state is distinct from n.state then ',"state":' || coalesce(to_json(o.state)::text, 'null') else '' end || case when o.state_cause is distinct from n.state_cause then ',"state_cause":' || coalesce(to_json(o.state_cause)::text, 'null') else '' end || case when o.known_until is distinct from n.known_until then ',"known_until":' || coalesce(to_json(o.known_until)::text, 'null') else '' end || case when o.consent_expires_at is distinct from n.consent_expires_at then ',"consent_expires_at":' || coalesce(to_json(o.consent_expires_at)::text, 'null') else '' end || case when o.synced_at is distinct from n.synced_at then ',"synced_at":' || coalesce(to_json(o.synced_at)::text, 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(o.created_at)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_connections', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_bank_connections() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_bank_connections() to blindagem_owner;
comment on function blindagem_audit.capture_update_bank_connections() is 'Records each update of a row of bank_connections.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_bank_statements()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_statements","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.account_id is distinct from n.account_id then ',"account_id":' || coalesce('"' || n.account_id::text || '"', 'null') else '' end || case when o.starts_on is distinct from n.starts_on then ',"starts_on":' || coalesce(to_json(n.starts_on)::text, 'null') else '' end || case when o.ends_on is distinct from n.ends_on then ',"ends_on":' || coalesce(to_json(n.ends_on)::text, 'null') else '' end || case when o.opening_balance is distinct from n.opening_balance then ',"opening_balance":' || coalesce('"' || n.opening_balance::text || '"', 'null') else '' end || case when o.closing_balance is distinct from n.closing_balance then ',"closing_balance":' || coalesce('"' || n.closing_balance::text || '"', 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.account_id is distinct from n.account_id then ',"account_id":' || coalesce('"' || o.account_id::text || '"', 'null') else '' end || case when o.starts_on is distinct from n.starts_on then ',"starts_on":' || coalesce(to_json(o.starts_on)::text, 'null') else '' end || case when o.ends_on is distinct from n.ends_on then ',"ends_on":' || coalesce(to_json(o.ends_on)::text, 'null') else '' end || case when o.opening_balance is distinct from n.opening_balance then ',"opening_balance":' || coalesce('"' || o.opening_balance::text || '"', 'null') else '' end || case when o.closing_balance is distinct from n.closing_balance then ',"closing_balance":' || coalesce('"' || o.closing_balance::text || '"', 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_statements', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_bank_statements() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_bank_statements() to blindagem_owner;
comment on function blindagem_audit.capture_update_bank_statements() is 'Records each update of a row of bank_statements.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_bank_transactions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.description":' || c."n.description", '') || coalesce(',"new_state.counterparty_document":' || c."n.counterparty_document", '') || coalesce(',"new_state.counterparty_name":' || c."n.counterparty_name", '') || coalesce(',"previous_state.description":' || c."o.description", '') || coalesce(',"previous_state.counterparty_document":' || c."o.counterparty_document", '') || coalesce(',"previous_state.counterparty_name":' || c."o.counterparty_name", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"bank_transactions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"description":' || blindagem_audit.commitment(c.salt, 'new_state.description', c."n.description"), '') || coalesce(',"counterparty_document":' || blindagem_audit.commitment(c.salt, 'new_state.counterparty_document', c."n.counterparty_document"), '') || coalesce(',"counterparty_name":' || blindagem_audit.commitment(c.salt, 'new_state.counterparty_name', c."n.counterparty_name"), ''), 2) || '}' || ',"previous_state":{' || substr(c.o || coalesce(',"description":' || blindagem_audit.commitment(c.salt, 'previous_state.description', c."o.description"), '') || coalesce(',"counterparty_document":' || blindagem_audit.commitment(c.salt, 'previous_state.counterparty_document', c."o.counterparty_document"), '') || coalesce(',"counterparty_name":' || blindagem_audit.commitment(c.salt, 'previous_state.counterparty_name', c."o.counterparty_name"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.account_id is distinct from n.account_id then ',"account_id":' || coalesce('"' || n.account_id::text || '"', 'null') else '' end || case when o.provider_id is distinct from n.provider_id then ',"provider_id":' || coalesce(to_json(n.provider_id)::text, 'null') else '' end || case when o.posted_at is distinct from n.posted_at then ',"posted_at":' || coalesce(to_json(n.posted_at)::text, 'null') else '' end || case when o.posted_on is distinct from n.posted_on then ',"posted_on":' || coalesce(to_json(n.posted_on)::text, 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || n.amount::text || '"', 'null') else '' end || case when o.description is distinct from n.description and (n.description <> '[apagado]') is not true then ',"description":' || coalesce(to_json(n.description)::text, 'null') else '' end || case when o.operation_type is distinct from n.operation_type then ',"operation_type":' || coalesce(to_json(n.operation_type)::text, 'null') else '' end || case when o.counterparty_document is distinct from n.counterparty_document and (length(n.counterparty_document) = 11) is not true then ',"counterparty_document":' || coalesce(to_json(n.counterparty_document)::text, 'null') else '' end || case when o.counterparty_name is distinct from n.counterparty_name and (n.counterparty_name <> '[apagado]') is not true then ',"counterparty_name":' || coalesce(to_json(n.counterparty_name)::text, 'null') else '' end || case when o.end_to_end_id is distinct from n.end_to_end_id then ',"end_to_end_id":' || coalesce(to_json(n.end_to_end_id)::text, 'null') else '' end || case when o.original_end_to_end_id is distinct from n.original_end_to_end_id then ',"original_end_to_end_id":' || coalesce(to_json(n.original_end_to_end_id)::text, 'null') else '' end || case when o.check_number is distinct from n.check_number then ',"check_number":' || coalesce(to_json(n.check_number)::text, 'null') else '' end || case when o.status is distinct from n.status then ',"status":' || coalesce(to_json(n.status)::text, 'null') else '' end || case when o.first_seen_at is distinct from n.first_seen_at then ',"first_seen_at":' || coalesce(to_json(n.first_seen_at)::text, 'null') else '' end || case when o.last_seen_at is distinct from n.last_seen_at then ',"last_seen_at":' || coalesce(to_json(n.last_seen_at)::text, 'null') else '' end || case when o.deleted_at is distinct from n.deleted_at then ',"deleted_at":' || coalesce(to_json(n.deleted_at)::text, 'null') else '' end as n, case when o.description is distinct from n.description and (n.description <> '[apagado]') then to_json(n.description)::text end as "n.description", case when o.counterparty_document is distinct from n.counterparty_document and (length(n.counterparty_document) = 11) then to_json(n.counterparty_document)::text end as "n.counterparty_document", case when o.counterparty_name is distinct from n.counterparty_name and (n.counterparty_name <> '[apagado]') then to_json(n.counterparty_name)::text end as "n.counterparty_name", case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.account_id is distinct from n.account_id then ',"account_id":' || coalesce('"' || o.account_id::text || '"', 'null') else '' end || case when o.provider_id is distinct from n.provider_id then ',"provider_id":' || coalesce(to_json(o.provider_id)::text, 'null') else '' end || case when o.posted_at is distinct from n.posted_at then ',"posted_at":' || coalesce(to_json(o.posted_at)::text, 'null') else '' end || case when o.posted_on is distinct from n.posted_on then ',"posted_on":' || coalesce(to_json(o.posted_on)::text, 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || o.amount::text || '"', 'null') else '' end || case when o.description is distinct from n.description and (o.description <> '[apagado]') is not true then ',"description":' || coalesce(to_json(o.description)::text, 'null') else '' end || case when o.operation_type is distinct from n.operation_type then ',"operation_type":' || coalesce(to_json(o.operation_type)::text, 'null') else '' end || case when o.counterparty_document is distinct from n.counterparty_document and (length(o.counterparty_document) = 11) is not true then ',"counterparty_document":' || coalesce(to_json(o.counterparty_document)::text, 'null') else '' end || case when o.counterparty_name is distinct from n.counterparty_name and (o.counterparty_name <> '[apagado]') is not true then ',"counterparty_name":' || coalesce(to_json(o.counterparty_name)::text, 'null') else '' end || case when o.end_to_end_id is distinct from n.end_to_end_id then ',"end_to_end_id":' || coalesce(to_json(o.end_to_end_id)::text, 'null') else '' end || case when o.original_end_to_end_id is distinct from n.original_end_to_end_id then ',"original_end_to_end_id":' || coalesce(to_json(o.original_end_to_end_id)::text, 'null') else '' end || case when o.check_number is distinct from n.check_number then ',"check_number":' || coalesce(to_json(o.check_number)::text, 'null') else '' end || case when o.status is distinct from n.status then ',"status":' || coalesce(to_json(o.status)::text, 'null') else '' end || case when o.first_seen_at is distinct from n.first_seen_at then ',"first_seen_at":' || coalesce(to_json(o.first_seen_at)::text, 'null') else '' end || case when o.last_seen_at is distinct from n.last_seen_at then ',"last_seen_at":' || coalesce(to_json(o.last_seen_at)::text, 'null') else '' end || case when o.deleted_at is distinct from n.deleted_at then ',"deleted_at":' || coalesce(to_json(o.deleted_at)::text, 'null') else '' end as o, case when o.description is distinct from n.description and (o.description <> '[apagado]') then to_json(o.description)::text end as "o.description", case when o.counterparty_document is distinct from n.counterparty_document and (length(o.counterparty_document) = 11) then to_json(o.counterparty_document)::text end as "o.counterparty_document", case when o.counterparty_name is distinct from n.counterparty_name and (o.counterparty_name <> '[apagado]') then to_json(o.counterparty_name)::text end as "o.counterparty_name"
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'bank_transactions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_bank_transactions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_bank_transactions() to blindagem_owner;
comment on function blindagem_audit.capture_update_bank_transactions() is 'Records each update of a row of bank_transactions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_categories()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"categories","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                coalesce(n.sensitivity, o.sensitivity) as sensitivity, coalesce(n.code, o.code)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.code is distinct from n.code then ',"code":' || coalesce(to_json(n.code)::text, 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(n.name)::text, 'null') else '' end || case when o.sensitivity is distinct from n.sensitivity then ',"sensitivity":' || coalesce(to_json(n.sensitivity)::text, 'null') else '' end || case when o.requires_receipt is distinct from n.requires_receipt then ',"requires_receipt":' || coalesce(n.requires_receipt::text, 'null') else '' end as n, case when o.code is distinct from n.code then ',"code":' || coalesce(to_json(o.code)::text, 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(o.name)::text, 'null') else '' end || case when o.sensitivity is distinct from n.sensitivity then ',"sensitivity":' || coalesce(to_json(o.sensitivity)::text, 'null') else '' end || case when o.requires_receipt is distinct from n.requires_receipt then ',"requires_receipt":' || coalesce(o.requires_receipt::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.code = o.code where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'categories', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_categories() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_categories() to blindagem_owner;
comment on function blindagem_audit.capture_update_categories() is 'Records each update of a row of categories.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_condominiums()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"condominiums","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, coalesce(n.id, o.id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(n.name)::text, 'null') else '' end || case when o.cnpj is distinct from n.cnpj then ',"cnpj":' || coalesce(to_json(n.cnpj)::text, 'null') else '' end || case when o.cnpj_valid_from is distinct from n.cnpj_valid_from then ',"cnpj_valid_from":' || coalesce(to_json(n.cnpj_valid_from)::text, 'null') else '' end || case when o.city is distinct from n.city then ',"city":' || coalesce(to_json(n.city)::text, 'null') else '' end || case when o.state is distinct from n.state then ',"state":' || coalesce(to_json(n.state)::text, 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(n.created_at)::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(o.name)::text, 'null') else '' end || case when o.cnpj is distinct from n.cnpj then ',"cnpj":' || coalesce(to_json(o.cnpj)::text, 'null') else '' end || case when o.cnpj_valid_from is distinct from n.cnpj_valid_from then ',"cnpj_valid_from":' || coalesce(to_json(o.cnpj_valid_from)::text, 'null') else '' end || case when o.city is distinct from n.city then ',"city":' || coalesce(to_json(o.city)::text, 'null') else '' end || case when o.state is distinct from n.state then ',"state":' || coalesce(to_json(o.state)::text, 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(o.created_at)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'condominiums', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_condominiums() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_condominiums() to blindagem_owner;
comment on function blindagem_audit.capture_update_condominiums() is 'Records each update of a row of condominiums.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_definitions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"definitions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.recorded_at is distinct from n.recorded_at then ',"recorded_at":' || coalesce(to_json(n.recorded_at)::text, 'null') else '' end || case when o.schema_version is distinct from n.schema_version then ',"schema_version":' || coalesce(to_json(n.schema_version)::text, 'null') else '' end || case when o.server_version is distinct from n.server_version then ',"server_version":' || coalesce('"' || n.server_version::text || '"', 'null') else '' end || case when o.fingerprint is distinct from n.fingerprint then ',"fingerprint":' || coalesce(to_json(n.fingerprint)::text, 'null') else '' end || case when o.objects is distinct from n.objects then ',"objects":' || coalesce(n.objects::text, 'null') else '' end || case when o.columns is distinct from n.columns then ',"columns":' || coalesce(n.columns::text, 'null') else '' end || case when o.unrecorded is distinct from n.unrecorded then ',"unrecorded":' || coalesce(n.unrecorded::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.recorded_at is distinct from n.recorded_at then ',"recorded_at":' || coalesce(to_json(o.recorded_at)::text, 'null') else '' end || case when o.schema_version is distinct from n.schema_version then ',"schema_version":' || coalesce(to_json(o.schema_version)::text, 'null') else '' end || case when o.server_version is distinct from n.server_version then ',"server_version":' || coalesce('"' || o.server_version::text || '"', 'null') else '' end || case when o.fingerprint is distinct from n.fingerprint then ',"fingerprint":' || coalesce(to_json(o.fingerprint)::text, 'null') else '' end || case when o.objects is distinct from n.objects then ',"objects":' || coalesce(o.objects::text, 'null') else '' end || case when o.columns is distinct from n.columns then ',"columns":' || coalesce(o.columns::text, 'null') else '' end || case when o.unrecorded is distinct from n.unrecorded then ',"unrecorded":' || coalesce(o.unrecorded::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'definitions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_definitions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_definitions() to blindagem_owner;
comment on function blindagem_audit.capture_update_definitions() is 'Records each update of a row of definitions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_document_uploads()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"document_uploads","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.organization_id, o.organization_id)::text || '/' || coalesce(n.sha256, o.sha256)::text || '/' || coalesce(n.file_name, o.file_name)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.sha256 is distinct from n.sha256 then ',"sha256":' || coalesce(to_json(n.sha256)::text, 'null') else '' end || case when o.file_name is distinct from n.file_name then ',"file_name":' || coalesce(to_json(n.file_name)::text, 'null') else '' end || case when o.uploaded_by is distinct from n.uploaded_by then ',"uploaded_by":' || coalesce('"' || n.uploaded_by::text || '"', 'null') else '' end || case when o.uploaded_at is distinct from n.uploaded_at then ',"uploaded_at":' || coalesce(to_json(n.uploaded_at)::text, 'null') else '' end as n, case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.sha256 is distinct from n.sha256 then ',"sha256":' || coalesce(to_json(o.sha256)::text, 'null') else '' end || case when o.file_name is distinct from n.file_name then ',"file_name":' || coalesce(to_json(o.file_name)::text, 'null') else '' end || case when o.uploaded_by is distinct from n.uploaded_by then ',"uploaded_by":' || coalesce('"' || o.uploaded_by::text || '"', 'null') else '' end || case when o.uploaded_at is distinct from n.uploaded_at then ',"uploaded_at":' || coalesce(to_json(o.uploaded_at)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.organization_id = o.organization_id and n.sha256 = o.sha256 and n.file_name = o.file_name where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'document_uploads', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_document_uploads() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_document_uploads() to blindagem_owner;
comment on function blindagem_audit.capture_update_document_uploads() is 'Records each update of a row of document_uploads.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_erasures()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"erasures","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.requested_by is distinct from n.requested_by then ',"requested_by":' || coalesce('"' || n.requested_by::text || '"', 'null') else '' end || case when o.requested_at is distinct from n.requested_at then ',"requested_at":' || coalesce(to_json(n.requested_at)::text, 'null') else '' end || case when o.reason is distinct from n.reason then ',"reason":' || coalesce(to_json(n.reason)::text, 'null') else '' end || case when o.subject is distinct from n.subject then ',"subject":' || coalesce(to_json(n.subject)::text, 'null') else '' end || case when o.counts is distinct from n.counts then ',"counts":' || coalesce(n.counts::text, 'null') else '' end || case when o.kept is distinct from n.kept then ',"kept":' || coalesce(n.kept::text, 'null') else '' end || case when o.targets is distinct from n.targets then ',"targets":' || coalesce(n.targets::text, 'null') else '' end || case when o.record_ids is distinct from n.record_ids then ',"record_ids":' || coalesce(to_json(n.record_ids)::text, 'null') else '' end || case when o.documents is distinct from n.documents then ',"documents":' || coalesce(to_json(n.documents)::text, 'null') else '' end || case when o.person_id is distinct from n.person_id then ',"person_id":' || coalesce('"' || n.person_id::text || '"', 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.requested_by is distinct from n.requested_by then ',"requested_by":' || coalesce('"' || o.requested_by::text || '"', 'null') else '' end || case when o.requested_at is distinct from n.requested_at then ',"requested_at":' || coalesce(to_json(o.requested_at)::text, 'null') else '' end || case when o.reason is distinct from n.reason then ',"reason":' || coalesce(to_json(o.reason)::text, 'null') else '' end || case when o.subject is distinct from n.subject then ',"subject":' || coalesce(to_json(o.subject)::text, 'null') else '' end || case when o.counts is distinct from n.counts then ',"counts":' || coalesce(o.counts::text, 'null') else '' end || case when o.kept is distinct from n.kept then ',"kept":' || coalesce(o.kept::text, 'null') else '' end || case when o.targets is distinct from n.targets then ',"targets":' || coalesce(o.targets::text, 'null') else '' end || case when o.record_ids is distinct from n.record_ids then ',"record_ids":' || coalesce(to_json(o.record_ids)::text, 'null') else '' end || case when o.documents is distinct from n.documents then ',"documents":' || coalesce(to_json(o.documents)::text, 'null') else '' end || case when o.person_id is distinct from n.person_id then ',"person_id":' || coalesce('"' || o.person_id::text || '"', 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'erasures', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_erasures() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_erasures() to blindagem_owner;
comment on function blindagem_audit.capture_update_erasures() is 'Records each update of a row of erasures.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_expense_batches()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.refused_rows":' || c."n.refused_rows", '') || coalesce(',"previous_state.refused_rows":' || c."o.refused_rows", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"expense_batches","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"refused_rows":' || blindagem_audit.commitment(c.salt, 'new_state.refused_rows', c."n.refused_rows"), ''), 2) || '}' || ',"previous_state":{' || substr(c.o || coalesce(',"refused_rows":' || blindagem_audit.commitment(c.salt, 'previous_state.refused_rows', c."o.refused_rows"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.parent_id is distinct from n.parent_id then ',"parent_id":' || coalesce('"' || n.parent_id::text || '"', 'null') else '' end || case when o.idempotency_key is distinct from n.idempotency_key then ',"idempotency_key":' || coalesce(to_json(n.idempotency_key)::text, 'null') else '' end || case when o.content_hash is distinct from n.content_hash then ',"content_hash":' || coalesce(to_json(n.content_hash)::text, 'null') else '' end || case when o.submitted_by is distinct from n.submitted_by then ',"submitted_by":' || coalesce('"' || n.submitted_by::text || '"', 'null') else '' end || case when o.submitted_through is distinct from n.submitted_through then ',"submitted_through":' || coalesce('"' || n.submitted_through::text || '"', 'null') else '' end || case when o.submitted_at is distinct from n.submitted_at then ',"submitted_at":' || coalesce(to_json(n.submitted_at)::text, 'null') else '' end || case when o.row_count is distinct from n.row_count then ',"row_count":' || coalesce('"' || n.row_count::text || '"', 'null') else '' end || case when o.refused_rows is distinct from n.refused_rows and (n.refused_rows <> '[]') is not true then ',"refused_rows":' || coalesce(n.refused_rows::text, 'null') else '' end as n, case when o.refused_rows is distinct from n.refused_rows and (n.refused_rows <> '[]') then n.refused_rows::text end as "n.refused_rows", case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.parent_id is distinct from n.parent_id then ',"parent_id":' || coalesce('"' || o.parent_id::text || '"', 'null') else '' end || case when o.idempotency_key is distinct from n.idempotency_key then ',"idempotency_key":' || coalesce(to_json(o.idempotency_key)::text, 'null') else '' end || case when o.content_hash is distinct from n.content_hash then ',"content_hash":' || coalesce(to_json(o.content_hash)::text, 'null') else '' end || case when o.submitted_by is distinct from n.submitted_by then ',"submitted_by":' || coalesce('"' || o.submitted_by::text || '"', 'null') else '' end || case when o.submitted_through is distinct from n.submitted_through then ',"submitted_through":' || coalesce('"' || o.submitted_through::text || '"', 'null') else '' end || case when o.submitted_at is distinct from n.submitted_at then ',"submitted_at":' || coalesce(to_json(o.submitted_at)::text, 'null') else '' end || case when o.row_count is distinct from n.row_count then ',"row_count":' || coalesce('"' || o.row_count::text || '"', 'null') else '' end || case when o.refused_rows is distinct from n.refused_rows and (o.refused_rows <> '[]') is not true then ',"refused_rows":' || coalesce(o.refused_rows::text, 'null') else '' end as o, case when o.refused_rows is distinct from n.refused_rows and (o.refused_rows <> '[]') then o.refused_rows::text end as "o.refused_rows"
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'expense_batches', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_expense_batches() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_expense_batches() to blindagem_owner;
comment on function blindagem_audit.capture_update_expense_batches() is 'Records each update of a row of expense_batches.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_expense_documents()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.file_name":' || c."n.file_name", '') || coalesce(',"previous_state.file_name":' || c."o.file_name", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"expense_documents","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"file_name":' || blindagem_audit.commitment(c.salt, 'new_state.file_name', c."n.file_name"), ''), 2) || '}' || ',"previous_state":{' || substr(c.o || coalesce(',"file_name":' || blindagem_audit.commitment(c.salt, 'previous_state.file_name', c."o.file_name"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = coalesce(n.expense_id, o.expense_id)), 'ORDINARY') as sensitivity, coalesce(n.condominium_id, o.condominium_id)::text || '/' || coalesce(n.expense_id, o.expense_id)::text || '/' || coalesce(n."position", o."position")::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.expense_id is distinct from n.expense_id then ',"expense_id":' || coalesce('"' || n.expense_id::text || '"', 'null') else '' end || case when o."position" is distinct from n."position" then ',"position":' || coalesce('"' || n."position"::text || '"', 'null') else '' end || case when o.sha256 is distinct from n.sha256 then ',"sha256":' || coalesce(to_json(n.sha256)::text, 'null') else '' end || case when o.file_name is distinct from n.file_name and (n.file_name <> '[apagado]') is not true then ',"file_name":' || coalesce(to_json(n.file_name)::text, 'null') else '' end as n, case when o.file_name is distinct from n.file_name and (n.file_name <> '[apagado]') then to_json(n.file_name)::text end as "n.file_name", case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.expense_id is distinct from n.expense_id then ',"expense_id":' || coalesce('"' || o.expense_id::text || '"', 'null') else '' end || case when o."position" is distinct from n."position" then ',"position":' || coalesce('"' || o."position"::text || '"', 'null') else '' end || case when o.sha256 is distinct from n.sha256 then ',"sha256":' || coalesce(to_json(o.sha256)::text, 'null') else '' end || case when o.file_name is distinct from n.file_name and (o.file_name <> '[apagado]') is not true then ',"file_name":' || coalesce(to_json(o.file_name)::text, 'null') else '' end as o, case when o.file_name is distinct from n.file_name and (o.file_name <> '[apagado]') then to_json(o.file_name)::text end as "o.file_name"
              from old_rows o full join new_rows n on n.condominium_id = o.condominium_id and n.expense_id = o.expense_id and n."position" = o."position" where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'expense_documents', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_expense_documents() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_expense_documents() to blindagem_owner;
comment on function blindagem_audit.capture_update_expense_documents() is 'Records each update of a row of expense_documents.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_expenses()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.payee_document":' || c."n.payee_document", '') || coalesce(',"new_state.payee_name":' || c."n.payee_name", '') || coalesce(',"new_state.payee_pix_key":' || c."n.payee_pix_key", '') || coalesce(',"new_state.description":' || c."n.description", '') || coalesce(',"previous_state.payee_document":' || c."o.payee_document", '') || coalesce(',"previous_state.payee_name":' || c."o.payee_name", '') || coalesce(',"previous_state.payee_pix_key":' || c."o.payee_pix_key", '') || coalesce(',"previous_state.description":' || c."o.description", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"expenses","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'new_state.payee_document', c."n.payee_document"), '') || coalesce(',"payee_name":' || blindagem_audit.commitment(c.salt, 'new_state.payee_name', c."n.payee_name"), '') || coalesce(',"payee_pix_key":' || blindagem_audit.commitment(c.salt, 'new_state.payee_pix_key', c."n.payee_pix_key"), '') || coalesce(',"description":' || blindagem_audit.commitment(c.salt, 'new_state.description', c."n.description"), ''), 2) || '}' || ',"previous_state":{' || substr(c.o || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_document', c."o.payee_document"), '') || coalesce(',"payee_name":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_name', c."o.payee_name"), '') || coalesce(',"payee_pix_key":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_pix_key', c."o.payee_pix_key"), '') || coalesce(',"description":' || blindagem_audit.commitment(c.salt, 'previous_state.description', c."o.description"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                coalesce(n.sensitivity, o.sensitivity) as sensitivity, coalesce(n.condominium_id, o.condominium_id)::text || '/' || coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else case when o.status is not distinct from n.status then 'UPDATE' else case n.status
          when 'APPROVED' then 'APPROVE'
          when 'REJECTED' then 'REJECT'
          when 'CANCELLED' then 'CANCEL'
          when 'MANUAL_REVIEW' then 'SEND_TO_REVIEW'
          when 'AWAITING_SECOND_APPROVAL' then 'REQUEST_SECOND_APPROVAL'
          else 'UPDATE' end end end as action, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.batch_id is distinct from n.batch_id then ',"batch_id":' || coalesce('"' || n.batch_id::text || '"', 'null') else '' end || case when o.external_id is distinct from n.external_id then ',"external_id":' || coalesce(to_json(n.external_id)::text, 'null') else '' end || case when o.category is distinct from n.category then ',"category":' || coalesce(to_json(n.category)::text, 'null') else '' end || case when o.sensitivity is distinct from n.sensitivity then ',"sensitivity":' || coalesce(to_json(n.sensitivity)::text, 'null') else '' end || case when o.document_kind is distinct from n.document_kind then ',"document_kind":' || coalesce(to_json(n.document_kind)::text, 'null') else '' end || case when o.document_number is distinct from n.document_number then ',"document_number":' || coalesce(to_json(n.document_number)::text, 'null') else '' end || case when o.issue_date is distinct from n.issue_date then ',"issue_date":' || coalesce(to_json(n.issue_date)::text, 'null') else '' end || case when o.competence is distinct from n.competence then ',"competence":' || coalesce(to_json(n.competence)::text, 'null') else '' end || case when o.gross_amount is distinct from n.gross_amount then ',"gross_amount":' || coalesce('"' || n.gross_amount::text || '"', 'null') else '' end || case when o.payee_kind is distinct from n.payee_kind then ',"payee_kind":' || coalesce(to_json(n.payee_kind)::text, 'null') else '' end || case when o.payee_document is distinct from n.payee_document and (length(n.payee_document) = 11) is not true then ',"payee_document":' || coalesce(to_json(n.payee_document)::text, 'null') else '' end || case when o.payee_name is distinct from n.payee_name and (n.payee_name <> '[apagado]') is not true then ',"payee_name":' || coalesce(to_json(n.payee_name)::text, 'null') else '' end || case when o.payee_pix_key is distinct from n.payee_pix_key and (n.payee_pix_key <> '[apagado]') is not true then ',"payee_pix_key":' || coalesce(to_json(n.payee_pix_key)::text, 'null') else '' end || case when o.due_date is distinct from n.due_date then ',"due_date":' || coalesce(to_json(n.due_date)::text, 'null') else '' end || case when o.instalment_number is distinct from n.instalment_number then ',"instalment_number":' || coalesce('"' || n.instalment_number::text || '"', 'null') else '' end || case when o.instalment_total is distinct from n.instalment_total then ',"instalment_total":' || coalesce('"' || n.instalment_total::text || '"', 'null') else '' end || case when o.description is distinct from n.description and (n.description <> '[apagado]') is not true then ',"description":' || coalesce(to_json(n.description)::text, 'null') else '' end || case when o.submitted_by is distinct from n.submitted_by then ',"submitted_by":' || coalesce('"' || n.submitted_by::text || '"', 'null') else '' end || case when o.submitted_at is distinct from n.submitted_at then ',"submitted_at":' || coalesce(to_json(n.submitted_at)::text, 'null') else '' end || case when o.fact_deadline is distinct from n.fact_deadline then ',"fact_deadline":' || coalesce(to_json(n.fact_deadline)::text, 'null') else '' end || case when o.status is distinct from n.status then ',"status":' || coalesce(to_json(n.status)::text, 'null') else '' end || case when o.status_reasons is distinct from n.status_reasons then ',"status_reasons":' || coalesce(n.status_reasons::text, 'null') else '' end || case when o.second_approval is distinct from n.second_approval then ',"second_approval":' || coalesce(to_json(n.second_approval)::text, 'null') else '' end || case when o.decided_at is distinct from n.decided_at then ',"decided_at":' || coalesce(to_json(n.decided_at)::text, 'null') else '' end || case when o.payment_status is distinct from n.payment_status then ',"payment_status":' || coalesce(to_json(n.payment_status)::text, 'null') else '' end || case when o.facts_hash is distinct from n.facts_hash then ',"facts_hash":' || coalesce(to_json(n.facts_hash)::text, 'null') else '' end as n, case when o.payee_document is distinct from n.payee_document and (length(n.payee_document) = 11) then to_json(n.payee_document)::text end as "n.payee_document", case when o.payee_name is distinct from n.payee_name and (n.payee_name <> '[apagado]') then to_json(n.payee_name)::text end as "n.payee_name", case when o.payee_pix_key is distinct from n.payee_pix_key and (n.payee_pix_key <> '[apagado]') then to_json(n.payee_pix_key)::text end as "n.payee_pix_key", case when o.description is distinct from n.description and (n.description <> '[apagado]') then to_json(n.description)::text end as "n.description", case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.batch_id is distinct from n.batch_id then ',"batch_id":' || coalesce('"' || o.batch_id::text || '"', 'null') else '' end || case when o.external_id is distinct from n.external_id then ',"external_id":' || coalesce(to_json(o.external_id)::text, 'null') else '' end || case when o.category is distinct from n.category then ',"category":' || coalesce(to_json(o.category)::text, 'null') else '' end || case when o.sensitivity is distinct from n.sensitivity then ',"sensitivity":' || coalesce(to_json(o.sensitivity)::text, 'null') else '' end || case when o.document_kind is distinct from n.document_kind then ',"document_kind":' || coalesce(to_json(o.document_kind)::text, 'null') else '' end || case when o.document_number is distinct from n.document_number then ',"document_number":' || coalesce(to_json(o.document_number)::text, 'null') else '' end || case when o.issue_date is distinct from n.issue_date then ',"issue_date":' || coalesce(to_json(o.issue_date)::text, 'null') else '' end || case when o.competence is distinct from n.competence then ',"competence":' || coalesce(to_json(o.competence)::text, 'null') else '' end || case when o.gross_amount is distinct from n.gross_amount then ',"gross_amount":' || coalesce('"' || o.gross_amount::text || '"', 'null') else '' end || case when o.payee_kind is distinct from n.payee_kind then ',"payee_kind":' || coalesce(to_json(o.payee_kind)::text, 'null') else '' end || case when o.payee_document is distinct from n.payee_document and (length(o.payee_document) = 11) is not true then ',"payee_document":' || coalesce(to_json(o.payee_document)::text, 'null') else '' end || case when o.payee_name is distinct from n.payee_name and (o.payee_name <> '[apagado]') is not true then ',"payee_name":' || coalesce(to_json(o.payee_name)::text, 'null') else '' end || case when o.payee_pix_key is distinct from n.payee_pix_key and (o.payee_pix_key <> '[apagado]') is not true then ',"payee_pix_key":' || coalesce(to_json(o.payee_pix_key)::text, 'null') else '' end || case when o.due_date is distinct from n.due_date then ',"due_date":' || coalesce(to_json(o.due_date)::text, 'null') else '' end || case when o.instalment_number is distinct from n.instalment_number then ',"instalment_number":' || coalesce('"' || o.instalment_number::text || '"', 'null') else '' end || case when o.instalment_total is distinct from n.instalment_total then ',"instalment_total":' || coalesce('"' || o.instalment_total::text || '"', 'null') else '' end || case when o.description is distinct from n.description and (o.description <> '[apagado]') is not true then ',"description":' || coalesce(to_json(o.description)::text, 'null') else '' end || case when o.submitted_by is distinct from n.submitted_by then ',"submitted_by":' || coalesce('"' || o.submitted_by::text || '"', 'null') else '' end || case when o.submitted_at is distinct from n.submitted_at then ',"submitted_at":' || coalesce(to_json(o.submitted_at)::text, 'null') else '' end || case when o.fact_deadline is distinct from n.fact_deadline then ',"fact_deadline":' || coalesce(to_json(o.fact_deadline)::text, 'null') else '' end || case when o.status is distinct from n.status then ',"status":' || coalesce(to_json(o.status)::text, 'null') else '' end || case when o.status_reasons is distinct from n.status_reasons then ',"status_reasons":' || coalesce(o.status_reasons::text, 'null') else '' end || case when o.second_approval is distinct from n.second_approval then ',"second_approval":' || coalesce(to_json(o.second_approval)::text, 'null') else '' end || case when o.decided_at is distinct from n.decided_at then ',"decided_at":' || coalesce(to_json(o.decided_at)::text, 'null') else '' end || case when o.payment_status is distinct from n.payment_status then ',"payment_status":' || coalesce(to_json(o.payment_status)::text, 'null') else '' end || case when o.facts_hash is distinct from n.facts_hash then ',"facts_hash":' || coalesce(to_json(o.facts_hash)::text, 'null') else '' end as o, case when o.payee_document is distinct from n.payee_document and (length(o.payee_document) = 11) then to_json(o.payee_document)::text end as "o.payee_document", case when o.payee_name is distinct from n.payee_name and (o.payee_name <> '[apagado]') then to_json(o.payee_name)::text end as "o.payee_name", case when o.payee_pix_key is distinct from n.payee_pix_key and (o.payee_pix_key <> '[apagado]') then to_json(o.payee_pix_key)::text end as "o.payee_pix_key", case when o.description is distinct from n.description and (o.description <> '[apagado]') then to_json(o.description)::text end as "o.description"
              from old_rows o full join new_rows n on n.condominium_id = o.condominium_id and n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'expenses', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_expenses() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_expenses() to blindagem_owner;
comment on function blindagem_audit.capture_update_expenses() is 'Records each update of a row of expenses.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_grants()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"grants","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.person_id is distinct from n.person_id then ',"person_id":' || coalesce('"' || n.person_id::text || '"', 'null') else '' end || case when o.role is distinct from n.role then ',"role":' || coalesce(to_json(n.role)::text, 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.block is distinct from n.block then ',"block":' || coalesce(to_json(n.block)::text, 'null') else '' end || case when o.valid_from is distinct from n.valid_from then ',"valid_from":' || coalesce(to_json(n.valid_from)::text, 'null') else '' end || case when o.valid_to is distinct from n.valid_to then ',"valid_to":' || coalesce(to_json(n.valid_to)::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.person_id is distinct from n.person_id then ',"person_id":' || coalesce('"' || o.person_id::text || '"', 'null') else '' end || case when o.role is distinct from n.role then ',"role":' || coalesce(to_json(o.role)::text, 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.block is distinct from n.block then ',"block":' || coalesce(to_json(o.block)::text, 'null') else '' end || case when o.valid_from is distinct from n.valid_from then ',"valid_from":' || coalesce(to_json(o.valid_from)::text, 'null') else '' end || case when o.valid_to is distinct from n.valid_to then ',"valid_to":' || coalesce(to_json(o.valid_to)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'grants', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_grants() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_grants() to blindagem_owner;
comment on function blindagem_audit.capture_update_grants() is 'Records each update of a row of grants.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_job_interventions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"job_interventions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.action is distinct from n.action then ',"action":' || coalesce(to_json(n.action)::text, 'null') else '' end || case when o.reason is distinct from n.reason then ',"reason":' || coalesce(to_json(n.reason)::text, 'null') else '' end || case when o.job_ids is distinct from n.job_ids then ',"job_ids":' || coalesce(to_json(n.job_ids)::text, 'null') else '' end || case when o.filter is distinct from n.filter then ',"filter":' || coalesce(n.filter::text, 'null') else '' end || case when o.run_at is distinct from n.run_at then ',"run_at":' || coalesce(to_json(n.run_at)::text, 'null') else '' end || case when o.requested_by is distinct from n.requested_by then ',"requested_by":' || coalesce('"' || n.requested_by::text || '"', 'null') else '' end || case when o.requested_at is distinct from n.requested_at then ',"requested_at":' || coalesce(to_json(n.requested_at)::text, 'null') else '' end || case when o.matched is distinct from n.matched then ',"matched":' || coalesce('"' || n.matched::text || '"', 'null') else '' end || case when o.changed is distinct from n.changed then ',"changed":' || coalesce('"' || n.changed::text || '"', 'null') else '' end || case when o.next_job_id is distinct from n.next_job_id then ',"next_job_id":' || coalesce('"' || n.next_job_id::text || '"', 'null') else '' end || case when o.last_job_id is distinct from n.last_job_id then ',"last_job_id":' || coalesce('"' || n.last_job_id::text || '"', 'null') else '' end || case when o.finished_at is distinct from n.finished_at then ',"finished_at":' || coalesce(to_json(n.finished_at)::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.action is distinct from n.action then ',"action":' || coalesce(to_json(o.action)::text, 'null') else '' end || case when o.reason is distinct from n.reason then ',"reason":' || coalesce(to_json(o.reason)::text, 'null') else '' end || case when o.job_ids is distinct from n.job_ids then ',"job_ids":' || coalesce(to_json(o.job_ids)::text, 'null') else '' end || case when o.filter is distinct from n.filter then ',"filter":' || coalesce(o.filter::text, 'null') else '' end || case when o.run_at is distinct from n.run_at then ',"run_at":' || coalesce(to_json(o.run_at)::text, 'null') else '' end || case when o.requested_by is distinct from n.requested_by then ',"requested_by":' || coalesce('"' || o.requested_by::text || '"', 'null') else '' end || case when o.requested_at is distinct from n.requested_at then ',"requested_at":' || coalesce(to_json(o.requested_at)::text, 'null') else '' end || case when o.matched is distinct from n.matched then ',"matched":' || coalesce('"' || o.matched::text || '"', 'null') else '' end || case when o.changed is distinct from n.changed then ',"changed":' || coalesce('"' || o.changed::text || '"', 'null') else '' end || case when o.next_job_id is distinct from n.next_job_id then ',"next_job_id":' || coalesce('"' || o.next_job_id::text || '"', 'null') else '' end || case when o.last_job_id is distinct from n.last_job_id then ',"last_job_id":' || coalesce('"' || o.last_job_id::text || '"', 'null') else '' end || case when o.finished_at is distinct from n.finished_at then ',"finished_at":' || coalesce(to_json(o.finished_at)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'job_interventions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_job_interventions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_job_interventions() to blindagem_owner;
comment on function blindagem_audit.capture_update_job_interventions() is 'Records each update of a row of job_interventions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_managements()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"managements","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.code is distinct from n.code then ',"code":' || coalesce(to_json(n.code)::text, 'null') else '' end || case when o.valid_from is distinct from n.valid_from then ',"valid_from":' || coalesce(to_json(n.valid_from)::text, 'null') else '' end || case when o.valid_to is distinct from n.valid_to then ',"valid_to":' || coalesce(to_json(n.valid_to)::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.code is distinct from n.code then ',"code":' || coalesce(to_json(o.code)::text, 'null') else '' end || case when o.valid_from is distinct from n.valid_from then ',"valid_from":' || coalesce(to_json(o.valid_from)::text, 'null') else '' end || case when o.valid_to is distinct from n.valid_to then ',"valid_to":' || coalesce(to_json(o.valid_to)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'managements', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_managements() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_managements() to blindagem_owner;
comment on function blindagem_audit.capture_update_managements() is 'Records each update of a row of managements.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_members()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"members","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.person_id is distinct from n.person_id then ',"person_id":' || coalesce('"' || n.person_id::text || '"', 'null') else '' end || case when o.role is distinct from n.role then ',"role":' || coalesce(to_json(n.role)::text, 'null') else '' end || case when o.valid_from is distinct from n.valid_from then ',"valid_from":' || coalesce(to_json(n.valid_from)::text, 'null') else '' end || case when o.valid_to is distinct from n.valid_to then ',"valid_to":' || coalesce(to_json(n.valid_to)::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.person_id is distinct from n.person_id then ',"person_id":' || coalesce('"' || o.person_id::text || '"', 'null') else '' end || case when o.role is distinct from n.role then ',"role":' || coalesce(to_json(o.role)::text, 'null') else '' end || case when o.valid_from is distinct from n.valid_from then ',"valid_from":' || coalesce(to_json(o.valid_from)::text, 'null') else '' end || case when o.valid_to is distinct from n.valid_to then ',"valid_to":' || coalesce(to_json(o.valid_to)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'members', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_members() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_members() to blindagem_owner;
comment on function blindagem_audit.capture_update_members() is 'Records each update of a row of members.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_movement_verdicts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"movement_verdicts","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.condominium_id, o.condominium_id)::text || '/' || coalesce(n.transaction_id, o.transaction_id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.transaction_id is distinct from n.transaction_id then ',"transaction_id":' || coalesce('"' || n.transaction_id::text || '"', 'null') else '' end || case when o.verdict is distinct from n.verdict then ',"verdict":' || coalesce(to_json(n.verdict)::text, 'null') else '' end || case when o.reversed_credit_id is distinct from n.reversed_credit_id then ',"reversed_credit_id":' || coalesce('"' || n.reversed_credit_id::text || '"', 'null') else '' end || case when o.reasons is distinct from n.reasons then ',"reasons":' || coalesce(n.reasons::text, 'null') else '' end as n, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.transaction_id is distinct from n.transaction_id then ',"transaction_id":' || coalesce('"' || o.transaction_id::text || '"', 'null') else '' end || case when o.verdict is distinct from n.verdict then ',"verdict":' || coalesce(to_json(o.verdict)::text, 'null') else '' end || case when o.reversed_credit_id is distinct from n.reversed_credit_id then ',"reversed_credit_id":' || coalesce('"' || o.reversed_credit_id::text || '"', 'null') else '' end || case when o.reasons is distinct from n.reasons then ',"reasons":' || coalesce(o.reasons::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.condominium_id = o.condominium_id and n.transaction_id = o.transaction_id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'movement_verdicts', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_movement_verdicts() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_movement_verdicts() to blindagem_owner;
comment on function blindagem_audit.capture_update_movement_verdicts() is 'Records each update of a row of movement_verdicts.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_organization_weights()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"organization_weights","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.organization_id, o.organization_id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.weight is distinct from n.weight then ',"weight":' || coalesce('"' || n.weight::text || '"', 'null') else '' end as n, case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.weight is distinct from n.weight then ',"weight":' || coalesce('"' || o.weight::text || '"', 'null') else '' end as o
              from old_rows o full join new_rows n on n.organization_id = o.organization_id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'organization_weights', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_organization_weights() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_organization_weights() to blindagem_owner;
comment on function blindagem_audit.capture_update_organization_weights() is 'Records each update of a row of organization_weights.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_organizations()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"organizations","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.id, o.id) as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(n.name)::text, 'null') else '' end || case when o.cnpj is distinct from n.cnpj then ',"cnpj":' || coalesce(to_json(n.cnpj)::text, 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(n.created_at)::text, 'null') else '' end as n, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(o.name)::text, 'null') else '' end || case when o.cnpj is distinct from n.cnpj then ',"cnpj":' || coalesce(to_json(o.cnpj)::text, 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(o.created_at)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'organizations', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_organizations() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_organizations() to blindagem_owner;
comment on function blindagem_audit.capture_update_organizations() is 'Records each update of a row of organizations.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_payables()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.payee_document":' || c."n.payee_document", '') || coalesce(',"new_state.payee_name":' || c."n.payee_name", '') || coalesce(',"previous_state.payee_document":' || c."o.payee_document", '') || coalesce(',"previous_state.payee_name":' || c."o.payee_name", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"payables","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'new_state.payee_document', c."n.payee_document"), '') || coalesce(',"payee_name":' || blindagem_audit.commitment(c.salt, 'new_state.payee_name', c."n.payee_name"), ''), 2) || '}' || ',"previous_state":{' || substr(c.o || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_document', c."o.payee_document"), '') || coalesce(',"payee_name":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_name', c."o.payee_name"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = coalesce(n.expense_id, o.expense_id)), 'ORDINARY') as sensitivity, coalesce(n.condominium_id, o.condominium_id)::text || '/' || coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.expense_id is distinct from n.expense_id then ',"expense_id":' || coalesce('"' || n.expense_id::text || '"', 'null') else '' end || case when o.kind is distinct from n.kind then ',"kind":' || coalesce(to_json(n.kind)::text, 'null') else '' end || case when o.retention is distinct from n.retention then ',"retention":' || coalesce(to_json(n.retention)::text, 'null') else '' end || case when o.payee_document is distinct from n.payee_document and (length(n.payee_document) = 11) is not true then ',"payee_document":' || coalesce(to_json(n.payee_document)::text, 'null') else '' end || case when o.payee_name is distinct from n.payee_name and (n.payee_name <> '[apagado]') is not true then ',"payee_name":' || coalesce(to_json(n.payee_name)::text, 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || n.amount::text || '"', 'null') else '' end || case when o.due_date is distinct from n.due_date then ',"due_date":' || coalesce(to_json(n.due_date)::text, 'null') else '' end || case when o.payment_status is distinct from n.payment_status then ',"payment_status":' || coalesce(to_json(n.payment_status)::text, 'null') else '' end as n, case when o.payee_document is distinct from n.payee_document and (length(n.payee_document) = 11) then to_json(n.payee_document)::text end as "n.payee_document", case when o.payee_name is distinct from n.payee_name and (n.payee_name <> '[apagado]') then to_json(n.payee_name)::text end as "n.payee_name", case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.expense_id is distinct from n.expense_id then ',"expense_id":' || coalesce('"' || o.expense_id::text || '"', 'null') else '' end || case when o.kind is distinct from n.kind then ',"kind":' || coalesce(to_json(o.kind)::text, 'null') else '' end || case when o.retention is distinct from n.retention then ',"retention":' || coalesce(to_json(o.retention)::text, 'null') else '' end || case when o.payee_document is distinct from n.payee_document and (length(o.payee_document) = 11) is not true then ',"payee_document":' || coalesce(to_json(o.payee_document)::text, 'null') else '' end || case when o.payee_name is distinct from n.payee_name and (o.payee_name <> '[apagado]') is not true then ',"payee_name":' || coalesce(to_json(o.payee_name)::text, 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || o.amount::text || '"', 'null') else '' end || case when o.due_date is distinct from n.due_date then ',"due_date":' || coalesce(to_json(o.due_date)::text, 'null') else '' end || case when o.payment_status is distinct from n.payment_status then ',"payment_status":' || coalesce(to_json(o.payment_status)::text, 'null') else '' end as o, case when o.payee_document is distinct from n.payee_document and (length(o.payee_document) = 11) then to_json(o.payee_document)::text end as "o.payee_document", case when o.payee_name is distinct from n.payee_name and (o.payee_name <> '[apagado]') then to_json(o.payee_name)::text end as "o.payee_name"
              from old_rows o full join new_rows n on n.condominium_id = o.condominium_id and n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'payables', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_payables() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_payables() to blindagem_owner;
comment on function blindagem_audit.capture_update_payables() is 'Records each update of a row of payables.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_payee_accounts()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.payee_document":' || c."n.payee_document", '') || coalesce(',"new_state.pix_key":' || c."n.pix_key", '') || coalesce(',"previous_state.payee_document":' || c."o.payee_document", '') || coalesce(',"previous_state.pix_key":' || c."o.pix_key", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"payee_accounts","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'new_state.payee_document', c."n.payee_document"), '') || coalesce(',"pix_key":' || blindagem_audit.commitment(c.salt, 'new_state.pix_key', c."n.pix_key"), ''), 2) || '}' || ',"previous_state":{' || substr(c.o || coalesce(',"payee_document":' || blindagem_audit.commitment(c.salt, 'previous_state.payee_document', c."o.payee_document"), '') || coalesce(',"pix_key":' || blindagem_audit.commitment(c.salt, 'previous_state.pix_key', c."o.pix_key"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.payee_document is distinct from n.payee_document and (length(n.payee_document) = 11) is not true then ',"payee_document":' || coalesce(to_json(n.payee_document)::text, 'null') else '' end || case when o.pix_key is distinct from n.pix_key and (n.pix_key <> '[apagado]') is not true then ',"pix_key":' || coalesce(to_json(n.pix_key)::text, 'null') else '' end || case when o.first_seen_on is distinct from n.first_seen_on then ',"first_seen_on":' || coalesce(to_json(n.first_seen_on)::text, 'null') else '' end || case when o.last_seen_on is distinct from n.last_seen_on then ',"last_seen_on":' || coalesce(to_json(n.last_seen_on)::text, 'null') else '' end as n, case when o.payee_document is distinct from n.payee_document and (length(n.payee_document) = 11) then to_json(n.payee_document)::text end as "n.payee_document", case when o.pix_key is distinct from n.pix_key and (n.pix_key <> '[apagado]') then to_json(n.pix_key)::text end as "n.pix_key", case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.payee_document is distinct from n.payee_document and (length(o.payee_document) = 11) is not true then ',"payee_document":' || coalesce(to_json(o.payee_document)::text, 'null') else '' end || case when o.pix_key is distinct from n.pix_key and (o.pix_key <> '[apagado]') is not true then ',"pix_key":' || coalesce(to_json(o.pix_key)::text, 'null') else '' end || case when o.first_seen_on is distinct from n.first_seen_on then ',"first_seen_on":' || coalesce(to_json(o.first_seen_on)::text, 'null') else '' end || case when o.last_seen_on is distinct from n.last_seen_on then ',"last_seen_on":' || coalesce(to_json(o.last_seen_on)::text, 'null') else '' end as o, case when o.payee_document is distinct from n.payee_document and (length(o.payee_document) = 11) then to_json(o.payee_document)::text end as "o.payee_document", case when o.pix_key is distinct from n.pix_key and (o.pix_key <> '[apagado]') then to_json(o.pix_key)::text end as "o.pix_key"
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'payee_accounts', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_payee_accounts() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_payee_accounts() to blindagem_owner;
comment on function blindagem_audit.capture_update_payee_accounts() is 'Records each update of a row of payee_accounts.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_payments()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"payments","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                coalesce((select e.sensitivity from blindagem.payables p join blindagem.expenses e on e.id = p.expense_id
               where p.condominium_id = coalesce(n.condominium_id, o.condominium_id) and p.id = coalesce(n.payable_id, o.payable_id)), 'ORDINARY') as sensitivity, coalesce(n.condominium_id, o.condominium_id)::text || '/' || coalesce(n.payable_id, o.payable_id)::text || '/' || coalesce(n.transaction_id, o.transaction_id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.payable_id is distinct from n.payable_id then ',"payable_id":' || coalesce('"' || n.payable_id::text || '"', 'null') else '' end || case when o.transaction_id is distinct from n.transaction_id then ',"transaction_id":' || coalesce('"' || n.transaction_id::text || '"', 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || n.amount::text || '"', 'null') else '' end || case when o.confidence is distinct from n.confidence then ',"confidence":' || coalesce('"' || n.confidence::text || '"', 'null') else '' end || case when o.reasons is distinct from n.reasons then ',"reasons":' || coalesce(n.reasons::text, 'null') else '' end || case when o.decided_by is distinct from n.decided_by then ',"decided_by":' || coalesce('"' || n.decided_by::text || '"', 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(n.created_at)::text, 'null') else '' end as n, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.payable_id is distinct from n.payable_id then ',"payable_id":' || coalesce('"' || o.payable_id::text || '"', 'null') else '' end || case when o.transaction_id is distinct from n.transaction_id then ',"transaction_id":' || coalesce('"' || o.transaction_id::text || '"', 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || o.amount::text || '"', 'null') else '' end || case when o.confidence is distinct from n.confidence then ',"confidence":' || coalesce('"' || o.confidence::text || '"', 'null') else '' end || case when o.reasons is distinct from n.reasons then ',"reasons":' || coalesce(o.reasons::text, 'null') else '' end || case when o.decided_by is distinct from n.decided_by then ',"decided_by":' || coalesce('"' || o.decided_by::text || '"', 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(o.created_at)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.condominium_id = o.condominium_id and n.payable_id = o.payable_id and n.transaction_id = o.transaction_id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'payments', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_payments() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_payments() to blindagem_owner;
comment on function blindagem_audit.capture_update_payments() is 'Records each update of a row of payments.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_people()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.subject":' || c."n.subject", '') || coalesce(',"new_state.name":' || c."n.name", '') || coalesce(',"new_state.email":' || c."n.email", '') || coalesce(',"previous_state.subject":' || c."o.subject", '') || coalesce(',"previous_state.name":' || c."o.name", '') || coalesce(',"previous_state.email":' || c."o.email", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"people","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"subject":' || blindagem_audit.commitment(c.salt, 'new_state.subject', c."n.subject"), '') || coalesce(',"name":' || blindagem_audit.commitment(c.salt, 'new_state.name', c."n.name"), '') || coalesce(',"email":' || blindagem_audit.commitment(c.salt, 'new_state.email', c."n.email"), ''), 2) || '}' || ',"previous_state":{' || substr(c.o || coalesce(',"subject":' || blindagem_audit.commitment(c.salt, 'previous_state.subject', c."o.subject"), '') || coalesce(',"name":' || blindagem_audit.commitment(c.salt, 'previous_state.name', c."o.name"), '') || coalesce(',"email":' || blindagem_audit.commitment(c.salt, 'previous_state.email', c."o.email"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.subject is distinct from n.subject and (n.subject not like '[apagado]%') is not true then ',"subject":' || coalesce(to_json(n.subject)::text, 'null') else '' end || case when o.name is distinct from n.name and (n.name <> '[apagado]') is not true then ',"name":' || coalesce(to_json(n.name)::text, 'null') else '' end || case when o.email is distinct from n.email and (n.email is not null) is not true then ',"email":' || coalesce(to_json(n.email)::text, 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(n.created_at)::text, 'null') else '' end as n, case when o.subject is distinct from n.subject and (n.subject not like '[apagado]%') then to_json(n.subject)::text end as "n.subject", case when o.name is distinct from n.name and (n.name <> '[apagado]') then to_json(n.name)::text end as "n.name", case when o.email is distinct from n.email and (n.email is not null) then to_json(n.email)::text end as "n.email", case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.subject is distinct from n.subject and (o.subject not like '[apagado]%') is not true then ',"subject":' || coalesce(to_json(o.subject)::text, 'null') else '' end || case when o.name is distinct from n.name and (o.name <> '[apagado]') is not true then ',"name":' || coalesce(to_json(o.name)::text, 'null') else '' end || case when o.email is distinct from n.email and (o.email is not null) is not true then ',"email":' || coalesce(to_json(o.email)::text, 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(o.created_at)::text, 'null') else '' end as o, case when o.subject is distinct from n.subject and (o.subject not like '[apagado]%') then to_json(o.subject)::text end as "o.subject", case when o.name is distinct from n.name and (o.name <> '[apagado]') then to_json(o.name)::text end as "o.name", case when o.email is distinct from n.email and (o.email is not null) then to_json(o.email)::text end as "o.email"
              from old_rows o full join new_rows n on n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'people', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_people() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_people() to blindagem_owner;
comment on function blindagem_audit.capture_update_people() is 'Records each update of a row of people.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_refunds()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"refunds","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.condominium_id, o.condominium_id)::text || '/' || coalesce(n.credit_id, o.credit_id)::text || '/' || coalesce(n.debit_id, o.debit_id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.credit_id is distinct from n.credit_id then ',"credit_id":' || coalesce('"' || n.credit_id::text || '"', 'null') else '' end || case when o.debit_id is distinct from n.debit_id then ',"debit_id":' || coalesce('"' || n.debit_id::text || '"', 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || n.amount::text || '"', 'null') else '' end || case when o.confidence is distinct from n.confidence then ',"confidence":' || coalesce('"' || n.confidence::text || '"', 'null') else '' end || case when o.reasons is distinct from n.reasons then ',"reasons":' || coalesce(n.reasons::text, 'null') else '' end || case when o.decided_by is distinct from n.decided_by then ',"decided_by":' || coalesce('"' || n.decided_by::text || '"', 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(n.created_at)::text, 'null') else '' end as n, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.credit_id is distinct from n.credit_id then ',"credit_id":' || coalesce('"' || o.credit_id::text || '"', 'null') else '' end || case when o.debit_id is distinct from n.debit_id then ',"debit_id":' || coalesce('"' || o.debit_id::text || '"', 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || o.amount::text || '"', 'null') else '' end || case when o.confidence is distinct from n.confidence then ',"confidence":' || coalesce('"' || o.confidence::text || '"', 'null') else '' end || case when o.reasons is distinct from n.reasons then ',"reasons":' || coalesce(o.reasons::text, 'null') else '' end || case when o.decided_by is distinct from n.decided_by then ',"decided_by":' || coalesce('"' || o.decided_by::text || '"', 'null') else '' end || case when o.created_at is distinct from n.created_at then ',"created_at":' || coalesce(to_json(o.created_at)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.condominium_id = o.condominium_id and n.credit_id = o.credit_id and n.debit_id = o.debit_id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'refunds', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_refunds() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_refunds() to blindagem_owner;
comment on function blindagem_audit.capture_update_refunds() is 'Records each update of a row of refunds.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_retentions()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"retentions","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = coalesce(n.expense_id, o.expense_id)), 'ORDINARY') as sensitivity, coalesce(n.condominium_id, o.condominium_id)::text || '/' || coalesce(n.expense_id, o.expense_id)::text || '/' || coalesce(n.kind, o.kind)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.expense_id is distinct from n.expense_id then ',"expense_id":' || coalesce('"' || n.expense_id::text || '"', 'null') else '' end || case when o.kind is distinct from n.kind then ',"kind":' || coalesce(to_json(n.kind)::text, 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || n.amount::text || '"', 'null') else '' end as n, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.expense_id is distinct from n.expense_id then ',"expense_id":' || coalesce('"' || o.expense_id::text || '"', 'null') else '' end || case when o.kind is distinct from n.kind then ',"kind":' || coalesce(to_json(o.kind)::text, 'null') else '' end || case when o.amount is distinct from n.amount then ',"amount":' || coalesce('"' || o.amount::text || '"', 'null') else '' end as o
              from old_rows o full join new_rows n on n.condominium_id = o.condominium_id and n.expense_id = o.expense_id and n.kind = o.kind where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'retentions', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_retentions() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_retentions() to blindagem_owner;
comment on function blindagem_audit.capture_update_retentions() is 'Records each update of a row of retentions.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_reviews()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, coalesce(',"new_state.resolution_reason":' || c."n.resolution_reason", '') || coalesce(',"previous_state.resolution_reason":' || c."o.resolution_reason", '') as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"reviews","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n || coalesce(',"resolution_reason":' || blindagem_audit.commitment(c.salt, 'new_state.resolution_reason', c."n.resolution_reason"), ''), 2) || '}' || ',"previous_state":{' || substr(c.o || coalesce(',"resolution_reason":' || blindagem_audit.commitment(c.salt, 'previous_state.resolution_reason', c."o.resolution_reason"), ''), 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, coalesce(n.condominium_id, o.condominium_id) as condominium_id,
                coalesce((select e.sensitivity from blindagem.expenses e where e.id = coalesce(n.expense_id, o.expense_id)), 'ORDINARY') as sensitivity, coalesce(n.condominium_id, o.condominium_id)::text || '/' || coalesce(n.id, o.id)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else case when o.outcome is null and n.outcome is not null then 'RESOLVE_REVIEW' else 'UPDATE' end end as action, case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || n.condominium_id::text || '"', 'null') else '' end || case when o.id is distinct from n.id then ',"id":' || coalesce('"' || n.id::text || '"', 'null') else '' end || case when o.kind is distinct from n.kind then ',"kind":' || coalesce(to_json(n.kind)::text, 'null') else '' end || case when o.expense_id is distinct from n.expense_id then ',"expense_id":' || coalesce('"' || n.expense_id::text || '"', 'null') else '' end || case when o.subject is distinct from n.subject then ',"subject":' || coalesce(to_json(n.subject)::text, 'null') else '' end || case when o.reasons is distinct from n.reasons then ',"reasons":' || coalesce(n.reasons::text, 'null') else '' end || case when o.requires is distinct from n.requires then ',"requires":' || coalesce(to_json(n.requires)::text, 'null') else '' end || case when o.opened_at is distinct from n.opened_at then ',"opened_at":' || coalesce(to_json(n.opened_at)::text, 'null') else '' end || case when o.outcome is distinct from n.outcome then ',"outcome":' || coalesce(to_json(n.outcome)::text, 'null') else '' end || case when o.resolved_by is distinct from n.resolved_by then ',"resolved_by":' || coalesce('"' || n.resolved_by::text || '"', 'null') else '' end || case when o.resolved_at is distinct from n.resolved_at then ',"resolved_at":' || coalesce(to_json(n.resolved_at)::text, 'null') else '' end || case when o.resolution_reason is distinct from n.resolution_reason and (n.resolution_reason <> '[apagado]') is not true then ',"resolution_reason":' || coalesce(to_json(n.resolution_reason)::text, 'null') else '' end as n, case when o.resolution_reason is distinct from n.resolution_reason and (n.resolution_reason <> '[apagado]') then to_json(n.resolution_reason)::text end as "n.resolution_reason", case when o.condominium_id is distinct from n.condominium_id then ',"condominium_id":' || coalesce('"' || o.condominium_id::text || '"', 'null') else '' end || case when o.id is distinct from n.id then ',"id":' || coalesce('"' || o.id::text || '"', 'null') else '' end || case when o.kind is distinct from n.kind then ',"kind":' || coalesce(to_json(o.kind)::text, 'null') else '' end || case when o.expense_id is distinct from n.expense_id then ',"expense_id":' || coalesce('"' || o.expense_id::text || '"', 'null') else '' end || case when o.subject is distinct from n.subject then ',"subject":' || coalesce(to_json(o.subject)::text, 'null') else '' end || case when o.reasons is distinct from n.reasons then ',"reasons":' || coalesce(o.reasons::text, 'null') else '' end || case when o.requires is distinct from n.requires then ',"requires":' || coalesce(to_json(o.requires)::text, 'null') else '' end || case when o.opened_at is distinct from n.opened_at then ',"opened_at":' || coalesce(to_json(o.opened_at)::text, 'null') else '' end || case when o.outcome is distinct from n.outcome then ',"outcome":' || coalesce(to_json(o.outcome)::text, 'null') else '' end || case when o.resolved_by is distinct from n.resolved_by then ',"resolved_by":' || coalesce('"' || o.resolved_by::text || '"', 'null') else '' end || case when o.resolved_at is distinct from n.resolved_at then ',"resolved_at":' || coalesce(to_json(o.resolved_at)::text, 'null') else '' end || case when o.resolution_reason is distinct from n.resolution_reason and (o.resolution_reason <> '[apagado]') is not true then ',"resolution_reason":' || coalesce(to_json(o.resolution_reason)::text, 'null') else '' end as o, case when o.resolution_reason is distinct from n.resolution_reason and (o.resolution_reason <> '[apagado]') then to_json(o.resolution_reason)::text end as "o.resolution_reason"
              from old_rows o full join new_rows n on n.condominium_id = o.condominium_id and n.id = o.id where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'reviews', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_reviews() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_reviews() to blindagem_owner;
comment on function blindagem_audit.capture_update_reviews() is 'Records each update of a row of reviews.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_rules()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"rules","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, null::bigint as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.code, o.code)::text || '/' || coalesce(n.version, o.version)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.code is distinct from n.code then ',"code":' || coalesce(to_json(n.code)::text, 'null') else '' end || case when o.version is distinct from n.version then ',"version":' || coalesce('"' || n.version::text || '"', 'null') else '' end || case when o.facts is distinct from n.facts then ',"facts":' || coalesce(to_json(n.facts)::text, 'null') else '' end || case when o.severity is distinct from n.severity then ',"severity":' || coalesce(to_json(n.severity)::text, 'null') else '' end || case when o.parameters is distinct from n.parameters then ',"parameters":' || coalesce(n.parameters::text, 'null') else '' end || case when o.source is distinct from n.source then ',"source":' || coalesce(to_json(n.source)::text, 'null') else '' end || case when o.valid_from is distinct from n.valid_from then ',"valid_from":' || coalesce(to_json(n.valid_from)::text, 'null') else '' end || case when o.valid_to is distinct from n.valid_to then ',"valid_to":' || coalesce(to_json(n.valid_to)::text, 'null') else '' end as n, case when o.code is distinct from n.code then ',"code":' || coalesce(to_json(o.code)::text, 'null') else '' end || case when o.version is distinct from n.version then ',"version":' || coalesce('"' || o.version::text || '"', 'null') else '' end || case when o.facts is distinct from n.facts then ',"facts":' || coalesce(to_json(o.facts)::text, 'null') else '' end || case when o.severity is distinct from n.severity then ',"severity":' || coalesce(to_json(o.severity)::text, 'null') else '' end || case when o.parameters is distinct from n.parameters then ',"parameters":' || coalesce(o.parameters::text, 'null') else '' end || case when o.source is distinct from n.source then ',"source":' || coalesce(to_json(o.source)::text, 'null') else '' end || case when o.valid_from is distinct from n.valid_from then ',"valid_from":' || coalesce(to_json(o.valid_from)::text, 'null') else '' end || case when o.valid_to is distinct from n.valid_to then ',"valid_to":' || coalesce(to_json(o.valid_to)::text, 'null') else '' end as o
              from old_rows o full join new_rows n on n.code = o.code and n.version = o.version where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'rules', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_rules() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_rules() to blindagem_owner;
comment on function blindagem_audit.capture_update_rules() is 'Records each update of a row of rules.';

CREATE OR REPLACE FUNCTION blindagem_audit.capture_update_settings()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    declare
      who blindagem_audit.context := blindagem_audit.current_context();
      at timestamptz := clock_timestamp();
      secret bytea := uuid_send(gen_random_uuid());
      context_salt bytea := substr(sha256(secret), 17);
      context text := blindagem_audit.context_values(who);
      is_erasure boolean := coalesce(current_setting('blindagem.erasing', true) = 'on', false);
      shared text := blindagem_audit.context_entry(who, at, context_salt);
    begin
      with changes as materialized (
        select c.id, c.organization_id, c.condominium_id, c.sensitivity, c.entity_id, c.action, c.salt, '' as personal,
          '{"format":"blindagem-record-5","id":"' || c.id::text || '","salt":"' || encode(substr(c.seed, 1, 16), 'hex') || '"'
            || coalesce(',"organization_id":"' || c.organization_id::text || '"', '')
            || coalesce(',"condominium_id":"' || c.condominium_id::text || '"', '')
            || ',"sensitivity":' || to_json(c.sensitivity)::text || ',"entity_type":"settings","entity_id":'
            || to_json(c.entity_id)::text || ',"operation":"UPDATE","action":"' || c.action || '"' || ',"new_state":{' || substr(c.n, 2) || '}' || ',"previous_state":{' || substr(c.o, 2) || '}' || ',' || shared || '}' as entry
        from (
          select s.*, substr(s.seed, 17) as salt
          from (
            select r.*, sha256(secret || int8send(r.id)) as seed
            from (
              select nextval('blindagem_audit.record_id') as id, coalesce(n.organization_id, o.organization_id) as organization_id, null::bigint as condominium_id,
                'ORDINARY' as sensitivity, coalesce(n.organization_id, o.organization_id)::text || '/' || coalesce(n.name, o.name)::text as entity_id,
                case when who.out_of_band then 'OUT_OF_BAND' when is_erasure then 'ERASURE' else 'UPDATE' end as action, case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || n.organization_id::text || '"', 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(n.name)::text, 'null') else '' end || case when o.value is distinct from n.value then ',"value":' || coalesce('"' || n.value::text || '"', 'null') else '' end as n, case when o.organization_id is distinct from n.organization_id then ',"organization_id":' || coalesce('"' || o.organization_id::text || '"', 'null') else '' end || case when o.name is distinct from n.name then ',"name":' || coalesce(to_json(o.name)::text, 'null') else '' end || case when o.value is distinct from n.value then ',"value":' || coalesce('"' || o.value::text || '"', 'null') else '' end as o
              from old_rows o full join new_rows n on n.organization_id = o.organization_id and n.name = o.name where o is distinct from n
              offset 0) as r
            offset 0) as s
          offset 0) as c
      ), recorded as (
        insert into blindagem_audit.audit_log_immutable (
          id, recorded_at, organization_id, condominium_id, sensitivity, entity_type, entity_id, action, actor_id, entry)
        select c.id, at, c.organization_id, c.condominium_id, c.sensitivity, 'settings', c.entity_id, c.action, who.actor_id, c.entry
        from changes c
      ), kept as (
        insert into blindagem_audit.personal_values (bucket, recorded_at, record_ids, salts, personal, context_salt, context)
        select c.id / 256, at, array_agg(c.id), array_agg(case when c.personal <> '' then c.salt end),
          array_agg('{' || substr(nullif(c.personal, ''), 2) || '}'), case when context is not null then context_salt end, '{' || context || '}'
        from changes c where c.personal <> '' or context is not null
        group by c.id / 256
      )
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      select min(id), array_agg(id order by id), at from changes having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_audit.capture_update_settings() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.capture_update_settings() to blindagem_owner;
comment on function blindagem_audit.capture_update_settings() is 'Records each update of a row of settings.';

CREATE OR REPLACE FUNCTION blindagem_audit.commitment(salt bytea, path text, json_text text)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
    select '{"commitment":"' || encode(sha256('\x02'::bytea || salt || convert_to(path, 'UTF8') || '\x00'::bytea
      || convert_to(json_text, 'UTF8')), 'base64') || '"}'
  $function$
;
alter function blindagem_audit.commitment(bytea,text,text) owner to blindagem_audit_owner;
comment on function blindagem_audit.commitment(bytea,text,text) is 'What stands in a value''s place: SHA-256(0x02 || salt || path || 0x00 || JSON text); null for null. The prefix keeps it apart from leaves (0x00) and nodes (0x01) of the tree. Not HMAC: that takes two hashes a value, and against a secret salt of fixed length proves no more.';

CREATE OR REPLACE FUNCTION blindagem_audit.committed_source(table_name regclass, side text, template text)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    select string_agg(format(template, p.column_name, case side when 'o' then 'previous_state' else 'new_state' end,
      side || '.' || p.column_name), ' || ' order by a.attnum)
    from blindagem_audit.personal_columns() p
    join pg_class c on c.relname = p.table_name
    join pg_attribute a on a.attrelid = c.oid and a.attname = p.column_name
    where c.oid = committed_source.table_name
  $function$
;
alter function blindagem_audit.committed_source(regclass,text,text) owner to blindagem_audit_owner;
comment on function blindagem_audit.committed_source(regclass,text,text) is 'An expression for each value of one side that personal_source selects (%1 the column, %2 the side''s name in an entry, %3 the value''s name), concatenated.';

CREATE OR REPLACE FUNCTION blindagem_audit.context_entry(who blindagem_audit.context, recorded_at timestamp with time zone, salt bytea)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    select concat_ws(',',
      '"recorded_at":"' || to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"',
      '"actor_id":' || to_json(who.actor_id)::text,
      '"actor_role":' || to_json(who.actor_role)::text,
      '"on_behalf_of":' || to_json(who.on_behalf_of)::text,
      '"reason":' || to_json(who.reason)::text,
      '"ip":' || blindagem_audit.commitment(salt, 'ip', '"' || host(who.ip) || '"'),
      '"user_agent":' || blindagem_audit.commitment(salt, 'user_agent', to_json(who.user_agent)::text),
      '"request_id":' || to_json(who.request_id)::text,
      '"job_id":' || to_json(who.job_id)::text,
      '"session_login":' || to_json(session_user::text)::text,
      '"application_name":' || to_json(current_setting('application_name', true))::text,
      '"client_address":' || case when who.out_of_band
        then blindagem_audit.commitment(salt, 'client_address', '"' || host(inet_client_addr()) || '"')
        else '"' || host(inet_client_addr()) || '"' end,
      '"transaction_id":"' || pg_current_xact_id()::text || '"')
  $function$
;
alter function blindagem_audit.context_entry(blindagem_audit.context,timestamp with time zone,bytea) owner to blindagem_audit_owner;
comment on function blindagem_audit.context_entry(blindagem_audit.context,timestamp with time zone,bytea) is 'The fields of an entry that all records of a statement share, as JSON text without braces; what is null is left out. The reason stands as it is: it is the act''s, and the intent is signed over it.';

CREATE OR REPLACE FUNCTION blindagem_audit.context_values(who blindagem_audit.context)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    select nullif(concat_ws(',',
      '"ip":"' || host(who.ip) || '"',
      '"user_agent":' || to_json(who.user_agent)::text,
      case when who.out_of_band then '"client_address":"' || host(inet_client_addr()) || '"' end), '')
  $function$
;
alter function blindagem_audit.context_values(blindagem_audit.context) owner to blindagem_audit_owner;
comment on function blindagem_audit.context_values(blindagem_audit.context) is 'What a statement''s context says of the person behind it, as a JSON object''s fields; null for nothing. Under the platform''s logins the address of the connection is a server''s.';

CREATE OR REPLACE FUNCTION blindagem_audit.create_partitions(months_ahead integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '3s'
AS $function$
    declare
      month date;
      name text;
      created int := 0;
    begin
      for month in
        select generate_series(date_trunc('month', now() at time zone 'UTC'),
          date_trunc('month', now() at time zone 'UTC') + months_ahead * interval '1 month', '1 month')::date
      loop
        name := 'audit_log_' || to_char(month, 'YYYY_MM');
        if to_regclass('blindagem_audit.' || name) is null and not exists (
          select from blindagem_audit.audit_log_default d
          where d.recorded_at >= month::timestamp at time zone 'UTC'
            and d.recorded_at < (month + interval '1 month') at time zone 'UTC') then
          execute format(
            'create table blindagem_audit.%I partition of blindagem_audit.audit_log_immutable for values from (%L) to (%L)',
            name, month::timestamp at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
          perform blindagem_audit.guard_partition(('blindagem_audit.' || name)::regclass);
          created := created + 1;
        end if;
      end loop;
      return created;
    end
  $function$
;
alter function blindagem_audit.create_partitions(integer) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.create_partitions(integer) to blindagem_worker;
comment on function blindagem_audit.create_partitions(integer) is 'Makes the monthly partitions (UTC) from now to so many months ahead; a month whose rows already lie in the default partition stays there.';

CREATE OR REPLACE FUNCTION blindagem_audit.current_context()
 RETURNS blindagem_audit.context
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      is_platform boolean := session_user in ('blindagem_authenticator', 'blindagem_worker');
      actor_id text := nullif(current_setting('blindagem.actor_id', true), '');
      reason text := nullif(current_setting('blindagem.reason', true), '');
    begin
      if is_platform and (actor_id is null or reason is null) then
        raise exception using errcode = 'BLD08',
          message = 'Falta dizer quem faz a mudança, e por quê: sem isso o registro de auditoria não a aceita.',
          hint = 'Set blindagem.actor_id and blindagem.reason in the transaction (src/database/actor.ts).';
      end if;
      return row(
        not is_platform,
        actor_id,
        nullif(current_setting('blindagem.role', true), ''),
        nullif(current_setting('blindagem.on_behalf_of', true), ''),
        reason,
        nullif(current_setting('blindagem.ip', true), '')::inet,
        nullif(current_setting('blindagem.user_agent', true), ''),
        nullif(current_setting('blindagem.request_id', true), ''),
        nullif(current_setting('blindagem.job_id', true), ''))::blindagem_audit.context;
    end
  $function$
;
alter function blindagem_audit.current_context() owner to blindagem_audit_owner;
comment on function blindagem_audit.current_context() is 'The context of the running statement, read once for all its rows. Under the platform''s logins a write without actor and reason is refused; under any other it is out of band.';

CREATE OR REPLACE FUNCTION blindagem_audit.define_capture(table_name regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
    declare
      entity text;
      operation text;
    begin
      select c.relname into strict entity from pg_class c where c.oid = table_name;
      foreach operation in array '{INSERT,UPDATE,DELETE}'::text[] loop
        execute format(
          'create or replace function blindagem_audit.%I() returns trigger
           language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = ''UTC'' as %L',
          'capture_' || lower(operation) || '_' || entity, blindagem_audit.capture_source(table_name, operation));
        execute format('comment on function blindagem_audit.%I is %L', 'capture_' || lower(operation) || '_' || entity,
          format('Records each %s of a row of %s.', lower(operation), entity));
        execute format('revoke execute on function blindagem_audit.%I from public', 'capture_' || lower(operation) || '_' || entity);
        execute format('grant execute on function blindagem_audit.%I to blindagem_owner', 'capture_' || lower(operation) || '_' || entity);
      end loop;
    end
  $function$
;
alter function blindagem_audit.define_capture(regclass) owner to blindagem_audit_owner;
comment on function blindagem_audit.define_capture(regclass) is 'Writes a table''s three capture functions for the columns it has now.';

CREATE OR REPLACE FUNCTION blindagem_audit.erase_values(erasure bigint, record_ids bigint[], actor text)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem_audit.erase_values(bigint,bigint[],text) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.erase_values(bigint,bigint[],text) to blindagem_owner;
comment on function blindagem_audit.erase_values(bigint,bigint[],text) is 'Removes the values and salts of records, of what the running erasure changed, and the addresses of an actor. It asks for the record of the erasure, and leaves word of it for each.';

CREATE OR REPLACE FUNCTION blindagem_audit.first_id_at(instant timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      lower bigint := (select min(id) from blindagem_audit.audit_log_immutable);
      upper bigint := (select max(id) + 1 from blindagem_audit.audit_log_immutable);
      middle bigint;
    begin
      while lower < upper and instant > '-infinity' and instant < 'infinity' loop
        middle := lower + (upper - lower) / 2;
        if (select r.recorded_at from blindagem_audit.audit_log_immutable r where r.id >= middle order by r.id limit 1) < instant then
          lower := middle + 1;
        else
          upper := middle;
        end if;
      end loop;
      return case when instant = 'infinity' then upper else lower end;
    end
  $function$
;
alter function blindagem_audit.first_id_at(timestamp with time zone) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.first_id_at(timestamp with time zone) to blindagem_admin;
grant execute on function blindagem_audit.first_id_at(timestamp with time zone) to blindagem_auditor;
grant execute on function blindagem_audit.first_id_at(timestamp with time zone) to blindagem_reviewer;
grant execute on function blindagem_audit.first_id_at(timestamp with time zone) to blindagem_sindico;
comment on function blindagem_audit.first_id_at(timestamp with time zone) is 'About where in the log that instant is: the id of the first record of then or later, as far as ids follow the clock; one more than the last id for infinity.';

CREATE OR REPLACE FUNCTION blindagem_audit.guard_divergence()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      if (to_jsonb(new) - array['fields', 'last_seen_at', 'resolved_at']) = (to_jsonb(old) - array['fields', 'last_seen_at', 'resolved_at'])
        and new.fields @> old.fields and new.last_seen_at >= old.last_seen_at
        and old.resolved_at is null then
        return new;
      end if;
      raise exception using errcode = 'BLD06', message = 'Uma divergência só pode ser vista de novo ou ser resolvida.';
    end
  $function$
;
alter function blindagem_audit.guard_divergence() owner to blindagem_audit_owner;
comment on function blindagem_audit.guard_divergence() is 'What was found stays: it may be seen again, in more fields, and be resolved once.';

CREATE OR REPLACE FUNCTION blindagem_audit.guard_partition(partition regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
  $function$
;
alter function blindagem_audit.guard_partition(regclass) owner to blindagem_audit_owner;
comment on function blindagem_audit.guard_partition(regclass) is 'Gives a partition its own guards and row-level security.';

CREATE OR REPLACE FUNCTION blindagem_audit.guard_personal_values()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      if (to_jsonb(new) - array['salts', 'personal', 'context_salt', 'context'])
          = (to_jsonb(old) - array['salts', 'personal', 'context_salt', 'context'])
        and (new.context is null or new.context = old.context)
        and (new.context_salt is null or new.context_salt = old.context_salt)
        and cardinality(new.salts) = cardinality(old.salts) and cardinality(new.personal) = cardinality(old.personal)
        and not exists (
          select from unnest(old.salts, new.salts, old.personal, new.personal) as v (salt, kept_salt, value, kept_value)
          where v.kept_salt is distinct from v.salt and v.kept_salt is not null
            or v.kept_value is distinct from v.value and v.kept_value is not null) then
        return new;
      end if;
      raise exception using errcode = 'BLD06', message = 'O que um registro mostra de pessoas só pode ser apagado.';
    end
  $function$
;
alter function blindagem_audit.guard_personal_values() owner to blindagem_audit_owner;
comment on function blindagem_audit.guard_personal_values() is 'Values and salts vanish; they never change.';

CREATE OR REPLACE FUNCTION blindagem_audit.impersonal_columns()
 RETURNS TABLE(table_name text, column_names text)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    values
      ('api_keys', 'name'),
      ('approval_limits', 'requires'),
      -- The document is the text of a query without its values; ids are not names.
      ('auditor_accesses', 'request_id operation operation_name document entity_ids'),
      -- Accounts of condominiums and administradoras.
      ('bank_accounts', 'provider_account_id purpose name number_masked'),
      ('bank_connections', 'provider provider_item_id state state_cause'),
      ('bank_transactions', 'provider_id operation_type end_to_end_id original_end_to_end_id check_number status'),
      ('categories', 'code name sensitivity'),
      ('condominiums', 'name city'),
      ('definitions', 'schema_version fingerprint objects columns unrecorded'),
      -- Part of the row's key, by which its records are found: it cannot be behind a commitment.
      ('document_uploads', 'file_name'),
      -- What was erased is told by numbers: never the value.
      ('erasures', 'reason subject counts kept targets documents'),
      ('expense_batches', 'idempotency_key'),
      -- Evidence of reasons never holds a CPF (src/validation/reason.ts). The customer's own number of the expense, and that of the document: what a person is called by is the payee.
      ('expenses', 'external_id category sensitivity document_kind document_number payee_kind status status_reasons second_approval payment_status'),
      ('grants', 'role block'),
      -- Why an operator did something with jobs, like the reason of any change: the intent is signed over it.
      ('job_interventions', 'action reason filter'),
      ('managements', 'code'),
      ('members', 'role'),
      ('movement_verdicts', 'verdict reasons'),
      ('organizations', 'name'),
      ('payables', 'kind retention payment_status'),
      ('payments', 'reasons'),
      ('refunds', 'reasons'),
      ('retentions', 'kind'),
      ('reviews', 'kind subject reasons requires outcome'),
      ('rules', 'code facts severity parameters source'),
      ('settings', 'name')
  $function$
;
alter function blindagem_audit.impersonal_columns() owner to blindagem_audit_owner;
comment on function blindagem_audit.impersonal_columns() is 'The other columns of audited tables that hold text: looked at, and found to say nothing of natural persons. A test asks for every column''s decision.';

CREATE OR REPLACE FUNCTION blindagem_audit.intents_of(transaction_ids text[])
 RETURNS TABLE(record_id bigint, entry text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select r.id, r.entry from blindagem_audit.audit_log_immutable r
    where r.entity_type = 'intents' and r.entity_id = any (transaction_ids)
  $function$
;
alter function blindagem_audit.intents_of(text[]) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.intents_of(text[]) to blindagem_admin;
grant execute on function blindagem_audit.intents_of(text[]) to blindagem_auditor;
comment on function blindagem_audit.intents_of(text[]) is 'The intents of transactions. Who reads some of their records cannot check them without: an intent says who acted and why, and of the records of others no more than how many there are and a hash.';

CREATE OR REPLACE FUNCTION blindagem_audit.json_source(side text, col name, column_type oid)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    select case
      when t.typcategory = 'N' then format($s$'"' || %1$s.%2$I::text || '"'$s$, side, col)
      when t.typcategory = 'B' or t.typname in ('json', 'jsonb') then format('%1$s.%2$I::text', side, col)
      else format('to_json(%1$s.%2$I)::text', side, col)
    end
    from pg_type t where t.oid = column_type
  $function$
;
alter function blindagem_audit.json_source(text,name,oid) owner to blindagem_audit_owner;
comment on function blindagem_audit.json_source(text,name,oid) is 'The expression for a column''s value as JSON text, whatever the session''s settings; numbers as strings, so that no reader rounds them.';

CREATE OR REPLACE FUNCTION blindagem_audit.leaf_hash(entry bytea)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select sha256('\x00'::bytea || entry) $function$
;
alter function blindagem_audit.leaf_hash(bytea) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.leaf_hash(bytea) to blindagem_sealer;
comment on function blindagem_audit.leaf_hash(bytea) is 'The hash of a leaf in a Merkle tree: SHA-256(0x00 || entry). The prefix keeps a leaf from being passed off as an inner node (RFC 6962, section 2.1).';

CREATE OR REPLACE FUNCTION blindagem_audit.leaf_index(record_id bigint)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ select i.leaf_index from blindagem_audit.leaf_indexes(array[leaf_index.record_id]) as i $function$
;
alter function blindagem_audit.leaf_index(bigint) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.leaf_index(bigint) to blindagem_admin;
grant execute on function blindagem_audit.leaf_index(bigint) to blindagem_auditor;
grant execute on function blindagem_audit.leaf_index(bigint) to blindagem_reviewer;
grant execute on function blindagem_audit.leaf_index(bigint) to blindagem_sindico;
comment on function blindagem_audit.leaf_index(bigint) is 'The place of a record in the tree, from 0; null while it waits for its seal.';

CREATE OR REPLACE FUNCTION blindagem_audit.leaf_indexes(record_ids bigint[])
 RETURNS TABLE(record_id bigint, leaf_index bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select place.id, run.first_index + place.position - 1
    from (
      select r.first_index, array_agg(wanted.id) as ids
      from unnest(leaf_indexes.record_ids) as wanted (id)
      join blindagem_audit.sealed_runs r on int8range(r.first_record_id, r.last_record_id, '[]') @> wanted.id
      group by r.first_index) as hit
    cross join lateral (
      select s.first_index, s.record_ids || '{}' as record_ids
      from blindagem_audit.sealed_runs s where s.first_index = hit.first_index
      offset 0) as run
    cross join lateral (
      select wanted.id, array_position(run.record_ids, wanted.id) as position
      from unnest(hit.ids) as wanted (id)
      offset 0) as place
    where place.position is not null
  $function$
;
alter function blindagem_audit.leaf_indexes(bigint[]) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.leaf_indexes(bigint[]) to blindagem_admin;
grant execute on function blindagem_audit.leaf_indexes(bigint[]) to blindagem_auditor;
grant execute on function blindagem_audit.leaf_indexes(bigint[]) to blindagem_reviewer;
grant execute on function blindagem_audit.leaf_indexes(bigint[]) to blindagem_sindico;
comment on function blindagem_audit.leaf_indexes(bigint[]) is 'The places of records in the tree, from 0; those that wait for their seal are left out. A run is unpacked once for all its records: once for each took a page of 100 records 100 ms, and leaf_index alone, through which the planner went run by run, seconds.';

CREATE OR REPLACE FUNCTION blindagem_audit.metadata_of(entry jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select jsonb_strip_nulls(jsonb_build_object(
      'reason', entry->'reason', 'ip', entry->'ip', 'userAgent', entry->'user_agent', 'requestId', entry->'request_id',
      'jobId', entry->'job_id', 'operation', entry->'operation', 'login', entry->'session_login',
      'transactionId', entry->'transaction_id'))
  $function$
;
alter function blindagem_audit.metadata_of(jsonb) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.metadata_of(jsonb) to blindagem_admin;
grant execute on function blindagem_audit.metadata_of(jsonb) to blindagem_auditor;
grant execute on function blindagem_audit.metadata_of(jsonb) to blindagem_reviewer;
grant execute on function blindagem_audit.metadata_of(jsonb) to blindagem_sindico;
comment on function blindagem_audit.metadata_of(jsonb) is 'What people see of a record beside who, when and what: reason, address, request and job.';

CREATE OR REPLACE FUNCTION blindagem_audit.pending_count()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select coalesce(sum(cardinality(record_ids)), 0)
    from (select p.record_ids from blindagem_audit.pending_records p limit 100000) as waiting
  $function$
;
alter function blindagem_audit.pending_count() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.pending_count() to blindagem_operator;
grant execute on function blindagem_audit.pending_count() to blindagem_sealer;
grant execute on function blindagem_audit.pending_count() to blindagem_worker;
comment on function blindagem_audit.pending_count() is 'How many records of the log wait for their seal, counted up to those of 100,000 statements: a figure that is asked for every few seconds must not cost more the worse things are.';

CREATE OR REPLACE FUNCTION blindagem_audit.personal_columns()
 RETURNS TABLE(table_name text, column_name text, condition text)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    values
      -- What an auditor searched with: may be a name or a CPF.
      ('auditor_accesses', 'ip', '%s is not null'),
      ('auditor_accesses', 'variables', '%s <> ''{}'''),
      -- The other side of a movement is often a person (Pix), and the bank puts the name into the description, too.
      ('bank_transactions', 'description', '%s <> ''[apagado]'''),
      ('bank_transactions', 'counterparty_document', 'length(%s) = 11'),
      ('bank_transactions', 'counterparty_name', '%s <> ''[apagado]'''),
      -- People name files after people: "recibo-joao-da-silva.pdf".
      ('expense_documents', 'file_name', '%s <> ''[apagado]'''),
      -- Rows as they were handed in, with payees.
      ('expense_batches', 'refused_rows', '%s <> ''[]'''),
      -- 11 characters are a CPF; a CNPJ is a company's. The name of an MEI is a person's, whatever its document.
      ('expenses', 'payee_document', 'length(%s) = 11'),
      ('expenses', 'payee_name', '%s <> ''[apagado]'''),
      ('expenses', 'payee_pix_key', '%s <> ''[apagado]'''),
      ('expenses', 'description', '%s <> ''[apagado]'''),
      ('payables', 'payee_document', 'length(%s) = 11'),
      ('payables', 'payee_name', '%s <> ''[apagado]'''),
      ('payee_accounts', 'payee_document', 'length(%s) = 11'),
      ('payee_accounts', 'pix_key', '%s <> ''[apagado]'''),
      -- The claim sub is made up by the identity provider, and often the e-mail.
      ('people', 'subject', '%s not like ''[apagado]%%'''),
      ('people', 'name', '%s <> ''[apagado]'''),
      ('people', 'email', '%s is not null'),
      -- Typed by a person, about what may be a person.
      ('reviews', 'resolution_reason', '%s <> ''[apagado]''')
  $function$
;
alter function blindagem_audit.personal_columns() owner to blindagem_audit_owner;
comment on function blindagem_audit.personal_columns() is 'The columns that may say something of a natural person, each with the condition (of the column, in the place of %s) under which a value does: then a record has a commitment in its place. An erased value is no value: it stands as it is. After a change, define_capture is to be called for the table.';

CREATE OR REPLACE FUNCTION blindagem_audit.personal_of(record_id bigint, recorded_at timestamp with time zone, entry text)
 RETURNS TABLE(salt bytea, personal text, context_salt bytea, context text, erased_at timestamp with time zone, erasure_id bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select v.salts[place.at], v.personal[place.at], v.context_salt, v.context, e.erased_at, e.erasure_id
    from blindagem_audit.personal_values v
    cross join lateral (select array_position(v.record_ids, personal_of.record_id) as at) as place
    left join blindagem_audit.erased_values e on e.record_id = personal_of.record_id
      and exists (select from blindagem_audit.audit_log_immutable r where r.id = e.erasure_id and r.action = 'ERASURE')
    where v.recorded_at = personal_of.recorded_at and v.bucket = personal_of.record_id / 256 and place.at is not null
      and exists (
        select from blindagem_audit.audit_log_immutable r
        where r.id = personal_of.record_id and r.recorded_at = personal_of.recorded_at and r.entry = personal_of.entry)
  $function$
;
alter function blindagem_audit.personal_of(bigint,timestamp with time zone,text) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.personal_of(bigint,timestamp with time zone,text) to blindagem_admin;
grant execute on function blindagem_audit.personal_of(bigint,timestamp with time zone,text) to blindagem_auditor;
grant execute on function blindagem_audit.personal_of(bigint,timestamp with time zone,text) to blindagem_reviewer;
grant execute on function blindagem_audit.personal_of(bigint,timestamp with time zone,text) to blindagem_sealer;
grant execute on function blindagem_audit.personal_of(bigint,timestamp with time zone,text) to blindagem_sindico;
comment on function blindagem_audit.personal_of(bigint,timestamp with time zone,text) is 'What stands beside a record, for whoever may read it: it has to be handed in, and cannot be guessed for its salt. No row, or nothing in it, for a record that commits to nothing.';

CREATE OR REPLACE FUNCTION blindagem_audit.personal_source(table_name regclass, side text, only_changed boolean)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    select string_agg(format(
        case when only_changed then $s$case when o.%1$I is distinct from n.%1$I and (%3$s) then %2$s end as %4$I$s$
          else $s$case when %3$s then %2$s end as %4$I$s$ end,
        a.attname, blindagem_audit.json_source(side, a.attname, a.atttypid),
        format(p.condition, format('%s.%I', side, a.attname)), side || '.' || a.attname), ', ' order by a.attnum)
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join blindagem_audit.personal_columns() p on p.table_name = c.relname and p.column_name = a.attname
    where a.attrelid = personal_source.table_name and a.attnum > 0 and not a.attisdropped
  $function$
;
alter function blindagem_audit.personal_source(regclass,text,boolean) owner to blindagem_audit_owner;
comment on function blindagem_audit.personal_source(regclass,text,boolean) is 'The select list for the JSON texts of one side''s values that are to be committed to ("n.payee_name"); null where there is none.';

CREATE OR REPLACE FUNCTION blindagem_audit.record_intent()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      record_id bigint := nextval('blindagem_audit.record_id');
      at timestamptz := clock_timestamp();
      who blindagem_audit.context := blindagem_audit.current_context();
    begin
      if new.note is null or length(new.note) > 1000000 then
        raise exception using errcode = 'BLD04', message = 'Uma intenção tem até 1.000.000 de caracteres.';
      end if;
      insert into blindagem_audit.audit_log_immutable (id, recorded_at, sensitivity, entity_type, entity_id, action, actor_id, entry)
      values (record_id, at, 'ORDINARY', 'intents', pg_current_xact_id()::text, 'ATTEST', who.actor_id,
        '{"format":"blindagem-intent-1","id":"' || record_id || '","salt":"' || gen_random_uuid() || '","recorded_at":"'
          || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","transaction_id":"' || pg_current_xact_id()
          || '","note":' || to_json(new.note) || '}');
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      values (record_id, array[record_id], at);
      return new;
    end
  $function$
;
alter function blindagem_audit.record_intent() owner to blindagem_audit_owner;
comment on function blindagem_audit.record_intent() is 'Makes an intent a record of the running transaction, whatever id and transaction it was inserted with.';

CREATE OR REPLACE FUNCTION blindagem_audit.records_by(actor text)
 RETURNS bigint[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select coalesce(array_agg(r.id), '{}')
    from blindagem_audit.audit_log_immutable r
    where r.actor_id = actor and r.entry like '%{"commitment":"%'
  $function$
;
alter function blindagem_audit.records_by(text) owner to blindagem_audit_owner;
comment on function blindagem_audit.records_by(text) is 'The records of what that actor did: they commit to its address and program.';

CREATE OR REPLACE FUNCTION blindagem_audit.records_of(targets jsonb)
 RETURNS bigint[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select coalesce(array_agg(r.id), '{}')
    from jsonb_to_recordset(targets) as t ("table" text, id text)
    join blindagem_audit.audit_log_immutable r on r.entity_type = t."table" and r.entity_id = t.id
    where r.entry like '%{"commitment":"%'
  $function$
;
alter function blindagem_audit.records_of(jsonb) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.records_of(jsonb) to blindagem_owner;
comment on function blindagem_audit.records_of(jsonb) is 'The records of rows [{table, id}] that commit to something.';

CREATE OR REPLACE FUNCTION blindagem_audit.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      raise exception using errcode = 'BLD06', message = 'O registro de auditoria não muda: ' || tg_op || ' em ' || tg_table_name || ' foi recusado.';
    end
  $function$
;
alter function blindagem_audit.refuse_change() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.refuse_change() to blindagem_owner;
comment on function blindagem_audit.refuse_change() is 'Second wall behind the missing privileges: even an owner''s change or truncate fails.';

CREATE OR REPLACE FUNCTION blindagem_audit.refuse_rewriting()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      if new.level = old.level and new.index = old.index and length(new.hashes) > length(old.hashes)
        and substring(new.hashes for length(old.hashes)) = old.hashes then
        return new;
      end if;
      raise exception using errcode = 'BLD06', message = 'Uma página da árvore só cresce.';
    end
  $function$
;
alter function blindagem_audit.refuse_rewriting() owner to blindagem_audit_owner;
comment on function blindagem_audit.refuse_rewriting() is 'Hashes of the tree are appended, never changed.';

CREATE OR REPLACE FUNCTION blindagem_audit.revealed(record_id bigint, recorded_at timestamp with time zone, entry text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      fields jsonb := entry;
      known jsonb;
      erased jsonb;
      side text;
      field text;
    begin
      if entry not like '%{"commitment":"%' then
        return fields;
      end if;
      select coalesce(p.personal::jsonb, '{}') || coalesce(p.context::jsonb, '{}'),
        case when p.erasure_id is not null then
          jsonb_build_object('erased', jsonb_build_object('at', p.erased_at, 'by', p.erasure_id::text)) end
      into known, erased
      from blindagem_audit.personal_of(record_id, recorded_at, entry) p;
      known := coalesce(known, '{}');
      foreach field in array '{ip,user_agent,client_address}'::text[] loop
        if fields ? field then
          fields := jsonb_set(fields, array[field], blindagem_audit.shown(fields->field, field, known, erased));
        end if;
      end loop;
      foreach side in array '{previous_state,new_state}'::text[] loop
        if fields ? side then
          fields := jsonb_set(fields, array[side], (
            select coalesce(jsonb_object_agg(s.key, blindagem_audit.shown(s.value, side || '.' || s.key, known, erased)), '{}')
            from jsonb_each(fields->side) as s));
        end if;
      end loop;
      return fields;
    end
  $function$
;
alter function blindagem_audit.revealed(bigint,timestamp with time zone,text) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.revealed(bigint,timestamp with time zone,text) to blindagem_admin;
grant execute on function blindagem_audit.revealed(bigint,timestamp with time zone,text) to blindagem_auditor;
grant execute on function blindagem_audit.revealed(bigint,timestamp with time zone,text) to blindagem_reviewer;
grant execute on function blindagem_audit.revealed(bigint,timestamp with time zone,text) to blindagem_sealer;
grant execute on function blindagem_audit.revealed(bigint,timestamp with time zone,text) to blindagem_sindico;
comment on function blindagem_audit.revealed(bigint,timestamp with time zone,text) is 'A record''s entry as people see it: with the values that its commitments stand for, or {"erased": {"at", "by"}}, by naming the ERASURE record, where they were erased.';

CREATE OR REPLACE FUNCTION blindagem_audit.sealed_leaves(first_leaf bigint, leaf_count integer)
 RETURNS TABLE(leaf_index bigint, record_id bigint, is_kept boolean, attests text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select run.first_index + leaf.place - 1, leaf.record_id, record.id is not null, record.attests
    from blindagem_audit.sealed_runs run
    cross join lateral unnest(run.record_ids) with ordinality as leaf (record_id, place)
    left join lateral (
      select r.id, case when r.entity_type = 'intents' then r.entity_id end as attests
      from blindagem_audit.audit_log_immutable r where r.id = leaf.record_id limit 1) as record on true
    where run.first_index < first_leaf + leaf_count
      and run.first_index >= coalesce((
        select before.first_index from blindagem_audit.sealed_runs before
        where before.first_index <= first_leaf order by before.first_index desc limit 1), 0)
      and run.first_index + leaf.place - 1 between first_leaf and first_leaf + leaf_count - 1
    order by 1
  $function$
;
alter function blindagem_audit.sealed_leaves(bigint,integer) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.sealed_leaves(bigint,integer) to blindagem_admin;
grant execute on function blindagem_audit.sealed_leaves(bigint,integer) to blindagem_auditor;
comment on function blindagem_audit.sealed_leaves(bigint,integer) is 'So many leaves of the tree from one on, whoever''s they are: the record of each, whether the log still has it, and of an intent the transaction that it attests. No contents.';

CREATE OR REPLACE FUNCTION blindagem_audit.sealing_state()
 RETURNS TABLE(beat_at timestamp with time zone, oldest_pending_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select
      (select h.beat_at from blindagem_audit.sealer_heartbeat h),
      (select p.recorded_at from blindagem_audit.pending_records p order by p.first_record_id limit 1)
  $function$
;
alter function blindagem_audit.sealing_state() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.sealing_state() to blindagem_operator;
grant execute on function blindagem_audit.sealing_state() to blindagem_sealer;
grant execute on function blindagem_audit.sealing_state() to blindagem_worker;
comment on function blindagem_audit.sealing_state() is 'How sealing stands, for those who see no record: when the sealing process last lived, and since when the first record in the row waits.';

CREATE OR REPLACE FUNCTION blindagem_audit.shown(value jsonb, path text, known jsonb, erased jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select case
      when jsonb_typeof(value) <> 'object' or not value ? 'commitment' then value
      when known ? path then known->path
      else coalesce(erased, value)
    end
  $function$
;
alter function blindagem_audit.shown(jsonb,text,jsonb,jsonb) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.shown(jsonb,text,jsonb,jsonb) to blindagem_admin;
grant execute on function blindagem_audit.shown(jsonb,text,jsonb,jsonb) to blindagem_auditor;
grant execute on function blindagem_audit.shown(jsonb,text,jsonb,jsonb) to blindagem_reviewer;
grant execute on function blindagem_audit.shown(jsonb,text,jsonb,jsonb) to blindagem_sealer;
grant execute on function blindagem_audit.shown(jsonb,text,jsonb,jsonb) to blindagem_sindico;
comment on function blindagem_audit.shown(jsonb,text,jsonb,jsonb) is 'A value of an entry as people see it: what its commitment stands for, or when and by which record that was erased.';

CREATE OR REPLACE FUNCTION blindagem_audit.state_source(table_name regclass, side text, only_changed boolean)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    select string_agg(format(
        case
          when p.condition is not null and only_changed then
            $s$case when o.%1$I is distinct from n.%1$I and (%3$s) is not true then ',"%1$s":' || coalesce(%2$s, 'null') else '' end$s$
          when p.condition is not null then $s$case when %3$s then '' else coalesce(',"%1$s":' || %2$s, '') end$s$
          when only_changed then $s$case when o.%1$I is distinct from n.%1$I then ',"%1$s":' || coalesce(%2$s, 'null') else '' end$s$
          when a.attnotnull then $s$(',"%1$s":' || %2$s)$s$
          else $s$coalesce(',"%1$s":' || %2$s, '')$s$
        end, a.attname, blindagem_audit.json_source(side, a.attname, a.atttypid),
        format(p.condition, format('%s.%I', side, a.attname))), ' || ' order by a.attnum)
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    left join blindagem_audit.personal_columns() p on p.table_name = c.relname and p.column_name = a.attname
    where a.attrelid = state_source.table_name and a.attnum > 0 and not a.attisdropped
  $function$
;
alter function blindagem_audit.state_source(regclass,text,boolean) owner to blindagem_audit_owner;
comment on function blindagem_audit.state_source(regclass,text,boolean) is 'The expression for what one side ("o" or "n") of a row says openly, as the fields of a JSON object, a comma before each: all its columns but the empty ones, or those that an update changed.';

CREATE OR REPLACE FUNCTION blindagem_audit.times_of(record_ids bigint[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select coalesce(jsonb_agg(jsonb_build_object('id', r.id::text, 'at', r.recorded_at, 'table', r.entity_type, 'row', r.entity_id)), '[]')
    from blindagem_audit.audit_log_immutable r where r.id = any (record_ids)
  $function$
;
alter function blindagem_audit.times_of(bigint[]) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.times_of(bigint[]) to blindagem_owner;
grant execute on function blindagem_audit.times_of(bigint[]) to blindagem_sealer;
comment on function blindagem_audit.times_of(bigint[]) is 'When records were written, and of which rows: by both a restored copy tells them from others that got their ids later.';

CREATE OR REPLACE FUNCTION blindagem_audit.transaction_groups()
 RETURNS TABLE(leaf_hashes bytea, actions text[])
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select string_agg(blindagem_audit.leaf_hash(convert_to(record.entry, 'UTF8')), '' order by record.id),
      array_agg(distinct record.action)
    from blindagem_audit.pending_records p
    cross join lateral (
      select r.id, r.organization_id, r.condominium_id, r.sensitivity, r.action, r.entry
      from blindagem_audit.audit_log_immutable r
      where r.id = any (p.record_ids) and r.recorded_at = p.recorded_at and r.entity_type <> 'intents'
      offset 0) as record
    where p.transaction_id = pg_current_xact_id_if_assigned()
    group by record.organization_id, record.condominium_id, record.sensitivity
  $function$
;
alter function blindagem_audit.transaction_groups() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.transaction_groups() to blindagem_access_log;
grant execute on function blindagem_audit.transaction_groups() to blindagem_admin;
grant execute on function blindagem_audit.transaction_groups() to blindagem_integrator;
grant execute on function blindagem_audit.transaction_groups() to blindagem_operator;
grant execute on function blindagem_audit.transaction_groups() to blindagem_reviewer;
grant execute on function blindagem_audit.transaction_groups() to blindagem_sindico;
grant execute on function blindagem_audit.transaction_groups() to blindagem_worker;
comment on function blindagem_audit.transaction_groups() is 'What the running transaction has written to the log, by organization, condominium and sensitivity: the leaf hashes of its records in the order of their ids, 32 bytes each, and their actions. The process that acts signs it, and whoever may read a group can check it without the others.';

CREATE OR REPLACE FUNCTION blindagem_audit.unaudited_tables()
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select '{companies,decisions,document_readings,document_identifiers,documents}'::text[] $function$
;
alter function blindagem_audit.unaudited_tables() owner to blindagem_audit_owner;
grant execute on function blindagem_audit.unaudited_tables() to blindagem_owner;
comment on function blindagem_audit.unaudited_tables() is 'The exceptions, in one list: companies (public registry data; each answer is kept in company_answers), documents, their readings and identifiers (append-only, addressed by the hash of their content; the decision''s facts hold what was used), decisions (append-only; the hash of their facts stands in the audited change of the expense).';

CREATE OR REPLACE FUNCTION blindagem_audit.values_of(needle text, condominium_ids bigint[], organization bigint)
 RETURNS bigint[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select coalesce(array_agg(r.id), '{}')
    from blindagem_audit.personal_values v
    cross join lateral unnest(v.record_ids, v.personal) as p (id, personal)
    join blindagem_audit.audit_log_immutable r on r.id = p.id and r.recorded_at = v.recorded_at
    where strpos(p.personal, needle) > 0
      and (r.condominium_id = any (condominium_ids) or r.condominium_id is null and r.organization_id = organization)
  $function$
;
alter function blindagem_audit.values_of(text,bigint[],bigint) owner to blindagem_audit_owner;
grant execute on function blindagem_audit.values_of(text,bigint[],bigint) to blindagem_owner;
comment on function blindagem_audit.values_of(text,bigint[],bigint) is 'The records of those condominiums, and of the administradora itself, whose values hold that text. All values are read for it: there is no index of people.';

CREATE OR REPLACE FUNCTION blindagem_private.add_histograms(a integer[], b integer[])
 RETURNS integer[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select coalesce(array_agg(coalesce(x, 0) + coalesce(y, 0) order by bucket), '{}')
    from unnest(a, b) with ordinality as u (x, y, bucket)
  $function$
;
alter function blindagem_private.add_histograms(integer[],integer[]) owner to blindagem_owner;
grant execute on function blindagem_private.add_histograms(integer[],integer[]) to blindagem_admin;
grant execute on function blindagem_private.add_histograms(integer[],integer[]) to blindagem_integrator;
grant execute on function blindagem_private.add_histograms(integer[],integer[]) to blindagem_operator;
grant execute on function blindagem_private.add_histograms(integer[],integer[]) to blindagem_reviewer;
grant execute on function blindagem_private.add_histograms(integer[],integer[]) to blindagem_worker;
comment on function blindagem_private.add_histograms(integer[],integer[]) is 'Two histograms in one; the shorter one has nothing in the buckets it lacks.';

CREATE OR REPLACE FUNCTION blindagem_private.advance_virtual_time(started jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      -- Locked in order: two workers may report on several lanes at once.
      perform from blindagem_private.virtual_clocks order by lane for update;
      update blindagem_private.virtual_clocks k set virtual_time = s.start_tag
      from (
        select t.lane, max(r."startTag") as start_tag
        from jsonb_to_recordset(started) as r (task text, "startTag" float)
        join blindagem_private.tasks t on t.name = r.task
        group by t.lane) as s
      where k.lane = s.lane and k.virtual_time < s.start_tag;
      perform blindagem_private.rebase_priorities(k.lane)
      from blindagem_private.virtual_clocks k where k.virtual_time - k.base >= 262144;
    end
  $function$
;
alter function blindagem_private.advance_virtual_time(jsonb) owner to blindagem_queue;
grant execute on function blindagem_private.advance_virtual_time(jsonb) to blindagem_worker;
comment on function blindagem_private.advance_virtual_time(jsonb) is 'Workers tell which start tags [{task, startTag}] they have begun. When half of a lane''s priorities are behind, its base moves.';

CREATE OR REPLACE FUNCTION blindagem_private.apply_intervention(action text, job_ids bigint[], run_at timestamp with time zone)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select case action
      when 'RETRY' then blindagem_private.retry_dead_jobs(job_ids)
      when 'CANCEL' then blindagem_private.cancel_jobs(job_ids)
      when 'RESCHEDULE' then blindagem_private.reschedule_jobs(job_ids, run_at)
    end
  $function$
;
alter function blindagem_private.apply_intervention(text,bigint[],timestamp with time zone) owner to blindagem_queue;
grant execute on function blindagem_private.apply_intervention(text,bigint[],timestamp with time zone) to blindagem_owner;
comment on function blindagem_private.apply_intervention(text,bigint[],timestamp with time zone) is 'Does to these jobs what an operator asked for, and returns how many were changed.';

CREATE OR REPLACE FUNCTION blindagem_private.attach_audit(table_name regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
    declare
      entity text;
      event text;
      tables text;
    begin
      select c.relname into strict entity from pg_class c where c.oid = table_name;
      foreach event in array '{insert,update,delete}'::text[] loop
        tables := case event
          when 'insert' then 'referencing new table as new_rows'
          when 'update' then 'referencing old table as old_rows new table as new_rows'
          else 'referencing old table as old_rows'
        end;
        execute format('drop trigger if exists audit_%s on %s', event, table_name);
        execute format('create trigger audit_%1$s after %1$s on %2$s %3$s for each statement execute function blindagem_audit.%4$I()',
          event, table_name, tables, 'capture_' || event || '_' || entity);
        execute format('alter table %s enable always trigger audit_%s', table_name, event);
      end loop;
      execute format('drop trigger if exists audit_truncate on %s', table_name);
      execute format('create trigger audit_truncate after truncate on %s for each statement execute function blindagem_audit.capture_truncate()', table_name);
      execute format('alter table %s enable always trigger audit_truncate', table_name);
      execute format('drop policy if exists comparison on %s', table_name);
      execute format('create policy comparison on %s for select to blindagem_sealer using (true)', table_name);
      execute format('grant select on %s to blindagem_sealer', table_name);
    end
  $function$
;
alter function blindagem_private.attach_audit(regclass) owner to blindagem_owner;
comment on function blindagem_private.attach_audit(regclass) is 'Gives a table its audit triggers, and to the sealing process what it needs to compare it with the log; its capture functions have been written before (blindagem_audit.define_capture).';

CREATE OR REPLACE FUNCTION blindagem_private.base_lock()
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select hashtextextended('blindagem_private.virtual_clocks.base', 0) $function$
;
alter function blindagem_private.base_lock() owner to blindagem_owner;
grant execute on function blindagem_private.base_lock() to blindagem_queue;
comment on function blindagem_private.base_lock() is 'The advisory lock on the bases: shared by transactions that enqueue, alone for the one that moves a base, so that no job comes with the priority of an old one.';

CREATE OR REPLACE FUNCTION blindagem_private.brasilia_day(at timestamp with time zone)
 RETURNS date
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select (at at time zone 'America/Sao_Paulo')::date $function$
;
alter function blindagem_private.brasilia_day(timestamp with time zone) owner to blindagem_owner;
grant execute on function blindagem_private.brasilia_day(timestamp with time zone) to blindagem_operator;
grant execute on function blindagem_private.brasilia_day(timestamp with time zone) to blindagem_worker;
comment on function blindagem_private.brasilia_day(timestamp with time zone) is 'The calendar day in Brasília.';

CREATE OR REPLACE FUNCTION blindagem_private.bury_failed_jobs(job_ids bigint[], holders text[])
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select blindagem_private.bury_jobs(array(
      select j.id from graphile_worker._private_jobs j
      where j.id = any (job_ids) and j.attempts >= j.max_attempts and (j.locked_by is null or j.locked_by = any (holders))
      for update), 'ATTEMPTS')
  $function$
;
alter function blindagem_private.bury_failed_jobs(bigint[],text[]) owner to blindagem_queue;
grant execute on function blindagem_private.bury_failed_jobs(bigint[],text[]) to blindagem_worker;
comment on function blindagem_private.bury_failed_jobs(bigint[],text[]) is 'Buries those of the jobs whose last attempt has failed. Their worker says so before the library notes the failure: then the job is still locked by one of the holders.';

CREATE OR REPLACE FUNCTION blindagem_private.bury_jobs(job_ids bigint[], cause text)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare buried int;
    begin
      with gone as (
        delete from graphile_worker._private_jobs j using graphile_worker._private_tasks t
        where j.id = any (job_ids) and t.id = j.task_id
        returning j.id, t.identifier as task, j.payload::jsonb as payload, j.priority, j.max_attempts, j.attempts, j.last_error
      ), known as (
        select g.*, r.id as record_id, r.organization_id, r.condominium_id, r.batch_id, coalesce(r.deaths, 0) as deaths,
          coalesce(r.last_error, g.last_error) as error, coalesce(r.history, '[]') as history
        from gone g
        left join lateral (
          select * from blindagem_private.job_records r
          where r.id = case when g.payload->'envelope'->>'jobId' ~ '^\d{1,18}$' then (g.payload->'envelope'->>'jobId')::bigint end
            or r.graphile_job_id = g.id
          order by r.graphile_job_id = g.id nulls last
          limit 1) as r on true
      ), letters as (
        insert into blindagem_private.dead_letters (record_id, organization_id, condominium_id, batch_id, task, payload, priority,
          max_attempts, attempts, deaths, cause, last_error, history, resolved_at, resolution)
        select k.record_id, k.organization_id, k.condominium_id, k.batch_id, k.task, k.payload, k.priority, k.max_attempts, k.attempts,
          k.deaths, bury_jobs.cause, k.error, k.history,
          case bury_jobs.cause when 'CANCELLED' then clock_timestamp() end, case bury_jobs.cause when 'CANCELLED' then 'CANCELLED' end
        from known k
      ), claims as (
        delete from blindagem_private.work_claims c using known k, blindagem_private.tasks t
        where t.name = k.task and c.task = k.task and c.subject = k.payload->>t.subject
      ), records as (
        update blindagem_private.job_records r
        set state = case bury_jobs.cause when 'CANCELLED' then 'CANCELLED' else 'FAILED' end, fence = r.fence + 1, taken_by = null,
          waiting_for = null, last_error = k.error, finished_at = coalesce(r.finished_at, clock_timestamp())
        from known k where r.id = k.record_id
      )
      select count(*) into buried from known;
      return buried;
    end
  $function$
;
alter function blindagem_private.bury_jobs(bigint[],text) owner to blindagem_queue;
comment on function blindagem_private.bury_jobs(bigint[],text) is 'Takes jobs out of the queue into the dead letters. Their claims go, so that whoever needs the subject asks anew; their fence rises, so that nobody who runs one commits.';

CREATE OR REPLACE FUNCTION blindagem_private.cancel_jobs(job_ids bigint[])
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      cancelled int;
      given_up int;
    begin
      cancelled := blindagem_private.bury_jobs(array(select q.job_id from blindagem_private.queued_jobs_of(job_ids) as q), 'CANCELLED');
      with records as (
        update blindagem_private.job_records r set state = 'CANCELLED' where r.id = any (job_ids) and r.state = 'FAILED' returning r.id
      ), letters as (
        update blindagem_private.dead_letters d set resolved_at = clock_timestamp(), resolution = 'CANCELLED'
        where d.record_id in (select id from records) and d.resolved_at is null
      )
      select count(*) into given_up from records;
      return cancelled + given_up;
    end
  $function$
;
alter function blindagem_private.cancel_jobs(bigint[]) owner to blindagem_queue;
comment on function blindagem_private.cancel_jobs(bigint[]) is 'Takes waiting jobs out of the queue, and closes the letters of failed ones; returns how many. One that a worker has fetched but not taken is cancelled, too: taking it fails.';

CREATE OR REPLACE FUNCTION blindagem_private.change_expense_status()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare wrong record;
    begin
      select n.id, o.status as old_status, n.status as new_status into wrong
      from new_rows n join old_rows o on o.condominium_id = n.condominium_id and o.id = n.id
      where o.status <> n.status and not exists (
        select from blindagem_private.expense_transitions t where t.from_status = o.status and t.to_status = n.status)
      limit 1;
      if found then
        perform blindagem_private.fail('BLD06',
          format('A despesa %s não pode passar de %s para %s.', wrong.id, wrong.old_status, wrong.new_status));
      end if;
      delete from blindagem_private.undecided_expenses u
      where u.expense_id = any (array(select n.id from new_rows n where n.status <> 'PENDING'));
      return null;
    end
  $function$
;
alter function blindagem_private.change_expense_status() owner to blindagem_owner;
comment on function blindagem_private.change_expense_status() is 'Refuses a change of status that expense_transitions does not list, and takes what is decided off the undecided ones.';

CREATE OR REPLACE FUNCTION blindagem_private.check_decision_expense()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare missing bigint;
    begin
      select n.expense_id into missing
      from new_rows n
      left join blindagem.expenses e on e.condominium_id = n.condominium_id and e.id = n.expense_id
      where e.facts_hash is distinct from n.facts_hash
      limit 1;
      if found then
        raise foreign_key_violation using
          message = format('A decision on the expense %s is stored, but the expense does not have its facts'' hash.', missing),
          table = tg_table_name, schema = tg_table_schema;
      end if;
      if exists (
        select from (select distinct rule_set from new_rows) as n
        where not exists (select from blindagem_private.rule_sets s where s.hash = n.rule_set)) then
        raise foreign_key_violation using
          message = 'A decision rests on a rule set that is not stored.', table = tg_table_name, schema = tg_table_schema;
      end if;
      return null;
    end
  $function$
;
alter function blindagem_private.check_decision_expense() owner to blindagem_owner;
comment on function blindagem_private.check_decision_expense() is 'Invariant: the expense of a decision exists and carries the hash of the decision''s facts, which the audit log thus has; its rule set exists.';

CREATE OR REPLACE FUNCTION blindagem_private.check_expense_parents()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare missing text;
    begin
      select parent.name into missing
      from (
        select 'condominium' as name where exists (
          select from (select distinct condominium_id as id from new_rows) as n
          where not exists (select from blindagem.condominiums p where p.id = n.id))
        union all
        select 'category' where exists (
          select from (select distinct category as code from new_rows) as n
          where not exists (select from blindagem.categories p where p.code = n.code))
        union all
        select 'batch' where exists (
          select from (select distinct batch_id, organization_id, submitted_by from new_rows) as n
          where not exists (
            select from blindagem.expense_batches p
            where p.id = n.batch_id and p.organization_id = n.organization_id and p.submitted_by = n.submitted_by))
      ) as parent
      limit 1;
      if found then
        raise foreign_key_violation using
          message = format('An expense refers to a %s that does not exist.', missing), table = tg_table_name, schema = tg_table_schema;
      end if;
      return null;
    end
  $function$
;
alter function blindagem_private.check_expense_parents() owner to blindagem_owner;
comment on function blindagem_private.check_expense_parents() is 'Invariant: the condominium, the category and the batch of an expense exist, and organization and submitter are the batch''s.';

CREATE OR REPLACE FUNCTION blindagem_private.check_payables_sum()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare wrong record;
    begin
      select touched.expense_id, e.id into wrong
      from (select distinct condominium_id, expense_id from changed) as touched
      left join blindagem.expenses e on e.condominium_id = touched.condominium_id and e.id = touched.expense_id
      join lateral (
        select sum(p.amount) as total from blindagem.payables p
        where p.condominium_id = touched.condominium_id and p.expense_id = touched.expense_id
      ) as payables on true
      where payables.total is distinct from
        case e.document_kind when 'CREDIT_NOTE' then -e.gross_amount else e.gross_amount end
      limit 1;
      if found and wrong.id is null then
        raise foreign_key_violation using
          message = format('A payable refers to the expense %s, which does not exist.', wrong.expense_id),
          table = tg_table_name, schema = tg_table_schema;
      elsif found then
        perform blindagem_private.fail('BLD04',
          format('Os valores a pagar da despesa %s não somam o valor bruto.', wrong.id));
      end if;
      return null;
    end
  $function$
;
alter function blindagem_private.check_payables_sum() owner to blindagem_owner;
comment on function blindagem_private.check_payables_sum() is 'Invariant: payables belong to an expense, and those of one expense sum up to its gross.';

CREATE OR REPLACE FUNCTION blindagem_private.check_payment_conserves()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      if exists (
        -- Of what is deleted only a credit note's edge can raise the sum of the others.
        select from (
          select distinct c.condominium_id, c.transaction_id from changed c
          where tg_op <> 'DELETE' or c.amount < 0) as touched
        join blindagem.bank_transactions t on t.condominium_id = touched.condominium_id and t.id = touched.transaction_id
        where (select sum(p.amount) from blindagem.payments p
               where p.condominium_id = t.condominium_id and p.transaction_id = t.id) > greatest(-t.amount, 0)) then
        perform blindagem_private.fail('BLD06', 'Os pagamentos ligados a um débito passam do valor dele.');
      end if;
      if exists (
        select from changed c
        join blindagem.payments e on e.condominium_id = c.condominium_id
          and e.payable_id = c.payable_id and e.transaction_id = c.transaction_id
        join blindagem.payables p on p.condominium_id = c.condominium_id and p.id = c.payable_id
        where sign(e.amount) <> sign(p.amount)) then
        perform blindagem_private.fail('BLD06', 'O valor de um pagamento tem o sinal do valor a pagar.');
      end if;
      return null;
    end
  $function$
;
alter function blindagem_private.check_payment_conserves() owner to blindagem_owner;
comment on function blindagem_private.check_payment_conserves() is 'Money is conserved: what a debit pays, less its credit notes, never exceeds it; a credit pays nothing.';

CREATE OR REPLACE FUNCTION blindagem_private.check_refund_conserves()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      if exists (
        select from (
          select condominium_id, debit_id as id, -1 as sign from changed
          union select condominium_id, credit_id, 1 from changed) as touched
        join blindagem.bank_transactions t on t.condominium_id = touched.condominium_id and t.id = touched.id
        where (select sum(r.amount) from blindagem.refunds r
               where r.condominium_id = t.condominium_id
                 and (case touched.sign when 1 then r.credit_id else r.debit_id end) = t.id) > touched.sign * t.amount) then
        perform blindagem_private.fail('BLD06', 'Os estornos ligados a um movimento passam do valor dele.');
      end if;
      return null;
    end
  $function$
;
alter function blindagem_private.check_refund_conserves() owner to blindagem_owner;
comment on function blindagem_private.check_refund_conserves() is 'Money is conserved: refunds never exceed their credit nor the debit they undo.';

CREATE OR REPLACE FUNCTION blindagem_private.check_selection(action text, job_ids bigint[], filter blindagem.job_filter)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
AS $function$
    declare wrong record;
    begin
      -- A filter is null, too, when it says nothing: all jobs at once are never meant.
      if (job_ids is null) = (filter is null) then
        perform blindagem_private.fail('BLD04', 'Diga quais tarefas: por número ou por filtro, um dos dois.');
      end if;
      if cardinality(job_ids) not between 1 and 1000 or array_position(job_ids, null) is not null then
        perform blindagem_private.fail('BLD04', 'Por número são de 1 a 1000 tarefas; para mais, use um filtro.');
      end if;
      select id, r.state into wrong
      from unnest(job_ids) as id
      left join blindagem_private.job_records r using (id)
      where r.id is null or r.state <> all (blindagem_private.states_for(action))
      order by r.id is not null, id limit 1;
      if found and wrong.state is null then
        perform blindagem_private.fail('BLD03', format('A tarefa %s não existe.', wrong.id));
      elsif found then
        perform blindagem_private.fail('BLD06', format('A tarefa %s está no estado %s, em que isto não se faz.', wrong.id, wrong.state));
      end if;

      if filter.task is not null and not exists (select from blindagem_private.tasks t where t.name = filter.task) then
        perform blindagem_private.fail('BLD04', 'O filtro nomeia uma tarefa que não existe.');
      end if;
      if filter.state is not null and filter.state <> all (blindagem_private.states_for(action)) then
        perform blindagem_private.fail('BLD04', format('O estado do filtro é um destes: %s.',
          array_to_string(blindagem_private.states_for(action), ', ')));
      end if;
      if filter.organization_id is not null and not exists (
        select from blindagem.organizations o where o.id = filter.organization_id) then
        perform blindagem_private.fail('BLD03', 'A administradora do filtro não existe.');
      end if;
      if length(filter.error) not between 3 and 200 then
        perform blindagem_private.fail('BLD04', 'O texto do erro tem de 3 a 200 caracteres.');
      end if;
      if filter.enqueued_before > clock_timestamp() or not isfinite(filter.enqueued_before) then
        perform blindagem_private.fail('BLD04', 'O filtro pede tarefas de antes de um instante que já passou.');
      end if;
    end
  $function$
;
alter function blindagem_private.check_selection(text,bigint[],blindagem.job_filter) owner to blindagem_owner;
comment on function blindagem_private.check_selection(text,bigint[],blindagem.job_filter) is 'Refuses (BLD03, BLD04, BLD06) what selects nothing, everything, what does not exist, or jobs in a state that the intervention is not for.';

CREATE OR REPLACE FUNCTION blindagem_private.claim_and_enqueue(jobs jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare new_jobs jsonb;
    begin
      -- Ordered, so that two transactions that claim the same subjects never deadlock.
      with claimed as (
        insert into blindagem_private.work_claims as claim (task, subject)
        select distinct spec->>'task', spec->>'subject' from jsonb_array_elements(jobs) as spec
        order by 1, 2
        on conflict (task, subject) do update set claimed_at = claim.claimed_at
        returning task, subject, xmax = 0 as is_new
      )
      select jsonb_agg(spec) into new_jobs
      from (select distinct on (s->>'task', s->>'subject') s as spec from jsonb_array_elements(jobs) as s) as wanted
      join claimed c on c.task = spec->>'task' and c.subject = spec->>'subject'
      where c.is_new;
      return case when new_jobs is null then 0 else blindagem_private.enqueue_jobs(new_jobs) end;
    end
  $function$
;
alter function blindagem_private.claim_and_enqueue(jsonb) owner to blindagem_queue;
grant execute on function blindagem_private.claim_and_enqueue(jsonb) to blindagem_owner;
grant execute on function blindagem_private.claim_and_enqueue(jsonb) to blindagem_worker;
comment on function blindagem_private.claim_and_enqueue(jsonb) is 'Enqueues each job unless one waits for the same task and subject; the waiting one''s claim is locked until commit, so that it reads what this transaction writes.';

CREATE OR REPLACE FUNCTION blindagem_private.condominiums_of(reference_list text[])
 RETURNS TABLE(reference text, condominium_id bigint)
 LANGUAGE sql
 STABLE
AS $function$
    with managed as materialized (
      select m.code, c.cnpj::text as cnpj, m.condominium_id
      from blindagem.managements m
      join blindagem.condominiums c on c.id = m.condominium_id
      where m.organization_id = blindagem_private.current_organization_id()
        and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
    )
    select wanted.reference, coalesce(by_code.condominium_id, by_cnpj.condominium_id)
    from unnest(reference_list) as wanted (reference)
    left join managed by_code on by_code.code = wanted.reference
    left join managed by_cnpj on by_cnpj.cnpj = wanted.reference
  $function$
;
alter function blindagem_private.condominiums_of(text[]) owner to blindagem_owner;
comment on function blindagem_private.condominiums_of(text[]) is 'The condominiums of a batch''s rows: by the administradora''s own code, else by CNPJ, among those it manages today; null where there is none.';

CREATE OR REPLACE FUNCTION blindagem_private.continue_intervention(intervention_id bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      work blindagem.job_interventions;
      chunk bigint[];
      done int;
    begin
      select * into work from blindagem.job_interventions i where i.id = intervention_id for update;
      if not found or work.finished_at is not null then
        return true;
      end if;
      chunk := array(
        select m.id from blindagem_private.matching_jobs(
          work.action, work.job_ids, jsonb_populate_record(null::blindagem.job_filter, work.filter), work.next_job_id, work.last_job_id) as m
        order by m.id limit 1000);
      done := blindagem_private.apply_intervention(work.action, chunk, work.run_at);
      update blindagem.job_interventions i
      set changed = i.changed + done, next_job_id = coalesce(chunk[cardinality(chunk)] + 1, i.next_job_id),
        finished_at = case when cardinality(chunk) < 1000 then clock_timestamp() end
      where i.id = work.id;
      return cardinality(chunk) < 1000;
    end
  $function$
;
alter function blindagem_private.continue_intervention(bigint) owner to blindagem_owner;
grant execute on function blindagem_private.continue_intervention(bigint) to blindagem_worker;
comment on function blindagem_private.continue_intervention(bigint) is 'Does the next 1,000 jobs of an intervention and tells whether it is finished. Each job is met once: what fails again meanwhile is not tried for ever.';

CREATE OR REPLACE FUNCTION blindagem_private.current_organization_id()
 RETURNS bigint
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select blindagem_private.setting('organization_id')::bigint $function$
;
alter function blindagem_private.current_organization_id() owner to blindagem_owner;
grant execute on function blindagem_private.current_organization_id() to public;
comment on function blindagem_private.current_organization_id() is 'The organization for which the request acts, set by the API from the verified token.';

CREATE OR REPLACE FUNCTION blindagem_private.current_person_id()
 RETURNS bigint
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select blindagem_private.setting('person_id')::bigint $function$
;
alter function blindagem_private.current_person_id() owner to blindagem_owner;
grant execute on function blindagem_private.current_person_id() to public;
comment on function blindagem_private.current_person_id() is 'The person who acts: for an API key, the one on whose behalf it came.';

CREATE OR REPLACE FUNCTION blindagem_private.current_role_name()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select blindagem_private.setting('role') $function$
;
alter function blindagem_private.current_role_name() owner to blindagem_owner;
grant execute on function blindagem_private.current_role_name() to public;
comment on function blindagem_private.current_role_name() is 'The role of the request: admin, reviewer, sindico, auditor, integrator or operator.';

CREATE OR REPLACE FUNCTION blindagem_private.end_review_of_expense(review blindagem.reviews, expense blindagem.expenses, approve boolean)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
    declare next_status text := case
      when not approve then 'REJECTED'
      when review.kind = 'EXPENSE' and expense.second_approval is not null then 'AWAITING_SECOND_APPROVAL'
      else 'APPROVED' end;
    begin
      update blindagem.expenses e set status = next_status, decided_at = now()
      where e.condominium_id = expense.condominium_id and e.id = expense.id;
      if next_status = 'AWAITING_SECOND_APPROVAL' then
        insert into blindagem.reviews (condominium_id, kind, expense_id, subject, reasons, requires)
        values (expense.condominium_id, 'SECOND_APPROVAL', expense.id, 'expense:' || expense.id,
          expense.status_reasons, expense.second_approval);
      elsif next_status = 'REJECTED' then
        update blindagem.reviews r set outcome = 'SUPERSEDED', resolved_at = now()
        where r.condominium_id = expense.condominium_id and r.expense_id = expense.id
          and r.kind in ('EXPENSE', 'SECOND_APPROVAL', 'LATE_FACT') and r.outcome is null;
      end if;
    end
  $function$
;
alter function blindagem_private.end_review_of_expense(blindagem.reviews,blindagem.expenses,boolean) owner to blindagem_owner;
comment on function blindagem_private.end_review_of_expense(blindagem.reviews,blindagem.expenses,boolean) is 'Carries a review''s outcome over to its expense: what a late fact tells against it rejects even an approved one, and a rejection answers the other questions on it.';

CREATE OR REPLACE FUNCTION blindagem_private.end_worker(ended_id uuid, has_died boolean, OUT freed integer, OUT buried jsonb)
 RETURNS record
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      ended blindagem_private.workers;
      held bigint[];
      doomed bigint[];
    begin
      freed := 0;
      buried := '[]';
      update blindagem_private.workers w set stopped_at = clock_timestamp(), died = has_died
      where w.id = ended_id and w.stopped_at is null returning * into ended;
      if not found then
        return;
      end if;

      with jobs as (
        update graphile_worker._private_jobs j
        set locked_by = null, locked_at = null, attempts = greatest(j.attempts - 1, 0), updated_at = clock_timestamp()
        where j.locked_by = any (ended.pool_ids)
        returning j.id
      ), queues as (
        update graphile_worker._private_job_queues q set locked_by = null, locked_at = null where q.locked_by = any (ended.pool_ids)
      )
      select coalesce(array_agg(id), '{}') into held from jobs;
      freed := cardinality(held);

      with interrupted as (
        update blindagem_private.job_records r
        set state = 'WAITING', attempts = greatest(r.attempts - 1, 0), taken_by = null, deaths = r.deaths + has_died::int,
          history = case when has_died then coalesce(r.history, '[]') || jsonb_build_object('at', clock_timestamp(), 'attempt', r.attempts,
            'error', format('The worker died (%s, process %s).', ended.host, ended.pid)) else r.history end
        where r.state = 'RUNNING' and r.taken_by = any (ended.pool_ids) and r.graphile_job_id = any (held)
        returning r.graphile_job_id, r.deaths, r.task, r.organization_id
      )
      select coalesce(array_agg(graphile_job_id), '{}'),
        coalesce(jsonb_agg(jsonb_build_object('task', task, 'organizationId', organization_id::text)), '[]')
      into doomed, buried from interrupted where deaths >= 3;
      perform blindagem_private.bury_jobs(doomed, 'DEATHS');

      -- Of the others it did not live to tell how they ended. What is gone from the queue ended well.
      perform blindagem_private.bury_failed_jobs(array(
        select r.graphile_job_id from blindagem_private.job_records r where r.state = 'RUNNING' and r.taken_by = any (ended.pool_ids)), '{}');
      update blindagem_private.job_records r
      set state = case when j.id is null then 'FINISHED' else 'WAITING' end, taken_by = null,
        finished_at = case when j.id is null then clock_timestamp() end
      from blindagem_private.job_records same left join graphile_worker._private_jobs j on j.id = same.graphile_job_id
      where same.id = r.id and r.state = 'RUNNING' and r.taken_by = any (ended.pool_ids);
    end
  $function$
;
alter function blindagem_private.end_worker(uuid,boolean) owner to blindagem_queue;
grant execute on function blindagem_private.end_worker(uuid,boolean) to blindagem_worker;
comment on function blindagem_private.end_worker(uuid,boolean) is 'Frees the jobs that a worker still holds, stopped or dead, with the attempt refunded, and returns how many. A job during which three workers died is buried, it may be what they died of: [{task, organizationId}].';

CREATE OR REPLACE FUNCTION blindagem_private.enqueue_batch(batch_id bigint)
 RETURNS void
 LANGUAGE sql
AS $function$
    select blindagem_private.enqueue_jobs(coalesce((
      select jsonb_agg(jsonb_build_object(
        'task', 'validate_expenses', 'organizationId', chunk.organization_id, 'batchId', chunk.batch_id,
        'requestId', blindagem_private.setting('request_id'),
        'payload', jsonb_build_object('expenseIds', chunk.ids)))
      from (
        select numbered.organization_id, numbered.batch_id, jsonb_agg(numbered.id::text order by numbered.id) as ids
        from (
          select e.organization_id, e.batch_id, e.id, (row_number() over (order by e.id) - 1) / 250 as chunk
          from blindagem.expenses e where e.batch_id = enqueue_batch.batch_id) as numbered
        group by numbered.organization_id, numbered.batch_id, numbered.chunk) as chunk), '[]'));
    select blindagem_private.enqueue_jobs(jsonb_build_array(jsonb_build_object(
      'task', 'reconcile_batch', 'organizationId', b.organization_id, 'batchId', b.id,
      'requestId', blindagem_private.setting('request_id'), 'payload', jsonb_build_object('batchId', b.id::text))))
    from blindagem.expense_batches b where b.id = enqueue_batch.batch_id;
  $function$
;
alter function blindagem_private.enqueue_batch(bigint) owner to blindagem_owner;
comment on function blindagem_private.enqueue_batch(bigint) is 'Enqueues a batch: its validation in chunks of 250 expenses, and a job that asks for the reconciliation of its condominiums.';

CREATE OR REPLACE FUNCTION blindagem_private.enqueue_jobs(jobs jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      unknown text;
      enqueued int;
      trace jsonb := jsonb_strip_nulls(jsonb_build_object('traceparent', blindagem_private.setting('traceparent')));
    begin
      select spec->>'task' into unknown
      from jsonb_array_elements(jobs) as spec
      where not exists (select from blindagem_private.tasks t where t.name = spec->>'task')
      limit 1;
      if found then
        perform blindagem_private.fail('BLD04', format('Não existe a tarefa "%s".', unknown));
      end if;
      perform pg_advisory_xact_lock_shared(blindagem_private.base_lock());

      with spec as materialized (
        select
          nextval('blindagem_private.job_records_id_seq') as id,
          element as job,
          coalesce((element->>'runAt')::timestamptz, clock_timestamp()) as run_at
        from jsonb_array_elements(jobs) as element
      ), priced as materialized (
        select s.id, s.job, s.run_at, t.name as task, t.max_attempts, t.lane,
          case when s.job->>'startTag' is null then (s.job->>'organizationId')::bigint end as payer,
          case jsonb_typeof(s.job->'payload'->'expenseIds')
            when 'array' then greatest(1, jsonb_array_length(s.job->'payload'->'expenseIds')) else 1 end / coalesce(w.weight, 1)::float as cost
        from spec s
        join blindagem_private.tasks t on t.name = s.job->>'task'
        left join blindagem.organization_weights w on w.organization_id = (s.job->>'organizationId')::bigint
      ), account as materialized (
        select lane, payer, sum(cost) as cost from priced where payer is not null group by lane, payer
      ), held as materialized (
        select f.lane, f.organization_id, f.finish
        from blindagem_private.virtual_finishes f
        where (f.organization_id, f.lane) in (select payer, lane from account)
        for update skip locked
      ), settled as (
        delete from blindagem_private.virtual_charges c using held h
        where c.organization_id = h.organization_id and c.lane = h.lane
        returning c.lane, c.organization_id, c.cost
      ), opened as materialized (
        select a.lane, a.payer, a.cost, h.lane is not null as is_held,
          greatest(k.virtual_time, case when h.lane is not null
            then h.finish + coalesce((
              select sum(s.cost) from settled s where s.lane = a.lane and s.organization_id = a.payer), 0)
            else coalesce(f.finish, 0) + coalesce((
              select sum(c.cost) from blindagem_private.virtual_charges c where c.organization_id = a.payer and c.lane = a.lane), 0)
            end) as start
        from account a
        join blindagem_private.virtual_clocks k on k.lane = a.lane
        left join held h on h.lane = a.lane and h.organization_id = a.payer
        left join blindagem_private.virtual_finishes f on f.lane = a.lane and f.organization_id = a.payer
      ), finished as (
        update blindagem_private.virtual_finishes f set finish = o.start + o.cost
        from opened o where o.is_held and f.lane = o.lane and f.organization_id = o.payer
      ), charged as (
        insert into blindagem_private.virtual_charges (lane, organization_id, cost)
        select o.lane, o.payer, o.cost from opened o where not o.is_held
      ), tagged as materialized (
        select p.*, k.base, k.first_priority,
          coalesce((p.job->>'startTag')::float, o.start + coalesce(sum(p.cost) over before, 0), k.virtual_time) as start_tag
        from priced p
        join blindagem_private.virtual_clocks k on k.lane = p.lane
        left join opened o on o.lane = p.lane and o.payer = p.payer
        window before as (partition by p.lane, p.payer order by p.id rows between unbounded preceding and 1 preceding)
      ), recorded as (
        insert into blindagem_private.job_records
          (id, organization_id, condominium_id, batch_id, task, waiting_for, request_id, run_at)
        overriding system value
        select id, (job->>'organizationId')::bigint, (job->>'condominiumId')::bigint, (job->>'batchId')::bigint,
          task, job->>'waitingFor', job->>'requestId', run_at
        from tagged
      )
      select count(added) into enqueued
      from graphile_worker.add_jobs((
        select array_agg(row(
          task,
          (jsonb_build_object('envelope', jsonb_build_object(
            'jobId', id::text,
            'organizationId', job->>'organizationId',
            'batchId', job->>'batchId',
            'requestId', job->>'requestId',
            'startTag', start_tag) || trace) || coalesce(job->'payload', '{}'))::json,
          null, run_at, max_attempts, null, blindagem_private.priority_of(start_tag, base, first_priority), null
        )::graphile_worker.job_spec order by id)
        from tagged
      )) as added;
      return coalesce(enqueued, 0);
    end
  $function$
;
alter function blindagem_private.enqueue_jobs(jsonb) owner to blindagem_queue;
grant execute on function blindagem_private.enqueue_jobs(jsonb) to blindagem_owner;
grant execute on function blindagem_private.enqueue_jobs(jsonb) to blindagem_worker;
comment on function blindagem_private.enqueue_jobs(jsonb) is 'Enqueues jobs [{task, payload, organizationId, condominiumId, batchId, requestId, runAt, waitingFor, startTag}] and records them. The payload gets an envelope with the logical id and the start tag, and the transaction''s traceparent, if it is traced; a job costs its organization 1, or as many expenses as it names. With startTag it keeps the place of the job that it stands for, and costs nothing.';

CREATE OR REPLACE FUNCTION blindagem_private.erasable_documents(targets jsonb)
 RETURNS TABLE(sha256 text, until date)
 LANGUAGE sql
 STABLE
AS $function$
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
  $function$
;
alter function blindagem_private.erasable_documents(jsonb) owner to blindagem_owner;
comment on function blindagem_private.erasable_documents(jsonb) is 'Documents that belong to these expenses alone, and the day until which they are to be kept: five whole years after that of their issue (CTN, arts. 173, I, and 195).';

CREATE OR REPLACE FUNCTION blindagem_private.erase_rows(targets jsonb, documents text[])
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
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
  $function$
;
alter function blindagem_private.erase_rows(jsonb,text[]) owner to blindagem_owner;
comment on function blindagem_private.erase_rows(jsonb,text[]) is 'Takes what says something of a person out of these rows and these documents'' readings: nothing where that may be, else a mark. The number of rows per table.';

CREATE OR REPLACE FUNCTION blindagem_private.fail(code text, message text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
    begin
      raise exception using errcode = code, message = message;
    end
  $function$
;
alter function blindagem_private.fail(text,text) owner to blindagem_owner;
grant execute on function blindagem_private.fail(text,text) to public;
comment on function blindagem_private.fail(text,text) is 'Raises an error of our SQLSTATE class BLDxx; the registry is blindagem_private.error_codes.';

CREATE OR REPLACE FUNCTION blindagem_private.grant_operator(subject text, name text, email text)
 RETURNS blindagem.grants
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare created blindagem.grants;
    begin
      insert into blindagem.grants (person_id, role)
      values (blindagem_private.person_of(grant_operator.subject, grant_operator.name, grant_operator.email), 'operator')
      returning * into created;
      return created;
    end
  $function$
;
alter function blindagem_private.grant_operator(text,text,text) owner to blindagem_owner;
grant execute on function blindagem_private.grant_operator(text,text,text) to blindagem_operator;
comment on function blindagem_private.grant_operator(text,text,text) is 'Makes an operator. Only the command line can (it holds the API''s login); no request can.';

CREATE OR REPLACE FUNCTION blindagem_private.handed_in_by(organization_id bigint, sha256 text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select exists (
      select from blindagem.document_uploads u
      where u.organization_id = handed_in_by.organization_id and u.sha256 = handed_in_by.sha256)
  $function$
;
alter function blindagem_private.handed_in_by(bigint,text) owner to blindagem_owner;
grant execute on function blindagem_private.handed_in_by(bigint,text) to blindagem_admin;
grant execute on function blindagem_private.handed_in_by(bigint,text) to blindagem_auditor;
grant execute on function blindagem_private.handed_in_by(bigint,text) to blindagem_integrator;
grant execute on function blindagem_private.handed_in_by(bigint,text) to blindagem_reviewer;
grant execute on function blindagem_private.handed_in_by(bigint,text) to blindagem_sindico;
comment on function blindagem_private.handed_in_by(bigint,text) is 'True when that organization handed in the document. An expense that only names a hash shows nobody what lies under it.';

CREATE OR REPLACE FUNCTION blindagem_private.has_scope(today date, valid_from date, valid_to date)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select valid_from <= today and (valid_to is null or today < valid_to) $function$
;
alter function blindagem_private.has_scope(date,date,date) owner to blindagem_owner;
grant execute on function blindagem_private.has_scope(date,date,date) to public;
comment on function blindagem_private.has_scope(date,date,date) is 'True when a dated relation holds today.';

CREATE OR REPLACE FUNCTION blindagem_private.histogram_percentile(histogram integer[], fraction numeric)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select power(2, (bucket - 1) / 2.0::double precision)
    from (
      select bucket, sum(n) over (order by bucket) as reached, sum(n) over () as total
      from unnest(histogram) with ordinality as u (n, bucket)) as counted
    where total > 0 and reached >= greatest(1, ceil(fraction * total))
    order by bucket limit 1
  $function$
;
alter function blindagem_private.histogram_percentile(integer[],numeric) owner to blindagem_owner;
grant execute on function blindagem_private.histogram_percentile(integer[],numeric) to blindagem_admin;
grant execute on function blindagem_private.histogram_percentile(integer[],numeric) to blindagem_integrator;
grant execute on function blindagem_private.histogram_percentile(integer[],numeric) to blindagem_operator;
grant execute on function blindagem_private.histogram_percentile(integer[],numeric) to blindagem_reviewer;
grant execute on function blindagem_private.histogram_percentile(integer[],numeric) to blindagem_worker;
comment on function blindagem_private.histogram_percentile(integer[],numeric) is 'The upper bound, in ms, of the bucket that holds the percentile (nearest rank): never below the exact one, and less than 42 % above it (or 1 ms, if that is less). Null of no values.';

CREATE OR REPLACE FUNCTION blindagem_private.intervene(action text, reason text, job_ids bigint[], filter blindagem.job_filter, run_at timestamp with time zone, preview boolean)
 RETURNS blindagem.job_selection
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      selection blindagem.job_selection;
      distinct_ids bigint[] := (select array_agg(distinct id) from unnest(job_ids) as id);
      newest bigint := coalesce((select max(r.id) from blindagem_private.job_records r), 0);
    begin
      perform blindagem_private.require_role('operator');
      if not preview then
        perform blindagem_private.require_reason(reason);
      end if;
      perform blindagem_private.check_selection(action, coalesce(distinct_ids, job_ids), filter);
      if action = 'RESCHEDULE' and (run_at is null or run_at not between clock_timestamp() - interval '1 minute' and clock_timestamp() + interval '1 year') then
        perform blindagem_private.fail('BLD04', 'O novo horário é de agora a um ano.');
      end if;

      select count(*) into selection.count from blindagem_private.matching_jobs(action, distinct_ids, filter, 0, newest);
      selection.sample := array(
        select row(m.id, m.task, m.state, m.organization_id, m.attempts, m.last_error, m.enqueued_at)::blindagem.job_summary
        from blindagem_private.matching_jobs(action, distinct_ids, filter, 0, newest) as m order by m.id limit 10);
      selection.changed := 0;
      selection.in_background := selection.count > 1000;
      if preview or selection.count = 0 then
        return selection;
      end if;

      if not selection.in_background then
        selection.changed := blindagem_private.apply_intervention(action,
          array(select m.id from blindagem_private.matching_jobs(action, distinct_ids, filter, 0, newest) as m), run_at);
        if job_ids is not null and selection.changed <> selection.count then
          perform blindagem_private.fail('BLD06', 'Enquanto isso uma das tarefas começou ou terminou; nada foi mudado.');
        end if;
      end if;
      insert into blindagem.job_interventions
        (action, reason, job_ids, filter, run_at, requested_by, matched, changed, next_job_id, last_job_id, finished_at)
      values (action, btrim(reason), distinct_ids, case when distinct_ids is null then jsonb_strip_nulls(to_jsonb(filter)) end, run_at,
        blindagem_private.current_person_id(), selection.count, selection.changed, case when selection.in_background then 0 end,
        newest, case when not selection.in_background then clock_timestamp() end)
      returning id into selection.intervention_id;
      if selection.in_background then
        perform blindagem_private.enqueue_jobs(jsonb_build_array(jsonb_build_object(
          'task', 'manage_jobs', 'requestId', blindagem_private.setting('request_id'),
          'payload', jsonb_build_object('interventionId', selection.intervention_id::text))));
      end if;
      return selection;
    end
  $function$
;
alter function blindagem_private.intervene(text,text,bigint[],blindagem.job_filter,timestamp with time zone,boolean) owner to blindagem_owner;
grant execute on function blindagem_private.intervene(text,text,bigint[],blindagem.job_filter,timestamp with time zone,boolean) to blindagem_admin;
grant execute on function blindagem_private.intervene(text,text,bigint[],blindagem.job_filter,timestamp with time zone,boolean) to blindagem_integrator;
grant execute on function blindagem_private.intervene(text,text,bigint[],blindagem.job_filter,timestamp with time zone,boolean) to blindagem_operator;
grant execute on function blindagem_private.intervene(text,text,bigint[],blindagem.job_filter,timestamp with time zone,boolean) to blindagem_reviewer;
comment on function blindagem_private.intervene(text,text,bigint[],blindagem.job_filter,timestamp with time zone,boolean) is 'Does something to jobs for an operator, or tells what it would be done to: up to 1,000 at once, more by a job.';

CREATE OR REPLACE FUNCTION blindagem_private.is_cnpj(candidate text)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
    declare c bytea := convert_to(candidate, 'UTF8');
    begin
      if length(c) <> 14 or ltrim(candidate, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ') <> ''
        or get_byte(c, 12) > 57 or get_byte(c, 13) > 57 or candidate = '00000000000000' then
        return false;
      end if;
      -- The bytes and not the characters: to find a character, a text is read from its beginning.
      return get_byte(c, 12) - 48 = (11 - (
          (get_byte(c, 0) - 48) * 5 + (get_byte(c, 1) - 48) * 4 + (get_byte(c, 2) - 48) * 3 + (get_byte(c, 3) - 48) * 2
          + (get_byte(c, 4) - 48) * 9 + (get_byte(c, 5) - 48) * 8 + (get_byte(c, 6) - 48) * 7 + (get_byte(c, 7) - 48) * 6
          + (get_byte(c, 8) - 48) * 5 + (get_byte(c, 9) - 48) * 4 + (get_byte(c, 10) - 48) * 3 + (get_byte(c, 11) - 48) * 2
        ) % 11) % 11 % 10
        and get_byte(c, 13) - 48 = (11 - (
          (get_byte(c, 0) - 48) * 6 + (get_byte(c, 1) - 48) * 5 + (get_byte(c, 2) - 48) * 4 + (get_byte(c, 3) - 48) * 3
          + (get_byte(c, 4) - 48) * 2 + (get_byte(c, 5) - 48) * 9 + (get_byte(c, 6) - 48) * 8 + (get_byte(c, 7) - 48) * 7
          + (get_byte(c, 8) - 48) * 6 + (get_byte(c, 9) - 48) * 5 + (get_byte(c, 10) - 48) * 4 + (get_byte(c, 11) - 48) * 3
          + (get_byte(c, 12) - 48) * 2
        ) % 11) % 11 % 10;
    end
  $function$
;
alter function blindagem_private.is_cnpj(text) owner to blindagem_owner;
grant execute on function blindagem_private.is_cnpj(text) to public;
comment on function blindagem_private.is_cnpj(text) is 'True when the text is a CNPJ in its bare form, upper-case alphanumeric, with right check digits (IN RFB 2.229/2024).';

CREATE OR REPLACE FUNCTION blindagem_private.is_cpf(candidate text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select candidate ~ '^[0-9]{11}$'
      and candidate !~ '^(.)\1{10}$'
      and substr(candidate, 10, 1)::int = (11 - (
        (ascii(substr(candidate, 1, 1)) - 48) * 10 + (ascii(substr(candidate, 2, 1)) - 48) * 9
        + (ascii(substr(candidate, 3, 1)) - 48) * 8 + (ascii(substr(candidate, 4, 1)) - 48) * 7
        + (ascii(substr(candidate, 5, 1)) - 48) * 6 + (ascii(substr(candidate, 6, 1)) - 48) * 5
        + (ascii(substr(candidate, 7, 1)) - 48) * 4 + (ascii(substr(candidate, 8, 1)) - 48) * 3
        + (ascii(substr(candidate, 9, 1)) - 48) * 2
      ) % 11) % 11 % 10
      and substr(candidate, 11, 1)::int = (11 - (
        (ascii(substr(candidate, 1, 1)) - 48) * 11 + (ascii(substr(candidate, 2, 1)) - 48) * 10
        + (ascii(substr(candidate, 3, 1)) - 48) * 9 + (ascii(substr(candidate, 4, 1)) - 48) * 8
        + (ascii(substr(candidate, 5, 1)) - 48) * 7 + (ascii(substr(candidate, 6, 1)) - 48) * 6
        + (ascii(substr(candidate, 7, 1)) - 48) * 5 + (ascii(substr(candidate, 8, 1)) - 48) * 4
        + (ascii(substr(candidate, 9, 1)) - 48) * 3 + (ascii(substr(candidate, 10, 1)) - 48) * 2
      ) % 11) % 11 % 10
  $function$
;
alter function blindagem_private.is_cpf(text) owner to blindagem_owner;
grant execute on function blindagem_private.is_cpf(text) to public;
comment on function blindagem_private.is_cpf(text) is 'True when the text is a CPF of 11 digits with right check digits.';

CREATE OR REPLACE FUNCTION blindagem_private.is_salary_movement(condominium_id bigint, transaction_id bigint)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem_private.is_salary_movement(bigint,bigint) owner to blindagem_owner;
grant execute on function blindagem_private.is_salary_movement(bigint,bigint) to blindagem_auditor;
comment on function blindagem_private.is_salary_movement(bigint,bigint) is 'Whether a movement pays an expense of the payroll, or gives such a payment back.';

CREATE OR REPLACE FUNCTION blindagem_private.matching_jobs(action text, job_ids bigint[], filter blindagem.job_filter, from_id bigint, to_id bigint)
 RETURNS SETOF blindagem_private.job_records
 LANGUAGE plpgsql
 STABLE
AS $function$
    begin
      -- The states as literals: or the indexes of open and of dead jobs would not serve.
      return query execute format($q$
        select r.* from blindagem_private.job_records r
        where r.state in (%s) and r.id between $1 and $2 and ($3 is null or r.id = any ($3))
          and ($4 is null or r.task = $4) and ($5 is null or r.organization_id = $5)
          and ($6 is null or strpos(lower(r.last_error), lower($6)) > 0) and ($7 is null or r.enqueued_at < $7)
        $q$, (
          select string_agg(quote_literal(state), ', ') from unnest(blindagem_private.states_for(action)) as state
          where filter.state is null or state = filter.state))
      using from_id, to_id, job_ids, filter.task, filter.organization_id, filter.error, filter.enqueued_before;
    end
  $function$
;
alter function blindagem_private.matching_jobs(text,bigint[],blindagem.job_filter,bigint,bigint) owner to blindagem_owner;
comment on function blindagem_private.matching_jobs(text,bigint[],blindagem.job_filter,bigint,bigint) is 'The jobs between two numbers that an intervention is for.';

create aggregate blindagem_private.merge_histograms(integer[]) (sfunc = blindagem_private.add_histograms, stype = integer[], initcond = '{}');
alter function blindagem_private.merge_histograms(integer[]) owner to blindagem_owner;
grant execute on function blindagem_private.merge_histograms(integer[]) to blindagem_admin;
grant execute on function blindagem_private.merge_histograms(integer[]) to blindagem_integrator;
grant execute on function blindagem_private.merge_histograms(integer[]) to blindagem_operator;
grant execute on function blindagem_private.merge_histograms(integer[]) to blindagem_reviewer;
grant execute on function blindagem_private.merge_histograms(integer[]) to blindagem_worker;
comment on function blindagem_private.merge_histograms(integer[]) is 'Many histograms in one: percentiles of a whole come from it, never from percentiles of parts.';

CREATE OR REPLACE FUNCTION blindagem_private.note_provider_answer(provider_name text, credential_name text, at timestamp with time zone, answered boolean)
 RETURNS void
 LANGUAGE sql
AS $function$
    update blindagem_private.provider_buckets b
    set failures = 0, trips = 0, open_until = null, probe_until = null
    where b.provider = provider_name and b.credential = credential_name and answered
      and (b.failures > 0 or b.open_until is not null);
    update blindagem_private.provider_buckets b
    set failures = b.failures + 1,
      -- Who asked before it opened and fails now says nothing new.
      trips = b.trips + (opens and not is_open)::int,
      open_until = case when opens and not is_open
        then at + least(interval '1 hour', interval '1 minute' * power(2, least(b.trips, 10))) else b.open_until end,
      probe_until = case when opens and not is_open then null else b.probe_until end
    from (
      select k.provider, k.credential, k.failures >= 4 or k.open_until is not null as opens, coalesce(k.open_until > at, false) as is_open
      from blindagem_private.provider_buckets k
      where k.provider = provider_name and k.credential = credential_name for update) as k
    where b.provider = k.provider and b.credential = k.credential and not answered;
  $function$
;
alter function blindagem_private.note_provider_answer(text,text,timestamp with time zone,boolean) owner to blindagem_owner;
grant execute on function blindagem_private.note_provider_answer(text,text,timestamp with time zone,boolean) to blindagem_worker;
comment on function blindagem_private.note_provider_answer(text,text,timestamp with time zone,boolean) is 'Tells the circuit breaker whether the provider answered. The fifth failure in a row opens it for a minute; when the one that tries then fails too, for two, four, … up to an hour; an answer closes it.';

CREATE OR REPLACE FUNCTION blindagem_private.note_undecided_expenses()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      insert into blindagem_private.undecided_expenses (expense_id, fact_deadline)
      select id, fact_deadline from new_rows where status = 'PENDING';
      return null;
    end
  $function$
;
alter function blindagem_private.note_undecided_expenses() owner to blindagem_owner;
comment on function blindagem_private.note_undecided_expenses() is 'New expenses wait for their decision.';

CREATE OR REPLACE FUNCTION blindagem_private.open_virtual_finishes()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      insert into blindagem_private.virtual_finishes (lane, organization_id)
      select c.lane, n.id from new_rows n cross join blindagem_private.virtual_clocks c;
      return null;
    end
  $function$
;
alter function blindagem_private.open_virtual_finishes() owner to blindagem_owner;
comment on function blindagem_private.open_virtual_finishes() is 'A new organization has its finishes at once: two sessions that made the row when they need it would wait for each other.';

CREATE OR REPLACE FUNCTION blindagem_private.payee_rows(document text, condominium_ids bigint[], organization bigint)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
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
      select 'company_answers', a.id || '/' || (s.place - 1)
      from blindagem_private.company_answers a
      cross join lateral jsonb_array_elements(case jsonb_typeof(a.raw->'socios') when 'array' then a.raw->'socios' else '[]' end)
        with ordinality as s (socio, place)
      where a.cnpj = document or length(document) = 11
        and s.socio->>'cpf_cnpj_socio' = '***' || substr(document, 4, 6) || '**'
        and exists (select from name n where n.text = upper(s.socio->>'nome'))
    )
    select coalesce(jsonb_agg(jsonb_build_object('table', f."table", 'id', f.id)), '[]') from found f
  $function$
;
alter function blindagem_private.payee_rows(text,bigint[],bigint) owner to blindagem_owner;
comment on function blindagem_private.payee_rows(text,bigint[],bigint) is 'The rows of those condominiums that say something of the payee with that document: of expenses that are settled, movements by document and name, Pix keys, and partners in registry answers (whose CPF is masked there: by its six digits and the name).';

CREATE OR REPLACE FUNCTION blindagem_private.person_of(subject text, name text, email text)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare person_id bigint;
    begin
      select p.id into person_id from blindagem.people p where p.subject = person_of.subject;
      if not found then
        insert into blindagem.people (subject, name, email) values (subject, name, email)
        on conflict on constraint people_subject_key do update set subject = excluded.subject
        returning id into person_id;
      end if;
      return person_id;
    end
  $function$
;
alter function blindagem_private.person_of(text,text,text) owner to blindagem_owner;
comment on function blindagem_private.person_of(text,text,text) is 'The person of a token''s subject, made when new.';

CREATE OR REPLACE FUNCTION blindagem_private.priority_of(start_tag double precision, base double precision, first_priority integer)
 RETURNS smallint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select (first_priority + greatest(0, least(32767, floor(coalesce(start_tag - base, 0) / 16))))::smallint
  $function$
;
alter function blindagem_private.priority_of(double precision,double precision,integer) owner to blindagem_owner;
grant execute on function blindagem_private.priority_of(double precision,double precision,integer) to blindagem_queue;
comment on function blindagem_private.priority_of(double precision,double precision,integer) is 'The library''s priority of a start tag: 16 units (a millisecond of work) share one. What lies further ahead than 524,288 units shares the last one until the base has moved; what has no tag is first.';

CREATE OR REPLACE FUNCTION blindagem_private.queue_state(dead_after interval)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select jsonb_build_object(
      'tasks', (
        select jsonb_agg(jsonb_build_object(
          'task', t.name, 'lane', t.lane, 'waiting', coalesce(o.waiting, 0), 'scheduled', coalesce(o.scheduled, 0),
          'running', coalesce(o.running, 0),
          'oldestWaitingSeconds', coalesce(extract(epoch from now() - o.oldest), 0)) order by t.name)
        from blindagem_private.tasks t
        left join (
          select r.task,
            count(*) filter (where r.state = 'WAITING' and r.run_at <= now()) as waiting,
            count(*) filter (where r.state = 'WAITING' and r.run_at > now()) as scheduled,
            count(*) filter (where r.state = 'RUNNING') as running,
            min(r.run_at) filter (where r.state = 'WAITING' and r.run_at <= now()) as oldest
          from blindagem_private.job_records r
          where r.state in ('WAITING', 'RUNNING')
          group by r.task) as o on o.task = t.name),
      'providers', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'provider', b.provider, 'nextSlotSeconds', b.next_slot, 'pausedSeconds', b.paused) order by b.provider), '[]')
        from (
          select provider,
            max(case when next_slot > now() then extract(epoch from next_slot - now()) else 0 end) as next_slot,
            max(case when greatest(paused_until, open_until) > now()
              then extract(epoch from greatest(paused_until, open_until) - now()) else 0 end) as paused
          from blindagem_private.provider_buckets
          group by provider) as b),
      'workers', (
        select jsonb_build_object(
          'live', count(*) filter (where w.stopped_at is null and w.heartbeat_at >= now() - dead_after),
          'dead', count(*) filter (where w.stopped_at is null and w.heartbeat_at < now() - dead_after
            or w.died and w.stopped_at > now() - interval '1 hour'))
        from blindagem_private.workers w
        where w.stopped_at is null or w.stopped_at > now() - interval '1 hour'))
  $function$
;
alter function blindagem_private.queue_state(interval) owner to blindagem_owner;
grant execute on function blindagem_private.queue_state(interval) to blindagem_operator;
grant execute on function blindagem_private.queue_state(interval) to blindagem_worker;
comment on function blindagem_private.queue_state(interval) is 'The queue in numbers, without tenants: depth and age by task, the providers'' buckets, workers that live and that died within the hour or are silent for so long.';

CREATE OR REPLACE FUNCTION blindagem_private.queued_jobs_of(record_ids bigint[])
 RETURNS TABLE(record_id bigint, job_id bigint)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    with locked as (
      -- The queue first, then the records: in the order in which a dead worker's jobs are freed.
      select j.id, case when j.payload->'envelope'->>'jobId' ~ '^\d{1,18}$' then (j.payload->'envelope'->>'jobId')::bigint end as record_id
      from graphile_worker._private_jobs j
      where j.payload->'envelope'->>'jobId' = any (record_ids::text[])
        or j.id = any (array(select r.graphile_job_id from blindagem_private.job_records r where r.id = any (record_ids)))
      order by j.id
      for update
    )
    select r.id, l.id from blindagem_private.job_records r
    join locked l on r.id = coalesce(l.record_id, r.id) and (l.record_id is not null or r.graphile_job_id = l.id)
    where r.id = any (record_ids) and r.state = 'WAITING'
    order by r.id
    for update of r
  $function$
;
alter function blindagem_private.queued_jobs_of(bigint[]) owner to blindagem_queue;
comment on function blindagem_private.queued_jobs_of(bigint[]) is 'The library''s jobs of waiting records, both locked.';

CREATE OR REPLACE FUNCTION blindagem_private.rebase_priorities(lane_name text)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      clock blindagem_private.virtual_clocks;
      moved int;
    begin
      -- It waits holding no job and no finish, and then waits for nothing more.
      perform pg_advisory_xact_lock(blindagem_private.base_lock());
      update blindagem_private.virtual_clocks k set base = floor(k.virtual_time / 16) * 16
      where k.lane = lane_name returning * into clock;
      with wrong as (
        select j.id, place.priority
        from graphile_worker._private_jobs j
        join graphile_worker._private_tasks i on i.id = j.task_id
        join blindagem_private.tasks t on t.name = i.identifier
        cross join lateral (
          select blindagem_private.priority_of((j.payload->'envelope'->>'startTag')::float, clock.base, clock.first_priority) as priority
        ) as place
        where t.lane = lane_name and j.priority <> place.priority
        for update of j skip locked
      )
      update graphile_worker._private_jobs j set priority = w.priority from wrong w where j.id = w.id;
      get diagnostics moved = row_count;
      return moved;
    end
  $function$
;
alter function blindagem_private.rebase_priorities(text) owner to blindagem_queue;
comment on function blindagem_private.rebase_priorities(text) is 'Moves a lane''s base to its virtual time and gives the jobs in its queue the priorities that follow; returns how many. Each job is moved at most twice in its life: what lies beyond the last priority stays there.';

CREATE OR REPLACE FUNCTION blindagem_private.receive_webhook(provider text, event_id text, event text, item_id text, request_id text, named jsonb DEFAULT '{}'::jsonb)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare
      connection blindagem.bank_connections;
      jobs jsonb;
    begin
      insert into blindagem_private.webhook_events (provider, event_id, event, item_id)
      values (receive_webhook.provider, receive_webhook.event_id, receive_webhook.event, receive_webhook.item_id)
      on conflict on constraint webhook_events_pkey do nothing;
      if not found then
        return 'REPEATED';
      end if;
      select * into connection from blindagem.bank_connections c
      where c.provider = receive_webhook.provider and c.provider_item_id = receive_webhook.item_id;
      if not found then
        return 'UNKNOWN_ITEM';
      end if;
      jobs := jsonb_build_array(jsonb_build_object(
        'task', 'pluggy_sync', 'subject', connection.id::text,
        'organizationId', connection.organization_id, 'condominiumId', connection.condominium_id,
        'requestId', receive_webhook.request_id,
        'payload', jsonb_build_object('connectionId', connection.id::text) || named));
      if named ? 'transactionIds' then
        -- A job that waits already does not know these movements, which may be older than what it lists.
        perform blindagem_private.enqueue_jobs(jobs);
      else
        perform blindagem_private.claim_and_enqueue(jobs);
      end if;
      return 'ENQUEUED';
    end
  $function$
;
alter function blindagem_private.receive_webhook(text,text,text,text,text,jsonb) owner to blindagem_owner;
grant execute on function blindagem_private.receive_webhook(text,text,text,text,text,jsonb) to blindagem_authenticator;
comment on function blindagem_private.receive_webhook(text,text,text,text,text,jsonb) is 'Notes a verified event once, and enqueues the sync of its connection. The event is a signal, never data: the movements that it names {accountId, transactionIds} are fetched from the provider.';

CREATE OR REPLACE FUNCTION blindagem_private.reconcile_dropped_expenses()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      perform blindagem_private.claim_and_enqueue(jsonb_agg(jsonb_build_object(
        'task', 'reconcile', 'subject', dropped.condominium_id::text,
        'organizationId', dropped.organization_id, 'condominiumId', dropped.condominium_id,
        'requestId', blindagem_private.setting('request_id'),
        'payload', jsonb_build_object('condominiumId', dropped.condominium_id::text))))
      from (
        select distinct n.condominium_id, n.organization_id
        from new_rows n join old_rows o on o.condominium_id = n.condominium_id and o.id = n.id
        where n.status in ('REJECTED', 'CANCELLED') and o.status <> n.status) as dropped
      having count(*) > 0;
      return null;
    end
  $function$
;
alter function blindagem_private.reconcile_dropped_expenses() owner to blindagem_owner;
comment on function blindagem_private.reconcile_dropped_expenses() is 'An expense that is rejected or cancelled gives its debits free, and no longer stands beside its duplicate as an equal: its condominium is reconciled again, whoever dropped it.';

CREATE OR REPLACE FUNCTION blindagem_private.record_access(operation text, operation_name text, document text, variables jsonb, entity_ids text[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    begin
      insert into blindagem.auditor_accesses (
        person_id, grant_id, organization_id, condominium_id, request_id, ip,
        operation, operation_name, document, variables, entity_ids)
      with scopes as (
        select g.id, g.organization_id, g.condominium_id,
          coalesce('organization ' || coalesce(g.organization_id, m.organization_id), 'condominium ' || g.condominium_id) as tenant
        from blindagem.grants g
        left join blindagem.managements m on m.condominium_id = g.condominium_id
          and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
        where g.person_id = blindagem_private.current_person_id() and g.role = 'auditor'
          and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to)
      ), told as (
        select count(distinct s.tenant) <= 1 as all from scopes s
      )
      select
        blindagem_private.current_person_id(), s.id, s.organization_id, s.condominium_id,
        current_setting('blindagem.request_id'), nullif(current_setting('blindagem.ip', true), '')::inet,
        record_access.operation, record_access.operation_name, record_access.document,
        case when told.all or s.id is null then record_access.variables
          else (select coalesce(jsonb_object_agg(v.name, null), '{}') from jsonb_object_keys(record_access.variables) as v (name)) end,
        case when told.all or s.id is null then record_access.entity_ids else '{}' end
      from told
      cross join (
        select id, organization_id, condominium_id from scopes
        union all
        select null, null, null) as s
      where s.id is not null or not told.all;
      if not found then
        raise exception using errcode = 'BLD02', message = 'A concessão de auditor terminou.';
      end if;
    end
  $function$
;
alter function blindagem_private.record_access(text,text,text,jsonb,text[]) owner to blindagem_owner;
grant execute on function blindagem_private.record_access(text,text,text,jsonb,text[]) to blindagem_access_log;
comment on function blindagem_private.record_access(text,text,text,jsonb,text[]) is 'Writes down what the asking auditor is about to be shown, a row for each of their grants.';

CREATE OR REPLACE FUNCTION blindagem_private.record_erasure(organization bigint, reason text, subject text, targets jsonb, record_ids bigint[], documents text[], read_documents text[], kept jsonb, person bigint)
 RETURNS blindagem.erasures
 LANGUAGE plpgsql
AS $function$
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
  $function$
;
alter function blindagem_private.record_erasure(bigint,text,text,jsonb,bigint[],text[],text[],jsonb,bigint) owner to blindagem_owner;
comment on function blindagem_private.record_erasure(bigint,text,text,jsonb,bigint[],text[],text[],jsonb,bigint) is 'Erases these rows, documents and values of records, and leaves the ERASURE record.';

CREATE OR REPLACE FUNCTION blindagem_private.recover_jobs(dead_after interval)
 RETURNS TABLE(id uuid, host text, pid integer, freed integer, buried jsonb)
 LANGUAGE plpgsql
AS $function$
    declare dead blindagem_private.workers;
    begin
      for dead in
        select * from blindagem_private.workers w
        where w.stopped_at is null and w.heartbeat_at < clock_timestamp() - dead_after
        for update skip locked
      loop
        -- A process that only stands still has transactions open; what they lock, the jobs' next run needs.
        perform pg_terminate_backend(a.pid) from pg_stat_activity a
        where a.datname = current_database() and a.usename = current_user and a.application_name = 'blindagem worker ' || dead.id;
        id := dead.id;
        host := dead.host;
        pid := dead.pid;
        select e.freed, e.buried into freed, buried from blindagem_private.end_worker(dead.id, true) as e;
        return next;
      end loop;
    end
  $function$
;
alter function blindagem_private.recover_jobs(interval) owner to blindagem_owner;
grant execute on function blindagem_private.recover_jobs(interval) to blindagem_worker;
comment on function blindagem_private.recover_jobs(interval) is 'Frees the jobs of workers that have not been heard of for so long, and ends their sessions: as the workers'' login, which may end its own. Whoever locks the dead one''s row does it; others pass by. Tells what was buried of them (end_worker).';

CREATE OR REPLACE FUNCTION blindagem_private.refuse_deletion()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      perform blindagem_private.fail('BLD06', format('Linhas de %I.%I não se apagam.', tg_table_schema, tg_table_name));
      return null;
    end
  $function$
;
alter function blindagem_private.refuse_deletion() owner to blindagem_owner;
comment on function blindagem_private.refuse_deletion() is 'Rows that others refer to without a foreign key are never deleted (they end by a date, or by a status).';

CREATE OR REPLACE FUNCTION blindagem_private.refuse_key_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      perform blindagem_private.fail('BLD06', format('As chaves de %I.%I não mudam.', tg_table_schema, tg_table_name));
      return null;
    end
  $function$
;
alter function blindagem_private.refuse_key_change() owner to blindagem_owner;
comment on function blindagem_private.refuse_key_change() is 'Keys never change: the audit log pairs old and new rows by them.';

CREATE OR REPLACE FUNCTION blindagem_private.refuse_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      perform blindagem_private.fail('BLD06', format('Linhas de %I.%I não mudam.', tg_table_schema, tg_table_name));
      return null;
    end
  $function$
;
alter function blindagem_private.refuse_update() owner to blindagem_owner;
comment on function blindagem_private.refuse_update() is 'Rows that are written once and never again.';

CREATE OR REPLACE FUNCTION blindagem_private.register_document(sha256 text, format text, size integer, file_name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem_private.register_document(text,text,integer,text) owner to blindagem_owner;
grant execute on function blindagem_private.register_document(text,text,integer,text) to blindagem_admin;
grant execute on function blindagem_private.register_document(text,text,integer,text) to blindagem_integrator;
comment on function blindagem_private.register_document(text,text,integer,text) is 'Notes a stored document, gives its hash to the expenses that named the file, and enqueues its reading.';

CREATE OR REPLACE FUNCTION blindagem_private.replay_erasure(told jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
  $function$
;
alter function blindagem_private.replay_erasure(jsonb) owner to blindagem_owner;
grant execute on function blindagem_private.replay_erasure(jsonb) to blindagem_admin;
comment on function blindagem_private.replay_erasure(jsonb) is 'Erases again what a restored copy still holds, by an entry of the list that is kept outside of the database. False when it is erased already.';

CREATE OR REPLACE FUNCTION blindagem_private.require_condominium(id bigint)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
AS $function$
    begin
      if id is null or id <> all (blindagem_private.visible_condominium_ids()) then
        perform blindagem_private.fail('BLD03', 'O condomínio não existe ou não está ao seu alcance.');
      end if;
    end
  $function$
;
alter function blindagem_private.require_condominium(bigint) owner to blindagem_owner;
comment on function blindagem_private.require_condominium(bigint) is 'Refuses (BLD03) a condominium that the request may not see.';

CREATE OR REPLACE FUNCTION blindagem_private.require_reason(reason text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
    begin
      if reason is null or length(btrim(reason)) < 3 or length(reason) > 1000 then
        perform blindagem_private.fail('BLD08', 'Diga o motivo, em 3 a 1000 caracteres.');
      end if;
      perform set_config('blindagem.reason', btrim(reason), true);
    end
  $function$
;
alter function blindagem_private.require_reason(text) owner to blindagem_owner;
comment on function blindagem_private.require_reason(text) is 'Refuses a change without reason (BLD08), and gives the reason to the audit log.';

CREATE OR REPLACE FUNCTION blindagem_private.require_role(VARIADIC allowed text[])
 RETURNS void
 LANGUAGE plpgsql
 STABLE
AS $function$
    begin
      if blindagem_private.current_role_name() is null then
        perform blindagem_private.fail('BLD01', 'Entre com um token válido.');
      end if;
      if blindagem_private.current_role_name() <> all (allowed) then
        perform blindagem_private.fail('BLD02',
          format('Esta operação pede um destes papéis: %s.', array_to_string(allowed, ', ')));
      end if;
    end
  $function$
;
alter function blindagem_private.require_role(text[]) owner to blindagem_owner;
grant execute on function blindagem_private.require_role(text[]) to blindagem_admin;
grant execute on function blindagem_private.require_role(text[]) to blindagem_auditor;
grant execute on function blindagem_private.require_role(text[]) to blindagem_integrator;
grant execute on function blindagem_private.require_role(text[]) to blindagem_operator;
grant execute on function blindagem_private.require_role(text[]) to blindagem_reviewer;
grant execute on function blindagem_private.require_role(text[]) to blindagem_sindico;
comment on function blindagem_private.require_role(text[]) is 'Refuses (BLD01, BLD02) unless the request has one of these roles.';

CREATE OR REPLACE FUNCTION blindagem_private.reschedule_jobs(job_ids bigint[], run_at timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare moved int;
    begin
      with queued as (
        select * from blindagem_private.queued_jobs_of(job_ids)
      ), jobs as (
        update graphile_worker._private_jobs j
        set run_at = reschedule_jobs.run_at, locked_by = null, locked_at = null, updated_at = clock_timestamp(),
          attempts = greatest(j.attempts - (j.locked_at is not null)::int, 0)
        from queued q where j.id = q.job_id
      ), records as (
        update blindagem_private.job_records r set run_at = reschedule_jobs.run_at from queued q where r.id = q.record_id
      )
      select count(*) into moved from queued;
      return moved;
    end
  $function$
;
alter function blindagem_private.reschedule_jobs(bigint[],timestamp with time zone) owner to blindagem_queue;
comment on function blindagem_private.reschedule_jobs(bigint[],timestamp with time zone) is 'Gives waiting jobs another time, and returns how many. One that a worker has fetched but not taken is taken from it.';

CREATE OR REPLACE FUNCTION blindagem_private.retry_dead_jobs(job_ids bigint[])
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    declare retried int;
    begin
      with records as (
        select r.id from blindagem_private.job_records r
        where r.id = any (job_ids) and r.state in ('FAILED', 'CANCELLED') order by r.id for update
      ), letters as (
        update blindagem_private.dead_letters d set resolved_at = clock_timestamp(), resolution = 'RETRIED'
        where d.id in (
          select max(last.id) from blindagem_private.dead_letters last where last.record_id in (select id from records) group by last.record_id)
        returning d.*
      ), waiting as (
        update blindagem_private.job_records r
        set state = 'WAITING', attempts = 0, deaths = 0, run_at = clock_timestamp(), finished_at = null, graphile_job_id = null
        from letters l where r.id = l.record_id
      ), claims as (
        insert into blindagem_private.work_claims (task, subject)
        select distinct l.task, l.payload->>t.subject from letters l join blindagem_private.tasks t on t.name = l.task
        where l.payload->>t.subject is not null
        order by 1, 2
        on conflict do nothing
      )
      select count(added) into retried
      from graphile_worker.add_jobs(coalesce((
        select array_agg(row(
          l.task,
          case jsonb_typeof(l.payload) when 'object' then
            jsonb_set(l.payload, '{envelope}', coalesce(l.payload->'envelope', '{}') || jsonb_build_object('jobId', l.record_id::text))
            else l.payload end::json,
          null, null, l.max_attempts, null, coalesce(k.first_priority, l.priority), null)::graphile_worker.job_spec order by l.record_id)
        from letters l
        left join blindagem_private.tasks t on t.name = l.task
        left join blindagem_private.virtual_clocks k on k.lane = t.lane), '{}'::graphile_worker.job_spec[])) as added;
      return retried;
    end
  $function$
;
alter function blindagem_private.retry_dead_jobs(bigint[]) owner to blindagem_queue;
comment on function blindagem_private.retry_dead_jobs(bigint[]) is 'Enqueues dead jobs again, as the same logical jobs with all their attempts, and returns how many. They come first: their base has moved on since they waited.';

CREATE OR REPLACE FUNCTION blindagem_private.row_errors(rows jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
    with submitted as materialized (select * from blindagem_private.submitted_rows(rows)),
    known as materialized (
      select * from blindagem_private.condominiums_of(array(select distinct condominium from submitted))
    ), errors as (
      select s.index, 'condominium' as field, 'CONDOMINIUM_UNKNOWN' as code
      from submitted s join known k on k.reference = s.condominium where k.condominium_id is null
      union all
      -- One look into the index a row: as a plain join it may become a scan of all the tenant's expenses.
      select s.index, 'externalId', 'EXTERNAL_ID_TAKEN'
      from submitted s cross join lateral (
        select from blindagem.expenses e
        where e.organization_id = blindagem_private.current_organization_id() and e.external_id = s.external_id
        limit 1) as taken
      union all
      select s.index, 'category', 'CATEGORY_UNKNOWN'
      from submitted s left join blindagem.categories c on c.code = s.category where c.code is null
    )
    select coalesce(jsonb_agg(jsonb_build_object('index', index, 'field', field, 'code', code) order by index, field), '[]')
    from errors
  $function$
;
alter function blindagem_private.row_errors(jsonb) owner to blindagem_owner;
comment on function blindagem_private.row_errors(jsonb) is 'What only the database can say of rows: unknown condominium or category, external id already taken.';

CREATE OR REPLACE FUNCTION blindagem_private.scope_by_condominium(table_name regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
    begin
      execute format('alter table %s enable row level security', table_name);
      execute format(
        'create policy scope on %s for select to blindagem_admin, blindagem_reviewer, blindagem_sindico, blindagem_auditor, blindagem_integrator
           using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[]))', table_name);
      execute format('create policy worker on %s to blindagem_worker using (true) with check (true)', table_name);
      execute format('grant select on %s to blindagem_admin, blindagem_reviewer, blindagem_sindico, blindagem_auditor, blindagem_integrator', table_name);
      execute format('grant select on %s to blindagem_worker', table_name);
    end
  $function$
;
alter function blindagem_private.scope_by_condominium(regclass) owner to blindagem_owner;
comment on function blindagem_private.scope_by_condominium(regclass) is 'The one policy of all business tables: request roles read the rows of visible condominiums and write through functions only; workers read all, and write where a table is granted to them.';

CREATE OR REPLACE FUNCTION blindagem_private.scope_by_organization(table_name regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
    begin
      execute format('alter table %s enable row level security', table_name);
      execute format(
        'create policy scope on %s for select to blindagem_admin, blindagem_reviewer, blindagem_sindico, blindagem_auditor, blindagem_integrator
           using (organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[]))', table_name);
      execute format('create policy worker on %s to blindagem_worker using (true) with check (true)', table_name);
      execute format('grant select on %s to blindagem_admin, blindagem_reviewer, blindagem_sindico, blindagem_auditor, blindagem_integrator', table_name);
      execute format('grant select on %s to blindagem_worker', table_name);
    end
  $function$
;
alter function blindagem_private.scope_by_organization(regclass) owner to blindagem_owner;
comment on function blindagem_private.scope_by_organization(regclass) is 'The policy of what is an organization''s own.';

CREATE OR REPLACE FUNCTION blindagem_private.sees_salaries()
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select case blindagem_private.current_role_name()
      when 'admin' then true
      when 'reviewer' then true
      when 'integrator' then true
      when 'sindico' then true
      when 'auditor' then exists (
        select from blindagem.grants g
        where g.person_id = blindagem_private.current_person_id()
          and g.role = 'auditor' and g.organization_id is not null
          and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to))
      else false
    end
  $function$
;
alter function blindagem_private.sees_salaries() owner to blindagem_owner;
grant execute on function blindagem_private.sees_salaries() to blindagem_admin;
grant execute on function blindagem_private.sees_salaries() to blindagem_auditor;
grant execute on function blindagem_private.sees_salaries() to blindagem_integrator;
grant execute on function blindagem_private.sees_salaries() to blindagem_operator;
grant execute on function blindagem_private.sees_salaries() to blindagem_reviewer;
grant execute on function blindagem_private.sees_salaries() to blindagem_sindico;
grant execute on function blindagem_private.sees_salaries() to blindagem_worker;
comment on function blindagem_private.sees_salaries() is 'Salaries are hidden from the conselho (an auditor of single condominiums) and from operators.';

CREATE OR REPLACE FUNCTION blindagem_private.setting(name text)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select nullif(current_setting('blindagem.' || name, true), '') $function$
;
alter function blindagem_private.setting(text) owner to blindagem_owner;
grant execute on function blindagem_private.setting(text) to public;
comment on function blindagem_private.setting(text) is 'A setting of the request (blindagem.*), null when absent or empty.';

CREATE OR REPLACE FUNCTION blindagem_private.sign_in(subject text, role text, organization_id bigint)
 RETURNS TABLE(person_id bigint, organization_id bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select p.id, m.organization_id
    from blindagem.people p
    join blindagem.members m on m.person_id = p.id
    where p.subject = sign_in.subject and m.role = sign_in.role
      and (sign_in.organization_id is null or m.organization_id = sign_in.organization_id)
      and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
    union
    select p.id, null::bigint
    from blindagem.people p
    join blindagem.grants g on g.person_id = p.id
    where p.subject = sign_in.subject and g.role = sign_in.role
      and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to)
  $function$
;
alter function blindagem_private.sign_in(text,text,bigint) owner to blindagem_owner;
grant execute on function blindagem_private.sign_in(text,text,bigint) to blindagem_authenticator;
comment on function blindagem_private.sign_in(text,text,bigint) is 'The person and organization behind a verified token: no row, when the claimed role is not (or no longer) theirs. Several rows: the token must name the organization.';

CREATE OR REPLACE FUNCTION blindagem_private.sign_in_with_key(key_hash text, on_behalf_of text)
 RETURNS TABLE(api_key_id bigint, person_id bigint, organization_id bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select k.id, p.id, k.organization_id
    from blindagem.api_keys k
    join blindagem.members m on m.organization_id = k.organization_id
    join blindagem.people p on p.id = m.person_id
    where k.key_hash = sign_in_with_key.key_hash and k.revoked_at is null
      and p.subject = sign_in_with_key.on_behalf_of
      and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
    limit 1
  $function$
;
alter function blindagem_private.sign_in_with_key(text,text) owner to blindagem_owner;
grant execute on function blindagem_private.sign_in_with_key(text,text) to blindagem_authenticator;
comment on function blindagem_private.sign_in_with_key(text,text) is 'The organization of an API key and the member on whose behalf it comes: that person counts as the submitter.';

CREATE OR REPLACE FUNCTION blindagem_private.states_for(action text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
    select case action
      when 'RETRY' then '{FAILED,CANCELLED}'
      when 'CANCEL' then '{WAITING,FAILED}'
      when 'RESCHEDULE' then '{WAITING}'
    end::text[]
  $function$
;
alter function blindagem_private.states_for(text) owner to blindagem_owner;
comment on function blindagem_private.states_for(text) is 'The states of jobs that an intervention is for.';

CREATE OR REPLACE FUNCTION blindagem_private.store_expenses(batch_id bigint, rows jsonb)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
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
  $function$
;
alter function blindagem_private.store_expenses(bigint,jsonb) owner to blindagem_owner;
comment on function blindagem_private.store_expenses(bigint,jsonb) is 'Writes the expenses of a batch with their retentions, payables, documents and payee accounts, in one statement.';

CREATE OR REPLACE FUNCTION blindagem_private.submitted_rows(rows jsonb)
 RETURNS TABLE(index integer, external_id text, condominium text, category text, document_kind text, document_number text, issue_date date, competence date, gross_amount numeric, retentions jsonb, payee_kind text, payee_document text, payee_name text, payee_pix_key text, due_date date, instalment_number integer, instalment_total integer, documents jsonb, description text)
 LANGUAGE sql
 IMMUTABLE
AS $function$
    select r.index, r."externalId", r.condominium, r.category, r."documentKind", r."documentNumber",
      r."issueDate", (r.competence || '-01')::date, r."grossAmount", coalesce(r.retentions, '[]'), r."payeeKind",
      r."payeeDocument", r."payeeName", r."payeePixKey", r."dueDate", r."instalmentNumber", r."instalmentTotal",
      coalesce(r.documents, '[]'), r.description
    from jsonb_to_recordset(rows) as r (
      index int, "externalId" text, condominium text, category text, "documentKind" text, "documentNumber" text,
      "issueDate" date, competence text, "grossAmount" numeric, retentions jsonb, "payeeKind" text,
      "payeeDocument" text, "payeeName" text, "payeePixKey" text, "dueDate" date,
      "instalmentNumber" int, "instalmentTotal" int, documents jsonb, description text)
  $function$
;
alter function blindagem_private.submitted_rows(jsonb) owner to blindagem_owner;
comment on function blindagem_private.submitted_rows(jsonb) is 'Rows as src/expenses has parsed and checked them, as a relation.';

CREATE OR REPLACE FUNCTION blindagem_private.take_provider_slot(provider_name text, credential_name text, at timestamp with time zone, reserved timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS TABLE(slot timestamp with time zone, cause text)
 LANGUAGE plpgsql
AS $function$
    declare
      bucket blindagem_private.provider_buckets;
      earliest timestamptz;
      width interval;
      day date;
    begin
      select * into bucket from blindagem_private.provider_buckets b
      where b.provider = provider_name and b.credential = credential_name for update;
      if not found then
        return query select at, null::text;
        return;
      end if;
      width := bucket.interval_ms * interval '1 millisecond';
      earliest := greatest(at, bucket.paused_until, bucket.open_until, bucket.probe_until);
      cause := case
        when greatest(bucket.open_until, bucket.probe_until) > at then 'DOWN'
        else 'LIMIT' end;

      -- A slot that was missed is gone: after a standstill all the missed ones would be used at once.
      if earliest = at and at between reserved - interval '1 second' and reserved + interval '2 seconds'
        and (bucket.daily_quota is null or blindagem_private.brasilia_day(at) = blindagem_private.brasilia_day(reserved)) then
        slot := at;
      else
        bucket.next_slot := greatest(bucket.next_slot, earliest) + width;
        slot := greatest(earliest, bucket.next_slot - bucket.burst * width);
        day := greatest(blindagem_private.brasilia_day(slot), bucket.quota_day);
        if day is distinct from bucket.quota_day then
          bucket.quota_used := 0;
        elsif bucket.quota_used >= bucket.daily_quota then
          day := day + 1;
          bucket.quota_used := 0;
        end if;
        if day > blindagem_private.brasilia_day(slot) and bucket.daily_quota is not null then
          slot := day::timestamp at time zone 'America/Sao_Paulo';
          bucket.next_slot := greatest(bucket.next_slot, slot + width);
        end if;
        if day > blindagem_private.brasilia_day(at) and bucket.daily_quota is not null and cause = 'LIMIT' then
          cause := 'QUOTA';
        end if;
        bucket.quota_day := day;
        bucket.quota_used := bucket.quota_used + 1;
      end if;

      if slot <= at then
        cause := null;
        if bucket.open_until is not null then
          bucket.probe_until := at + interval '1 minute';
        end if;
      end if;
      update blindagem_private.provider_buckets b
      set next_slot = bucket.next_slot, quota_day = bucket.quota_day, quota_used = bucket.quota_used, probe_until = bucket.probe_until
      where b.provider = provider_name and b.credential = credential_name;
      return next;
    end
  $function$
;
alter function blindagem_private.take_provider_slot(text,text,timestamp with time zone,timestamp with time zone) owner to blindagem_owner;
grant execute on function blindagem_private.take_provider_slot(text,text,timestamp with time zone,timestamp with time zone) to blindagem_worker;
comment on function blindagem_private.take_provider_slot(text,text,timestamp with time zone,timestamp with time zone) is 'When the caller may ask the provider: not after "at" means now. A later slot stays the caller''s, who comes again with it as "reserved"; cause tells why: LIMIT, QUOTA (no more that day), DOWN (the breaker is open, or another is trying). Where no limit is stored everyone may.';

CREATE OR REPLACE FUNCTION blindagem_private.today()
 RETURNS date
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select (now() at time zone 'America/Sao_Paulo')::date $function$
;
alter function blindagem_private.today() owner to blindagem_owner;
grant execute on function blindagem_private.today() to public;
comment on function blindagem_private.today() is 'The calendar date in Brasília.';

CREATE OR REPLACE FUNCTION blindagem_private.trimmed(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select regexp_replace(value, '^[[:space:]\u00a0\u2000-\u200a\u202f\u205f\u3000\ufeff]+|[[:space:]\u00a0\u2000-\u200a\u202f\u205f\u3000\ufeff]+$', '', 'g') $function$
;
alter function blindagem_private.trimmed(text) owner to blindagem_owner;
comment on function blindagem_private.trimmed(text) is 'Without white space at its ends, as ECMAScript''s trim has it: so the rows of batches are read.';

CREATE OR REPLACE FUNCTION blindagem_private.visible_condominium_ids()
 RETURNS bigint[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select coalesce(array_agg(scope.condominium_id), '{}')
    from (
      select m.condominium_id
      from blindagem.managements m
      where blindagem_private.current_role_name() in ('admin', 'reviewer', 'integrator')
        and m.organization_id = blindagem_private.current_organization_id()
        and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
      union
      select g.condominium_id
      from blindagem.grants g
      where g.person_id = blindagem_private.current_person_id()
        and g.role = blindagem_private.current_role_name()
        and g.condominium_id is not null
        and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to)
      union
      select m.condominium_id
      from blindagem.grants g
      join blindagem.managements m on m.organization_id = g.organization_id
      where g.person_id = blindagem_private.current_person_id()
        and g.role = blindagem_private.current_role_name()
        and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to)
        and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
    ) as scope
  $function$
;
alter function blindagem_private.visible_condominium_ids() owner to blindagem_owner;
grant execute on function blindagem_private.visible_condominium_ids() to blindagem_admin;
grant execute on function blindagem_private.visible_condominium_ids() to blindagem_auditor;
grant execute on function blindagem_private.visible_condominium_ids() to blindagem_integrator;
grant execute on function blindagem_private.visible_condominium_ids() to blindagem_operator;
grant execute on function blindagem_private.visible_condominium_ids() to blindagem_reviewer;
grant execute on function blindagem_private.visible_condominium_ids() to blindagem_sindico;
grant execute on function blindagem_private.visible_condominium_ids() to blindagem_worker;
comment on function blindagem_private.visible_condominium_ids() is 'The condominiums that the request may see: managed now by its organization, or granted to the person now. Policies call it as a scalar subquery, so that it runs once a statement.';

CREATE OR REPLACE FUNCTION blindagem_private.visible_organization_ids()
 RETURNS bigint[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    select coalesce(array_agg(scope.organization_id), '{}')
    from (
      select blindagem_private.current_organization_id() as organization_id
      where blindagem_private.current_role_name() in ('admin', 'reviewer', 'integrator')
      union
      select g.organization_id
      from blindagem.grants g
      where g.person_id = blindagem_private.current_person_id()
        and g.role = blindagem_private.current_role_name()
        and g.organization_id is not null
        and blindagem_private.has_scope(blindagem_private.today(), g.valid_from, g.valid_to)
    ) as scope
    where scope.organization_id is not null
  $function$
;
alter function blindagem_private.visible_organization_ids() owner to blindagem_owner;
grant execute on function blindagem_private.visible_organization_ids() to blindagem_admin;
grant execute on function blindagem_private.visible_organization_ids() to blindagem_auditor;
grant execute on function blindagem_private.visible_organization_ids() to blindagem_integrator;
grant execute on function blindagem_private.visible_organization_ids() to blindagem_operator;
grant execute on function blindagem_private.visible_organization_ids() to blindagem_reviewer;
grant execute on function blindagem_private.visible_organization_ids() to blindagem_sindico;
grant execute on function blindagem_private.visible_organization_ids() to blindagem_worker;
comment on function blindagem_private.visible_organization_ids() is 'The organizations whose own rows (members, settings, batches) the request may see.';

create table blindagem.api_keys (
  id bigint generated always as identity not null,
  organization_id bigint not null,
  name text not null,
  key_hash blindagem.sha256 not null,
  created_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone
);
alter table blindagem.api_keys owner to blindagem_owner;
alter table blindagem.api_keys add constraint api_keys_key_hash_key UNIQUE (key_hash);
alter table blindagem.api_keys add constraint api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)));
alter table blindagem.api_keys add constraint api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.api_keys add constraint api_keys_pkey PRIMARY KEY (id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.api_keys REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_api_keys();
alter table blindagem.api_keys enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.api_keys REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_api_keys();
alter table blindagem.api_keys enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.api_keys FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.api_keys enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.api_keys REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_api_keys();
alter table blindagem.api_keys enable always trigger audit_update;
alter table blindagem.api_keys enable row level security;
create policy comparison on blindagem.api_keys for select to blindagem_sealer using (true);
create policy scope on blindagem.api_keys for select to blindagem_admin using ((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
grant select (id, organization_id, name, created_at, revoked_at) on blindagem.api_keys to blindagem_admin;
grant select on blindagem.api_keys to blindagem_sealer;
comment on table blindagem.api_keys is 'Keys of other systems (role integrator). Only the key''s hash is kept.';

create table blindagem.approval_limits (
  id bigint generated always as identity not null,
  organization_id bigint not null,
  condominium_id bigint,
  amount blindagem.amount not null,
  requires text not null default 'SECOND_APPROVER'::text,
  valid_from date not null default blindagem_private.today(),
  valid_to date
);
alter table blindagem.approval_limits owner to blindagem_owner;
alter table blindagem.approval_limits add constraint approval_limits_amount_check CHECK (((amount)::numeric >= (0)::numeric));
alter table blindagem.approval_limits add constraint approval_limits_check CHECK ((valid_to > valid_from));
alter table blindagem.approval_limits add constraint approval_limits_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.approval_limits add constraint approval_limits_organization_id_coalesce_daterange_excl EXCLUDE USING gist (organization_id WITH =, COALESCE(condominium_id, (0)::bigint) WITH =, daterange(valid_from, valid_to) WITH &&);
alter table blindagem.approval_limits add constraint approval_limits_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.approval_limits add constraint approval_limits_pkey PRIMARY KEY (id);
alter table blindagem.approval_limits add constraint approval_limits_requires_check CHECK ((requires = ANY (ARRAY['SECOND_APPROVER'::text, 'CONDOMINIUM'::text])));
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.approval_limits REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_approval_limits();
alter table blindagem.approval_limits enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.approval_limits REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_approval_limits();
alter table blindagem.approval_limits enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.approval_limits FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.approval_limits enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.approval_limits REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_approval_limits();
alter table blindagem.approval_limits enable always trigger audit_update;
alter table blindagem.approval_limits enable row level security;
create policy comparison on blindagem.approval_limits for select to blindagem_sealer using (true);
create policy scope on blindagem.approval_limits for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
create policy worker on blindagem.approval_limits for all to blindagem_worker using (true) with check (true);
grant select on blindagem.approval_limits to blindagem_admin;
grant select on blindagem.approval_limits to blindagem_auditor;
grant select on blindagem.approval_limits to blindagem_integrator;
grant select on blindagem.approval_limits to blindagem_reviewer;
grant select on blindagem.approval_limits to blindagem_sealer;
grant select on blindagem.approval_limits to blindagem_sindico;
grant select on blindagem.approval_limits to blindagem_worker;
comment on table blindagem.approval_limits is 'Alçada: above this amount a second person approves. A condominium''s own limit goes before the organization''s.';
comment on column blindagem.approval_limits.requires is 'CONDOMINIUM: the second person must be of the condominium''s side (its síndico).';

create table blindagem.auditor_accesses (
  id bigint generated always as identity not null,
  accessed_at timestamp with time zone not null default clock_timestamp(),
  person_id bigint not null,
  grant_id bigint,
  organization_id bigint,
  condominium_id bigint,
  request_id text not null,
  ip inet,
  operation text not null,
  operation_name text,
  document text,
  variables jsonb not null,
  entity_ids text[] not null
);
alter table blindagem.auditor_accesses owner to blindagem_owner;
alter table blindagem.auditor_accesses add constraint auditor_accesses_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.auditor_accesses add constraint auditor_accesses_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES blindagem.grants(id);
alter table blindagem.auditor_accesses add constraint auditor_accesses_operation_check CHECK ((length(operation) <= 200));
alter table blindagem.auditor_accesses add constraint auditor_accesses_operation_name_check CHECK ((length(operation_name) <= 200));
alter table blindagem.auditor_accesses add constraint auditor_accesses_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.auditor_accesses add constraint auditor_accesses_person_id_fkey FOREIGN KEY (person_id) REFERENCES blindagem.people(id);
alter table blindagem.auditor_accesses add constraint auditor_accesses_pkey PRIMARY KEY (id);
CREATE INDEX auditor_accesses_condominium ON blindagem.auditor_accesses USING btree (condominium_id, id);
CREATE INDEX auditor_accesses_organization ON blindagem.auditor_accesses USING btree (organization_id, id);
CREATE INDEX auditor_accesses_person ON blindagem.auditor_accesses USING btree (person_id, id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.auditor_accesses REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_auditor_accesses();
alter table blindagem.auditor_accesses enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.auditor_accesses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_auditor_accesses();
alter table blindagem.auditor_accesses enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.auditor_accesses FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.auditor_accesses enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.auditor_accesses REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_auditor_accesses();
alter table blindagem.auditor_accesses enable always trigger audit_update;
CREATE TRIGGER guard_change BEFORE DELETE OR UPDATE ON blindagem.auditor_accesses FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem.auditor_accesses enable always trigger guard_change;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem.auditor_accesses FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem.auditor_accesses enable always trigger guard_truncate;
alter table blindagem.auditor_accesses enable row level security;
create policy comparison on blindagem.auditor_accesses for select to blindagem_sealer using (true);
create policy own on blindagem.auditor_accesses for select to blindagem_auditor using ((person_id = ( SELECT blindagem_private.current_person_id() AS current_person_id)));
create policy scope on blindagem.auditor_accesses for select to blindagem_admin using (((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])) OR (organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[]))));
grant select on blindagem.auditor_accesses to blindagem_admin;
grant select on blindagem.auditor_accesses to blindagem_auditor;
grant select on blindagem.auditor_accesses to blindagem_sealer;
comment on table blindagem.auditor_accesses is '@behavior -totalCount
What auditors asked for, a row per grant that they asked under; written before they are answered, never changed.';
comment on column blindagem.auditor_accesses.grant_id is 'Null for the row that holds the values of what was asked under grants of several administradoras; the auditor alone sees it.';
comment on column blindagem.auditor_accesses.operation is 'What it was: "query auditLog", "GET /documents/:sha256".';
comment on column blindagem.auditor_accesses.operation_name is 'The name that a GraphQL client gave its operation.';
comment on column blindagem.auditor_accesses.document is 'The text of a GraphQL document; the values in it stand in variables.';
comment on column blindagem.auditor_accesses.variables is 'The values that were asked with. Of an auditor of several administradoras only the names: what is asked of one is not told to another.';
comment on column blindagem.auditor_accesses.entity_ids is 'The ids among those values; none where the values are not told.';

create table blindagem.bank_accounts (
  id bigint generated always as identity not null,
  condominium_id bigint,
  organization_id bigint,
  connection_id bigint,
  provider_account_id text,
  purpose text not null default 'ORDINARY'::text,
  name text not null,
  number_masked text
);
alter table blindagem.bank_accounts owner to blindagem_owner;
alter table blindagem.bank_accounts add constraint bank_accounts_check CHECK ((num_nonnulls(condominium_id, organization_id) = 1));
alter table blindagem.bank_accounts add constraint bank_accounts_check1 CHECK (((purpose = 'POOL'::text) = (organization_id IS NOT NULL)));
alter table blindagem.bank_accounts add constraint bank_accounts_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.bank_accounts add constraint bank_accounts_connection_id_fkey FOREIGN KEY (connection_id) REFERENCES blindagem.bank_connections(id);
alter table blindagem.bank_accounts add constraint bank_accounts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.bank_accounts add constraint bank_accounts_pkey PRIMARY KEY (id);
alter table blindagem.bank_accounts add constraint bank_accounts_provider_account_id_key UNIQUE (provider_account_id);
alter table blindagem.bank_accounts add constraint bank_accounts_purpose_check CHECK ((purpose = ANY (ARRAY['ORDINARY'::text, 'RESERVE'::text, 'WORKS'::text, 'SWEEP'::text, 'POOL'::text])));
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.bank_accounts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_bank_accounts();
alter table blindagem.bank_accounts enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.bank_accounts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_bank_accounts();
alter table blindagem.bank_accounts enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.bank_accounts FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.bank_accounts enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.bank_accounts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_bank_accounts();
alter table blindagem.bank_accounts enable always trigger audit_update;
alter table blindagem.bank_accounts enable row level security;
create policy comparison on blindagem.bank_accounts for select to blindagem_sealer using (true);
create policy scope on blindagem.bank_accounts for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using (((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])) OR (organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[]))));
create policy worker on blindagem.bank_accounts for all to blindagem_worker using (true) with check (true);
grant select on blindagem.bank_accounts to blindagem_admin;
grant select on blindagem.bank_accounts to blindagem_auditor;
grant select on blindagem.bank_accounts to blindagem_integrator;
grant select on blindagem.bank_accounts to blindagem_reviewer;
grant select on blindagem.bank_accounts to blindagem_sealer;
grant select on blindagem.bank_accounts to blindagem_sindico;
grant insert, select, update on blindagem.bank_accounts to blindagem_worker;
comment on table blindagem.bank_accounts is 'An account, held by a condominium, or a pool account of the administradora that serves many.';

create table blindagem.bank_connections (
  id bigint generated always as identity not null,
  organization_id bigint not null,
  condominium_id bigint,
  provider text not null default 'PLUGGY'::text,
  provider_item_id text not null,
  state text not null default 'NEW'::text,
  state_cause text,
  known_until timestamp with time zone,
  consent_expires_at timestamp with time zone,
  synced_at timestamp with time zone,
  created_at timestamp with time zone not null default now()
);
alter table blindagem.bank_connections owner to blindagem_owner;
alter table blindagem.bank_connections add constraint bank_connections_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.bank_connections add constraint bank_connections_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.bank_connections add constraint bank_connections_pkey PRIMARY KEY (id);
alter table blindagem.bank_connections add constraint bank_connections_provider_check CHECK ((provider = 'PLUGGY'::text));
alter table blindagem.bank_connections add constraint bank_connections_provider_item_id_key UNIQUE (provider_item_id);
alter table blindagem.bank_connections add constraint bank_connections_state_check CHECK ((state = ANY (ARRAY['NEW'::text, 'FRESH'::text, 'STALE'::text, 'PARTIAL'::text, 'BROKEN'::text])));
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.bank_connections REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_bank_connections();
alter table blindagem.bank_connections enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.bank_connections REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_bank_connections();
alter table blindagem.bank_connections enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.bank_connections FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.bank_connections enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.bank_connections REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_bank_connections();
alter table blindagem.bank_connections enable always trigger audit_update;
alter table blindagem.bank_connections enable row level security;
create policy comparison on blindagem.bank_connections for select to blindagem_sealer using (true);
create policy scope on blindagem.bank_connections for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using (((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])) OR ((condominium_id IS NULL) AND (organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])))));
create policy worker on blindagem.bank_connections for all to blindagem_worker using (true) with check (true);
grant select on blindagem.bank_connections to blindagem_admin;
grant select on blindagem.bank_connections to blindagem_auditor;
grant select on blindagem.bank_connections to blindagem_integrator;
grant select on blindagem.bank_connections to blindagem_reviewer;
grant select on blindagem.bank_connections to blindagem_sealer;
grant select on blindagem.bank_connections to blindagem_sindico;
grant select, update on blindagem.bank_connections to blindagem_worker;
comment on table blindagem.bank_connections is 'A consent to read accounts at a provider. Without condominium it serves a pool of the administradora.';
comment on column blindagem.bank_connections.known_until is 'Up to when the bank''s data is known. After that instant "no debit" means unknown, never "not paid".';

create table blindagem.bank_statements (
  id bigint generated always as identity not null,
  account_id bigint not null,
  starts_on date not null,
  ends_on date not null,
  opening_balance blindagem.amount,
  closing_balance blindagem.amount
);
alter table blindagem.bank_statements owner to blindagem_owner;
alter table blindagem.bank_statements add constraint bank_statements_account_id_fkey FOREIGN KEY (account_id) REFERENCES blindagem.bank_accounts(id);
alter table blindagem.bank_statements add constraint bank_statements_account_id_starts_on_ends_on_key UNIQUE (account_id, starts_on, ends_on);
alter table blindagem.bank_statements add constraint bank_statements_check CHECK ((ends_on >= starts_on));
alter table blindagem.bank_statements add constraint bank_statements_pkey PRIMARY KEY (id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.bank_statements REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_bank_statements();
alter table blindagem.bank_statements enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.bank_statements REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_bank_statements();
alter table blindagem.bank_statements enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.bank_statements FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.bank_statements enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.bank_statements REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_bank_statements();
alter table blindagem.bank_statements enable always trigger audit_update;
alter table blindagem.bank_statements enable row level security;
create policy comparison on blindagem.bank_statements for select to blindagem_sealer using (true);
create policy scope on blindagem.bank_statements for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((EXISTS ( SELECT
   FROM blindagem.bank_accounts a
  WHERE (a.id = bank_statements.account_id))));
create policy worker on blindagem.bank_statements for all to blindagem_worker using (true) with check (true);
grant select on blindagem.bank_statements to blindagem_admin;
grant select on blindagem.bank_statements to blindagem_auditor;
grant select on blindagem.bank_statements to blindagem_integrator;
grant select on blindagem.bank_statements to blindagem_reviewer;
grant select on blindagem.bank_statements to blindagem_sealer;
grant select on blindagem.bank_statements to blindagem_sindico;
grant insert, select, update on blindagem.bank_statements to blindagem_worker;
comment on table blindagem.bank_statements is 'A period of an account with its opening and closing balance.';

create table blindagem.bank_transactions (
  condominium_id bigint,
  id bigint generated always as identity not null,
  account_id bigint not null,
  provider_id text not null,
  posted_at timestamp with time zone not null,
  posted_on date not null,
  amount blindagem.amount not null,
  description text not null,
  operation_type text,
  counterparty_document text,
  counterparty_name text,
  end_to_end_id text,
  original_end_to_end_id text,
  check_number text,
  status text not null,
  first_seen_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone
);
alter table blindagem.bank_transactions owner to blindagem_owner;
alter table blindagem.bank_transactions add constraint bank_transactions_account_id_fkey FOREIGN KEY (account_id) REFERENCES blindagem.bank_accounts(id);
alter table blindagem.bank_transactions add constraint bank_transactions_account_id_provider_id_key UNIQUE (account_id, provider_id);
alter table blindagem.bank_transactions add constraint bank_transactions_amount_check CHECK (((amount)::numeric <> (0)::numeric));
alter table blindagem.bank_transactions add constraint bank_transactions_check CHECK ((posted_on = ((posted_at AT TIME ZONE 'America/Sao_Paulo'::text))::date));
alter table blindagem.bank_transactions add constraint bank_transactions_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.bank_transactions add constraint bank_transactions_pkey PRIMARY KEY (id);
alter table blindagem.bank_transactions add constraint bank_transactions_status_check CHECK ((status = ANY (ARRAY['POSTED'::text, 'PENDING'::text])));
CREATE INDEX bank_transactions_by_day ON blindagem.bank_transactions USING btree (condominium_id, posted_on);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.bank_transactions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_bank_transactions();
alter table blindagem.bank_transactions enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.bank_transactions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_bank_transactions();
alter table blindagem.bank_transactions enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.bank_transactions FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.bank_transactions enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.bank_transactions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_bank_transactions();
alter table blindagem.bank_transactions enable always trigger audit_update;
alter table blindagem.bank_transactions enable row level security;
create policy comparison on blindagem.bank_transactions for select to blindagem_sealer using (true);
create policy salaries on blindagem.bank_transactions as restrictive for select to blindagem_auditor using ((( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR (NOT blindagem_private.is_salary_movement(condominium_id, id))));
create policy scope on blindagem.bank_transactions for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.bank_transactions for all to blindagem_worker using (true) with check (true);
grant select on blindagem.bank_transactions to blindagem_admin;
grant select on blindagem.bank_transactions to blindagem_auditor;
grant select on blindagem.bank_transactions to blindagem_integrator;
grant select on blindagem.bank_transactions to blindagem_reviewer;
grant select on blindagem.bank_transactions to blindagem_sealer;
grant select on blindagem.bank_transactions to blindagem_sindico;
grant insert, select, update on blindagem.bank_transactions to blindagem_worker;
comment on table blindagem.bank_transactions is 'A movement as the bank tells it; debits are negative. In a pool account the condominium is known only once the movement is itemised.';
comment on column blindagem.bank_transactions.posted_on is 'Calendar day in Brasília: 21:00 to 23:59 there is the next day in UTC.';
comment on column blindagem.bank_transactions.deleted_at is 'The provider took the movement back: it is kept, and counts no more.';

create table blindagem.categories (
  code text not null,
  name text not null,
  sensitivity text not null default 'ORDINARY'::text,
  requires_receipt boolean not null default false
);
alter table blindagem.categories owner to blindagem_owner;
alter table blindagem.categories add constraint categories_code_check CHECK ((code ~ '^[A-Z_]{2,40}$'::text));
alter table blindagem.categories add constraint categories_pkey PRIMARY KEY (code);
alter table blindagem.categories add constraint categories_sensitivity_check CHECK ((sensitivity = ANY (ARRAY['ORDINARY'::text, 'SALARY'::text])));
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.categories REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_categories();
alter table blindagem.categories enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.categories REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_categories();
alter table blindagem.categories enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.categories FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.categories enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.categories REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_categories();
alter table blindagem.categories enable always trigger audit_update;
CREATE TRIGGER category_key BEFORE UPDATE OF code ON blindagem.categories FOR EACH ROW WHEN ((old.code IS DISTINCT FROM new.code)) EXECUTE FUNCTION blindagem_private.refuse_key_change();
CREATE TRIGGER keep BEFORE DELETE ON blindagem.categories FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.categories enable always trigger keep;
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON blindagem.categories FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.categories enable always trigger keep_rows;
alter table blindagem.categories enable row level security;
create policy comparison on blindagem.categories for select to blindagem_sealer using (true);
create policy public_data on blindagem.categories for select to public using (true);
create policy worker on blindagem.categories for all to blindagem_worker using (true) with check (true);
grant select on blindagem.categories to blindagem_admin;
grant select on blindagem.categories to blindagem_auditor;
grant select on blindagem.categories to blindagem_integrator;
grant select on blindagem.categories to blindagem_operator;
grant select on blindagem.categories to blindagem_reviewer;
grant select on blindagem.categories to blindagem_sealer;
grant select on blindagem.categories to blindagem_sindico;
grant select on blindagem.categories to blindagem_worker;
comment on table blindagem.categories is 'Categories of expense, and which facts each requires (the supplier is required of every CNPJ payee).';
comment on column blindagem.categories.sensitivity is 'SALARY rows are hidden from the conselho and from operators.';

create table blindagem.companies (
  cnpj blindagem.cnpj not null,
  state text not null,
  name text,
  status text,
  status_date date,
  opened_on date,
  main_cnae text,
  secondary_cnaes text[] not null default '{}'::text[],
  mei boolean,
  simples boolean,
  source text not null,
  source_date date,
  fetched_at timestamp with time zone not null default now()
);
alter table blindagem.companies owner to blindagem_owner;
alter table blindagem.companies add constraint companies_check CHECK (((state <> 'FOUND'::text) OR ((name IS NOT NULL) AND (status IS NOT NULL))));
alter table blindagem.companies add constraint companies_main_cnae_check CHECK ((main_cnae ~ '^[0-9]{7}$'::text));
alter table blindagem.companies add constraint companies_pkey PRIMARY KEY (cnpj);
alter table blindagem.companies add constraint companies_source_check CHECK ((source = ANY (ARRAY['MIRROR'::text, 'CNPJWS'::text])));
alter table blindagem.companies add constraint companies_state_check CHECK ((state = ANY (ARRAY['FOUND'::text, 'NOT_FOUND'::text, 'REFUSED'::text])));
alter table blindagem.companies enable row level security;
create policy public_data on blindagem.companies for select to public using (true);
create policy worker on blindagem.companies for all to blindagem_worker using (true) with check (true);
grant select on blindagem.companies to blindagem_admin;
grant select on blindagem.companies to blindagem_auditor;
grant select on blindagem.companies to blindagem_integrator;
grant select on blindagem.companies to blindagem_operator;
grant select on blindagem.companies to blindagem_reviewer;
grant select on blindagem.companies to blindagem_sindico;
grant insert, select, update on blindagem.companies to blindagem_worker;
comment on table blindagem.companies is 'Registry data of suppliers, shared by all tenants; public data, so every request role reads it.';
comment on column blindagem.companies.state is 'REFUSED: the service called the number invalid (it may not know alphanumeric CNPJs yet), which is no proof that the company does not exist.';
comment on column blindagem.companies.status is 'As the registry says it; only exactly "Ativa" is active, an empty status is not.';
comment on column blindagem.companies.source_date is 'Day of the registry''s data (a monthly load), not of our look-up.';

create table blindagem.condominiums (
  id bigint generated always as identity not null,
  name text not null,
  cnpj blindagem.cnpj,
  cnpj_valid_from date,
  city text,
  state character(2),
  created_at timestamp with time zone not null default now()
);
alter table blindagem.condominiums owner to blindagem_owner;
alter table blindagem.condominiums add constraint condominiums_name_check CHECK (((length(btrim(name)) >= 2) AND (length(btrim(name)) <= 200)));
alter table blindagem.condominiums add constraint condominiums_pkey PRIMARY KEY (id);
alter table blindagem.condominiums add constraint condominiums_state_check CHECK ((state ~ '^[A-Z]{2}$'::text));
CREATE UNIQUE INDEX condominiums_cnpj ON blindagem.condominiums USING btree (cnpj) WHERE (cnpj IS NOT NULL);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.condominiums REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_condominiums();
alter table blindagem.condominiums enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.condominiums REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_condominiums();
alter table blindagem.condominiums enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.condominiums FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.condominiums enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.condominiums REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_condominiums();
alter table blindagem.condominiums enable always trigger audit_update;
CREATE TRIGGER condominium_key BEFORE UPDATE OF id ON blindagem.condominiums FOR EACH ROW WHEN ((old.id IS DISTINCT FROM new.id)) EXECUTE FUNCTION blindagem_private.refuse_key_change();
CREATE TRIGGER keep BEFORE DELETE ON blindagem.condominiums FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.condominiums enable always trigger keep;
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON blindagem.condominiums FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.condominiums enable always trigger keep_rows;
alter table blindagem.condominiums enable row level security;
create policy comparison on blindagem.condominiums for select to blindagem_sealer using (true);
create policy scope on blindagem.condominiums for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.condominiums for all to blindagem_worker using (true) with check (true);
grant select on blindagem.condominiums to blindagem_admin;
grant select on blindagem.condominiums to blindagem_auditor;
grant select on blindagem.condominiums to blindagem_integrator;
grant select on blindagem.condominiums to blindagem_reviewer;
grant select on blindagem.condominiums to blindagem_sealer;
grant select on blindagem.condominiums to blindagem_sindico;
grant select on blindagem.condominiums to blindagem_worker;
comment on table blindagem.condominiums is 'The lasting owner of every business row. Its CNPJ may be missing (a new building has none yet).';
comment on column blindagem.condominiums.cnpj_valid_from is 'Since when the building has its CNPJ; documents before that date cannot carry it.';

create table blindagem.decisions (
  condominium_id bigint not null,
  id bigint generated always as identity not null,
  expense_id bigint not null,
  status text not null,
  reasons jsonb not null,
  rule_version text not null,
  thresholds jsonb not null,
  facts_hash blindagem.sha256 not null,
  decided_at timestamp with time zone not null default now(),
  rule_set blindagem.sha256 not null,
  facts text not null,
  as_of timestamp with time zone
);
alter table blindagem.decisions owner to blindagem_owner;
alter table blindagem.decisions add constraint decisions_facts_hashed CHECK (((facts = '{"erased":true}'::text) OR (encode(sha256(convert_to(facts, 'UTF8'::name)), 'hex'::text) = (facts_hash)::text))) NOT VALID;
alter table blindagem.decisions add constraint decisions_pkey PRIMARY KEY (condominium_id, id);
CREATE UNIQUE INDEX decisions_once ON blindagem.decisions USING btree (condominium_id, expense_id);
CREATE TRIGGER decision_expense AFTER INSERT ON blindagem.decisions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.check_decision_expense();
CREATE TRIGGER keep BEFORE DELETE ON blindagem.decisions FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.decisions enable always trigger keep;
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON blindagem.decisions FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.decisions enable always trigger keep_rows;
CREATE TRIGGER keep_values BEFORE UPDATE ON blindagem.decisions FOR EACH STATEMENT WHEN ((current_setting('blindagem.erasing'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION blindagem_private.refuse_update();
alter table blindagem.decisions enable always trigger keep_values;
alter table blindagem.decisions enable row level security;
create policy salaries on blindagem.decisions as restrictive for select to blindagem_auditor using ((( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR (EXISTS ( SELECT
   FROM blindagem.expenses e
  WHERE ((e.condominium_id = decisions.condominium_id) AND (e.id = decisions.expense_id))))));
create policy scope on blindagem.decisions for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.decisions for all to blindagem_worker using (true) with check (true);
grant select on blindagem.decisions to blindagem_admin;
grant select on blindagem.decisions to blindagem_auditor;
grant select on blindagem.decisions to blindagem_integrator;
grant select on blindagem.decisions to blindagem_reviewer;
grant select on blindagem.decisions to blindagem_sindico;
grant insert, select on blindagem.decisions to blindagem_worker;
comment on table blindagem.decisions is '@foreignKey (condominium_id, expense_id) references blindagem.expenses (condominium_id, id)|@fieldName expense|@foreignFieldName decisions
Each decision with the facts, rules and thresholds it rests on, so that it can be replayed. Never changed; the hash of its facts stands in its expense, whose audit record vouches for it.';
comment on column blindagem.decisions.rule_set is '@omit
The rows of rules as the decision found them.';
comment on column blindagem.decisions.facts is '@omit
All facts but the rules, which are the rule set''s, as the canonical JSON that was hashed: facts_hash is its SHA-256. Decisions of version 21 of the schema and before hold them otherwise, and asOf among them.';
comment on column blindagem.decisions.as_of is '@omit
The instant at which the facts were loaded; of it the hashed text holds only whether the deadline of a missing fact had passed.';

create table blindagem.definitions (
  id bigint generated always as identity not null,
  recorded_at timestamp with time zone not null default now(),
  schema_version text not null,
  server_version integer not null,
  fingerprint text not null,
  objects jsonb not null,
  columns jsonb not null,
  unrecorded jsonb not null
);
alter table blindagem.definitions owner to blindagem_owner;
alter table blindagem.definitions add constraint definitions_fingerprint_check CHECK ((fingerprint ~ '^[0-9a-f]{64}$'::text));
alter table blindagem.definitions add constraint definitions_pkey PRIMARY KEY (id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.definitions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_definitions();
alter table blindagem.definitions enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.definitions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_definitions();
alter table blindagem.definitions enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.definitions FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.definitions enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.definitions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_definitions();
alter table blindagem.definitions enable always trigger audit_update;
alter table blindagem.definitions enable row level security;
create policy comparison on blindagem.definitions for select to blindagem_sealer using (true);
grant select on blindagem.definitions to blindagem_sealer;
comment on table blindagem.definitions is 'What a migration left: a row per version of the schema, written by `blindagem migrate` alone. The comparison takes it from the log, not from here.';
comment on column blindagem.definitions.schema_version is 'The newest migration, by file name and hash.';
comment on column blindagem.definitions.server_version is 'PostgreSQL''s major version: another one may write the same definition otherwise.';
comment on column blindagem.definitions.fingerprint is 'SHA-256 over objects, sorted by name: a line of name, space, hash for each.';
comment on column blindagem.definitions.objects is 'SHA-256 of each object''s definition, by name: functions, tables with triggers, policies, owner and partitions, views.';
comment on column blindagem.definitions.columns is 'Types of the audited tables'' columns, by table and column: since when a column is there.';
comment on column blindagem.definitions.unrecorded is 'Keys of rows that were there without a record, by table, when the table was first listed: they are older than the log.';

create table blindagem.document_identifiers (
  sha256 blindagem.sha256 not null,
  kind text not null,
  value text not null
);
alter table blindagem.document_identifiers owner to blindagem_owner;
alter table blindagem.document_identifiers add constraint document_identifiers_kind_check CHECK ((kind = ANY (ARRAY['PIX_END_TO_END'::text, 'BOLETO_LINE'::text, 'DFE_KEY'::text, 'BR_CODE'::text])));
alter table blindagem.document_identifiers add constraint document_identifiers_pkey PRIMARY KEY (kind, value, sha256);
alter table blindagem.document_identifiers add constraint document_identifiers_sha256_fkey FOREIGN KEY (sha256) REFERENCES blindagem.documents(sha256);
CREATE INDEX document_identifiers_sha256 ON blindagem.document_identifiers USING btree (sha256);
alter table blindagem.document_identifiers enable row level security;
create policy of_visible_document on blindagem.document_identifiers for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((EXISTS ( SELECT
   FROM blindagem.documents d
  WHERE ((d.sha256)::text = (document_identifiers.sha256)::text))));
create policy worker on blindagem.document_identifiers for all to blindagem_worker using (true) with check (true);
grant select on blindagem.document_identifiers to blindagem_admin;
grant select on blindagem.document_identifiers to blindagem_auditor;
grant select on blindagem.document_identifiers to blindagem_integrator;
grant select on blindagem.document_identifiers to blindagem_reviewer;
grant select on blindagem.document_identifiers to blindagem_sindico;
grant insert, select on blindagem.document_identifiers to blindagem_worker;
comment on table blindagem.document_identifiers is 'Identifiers with right check digits that documents carry; the same one on two expenses is a duplicate receipt.';

create table blindagem.document_readings (
  id bigint generated always as identity not null,
  sha256 blindagem.sha256 not null,
  reader_version text not null,
  kind text not null,
  verdict text not null,
  reading jsonb not null,
  read_at timestamp with time zone not null default now()
);
alter table blindagem.document_readings owner to blindagem_owner;
alter table blindagem.document_readings add constraint document_readings_pkey PRIMARY KEY (id);
alter table blindagem.document_readings add constraint document_readings_sha256_fkey FOREIGN KEY (sha256) REFERENCES blindagem.documents(sha256);
alter table blindagem.document_readings add constraint document_readings_sha256_reader_version_key UNIQUE (sha256, reader_version);
alter table blindagem.document_readings add constraint document_readings_verdict_check CHECK ((verdict = ANY (ARRAY['ACCEPTED'::text, 'MANUAL_REVIEW'::text])));
alter table blindagem.document_readings enable row level security;
create policy of_visible_document on blindagem.document_readings for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((EXISTS ( SELECT
   FROM blindagem.documents d
  WHERE ((d.sha256)::text = (document_readings.sha256)::text))));
create policy worker on blindagem.document_readings for all to blindagem_worker using (true) with check (true);
grant select on blindagem.document_readings to blindagem_admin;
grant select on blindagem.document_readings to blindagem_auditor;
grant select on blindagem.document_readings to blindagem_integrator;
grant select on blindagem.document_readings to blindagem_reviewer;
grant select on blindagem.document_readings to blindagem_sindico;
grant insert, select on blindagem.document_readings to blindagem_worker;
comment on table blindagem.document_readings is 'What was read in a document, per version of the reader: reading again keeps the old reading.';

create table blindagem.document_uploads (
  organization_id bigint not null,
  sha256 blindagem.sha256 not null,
  file_name text not null,
  uploaded_by bigint,
  uploaded_at timestamp with time zone not null default now()
);
alter table blindagem.document_uploads owner to blindagem_owner;
alter table blindagem.document_uploads add constraint document_uploads_file_name_check CHECK (((length(file_name) >= 1) AND (length(file_name) <= 255)));
alter table blindagem.document_uploads add constraint document_uploads_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.document_uploads add constraint document_uploads_pkey PRIMARY KEY (organization_id, sha256, file_name);
alter table blindagem.document_uploads add constraint document_uploads_sha256_fkey FOREIGN KEY (sha256) REFERENCES blindagem.documents(sha256);
alter table blindagem.document_uploads add constraint document_uploads_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES blindagem.people(id);
CREATE INDEX document_uploads_name ON blindagem.document_uploads USING btree (organization_id, file_name);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.document_uploads REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_document_uploads();
alter table blindagem.document_uploads enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.document_uploads REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_document_uploads();
alter table blindagem.document_uploads enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.document_uploads FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.document_uploads enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.document_uploads REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_document_uploads();
alter table blindagem.document_uploads enable always trigger audit_update;
alter table blindagem.document_uploads enable row level security;
create policy comparison on blindagem.document_uploads for select to blindagem_sealer using (true);
create policy scope on blindagem.document_uploads for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
create policy worker on blindagem.document_uploads for all to blindagem_worker using (true) with check (true);
grant select on blindagem.document_uploads to blindagem_admin;
grant select on blindagem.document_uploads to blindagem_auditor;
grant select on blindagem.document_uploads to blindagem_integrator;
grant select on blindagem.document_uploads to blindagem_reviewer;
grant select on blindagem.document_uploads to blindagem_sealer;
grant select on blindagem.document_uploads to blindagem_sindico;
grant select on blindagem.document_uploads to blindagem_worker;
comment on table blindagem.document_uploads is 'Which organization handed in which document, under which name: a batch may refer to either.';

create table blindagem.documents (
  sha256 blindagem.sha256 not null,
  format text not null,
  size integer not null,
  stored_at timestamp with time zone not null default now(),
  erased_at timestamp with time zone
);
alter table blindagem.documents owner to blindagem_owner;
alter table blindagem.documents add constraint documents_format_check CHECK ((format = ANY (ARRAY['PNG'::text, 'JPEG'::text, 'PDF'::text])));
alter table blindagem.documents add constraint documents_pkey PRIMARY KEY (sha256);
alter table blindagem.documents add constraint documents_size_check CHECK (((size >= 1) AND (size <= 10485760)));
alter table blindagem.documents enable row level security;
create policy of_visible_expense on blindagem.documents for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using (((EXISTS ( SELECT
   FROM (blindagem.expense_documents d
     JOIN blindagem.expenses e ON (((e.condominium_id = d.condominium_id) AND (e.id = d.expense_id))))
  WHERE (((d.sha256)::text = (documents.sha256)::text) AND blindagem_private.handed_in_by(e.organization_id, (d.sha256)::text)))) OR (EXISTS ( SELECT
   FROM blindagem.document_uploads u
  WHERE ((u.sha256)::text = (documents.sha256)::text)))));
create policy worker on blindagem.documents for all to blindagem_worker using (true) with check (true);
grant select on blindagem.documents to blindagem_admin;
grant select on blindagem.documents to blindagem_auditor;
grant select on blindagem.documents to blindagem_integrator;
grant select on blindagem.documents to blindagem_reviewer;
grant select on blindagem.documents to blindagem_sindico;
grant insert, select on blindagem.documents to blindagem_worker;
comment on table blindagem.documents is 'A receipt, invoice or boleto, by the SHA-256 of its bytes.';
comment on column blindagem.documents.erased_at is 'When its bytes were erased (LGPD); whoever hands the same bytes in again stores them again.';

create table blindagem.erasures (
  id bigint generated always as identity not null,
  organization_id bigint not null,
  requested_by bigint,
  requested_at timestamp with time zone not null default clock_timestamp(),
  reason text not null,
  subject text not null,
  counts jsonb not null,
  kept jsonb not null,
  targets jsonb not null,
  record_ids bigint[] not null,
  documents text[] not null,
  person_id bigint
);
alter table blindagem.erasures owner to blindagem_owner;
alter table blindagem.erasures add constraint erasures_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.erasures add constraint erasures_person_id_fkey FOREIGN KEY (person_id) REFERENCES blindagem.people(id);
alter table blindagem.erasures add constraint erasures_pkey PRIMARY KEY (id);
alter table blindagem.erasures add constraint erasures_reason_check CHECK ((length(btrim(reason)) >= 3));
alter table blindagem.erasures add constraint erasures_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES blindagem.people(id);
alter table blindagem.erasures add constraint erasures_subject_check CHECK ((subject = ANY (ARRAY['PAYEE'::text, 'PERSON'::text])));
CREATE INDEX erasures_organization ON blindagem.erasures USING btree (organization_id, id);
CREATE INDEX erasures_person ON blindagem.erasures USING btree (person_id);
CREATE INDEX erasures_requested_by ON blindagem.erasures USING btree (requested_by);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.erasures REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_erasures();
alter table blindagem.erasures enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.erasures REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_erasures();
alter table blindagem.erasures enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.erasures FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.erasures enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.erasures REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_erasures();
alter table blindagem.erasures enable always trigger audit_update;
CREATE TRIGGER guard_change BEFORE DELETE OR UPDATE ON blindagem.erasures FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem.erasures enable always trigger guard_change;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem.erasures FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem.erasures enable always trigger guard_truncate;
alter table blindagem.erasures enable row level security;
create policy comparison on blindagem.erasures for select to blindagem_sealer using (true);
create policy scope on blindagem.erasures for select to blindagem_admin, blindagem_auditor using ((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
grant select on blindagem.erasures to blindagem_admin;
grant select on blindagem.erasures to blindagem_auditor;
grant select on blindagem.erasures to blindagem_sealer;
comment on table blindagem.erasures is '@behavior -totalCount
Erasures of personal data (LGPD): who asked for what, and what is gone; never the values.';
comment on column blindagem.erasures.subject is 'Someone who was paid (PAYEE), or who used the platform (PERSON).';
comment on column blindagem.erasures.counts is 'How many rows of each table lost their values, and how many documents their bytes.';
comment on column blindagem.erasures.kept is 'What stays and why: [{what, count, why, until}].';
comment on column blindagem.erasures.targets is 'The rows [{table, id}], id as the audit log has it.';
comment on column blindagem.erasures.record_ids is 'The records of the audit log whose values are gone, beside those of this erasure.';
comment on column blindagem.erasures.documents is 'SHA-256 of the documents whose bytes are removed.';

create table blindagem.expense_batches (
  id bigint generated always as identity not null,
  organization_id bigint not null,
  parent_id bigint,
  idempotency_key text,
  content_hash blindagem.sha256 not null,
  submitted_by bigint not null,
  submitted_through bigint,
  submitted_at timestamp with time zone not null default now(),
  row_count integer not null,
  refused_rows jsonb not null default '[]'::jsonb
);
alter table blindagem.expense_batches owner to blindagem_owner;
alter table blindagem.expense_batches add constraint expense_batches_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 200)));
alter table blindagem.expense_batches add constraint expense_batches_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.expense_batches add constraint expense_batches_organization_id_idempotency_key_key UNIQUE (organization_id, idempotency_key);
alter table blindagem.expense_batches add constraint expense_batches_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES blindagem.expense_batches(id);
alter table blindagem.expense_batches add constraint expense_batches_pkey PRIMARY KEY (id);
alter table blindagem.expense_batches add constraint expense_batches_row_count_check CHECK (((row_count >= 0) AND (row_count <= 10000)));
alter table blindagem.expense_batches add constraint expense_batches_submitted_by_fkey FOREIGN KEY (submitted_by) REFERENCES blindagem.people(id);
alter table blindagem.expense_batches add constraint expense_batches_submitted_through_fkey FOREIGN KEY (submitted_through) REFERENCES blindagem.api_keys(id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.expense_batches REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_expense_batches();
alter table blindagem.expense_batches enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.expense_batches REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_expense_batches();
alter table blindagem.expense_batches enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.expense_batches FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.expense_batches enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.expense_batches REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_expense_batches();
alter table blindagem.expense_batches enable always trigger audit_update;
CREATE TRIGGER batch_keys BEFORE UPDATE OF id, organization_id, submitted_by ON blindagem.expense_batches FOR EACH ROW WHEN ((((old.id IS DISTINCT FROM new.id) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.submitted_by IS DISTINCT FROM new.submitted_by))) EXECUTE FUNCTION blindagem_private.refuse_key_change();
CREATE TRIGGER keep BEFORE DELETE ON blindagem.expense_batches FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.expense_batches enable always trigger keep;
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON blindagem.expense_batches FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.expense_batches enable always trigger keep_rows;
alter table blindagem.expense_batches enable row level security;
create policy comparison on blindagem.expense_batches for select to blindagem_sealer using (true);
create policy scope on blindagem.expense_batches for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
create policy sindico_batches on blindagem.expense_batches for select to blindagem_auditor, blindagem_sindico using ((EXISTS ( SELECT
   FROM blindagem.expenses e
  WHERE (e.batch_id = expense_batches.id))));
create policy worker on blindagem.expense_batches for all to blindagem_worker using (true) with check (true);
grant select on blindagem.expense_batches to blindagem_admin;
grant select on blindagem.expense_batches to blindagem_auditor;
grant select on blindagem.expense_batches to blindagem_integrator;
grant select on blindagem.expense_batches to blindagem_reviewer;
grant select on blindagem.expense_batches to blindagem_sealer;
grant select on blindagem.expense_batches to blindagem_sindico;
grant select on blindagem.expense_batches to blindagem_worker;
comment on table blindagem.expense_batches is 'A batch as it was handed in.';
comment on column blindagem.expense_batches.parent_id is 'The first part, when a large file was handed in as several batches.';
comment on column blindagem.expense_batches.content_hash is 'Digest of the rows: the same idempotency key with another content is refused.';
comment on column blindagem.expense_batches.refused_rows is 'With onError acceptValid: the rows that were not stored, with their errors.';

create table blindagem.expense_documents (
  condominium_id bigint not null,
  expense_id bigint not null,
  "position" integer not null,
  sha256 blindagem.sha256,
  file_name text
);
alter table blindagem.expense_documents owner to blindagem_owner;
alter table blindagem.expense_documents add constraint expense_documents_check CHECK ((num_nonnulls(sha256, file_name) >= 1));
alter table blindagem.expense_documents add constraint expense_documents_condominium_id_expense_id_fkey FOREIGN KEY (condominium_id, expense_id) REFERENCES blindagem.expenses(condominium_id, id);
alter table blindagem.expense_documents add constraint expense_documents_pkey PRIMARY KEY (condominium_id, expense_id, "position");
CREATE INDEX expense_documents_missing ON blindagem.expense_documents USING btree (file_name) WHERE (sha256 IS NULL);
CREATE INDEX expense_documents_sha256 ON blindagem.expense_documents USING btree (sha256);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.expense_documents REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_expense_documents();
alter table blindagem.expense_documents enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.expense_documents REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_expense_documents();
alter table blindagem.expense_documents enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.expense_documents FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.expense_documents enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.expense_documents REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_expense_documents();
alter table blindagem.expense_documents enable always trigger audit_update;
alter table blindagem.expense_documents enable row level security;
create policy comparison on blindagem.expense_documents for select to blindagem_sealer using (true);
create policy salaries on blindagem.expense_documents as restrictive for select to blindagem_auditor using ((( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR (EXISTS ( SELECT
   FROM blindagem.expenses e
  WHERE ((e.condominium_id = expense_documents.condominium_id) AND (e.id = expense_documents.expense_id))))));
create policy scope on blindagem.expense_documents for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.expense_documents for all to blindagem_worker using (true) with check (true);
grant select on blindagem.expense_documents to blindagem_admin;
grant select on blindagem.expense_documents to blindagem_auditor;
grant select on blindagem.expense_documents to blindagem_integrator;
grant select on blindagem.expense_documents to blindagem_reviewer;
grant select on blindagem.expense_documents to blindagem_sealer;
grant select on blindagem.expense_documents to blindagem_sindico;
grant select on blindagem.expense_documents to blindagem_worker;
comment on table blindagem.expense_documents is 'The documents an expense lists, by hash or by file name; a name gets its hash when the file is handed in.';

create table blindagem.expenses (
  condominium_id bigint not null,
  id bigint generated always as identity not null,
  organization_id bigint not null,
  batch_id bigint not null,
  external_id text not null,
  category text not null,
  sensitivity text not null default 'ORDINARY'::text,
  document_kind text not null,
  document_number text,
  issue_date date,
  competence date not null,
  gross_amount blindagem.amount not null,
  payee_kind text not null,
  payee_document text,
  payee_name text,
  payee_pix_key text,
  due_date date not null,
  instalment_number integer,
  instalment_total integer,
  description text,
  submitted_by bigint not null,
  submitted_at timestamp with time zone not null default now(),
  fact_deadline timestamp with time zone not null,
  status text not null default 'PENDING'::text,
  status_reasons jsonb not null default '[]'::jsonb,
  second_approval text,
  decided_at timestamp with time zone,
  payment_status text not null default 'UNPAID'::text,
  facts_hash blindagem.sha256
);
alter table blindagem.expenses owner to blindagem_owner;
alter table blindagem.expenses add constraint expenses_competence_check CHECK ((EXTRACT(day FROM competence) = (1)::numeric));
alter table blindagem.expenses add constraint expenses_description_check CHECK ((length(description) <= 500));
alter table blindagem.expenses add constraint expenses_document_kind_check CHECK ((document_kind = ANY (ARRAY['NFE'::text, 'NFSE'::text, 'NFCE'::text, 'BOLETO'::text, 'UTILITY_BILL'::text, 'RPA'::text, 'TAX_SLIP'::text, 'PAYROLL'::text, 'RECEIPT'::text, 'CREDIT_NOTE'::text])));
alter table blindagem.expenses add constraint expenses_document_number_check CHECK (((length(document_number) >= 1) AND (length(document_number) <= 60)));
alter table blindagem.expenses add constraint expenses_external_id UNIQUE (organization_id, external_id);
alter table blindagem.expenses add constraint expenses_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 100)));
alter table blindagem.expenses add constraint expenses_gross_amount_check CHECK (((gross_amount)::numeric > (0)::numeric));
alter table blindagem.expenses add constraint expenses_instalment CHECK (((num_nonnulls(instalment_number, instalment_total) = ANY (ARRAY[0, 2])) AND ((instalment_number IS NULL) OR (((instalment_number >= 1) AND (instalment_number <= instalment_total)) AND (instalment_total <= 999)))));
alter table blindagem.expenses add constraint expenses_payee CHECK (
CASE payee_kind
    WHEN 'CNPJ'::text THEN ((payee_document IS NOT NULL) AND blindagem_private.is_cnpj(payee_document))
    WHEN 'CPF'::text THEN ((payee_document IS NOT NULL) AND blindagem_private.is_cpf(payee_document))
    ELSE (payee_document IS NULL)
END);
alter table blindagem.expenses add constraint expenses_payee_kind_check CHECK ((payee_kind = ANY (ARRAY['CNPJ'::text, 'CPF'::text, 'NONE'::text])));
alter table blindagem.expenses add constraint expenses_payee_name_check CHECK (((length(payee_name) >= 1) AND (length(payee_name) <= 200)));
alter table blindagem.expenses add constraint expenses_payee_pix_key_check CHECK (((length(payee_pix_key) >= 1) AND (length(payee_pix_key) <= 100)));
alter table blindagem.expenses add constraint expenses_payment_status_check CHECK ((payment_status = ANY (ARRAY['UNPAID'::text, 'PARTIALLY_PAID'::text, 'PAID'::text, 'PARTIALLY_REFUNDED'::text, 'REFUNDED'::text])));
alter table blindagem.expenses add constraint expenses_pkey PRIMARY KEY (condominium_id, id);
alter table blindagem.expenses add constraint expenses_second_approval_check CHECK ((second_approval = ANY (ARRAY['SECOND_APPROVER'::text, 'CONDOMINIUM'::text])));
alter table blindagem.expenses add constraint expenses_sensitivity_check CHECK ((sensitivity = ANY (ARRAY['ORDINARY'::text, 'SALARY'::text])));
alter table blindagem.expenses add constraint expenses_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'APPROVED'::text, 'REJECTED'::text, 'MANUAL_REVIEW'::text, 'AWAITING_SECOND_APPROVAL'::text, 'CANCELLED'::text])));
CREATE UNIQUE INDEX expenses_id ON blindagem.expenses USING btree (id);
CREATE INDEX expenses_of_batch ON blindagem.expenses USING btree (batch_id);
CREATE INDEX expenses_of_payee ON blindagem.expenses USING btree (payee_document, condominium_id);
CREATE INDEX expenses_same_document ON blindagem.expenses USING btree (condominium_id, document_kind, document_number) WHERE (document_number IS NOT NULL);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.expenses REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_expenses();
alter table blindagem.expenses enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.expenses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_expenses();
alter table blindagem.expenses enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.expenses FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.expenses enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.expenses REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_expenses();
alter table blindagem.expenses enable always trigger audit_update;
CREATE TRIGGER expense_keys BEFORE UPDATE OF condominium_id, id, organization_id, external_id, batch_id, submitted_by, category, document_kind, gross_amount ON blindagem.expenses FOR EACH ROW WHEN ((((((((((old.condominium_id IS DISTINCT FROM new.condominium_id) OR (old.id IS DISTINCT FROM new.id)) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.external_id IS DISTINCT FROM new.external_id)) OR (old.batch_id IS DISTINCT FROM new.batch_id)) OR (old.submitted_by IS DISTINCT FROM new.submitted_by)) OR (old.category IS DISTINCT FROM new.category)) OR (old.document_kind IS DISTINCT FROM new.document_kind)) OR ((old.gross_amount)::numeric IS DISTINCT FROM (new.gross_amount)::numeric))) EXECUTE FUNCTION blindagem_private.refuse_key_change();
CREATE TRIGGER expense_parents AFTER INSERT ON blindagem.expenses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.check_expense_parents();
CREATE TRIGGER expense_transition AFTER UPDATE ON blindagem.expenses REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.change_expense_status();
CREATE TRIGGER keep BEFORE DELETE ON blindagem.expenses FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.expenses enable always trigger keep;
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON blindagem.expenses FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.expenses enable always trigger keep_rows;
CREATE TRIGGER reconcile_dropped AFTER UPDATE ON blindagem.expenses REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.reconcile_dropped_expenses();
CREATE TRIGGER undecided AFTER INSERT ON blindagem.expenses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.note_undecided_expenses();
alter table blindagem.expenses enable row level security;
create policy audit on blindagem.expenses for select to blindagem_audit_owner using (true);
create policy comparison on blindagem.expenses for select to blindagem_sealer using (true);
create policy salaries on blindagem.expenses as restrictive for select to blindagem_auditor using (((sensitivity <> 'SALARY'::text) OR ( SELECT blindagem_private.sees_salaries() AS sees_salaries)));
create policy scope on blindagem.expenses for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.expenses for all to blindagem_worker using (true) with check (true);
grant select on blindagem.expenses to blindagem_admin;
grant select (condominium_id, id, sensitivity) on blindagem.expenses to blindagem_audit_owner;
grant select on blindagem.expenses to blindagem_auditor;
grant select on blindagem.expenses to blindagem_integrator;
grant select on blindagem.expenses to blindagem_reviewer;
grant select on blindagem.expenses to blindagem_sealer;
grant select on blindagem.expenses to blindagem_sindico;
grant select on blindagem.expenses to blindagem_worker;
grant update (status, status_reasons, second_approval, decided_at, payment_status, facts_hash) on blindagem.expenses to blindagem_worker;
comment on table blindagem.expenses is '@unique id
@foreignKey (condominium_id) references blindagem.condominiums (id)
@foreignKey (organization_id) references blindagem.organizations (id)
@foreignKey (batch_id) references blindagem.expense_batches (id)|@fieldName batch|@foreignFieldName expenses
@foreignKey (submitted_by) references blindagem.people (id)|@fieldName submitter|@foreignFieldName submittedExpenses
@foreignKey (category) references blindagem.categories (code)|@fieldName categoryDetails|@foreignFieldName expenses
An obligation of a condominium: what it owes, to whom, for which document.';
comment on column blindagem.expenses.organization_id is 'The administradora that handed it in; the row stays the condominium''s when the administradora changes.';
comment on column blindagem.expenses.competence is 'First day of the month the expense belongs to.';
comment on column blindagem.expenses.fact_deadline is 'When a fact that is still missing sends the expense to a person.';
comment on column blindagem.expenses.status is 'Whether it may be paid. Waiting is derived: PENDING plus a missing fact.';
comment on column blindagem.expenses.second_approval is 'Who must approve besides (alçada); it stands whatever the status, so that a reviewer''s yes does not skip it.';
comment on column blindagem.expenses.payment_status is 'Derived from the payments and refunds of its payables.';
comment on column blindagem.expenses.facts_hash is 'Digest of the facts on which the machine''s decision rests; the audit log has it with the change of status.';

create table blindagem.grants (
  id bigint generated always as identity not null,
  person_id bigint not null,
  role text not null,
  organization_id bigint,
  condominium_id bigint,
  block text,
  valid_from date not null default blindagem_private.today(),
  valid_to date
);
alter table blindagem.grants owner to blindagem_owner;
alter table blindagem.grants add constraint grants_check1 CHECK ((num_nonnulls(organization_id, condominium_id) =
CASE role
    WHEN 'operator'::text THEN 0
    ELSE 1
END));
alter table blindagem.grants add constraint grants_check2 CHECK (((block IS NULL) OR (condominium_id IS NOT NULL)));
alter table blindagem.grants add constraint grants_check3 CHECK (((role <> 'sindico'::text) OR (condominium_id IS NOT NULL)));
alter table blindagem.grants add constraint grants_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.grants add constraint grants_dates CHECK ((valid_to >= valid_from));
alter table blindagem.grants add constraint grants_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.grants add constraint grants_person_id_fkey FOREIGN KEY (person_id) REFERENCES blindagem.people(id);
alter table blindagem.grants add constraint grants_pkey PRIMARY KEY (id);
alter table blindagem.grants add constraint grants_role_check CHECK ((role = ANY (ARRAY['sindico'::text, 'auditor'::text, 'operator'::text])));
CREATE INDEX grants_person ON blindagem.grants USING btree (person_id, role);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.grants REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_grants();
alter table blindagem.grants enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.grants REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_grants();
alter table blindagem.grants enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.grants FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.grants enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.grants REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_grants();
alter table blindagem.grants enable always trigger audit_update;
alter table blindagem.grants enable row level security;
create policy comparison on blindagem.grants for select to blindagem_sealer using (true);
create policy given on blindagem.grants for select to blindagem_admin using (((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])) OR (condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[]))));
create policy own on blindagem.grants for select to blindagem_auditor, blindagem_operator, blindagem_sindico using ((person_id = ( SELECT blindagem_private.current_person_id() AS current_person_id)));
create policy worker on blindagem.grants for select to blindagem_worker using (true);
grant select on blindagem.grants to blindagem_admin;
grant select on blindagem.grants to blindagem_auditor;
grant select on blindagem.grants to blindagem_operator;
grant select on blindagem.grants to blindagem_sealer;
grant select on blindagem.grants to blindagem_sindico;
grant select on blindagem.grants to blindagem_worker;
comment on table blindagem.grants is 'A role in a scope (organization, condominium, block) from a date to a date: síndicos, external auditors, the conselho fiscal (an auditor of one condominium), operators (no scope).';

create table blindagem.job_interventions (
  id bigint generated always as identity not null,
  action text not null,
  reason text not null,
  job_ids bigint[],
  filter jsonb,
  run_at timestamp with time zone,
  requested_by bigint,
  requested_at timestamp with time zone not null default clock_timestamp(),
  matched integer not null,
  changed integer not null default 0,
  next_job_id bigint,
  last_job_id bigint,
  finished_at timestamp with time zone
);
alter table blindagem.job_interventions owner to blindagem_owner;
alter table blindagem.job_interventions add constraint job_interventions_action_check CHECK ((action = ANY (ARRAY['RETRY'::text, 'CANCEL'::text, 'RESCHEDULE'::text])));
alter table blindagem.job_interventions add constraint job_interventions_check CHECK (((job_ids IS NULL) <> (filter IS NULL)));
alter table blindagem.job_interventions add constraint job_interventions_check1 CHECK (((action = 'RESCHEDULE'::text) = (run_at IS NOT NULL)));
alter table blindagem.job_interventions add constraint job_interventions_pkey PRIMARY KEY (id);
alter table blindagem.job_interventions add constraint job_interventions_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES blindagem.people(id);
CREATE INDEX job_interventions_of_person ON blindagem.job_interventions USING btree (requested_by);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.job_interventions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_job_interventions();
alter table blindagem.job_interventions enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.job_interventions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_job_interventions();
alter table blindagem.job_interventions enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.job_interventions FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.job_interventions enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.job_interventions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_job_interventions();
alter table blindagem.job_interventions enable always trigger audit_update;
alter table blindagem.job_interventions enable row level security;
create policy comparison on blindagem.job_interventions for select to blindagem_sealer using (true);
create policy operator on blindagem.job_interventions for select to blindagem_operator using (true);
create policy worker on blindagem.job_interventions for select to blindagem_worker using (true);
grant select on blindagem.job_interventions to blindagem_operator;
grant select on blindagem.job_interventions to blindagem_sealer;
grant select on blindagem.job_interventions to blindagem_worker;
comment on table blindagem.job_interventions is 'What operators did to jobs: which, why, and how many were changed. A large one is done by a job, chunk by chunk.';
comment on column blindagem.job_interventions.next_job_id is 'Where the next chunk begins; jobs are gone through once, by number.';
comment on column blindagem.job_interventions.last_job_id is 'The newest job when it was asked for: later ones are not meant.';

create table blindagem.managements (
  id bigint generated always as identity not null,
  organization_id bigint not null,
  condominium_id bigint not null,
  code text not null,
  valid_from date not null,
  valid_to date
);
alter table blindagem.managements owner to blindagem_owner;
alter table blindagem.managements add constraint managements_check CHECK ((valid_to > valid_from));
alter table blindagem.managements add constraint managements_code_check CHECK (((length(code) >= 1) AND (length(code) <= 60)));
alter table blindagem.managements add constraint managements_code_of_organization EXCLUDE USING gist (organization_id WITH =, code WITH =, daterange(valid_from, valid_to) WITH &&);
alter table blindagem.managements add constraint managements_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.managements add constraint managements_one_at_a_time EXCLUDE USING gist (condominium_id WITH =, daterange(valid_from, valid_to) WITH &&);
alter table blindagem.managements add constraint managements_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.managements add constraint managements_pkey PRIMARY KEY (id);
CREATE INDEX managements_of_organization ON blindagem.managements USING btree (organization_id, condominium_id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.managements REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_managements();
alter table blindagem.managements enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.managements REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_managements();
alter table blindagem.managements enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.managements FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.managements enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.managements REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_managements();
alter table blindagem.managements enable always trigger audit_update;
alter table blindagem.managements enable row level security;
create policy comparison on blindagem.managements for select to blindagem_sealer using (true);
create policy scope on blindagem.managements for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.managements for all to blindagem_worker using (true) with check (true);
grant select on blindagem.managements to blindagem_admin;
grant select on blindagem.managements to blindagem_auditor;
grant select on blindagem.managements to blindagem_integrator;
grant select on blindagem.managements to blindagem_reviewer;
grant select on blindagem.managements to blindagem_sealer;
grant select on blindagem.managements to blindagem_sindico;
grant select on blindagem.managements to blindagem_worker;
comment on table blindagem.managements is 'Which administradora manages a condominium, from a date to a date. One at a time.';
comment on column blindagem.managements.code is 'The administradora''s own code for the condominium, as its batches write it.';

create table blindagem.members (
  id bigint generated always as identity not null,
  organization_id bigint not null,
  person_id bigint not null,
  role text not null,
  valid_from date not null default blindagem_private.today(),
  valid_to date
);
alter table blindagem.members owner to blindagem_owner;
alter table blindagem.members add constraint members_dates CHECK ((valid_to >= valid_from));
alter table blindagem.members add constraint members_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.members add constraint members_organization_id_person_id_role_daterange_excl EXCLUDE USING gist (organization_id WITH =, person_id WITH =, role WITH =, daterange(valid_from, valid_to) WITH &&);
alter table blindagem.members add constraint members_person_id_fkey FOREIGN KEY (person_id) REFERENCES blindagem.people(id);
alter table blindagem.members add constraint members_pkey PRIMARY KEY (id);
alter table blindagem.members add constraint members_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'reviewer'::text, 'integrator'::text])));
CREATE INDEX members_person ON blindagem.members USING btree (person_id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.members REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_members();
alter table blindagem.members enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.members REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_members();
alter table blindagem.members enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.members FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.members enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.members REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_members();
alter table blindagem.members enable always trigger audit_update;
alter table blindagem.members enable row level security;
create policy comparison on blindagem.members for select to blindagem_sealer using (true);
create policy scope on blindagem.members for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
create policy worker on blindagem.members for all to blindagem_worker using (true) with check (true);
grant select on blindagem.members to blindagem_admin;
grant select on blindagem.members to blindagem_auditor;
grant select on blindagem.members to blindagem_integrator;
grant select on blindagem.members to blindagem_reviewer;
grant select on blindagem.members to blindagem_sealer;
grant select on blindagem.members to blindagem_sindico;
grant select on blindagem.members to blindagem_worker;
comment on table blindagem.members is 'A person''s role in an organization, from a date to a date (valid_to is the first day without it).';

create table blindagem.movement_verdicts (
  condominium_id bigint not null,
  transaction_id bigint not null,
  verdict text not null,
  reversed_credit_id bigint,
  reasons jsonb not null default '[]'::jsonb
);
alter table blindagem.movement_verdicts owner to blindagem_owner;
alter table blindagem.movement_verdicts add constraint movement_verdicts_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.movement_verdicts add constraint movement_verdicts_condominium_id_reversed_credit_id_fkey FOREIGN KEY (condominium_id, reversed_credit_id) REFERENCES blindagem.bank_transactions(condominium_id, id);
alter table blindagem.movement_verdicts add constraint movement_verdicts_condominium_id_transaction_id_fkey FOREIGN KEY (condominium_id, transaction_id) REFERENCES blindagem.bank_transactions(condominium_id, id);
alter table blindagem.movement_verdicts add constraint movement_verdicts_pkey PRIMARY KEY (condominium_id, transaction_id);
alter table blindagem.movement_verdicts add constraint movement_verdicts_verdict_check CHECK ((verdict = ANY (ARRAY['REFUND'::text, 'SUSPENSE'::text, 'AMBIGUOUS'::text, 'INCOME_REVERSAL'::text, 'NEITHER'::text, 'INCOME'::text])));
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.movement_verdicts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_movement_verdicts();
alter table blindagem.movement_verdicts enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.movement_verdicts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_movement_verdicts();
alter table blindagem.movement_verdicts enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.movement_verdicts FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.movement_verdicts enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.movement_verdicts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_movement_verdicts();
alter table blindagem.movement_verdicts enable always trigger audit_update;
alter table blindagem.movement_verdicts enable row level security;
create policy comparison on blindagem.movement_verdicts for select to blindagem_sealer using (true);
create policy salaries on blindagem.movement_verdicts as restrictive for select to blindagem_auditor using ((( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR (NOT blindagem_private.is_salary_movement(condominium_id, transaction_id))));
create policy scope on blindagem.movement_verdicts for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.movement_verdicts for all to blindagem_worker using (true) with check (true);
grant select on blindagem.movement_verdicts to blindagem_admin;
grant select on blindagem.movement_verdicts to blindagem_auditor;
grant select on blindagem.movement_verdicts to blindagem_integrator;
grant select on blindagem.movement_verdicts to blindagem_reviewer;
grant select on blindagem.movement_verdicts to blindagem_sealer;
grant select on blindagem.movement_verdicts to blindagem_sindico;
grant delete, insert, select, update on blindagem.movement_verdicts to blindagem_worker;
comment on table blindagem.movement_verdicts is 'What a movement is, when it is not a plain debit. Only INCOME counts as income: a refund, an ambiguous or an orphan one (SUSPENSE), a sweep (NEITHER) never does.';

create table blindagem.organization_weights (
  organization_id bigint not null,
  weight numeric(5,2) not null
);
alter table blindagem.organization_weights owner to blindagem_owner;
alter table blindagem.organization_weights add constraint organization_weights_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.organization_weights add constraint organization_weights_pkey PRIMARY KEY (organization_id);
alter table blindagem.organization_weights add constraint organization_weights_weight_check CHECK (((weight > (0)::numeric) AND (weight <= (100)::numeric)));
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.organization_weights REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_organization_weights();
alter table blindagem.organization_weights enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.organization_weights REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_organization_weights();
alter table blindagem.organization_weights enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.organization_weights FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.organization_weights enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.organization_weights REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_organization_weights();
alter table blindagem.organization_weights enable always trigger audit_update;
alter table blindagem.organization_weights enable row level security;
create policy comparison on blindagem.organization_weights for select to blindagem_sealer using (true);
create policy operator on blindagem.organization_weights for select to blindagem_operator using (true);
create policy queue on blindagem.organization_weights for select to blindagem_queue using (true);
grant select on blindagem.organization_weights to blindagem_operator;
grant select on blindagem.organization_weights to blindagem_queue;
grant select on blindagem.organization_weights to blindagem_sealer;
comment on table blindagem.organization_weights is 'How much of the workers an administradora gets beside others that have work waiting, in relation to their weights. What is not set is 1.';

create table blindagem.organizations (
  id bigint generated always as identity not null,
  name text not null,
  cnpj blindagem.cnpj,
  created_at timestamp with time zone not null default now()
);
alter table blindagem.organizations owner to blindagem_owner;
alter table blindagem.organizations add constraint organizations_cnpj_key UNIQUE (cnpj);
alter table blindagem.organizations add constraint organizations_name_check CHECK (((length(btrim(name)) >= 2) AND (length(btrim(name)) <= 200)));
alter table blindagem.organizations add constraint organizations_pkey PRIMARY KEY (id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.organizations REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_organizations();
alter table blindagem.organizations enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.organizations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_organizations();
alter table blindagem.organizations enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.organizations FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.organizations enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.organizations REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_organizations();
alter table blindagem.organizations enable always trigger audit_update;
CREATE TRIGGER keep BEFORE DELETE ON blindagem.organizations FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.organizations enable always trigger keep;
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON blindagem.organizations FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.organizations enable always trigger keep_rows;
CREATE TRIGGER virtual_finishes AFTER INSERT ON blindagem.organizations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.open_virtual_finishes();
alter table blindagem.organizations enable row level security;
create policy comparison on blindagem.organizations for select to blindagem_sealer using (true);
create policy operator on blindagem.organizations for select to blindagem_operator using (true);
create policy scope on blindagem.organizations for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
create policy worker on blindagem.organizations for select to blindagem_worker using (true);
grant select on blindagem.organizations to blindagem_admin;
grant select on blindagem.organizations to blindagem_auditor;
grant select on blindagem.organizations to blindagem_integrator;
grant select on blindagem.organizations to blindagem_operator;
grant select on blindagem.organizations to blindagem_reviewer;
grant select on blindagem.organizations to blindagem_sealer;
grant select on blindagem.organizations to blindagem_sindico;
grant select on blindagem.organizations to blindagem_worker;
comment on table blindagem.organizations is 'An administradora: the platform''s customer.';

create table blindagem.payables (
  condominium_id bigint not null,
  id bigint generated always as identity not null,
  expense_id bigint not null,
  kind text not null,
  retention text,
  payee_document text,
  payee_name text,
  amount blindagem.amount not null,
  due_date date not null,
  payment_status text not null default 'UNPAID'::text
);
alter table blindagem.payables owner to blindagem_owner;
alter table blindagem.payables add constraint payables_check CHECK (((kind = 'RETENTION'::text) = (retention IS NOT NULL)));
alter table blindagem.payables add constraint payables_check1 CHECK (
CASE kind
    WHEN 'CREDIT_NOTE'::text THEN ((amount)::numeric < (0)::numeric)
    ELSE ((amount)::numeric > (0)::numeric)
END);
alter table blindagem.payables add constraint payables_kind_check CHECK ((kind = ANY (ARRAY['SUPPLIER'::text, 'RETENTION'::text, 'CREDIT_NOTE'::text])));
alter table blindagem.payables add constraint payables_payment_status_check CHECK ((payment_status = ANY (ARRAY['UNPAID'::text, 'PARTIALLY_PAID'::text, 'PAID'::text, 'PARTIALLY_REFUNDED'::text, 'REFUNDED'::text])));
alter table blindagem.payables add constraint payables_pkey PRIMARY KEY (condominium_id, id);
alter table blindagem.payables add constraint payables_retention_check CHECK ((retention = ANY (ARRAY['INSS'::text, 'CSRF'::text, 'ISS'::text, 'IRRF'::text])));
CREATE INDEX payables_of_expense ON blindagem.payables USING btree (condominium_id, expense_id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.payables REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_payables();
alter table blindagem.payables enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.payables REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_payables();
alter table blindagem.payables enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.payables FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.payables enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.payables REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_payables();
alter table blindagem.payables enable always trigger audit_update;
CREATE TRIGGER keep BEFORE DELETE ON blindagem.payables FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.payables enable always trigger keep;
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON blindagem.payables FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.payables enable always trigger keep_rows;
CREATE TRIGGER payables_sum_on_insert AFTER INSERT ON blindagem.payables REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.check_payables_sum();
CREATE TRIGGER payables_sum_on_update AFTER UPDATE ON blindagem.payables REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.check_payables_sum();
alter table blindagem.payables enable row level security;
create policy audit on blindagem.payables for select to blindagem_audit_owner using (true);
create policy comparison on blindagem.payables for select to blindagem_sealer using (true);
create policy salaries on blindagem.payables as restrictive for select to blindagem_auditor using ((( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR (EXISTS ( SELECT
   FROM blindagem.expenses e
  WHERE ((e.condominium_id = payables.condominium_id) AND (e.id = payables.expense_id))))));
create policy scope on blindagem.payables for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.payables for all to blindagem_worker using (true) with check (true);
grant select on blindagem.payables to blindagem_admin;
grant select (condominium_id, id, expense_id) on blindagem.payables to blindagem_audit_owner;
grant select on blindagem.payables to blindagem_auditor;
grant select on blindagem.payables to blindagem_integrator;
grant select on blindagem.payables to blindagem_reviewer;
grant select on blindagem.payables to blindagem_sealer;
grant select on blindagem.payables to blindagem_sindico;
grant select on blindagem.payables to blindagem_worker;
grant update (payment_status) on blindagem.payables to blindagem_worker;
comment on table blindagem.payables is '@foreignKey (condominium_id, expense_id) references blindagem.expenses (condominium_id, id)|@fieldName expense|@foreignFieldName payables
What is to be paid for an expense: the supplier''s net, each retained tax; a credit note as a negative. Their sum is the gross.';

create table blindagem.payee_accounts (
  id bigint generated always as identity not null,
  condominium_id bigint not null,
  payee_document text not null,
  pix_key text not null,
  first_seen_on date not null,
  last_seen_on date not null
);
alter table blindagem.payee_accounts owner to blindagem_owner;
alter table blindagem.payee_accounts add constraint payee_accounts_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.payee_accounts add constraint payee_accounts_condominium_id_payee_document_pix_key_key UNIQUE (condominium_id, payee_document, pix_key);
alter table blindagem.payee_accounts add constraint payee_accounts_pix_key_check CHECK (((length(pix_key) >= 1) AND (length(pix_key) <= 100)));
alter table blindagem.payee_accounts add constraint payee_accounts_pkey PRIMARY KEY (id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.payee_accounts REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_payee_accounts();
alter table blindagem.payee_accounts enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.payee_accounts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_payee_accounts();
alter table blindagem.payee_accounts enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.payee_accounts FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.payee_accounts enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.payee_accounts REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_payee_accounts();
alter table blindagem.payee_accounts enable always trigger audit_update;
alter table blindagem.payee_accounts enable row level security;
create policy comparison on blindagem.payee_accounts for select to blindagem_sealer using (true);
create policy scope on blindagem.payee_accounts for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.payee_accounts for all to blindagem_worker using (true) with check (true);
grant select on blindagem.payee_accounts to blindagem_admin;
grant select on blindagem.payee_accounts to blindagem_auditor;
grant select on blindagem.payee_accounts to blindagem_integrator;
grant select on blindagem.payee_accounts to blindagem_reviewer;
grant select on blindagem.payee_accounts to blindagem_sealer;
grant select on blindagem.payee_accounts to blindagem_sindico;
grant select on blindagem.payee_accounts to blindagem_worker;
comment on table blindagem.payee_accounts is 'The Pix keys under which a payee was to be paid, per condominium, with history: a new one is a warning.';

create table blindagem.payments (
  condominium_id bigint not null,
  payable_id bigint not null,
  transaction_id bigint not null,
  amount blindagem.amount not null,
  confidence numeric(5,4) not null,
  reasons jsonb not null,
  decided_by bigint,
  created_at timestamp with time zone not null default now()
);
alter table blindagem.payments owner to blindagem_owner;
alter table blindagem.payments add constraint payments_amount_check CHECK (((amount)::numeric <> (0)::numeric));
alter table blindagem.payments add constraint payments_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.payments add constraint payments_condominium_id_payable_id_fkey FOREIGN KEY (condominium_id, payable_id) REFERENCES blindagem.payables(condominium_id, id);
alter table blindagem.payments add constraint payments_condominium_id_transaction_id_fkey FOREIGN KEY (condominium_id, transaction_id) REFERENCES blindagem.bank_transactions(condominium_id, id);
alter table blindagem.payments add constraint payments_confidence_check CHECK (((confidence >= (0)::numeric) AND (confidence <= (1)::numeric)));
alter table blindagem.payments add constraint payments_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES blindagem.people(id);
alter table blindagem.payments add constraint payments_pkey PRIMARY KEY (condominium_id, payable_id, transaction_id);
CREATE INDEX payments_of_transaction ON blindagem.payments USING btree (condominium_id, transaction_id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.payments REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_payments();
alter table blindagem.payments enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.payments REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_payments();
alter table blindagem.payments enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.payments FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.payments enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.payments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_payments();
alter table blindagem.payments enable always trigger audit_update;
CREATE TRIGGER payments_conserve_on_delete AFTER DELETE ON blindagem.payments REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.check_payment_conserves();
CREATE TRIGGER payments_conserve_on_insert AFTER INSERT ON blindagem.payments REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.check_payment_conserves();
CREATE TRIGGER payments_conserve_on_update AFTER UPDATE ON blindagem.payments REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.check_payment_conserves();
alter table blindagem.payments enable row level security;
create policy comparison on blindagem.payments for select to blindagem_sealer using (true);
create policy salaries on blindagem.payments as restrictive for select to blindagem_auditor using ((( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR (EXISTS ( SELECT
   FROM blindagem.payables p
  WHERE ((p.condominium_id = payments.condominium_id) AND (p.id = payments.payable_id))))));
create policy scope on blindagem.payments for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.payments for all to blindagem_worker using (true) with check (true);
grant select on blindagem.payments to blindagem_admin;
grant select on blindagem.payments to blindagem_auditor;
grant select on blindagem.payments to blindagem_integrator;
grant select on blindagem.payments to blindagem_reviewer;
grant select on blindagem.payments to blindagem_sealer;
grant select on blindagem.payments to blindagem_sindico;
grant delete, insert, select, update on blindagem.payments to blindagem_worker;
comment on table blindagem.payments is 'Edge: this debit pays this payable, with the amount and why.';
comment on column blindagem.payments.amount is 'Of the sign of its payable: a credit note''s is negative, so that a debit''s edges add up to what it paid.';
comment on column blindagem.payments.decided_by is 'The person who decided it; no task ever changes such an edge.';

create table blindagem.people (
  id bigint generated always as identity not null,
  subject text not null,
  name text not null,
  email text,
  created_at timestamp with time zone not null default now()
);
alter table blindagem.people owner to blindagem_owner;
alter table blindagem.people add constraint people_email_check CHECK ((email ~ '^[^@\s]+@[^@\s]+$'::text));
alter table blindagem.people add constraint people_name_check CHECK (((length(btrim(name)) >= 2) AND (length(btrim(name)) <= 200)));
alter table blindagem.people add constraint people_pkey PRIMARY KEY (id);
alter table blindagem.people add constraint people_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200)));
alter table blindagem.people add constraint people_subject_key UNIQUE (subject);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.people REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_people();
alter table blindagem.people enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.people REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_people();
alter table blindagem.people enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.people FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.people enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.people REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_people();
alter table blindagem.people enable always trigger audit_update;
CREATE TRIGGER keep BEFORE DELETE ON blindagem.people FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.people enable always trigger keep;
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON blindagem.people FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem.people enable always trigger keep_rows;
alter table blindagem.people enable row level security;
create policy colleagues on blindagem.people for select to blindagem_admin, blindagem_auditor, blindagem_reviewer using ((EXISTS ( SELECT
   FROM blindagem.members m
  WHERE (m.person_id = people.id))));
create policy comparison on blindagem.people for select to blindagem_sealer using (true);
create policy grantees on blindagem.people for select to blindagem_admin using ((EXISTS ( SELECT
   FROM blindagem.grants g
  WHERE (g.person_id = people.id))));
create policy self on blindagem.people for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_operator, blindagem_reviewer, blindagem_sindico using ((id = ( SELECT blindagem_private.current_person_id() AS current_person_id)));
create policy worker on blindagem.people for select to blindagem_worker using (true);
grant select on blindagem.people to blindagem_admin;
grant select on blindagem.people to blindagem_auditor;
grant select on blindagem.people to blindagem_integrator;
grant select on blindagem.people to blindagem_operator;
grant select on blindagem.people to blindagem_reviewer;
grant select on blindagem.people to blindagem_sealer;
grant select on blindagem.people to blindagem_sindico;
grant select on blindagem.people to blindagem_worker;
comment on table blindagem.people is 'Someone who signs in.';
comment on column blindagem.people.subject is 'The token''s claim sub (for Supabase: the user''s uuid).';

create table blindagem.refunds (
  condominium_id bigint not null,
  credit_id bigint not null,
  debit_id bigint not null,
  amount blindagem.amount not null,
  confidence numeric(5,4) not null,
  reasons jsonb not null,
  decided_by bigint,
  created_at timestamp with time zone not null default now()
);
alter table blindagem.refunds owner to blindagem_owner;
alter table blindagem.refunds add constraint refunds_amount_check CHECK (((amount)::numeric > (0)::numeric));
alter table blindagem.refunds add constraint refunds_check CHECK ((credit_id <> debit_id));
alter table blindagem.refunds add constraint refunds_condominium_id_credit_id_fkey FOREIGN KEY (condominium_id, credit_id) REFERENCES blindagem.bank_transactions(condominium_id, id);
alter table blindagem.refunds add constraint refunds_condominium_id_debit_id_fkey FOREIGN KEY (condominium_id, debit_id) REFERENCES blindagem.bank_transactions(condominium_id, id);
alter table blindagem.refunds add constraint refunds_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.refunds add constraint refunds_confidence_check CHECK (((confidence >= (0)::numeric) AND (confidence <= (1)::numeric)));
alter table blindagem.refunds add constraint refunds_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES blindagem.people(id);
alter table blindagem.refunds add constraint refunds_pkey PRIMARY KEY (condominium_id, credit_id, debit_id);
CREATE INDEX refunds_of_debit ON blindagem.refunds USING btree (condominium_id, debit_id);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.refunds REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_refunds();
alter table blindagem.refunds enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.refunds REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_refunds();
alter table blindagem.refunds enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.refunds FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.refunds enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.refunds REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_refunds();
alter table blindagem.refunds enable always trigger audit_update;
CREATE TRIGGER refunds_conserve_on_insert AFTER INSERT ON blindagem.refunds REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.check_refund_conserves();
CREATE TRIGGER refunds_conserve_on_update AFTER UPDATE ON blindagem.refunds REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.check_refund_conserves();
alter table blindagem.refunds enable row level security;
create policy comparison on blindagem.refunds for select to blindagem_sealer using (true);
create policy salaries on blindagem.refunds as restrictive for select to blindagem_auditor using ((( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR (NOT blindagem_private.is_salary_movement(condominium_id, credit_id))));
create policy scope on blindagem.refunds for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.refunds for all to blindagem_worker using (true) with check (true);
grant select on blindagem.refunds to blindagem_admin;
grant select on blindagem.refunds to blindagem_auditor;
grant select on blindagem.refunds to blindagem_integrator;
grant select on blindagem.refunds to blindagem_reviewer;
grant select on blindagem.refunds to blindagem_sealer;
grant select on blindagem.refunds to blindagem_sindico;
grant delete, insert, select, update on blindagem.refunds to blindagem_worker;
comment on table blindagem.refunds is 'Edge: this credit gives back this debit (estorno, devolução), with the amount and why.';

create table blindagem.retentions (
  condominium_id bigint not null,
  expense_id bigint not null,
  kind text not null,
  amount blindagem.amount not null
);
alter table blindagem.retentions owner to blindagem_owner;
alter table blindagem.retentions add constraint retentions_amount_check CHECK (((amount)::numeric > (0)::numeric));
alter table blindagem.retentions add constraint retentions_condominium_id_expense_id_fkey FOREIGN KEY (condominium_id, expense_id) REFERENCES blindagem.expenses(condominium_id, id);
alter table blindagem.retentions add constraint retentions_kind_check CHECK ((kind = ANY (ARRAY['INSS'::text, 'CSRF'::text, 'ISS'::text, 'IRRF'::text])));
alter table blindagem.retentions add constraint retentions_pkey PRIMARY KEY (condominium_id, expense_id, kind);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.retentions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_retentions();
alter table blindagem.retentions enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.retentions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_retentions();
alter table blindagem.retentions enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.retentions FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.retentions enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.retentions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_retentions();
alter table blindagem.retentions enable always trigger audit_update;
alter table blindagem.retentions enable row level security;
create policy comparison on blindagem.retentions for select to blindagem_sealer using (true);
create policy salaries on blindagem.retentions as restrictive for select to blindagem_auditor using ((( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR (EXISTS ( SELECT
   FROM blindagem.expenses e
  WHERE ((e.condominium_id = retentions.condominium_id) AND (e.id = retentions.expense_id))))));
create policy scope on blindagem.retentions for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.retentions for all to blindagem_worker using (true) with check (true);
grant select on blindagem.retentions to blindagem_admin;
grant select on blindagem.retentions to blindagem_auditor;
grant select on blindagem.retentions to blindagem_integrator;
grant select on blindagem.retentions to blindagem_reviewer;
grant select on blindagem.retentions to blindagem_sealer;
grant select on blindagem.retentions to blindagem_sindico;
grant select on blindagem.retentions to blindagem_worker;
comment on table blindagem.retentions is 'Taxes retained from the supplier''s gross; each is paid by its own guia.';

create table blindagem.reviews (
  condominium_id bigint not null,
  id bigint generated always as identity not null,
  kind text not null,
  expense_id bigint,
  subject text not null,
  reasons jsonb not null,
  requires text,
  opened_at timestamp with time zone not null default now(),
  outcome text,
  resolved_by bigint,
  resolved_at timestamp with time zone,
  resolution_reason text
);
alter table blindagem.reviews owner to blindagem_owner;
alter table blindagem.reviews add constraint reviews_check CHECK (((outcome IS NULL) = (resolved_at IS NULL)));
alter table blindagem.reviews add constraint reviews_check1 CHECK (((outcome IS NULL) OR (outcome = 'SUPERSEDED'::text) OR ((resolved_by IS NOT NULL) AND (resolution_reason IS NOT NULL))));
alter table blindagem.reviews add constraint reviews_condominium_id_expense_id_fkey FOREIGN KEY (condominium_id, expense_id) REFERENCES blindagem.expenses(condominium_id, id);
alter table blindagem.reviews add constraint reviews_condominium_id_fkey FOREIGN KEY (condominium_id) REFERENCES blindagem.condominiums(id);
alter table blindagem.reviews add constraint reviews_kind_check CHECK ((kind = ANY (ARRAY['EXPENSE'::text, 'SECOND_APPROVAL'::text, 'LATE_FACT'::text, 'PAYMENT'::text, 'REFUND'::text, 'BANK'::text, 'DIVERGENCE'::text])));
alter table blindagem.reviews add constraint reviews_outcome_check CHECK ((outcome = ANY (ARRAY['APPROVED'::text, 'REJECTED'::text, 'SUPERSEDED'::text])));
alter table blindagem.reviews add constraint reviews_pkey PRIMARY KEY (condominium_id, id);
alter table blindagem.reviews add constraint reviews_requires_check CHECK ((requires = ANY (ARRAY['SECOND_APPROVER'::text, 'CONDOMINIUM'::text])));
alter table blindagem.reviews add constraint reviews_resolution_reason_check CHECK ((length(btrim(resolution_reason)) >= 3));
alter table blindagem.reviews add constraint reviews_resolved_by_fkey FOREIGN KEY (resolved_by) REFERENCES blindagem.people(id);
CREATE UNIQUE INDEX reviews_id ON blindagem.reviews USING btree (id);
CREATE INDEX reviews_of_expense ON blindagem.reviews USING btree (condominium_id, expense_id);
CREATE UNIQUE INDEX reviews_open ON blindagem.reviews USING btree (condominium_id, kind, subject) WHERE (outcome IS NULL);
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.reviews REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_reviews();
alter table blindagem.reviews enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.reviews REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_reviews();
alter table blindagem.reviews enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.reviews FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.reviews enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.reviews REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_reviews();
alter table blindagem.reviews enable always trigger audit_update;
alter table blindagem.reviews enable row level security;
create policy comparison on blindagem.reviews for select to blindagem_sealer using (true);
create policy salaries on blindagem.reviews as restrictive for select to blindagem_auditor using (((expense_id IS NULL) OR ( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR (EXISTS ( SELECT
   FROM blindagem.expenses e
  WHERE ((e.condominium_id = reviews.condominium_id) AND (e.id = reviews.expense_id))))));
create policy scope on blindagem.reviews for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])));
create policy worker on blindagem.reviews for all to blindagem_worker using (true) with check (true);
grant select on blindagem.reviews to blindagem_admin;
grant select on blindagem.reviews to blindagem_auditor;
grant select on blindagem.reviews to blindagem_integrator;
grant select on blindagem.reviews to blindagem_reviewer;
grant select on blindagem.reviews to blindagem_sealer;
grant select on blindagem.reviews to blindagem_sindico;
grant insert, select, update on blindagem.reviews to blindagem_worker;
comment on table blindagem.reviews is '@unique id
A question to a person, with its evidence. It ends by resolveReview, with a reason.';
comment on column blindagem.reviews.subject is 'What the review is about, e.g. expense:123 or transaction:9; one open review per subject and kind.';

create table blindagem.rules (
  code text not null,
  version integer not null,
  facts text[] not null,
  severity text not null,
  parameters jsonb not null default '{}'::jsonb,
  source text not null,
  valid_from date not null,
  valid_to date
);
alter table blindagem.rules owner to blindagem_owner;
alter table blindagem.rules add constraint rules_check CHECK ((valid_to > valid_from));
alter table blindagem.rules add constraint rules_code_check CHECK ((code ~ '^[A-Z_]{3,60}$'::text));
alter table blindagem.rules add constraint rules_code_daterange_excl EXCLUDE USING gist (code WITH =, daterange(valid_from, valid_to) WITH &&);
alter table blindagem.rules add constraint rules_pkey PRIMARY KEY (code, version);
alter table blindagem.rules add constraint rules_severity_check CHECK ((severity = ANY (ARRAY['BLOCK'::text, 'REVIEW'::text, 'NOTE'::text])));
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.rules REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_rules();
alter table blindagem.rules enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.rules REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_rules();
alter table blindagem.rules enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.rules FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.rules enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.rules REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_rules();
alter table blindagem.rules enable always trigger audit_update;
alter table blindagem.rules enable row level security;
create policy comparison on blindagem.rules for select to blindagem_sealer using (true);
create policy public_data on blindagem.rules for select to public using (true);
create policy worker on blindagem.rules for all to blindagem_worker using (true) with check (true);
grant select on blindagem.rules to blindagem_admin;
grant select on blindagem.rules to blindagem_auditor;
grant select on blindagem.rules to blindagem_integrator;
grant select on blindagem.rules to blindagem_operator;
grant select on blindagem.rules to blindagem_reviewer;
grant select on blindagem.rules to blindagem_sealer;
grant select on blindagem.rules to blindagem_sindico;
grant select on blindagem.rules to blindagem_worker;
comment on table blindagem.rules is 'The rules by which expenses are judged: dated, with the facts each needs, its severity, parameters and source in law.';

create table blindagem.settings (
  organization_id bigint not null,
  name text not null,
  value integer not null
);
alter table blindagem.settings owner to blindagem_owner;
alter table blindagem.settings add constraint settings_name_check CHECK ((name = ANY (ARRAY['fact_deadline_hours'::text, 'receipt_date_tolerance_days'::text, 'split_window_days'::text, 'payee_account_hold_days'::text, 'debit_without_expense_days'::text, 'stale_bank_hours'::text])));
alter table blindagem.settings add constraint settings_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem.settings add constraint settings_pkey PRIMARY KEY (organization_id, name);
alter table blindagem.settings add constraint settings_value_check CHECK ((value >= 0));
alter table blindagem.settings add constraint settings_value_in_range CHECK ((value <= 999999));
CREATE TRIGGER audit_delete AFTER DELETE ON blindagem.settings REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_delete_settings();
alter table blindagem.settings enable always trigger audit_delete;
CREATE TRIGGER audit_insert AFTER INSERT ON blindagem.settings REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_insert_settings();
alter table blindagem.settings enable always trigger audit_insert;
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON blindagem.settings FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_truncate();
alter table blindagem.settings enable always trigger audit_truncate;
CREATE TRIGGER audit_update AFTER UPDATE ON blindagem.settings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.capture_update_settings();
alter table blindagem.settings enable always trigger audit_update;
alter table blindagem.settings enable row level security;
create policy comparison on blindagem.settings for select to blindagem_sealer using (true);
create policy scope on blindagem.settings for select to blindagem_admin, blindagem_auditor, blindagem_integrator, blindagem_reviewer, blindagem_sindico using ((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
create policy worker on blindagem.settings for all to blindagem_worker using (true) with check (true);
grant select on blindagem.settings to blindagem_admin;
grant select on blindagem.settings to blindagem_auditor;
grant select on blindagem.settings to blindagem_integrator;
grant select on blindagem.settings to blindagem_reviewer;
grant select on blindagem.settings to blindagem_sealer;
grant select on blindagem.settings to blindagem_sindico;
grant select on blindagem.settings to blindagem_worker;
comment on table blindagem.settings is 'Settings of an organization; what is not set has the default of src/validation/thresholds.';

create table blindagem_audit.audit_log_YYYY_MM partition of blindagem_audit.audit_log_immutable FOR VALUES FROM (month) TO (next month);
alter table blindagem_audit.audit_log_YYYY_MM owner to blindagem_audit_owner;
CREATE INDEX audit_log_YYYY_MM_action_id_recorded_at_idx ON blindagem_audit.audit_log_YYYY_MM USING btree (action, id, recorded_at) WHERE (action <> ALL (ARRAY['INSERT'::text, 'UPDATE'::text, 'ATTEST'::text]));
CREATE INDEX audit_log_YYYY_MM_actor_id_id_recorded_at_idx ON blindagem_audit.audit_log_YYYY_MM USING btree (actor_id, id, recorded_at);
CREATE INDEX audit_log_YYYY_MM_condominium_id_id_idx ON blindagem_audit.audit_log_YYYY_MM USING btree (condominium_id, id);
CREATE INDEX audit_log_YYYY_MM_entity_type_entity_id_id_idx ON blindagem_audit.audit_log_YYYY_MM USING btree (entity_type, entity_id, id);
CREATE INDEX audit_log_YYYY_MM_entity_type_id_recorded_at_idx ON blindagem_audit.audit_log_YYYY_MM USING btree (entity_type, id, recorded_at);
CREATE INDEX audit_log_YYYY_MM_organization_id_id_idx ON blindagem_audit.audit_log_YYYY_MM USING btree (organization_id, id) WHERE (organization_id IS NOT NULL);
CREATE INDEX audit_log_YYYY_MM_recorded_at_id_idx ON blindagem_audit.audit_log_YYYY_MM USING brin (recorded_at, id) WITH (pages_per_range='32', autosummarize='on');
CREATE TRIGGER guard_change BEFORE DELETE OR UPDATE ON blindagem_audit.audit_log_YYYY_MM FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_YYYY_MM enable always trigger guard_change;
CREATE TRIGGER guard_insert BEFORE INSERT ON blindagem_audit.audit_log_YYYY_MM FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_YYYY_MM enable always trigger guard_insert;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem_audit.audit_log_YYYY_MM FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_YYYY_MM enable always trigger guard_truncate;
alter table blindagem_audit.audit_log_YYYY_MM enable row level security;

create table blindagem_audit.audit_log_default partition of blindagem_audit.audit_log_immutable DEFAULT;
alter table blindagem_audit.audit_log_default owner to blindagem_audit_owner;
CREATE INDEX audit_log_default_action_id_recorded_at_idx ON blindagem_audit.audit_log_default USING btree (action, id, recorded_at) WHERE (action <> ALL (ARRAY['INSERT'::text, 'UPDATE'::text, 'ATTEST'::text]));
CREATE INDEX audit_log_default_actor_id_id_recorded_at_idx ON blindagem_audit.audit_log_default USING btree (actor_id, id, recorded_at);
CREATE INDEX audit_log_default_condominium_id_id_idx ON blindagem_audit.audit_log_default USING btree (condominium_id, id);
CREATE INDEX audit_log_default_entity_type_entity_id_id_idx ON blindagem_audit.audit_log_default USING btree (entity_type, entity_id, id);
CREATE INDEX audit_log_default_entity_type_id_recorded_at_idx ON blindagem_audit.audit_log_default USING btree (entity_type, id, recorded_at);
CREATE INDEX audit_log_default_organization_id_id_idx ON blindagem_audit.audit_log_default USING btree (organization_id, id) WHERE (organization_id IS NOT NULL);
CREATE INDEX audit_log_default_recorded_at_id_idx ON blindagem_audit.audit_log_default USING brin (recorded_at, id) WITH (pages_per_range='32', autosummarize='on');
CREATE TRIGGER guard_change BEFORE DELETE OR UPDATE ON blindagem_audit.audit_log_default FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_default enable always trigger guard_change;
CREATE TRIGGER guard_insert BEFORE INSERT ON blindagem_audit.audit_log_default FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_default enable always trigger guard_insert;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem_audit.audit_log_default FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_default enable always trigger guard_truncate;
alter table blindagem_audit.audit_log_default enable row level security;
comment on table blindagem_audit.audit_log_default is 'Takes what no month holds, so that no business write ever fails for want of a partition.';

create table blindagem_audit.audit_log_immutable (
  id bigint not null,
  recorded_at timestamp with time zone not null,
  organization_id bigint,
  condominium_id bigint,
  sensitivity text not null,
  entity_type text not null,
  entity_id text not null,
  action text not null,
  actor_id text,
  entry text not null
) partition by RANGE (recorded_at);
alter table blindagem_audit.audit_log_immutable owner to blindagem_audit_owner;
alter table blindagem_audit.audit_log_immutable add constraint audit_log_immutable_pkey PRIMARY KEY (id, recorded_at);
CREATE INDEX audit_log_action ON ONLY blindagem_audit.audit_log_immutable USING btree (action, id, recorded_at) WHERE (action <> ALL (ARRAY['INSERT'::text, 'UPDATE'::text, 'ATTEST'::text]));
CREATE INDEX audit_log_actor ON ONLY blindagem_audit.audit_log_immutable USING btree (actor_id, id, recorded_at);
CREATE INDEX audit_log_condominium ON ONLY blindagem_audit.audit_log_immutable USING btree (condominium_id, id);
CREATE INDEX audit_log_entity ON ONLY blindagem_audit.audit_log_immutable USING btree (entity_type, entity_id, id);
CREATE INDEX audit_log_entity_type ON ONLY blindagem_audit.audit_log_immutable USING btree (entity_type, id, recorded_at);
CREATE INDEX audit_log_organization ON ONLY blindagem_audit.audit_log_immutable USING btree (organization_id, id) WHERE (organization_id IS NOT NULL);
CREATE INDEX audit_log_time ON ONLY blindagem_audit.audit_log_immutable USING brin (recorded_at, id) WITH (pages_per_range='32', autosummarize='on');
CREATE TRIGGER guard_change BEFORE DELETE OR UPDATE ON blindagem_audit.audit_log_immutable FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_immutable enable always trigger guard_change;
CREATE TRIGGER guard_insert BEFORE INSERT ON blindagem_audit.audit_log_immutable FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_immutable enable always trigger guard_insert;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem_audit.audit_log_immutable FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.audit_log_immutable enable always trigger guard_truncate;
alter table blindagem_audit.audit_log_immutable enable row level security;
create policy salaries on blindagem_audit.audit_log_immutable as restrictive for select to blindagem_auditor using ((( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR ((sensitivity <> 'SALARY'::text) AND (NOT ((entity_type = ANY (ARRAY['bank_transactions'::text, 'movement_verdicts'::text, 'refunds'::text])) AND (condominium_id IS NOT NULL) AND blindagem_private.is_salary_movement(condominium_id, ((regexp_match(entity_id,
CASE entity_type
    WHEN 'refunds'::text THEN '^[0-9]+/([0-9]+)/'::text
    ELSE '([0-9]+)$'::text
END))[1])::bigint))))));
create policy scope on blindagem_audit.audit_log_immutable for select to blindagem_admin, blindagem_auditor, blindagem_reviewer, blindagem_sindico using (((condominium_id IN ( SELECT unnest(( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)) AS unnest)) OR ((condominium_id IS NULL) AND (organization_id IN ( SELECT unnest(( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)) AS unnest)))));
create policy sealer on blindagem_audit.audit_log_immutable for select to blindagem_sealer using (true);
grant select on blindagem_audit.audit_log_immutable to blindagem_admin;
grant select on blindagem_audit.audit_log_immutable to blindagem_auditor;
grant select on blindagem_audit.audit_log_immutable to blindagem_reviewer;
grant select on blindagem_audit.audit_log_immutable to blindagem_sealer;
grant select on blindagem_audit.audit_log_immutable to blindagem_sindico;
comment on table blindagem_audit.audit_log_immutable is 'Who, when, what (previous state -> new state). Written by triggers alone; never updated, deleted or truncated.';
comment on column blindagem_audit.audit_log_immutable.action is 'What it was in the business''s words; OUT_OF_BAND when no process of the platform made the change.';
comment on column blindagem_audit.audit_log_immutable.entry is 'The record itself, a JSON object; these bytes (UTF-8) are hashed, and what people see is read out of them. The other columns repeat what records are searched and guarded by.';

create table blindagem_audit.checkpoints (
  tree_size bigint not null,
  root bytea not null,
  note text not null,
  signed_at timestamp with time zone not null default clock_timestamp()
);
alter table blindagem_audit.checkpoints owner to blindagem_audit_owner;
alter table blindagem_audit.checkpoints add constraint checkpoints_pkey PRIMARY KEY (tree_size);
alter table blindagem_audit.checkpoints add constraint checkpoints_root_check CHECK ((length(root) = 32));
alter table blindagem_audit.checkpoints add constraint checkpoints_tree_size_check CHECK ((tree_size >= 0));
CREATE TRIGGER guard_change BEFORE DELETE OR UPDATE ON blindagem_audit.checkpoints FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.checkpoints enable always trigger guard_change;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem_audit.checkpoints FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.checkpoints enable always trigger guard_truncate;
alter table blindagem_audit.checkpoints enable row level security;
create policy everybody on blindagem_audit.checkpoints for select to blindagem_admin, blindagem_anonymous, blindagem_auditor, blindagem_operator, blindagem_reviewer, blindagem_sindico using (true);
create policy sealer on blindagem_audit.checkpoints for all to blindagem_sealer using (true) with check (true);
grant select on blindagem_audit.checkpoints to blindagem_admin;
grant select on blindagem_audit.checkpoints to blindagem_anonymous;
grant select on blindagem_audit.checkpoints to blindagem_auditor;
grant select on blindagem_audit.checkpoints to blindagem_operator;
grant select on blindagem_audit.checkpoints to blindagem_reviewer;
grant insert, select on blindagem_audit.checkpoints to blindagem_sealer;
grant select on blindagem_audit.checkpoints to blindagem_sindico;
comment on table blindagem_audit.checkpoints is 'Signed checkpoints of the tree (C2SP tlog-checkpoint).';
comment on column blindagem_audit.checkpoints.note is 'The signed note, as it was signed.';

create table blindagem_audit.divergences (
  id bigint generated always as identity not null,
  kind text not null,
  entity_type text not null,
  entity_id text not null,
  organization_id bigint,
  condominium_id bigint,
  sensitivity text not null default 'ORDINARY'::text,
  fields text[] not null default '{}'::text[],
  first_seen_at timestamp with time zone not null default clock_timestamp(),
  last_seen_at timestamp with time zone not null default clock_timestamp(),
  resolved_at timestamp with time zone
);
alter table blindagem_audit.divergences owner to blindagem_audit_owner;
alter table blindagem_audit.divergences add constraint divergences_kind_check CHECK ((kind = ANY (ARRAY['ROW_CHANGED'::text, 'ROW_MISSING'::text, 'ROW_UNKNOWN'::text, 'RECORD_ALTERED'::text, 'RECORD_MISSING'::text, 'RECORD_UNSEALED'::text, 'TREE'::text, 'DEFINITIONS'::text])));
alter table blindagem_audit.divergences add constraint divergences_pkey PRIMARY KEY (id);
CREATE INDEX divergences_condominium ON blindagem_audit.divergences USING btree (condominium_id, id);
CREATE UNIQUE INDEX divergences_open ON blindagem_audit.divergences USING btree (kind, entity_type, entity_id) WHERE (resolved_at IS NULL);
CREATE INDEX divergences_organization ON blindagem_audit.divergences USING btree (organization_id, id) WHERE (condominium_id IS NULL);
CREATE TRIGGER guard_change BEFORE UPDATE ON blindagem_audit.divergences FOR EACH ROW EXECUTE FUNCTION blindagem_audit.guard_divergence();
alter table blindagem_audit.divergences enable always trigger guard_change;
CREATE TRIGGER guard_delete BEFORE DELETE ON blindagem_audit.divergences FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.divergences enable always trigger guard_delete;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem_audit.divergences FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.divergences enable always trigger guard_truncate;
alter table blindagem_audit.divergences enable row level security;
create policy operators on blindagem_audit.divergences for select to blindagem_operator using (((condominium_id IS NULL) AND (organization_id IS NULL)));
create policy salaries on blindagem_audit.divergences as restrictive for select to blindagem_auditor using ((( SELECT blindagem_private.sees_salaries() AS sees_salaries) OR ((sensitivity <> 'SALARY'::text) AND (NOT ((entity_type = ANY (ARRAY['bank_transactions'::text, 'movement_verdicts'::text, 'refunds'::text])) AND (condominium_id IS NOT NULL) AND blindagem_private.is_salary_movement(condominium_id, ((regexp_match(entity_id,
CASE entity_type
    WHEN 'refunds'::text THEN '^[0-9]+/([0-9]+)/'::text
    ELSE '([0-9]+)$'::text
END))[1])::bigint))))));
create policy scope on blindagem_audit.divergences for select to blindagem_admin, blindagem_auditor, blindagem_reviewer, blindagem_sindico using (((condominium_id = ANY (( SELECT blindagem_private.visible_condominium_ids() AS visible_condominium_ids)::bigint[])) OR ((condominium_id IS NULL) AND (organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])))));
create policy sealer on blindagem_audit.divergences for all to blindagem_sealer using (true) with check (true);
create policy worker on blindagem_audit.divergences for select to blindagem_worker using (true);
grant select on blindagem_audit.divergences to blindagem_admin;
grant select on blindagem_audit.divergences to blindagem_auditor;
grant select on blindagem_audit.divergences to blindagem_operator;
grant select on blindagem_audit.divergences to blindagem_reviewer;
grant insert, select on blindagem_audit.divergences to blindagem_sealer;
grant update (fields, last_seen_at, resolved_at) on blindagem_audit.divergences to blindagem_sealer;
grant select on blindagem_audit.divergences to blindagem_sindico;
grant select on blindagem_audit.divergences to blindagem_worker;
comment on table blindagem_audit.divergences is 'Where the tables, the log and its seal do not say the same, as the comparison found it. A divergence never goes away: it is resolved when a later comparison no longer finds it.';
comment on column blindagem_audit.divergences.kind is 'A row that is not as the log has it, that is gone, or that the log does not know; a record that is not as it was sealed, that is gone, or that is neither sealed nor waits for it; a tree that is not the signed one; a definition that no migration left.';
comment on column blindagem_audit.divergences.entity_type is 'The table of the row; records for a record of the log; for definitions the kind says it all.';
comment on column blindagem_audit.divergences.entity_id is 'The row''s key as the log has it, the record''s id, or the object''s name.';
comment on column blindagem_audit.divergences.fields is 'Names of the fields that differ, and never their values.';

create table blindagem_audit.erased_values (
  record_id bigint not null,
  erasure_id bigint not null,
  erased_at timestamp with time zone not null
);
alter table blindagem_audit.erased_values owner to blindagem_audit_owner;
alter table blindagem_audit.erased_values add constraint erased_values_pkey PRIMARY KEY (record_id);
CREATE TRIGGER guard_change BEFORE DELETE OR UPDATE ON blindagem_audit.erased_values FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.erased_values enable always trigger guard_change;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem_audit.erased_values FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.erased_values enable always trigger guard_truncate;
alter table blindagem_audit.erased_values enable row level security;
comment on table blindagem_audit.erased_values is 'Records whose values were erased, and by which record of an erasure.';
comment on column blindagem_audit.erased_values.erasure_id is 'The ERASURE record.';

CREATE TRIGGER record_intent INSTEAD OF INSERT ON blindagem_audit.intents FOR EACH ROW EXECUTE FUNCTION blindagem_audit.record_intent();

create table blindagem_audit.pending_records (
  first_record_id bigint not null,
  record_ids bigint[] not null,
  recorded_at timestamp with time zone not null,
  transaction_id xid8 not null default pg_current_xact_id()
);
alter table blindagem_audit.pending_records owner to blindagem_audit_owner;
alter table blindagem_audit.pending_records add constraint pending_records_pkey PRIMARY KEY (first_record_id);
CREATE INDEX pending_records_transaction ON blindagem_audit.pending_records USING btree (transaction_id);
alter table blindagem_audit.pending_records enable row level security;
create policy sealer on blindagem_audit.pending_records for all to blindagem_sealer using (true) with check (true);
grant delete, select on blindagem_audit.pending_records to blindagem_sealer;
comment on table blindagem_audit.pending_records is 'Records not sealed yet, a row for those of one statement. The sealer empties it: sealing is by visibility, never by a cursor over ids, which skips late commits.';
comment on column blindagem_audit.pending_records.transaction_id is 'The transaction that wrote them: its intent covers them all.';

create table blindagem_audit.personal_values (
  bucket bigint not null,
  recorded_at timestamp with time zone not null,
  record_ids bigint[] not null,
  salts bytea[] not null,
  personal text[] not null,
  context_salt bytea,
  context text
);
alter table blindagem_audit.personal_values owner to blindagem_audit_owner;
CREATE INDEX personal_values_record ON blindagem_audit.personal_values USING btree (recorded_at, bucket);
CREATE TRIGGER guard_change BEFORE UPDATE ON blindagem_audit.personal_values FOR EACH ROW EXECUTE FUNCTION blindagem_audit.guard_personal_values();
alter table blindagem_audit.personal_values enable always trigger guard_change;
CREATE TRIGGER guard_delete BEFORE DELETE ON blindagem_audit.personal_values FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.personal_values enable always trigger guard_delete;
CREATE TRIGGER guard_insert BEFORE INSERT ON blindagem_audit.personal_values FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.personal_values enable always trigger guard_insert;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem_audit.personal_values FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.personal_values enable always trigger guard_truncate;
alter table blindagem_audit.personal_values enable row level security;
comment on table blindagem_audit.personal_values is 'What the commitments in records stand for, a row per statement (and 256 ids): written by the capture functions, emptied by erasures, otherwise never changed. Read by personal_of.';
comment on column blindagem_audit.personal_values.bucket is 'The records'' ids, divided by 256.';
comment on column blindagem_audit.personal_values.recorded_at is 'As the records have it: by it and the bucket they are found.';
comment on column blindagem_audit.personal_values.salts is 'Of each record, 16 bytes; null where it has no values, or no longer.';
comment on column blindagem_audit.personal_values.personal is 'Of each record a JSON object of its values by path (new_state.payee_name); with the salt or not at all.';
comment on column blindagem_audit.personal_values.context is 'The same of what all records of the statement share: ip, user_agent, client_address.';

create table blindagem_audit.sealed_runs (
  first_index bigint not null,
  record_ids bigint[] not null,
  leaf_hashes bytea not null,
  first_record_id bigint not null,
  last_record_id bigint not null,
  sealed_at timestamp with time zone not null default clock_timestamp()
);
alter table blindagem_audit.sealed_runs owner to blindagem_audit_owner;
alter table blindagem_audit.sealed_runs add constraint sealed_runs_check CHECK ((length(leaf_hashes) = (32 * cardinality(record_ids))));
alter table blindagem_audit.sealed_runs add constraint sealed_runs_first_index_check CHECK ((first_index >= 0));
alter table blindagem_audit.sealed_runs add constraint sealed_runs_pkey PRIMARY KEY (first_index);
alter table blindagem_audit.sealed_runs add constraint sealed_runs_record_ids_check CHECK ((cardinality(record_ids) > 0));
CREATE INDEX sealed_runs_records ON blindagem_audit.sealed_runs USING gist (int8range(first_record_id, last_record_id, '[]'::text));
CREATE TRIGGER guard_change BEFORE DELETE OR UPDATE ON blindagem_audit.sealed_runs FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.sealed_runs enable always trigger guard_change;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem_audit.sealed_runs FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.sealed_runs enable always trigger guard_truncate;
alter table blindagem_audit.sealed_runs enable row level security;
create policy sealer on blindagem_audit.sealed_runs for all to blindagem_sealer using (true) with check (true);
grant insert, select on blindagem_audit.sealed_runs to blindagem_sealer;
comment on table blindagem_audit.sealed_runs is 'Records in their sealed order, as runs of leaves with dense indexes; a row for each leaf, with its two indexes, cost more than its hash.';
comment on column blindagem_audit.sealed_runs.leaf_hashes is 'The RFC 6962 leaf hashes of the run, 32 bytes each, one after the other.';

create table blindagem_audit.sealer_heartbeat (
  only_one boolean not null default true,
  beat_at timestamp with time zone not null
);
alter table blindagem_audit.sealer_heartbeat owner to blindagem_audit_owner;
alter table blindagem_audit.sealer_heartbeat add constraint sealer_heartbeat_only_one_check CHECK (only_one);
alter table blindagem_audit.sealer_heartbeat add constraint sealer_heartbeat_pkey PRIMARY KEY (only_one);
alter table blindagem_audit.sealer_heartbeat enable row level security;
create policy sealer on blindagem_audit.sealer_heartbeat for all to blindagem_sealer using (true) with check (true);
create policy worker on blindagem_audit.sealer_heartbeat for select to blindagem_worker using (true);
grant insert, select, update on blindagem_audit.sealer_heartbeat to blindagem_sealer;
grant select on blindagem_audit.sealer_heartbeat to blindagem_worker;
comment on table blindagem_audit.sealer_heartbeat is 'When the sealing process last lived; the cron task seal_audit_log looks at it.';

create table blindagem_audit.split_transactions (
  transaction_id xid8 not null,
  record_ids bigint[] not null
);
alter table blindagem_audit.split_transactions owner to blindagem_audit_owner;
alter table blindagem_audit.split_transactions add constraint split_transactions_pkey PRIMARY KEY (transaction_id);
alter table blindagem_audit.split_transactions enable row level security;
create policy sealer on blindagem_audit.split_transactions for all to blindagem_sealer using (true) with check (true);
grant delete, insert, select, update on blindagem_audit.split_transactions to blindagem_sealer;
comment on table blindagem_audit.split_transactions is 'Records that were sealed before the rest of their transaction: they are checked with it.';

create table blindagem_audit.tiles (
  level smallint not null,
  index bigint not null,
  hashes bytea not null
);
alter table blindagem_audit.tiles owner to blindagem_audit_owner;
alter table blindagem_audit.tiles add constraint tiles_hashes_check CHECK ((((length(hashes) >= 32) AND (length(hashes) <= 8192)) AND ((length(hashes) % 32) = 0)));
alter table blindagem_audit.tiles add constraint tiles_index_check CHECK ((index >= 0));
alter table blindagem_audit.tiles add constraint tiles_level_check CHECK (((level >= 0) AND (level <= 63)));
alter table blindagem_audit.tiles add constraint tiles_pkey PRIMARY KEY (level, index);
CREATE TRIGGER guard_change BEFORE DELETE ON blindagem_audit.tiles FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.tiles enable always trigger guard_change;
CREATE TRIGGER guard_growth BEFORE UPDATE ON blindagem_audit.tiles FOR EACH ROW EXECUTE FUNCTION blindagem_audit.refuse_rewriting();
alter table blindagem_audit.tiles enable always trigger guard_growth;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem_audit.tiles FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.tiles enable always trigger guard_truncate;
alter table blindagem_audit.tiles enable row level security;
create policy everybody on blindagem_audit.tiles for select to blindagem_admin, blindagem_anonymous, blindagem_auditor, blindagem_reviewer, blindagem_sindico using (true);
create policy sealer on blindagem_audit.tiles for all to blindagem_sealer using (true) with check (true);
grant select on blindagem_audit.tiles to blindagem_admin;
grant select on blindagem_audit.tiles to blindagem_anonymous;
grant select on blindagem_audit.tiles to blindagem_auditor;
grant select on blindagem_audit.tiles to blindagem_reviewer;
grant insert, select, update on blindagem_audit.tiles to blindagem_sealer;
grant select on blindagem_audit.tiles to blindagem_sindico;
comment on table blindagem_audit.tiles is 'Hash tiles of the Merkle tree (C2SP tlog-tiles): up to 256 hashes of 32 bytes; only ever appended to.';

create table blindagem_audit.unattested_records (
  record_id bigint not null,
  cause text not null,
  found_at timestamp with time zone not null default clock_timestamp()
);
alter table blindagem_audit.unattested_records owner to blindagem_audit_owner;
alter table blindagem_audit.unattested_records add constraint unattested_records_cause_check CHECK ((cause = ANY (ARRAY['NO_INTENT'::text, 'INVALID_INTENT'::text, 'OTHER_RECORDS'::text])));
alter table blindagem_audit.unattested_records add constraint unattested_records_pkey PRIMARY KEY (record_id);
CREATE TRIGGER guard_change BEFORE DELETE OR UPDATE ON blindagem_audit.unattested_records FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.unattested_records enable always trigger guard_change;
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON blindagem_audit.unattested_records FOR EACH STATEMENT EXECUTE FUNCTION blindagem_audit.refuse_change();
alter table blindagem_audit.unattested_records enable always trigger guard_truncate;
alter table blindagem_audit.unattested_records enable row level security;
create policy readers on blindagem_audit.unattested_records for select to blindagem_admin, blindagem_auditor, blindagem_reviewer, blindagem_sindico using (true);
create policy sealer on blindagem_audit.unattested_records for all to blindagem_sealer using (true) with check (true);
grant select on blindagem_audit.unattested_records to blindagem_admin;
grant select on blindagem_audit.unattested_records to blindagem_auditor;
grant select on blindagem_audit.unattested_records to blindagem_reviewer;
grant insert, select on blindagem_audit.unattested_records to blindagem_sealer;
grant select on blindagem_audit.unattested_records to blindagem_sindico;
comment on table blindagem_audit.unattested_records is 'Records that name an actor, but no valid intent covers: shown as OUT_OF_BAND. Found by the sealing process, and by every verification anew.';
comment on column blindagem_audit.unattested_records.cause is 'No intent in its transaction; one whose signature does not hold; or one that covers other records.';

create table blindagem_private.company_answers (
  id bigint generated always as identity not null,
  cnpj text not null,
  answered_at timestamp with time zone not null default now(),
  source text not null,
  outcome text not null,
  raw jsonb
);
alter table blindagem_private.company_answers owner to blindagem_owner;
alter table blindagem_private.company_answers add constraint company_answers_pkey PRIMARY KEY (id);
CREATE INDEX company_answers_cnpj ON blindagem_private.company_answers USING btree (cnpj, answered_at DESC);
alter table blindagem_private.company_answers enable row level security;
create policy worker on blindagem_private.company_answers for all to blindagem_worker using (true) with check (true);
grant delete, insert, select on blindagem_private.company_answers to blindagem_worker;
comment on table blindagem_private.company_answers is 'Each answer of a registry service as it came, with its age, as evidence.';

create table blindagem_private.company_mirror (
  cnpj text not null,
  name text,
  status text,
  status_date date,
  opened_on date,
  main_cnae text,
  secondary_cnaes text[] not null default '{}'::text[],
  mei boolean,
  simples boolean,
  source_date date not null
);
alter table blindagem_private.company_mirror owner to blindagem_owner;
alter table blindagem_private.company_mirror add constraint company_mirror_pkey PRIMARY KEY (cnpj);
alter table blindagem_private.company_mirror enable row level security;
create policy worker on blindagem_private.company_mirror for all to blindagem_worker using (true) with check (true);
grant insert, select, update on blindagem_private.company_mirror to blindagem_worker;
comment on table blindagem_private.company_mirror is 'Local mirror of the Receita Federal''s open CNPJ data (blindagem suppliers import).';

create table blindagem_private.dead_letters (
  id bigint generated always as identity not null,
  record_id bigint,
  organization_id bigint,
  condominium_id bigint,
  batch_id bigint,
  task text not null,
  payload jsonb not null,
  priority smallint not null,
  max_attempts integer not null,
  attempts integer not null,
  deaths integer not null default 0,
  cause text not null,
  last_error text,
  history jsonb not null default '[]'::jsonb,
  died_at timestamp with time zone not null default clock_timestamp(),
  resolved_at timestamp with time zone,
  resolution text
);
alter table blindagem_private.dead_letters owner to blindagem_owner;
alter table blindagem_private.dead_letters add constraint dead_letters_cause_check CHECK ((cause = ANY (ARRAY['ATTEMPTS'::text, 'DEATHS'::text, 'CANCELLED'::text])));
alter table blindagem_private.dead_letters add constraint dead_letters_check CHECK (((resolved_at IS NULL) = (resolution IS NULL)));
alter table blindagem_private.dead_letters add constraint dead_letters_pkey PRIMARY KEY (id);
alter table blindagem_private.dead_letters add constraint dead_letters_resolution_check CHECK ((resolution = ANY (ARRAY['RETRIED'::text, 'CANCELLED'::text])));
CREATE INDEX dead_letters_of_organization ON blindagem_private.dead_letters USING btree (organization_id, id DESC);
CREATE INDEX dead_letters_of_record ON blindagem_private.dead_letters USING btree (record_id, id DESC);
CREATE INDEX dead_letters_open ON blindagem_private.dead_letters USING btree (id) WHERE (resolved_at IS NULL);
CREATE INDEX dead_letters_resolved ON blindagem_private.dead_letters USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);
alter table blindagem_private.dead_letters enable row level security;
create policy operator on blindagem_private.dead_letters for select to blindagem_operator using (true);
create policy tenant on blindagem_private.dead_letters for select to blindagem_admin, blindagem_integrator, blindagem_reviewer using ((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
create policy worker on blindagem_private.dead_letters for all to blindagem_queue, blindagem_worker using (true) with check (true);
grant select on blindagem_private.dead_letters to blindagem_admin;
grant select on blindagem_private.dead_letters to blindagem_integrator;
grant select on blindagem_private.dead_letters to blindagem_operator;
grant delete, insert, select, update on blindagem_private.dead_letters to blindagem_queue;
grant select on blindagem_private.dead_letters to blindagem_reviewer;
grant delete, insert, select, update on blindagem_private.dead_letters to blindagem_worker;
comment on table blindagem_private.dead_letters is 'Jobs that no worker runs any more: all attempts failed, three workers died of it, or an operator cancelled it. Each is kept with what it takes to run it again; the library''s own row goes, so that its queue holds only what is to be done.';

create table blindagem_private.error_codes (
  code text not null,
  http_status integer not null,
  meaning text not null
);
alter table blindagem_private.error_codes owner to blindagem_owner;
alter table blindagem_private.error_codes add constraint error_codes_code_check CHECK ((code ~ '^BLD[0-9]{2}$'::text));
alter table blindagem_private.error_codes add constraint error_codes_http_status_check CHECK (((http_status >= 400) AND (http_status <= 599)));
alter table blindagem_private.error_codes add constraint error_codes_pkey PRIMARY KEY (code);
alter table blindagem_private.error_codes enable row level security;
comment on table blindagem_private.error_codes is 'The registry of our errors. SQL, TypeScript (src/api/errors.ts) and docs/errors.md agree by test.';

create table blindagem_private.expense_transitions (
  from_status text not null,
  to_status text not null
);
alter table blindagem_private.expense_transitions owner to blindagem_owner;
alter table blindagem_private.expense_transitions add constraint expense_transitions_pkey PRIMARY KEY (from_status, to_status);
alter table blindagem_private.expense_transitions enable row level security;
comment on table blindagem_private.expense_transitions is 'Every change of expenses.status that may happen; anything else is refused by trigger.';

create table blindagem_private.job_minutes (
  organization_id bigint not null,
  minute timestamp with time zone not null,
  task text not null,
  shard smallint not null,
  started integer not null default 0,
  finished integer not null default 0,
  failed integer not null default 0,
  dead integer not null default 0,
  wait_ms bigint not null default 0,
  run_ms bigint not null default 0,
  wait_histogram integer[] not null default '{}'::integer[],
  run_histogram integer[] not null default '{}'::integer[]
);
alter table blindagem_private.job_minutes owner to blindagem_owner;
alter table blindagem_private.job_minutes add constraint job_minutes_minute_check CHECK ((((EXTRACT(epoch FROM minute))::bigint % (60)::bigint) = 0));
alter table blindagem_private.job_minutes add constraint job_minutes_pkey PRIMARY KEY (organization_id, minute, task, shard);
CREATE INDEX job_minutes_by_time ON blindagem_private.job_minutes USING btree (minute);
alter table blindagem_private.job_minutes enable row level security;
create policy operator on blindagem_private.job_minutes for select to blindagem_operator using (true);
create policy tenant on blindagem_private.job_minutes for select to blindagem_admin, blindagem_integrator, blindagem_reviewer using ((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
create policy worker on blindagem_private.job_minutes for all to blindagem_worker using (true) with check (true);
grant select on blindagem_private.job_minutes to blindagem_admin;
grant select on blindagem_private.job_minutes to blindagem_integrator;
grant select on blindagem_private.job_minutes to blindagem_operator;
grant select on blindagem_private.job_minutes to blindagem_reviewer;
grant delete, insert, select, update on blindagem_private.job_minutes to blindagem_worker;
comment on table blindagem_private.job_minutes is 'Attempts of jobs by organization, minute (UTC) and task. Each is counted twice: for its organization, and under 0 for the whole platform, so that nobody adds up 10,000 tenants.';
comment on column blindagem_private.job_minutes.shard is 'Each worker adds into rows of its own: a row is locked from the addition to the commit, some milliseconds on the disk, and twenty workers that write ten times a second would queue up for that of the busiest task.';
comment on column blindagem_private.job_minutes.failed is 'Attempts that failed, the last one of a job included.';
comment on column blindagem_private.job_minutes.dead is 'Jobs whose last attempt failed, and those during which the third worker died.';
comment on column blindagem_private.job_minutes.wait_ms is 'From when the attempts were due to when they started, summed; in the minute of the start.';
comment on column blindagem_private.job_minutes.run_ms is 'How long the attempts ran, summed; in the minute of the end.';
comment on column blindagem_private.job_minutes.wait_histogram is 'How many took up to 2^(i/2) ms, and longer than the bucket before, for i = 0, 1, …; buckets after the last one with a count are left out. There are 64: the last holds all beyond 25 days.';

create table blindagem_private.job_records (
  id bigint generated always as identity not null,
  organization_id bigint,
  condominium_id bigint,
  batch_id bigint,
  task text not null,
  state text not null default 'WAITING'::text,
  attempts integer not null default 0,
  waiting_for text,
  last_error text,
  request_id text,
  graphile_job_id bigint,
  enqueued_at timestamp with time zone not null default clock_timestamp(),
  run_at timestamp with time zone not null default clock_timestamp(),
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  fence integer not null default 0,
  taken_by text,
  deaths integer not null default 0,
  history jsonb
);
alter table blindagem_private.job_records owner to blindagem_owner;
alter table blindagem_private.job_records add constraint job_records_pkey PRIMARY KEY (id);
alter table blindagem_private.job_records add constraint job_records_state_check CHECK ((state = ANY (ARRAY['WAITING'::text, 'RUNNING'::text, 'FINISHED'::text, 'FAILED'::text, 'CANCELLED'::text])));
CREATE INDEX job_records_dead ON blindagem_private.job_records USING btree (id) WHERE (state = ANY (ARRAY['FAILED'::text, 'CANCELLED'::text]));
CREATE INDEX job_records_finished ON blindagem_private.job_records USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX job_records_of_batch ON blindagem_private.job_records USING btree (batch_id, state) WHERE (batch_id IS NOT NULL);
CREATE UNIQUE INDEX job_records_of_graphile_job ON blindagem_private.job_records USING btree (graphile_job_id) WHERE (graphile_job_id IS NOT NULL);
CREATE INDEX job_records_of_organization ON blindagem_private.job_records USING btree (organization_id, id DESC);
CREATE INDEX job_records_open ON blindagem_private.job_records USING btree (state, task, organization_id, run_at) WHERE (state = ANY (ARRAY['WAITING'::text, 'RUNNING'::text]));
alter table blindagem_private.job_records enable row level security;
create policy operator on blindagem_private.job_records for select to blindagem_operator using (true);
create policy tenant on blindagem_private.job_records for select to blindagem_admin, blindagem_integrator, blindagem_reviewer using ((organization_id = ANY (( SELECT blindagem_private.visible_organization_ids() AS visible_organization_ids)::bigint[])));
create policy worker on blindagem_private.job_records for all to blindagem_queue, blindagem_worker using (true) with check (true);
grant select on blindagem_private.job_records to blindagem_admin;
grant select on blindagem_private.job_records to blindagem_integrator;
grant select on blindagem_private.job_records to blindagem_operator;
grant delete, insert, select, update on blindagem_private.job_records to blindagem_queue;
grant select on blindagem_private.job_records to blindagem_reviewer;
grant delete, insert, select, update on blindagem_private.job_records to blindagem_worker;
comment on table blindagem_private.job_records is 'The logical jobs: tenant, task, state. Their id travels in the payload''s envelope.';
comment on column blindagem_private.job_records.waiting_for is 'Why it waits, when it waits for something (a provider''s limit).';
comment on column blindagem_private.job_records.last_error is 'The error''s message; tasks keep personal data and payloads out of it.';
comment on column blindagem_private.job_records.fence is 'How many times the job was taken. Whoever took it last alone may commit: its transactions lock the record under this number.';
comment on column blindagem_private.job_records.taken_by is 'The library''s pool that took it last.';
comment on column blindagem_private.job_records.deaths is 'How many workers died while they ran it.';
comment on column blindagem_private.job_records.history is 'What went wrong: [{at, attempt, error}], null while nothing did.';

create table blindagem_private.provider_buckets (
  provider text not null,
  interval_ms double precision not null,
  burst integer not null default 1,
  next_slot timestamp with time zone not null default '-infinity'::timestamp with time zone,
  paused_until timestamp with time zone,
  credential text not null default 'public'::text,
  daily_quota integer,
  quota_day date,
  quota_used integer not null default 0,
  failures integer not null default 0,
  trips integer not null default 0,
  open_until timestamp with time zone,
  probe_until timestamp with time zone
);
alter table blindagem_private.provider_buckets owner to blindagem_owner;
alter table blindagem_private.provider_buckets add constraint provider_buckets_burst_check CHECK ((burst >= 1));
alter table blindagem_private.provider_buckets add constraint provider_buckets_daily_quota_check CHECK ((daily_quota > 0));
alter table blindagem_private.provider_buckets add constraint provider_buckets_interval_ms_check CHECK ((interval_ms > (0)::double precision));
alter table blindagem_private.provider_buckets add constraint provider_buckets_pkey PRIMARY KEY (provider, credential);
alter table blindagem_private.provider_buckets enable row level security;
create policy operator on blindagem_private.provider_buckets for select to blindagem_operator using (true);
create policy worker on blindagem_private.provider_buckets for all to blindagem_queue, blindagem_worker using (true) with check (true);
grant select on blindagem_private.provider_buckets to blindagem_operator;
grant delete, insert, select, update on blindagem_private.provider_buckets to blindagem_queue;
grant delete, insert, select, update on blindagem_private.provider_buckets to blindagem_worker;
comment on table blindagem_private.provider_buckets is 'Limits of the outer services, shared by all workers: generic cell rate (one request an interval, a burst at once), a quota a day, a pause, a circuit breaker.';
comment on column blindagem_private.provider_buckets.paused_until is 'The provider has refused for its own limit, and opens again then.';
comment on column blindagem_private.provider_buckets.credential is 'A fingerprint of the token or client id that is limited, or "public"; never the secret.';
comment on column blindagem_private.provider_buckets.quota_day is 'The day in Brasília of the latest slot that was given; quota_used counts those of that day.';
comment on column blindagem_private.provider_buckets.failures is 'How often in a row it has not answered.';
comment on column blindagem_private.provider_buckets.trips is 'How often in a row the breaker has opened: each time the pause is twice as long.';
comment on column blindagem_private.provider_buckets.open_until is 'The circuit breaker is open: nobody asks before then, and then one alone.';
comment on column blindagem_private.provider_buckets.probe_until is 'So long the others wait for the one that tries whether the provider answers again.';

create table blindagem_private.rule_sets (
  hash blindagem.sha256 not null,
  rules jsonb not null
);
alter table blindagem_private.rule_sets owner to blindagem_owner;
alter table blindagem_private.rule_sets add constraint rule_sets_pkey PRIMARY KEY (hash);
CREATE TRIGGER keep BEFORE DELETE ON blindagem_private.rule_sets FOR EACH STATEMENT EXECUTE FUNCTION blindagem_private.refuse_deletion();
alter table blindagem_private.rule_sets enable always trigger keep;
alter table blindagem_private.rule_sets enable row level security;
create policy worker on blindagem_private.rule_sets for all to blindagem_worker using (true) with check (true);
grant insert, select on blindagem_private.rule_sets to blindagem_worker;
comment on table blindagem_private.rule_sets is 'The rows of rules as decisions found them, each set once: thousands of decisions rest on the same.';

create table blindagem_private.tasks (
  name text not null,
  lane text not null,
  max_attempts integer not null default 10,
  subject text
);
alter table blindagem_private.tasks owner to blindagem_owner;
alter table blindagem_private.tasks add constraint tasks_lane_check CHECK ((lane = ANY (ARRAY['QUICK'::text, 'PROVIDER'::text, 'READING'::text])));
alter table blindagem_private.tasks add constraint tasks_lane_clock FOREIGN KEY (lane) REFERENCES blindagem_private.virtual_clocks(lane);
alter table blindagem_private.tasks add constraint tasks_max_attempts_check CHECK (((max_attempts >= 1) AND (max_attempts <= 100)));
alter table blindagem_private.tasks add constraint tasks_name_check CHECK ((name ~ '^[a-z_]+$'::text));
alter table blindagem_private.tasks add constraint tasks_pkey PRIMARY KEY (name);
alter table blindagem_private.tasks enable row level security;
create policy everyone on blindagem_private.tasks for select to blindagem_queue, blindagem_worker using (true);
grant select on blindagem_private.tasks to blindagem_queue;
grant select on blindagem_private.tasks to blindagem_worker;
comment on table blindagem_private.tasks is 'Every kind of job. What waits for a provider''s HTTP and what waits for a reading process run in lanes of their own, or they hold the quick ones hostage.';
comment on column blindagem_private.tasks.subject is 'The field of the payload that is the subject of the job''s claim, where the task has claims.';

create table blindagem_private.undecided_expenses (
  expense_id bigint not null,
  fact_deadline timestamp with time zone not null
);
alter table blindagem_private.undecided_expenses owner to blindagem_owner;
alter table blindagem_private.undecided_expenses add constraint undecided_expenses_pkey PRIMARY KEY (expense_id);
CREATE INDEX undecided_expenses_deadline ON blindagem_private.undecided_expenses USING btree (fact_deadline);
alter table blindagem_private.undecided_expenses enable row level security;
create policy worker on blindagem_private.undecided_expenses for select to blindagem_worker using (true);
grant select on blindagem_private.undecided_expenses to blindagem_worker;
comment on table blindagem_private.undecided_expenses is 'The expenses that are PENDING, kept by triggers: in place of an index over the status, which made every change of it dear.';

create table blindagem_private.virtual_charges (
  id bigint generated always as identity not null,
  lane text not null,
  organization_id bigint not null,
  cost double precision not null
);
alter table blindagem_private.virtual_charges owner to blindagem_owner;
alter table blindagem_private.virtual_charges add constraint virtual_charges_pkey PRIMARY KEY (id);
CREATE INDEX virtual_charges_of_organization ON blindagem_private.virtual_charges USING btree (organization_id, lane);
alter table blindagem_private.virtual_charges enable row level security;
create policy queue on blindagem_private.virtual_charges for all to blindagem_queue using (true) with check (true);
grant delete, insert, select, update on blindagem_private.virtual_charges to blindagem_queue;
comment on table blindagem_private.virtual_charges is 'What was enqueued while another transaction held the organization''s finish; whoever holds it next adds it there. Waiting for it would deadlock: whoever enqueues holds claims, expenses and records already, in no common order.';

create table blindagem_private.virtual_clocks (
  lane text not null,
  first_priority smallint not null,
  virtual_time double precision not null default 0,
  base double precision not null default 0
);
alter table blindagem_private.virtual_clocks owner to blindagem_owner;
alter table blindagem_private.virtual_clocks add constraint virtual_clocks_check CHECK ((base <= virtual_time));
alter table blindagem_private.virtual_clocks add constraint virtual_clocks_pkey PRIMARY KEY (lane);
alter table blindagem_private.virtual_clocks enable row level security;
create policy queue on blindagem_private.virtual_clocks for all to blindagem_queue using (true) with check (true);
create policy worker on blindagem_private.virtual_clocks for select to blindagem_worker using (true);
grant delete, insert, select, update on blindagem_private.virtual_clocks to blindagem_queue;
grant select on blindagem_private.virtual_clocks to blindagem_worker;
comment on table blindagem_private.virtual_clocks is 'The virtual time of each lane. Its priorities begin at first_priority, which is that of the start tag "base", and are 32,768.';
comment on column blindagem_private.virtual_clocks.first_priority is 'Quick jobs stand before slow ones in the library''s index: a fetch of the busiest lane passes over none of the thousands that wait for a provider.';

create table blindagem_private.virtual_finishes (
  lane text not null,
  organization_id bigint not null,
  finish double precision not null default 0
);
alter table blindagem_private.virtual_finishes owner to blindagem_owner;
alter table blindagem_private.virtual_finishes add constraint virtual_finishes_lane_fkey FOREIGN KEY (lane) REFERENCES blindagem_private.virtual_clocks(lane);
alter table blindagem_private.virtual_finishes add constraint virtual_finishes_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES blindagem.organizations(id);
alter table blindagem_private.virtual_finishes add constraint virtual_finishes_pkey PRIMARY KEY (lane, organization_id);
alter table blindagem_private.virtual_finishes enable row level security;
create policy queue on blindagem_private.virtual_finishes for all to blindagem_queue using (true) with check (true);
grant delete, insert, select, update on blindagem_private.virtual_finishes to blindagem_queue;
comment on table blindagem_private.virtual_finishes is 'Up to which virtual time the work of an organization is enqueued. Nobody waits for a row: who finds it locked adds to virtual_charges.';

create table blindagem_private.webhook_events (
  provider text not null,
  event_id text not null,
  event text not null,
  item_id text,
  received_at timestamp with time zone not null default now()
);
alter table blindagem_private.webhook_events owner to blindagem_owner;
alter table blindagem_private.webhook_events add constraint webhook_events_pkey PRIMARY KEY (provider, event_id);
alter table blindagem_private.webhook_events enable row level security;
create policy worker on blindagem_private.webhook_events for all to blindagem_worker using (true) with check (true);
grant delete, insert, select on blindagem_private.webhook_events to blindagem_worker;
comment on table blindagem_private.webhook_events is 'Webhook events by their id: the same event twice is one.';

create table blindagem_private.work_claims (
  task text not null,
  subject text not null,
  claimed_at timestamp with time zone not null default clock_timestamp()
);
alter table blindagem_private.work_claims owner to blindagem_owner;
alter table blindagem_private.work_claims add constraint work_claims_pkey PRIMARY KEY (task, subject);
alter table blindagem_private.work_claims enable row level security;
create policy worker on blindagem_private.work_claims for all to blindagem_queue, blindagem_worker using (true) with check (true);
grant delete, insert, select, update on blindagem_private.work_claims to blindagem_queue;
grant delete, insert, select, update on blindagem_private.work_claims to blindagem_worker;
comment on table blindagem_private.work_claims is 'At most one open job per task and subject (a CNPJ, a condominium, a document). The job deletes its claim before it reads what may still change (reconcile: the condominium; cnpj_lookup and ocr_triage, once they have the answer: the expenses that wait for it); whoever needs the job locks the claim or makes a new one with its job. Either the open job reads after that commit, or a new job is made: no wake-up is lost, and graphile-worker''s keyed add_job (null under contention, issue 580) is not needed.';

create table blindagem_private.workers (
  id uuid not null,
  host text not null,
  pid integer not null,
  concurrency jsonb not null,
  pool_ids text[] not null default '{}'::text[],
  started_at timestamp with time zone not null default clock_timestamp(),
  heartbeat_at timestamp with time zone not null default clock_timestamp(),
  stopped_at timestamp with time zone,
  died boolean not null default false
);
alter table blindagem_private.workers owner to blindagem_owner;
alter table blindagem_private.workers add constraint workers_pkey PRIMARY KEY (id);
CREATE INDEX workers_alive ON blindagem_private.workers USING btree (heartbeat_at) WHERE (stopped_at IS NULL);
alter table blindagem_private.workers enable row level security;
create policy operator on blindagem_private.workers for select to blindagem_operator using (true);
create policy worker on blindagem_private.workers for all to blindagem_queue, blindagem_worker using (true) with check (true);
grant select on blindagem_private.workers to blindagem_operator;
grant delete, insert, select, update on blindagem_private.workers to blindagem_queue;
grant delete, insert, select, update on blindagem_private.workers to blindagem_worker;
comment on table blindagem_private.workers is 'The worker processes. Each tells that it lives, by the database''s clock; one that has not for too long is dead, and its jobs are freed.';
comment on column blindagem_private.workers.pool_ids is 'What the library writes into locked_by of the jobs that this process holds: one id a lane.';
comment on column blindagem_private.workers.died is 'It was taken for dead. One that wakes up later finds this and ends.';

create view blindagem.audit_checkpoints with (security_invoker=true, security_barrier=false) as
 SELECT tree_size,
    encode(root, 'base64'::text) AS root,
    note,
    signed_at
   FROM blindagem_audit.checkpoints c;
alter table blindagem.audit_checkpoints owner to blindagem_owner;
grant select on blindagem.audit_checkpoints to blindagem_admin;
grant select on blindagem.audit_checkpoints to blindagem_auditor;
grant select on blindagem.audit_checkpoints to blindagem_reviewer;
grant select on blindagem.audit_checkpoints to blindagem_sindico;
comment on view blindagem.audit_checkpoints is '@primaryKey tree_size
@behavior -insert -update -delete -totalCount
Signed checkpoints of the audit log''s Merkle tree.';
comment on column blindagem.audit_checkpoints.root is 'The root of the tree of that size, in base64.';
comment on column blindagem.audit_checkpoints.note is 'The signed note (C2SP tlog-checkpoint), as it was signed.';

create view blindagem.audit_divergences with (security_invoker=true, security_barrier=true) as
 SELECT id,
    kind,
    entity_type,
    entity_id,
    organization_id,
    condominium_id,
    fields,
    first_seen_at,
    last_seen_at,
    resolved_at
   FROM blindagem_audit.divergences d;
alter table blindagem.audit_divergences owner to blindagem_owner;
grant select on blindagem.audit_divergences to blindagem_admin;
grant select on blindagem.audit_divergences to blindagem_auditor;
grant select on blindagem.audit_divergences to blindagem_operator;
grant select on blindagem.audit_divergences to blindagem_reviewer;
grant select on blindagem.audit_divergences to blindagem_sindico;
comment on view blindagem.audit_divergences is '@primaryKey id
@behavior -insert -update -delete
Where the tables and the audit log do not say the same: which row, in which fields, since when, and when it was found mended.';

create view blindagem.audit_log with (security_invoker=true, security_barrier=false) as
 SELECT r.id,
    r.recorded_at,
    r.organization_id,
    r.condominium_id,
    r.entity_type,
    r.entity_id,
        CASE
            WHEN (u.record_id IS NULL) THEN r.action
            ELSE 'OUT_OF_BAND'::text
        END AS action,
    r.actor_id,
    (e.fields ->> 'actor_role'::text) AS actor_role,
    (e.fields ->> 'on_behalf_of'::text) AS on_behalf_of,
    (e.fields -> 'previous_state'::text) AS previous_state,
    (e.fields -> 'new_state'::text) AS new_state,
    (blindagem_audit.metadata_of(e.fields) ||
        CASE
            WHEN (u.record_id IS NULL) THEN '{}'::jsonb
            ELSE jsonb_build_object('claimedAction', r.action, 'unattested', u.cause)
        END) AS metadata
   FROM ((blindagem_audit.audit_log_immutable r
     CROSS JOIN LATERAL ( SELECT blindagem_audit.revealed(r.id, r.recorded_at, r.entry) AS fields
         OFFSET 0) e)
     LEFT JOIN blindagem_audit.unattested_records u ON ((u.record_id = r.id)))
  WHERE (r.entity_type <> 'intents'::text);
alter table blindagem.audit_log owner to blindagem_owner;
grant select on blindagem.audit_log to blindagem_admin;
grant select on blindagem.audit_log to blindagem_auditor;
grant select on blindagem.audit_log to blindagem_reviewer;
grant select on blindagem.audit_log to blindagem_sindico;
comment on view blindagem.audit_log is '@primaryKey id
@behavior -insert -update -delete -totalCount
The audit log: who, when, what (previous state -> new state), with reason and address.';

create view blindagem.background_jobs with (security_invoker=true, security_barrier=true) as
 SELECT id,
    organization_id,
    condominium_id,
    batch_id,
    task,
    state,
    attempts,
    waiting_for,
    last_error,
    request_id,
    enqueued_at,
    run_at,
    started_at,
    finished_at,
    deaths
   FROM blindagem_private.job_records;
alter table blindagem.background_jobs owner to blindagem_owner;
grant select on blindagem.background_jobs to blindagem_admin;
grant select on blindagem.background_jobs to blindagem_integrator;
grant select on blindagem.background_jobs to blindagem_operator;
grant select on blindagem.background_jobs to blindagem_reviewer;
comment on view blindagem.background_jobs is '@primaryKey id
The queue in sight: waiting, running, failed and finished jobs. A tenant sees its own.';

create view blindagem.batch_progress with (security_invoker=true, security_barrier=true) as
 SELECT b.id AS batch_id,
    b.organization_id,
    b.row_count AS expenses,
    count(*) FILTER (WHERE (e.status = 'PENDING'::text)) AS pending,
    count(*) FILTER (WHERE (e.status = 'APPROVED'::text)) AS approved,
    count(*) FILTER (WHERE (e.status = 'REJECTED'::text)) AS rejected,
    count(*) FILTER (WHERE (e.status = 'MANUAL_REVIEW'::text)) AS manual_review,
    count(*) FILTER (WHERE (e.status = 'AWAITING_SECOND_APPROVAL'::text)) AS awaiting_second_approval,
    count(*) FILTER (WHERE (e.status = 'CANCELLED'::text)) AS cancelled
   FROM (blindagem.expense_batches b
     LEFT JOIN blindagem.expenses e ON ((e.batch_id = b.id)))
  GROUP BY b.id;
alter table blindagem.batch_progress owner to blindagem_owner;
grant select on blindagem.batch_progress to blindagem_admin;
grant select on blindagem.batch_progress to blindagem_auditor;
grant select on blindagem.batch_progress to blindagem_integrator;
grant select on blindagem.batch_progress to blindagem_reviewer;
grant select on blindagem.batch_progress to blindagem_sindico;
comment on view blindagem.batch_progress is '@primaryKey batch_id
@foreignKey (batch_id) references blindagem.expense_batches (id)|@fieldName batch|@foreignFieldName progress
How far a batch is.';

create view blindagem.dead_letters with (security_invoker=true, security_barrier=true) as
 SELECT id,
    record_id AS job_id,
    organization_id,
    condominium_id,
    batch_id,
    task,
    cause,
    attempts,
    deaths,
    last_error,
    history,
    died_at,
    resolved_at,
    resolution,
        CASE
            WHEN (blindagem_private.current_role_name() = 'operator'::text) THEN payload
            ELSE NULL::jsonb
        END AS payload
   FROM blindagem_private.dead_letters;
alter table blindagem.dead_letters owner to blindagem_owner;
grant select on blindagem.dead_letters to blindagem_admin;
grant select on blindagem.dead_letters to blindagem_integrator;
grant select on blindagem.dead_letters to blindagem_operator;
grant select on blindagem.dead_letters to blindagem_reviewer;
comment on view blindagem.dead_letters is '@primaryKey id
Jobs that failed for good or were cancelled, with their errors. A tenant sees its own; the payload (ids) is for operators.';

create view blindagem.income with (security_invoker=true, security_barrier=true) as
 SELECT t.condominium_id,
    t.id,
    t.posted_on,
    t.amount,
    t.description
   FROM (blindagem.bank_transactions t
     JOIN blindagem.movement_verdicts v ON (((v.condominium_id = t.condominium_id) AND (v.transaction_id = t.id))))
  WHERE ((v.verdict = 'INCOME'::text) AND ((t.amount)::numeric > (0)::numeric) AND (t.status = 'POSTED'::text) AND (t.deleted_at IS NULL));
alter table blindagem.income owner to blindagem_owner;
grant select on blindagem.income to blindagem_admin;
grant select on blindagem.income to blindagem_auditor;
grant select on blindagem.income to blindagem_integrator;
grant select on blindagem.income to blindagem_reviewer;
grant select on blindagem.income to blindagem_sindico;
grant select on blindagem.income to blindagem_worker;
comment on view blindagem.income is '@primaryKey condominium_id,id
What counts as income: credits found to be neither refund, suspect nor in suspense. A credit that was not looked at yet is not income.';

create view blindagem.live_workers with (security_invoker=true, security_barrier=true) as
 SELECT id,
    host,
    pid,
    concurrency,
    started_at,
    heartbeat_at
   FROM blindagem_private.workers
  WHERE (stopped_at IS NULL);
alter table blindagem.live_workers owner to blindagem_owner;
grant select on blindagem.live_workers to blindagem_operator;
comment on view blindagem.live_workers is '@primaryKey id
The worker processes that neither stopped nor were taken for dead (operators only).';

create view blindagem.provider_limits with (security_invoker=true, security_barrier=true) as
 SELECT provider,
    credential,
    ((60000)::double precision / interval_ms) AS per_minute,
    burst,
    daily_quota,
        CASE
            WHEN (quota_day >= blindagem_private.brasilia_day(now())) THEN quota_used
            ELSE 0
        END AS quota_used,
    quota_day,
    NULLIF(next_slot, '-infinity'::timestamp with time zone) AS next_slot,
    paused_until,
    failures,
    open_until,
        CASE
            WHEN (open_until IS NULL) THEN 'CLOSED'::text
            WHEN (open_until > now()) THEN 'OPEN'::text
            ELSE 'HALF_OPEN'::text
        END AS breaker
   FROM blindagem_private.provider_buckets;
alter table blindagem.provider_limits owner to blindagem_owner;
grant select on blindagem.provider_limits to blindagem_operator;
comment on view blindagem.provider_limits is '@primaryKey provider,credential
The limits of the outer services, what of them is taken, and whether they answer (operators only).';
comment on column blindagem.provider_limits.quota_used is 'Slots of quota_day that are taken; that may be a later day, if today''s are.';

create view blindagem.queue_figures with (security_invoker=true, security_barrier=true) as
 SELECT organization_id,
    minute,
    task,
    started,
    finished,
    failed,
    dead,
    ((wait_ms)::double precision / (NULLIF(started, 0))::double precision) AS wait_mean_ms,
    blindagem_private.histogram_percentile(wait_histogram, 0.5) AS wait_p50_ms,
    blindagem_private.histogram_percentile(wait_histogram, 0.95) AS wait_p95_ms,
    blindagem_private.histogram_percentile(wait_histogram, 0.99) AS wait_p99_ms,
    ((run_ms)::double precision / (NULLIF((finished + failed), 0))::double precision) AS run_mean_ms,
    blindagem_private.histogram_percentile(run_histogram, 0.5) AS run_p50_ms,
    blindagem_private.histogram_percentile(run_histogram, 0.95) AS run_p95_ms,
    blindagem_private.histogram_percentile(run_histogram, 0.99) AS run_p99_ms
   FROM ( SELECT m_1.organization_id,
            m_1.minute,
            m_1.task,
            sum(m_1.started) AS started,
            sum(m_1.finished) AS finished,
            sum(m_1.failed) AS failed,
            sum(m_1.dead) AS dead,
            sum(m_1.wait_ms) AS wait_ms,
            sum(m_1.run_ms) AS run_ms,
            blindagem_private.merge_histograms(m_1.wait_histogram) AS wait_histogram,
            blindagem_private.merge_histograms(m_1.run_histogram) AS run_histogram
           FROM blindagem_private.job_minutes m_1
          GROUP BY m_1.organization_id, m_1.minute, m_1.task) m;
alter table blindagem.queue_figures owner to blindagem_owner;
grant select on blindagem.queue_figures to blindagem_admin;
grant select on blindagem.queue_figures to blindagem_integrator;
grant select on blindagem.queue_figures to blindagem_operator;
grant select on blindagem.queue_figures to blindagem_reviewer;
comment on view blindagem.queue_figures is '@primaryKey organization_id,minute,task
What the queue did in a minute: attempts, failures, how long they waited and ran. A tenant sees its own; operators all, and the whole platform under the organization 0.';

create view blindagem.queue_now with (security_invoker=true, security_barrier=true) as
 WITH open_jobs AS (
         SELECT r.task,
            count(*) FILTER (WHERE ((r.state = 'WAITING'::text) AND (r.run_at <= now()))) AS waiting,
            count(*) FILTER (WHERE ((r.state = 'WAITING'::text) AND (r.run_at > now()))) AS scheduled,
            count(*) FILTER (WHERE (r.state = 'RUNNING'::text)) AS running,
            min(r.run_at) FILTER (WHERE ((r.state = 'WAITING'::text) AND (r.run_at <= now()))) AS oldest_waiting_since
           FROM blindagem_private.job_records r
          WHERE (r.state = ANY (ARRAY['WAITING'::text, 'RUNNING'::text]))
          GROUP BY r.task
        ), last_hour AS (
         SELECT m.task,
            sum(m.failed) AS failed,
            sum(m.dead) AS dead
           FROM blindagem_private.job_minutes m
          WHERE ((m.minute > (now() - '01:00:00'::interval)) AND (m.organization_id = ( SELECT
                        CASE blindagem_private.current_role_name()
                            WHEN 'operator'::text THEN (0)::bigint
                            ELSE blindagem_private.current_organization_id()
                        END AS current_organization_id)))
          GROUP BY m.task
        )
 SELECT task,
    COALESCE(o.waiting, (0)::bigint) AS waiting,
    COALESCE(o.scheduled, (0)::bigint) AS scheduled,
    COALESCE(o.running, (0)::bigint) AS running,
    o.oldest_waiting_since,
    COALESCE(h.failed, (0)::bigint) AS failed_last_hour,
    COALESCE(h.dead, (0)::bigint) AS dead_last_hour
   FROM (open_jobs o
     FULL JOIN last_hour h USING (task));
alter table blindagem.queue_now owner to blindagem_owner;
grant select on blindagem.queue_now to blindagem_admin;
grant select on blindagem.queue_now to blindagem_integrator;
grant select on blindagem.queue_now to blindagem_operator;
grant select on blindagem.queue_now to blindagem_reviewer;
comment on view blindagem.queue_now is '@primaryKey task
The queue at this moment, by task: jobs that are due and wait, that wait for their time, and that run. A tenant sees its own; operators all.';
comment on column blindagem.queue_now.oldest_waiting_since is 'When the job was due that has waited longest.';
comment on column blindagem.queue_now.failed_last_hour is 'Failed attempts of the last hour; most are tried again.';
comment on column blindagem.queue_now.dead_last_hour is 'Jobs that failed for good within the last hour.';

create view blindagem_audit.intents with (security_invoker=true, security_barrier=true) as
 SELECT id AS record_id,
    entity_id AS transaction_id,
    ((entry)::jsonb ->> 'note'::text) AS note
   FROM blindagem_audit.audit_log_immutable r
  WHERE (entity_type = 'intents'::text);
alter table blindagem_audit.intents owner to blindagem_audit_owner;
comment on view blindagem_audit.intents is 'Notes that acting processes have signed over transaction_groups, as the last act of their transactions. What is inserted becomes a record of the log; the database keeps an intent and cannot make one: the key is not here.';

create view blindagem_audit.records with (security_invoker=true, security_barrier=true) as
 SELECT r.id,
    r.recorded_at,
    r.organization_id,
    r.condominium_id,
    r.sensitivity,
    r.entity_type,
    r.entity_id,
    r.action,
    r.actor_id,
    r.entry,
    f.operation,
    f.actor_role,
    f.on_behalf_of,
    f.previous_state,
    f.new_state,
    f.reason,
    f.ip,
    f.user_agent,
    f.request_id,
    f.job_id,
    f.session_login,
    f.application_name,
    f.client_address,
    f.transaction_id
   FROM ((blindagem_audit.audit_log_immutable r
     CROSS JOIN LATERAL ( SELECT blindagem_audit.revealed(r.id, r.recorded_at, r.entry) AS fields
         OFFSET 0) e)
     CROSS JOIN LATERAL jsonb_to_record((e.fields - ARRAY( SELECT a.a
           FROM unnest('{ip,client_address}'::text[]) a(a)
          WHERE (jsonb_typeof((e.fields -> a.a)) = 'object'::text)))) f(operation text, actor_role text, on_behalf_of text, previous_state jsonb, new_state jsonb, reason text, ip inet, user_agent text, request_id text, job_id text, session_login text, application_name text, client_address inet, transaction_id text))
  WHERE (r.entity_type <> 'intents'::text);
alter table blindagem_audit.records owner to blindagem_audit_owner;
comment on view blindagem_audit.records is 'The records with all that their entries say, and what their commitments stand for, for those who look into the log in SQL.';

grant usage on sequence blindagem_private.job_records_id_seq to blindagem_queue;
