import type pg from "pg";
import type { RowChanges } from "./row-changes.ts";
import { type CondominiumLinks, type Edge, type EdgeTable, storeEdges } from "./store-edges.ts";
import type { PaymentLink } from "./types.ts";

type Ends = Pick<PaymentLink, "payableId" | "transactionId">;

const PAYMENTS: EdgeTable<Ends> = {
  name: "payments",
  from: "payable_id",
  to: "transaction_id",
  ends: ({ payableId, transactionId }) => [payableId, transactionId],
};

/** Makes the machine-made payments of condominiums those that a run found (storeEdges). */
export function storePayments(
  client: pg.ClientBase,
  condominiums: readonly CondominiumLinks<Ends>[],
): Promise<RowChanges<Edge>[]> {
  return storeEdges(client, PAYMENTS, condominiums);
}
