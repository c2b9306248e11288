--! Previous: sha1:2890959a7b457ddfbcddd82a352f381ebe8e6705
--! Hash: sha1:3a7537dbeccac18c8f434378de32a2f66c97e987

-- Statements and payment returns by file. What a file tells and what the provider tells are the same movements: each is
-- stored once, whichever came first.

set local role :OWNER;

alter table blindagem.bank_accounts add column file_keys text[] not null default '{}';
comment on column blindagem.bank_accounts.file_keys is E'@omit\nSHA-256 of bank code and account number, as files write them: by these the account is known again, and nobody can pay with them.';

create table blindagem.statement_files (
  id bigint generated always as identity primary key,
  organization_id bigint not null references blindagem.organizations,
  condominium_id bigint references blindagem.condominiums,
  kind text not null check (kind in ('OFX', 'CNAB240')),
  sha256 blindagem.sha256 not null,
  file_name text not null check (length(file_name) between 1 and 255),
  size int not null check (size between 1 and 8000000),
  imported_by bigint not null references blindagem.people,
  imported_through bigint references blindagem.api_keys,
  reason text,
  imported_at timestamptz not null default now(),
  result jsonb not null default '{}'
);
comment on table blindagem.statement_files is
  'A statement or payment return that somebody handed in, by the hash of its bytes. Without condominium it is of a pool account of the administradora.';
comment on column blindagem.statement_files.result is 'What came of it, as it was answered: a repeat gets the same answer.';
create unique index statement_files_of_condominium on blindagem.statement_files (condominium_id, sha256)
  where condominium_id is not null;
create unique index statement_files_of_pool on blindagem.statement_files (organization_id, sha256)
  where condominium_id is null;

alter table blindagem.bank_transactions
  add column file_key text,
  add column replaced_by bigint references blindagem.bank_transactions,
  add column part_of bigint references blindagem.bank_transactions,
  add constraint bank_transactions_part check (part_of is null or condominium_id is not null),
  add constraint bank_transactions_replaced check (replaced_by is null or deleted_at is not null);
comment on column blindagem.bank_transactions.provider_id is
  'The provider''s id; file: and the file''s key where only files tell of the movement.';
comment on column blindagem.bank_transactions.file_key is
  E'@omit\nThe key of the movement in statement files; null where only the provider tells of it.';
comment on column blindagem.bank_transactions.replaced_by is
  'The movement under which the provider gives this one now: what people decided on this one holds for that one.';
comment on column blindagem.bank_transactions.part_of is
  'The debit of a pool account of which this is one condominium''s part; that debit itself is no condominium''s.';
create index bank_transactions_parts on blindagem.bank_transactions (part_of) where part_of is not null;
create unique index bank_transactions_file_key on blindagem.bank_transactions (account_id, file_key)
  where file_key is not null and deleted_at is null;
create index bank_transactions_of_account on blindagem.bank_transactions (account_id, posted_on);
create index bank_transactions_replaced on blindagem.bank_transactions (condominium_id) where replaced_by is not null;

alter table blindagem.bank_statements add column file_id bigint references blindagem.statement_files;
comment on column blindagem.bank_statements.opening_balance is
  'Of a file that tells only the closing balance: that balance less the entries of the period.';

create table blindagem.statement_doubts (
  condominium_id bigint references blindagem.condominiums,
  id bigint generated always as identity primary key,
  account_id bigint not null references blindagem.bank_accounts,
  file_id bigint references blindagem.statement_files,
  entry_key text not null,
  entry jsonb not null,
  candidate_ids bigint[] not null,
  sensitivity text not null default 'SALARY' check (sensitivity = 'SALARY'),
  opened_at timestamptz not null default now(),
  outcome text check (outcome in ('NEW', 'KNOWN')),
  resolved_at timestamptz,
  unique (account_id, entry_key),
  check ((outcome is null) = (resolved_at is null))
);
comment on table blindagem.statement_doubts is
  'Entries of a file, or of the provider, of which nobody can tell whether they are movements that are known already from the other. They are no movements until a person has said so.';
comment on column blindagem.statement_doubts.sensitivity is 'Nobody knows yet what it pays: it may be a salary.';
comment on column blindagem.statement_doubts.file_id is 'Null: the entry is the provider''s.';
comment on column blindagem.statement_doubts.entry_key is E'@omit\nThe file''s key of the entry, or the provider''s id.';
comment on column blindagem.statement_doubts.candidate_ids is 'The known movements of that day and amount.';
comment on column blindagem.statement_doubts.outcome is 'NEW: it was stored as a movement of its own; KNOWN: it is one of those that were there.';

create table blindagem.returned_payments (
  condominium_id bigint references blindagem.condominiums,
  id bigint generated always as identity primary key,
  account_id bigint not null references blindagem.bank_accounts,
  file_id bigint not null references blindagem.statement_files,
  item_key text not null,
  batch text not null,
  service text not null,
  sensitivity text not null generated always as (case service when '30' then 'SALARY' else 'ORDINARY' end) stored,
  form text not null,
  segment text not null check (segment in ('A', 'J', 'O', 'N')),
  outcome text not null check (outcome in ('PAID', 'SCHEDULED', 'REJECTED', 'CANCELLED', 'UNKNOWN')),
  occurrences text[] not null,
  payee_document text,
  payee_name text,
  amount blindagem.amount not null check (amount > 0),
  face_amount blindagem.amount,
  due_on date,
  paid_on date,
  barcode text,
  own_number text,
  bank_number text,
  authentication text,
  end_to_end_id text,
  debit_id bigint references blindagem.bank_transactions,
  unique (account_id, item_key)
);
comment on table blindagem.returned_payments is
  'What a bank''s CNAB 240 return says of each payment that was ordered: it itemises a lump debit, and confirms or refuses payments.';
comment on column blindagem.returned_payments.item_key is 'Equal for the same news of the same payment in every file: a hash of what it says and its place among equals.';
comment on column blindagem.returned_payments.batch is 'Sequence of the file and number of the batch in it: what is debited in one sum is of one batch.';
comment on column blindagem.returned_payments.sensitivity is 'By the service (FEBRABAN G025): 30 is the payroll.';
comment on column blindagem.returned_payments.own_number is 'The payer''s number of the payment ("seu número").';
comment on column blindagem.returned_payments.debit_id is 'The debit of a pool account that it itemises; only then it is known whose the payment is.';
create index returned_payments_of_debit on blindagem.returned_payments (debit_id) where debit_id is not null;
create index returned_payments_of_condominium on blindagem.returned_payments (condominium_id, paid_on);
create index returned_payments_of_file on blindagem.returned_payments (file_id);

-- Who may see it --------------------------------------------------------------------------------------------

do $$
  declare table_name text;
  begin
    foreach table_name in array '{statement_doubts,returned_payments}'::text[] loop
      execute format('alter table blindagem.%I enable row level security', table_name);
      execute format(
        'create policy scope on blindagem.%1$I for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
           using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[])
             or (condominium_id is null and exists (select from blindagem.bank_accounts a where a.id = %1$I.account_id)))', table_name);
      execute format('create policy worker on blindagem.%I to :WORKER using (true) with check (true)', table_name);
      execute format('grant select on blindagem.%I to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :WORKER', table_name);
    end loop;
  end
$$;
-- What a sync puts in doubt.
grant insert on blindagem.statement_doubts to :WORKER;
-- Items of a payroll say what each is paid. Of the others a file does not tell which expense they are.
create policy salaries on blindagem.returned_payments as restrictive for select to :AUDITOR
  using (sensitivity <> 'SALARY' or (select blindagem_private.sees_salaries()));
create policy salaries on blindagem.statement_doubts as restrictive for select to :AUDITOR
  using (sensitivity <> 'SALARY' or (select blindagem_private.sees_salaries()));

alter table blindagem.statement_files enable row level security;
create policy scope on blindagem.statement_files for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR
  using (condominium_id = any ((select blindagem_private.visible_condominium_ids())::bigint[])
    or (condominium_id is null and organization_id = any ((select blindagem_private.visible_organization_ids())::bigint[])));
create policy worker on blindagem.statement_files to :WORKER using (true) with check (true);
grant select on blindagem.statement_files to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :WORKER;

-- Handing in ------------------------------------------------------------------------------------------------

create function blindagem_private.begin_statement_import(
  condominium_id bigint, kind text, sha256 text, file_name text, size int, reason text) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      organization bigint := blindagem_private.current_organization_id();
      known blindagem.statement_files;
      made bigint;
    begin
      perform blindagem_private.require_role('admin', 'integrator');
      if begin_statement_import.reason is not null then
        perform blindagem_private.require_reason(begin_statement_import.reason);
      end if;
      if begin_statement_import.condominium_id is not null then
        perform blindagem_private.require_condominium(begin_statement_import.condominium_id);
      end if;
      -- Of two files of one holder the second finds what the first stored.
      perform pg_advisory_xact_lock(hashtextextended('statement:' ||
        coalesce(begin_statement_import.condominium_id::text, 'pool ' || organization), 0));
      select * into known from blindagem.statement_files f
      where f.sha256 = begin_statement_import.sha256 and case when begin_statement_import.condominium_id is null
        then f.condominium_id is null and f.organization_id = organization
        else f.condominium_id = begin_statement_import.condominium_id end;
      if found then
        return jsonb_build_object('fileId', known.id::text, 'result', known.result);
      end if;
      insert into blindagem.statement_files
        (organization_id, condominium_id, kind, sha256, file_name, size, imported_by, imported_through, reason)
      values (organization, begin_statement_import.condominium_id, begin_statement_import.kind,
        begin_statement_import.sha256, begin_statement_import.file_name, begin_statement_import.size,
        blindagem_private.current_person_id(), blindagem_private.setting('api_key_id')::bigint,
        btrim(begin_statement_import.reason))
      returning id into made;
      return jsonb_build_object('fileId', made::text, 'result', null);
    end
  $$;
comment on function blindagem_private.begin_statement_import is
  'Registers a file under its hash, or gives the result of the same file handed in before. Imports of one holder wait for each other.';

create function blindagem_private.statement_account(
  file_id bigint, file_key text, account_id bigint, new_account boolean, name text, number_masked text) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      file blindagem.statement_files;
      account blindagem.bank_accounts;
      others text;
    begin
      file := blindagem_private.own_statement_file(file_id);
      select * into account from blindagem.bank_accounts a
      where statement_account.file_key = any (a.file_keys)
        and (a.condominium_id = file.condominium_id or (file.condominium_id is null and a.organization_id = file.organization_id));
      if found then
        if statement_account.account_id <> account.id then
          perform blindagem_private.fail('BLD04',
            format('A conta %s do arquivo já é a conta %s; não pode ser também a %s.', number_masked, account.id, statement_account.account_id));
        end if;
        return account.id;
      end if;
      if statement_account.account_id is not null then
        select * into account from blindagem.bank_accounts a
        where a.id = statement_account.account_id
          and (a.condominium_id = file.condominium_id or (file.condominium_id is null and a.organization_id = file.organization_id));
        if not found then
          perform blindagem_private.fail('BLD03', 'A conta não existe ou não é de quem o arquivo é.');
        end if;
        update blindagem.bank_accounts a set file_keys = a.file_keys || statement_account.file_key where a.id = account.id;
        return account.id;
      end if;
      if not new_account then
        select string_agg(format('%s (%s %s)', a.id, a.name, coalesce(a.number_masked, 'sem número')), ', ' order by a.id) into others
        from blindagem.bank_accounts a
        where a.condominium_id = file.condominium_id or (file.condominium_id is null and a.organization_id = file.organization_id);
        if others is not null then
          perform blindagem_private.fail('BLD04', format(
            'A conta %s do arquivo ainda não é conhecida. Diga qual destas ela é (accountId): %s; ou que é outra conta (newAccount).',
            number_masked, others));
        end if;
      end if;
      insert into blindagem.bank_accounts (condominium_id, organization_id, purpose, name, number_masked, file_keys)
      values (file.condominium_id, case when file.condominium_id is null then file.organization_id end,
        case when file.condominium_id is null then 'POOL' else 'ORDINARY' end, statement_account.name,
        statement_account.number_masked, array[statement_account.file_key])
      returning * into account;
      return account.id;
    end
  $$;
comment on function blindagem_private.statement_account is
  'The account of a file''s account number. One that was never seen is a new account only where there is no other, or where that is said: two accounts for one would count each movement twice.';

create function blindagem_private.own_statement_file(file_id bigint) returns blindagem.statement_files
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare file blindagem.statement_files;
    begin
      perform blindagem_private.require_role('admin', 'integrator');
      select * into file from blindagem.statement_files f
      where f.id = own_statement_file.file_id and f.organization_id = blindagem_private.current_organization_id()
        and f.imported_by = blindagem_private.current_person_id() and f.result = '{}';
      if not found then
        perform blindagem_private.fail('BLD03', 'O arquivo não está sendo importado.');
      end if;
      return file;
    end
  $$;
comment on function blindagem_private.own_statement_file is 'The file that the asker is just handing in.';

create function blindagem_private.lock_account(account_id bigint) returns void
  language sql volatile
  as $$ select pg_advisory_xact_lock(hashtextextended('account:' || account_id, 0)) $$;
comment on function blindagem_private.lock_account is
  'Files and the provider tell of one account one after the other: each looks first at what the other has stored.';

create function blindagem_private.known_movements(file_id bigint, account_id bigint, from_day date, to_day date)
  returns table (id text, provider_id text, file_key text, posted_on text, amount text, description text,
    counterparty_name text, check_number text, end_to_end_id text)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      perform blindagem_private.own_statement_file(known_movements.file_id);
      perform blindagem_private.lock_account(known_movements.account_id);
      return query
        select t.id::text, t.provider_id, t.file_key, t.posted_on::text, t.amount::text, t.description,
          t.counterparty_name, t.check_number, t.end_to_end_id
        from blindagem.bank_transactions t
        join blindagem.bank_accounts a on a.id = t.account_id
        join blindagem.statement_files f on f.id = known_movements.file_id
        where t.account_id = known_movements.account_id and t.deleted_at is null and t.part_of is null
          and t.posted_on between from_day and to_day
          and (a.condominium_id = f.condominium_id or (f.condominium_id is null and a.organization_id = f.organization_id))
        order by t.id;
    end
  $$;
comment on function blindagem_private.known_movements is 'The movements of the account that a file tells of, between two days.';

create function blindagem_private.add_told_movements(account_id bigint, entries jsonb) returns int
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    with written as (
      insert into blindagem.bank_transactions (
        condominium_id, account_id, provider_id, file_key, posted_at, posted_on, amount, description, operation_type,
        counterparty_document, counterparty_name, end_to_end_id, original_end_to_end_id, check_number, status)
      select a.condominium_id, a.id, coalesce(e."providerId", 'file:' || e."fileKey"), e."fileKey", e."postedAt",
        (e."postedAt" at time zone 'America/Sao_Paulo')::date, e.amount, e.description, e."operationType",
        e."counterpartyDocument", e."counterpartyName", e."endToEndId", e."originalEndToEndId", e."checkNumber",
        coalesce(e.status, 'POSTED')
      from blindagem.bank_accounts a,
        jsonb_to_recordset(entries) as e ("providerId" text, "fileKey" text, "postedAt" timestamptz, amount numeric,
          description text, "operationType" text, "counterpartyDocument" text, "counterpartyName" text,
          "endToEndId" text, "originalEndToEndId" text, "checkNumber" text, status text)
      where a.id = add_told_movements.account_id
      order by e."postedAt", e."fileKey"
      on conflict do nothing
      returning 1
    )
    select count(*)::int from written
  $$;
comment on function blindagem_private.add_told_movements is 'Stores what a file, or the provider, tells as movements of an account.';

create function blindagem_private.store_statement(
  file_id bigint, account_id bigint, period jsonb, entries jsonb, same jsonb, doubts jsonb) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      file blindagem.statement_files;
      account blindagem.bank_accounts;
      doubt record;
      made bigint;
    begin
      file := blindagem_private.own_statement_file(store_statement.file_id);
      select * into account from blindagem.bank_accounts a
      where a.id = store_statement.account_id
        and (a.condominium_id = file.condominium_id or (file.condominium_id is null and a.organization_id = file.organization_id));
      if not found then
        perform blindagem_private.fail('BLD03', 'A conta não existe ou não é de quem o arquivo é.');
      end if;
      -- What the bank's own statement has is posted, whatever was announced before.
      update blindagem.bank_transactions t set file_key = s."fileKey", status = 'POSTED'
      from jsonb_to_recordset(same) as s ("fileKey" text, "transactionId" bigint)
      where t.id = s."transactionId" and t.account_id = account.id and t.file_key is null;
      if blindagem_private.add_told_movements(account.id, entries) <> jsonb_array_length(entries) then
        perform blindagem_private.fail('BLD06', 'O extrato mudou enquanto era importado; envie o arquivo de novo.');
      end if;
      for doubt in
        insert into blindagem.statement_doubts (condominium_id, account_id, file_id, entry_key, entry, candidate_ids)
        select account.condominium_id, account.id, file.id, d.entry->>'fileKey', d.entry,
          array(select jsonb_array_elements_text(d."candidateIds")::bigint)
        from jsonb_to_recordset(doubts) as d (entry jsonb, "candidateIds" jsonb)
        on conflict on constraint statement_doubts_account_id_entry_key_key do nothing
        returning id, entry, candidate_ids
      loop
        if account.condominium_id is not null then
          insert into blindagem.reviews (condominium_id, kind, subject, reasons)
          values (account.condominium_id, 'BANK', 'statement-entry:' || doubt.id, jsonb_build_array(jsonb_build_object(
            'code', 'STATEMENT_ENTRY_AMBIGUOUS', 'severity', 'REVIEW', 'evidence', jsonb_build_object(
              'day', doubt.entry->>'postedOn', 'amount', doubt.entry->>'amount',
              'transactionIds', (select jsonb_agg(c::text) from unnest(doubt.candidate_ids) as c)))));
        end if;
      end loop;
      if period is not null then
        insert into blindagem.bank_statements as s
          (account_id, starts_on, ends_on, opening_balance, closing_balance, file_id)
        values (account.id, (period->>'from')::date, (period->>'to')::date,
          (period->>'opening')::numeric, (period->>'closing')::numeric, file.id)
        on conflict on constraint bank_statements_account_id_starts_on_ends_on_key do update
        set opening_balance = excluded.opening_balance, closing_balance = excluded.closing_balance, file_id = excluded.file_id
        where (s.opening_balance, s.closing_balance) is distinct from (excluded.opening_balance, excluded.closing_balance)
          and excluded.closing_balance is not null;
      end if;
    end
  $$;
comment on function blindagem_private.store_statement is
  'Stores one account''s part of a file: new movements, those that are known and now have the file''s key, those that a person has to tell apart, and the period with its balances.';

create function blindagem_private.store_returned_payments(file_id bigint, account_id bigint, items jsonb) returns int
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      file blindagem.statement_files;
      stored int;
    begin
      file := blindagem_private.own_statement_file(store_returned_payments.file_id);
      insert into blindagem.returned_payments (
        condominium_id, account_id, file_id, item_key, batch, service, form, segment, outcome, occurrences, payee_document,
        payee_name, amount, face_amount, due_on, paid_on, barcode, own_number, bank_number, authentication, end_to_end_id)
      select a.condominium_id, a.id, file.id, i."itemKey", i.batch, i.service, i.form, i.segment, i.outcome,
        array(select jsonb_array_elements_text(i.occurrences)), i."payeeDocument", i."payeeName", i.amount, i."faceAmount",
        i."dueOn", i."paidOn", i.barcode, i."ownNumber", i."bankNumber", i.authentication, i."endToEndId"
      from blindagem.bank_accounts a,
        jsonb_to_recordset(items) as i ("itemKey" text, batch text, service text, form text, segment text, outcome text,
          occurrences jsonb, "payeeDocument" text, "payeeName" text, amount numeric, "faceAmount" numeric, "dueOn" date,
          "paidOn" date, barcode text, "ownNumber" text, "bankNumber" text, authentication text, "endToEndId" text)
      where a.id = store_returned_payments.account_id
        and (a.condominium_id = file.condominium_id or (file.condominium_id is null and a.organization_id = file.organization_id))
      on conflict on constraint returned_payments_account_id_item_key_key do nothing;
      get diagnostics stored = row_count;
      return stored;
    end
  $$;
comment on function blindagem_private.store_returned_payments is 'Stores the items of a payment return, each once. @returns how many were new';

create function blindagem_private.itemise_pool(account_id bigint) returns setof bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      whole text;
      found_pair record;
    begin
      perform blindagem_private.lock_account(itemise_pool.account_id);
      -- What is debited in one sum is a batch, or else a file.
      foreach whole in array '{/0,/[^/]*$}'::text[] loop
        for found_pair in
          with item as (
            select r.id, regexp_replace(r.batch, whole, '') as whole, r.paid_on, r.amount, e.condominium_id
            from blindagem.returned_payments r
            join blindagem.bank_accounts a on a.id = r.account_id and a.purpose = 'POOL'
            left join blindagem.expenses e on e.organization_id = a.organization_id and e.external_id = r.own_number
            where r.account_id = itemise_pool.account_id and r.condominium_id is null
              and r.outcome = 'PAID' and r.paid_on is not null
          ), sums as (
            select i.whole, i.paid_on, sum(i.amount) as amount, array_agg(i.id) as ids
            from item i
            group by i.whole, i.paid_on
            having count(*) = count(i.condominium_id)
          ), pair as (
            select s.*, t.id as debit_id,
              count(*) over (partition by s.whole, s.paid_on) as debits, count(*) over (partition by t.id) as claims
            from sums s
            join blindagem.bank_transactions t on t.account_id = itemise_pool.account_id and t.amount = -s.amount
              and t.posted_on between s.paid_on and s.paid_on + 1
            where t.condominium_id is null and t.deleted_at is null and t.status = 'POSTED'
              and not exists (select from blindagem.bank_transactions p where p.part_of = t.id and p.deleted_at is null)
          )
          select p.debit_id, p.ids from pair p where p.debits = 1 and p.claims = 1 order by p.debit_id
        loop
          return query
            with owed as (
              select e.condominium_id, r.id, r.amount
              from blindagem.returned_payments r
              join blindagem.bank_accounts a on a.id = r.account_id
              join blindagem.expenses e on e.organization_id = a.organization_id and e.external_id = r.own_number
              where r.id = any (found_pair.ids)
            ), told as (
              update blindagem.returned_payments r set condominium_id = o.condominium_id, debit_id = found_pair.debit_id
              from owed o where r.id = o.id
            )
            insert into blindagem.bank_transactions as stored (
              condominium_id, account_id, provider_id, posted_at, posted_on, amount, description, operation_type, status, part_of)
            select o.condominium_id, t.account_id, 'part:' || t.id || ':' || o.condominium_id, t.posted_at, t.posted_on,
              -sum(o.amount), t.description, t.operation_type, 'POSTED', t.id
            from owed o
            join blindagem.bank_transactions t on t.id = found_pair.debit_id
            group by o.condominium_id, t.id
            order by o.condominium_id
            on conflict on constraint bank_transactions_account_id_provider_id_key do update
            set amount = excluded.amount, deleted_at = null
            returning stored.condominium_id;
        end loop;
      end loop;
    end
  $$;
comment on function blindagem_private.itemise_pool is
  'Gives the lump debits of a pool account to the condominiums whose payments the bank''s return itemises: a part for each. Only where every item is an expense of the organization by its external id, and debit and items have no other explanation. @returns the condominiums that got a part';

create function blindagem_private.take_parts_back() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      update blindagem.bank_transactions p set deleted_at = new.deleted_at
      where p.part_of = new.id and p.deleted_at is null;
      update blindagem.returned_payments r set condominium_id = null, debit_id = null where r.debit_id = new.id;
      return null;
    end
  $$;
comment on function blindagem_private.take_parts_back is 'Parts of a debit that the bank took back are none; its items may be those of another.';
create trigger take_parts_back after update of deleted_at on blindagem.bank_transactions
  for each row when (old.deleted_at is null and new.deleted_at is not null and new.condominium_id is null)
  execute function blindagem_private.take_parts_back();

create function blindagem_private.finish_statement_import(file_id bigint, result jsonb) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      file blindagem.statement_files;
      touched bigint;
    begin
      file := blindagem_private.own_statement_file(finish_statement_import.file_id);
      update blindagem.statement_files f set result = finish_statement_import.result where f.id = file.id;
      if file.condominium_id is not null then
        perform blindagem_private.enqueue_reconciliation(file.condominium_id);
        return;
      end if;
      for touched in
        select distinct i.condominium_id
        from jsonb_to_recordset(finish_statement_import.result->'accounts') as told ("accountId" bigint)
        join blindagem.bank_accounts a on a.id = told."accountId" and a.organization_id = file.organization_id
        cross join lateral blindagem_private.itemise_pool(a.id) as i (condominium_id)
      loop
        perform blindagem_private.enqueue_reconciliation(touched);
      end loop;
    end
  $$;
comment on function blindagem_private.finish_statement_import is 'Keeps what came of a file, itemises a pool''s debits, and enqueues the reconciliation of the condominiums concerned.';

create function blindagem_private.enqueue_reconciliation(condominium_id bigint) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    select blindagem_private.claim_and_enqueue(jsonb_build_array(jsonb_build_object(
      'task', 'reconcile', 'subject', enqueue_reconciliation.condominium_id::text,
      'organizationId', blindagem_private.current_organization_id(), 'condominiumId', enqueue_reconciliation.condominium_id,
      'requestId', blindagem_private.setting('request_id'),
      'payload', jsonb_build_object('condominiumId', enqueue_reconciliation.condominium_id::text))))
  $$;
comment on function blindagem_private.enqueue_reconciliation is 'Asks for the reconciliation of a condominium, once while it waits.';

-- A file tells of its days as well as the provider does.
create or replace function blindagem.expenses_payment_known(expense blindagem.expenses) returns boolean
  language sql stable
  as $$
    select coalesce(bool_and(coalesce(c.state = 'FRESH', false) or exists (
      select from blindagem.bank_statements s
      join blindagem.statement_files f on f.id = s.file_id
      where s.account_id = a.id
        -- A file may name the end of a month that is not over.
        and least(s.ends_on, (f.imported_at at time zone 'America/Sao_Paulo')::date) >= blindagem_private.today() - 2)), false)
    from blindagem.bank_accounts a
    left join blindagem.bank_connections c on c.id = a.connection_id
    where a.condominium_id = expense.condominium_id and (c.id is not null or a.file_keys <> '{}')
  $$;
comment on function blindagem.expenses_payment_known is
  'False when the bank''s data of the condominium is missing, stale, partial or broken, and no statement reaches to these days: then "no debit" is unknown, never "not paid".';

-- A person's answer to an entry in doubt. A trigger, so that whatever ends the review carries it out.
create function blindagem_private.end_statement_doubt() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare doubt blindagem.statement_doubts;
    begin
      update blindagem.statement_doubts d
      set outcome = case new.outcome when 'APPROVED' then 'NEW' else 'KNOWN' end, resolved_at = now()
      where d.id = substr(new.subject, 17)::bigint and d.condominium_id = new.condominium_id and d.outcome is null
      returning * into doubt;
      if found and doubt.outcome = 'NEW' then
        perform blindagem_private.add_told_movements(doubt.account_id, jsonb_build_array(doubt.entry));
      elsif found and cardinality(doubt.candidate_ids) = 1 then
        -- Then it is known which of them it is, and both sources know it again.
        update blindagem.bank_transactions t
        set file_key = case when doubt.file_id is null then t.file_key else doubt.entry_key end,
          provider_id = case when doubt.file_id is null then doubt.entry_key else t.provider_id end
        where t.id = doubt.candidate_ids[1] and t.deleted_at is null
          and case when doubt.file_id is null then t.provider_id like 'file:%' else t.file_key is null end;
      end if;
      perform blindagem_private.enqueue_reconciliation(new.condominium_id);
      return null;
    end
  $$;
comment on function blindagem_private.end_statement_doubt is
  'Approved, the entry is a movement of its own; refused, it is one of those that were there, and nothing is added.';
create trigger end_statement_doubt after update of outcome on blindagem.reviews
  for each row when (old.outcome is null and new.outcome in ('APPROVED', 'REJECTED')
    and new.kind = 'BANK' and new.subject like 'statement-entry:%')
  execute function blindagem_private.end_statement_doubt();

revoke execute on function
  blindagem_private.begin_statement_import, blindagem_private.statement_account, blindagem_private.own_statement_file,
  blindagem_private.lock_account, blindagem_private.known_movements, blindagem_private.add_told_movements, blindagem_private.store_statement,
  blindagem_private.store_returned_payments, blindagem_private.finish_statement_import,
  blindagem_private.itemise_pool, blindagem_private.take_parts_back,
  blindagem_private.enqueue_reconciliation, blindagem_private.end_statement_doubt
  from public;
grant execute on function blindagem_private.itemise_pool to :WORKER;
grant execute on function blindagem_private.lock_account to :WORKER;
grant execute on function
  blindagem_private.begin_statement_import, blindagem_private.statement_account, blindagem_private.known_movements,
  blindagem_private.store_statement, blindagem_private.store_returned_payments, blindagem_private.finish_statement_import
  to :ADMIN, :INTEGRATOR;

reset role;
set local role :AUDIT_OWNER;
select blindagem_audit.define_capture(('blindagem.' || name)::regclass)
from unnest('{bank_accounts,bank_transactions,bank_statements,statement_files,statement_doubts,returned_payments}'::text[]) as name;
reset role;
set local role :OWNER;
select blindagem_private.attach_audit(('blindagem.' || name)::regclass)
from unnest('{statement_files,statement_doubts,returned_payments}'::text[]) as name;
reset role;
