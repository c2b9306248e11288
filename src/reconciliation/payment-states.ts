import {
  expenseStatus,
  type PaymentEdge,
  type PaymentStatus,
  payableStatus,
  refundedShares,
} from "./payment-status.ts";
import { compareText } from "./prepared.ts";
import type { FixedPayment, FixedRefund, Payable } from "./types.ts";

/** The payment status of every payable and every expense. */
export interface PaymentStates {
  payables: { id: string; status: PaymentStatus }[];
  expenses: { id: string; status: PaymentStatus }[];
}

/**
 * Derives the statuses of a condominium's payables and expenses from all its edges. Pure.
 *
 * @param payables all of the condominium's
 */
export function paymentStates(
  payables: readonly Pick<Payable, "id" | "expenseId" | "kind" | "amount">[],
  payments: readonly FixedPayment[],
  refunds: readonly FixedRefund[],
): PaymentStates {
  const edges = edgesByPayable(payments, refunds);
  const states = payables.map(({ id, expenseId, kind, amount }) => ({
    id,
    expenseId,
    kind,
    status: payableStatus(amount, edges.get(id) ?? []),
  }));
  const expenses = Map.groupBy(states, (state) => state.expenseId);
  return {
    payables: states.map(({ id, status }) => ({ id, status })),
    expenses: [...expenses].map(([id, owed]) => ({ id, status: expenseStatus(owed) })),
  };
}

/** Each payable's edges with what of them came back. */
function edgesByPayable(
  payments: readonly FixedPayment[],
  refunds: readonly FixedRefund[],
): Map<string, PaymentEdge[]> {
  const refundsOfDebit = Map.groupBy(refunds, (refund) => refund.debitId);
  const edges = new Map<string, PaymentEdge[]>();
  for (const [debitId, ofDebit] of Map.groupBy(payments, (payment) => payment.transactionId)) {
    // In the ledger's order, so that both give a lump debit's refunds to the same payables.
    const sorted = ofDebit.sort((a, b) => compareText(a.payableId, b.payableId));
    const back = (refundsOfDebit.get(debitId) ?? [])
      .map((refund) => refund.amount)
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const shares = refundedShares(
      sorted.map((payment) => payment.amount),
      back,
    );
    for (const [at, { payableId, amount }] of sorted.entries()) {
      const edge = { amount, refunded: shares[at] ?? 0n };
      edges.set(payableId, [...(edges.get(payableId) ?? []), edge]);
    }
  }
  return edges;
}
