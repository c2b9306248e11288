import type pg from "pg";
import type { DecidedRefund } from "./answers.ts";
import type { StandingResults } from "./load-standing.ts";
import type { RowChanges } from "./row-changes.ts";
import { type Edge, type EdgeTable, storeEdges } from "./store-edges.ts";
import type { RefundLink } from "./types.ts";

const REFUNDS: EdgeTable = { name: "refunds", from: "credit_id", to: "debit_id" };

/** The refunds of a condominium: those that a run found, and those that there are. */
export interface CondominiumRefunds {
  condominiumId: string;
  found: readonly RefundLink[];
  /** People's answers that no link holds yet. */
  decided: readonly DecidedRefund[];
  standing: StandingResults["refunds"];
}

/** Makes the machine-made refunds of condominiums those that a run found (storeEdges). */
export function storeRefunds(
  client: pg.ClientBase,
  condominiums: readonly CondominiumRefunds[],
): Promise<RowChanges<Edge>[]> {
  return storeEdges(
    client,
    REFUNDS,
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

function edgeOf(link: RefundLink & Pick<Edge, "decidedBy">): Edge {
  const { creditId, debitId, amount, confidence, reasons, decidedBy } = link;
  return { ends: [creditId, debitId], amount, confidence, reasons, decidedBy };
}
