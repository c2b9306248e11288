import type pg from "pg";
import type { DecidedPayment } from "./answers.ts";
import type { StandingResults } from "./load-standing.ts";
import { type Edge, type EdgeTable, storeEdges } from "./store-edges.ts";
import type { PaymentLink } from "./types.ts";

const PAYMENTS: EdgeTable = { name: "payments", from: "payable_id", to: "transaction_id" };

/**
 * Makes the machine-made payments of a condominium those that a run found (storeEdges).
 *
 * @param decided people's answers that no link holds yet
 */
export function storePayments(
  client: pg.ClientBase,
  condominiumId: string,
  links: readonly PaymentLink[],
  decided: readonly DecidedPayment[],
  standing: StandingResults["payments"],
): Promise<{ removed: number; written: number }> {
  const wanted = [
    ...links.map((link) => edgeOf({ ...link, decidedBy: null })),
    ...decided.map((link) => edgeOf({ ...link, confidence: 1 })),
  ];
  const known = standing.map((link) => ({ ...edgeOf(link), fixed: link.fixed }));
  return storeEdges(client, condominiumId, PAYMENTS, wanted, known);
}

function edgeOf(link: PaymentLink & Pick<Edge, "decidedBy">): Edge {
  const { payableId, transactionId, amount, confidence, reasons, decidedBy } = link;
  return { ends: [payableId, transactionId], amount, confidence, reasons, decidedBy };
}
