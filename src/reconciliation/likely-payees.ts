import type { Ledger } from "./ledger.ts";
import type { Party } from "./party.ts";
import { candidates, receiptIdsOf } from "./payment-candidates.ts";
import {
  byDueDate,
  byMoment,
  isNameless,
  type PreparedMovement,
  type PreparedPayable,
  withPayee,
} from "./prepared.ts";
import type { Thresholds } from "./types.ts";

/**
 * Debits with the name that the payee of their document has; those that name no one with the one payee whose payables
 * of that amount they fit: a refund that names its supplier can then be told from another's. It is a
 * hint for refunds, not a payment, and is drawn from the input alone, so that it stays the same
 * whatever is linked.
 * @returns the debits in the order given
 */
export function withLikelyPayees(
  debits: readonly PreparedMovement[],
  payables: readonly PreparedPayable[],
  ledger: Ledger,
  thresholds: Thresholds,
): PreparedMovement[] {
  const payees = payeesByDocument(payables, debits);
  const nameless = debits
    .filter((one) => isNameless(one) && one.party.documents.length === 0)
    .sort(byMoment);
  const context = { ledger, thresholds, receiptIds: receiptIdsOf(payables, debits, ledger) };
  const edges = candidates([...payables].sort(byDueDate), nameless, context, {
    ofPayable: (one) => one.payable.amount,
    ofDebit: (one) => one.size,
  });
  const possible = new Map<string, Set<string>>();
  for (const { debit, payable, weight } of edges) {
    possible.set(debit.id, (possible.get(debit.id) ?? new Set()).add(payable.key));
    if (weight < thresholds.acceptScore) continue;
    const known = payees.get(debit.id);
    payees.set(debit.id, known && known !== payable.party ? "SEVERAL" : payable.party);
  }
  return debits.map((debit) => {
    const payee = payees.get(debit.id);
    if (payee && payee !== "SEVERAL") return withPayee(debit, payee);
    // Lines that look alike, each of another payee maybe: they are not identical.
    const several = payee === "SEVERAL" || (possible.get(debit.id)?.size ?? 0) > 1;
    return several ? { ...debit, key: `${debit.key}\n${debit.id}` } : debit;
  });
}

/** By debit: the party of the first payable to the same document. */
function payeesByDocument(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
): Map<string, Party | "SEVERAL"> {
  const named = new Map<string, Party>();
  for (const { party } of [...payables].sort(byDueDate)) {
    const [document] = party.documents;
    if (document !== undefined && !named.has(document)) named.set(document, party);
  }
  const payees = new Map<string, Party | "SEVERAL">();
  for (const debit of debits) {
    const [document] = debit.party.documents;
    const payee = document === undefined ? undefined : named.get(document);
    if (payee) payees.set(debit.id, payee);
  }
  return payees;
}
