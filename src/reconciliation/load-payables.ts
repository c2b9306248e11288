import type pg from "pg";
import { z } from "zod";
import { parseBoletoLine } from "../identifiers/boleto.ts";
import { amountColumn } from "./amount-column.ts";
import { type ByCondominium, readLists } from "./by-condominium.ts";
import { type DocumentIdentifiers, loadIdentifiers } from "./load-identifiers.ts";
import type { PaymentStatus } from "./payment-status.ts";
import type { Payable } from "./types.ts";

/** A payable with what only storing needs to know of it. */
export interface StoredPayable extends Payable {
  /** The expense was rejected or cancelled: nothing is matched to it. */
  dropped: boolean;
  /** Of an expense that the conselho does not see. */
  salary: boolean;
  /** As they are stored. */
  status: PaymentStatus;
  expenseStatus: PaymentStatus;
}

/** Without what stands on its documents. */
type Loaded = Omit<StoredPayable, "endToEndIds" | "digitableLine">;

const text = z.string();
const paymentStatus = z.enum([
  "UNPAID",
  "PARTIALLY_PAID",
  "PAID",
  "PARTIALLY_REFUNDED",
  "REFUNDED",
]);

/** In the order in which the statement lists them. */
const payableRow = z
  .tuple([
    text,
    text,
    z.enum(["SUPPLIER", "RETENTION", "CREDIT_NOTE"]),
    text.nullable(),
    text.nullable(),
    amountColumn,
    text,
    text.nullable(),
    text,
    text.nullable(),
    text,
    z.boolean(),
    z.boolean(),
    paymentStatus,
    paymentStatus,
  ])
  .transform(
    ([
      id,
      expenseId,
      kind,
      payeeDocument,
      payeeName,
      amount,
      dueDate,
      description,
      category,
      instalment,
      externalId,
      dropped,
      salary,
      status,
      expenseStatus,
    ]): Loaded => ({
      id,
      expenseId,
      kind,
      payeeDocument,
      payeeName,
      amount,
      dueDate,
      // An expense's description speaks of the supplier, not of the tax retained from it.
      description: kind === "RETENTION" ? "" : (description ?? ""),
      category: kind === "RETENTION" ? null : category,
      instalment,
      externalId,
      dropped,
      salary,
      status,
      expenseStatus,
    }),
  );

/**
 * All payables of condominiums, with what their expenses and documents say of them.
 *
 * @throws z.ZodError when what the database holds is not of that shape
 */
export async function loadPayables(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<ByCondominium<StoredPayable>> {
  const { rows } = await client.query<{ condominiumId: string; list: unknown }>({
    name: "payables to reconcile",
    // The expenses are named by condominium, too: then the planner sees how few they are, and does not read them all.
    text: `select p.condominium_id::text as "condominiumId", json_agg(json_build_array(
         p.id::text, p.expense_id::text, p.kind, p.payee_document, p.payee_name, p.amount::text, p.due_date,
         e.description, e.category, e.instalment_number || '/' || e.instalment_total, e.external_id,
         e.status in ('REJECTED', 'CANCELLED'), e.sensitivity = 'SALARY', p.payment_status, e.payment_status)
         order by p.id) as list
     from blindagem.accounts_payable p
     join blindagem.expenses e on e.condominium_id = p.condominium_id and e.id = p.expense_id
     where p.condominium_id = any ($1::bigint[]) and e.condominium_id = any ($1::bigint[])
     group by p.condominium_id`,
    values: [condominiumIds],
  });
  const loaded = readLists(payableRow, rows);
  const identifiers = await loadIdentifiers(client, condominiumIds);
  return (condominiumId) =>
    loaded(condominiumId).map((payable) =>
      withIdentifiers(payable, identifiers(payable.expenseId)),
    );
}

function withIdentifiers(payable: Loaded, { pix, boleto }: DocumentIdentifiers): StoredPayable {
  return {
    ...payable,
    endToEndIds: pix,
    // A boleto says its amount: so it is known which of an expense's payables it is for.
    digitableLine:
      boleto.find((line) => parseBoletoLine(line, payable.dueDate)?.amount === payable.amount) ??
      null,
  };
}
