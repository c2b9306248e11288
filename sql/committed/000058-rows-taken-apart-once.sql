--! Previous: sha1:c6d327bccc31d4a0bc9e12486041538002106f0b
--! Hash: sha1:f2a9b5f7d2cf7b57f1d20d17b9d152cf7b2d68c5

-- Rows are taken apart once: what the database has to say of them is found by the statement that stores them.

set local role :OWNER;

drop function blindagem_private.store_expenses(bigint, jsonb);
drop function blindagem_private.row_errors(jsonb);

create function blindagem_private.store_batch(
    rows jsonb, refused jsonb, content_hash text, idempotency_key text, parent_id bigint, accept_valid boolean, dry_run boolean,
    out batch_id bigint, out accepted int, out errors jsonb)
  language plpgsql
  as $$
    declare
      organization bigint := blindagem_private.current_organization_id();
    begin
      perform pg_advisory_xact_lock_shared(hashtextextended('blindagem documents ' || organization, 0));
      with submitted as materialized (
        select s.*, nextval('blindagem.expenses_id_seq') as expense_id
        from (select * from blindagem_private.submitted_rows(rows) order by index) as s
      ), known as materialized (
        select * from blindagem_private.condominiums_of(array(select distinct condominium from submitted))
      ), wrong as materialized (
        select s.index, 'condominium' as field, 'CONDOMINIUM_UNKNOWN' as code
        from submitted s join known k on k.reference = s.condominium where k.condominium_id is null
        union all
        -- One look into the index a row: as a plain join it may become a scan of all the tenant's expenses.
        select s.index, 'externalId', 'EXTERNAL_ID_TAKEN'
        from submitted s cross join lateral (
          select from blindagem.expenses e where e.organization_id = organization and e.external_id = s.external_id
          limit 1) as taken
        union all
        select s.index, 'category', 'CATEGORY_UNKNOWN'
        from submitted s left join blindagem.categories c on c.code = s.category where c.code is null
      ), found as materialized (
        select refused || coalesce(
          jsonb_agg(jsonb_build_object('index', w.index, 'field', w.field, 'code', w.code) order by w.index, w.field), '[]') as errors
        from wrong w
      ), taken as materialized (
        select s.* from submitted s cross join found f
        where not dry_run and (f.errors = '[]' or accept_valid and s.index <> all (array(
          select (e->>'index')::int from jsonb_array_elements(f.errors) as e where e->>'index' is not null)))
      ), batch as (
        insert into blindagem.expense_batches
          (organization_id, parent_id, idempotency_key, content_hash, submitted_by, submitted_through, row_count, refused_rows)
        select organization, store_batch.parent_id, store_batch.idempotency_key, store_batch.content_hash,
          blindagem_private.current_person_id(), blindagem_private.setting('api_key_id')::bigint, t.count, f.errors
        from found f cross join (select count(*) as count from taken) as t
        -- A batch of nothing would keep the rows, once they are mended elsewhere, from ever being taken under their key.
        where not dry_run and (t.count > 0 or f.errors = '[]')
        returning *
      ), placed as materialized (
        select k.condominium_id, t.*, c.sensitivity, b.id as batch_id, b.organization_id, b.submitted_by, b.submitted_at,
          b.submitted_at + coalesce((
            select s.value from blindagem.settings s
            where s.organization_id = organization and s.name = 'fact_deadline_hours'), 72) * interval '1 hour' as fact_deadline
        from batch b
        cross join taken t
        join known k on k.reference = t.condominium
        join blindagem.categories c on c.code = t.category
      ), expenses as (
        insert into blindagem.expenses (
          condominium_id, id, organization_id, batch_id, external_id, category, sensitivity, document_kind,
          document_number, issue_date, competence, gross_amount, payee_kind, payee_document, payee_name,
          payee_pix_key, due_date, instalment_number, instalment_total, description, submitted_by, submitted_at,
          fact_deadline)
        overriding system value
        select p.condominium_id, p.expense_id, p.organization_id, p.batch_id, p.external_id, p.category, p.sensitivity,
          p.document_kind, p.document_number, p.issue_date, p.competence, p.gross_amount, p.payee_kind,
          p.payee_document, p.payee_name, p.payee_pix_key, p.due_date, p.instalment_number, p.instalment_total,
          p.description, p.submitted_by, p.submitted_at, p.fact_deadline
        from placed p
        returning id
      ), retentions as (
        insert into blindagem.retentions (condominium_id, expense_id, kind, amount)
        select p.condominium_id, p.expense_id, r.kind, r.amount
        from placed p cross join jsonb_to_recordset(p.retentions) as r (kind text, amount numeric)
      ), payables as (
        -- An expense from which nothing is retained is its own one payable.
        insert into blindagem.payables (condominium_id, expense_id, kind, retention, payee_document, payee_name, amount, due_date)
        select p.condominium_id, p.expense_id, 'SUPPLIER', null, p.payee_document, p.payee_name, p.gross_amount - r.total, p.due_date
        from placed p
        cross join lateral (select sum(r.amount) as total from jsonb_to_recordset(p.retentions) as r (amount numeric)) as r
        where r.total is not null
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
            where u.organization_id = organization and u.file_name = d.document->>'fileName'
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
      select b.id, (select count(*) from expenses), f.errors into batch_id, accepted, errors
      from found f left join batch b on true;
    end
  $$;
comment on function blindagem_private.store_batch is
  'Writes a batch and its expenses with their retentions, the payables of those that have some, documents and payee accounts, in one statement. Of rows of which the database knows that they are wrong (unknown condominium or category, external id taken), added to those refused before, nothing is written, or with accept_valid the others; then the errors alone are the answer. A dry run writes nothing.';

do $do$
  declare
    source text := pg_get_functiondef('blindagem.submit_expense_batch'::regproc);
    first text := $s$      errors := refused || blindagem_private.row_errors(rows);$s$;
    last text := $s$      perform blindagem_private.enqueue_batch(new_batch);$s$;
  begin
    if strpos(source, first) = 0 or strpos(source, last) = 0 then
      raise exception 'submit_expense_batch does not store as it did';
    end if;
    source := left(source, strpos(source, first) - 1)
      || $s$      taken := blindagem_private.store_batch(
        rows, refused, content_hash, idempotency_key, parent_id, accept_valid, dry_run);
      if taken.batch_id is not null then
        perform blindagem_private.enqueue_batch(taken.batch_id);
      end if;
      return jsonb_build_object('batchId', taken.batch_id::text, 'accepted', taken.accepted, 'errors', taken.errors, 'repeated', false);
    end
  $function$
$s$;
    execute replace(source, $s$      errors jsonb;
      accepted jsonb;
      new_batch bigint;
      stored int;
$s$, $s$      taken record;
$s$);
  end
$do$;

reset role;
