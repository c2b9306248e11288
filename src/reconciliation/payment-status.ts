import { isDiscountOn } from "./difference-policy.ts";

/** What the bank says of a payable or an expense; always derived, never stored as a decision. */
export type PaymentStatus =
  | "UNPAID"
  | "PARTIALLY_PAID"
  | "PAID"
  | "PARTIALLY_REFUNDED"
  | "REFUNDED";

/** One edge payable <-> debit. Centavos; all negative for a credit note. */
export type PaymentEdge = {
  amount: bigint;
  /** How much of this edge has come back: see `refundedShares`. */
  refunded: bigint;
};

/**
 * The status of one payable from its edges. An edge that came back in full no longer counts as
 * payment: after debit, estorno and re-debit the payable is PAID, by the re-debit alone.
 * One edge that leaves no more than a discount open pays it.
 * @param amount what is to be paid, in centavos (negative for a credit note)
 */
export function payableStatus(amount: bigint, edges: readonly PaymentEdge[]): PaymentStatus {
  const live = edges.filter((edge) => edge.refunded !== edge.amount);
  if (live.length === 0) {
    if (amount === 0n) return "PAID";
    return edges.length > 0 ? "REFUNDED" : "UNPAID";
  }
  const back = live.reduce((sum, edge) => sum + edge.refunded, 0n);
  const kept = live.reduce((sum, edge) => sum + edge.amount, 0n) - back;
  if (magnitude(kept) >= magnitude(amount)) return "PAID";
  if (live.length === 1 && back === 0n && isDiscountOn(amount, amount - kept)) return "PAID";
  return back === 0n ? "PARTIALLY_PAID" : "PARTIALLY_REFUNDED";
}

/**
 * The status of an expense from those of its payables (supplier, retained taxes, instalments). Credit
 * notes only lower what is paid: they count where there is nothing else.
 */
export function expenseStatus(
  payables: readonly { kind: string; status: PaymentStatus }[],
): PaymentStatus {
  const owed = payables.filter((payable) => payable.kind !== "CREDIT_NOTE");
  const statuses = new Set((owed.length > 0 ? owed : payables).map((payable) => payable.status));
  const [only] = statuses;
  if (only === undefined) return "UNPAID";
  if (statuses.size === 1) return only;
  if (statuses.has("PARTIALLY_REFUNDED")) return "PARTIALLY_REFUNDED";
  if (statuses.has("REFUNDED")) {
    return statuses.has("PAID") || statuses.has("PARTIALLY_PAID")
      ? "PARTIALLY_REFUNDED"
      : "REFUNDED";
  }
  return "PARTIALLY_PAID";
}

/**
 * How much of each edge of ONE debit came back. With one edge, all of it is that edge's. With several
 * (a lump debit), a refund of exactly one edge's amount is that edge's if no other has the amount;
 * else it falls on the edges in the order given, so that the sum is always right.
 * @param edges amounts of the debit's edges, in centavos
 * @param refunds amounts that came back for this debit, in centavos
 */
export function refundedShares(edges: readonly bigint[], refunds: readonly bigint[]): bigint[] {
  const shares = edges.map(() => 0n);
  let rest = 0n;
  for (const refund of refunds) {
    const fitting = edges.flatMap((amount, at) =>
      amount === refund && shares[at] === 0n ? [at] : [],
    );
    const [at] = fitting;
    if (fitting.length === 1 && at !== undefined) shares[at] = refund;
    else rest += refund;
  }
  // Credit notes (negative) came back with the whole: a full refund settles every edge.
  const total = edges.reduce((sum, amount) => sum + amount, 0n);
  const back = refunds.reduce((sum, amount) => sum + amount, 0n);
  if (edges.length > 0 && back >= total) return [...edges];
  for (let at = 0; at < shares.length && rest > 0n; at += 1) {
    const room = (edges[at] ?? 0n) - (shares[at] ?? 0n);
    const share = room < 0n ? 0n : room < rest ? room : rest;
    shares[at] = (shares[at] ?? 0n) + share;
    rest -= share;
  }
  return shares;
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}
