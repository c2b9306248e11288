import type pg from "pg";
import { z } from "zod";
import { addDays } from "../calendar/brasilia.ts";
import { amountColumn } from "./amount-column.ts";
import type { FixedPayment, FixedRefund } from "./types.ts";

/**
 * Machine-made links of movements older than this are taken as given: a period that was closed long ago does not
 * shift because of what comes today. Twice the longest window in which anything is matched (a Pix devolução: 90 days).
 */
const SETTLED_AFTER_DAYS = 180;

const paymentRow = z.object({
  payableId: z.string(),
  transactionId: z.string(),
  amount: amountColumn,
});
const refundRow = z.object({ creditId: z.string(), debitId: z.string(), amount: amountColumn });

/**
 * The links that the matcher builds on: people's, and the settled ones of earlier runs. Younger machine-made links are
 * not given: they are worked out anew from the facts, so that the outcome does not depend on the order in which
 * receipts, expenses and pages of the bank came in. Links of a movement that the bank took back do not count.
 *
 * @param asOf calendar date in Brasília, 'YYYY-MM-DD'
 */
export async function loadFixedLinks(
  client: pg.ClientBase,
  condominiumId: string,
  asOf: string,
): Promise<{ payments: FixedPayment[]; refunds: FixedRefund[] }> {
  const settledBefore = addDays(asOf, -SETTLED_AFTER_DAYS);
  return {
    payments: await selectPayments(client, condominiumId, settledBefore),
    refunds: await selectRefunds(client, condominiumId, settledBefore),
  };
}

async function selectPayments(
  client: pg.ClientBase,
  condominiumId: string,
  settledBefore: string,
): Promise<FixedPayment[]> {
  const { rows } = await client.query(
    `select p.payable_id::text as "payableId", p.transaction_id::text as "transactionId", p.amount::text
     from blindagem.payments p
     join blindagem.bank_transactions t on t.condominium_id = p.condominium_id and t.id = p.transaction_id
     join blindagem.payables y on y.condominium_id = p.condominium_id and y.id = p.payable_id
     join blindagem.expenses e on e.condominium_id = p.condominium_id and e.id = y.expense_id
     where p.condominium_id = $1 and t.deleted_at is null and t.status = 'POSTED'
       and (p.decided_by is not null
         or (t.posted_on < $2 and e.status not in ('REJECTED', 'CANCELLED')))
     order by p.payable_id, p.transaction_id`,
    [condominiumId, settledBefore],
  );
  return z.array(paymentRow).parse(rows);
}

async function selectRefunds(
  client: pg.ClientBase,
  condominiumId: string,
  settledBefore: string,
): Promise<FixedRefund[]> {
  const { rows } = await client.query(
    `select r.credit_id::text as "creditId", r.debit_id::text as "debitId", r.amount::text
     from blindagem.refunds r
     join blindagem.bank_transactions c on c.condominium_id = r.condominium_id and c.id = r.credit_id
     join blindagem.bank_transactions d on d.condominium_id = r.condominium_id and d.id = r.debit_id
     where r.condominium_id = $1 and c.deleted_at is null and d.deleted_at is null
       and c.status = 'POSTED' and d.status = 'POSTED'
       and (r.decided_by is not null or c.posted_on < $2)
     order by r.credit_id, r.debit_id`,
    [condominiumId, settledBefore],
  );
  return z.array(refundRow).parse(rows);
}
