import type pg from "pg";
import type { StoredPayable } from "./load-payables.ts";
import type { PaymentStates } from "./payment-states.ts";
import { writeRows } from "./write-rows.ts";

/** The payment statuses of a condominium's payables and expenses, and all payables with them as they are stored. */
export interface CondominiumStates {
  condominiumId: string;
  states: PaymentStates;
  payables: readonly StoredPayable[];
}

/** Stores the payment statuses of payables and expenses, where they changed. */
export async function storePaymentStates(
  client: pg.ClientBase,
  condominiums: readonly CondominiumStates[],
): Promise<void> {
  const payables = condominiums.flatMap(({ condominiumId, states, payables: stored }) => {
    const known = new Map(stored.map(({ id, status }) => [id, status]));
    // An expense that is its own payable has one status, which is stored as the expense's.
    const sole = new Set(
      stored.filter(({ id, expenseId }) => id === expenseId).map(({ id }) => id),
    );
    return states.payables
      .filter(({ id, status }) => known.get(id) !== status && !sole.has(id))
      .map((state) => ({ condominium_id: condominiumId, ...state }));
  });
  const expenses = condominiums.flatMap(({ condominiumId, states, payables: stored }) => {
    const known = new Map(stored.map(({ expenseId, expenseStatus }) => [expenseId, expenseStatus]));
    return states.expenses
      .filter(({ id, status }) => known.get(id) !== status)
      .map((state) => ({ condominium_id: condominiumId, ...state }));
  });
  await writeRows(client, "payment status of payables", OF_PAYABLES, payables);
  await writeRows(client, "payment status of expenses", OF_EXPENSES, expenses);
}

const OF_PAYABLES = `update blindagem.payables p set payment_status = s.status
  from jsonb_to_recordset($1) as s (condominium_id bigint, id bigint, status text)
  where p.condominium_id = s.condominium_id and p.id = s.id`;

const OF_EXPENSES = `with changed as (
    -- In the order in which validation locks them, so that the two wait for each other and do not lock up.
    select e.condominium_id, e.id, s.status from blindagem.expenses e
    join jsonb_to_recordset($1) as s (condominium_id bigint, id bigint, status text)
      on s.condominium_id = e.condominium_id and s.id = e.id
    order by e.id for update of e
  )
  update blindagem.expenses e set payment_status = c.status
  from changed c
  where e.condominium_id = c.condominium_id and e.id = c.id`;
