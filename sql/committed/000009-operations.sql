--! Previous: sha1:7e092378fbe9e9eaf6caef581478a8e36c5bcf2f
--! Hash: sha1:fa14b62255c89f5a2355794e6cfbe521e0ff8f9d

-- What people and other systems do. Request roles write through these functions only; each checks who asks.

set local role :OWNER;

create function blindagem_private.require_role(variadic allowed text[]) returns void
  language plpgsql stable
  as $$
    begin
      if blindagem_private.current_role_name() is null then
        perform blindagem_private.fail('BLD01', 'Entre com um token válido.');
      end if;
      if blindagem_private.current_role_name() <> all (allowed) then
        perform blindagem_private.fail('BLD02',
          format('Esta operação pede um destes papéis: %s.', array_to_string(allowed, ', ')));
      end if;
    end
  $$;
comment on function blindagem_private.require_role is 'Refuses (BLD01, BLD02) unless the request has one of these roles.';

create function blindagem_private.require_reason(reason text) returns void
  language plpgsql
  as $$
    begin
      if reason is null or length(btrim(reason)) < 3 or length(reason) > 1000 then
        perform blindagem_private.fail('BLD08', 'Diga o motivo, em 3 a 1000 caracteres.');
      end if;
      perform set_config('blindagem.reason', btrim(reason), true);
    end
  $$;
comment on function blindagem_private.require_reason is 'Refuses a change without reason (BLD08), and gives the reason to the audit log.';

create function blindagem_private.require_condominium(id bigint) returns void
  language plpgsql stable
  as $$
    begin
      if id is null or id <> all (blindagem_private.visible_condominium_ids()) then
        perform blindagem_private.fail('BLD03', 'O condomínio não existe ou não está ao seu alcance.');
      end if;
    end
  $$;
comment on function blindagem_private.require_condominium is 'Refuses (BLD03) a condominium that the request may not see.';

create function blindagem_private.sign_in(subject text, role text, organization_id bigint)
  returns table (person_id bigint, organization_id bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem_private.sign_in is
  'The person and organization behind a verified token: no row, when the claimed role is not (or no longer) theirs. Several rows: the token must name the organization.';
grant execute on function blindagem_private.sign_in to :AUTHENTICATOR;

create function blindagem_private.sign_in_with_key(key_hash text, on_behalf_of text)
  returns table (api_key_id bigint, person_id bigint, organization_id bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select k.id, p.id, k.organization_id
    from blindagem.api_keys k
    join blindagem.members m on m.organization_id = k.organization_id
    join blindagem.people p on p.id = m.person_id
    where k.key_hash = sign_in_with_key.key_hash and k.revoked_at is null
      and p.subject = sign_in_with_key.on_behalf_of
      and blindagem_private.has_scope(blindagem_private.today(), m.valid_from, m.valid_to)
    limit 1
  $$;
comment on function blindagem_private.sign_in_with_key is
  'The organization of an API key and the member on whose behalf it comes: that person counts as the submitter.';
grant execute on function blindagem_private.sign_in_with_key to :AUTHENTICATOR;
grant usage on schema blindagem_private to :AUTHENTICATOR;

-- Beginning -------------------------------------------------------------------------------------------------

create function blindagem_private.person_of(subject text, name text, email text) returns bigint
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem_private.person_of is 'The person of a token''s subject, made when new.';

create function blindagem.create_organization(
  name text, cnpj text, admin_subject text, admin_name text, admin_email text) returns blindagem.organizations
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare created blindagem.organizations;
    begin
      perform blindagem_private.require_role('operator');
      insert into blindagem.organizations (name, cnpj)
      values (create_organization.name, create_organization.cnpj::blindagem.cnpj) returning * into created;
      insert into blindagem.members (organization_id, person_id, role)
      values (created.id, blindagem_private.person_of(admin_subject, admin_name, admin_email), 'admin');
      return created;
    end
  $$;
comment on function blindagem.create_organization is 'Makes an administradora and its first administrator (operators only).';

create function blindagem.add_member(subject text, name text, email text, role text) returns blindagem.members
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare created blindagem.members;
    begin
      perform blindagem_private.require_role('admin');
      insert into blindagem.members (organization_id, person_id, role)
      values (blindagem_private.current_organization_id(),
        blindagem_private.person_of(add_member.subject, add_member.name, add_member.email), add_member.role)
      returning * into created;
      return created;
    end
  $$;
comment on function blindagem.add_member is 'Gives a person a role (admin, reviewer, integrator) in the organization.';

create function blindagem.end_membership(member_id bigint, reason text) returns blindagem.members
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare ended blindagem.members;
    begin
      perform blindagem_private.require_role('admin');
      perform blindagem_private.require_reason(reason);
      update blindagem.members m set valid_to = blindagem_private.today()
      where m.id = member_id and m.organization_id = blindagem_private.current_organization_id()
        and m.valid_to is null and m.valid_from < blindagem_private.today()
      returning * into ended;
      if not found then
        perform blindagem_private.fail('BLD03', 'O membro não existe, já saiu, ou entrou hoje.');
      end if;
      return ended;
    end
  $$;
comment on function blindagem.end_membership is 'Ends a member''s role from today on.';

create function blindagem.create_condominium(
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
      values (blindagem_private.current_organization_id(), created.id, create_condominium.code,
        coalesce(managed_from, blindagem_private.today()));
      return created;
    end
  $$;
comment on function blindagem.create_condominium is 'Makes a condominium, managed by the organization from that day (default: today).';

create function blindagem.import_condominiums(rows jsonb) returns setof blindagem.condominiums
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare item record;
    begin
      perform blindagem_private.require_role('admin');
      for item in
        select * from jsonb_to_recordset(rows)
          as r (name text, code text, cnpj text, city text, state text, "managedFrom" date)
      loop
        return next blindagem.create_condominium(item.name, item.code, item.cnpj, item.city, item.state, item."managedFrom");
      end loop;
    end
  $$;
comment on function blindagem.import_condominiums is
  'Makes many condominiums [{name, code, cnpj, city, state, managedFrom}]; one bad row refuses them all.';

create function blindagem.grant_role(
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
      insert into blindagem.grants (person_id, role, organization_id, condominium_id, valid_to)
      values (
        blindagem_private.person_of(grant_role.subject, grant_role.name, grant_role.email), grant_role.role,
        case when grant_role.condominium_id is null then blindagem_private.current_organization_id() end,
        grant_role.condominium_id, grant_role.valid_to)
      returning * into created;
      return created;
    end
  $$;
comment on function blindagem.grant_role is
  'Grants sindico or auditor, for one condominium or (auditor) the whole organization, until a date.';

create function blindagem.end_grant(grant_id bigint, reason text) returns blindagem.grants
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare ended blindagem.grants;
    begin
      perform blindagem_private.require_role('admin');
      perform blindagem_private.require_reason(reason);
      update blindagem.grants g set valid_to = greatest(blindagem_private.today(), g.valid_from + 1)
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
comment on function blindagem.end_grant is 'Ends a grant from today on (a grant of today ends tomorrow).';

create function blindagem_private.grant_operator(subject text, name text, email text) returns blindagem.grants
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare created blindagem.grants;
    begin
      insert into blindagem.grants (person_id, role)
      values (blindagem_private.person_of(grant_operator.subject, grant_operator.name, grant_operator.email), 'operator')
      returning * into created;
      return created;
    end
  $$;
comment on function blindagem_private.grant_operator is 'Makes an operator. Only the command line can (it holds the API''s login); no request can.';
grant execute on function blindagem_private.grant_operator to :OPERATOR;

create function blindagem.connect_bank(provider_item_id text, condominium_id bigint default null)
  returns blindagem.bank_connections
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem.connect_bank is
  'Connects a Pluggy item to a condominium (or, without one, to the organization''s pool) and enqueues its first sync.';

create function blindagem.set_setting(name text, value int, reason text) returns blindagem.settings
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem.set_setting is 'Sets one of the organization''s settings.';

create function blindagem.set_approval_limit(
  amount numeric, requires text, reason text, condominium_id bigint default null) returns blindagem.approval_limits
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem.set_approval_limit is 'Sets the alçada of the organization or of one condominium from today on; the old one keeps its dates.';

create type blindagem.created_api_key as (id bigint, name text, key text);
comment on type blindagem.created_api_key is 'A new API key: shown once, only its hash is kept.';
create function blindagem.create_api_key(name text) returns blindagem.created_api_key
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem.create_api_key is 'Makes a key for another system (role integrator).';

create function blindagem.revoke_api_key(api_key_id bigint, reason text) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem.revoke_api_key is 'Ends a key at once.';

-- Documents -------------------------------------------------------------------------------------------------

create function blindagem_private.register_document(sha256 text, format text, size int, file_name text) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare organization bigint := blindagem_private.current_organization_id();
    begin
      perform blindagem_private.require_role('admin', 'integrator');
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
comment on function blindagem_private.register_document is
  'Notes a stored document, gives its hash to the expenses that named the file, and enqueues its reading.';
grant execute on function blindagem_private.register_document to :ADMIN, :INTEGRATOR;

-- Submitting ------------------------------------------------------------------------------------------------

create function blindagem_private.submitted_rows(rows jsonb)
  returns table (
    index int, external_id text, condominium text, category text, document_kind text, document_number text,
    issue_date date, competence date, gross_amount numeric, retentions jsonb, payee_kind text, payee_document text,
    payee_name text, payee_pix_key text, due_date date, instalment_number int, instalment_total int,
    documents jsonb, description text)
  language sql immutable
  as $$
    select r.index, r."externalId", r.condominium, r.category, r."documentKind", r."documentNumber",
      r."issueDate", (r.competence || '-01')::date, r."grossAmount", coalesce(r.retentions, '[]'), r."payeeKind",
      r."payeeDocument", r."payeeName", r."payeePixKey", r."dueDate", r."instalmentNumber", r."instalmentTotal",
      coalesce(r.documents, '[]'), r.description
    from jsonb_to_recordset(rows) as r (
      index int, "externalId" text, condominium text, category text, "documentKind" text, "documentNumber" text,
      "issueDate" date, competence text, "grossAmount" numeric, retentions jsonb, "payeeKind" text,
      "payeeDocument" text, "payeeName" text, "payeePixKey" text, "dueDate" date,
      "instalmentNumber" int, "instalmentTotal" int, documents jsonb, description text)
  $$;
comment on function blindagem_private.submitted_rows is 'Rows as src/expenses has parsed and checked them, as a relation.';

create function blindagem_private.condominiums_of(reference_list text[])
  returns table (reference text, condominium_id bigint)
  language sql stable
  as $$
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
  $$;
comment on function blindagem_private.condominiums_of is
  'The condominiums of a batch''s rows: by the administradora''s own code, else by CNPJ, among those it manages today; null where there is none.';

create function blindagem_private.row_errors(rows jsonb) returns jsonb
  language sql stable
  as $$
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
  $$;
comment on function blindagem_private.row_errors is 'What only the database can say of rows: unknown condominium or category, external id already taken.';

create function blindagem.submit_expense_batch(
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
      select coalesce(jsonb_agg(r), '[]') into accepted
      from jsonb_array_elements(rows) as r
      where not exists (select from jsonb_array_elements(errors) as e where e->'index' = r->'index');

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
comment on function blindagem.submit_expense_batch is
  E'@behavior -*\nStores a batch, its expenses and their jobs in one transaction. Rows come parsed by src/expenses; "refused" are the errors found there. Answers {batchId, accepted, errors, repeated}.';

create function blindagem_private.store_expenses(batch_id bigint, rows jsonb) returns int
  language plpgsql volatile
  as $$
    declare
      batch blindagem.expense_batches;
      stored int;
    begin
      select * into strict batch from blindagem.expense_batches b where b.id = batch_id;
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
comment on function blindagem_private.store_expenses is
  'Writes the expenses of a batch with their retentions, payables, documents and payee accounts, in one statement.';

create function blindagem_private.enqueue_batch(batch_id bigint) returns void
  language sql volatile
  as $$
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
    select blindagem_private.claim_and_enqueue(coalesce((
      select jsonb_agg(jsonb_build_object(
        'task', 'reconcile', 'subject', touched.condominium_id::text, 'organizationId', touched.organization_id,
        'condominiumId', touched.condominium_id, 'requestId', blindagem_private.setting('request_id'),
        'payload', jsonb_build_object('condominiumId', touched.condominium_id::text)))
      from (
        select distinct e.organization_id, e.condominium_id from blindagem.expenses e
        where e.batch_id = enqueue_batch.batch_id) as touched), '[]'));
  $$;
comment on function blindagem_private.enqueue_batch is
  'Enqueues a batch: its validation in chunks of 250 expenses, and the reconciliation of each condominium it touches.';

-- Reviews ---------------------------------------------------------------------------------------------------

create function blindagem.resolve_review(review_id bigint, approve boolean, reason text) returns blindagem.reviews
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      person bigint := blindagem_private.current_person_id();
      review blindagem.reviews;
      expense blindagem.expenses;
    begin
      perform blindagem_private.require_role('admin', 'reviewer', 'sindico');
      perform blindagem_private.require_reason(reason);
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
comment on function blindagem.resolve_review is 'Ends a review with a reason: never by the one who submitted; a condominium''s approval only by its síndico.';

create function blindagem_private.end_review_of_expense(
  review blindagem.reviews, expense blindagem.expenses, approve boolean) returns void
  language plpgsql volatile
  as $$
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
  $$;
comment on function blindagem_private.end_review_of_expense is 'Carries a review''s outcome over to its expense: what a late fact tells against it rejects even an approved one, and a rejection answers the other questions on it.';

create function blindagem.cancel_expense(expense_id bigint, reason text) returns blindagem.expenses
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem.cancel_expense is 'Takes back an expense that is not decided yet: only its submitter can, with a reason.';

grant execute on function
  blindagem.create_organization, blindagem.add_member, blindagem.end_membership, blindagem.create_condominium,
  blindagem.import_condominiums, blindagem.grant_role, blindagem.end_grant, blindagem.connect_bank, blindagem.set_setting,
  blindagem.set_approval_limit, blindagem.create_api_key, blindagem.revoke_api_key, blindagem.submit_expense_batch,
  blindagem.resolve_review, blindagem.cancel_expense
  to :ADMIN, :REVIEWER, :SINDICO, :INTEGRATOR, :OPERATOR;

-- Webhooks --------------------------------------------------------------------------------------------------

create function blindagem_private.receive_webhook(
  provider text, event_id text, event text, item_id text, request_id text, named jsonb default '{}')
  returns text
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem_private.receive_webhook is
  'Notes a verified event once, and enqueues the sync of its connection. The event is a signal, never data: the movements that it names {accountId, transactionIds} are fetched from the provider.';
grant execute on function blindagem_private.receive_webhook to :AUTHENTICATOR;

reset role;
