--! Previous: sha1:9efd828e23ab152ec250d23c35d40de04895e3b9
--! Hash: sha1:a11a6b8c3e16d71ef7f35baef2906293510e46d3

-- What a reconciliation writes comes by the hundred: its parents and its sums are checked by the set, as those of a batch are.

set local role :OWNER;

-- Movements, like expenses and payables, are never deleted; what the bank takes back has a date. So the other half of a
-- foreign key to them holds without one.
create trigger keep before delete on blindagem.bank_transactions
  for each statement execute function blindagem_private.refuse_deletion();
alter table blindagem.bank_transactions enable always trigger keep;
create trigger keep_rows before truncate on blindagem.bank_transactions
  for each statement execute function blindagem_private.refuse_deletion();
alter table blindagem.bank_transactions enable always trigger keep_rows;

create function blindagem_private.refuse_missing_movement(unknown bigint, table_name name) returns void
  language plpgsql
  as $$
    begin
      if unknown > 0 then
        raise foreign_key_violation using
          message = format('A row of %I refers to a movement or a payable that its condominium does not have.', table_name),
          table = table_name, schema = 'blindagem';
      end if;
    end
  $$;
comment on function blindagem_private.refuse_missing_movement is 'What a foreign key says where it fails.';

alter table blindagem.bank_transactions add constraint bank_transactions_key unique using index bank_transactions_key;
comment on constraint bank_transactions_key on blindagem.bank_transactions is E'@behavior -single\nWhat others refer to: the movement, and whose it is.';

-- Payments --------------------------------------------------------------------------------------------------

alter table blindagem.payments
  drop constraint payments_condominium_id_fkey, drop constraint payments_condominium_id_payable_id_fkey,
  drop constraint payments_condominium_id_transaction_id_fkey;
comment on table blindagem.payments is
E'@foreignKey (condominium_id) references blindagem.condominiums (id)
@foreignKey (condominium_id, payable_id) references blindagem.payables (condominium_id, id)|@fieldName payable|@foreignFieldName payments
@foreignKey (condominium_id, transaction_id) references blindagem.bank_transactions (condominium_id, id)|@fieldName transaction|@foreignFieldName payments
Edge: this debit pays this payable, with the amount and why.';

create or replace function blindagem_private.check_payment_conserves() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      unknown bigint;
      wrong_sign bigint;
    begin
      if tg_op <> 'DELETE' then
        select count(*) filter (where t.id is null or p.id is null), count(*) filter (where sign(c.amount) <> sign(p.amount))
          into unknown, wrong_sign
        from changed c
        left join blindagem.bank_transactions t on t.condominium_id = c.condominium_id and t.id = c.transaction_id
        left join blindagem.payables p on p.condominium_id = c.condominium_id and p.id = c.payable_id;
        perform blindagem_private.refuse_missing_movement(unknown, tg_table_name);
        if wrong_sign > 0 then
          perform blindagem_private.fail('BLD06', 'O valor de um pagamento tem o sinal do valor a pagar.');
        end if;
      end if;
      if exists (
        select from (
          -- Of what is deleted only a credit note's edge can raise the sum of the others.
          select distinct c.condominium_id, c.transaction_id from changed c
          where tg_op <> 'DELETE' or c.amount < 0) as touched
        join blindagem.payments p on p.condominium_id = touched.condominium_id and p.transaction_id = touched.transaction_id
        join blindagem.bank_transactions t on t.condominium_id = touched.condominium_id and t.id = touched.transaction_id
        group by t.condominium_id, t.id, t.amount
        having sum(p.amount) > greatest(-t.amount, 0)) then
        perform blindagem_private.fail('BLD06', 'Os pagamentos ligados a um débito passam do valor dele.');
      end if;
      return null;
    end
  $$;
comment on function blindagem_private.check_payment_conserves is
  'Money is conserved: what a debit pays, less its credit notes, never exceeds it; a credit pays nothing. Payable and debit are of the payment''s condominium.';

-- Refunds ---------------------------------------------------------------------------------------------------

alter table blindagem.refunds
  drop constraint refunds_condominium_id_fkey, drop constraint refunds_condominium_id_credit_id_fkey,
  drop constraint refunds_condominium_id_debit_id_fkey;
comment on table blindagem.refunds is
E'@foreignKey (condominium_id) references blindagem.condominiums (id)
@foreignKey (condominium_id, credit_id) references blindagem.bank_transactions (condominium_id, id)|@fieldName credit|@foreignFieldName refundsOfDebits
@foreignKey (condominium_id, debit_id) references blindagem.bank_transactions (condominium_id, id)|@fieldName debit|@foreignFieldName refunds
Edge: this credit gives back this debit (estorno, devolução), with the amount and why.';

create or replace function blindagem_private.check_refund_conserves() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare unknown bigint;
    begin
      select count(*) into unknown
      from changed c
      left join blindagem.bank_transactions credit on credit.condominium_id = c.condominium_id and credit.id = c.credit_id
      left join blindagem.bank_transactions debit on debit.condominium_id = c.condominium_id and debit.id = c.debit_id
      where credit.id is null or debit.id is null;
      perform blindagem_private.refuse_missing_movement(unknown, tg_table_name);
      if exists (
        select from (select distinct c.condominium_id, c.debit_id as id from changed c) as touched
        join blindagem.refunds r on r.condominium_id = touched.condominium_id and r.debit_id = touched.id
        join blindagem.bank_transactions t on t.condominium_id = touched.condominium_id and t.id = touched.id
        group by t.condominium_id, t.id, t.amount
        having sum(r.amount) > -t.amount
        union all
        select from (select distinct c.condominium_id, c.credit_id as id from changed c) as touched
        join blindagem.refunds r on r.condominium_id = touched.condominium_id and r.credit_id = touched.id
        join blindagem.bank_transactions t on t.condominium_id = touched.condominium_id and t.id = touched.id
        group by t.condominium_id, t.id, t.amount
        having sum(r.amount) > t.amount) then
        perform blindagem_private.fail('BLD06', 'Os estornos ligados a um movimento passam do valor dele.');
      end if;
      return null;
    end
  $$;
comment on function blindagem_private.check_refund_conserves is
  'Money is conserved: refunds never exceed their credit nor the debit they undo. Both are of the refund''s condominium.';

-- Verdicts --------------------------------------------------------------------------------------------------

alter table blindagem.movement_verdicts
  drop constraint movement_verdicts_condominium_id_fkey,
  drop constraint movement_verdicts_condominium_id_transaction_id_fkey,
  drop constraint movement_verdicts_condominium_id_reversed_credit_id_fkey;
comment on table blindagem.movement_verdicts is
E'@foreignKey (condominium_id) references blindagem.condominiums (id)
@foreignKey (condominium_id, transaction_id) references blindagem.bank_transactions (condominium_id, id)|@fieldName transaction|@foreignFieldName verdict|@foreignSingleFieldName verdict
@foreignKey (condominium_id, reversed_credit_id) references blindagem.bank_transactions (condominium_id, id)|@fieldName reversedCredit|@foreignFieldName reversals
What a movement is, when it is not a plain debit. Only INCOME counts as income: a refund, an ambiguous or an orphan one (SUSPENSE), a sweep (NEITHER) never does.';

create function blindagem_private.check_verdict_movements() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare unknown bigint;
    begin
      select count(*) into unknown
      from changed c
      left join blindagem.bank_transactions t on t.condominium_id = c.condominium_id and t.id = c.transaction_id
      left join blindagem.bank_transactions r on r.condominium_id = c.condominium_id and r.id = c.reversed_credit_id
      where t.id is null or (r.id is null and c.reversed_credit_id is not null);
      perform blindagem_private.refuse_missing_movement(unknown, tg_table_name);
      return null;
    end
  $$;
comment on function blindagem_private.check_verdict_movements is
  'Invariant: the movement of a verdict, and the credit that it takes back, are of the verdict''s condominium.';
create trigger verdict_movements_on_insert after insert on blindagem.movement_verdicts
  referencing new table as changed for each statement execute function blindagem_private.check_verdict_movements();
create trigger verdict_movements_on_update after update on blindagem.movement_verdicts
  referencing new table as changed for each statement execute function blindagem_private.check_verdict_movements();

-- Payables --------------------------------------------------------------------------------------------------

-- Each is updated once it is paid: with room on its page no index has to know of it.
alter table blindagem.payables set (fillfactor = 70);

revoke execute on function blindagem_private.refuse_missing_movement from public;

reset role;
