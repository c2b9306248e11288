import type pg from "pg";
import { z } from "zod";
import { amountColumn } from "./amount-column.ts";
import { type ByCondominium, readLists } from "./by-condominium.ts";
import type { Movement } from "./types.ts";

const text = z.string();

/** In the order in which the statement lists them. */
const movementRow = z
  .tuple([
    text,
    text,
    text,
    text,
    amountColumn,
    text,
    text.nullable(),
    text.nullable(),
    text.nullable(),
    text.nullable(),
    text.nullable(),
    text.nullable(),
    z.enum(["POSTED", "PENDING"]),
  ])
  .transform(
    ([
      id,
      accountId,
      postedAt,
      postedOn,
      amount,
      description,
      operationType,
      counterpartyDocument,
      counterpartyName,
      endToEndId,
      originalEndToEndId,
      checkNumber,
      status,
    ]): Movement => ({
      id,
      accountId,
      postedAt,
      postedOn,
      amount,
      description,
      operationType,
      counterpartyDocument,
      counterpartyName,
      endToEndId,
      originalEndToEndId,
      checkNumber,
      status,
    }),
  );

/**
 * The movements of condominiums that stand.
 *
 * @throws z.ZodError when what the database holds is not of that shape
 */
export async function loadMovements(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<ByCondominium<Movement>> {
  const { rows } = await client.query<{ condominiumId: string; list: unknown }>({
    name: "movements to reconcile",
    text: `select condominium_id::text as "condominiumId", json_agg(json_build_array(
         id::text, account_id::text, posted_at, posted_on, amount::text, description, operation_type, counterparty_document,
         counterparty_name, end_to_end_id, original_end_to_end_id, check_number, status) order by id) as list
     from blindagem.bank_transactions
     where condominium_id = any ($1::bigint[]) and deleted_at is null
     group by condominium_id`,
    values: [condominiumIds],
  });
  return readLists(movementRow, rows);
}
