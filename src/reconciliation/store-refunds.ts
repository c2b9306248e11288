import type pg from "pg";
import type { DecidedRefund } from "./answers.ts";
import type { StandingResults } from "./load-standing.ts";
import { type Edge, type EdgeTable, storeEdges } from "./store-edges.ts";
import type { RefundLink } from "./types.ts";

const REFUNDS: EdgeTable = { name: "refunds", from: "credit_id", to: "debit_id" };

/**
 * Makes the machine-made refunds of a condominium those that a run found (storeEdges).
 *
 * @param decided people's answers that no link holds yet
 */
export function storeRefunds(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly RefundLink[],
  decided: readonly DecidedRefund[],
  standing: StandingResults["refunds"],
): Promise<{ removed: number; written: number }> {
  const wanted = [
    ...links.map((link) => edgeOf({ ...link, decidedBy: null })),
    ...decided.map((link) => edgeOf({ ...link, confidence: 1 })),
  ];
  const known = standing.map((link) => ({ ...edgeOf(link), fixed: link.fixed }));
  return storeEdges(client, condominiumId, REFUNDS, wanted, known);
}

function edgeOf(link: RefundLink & Pick<Edge, "decidedBy">): Edge {
  const { creditId, debitId, amount, confidence, reasons, decidedBy } = link;
  return { ends: [creditId, debitId], amount, confidence, reasons, decidedBy };
}
