--! Previous: sha1:397ae90a6401d4ab5b3b4443cbbb7a2bb7c9d81b
--! Hash: sha1:bf0e4712ab5284db6da66779edfe6e25ea60343e

-- Where rows come by the thousand, checks go by the set.

set local role :OWNER;

-- Parents ---------------------------------------------------------------------------------------------------

-- A foreign key is checked row by row: 12 microseconds each here, and an expense with its payable had six of them, a
-- third of what submitting cost. The parents of a batch are few, so a look at the distinct ones costs nothing. The other
-- half of a foreign key, that a parent does not go away, is simpler than the constraint: these rows are never deleted.

create function blindagem_private.refuse_deletion() returns trigger
  language plpgsql
  as $$
    begin
      perform blindagem_private.fail('BLD06', format('Linhas de %I.%I não se apagam.', tg_table_schema, tg_table_name));
      return null;
    end
  $$;
comment on function blindagem_private.refuse_deletion is
  'Rows that others refer to without a foreign key are never deleted (they end by a date, or by a status).';

do $$
  declare table_name text;
  begin
    foreach table_name in array '{organizations,people,condominiums,categories,expense_batches,expenses,payables,decisions}'::text[] loop
      execute format('create trigger keep before delete on blindagem.%I for each statement execute function blindagem_private.refuse_deletion()', table_name);
      execute format('alter table blindagem.%I enable always trigger keep', table_name);
    end loop;
  end
$$;

create function blindagem_private.check_expense_parents() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem_private.check_expense_parents is
  'Invariant: the condominium, the category and the batch of an expense exist, and organization and submitter are the batch''s.';

alter table blindagem.expenses
  drop constraint expenses_condominium_id_fkey, drop constraint expenses_organization_id_fkey,
  drop constraint expenses_batch_id_fkey, drop constraint expenses_category_fkey, drop constraint expenses_submitted_by_fkey;
create trigger expense_parents after insert on blindagem.expenses
  referencing new table as new_rows for each statement execute function blindagem_private.check_expense_parents();
comment on table blindagem.expenses is
E'@unique id
@foreignKey (condominium_id) references blindagem.condominiums (id)
@foreignKey (organization_id) references blindagem.organizations (id)
@foreignKey (batch_id) references blindagem.expense_batches (id)|@fieldName batch|@foreignFieldName expenses
@foreignKey (submitted_by) references blindagem.people (id)|@fieldName submitter|@foreignFieldName submittedExpenses
@foreignKey (category) references blindagem.categories (code)|@fieldName categoryDetails|@foreignFieldName expenses
An obligation of a condominium: what it owes, to whom, for which document.';

drop trigger expense_keys on blindagem.expenses;
create trigger expense_keys before update of condominium_id, id, organization_id, external_id, batch_id, submitted_by, category
  on blindagem.expenses
  for each row when (
    (old.condominium_id, old.id, old.organization_id, old.external_id, old.batch_id, old.submitted_by, old.category)
    is distinct from (new.condominium_id, new.id, new.organization_id, new.external_id, new.batch_id, new.submitted_by, new.category))
  execute function blindagem_private.refuse_key_change();

alter table blindagem.payables drop constraint payables_condominium_id_expense_id_fkey;
comment on table blindagem.payables is
E'@foreignKey (condominium_id, expense_id) references blindagem.expenses (condominium_id, id)|@fieldName expense|@foreignFieldName payables
What is to be paid for an expense: the supplier''s net, each retained tax; a credit note as a negative. Their sum is the gross.';

create or replace function blindagem_private.check_payables_sum() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
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
  $$;
comment on function blindagem_private.check_payables_sum is
  'Invariant: payables belong to an expense, and those of one expense sum up to its gross.';

-- Decisions -------------------------------------------------------------------------------------------------

-- Facts lay in a table of their own under their hash. They name their expense, so no two decisions ever shared them:
-- all it gave was a second insert with an index over random hashes.
alter table blindagem.decisions
  add column rule_set blindagem.sha256 references blindagem_private.rule_sets,
  add column facts jsonb;
update blindagem.decisions d set rule_set = f.rule_set, facts = f.facts
from blindagem_private.decision_facts f where f.facts_hash = d.facts_hash;
alter table blindagem.decisions
  alter column rule_set set not null, alter column facts set not null,
  drop constraint decisions_facts_hash_fkey, drop constraint decisions_condominium_id_expense_id_fkey;
drop table blindagem_private.decision_facts;
comment on table blindagem.decisions is
E'@foreignKey (condominium_id, expense_id) references blindagem.expenses (condominium_id, id)|@fieldName expense|@foreignFieldName decisions
Each decision with the facts, rules and thresholds it rests on, so that it can be replayed. Never changed; the hash of its facts stands in its expense, whose audit record vouches for it.';
comment on column blindagem.decisions.facts is '@omit
All facts but the rules, which are the rule set''s.';
comment on column blindagem.decisions.rule_set is '@omit
The rows of rules as the decision found them.';
drop index blindagem.decisions_once;
create unique index decisions_once on blindagem.decisions (condominium_id, expense_id);
comment on index blindagem.decisions_once is 'The machine decides an expense once; whatever it learns later opens a review.';

create function blindagem_private.refuse_update() returns trigger
  language plpgsql
  as $$
    begin
      perform blindagem_private.fail('BLD06', format('Linhas de %I.%I não mudam.', tg_table_schema, tg_table_name));
      return null;
    end
  $$;
comment on function blindagem_private.refuse_update is 'Rows that are written once and never again.';
create trigger keep_values before update on blindagem.decisions
  for each statement execute function blindagem_private.refuse_update();
alter table blindagem.decisions enable always trigger keep_values;

alter table blindagem.expenses add column facts_hash blindagem.sha256;
comment on column blindagem.expenses.facts_hash is 'Digest of the facts on which the machine''s decision rests; the audit log has it with the change of status.';

create function blindagem_private.check_decision_expense() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
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
      return null;
    end
  $$;
comment on function blindagem_private.check_decision_expense is
  'Invariant: the expense of a decision exists and carries the hash of the decision''s facts, which the audit log thus has.';
create trigger decision_expense after insert on blindagem.decisions
  referencing new table as new_rows for each statement execute function blindagem_private.check_decision_expense();

reset role;
set local role :AUDIT_OWNER;

create or replace function blindagem_audit.unaudited_tables() returns text[]
  language sql immutable parallel safe
  as $$ select '{companies,decisions,document_readings,document_identifiers,documents}'::text[] $$;
comment on function blindagem_audit.unaudited_tables is
  'The exceptions, in one list: companies (public registry data; each answer is kept in company_answers), documents, their readings and identifiers (append-only, addressed by the hash of their content; the decision''s facts hold what was used), decisions (append-only; the hash of their facts stands in the audited change of the expense).';
select blindagem_audit.define_capture('blindagem.expenses');

reset role;
set local role :OWNER;
drop trigger audit_insert on blindagem.decisions;
drop trigger audit_update on blindagem.decisions;
drop trigger audit_delete on blindagem.decisions;
drop trigger audit_truncate on blindagem.decisions;
create trigger keep_rows before truncate on blindagem.decisions
  for each statement execute function blindagem_private.refuse_deletion();
alter table blindagem.decisions enable always trigger keep_rows;
reset role;
set local role :AUDIT_OWNER;
drop function blindagem_audit.capture_insert_decisions, blindagem_audit.capture_update_decisions,
  blindagem_audit.capture_delete_decisions;
reset role;
set local role :OWNER;

-- Submitting ------------------------------------------------------------------------------------------------

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

create or replace function blindagem_private.enqueue_batch(batch_id bigint) returns void
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
    select blindagem_private.enqueue_jobs(jsonb_build_array(jsonb_build_object(
      'task', 'reconcile_batch', 'organizationId', b.organization_id, 'batchId', b.id,
      'requestId', blindagem_private.setting('request_id'), 'payload', jsonb_build_object('batchId', b.id::text))))
    from blindagem.expense_batches b where b.id = enqueue_batch.batch_id;
  $$;
comment on function blindagem_private.enqueue_batch is
  'Enqueues a batch: its validation in chunks of 250 expenses, and a job that asks for the reconciliation of its condominiums.';

-- A reconciliation for each of 10,000 condominiums, most of which have no movements yet, cost more than their decisions.
-- Whether there are movements is asked by a job, after the batch's commit: asked here, a sync that commits its first
-- movements meanwhile would be missed, and its reconciliation would not see the batch.
insert into blindagem_private.tasks (name, lane, max_attempts) values ('reconcile_batch', 'QUICK', 10);

reset role;
