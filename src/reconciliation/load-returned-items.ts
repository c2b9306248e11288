import type pg from "pg";
import { z } from "zod";
import { amountColumn } from "./amount-column.ts";
import { type ByCondominium, readByCondominium } from "./by-condominium.ts";
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

/** What the bank's payment returns say of condominiums' payments, in the order in which they came. */
export async function loadReturnedItems(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<ByCondominium<ReturnedItem>> {
  const { rows } = await client.query({
    name: "returned items",
    text: `select condominium_id::text as "condominiumId", id::text, account_id::text as "accountId", batch, outcome,
       occurrences, payee_document as "payeeDocument", amount::text, face_amount::text as "faceAmount",
       due_on::text as "dueOn", paid_on::text as "paidOn", barcode, own_number as "ownNumber"
     from blindagem.returned_payments
     where condominium_id = any ($1::bigint[])
     order by id`,
    values: [condominiumIds],
  });
  return readByCondominium(row, rows);
}
