import type pg from "pg";
import type { RowChanges } from "./row-changes.ts";
import { type CondominiumLinks, type Edge, type EdgeTable, storeEdges } from "./store-edges.ts";
import type { RefundLink } from "./types.ts";

type Ends = Pick<RefundLink, "creditId" | "debitId">;

const REFUNDS: EdgeTable<Ends> = {
  name: "refunds",
  from: "credit_id",
  to: "debit_id",
  ends: ({ creditId, debitId }) => [creditId, debitId],
};

/** Makes the machine-made refunds of condominiums those that a run found (storeEdges). */
export function storeRefunds(
  client: pg.ClientBase,
  condominiums: readonly CondominiumLinks<Ends>[],
): Promise<RowChanges<Edge>[]> {
  return storeEdges(client, REFUNDS, condominiums);
}
