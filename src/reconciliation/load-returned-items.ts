import type pg from "pg";
import { z } from "zod";
import { amountColumn } from "./amount-column.ts";
import type { ReturnedItem } from "./types.ts";

const row = z.object({
  id: z.string(),
  accountId: z.string(),
  batch: z.string(),
  outcome: z.enum(["PAID", "SCHEDULED", "REJECTED", "CANCELLED", "UNKNOWN"]),
  occurrences: z.array(z.string()),
  payeeDocument: z.string().nullable(),
  amount: amountColumn,
  faceAmount: amountColumn.nullable(),
  dueOn: z.string().nullable(),
  paidOn: z.string().nullable(),
  barcode: z.string().nullable(),
  ownNumber: z.string().nullable(),
});

/** What the bank's payment returns say of a condominium's payments, in the order in which they came. */
export async function loadReturnedItems(
  client: pg.ClientBase,
  condominiumId: string,
): Promise<ReturnedItem[]> {
  const { rows } = await client.query({
    name: "returned items",
    text: `select id::text, account_id::text as "accountId", batch, outcome, occurrences, payee_document as "payeeDocument",
       amount::text, face_amount::text as "faceAmount", due_on::text as "dueOn", paid_on::text as "paidOn", barcode,
       own_number as "ownNumber"
     from blindagem.returned_payments
     where condominium_id = $1
     order by id`,
    values: [condominiumId],
  });
  return z.array(row).parse(rows);
}
