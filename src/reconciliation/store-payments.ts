import type pg from "pg";
import type { DecidedPayment } from "./answers.ts";
import type { StandingResults } from "./load-standing.ts";
import type { RowChanges } from "./row-changes.ts";
import { type Edge, type EdgeTable, storeEdges } from "./store-edges.ts";
import type { PaymentLink } from "./types.ts";

const PAYMENTS: EdgeTable = { name: "payments", from: "payable_id", to: "transaction_id" };

/** The payments of a condominium: those that a run found, and those that there are. */
export interface CondominiumPayments {
  condominiumId: string;
  found: readonly PaymentLink[];
  /** People's answers that no link holds yet. */
  decided: readonly DecidedPayment[];
  standing: StandingResults["payments"];
}

/** Makes the machine-made payments of condominiums those that a run found (storeEdges). */
export function storePayments(
  client: pg.ClientBase,
  condominiums: readonly CondominiumPayments[],
): Promise<RowChanges<Edge>[]> {
  return storeEdges(
    client,
    PAYMENTS,
    condominiums.map(({ condominiumId, found, decided, standing }) => ({
      condominiumId,
      wanted: [
        ...found.map((link) => edgeOf({ ...link, decidedBy: null })),
        ...decided.map((link) => edgeOf({ ...link, confidence: 1 })),
      ],
      standing: standing.map((link) => ({ ...edgeOf(link), fixed: link.fixed })),
    })),
  );
}

function edgeOf(link: PaymentLink & Pick<Edge, "decidedBy">): Edge {
  const { payableId, transactionId, amount, confidence, reasons, decidedBy } = link;
  return { ends: [payableId, transactionId], amount, confidence, reasons, decidedBy };
}
