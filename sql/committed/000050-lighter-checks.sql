--! Previous: sha1:b4f6b208607e42497a9c0d62cd9d92c758aba8e7
--! Hash: sha1:5389af175b03172560ae9c2c25e1c49fe4a90815

-- What a reconciliation stores is checked with one look at each row that it touches, and only where what is checked changed.

set local role :OWNER;

-- Payables --------------------------------------------------------------------------------------------------

-- A payment status is no amount: a statement that changes nothing else has no sums to look at.
create or replace function blindagem_private.check_payables_sum() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare wrong record;
    begin
      if tg_op = 'UPDATE' then
        if not exists (
          select condominium_id, id, expense_id, amount from changed
          except all
          select condominium_id, id, expense_id, amount from was) then
          return null;
        end if;
      end if;
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

drop trigger payables_sum_on_update on blindagem.payables;
create trigger payables_sum_on_update after update on blindagem.payables
  referencing old table as was new table as changed
  for each statement execute function blindagem_private.check_payables_sum();

-- Payments --------------------------------------------------------------------------------------------------

create or replace function blindagem_private.check_payment_conserves() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      unknown bigint;
      wrong_sign bigint;
      exceeding bigint;
    begin
      if tg_op = 'DELETE' then
        select count(*) into exceeding
        from (
          -- Of what is deleted only a credit note's edge can raise the sum of the others.
          select distinct c.condominium_id, c.transaction_id from changed c where c.amount < 0) as touched
        join blindagem.bank_transactions t on t.condominium_id = touched.condominium_id and t.id = touched.transaction_id
        cross join lateral (
          select sum(p.amount) as total from blindagem.payments p
          where p.condominium_id = touched.condominium_id and p.transaction_id = touched.transaction_id) as paid
        where paid.total > greatest(-t.amount, 0);
      else
        select sum(touched.unknown) + count(*) filter (where t.id is null), sum(touched.wrong_sign),
            count(*) filter (where paid.total > greatest(-t.amount, 0))
          into unknown, wrong_sign, exceeding
        from (
          select c.condominium_id, c.transaction_id, count(*) filter (where p.id is null) as unknown,
            count(*) filter (where sign(c.amount) <> sign(p.amount)) as wrong_sign
          from changed c
          left join blindagem.payables p on p.condominium_id = c.condominium_id and p.id = c.payable_id
          group by c.condominium_id, c.transaction_id) as touched
        left join blindagem.bank_transactions t on t.condominium_id = touched.condominium_id and t.id = touched.transaction_id
        cross join lateral (
          select sum(p.amount) as total from blindagem.payments p
          where p.condominium_id = touched.condominium_id and p.transaction_id = touched.transaction_id) as paid;
        perform blindagem_private.refuse_missing_movement(unknown, tg_table_name);
        if wrong_sign > 0 then
          perform blindagem_private.fail('BLD06', 'O valor de um pagamento tem o sinal do valor a pagar.');
        end if;
      end if;
      if exceeding > 0 then
        perform blindagem_private.fail('BLD06', 'Os pagamentos ligados a um débito passam do valor dele.');
      end if;
      return null;
    end
  $$;

set local role :AUDIT_OWNER;

-- The hashes are sorted, not the records: these are megabytes, which went to disk for it.
create or replace function blindagem_audit.transaction_groups() returns table (leaf_hashes bytea, actions text[])
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select string_agg(record.leaf_hash, '' order by record.id), array_agg(distinct record.action)
    from blindagem_audit.pending_records p
    cross join lateral (
      select r.id, r.organization_id, r.condominium_id, r.sensitivity, r.action,
        blindagem_audit.leaf_hash(convert_to(r.entry, 'UTF8')) as leaf_hash
      from blindagem_audit.audit_log_immutable r
      where r.id = any (p.record_ids) and r.recorded_at = p.recorded_at and r.entity_type <> 'intents'
      offset 0) as record
    where p.transaction_id = pg_current_xact_id_if_assigned()
    group by record.organization_id, record.condominium_id, record.sensitivity
  $$;

reset role;
