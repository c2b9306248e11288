import type { Classified } from "./classify.ts";
import type { Ledger } from "./ledger.ts";
import { agreement } from "./party.ts";
import type { PreparedMovement, PreparedPayable } from "./prepared.ts";
import { matchReversals } from "./refunds.ts";
import type { Thresholds } from "./types.ts";

/** A name agrees so well that it is one party. */
const SURE_NAME = 0.75;
/** About the due date. */
const MOST_DAYS = 7;

/**
 * Debits that speak of a return and may be payments all the same: "DEVOLUCAO CAUCAO JOSE" is an expense, if José is owed that
 * amount about that day, and no credit is there that it would take back.
 *
 * @returns the movements sorted anew; those debits compete for payables as others do
 */
export function withReturnsThatPay(
  classified: Classified,
  payables: readonly PreparedPayable[],
  ledger: Ledger,
  thresholds: Thresholds,
): Classified {
  if (classified.reversals.length === 0) return classified;
  const unknown = new Set(
    matchReversals(classified, ledger, thresholds)
      .filter(({ creditId }) => creditId === null)
      .map(({ debitId }) => debitId),
  );
  const pays = (debit: PreparedMovement) =>
    unknown.has(debit.id) &&
    debit.movement.originalEndToEndId === null &&
    payables.some(
      (one) =>
        one.payable.amount === debit.size &&
        Math.abs(debit.day - one.dueDay) <= MOST_DAYS &&
        isPayee(one, debit),
    );
  const payers = classified.reversals.filter(pays);
  if (payers.length === 0) return classified;
  return {
    ...classified,
    payers: [...classified.payers, ...payers],
    reversals: classified.reversals.filter((debit) => !payers.includes(debit)),
  };
}

function isPayee(payable: PreparedPayable, debit: PreparedMovement): boolean {
  const parties = agreement(payable.party, debit.party);
  return (
    parties.kind === "SAME_DOCUMENT" ||
    (parties.kind === "NAMES" && parties.similarity >= SURE_NAME)
  );
}
