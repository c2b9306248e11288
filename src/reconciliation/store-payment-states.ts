import type pg from "pg";
import type { PaymentStates } from "./payment-states.ts";

/** Stores the payment statuses of payables and expenses, where they changed. */
export async function storePaymentStates(
  client: pg.ClientBase,
  condominiumId: string,
  states: PaymentStates,
): Promise<void> {
  await client.query(
    `update blindagem.payables p set payment_status = s.status
     from jsonb_to_recordset($2) as s (id bigint, status text)
     where p.condominium_id = $1 and p.id = s.id and p.payment_status <> s.status`,
    [condominiumId, JSON.stringify(states.payables)],
  );
  await client.query(
    `with changed as (
       -- In the order in which validation locks them, so that the two wait for each other and do not lock up.
       select e.id, s.status from blindagem.expenses e
       join jsonb_to_recordset($2) as s (id bigint, status text) on s.id = e.id
       where e.condominium_id = $1 and e.payment_status <> s.status
       order by e.id for update of e
     )
     update blindagem.expenses e set payment_status = c.status
     from changed c
     where e.condominium_id = $1 and e.id = c.id`,
    [condominiumId, JSON.stringify(states.expenses)],
  );
}
