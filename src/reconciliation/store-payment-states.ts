import type pg from "pg";
import type { StoredPayable } from "./load-condominium.ts";
import type { PaymentStates } from "./payment-states.ts";

/**
 * Stores the payment statuses of payables and expenses, where they changed.
 *
 * @param payables all of the condominium's, with the statuses as they are stored
 */
export async function storePaymentStates(
  client: pg.ClientBase,
  condominiumId: string,
  states: PaymentStates,
  payables: readonly StoredPayable[],
): Promise<void> {
  const known = new Map(payables.map(({ id, status }) => [id, status]));
  const knownOfExpense = new Map(
    payables.map(({ expenseId, expenseStatus }) => [expenseId, expenseStatus]),
  );
  const changed = states.payables.filter(({ id, status }) => known.get(id) !== status);
  const expenses = states.expenses.filter(({ id, status }) => knownOfExpense.get(id) !== status);
  if (changed.length > 0) {
    await client.query({
      name: "payment status of payables",
      text: `update blindagem.payables p set payment_status = s.status
       from jsonb_to_recordset($2) as s (id bigint, status text)
       where p.condominium_id = $1 and p.id = s.id`,
      values: [condominiumId, JSON.stringify(changed)],
    });
  }
  if (expenses.length > 0) {
    await client.query({
      name: "payment status of expenses",
      text: `with changed as (
         -- In the order in which validation locks them, so that the two wait for each other and do not lock up.
         select e.id, s.status from blindagem.expenses e
         join jsonb_to_recordset($2) as s (id bigint, status text) on s.id = e.id
         where e.condominium_id = $1
         order by e.id for update of e
       )
       update blindagem.expenses e set payment_status = c.status
       from changed c
       where e.condominium_id = $1 and e.id = c.id`,
      values: [condominiumId, JSON.stringify(expenses)],
    });
  }
}
