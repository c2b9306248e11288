import { isDiscountOn, isFineOn } from "./difference-policy.ts";
import { refundedShares } from "./payment-status.ts";
import { compareText } from "./prepared.ts";
import type {
  FixedLinks,
  FixedPayment,
  FixedRefund,
  Movement,
  Payable,
  RejectedPair,
} from "./types.ts";

/**
 * How much of each payable, debit and credit is still free, given the links so far. It is what keeps
 * money conserved: nothing is linked beyond what it has left.
 */
export class Ledger {
  readonly #payables = new Map<string, bigint>();
  readonly #movements = new Map<string, bigint>();
  readonly #payments = new Map<string, FixedPayment[]>();
  readonly #paymentsOfPayable = new Map<string, FixedPayment[]>();
  readonly #refundsOfDebit = new Map<string, FixedRefund[]>();
  readonly #refundsOfCredit = new Map<string, FixedRefund[]>();
  readonly #rejected = new Set<string>();
  /** What was worked out, until a link changes it: each is asked for many times. */
  readonly #open = new Map<string, bigint>();
  readonly #free = new Map<string, bigint>();

  constructor(payables: readonly Payable[], movements: readonly Movement[], fixed: FixedLinks) {
    for (const { id, amount } of payables) this.#payables.set(id, amount);
    for (const { id, amount } of movements) this.#movements.set(id, amount < 0n ? -amount : amount);
    for (const pair of fixed.rejectedPairs) {
      this.#rejected.add(
        pair.kind === "PAYMENT"
          ? pairKey("PAYMENT", pair.payableId, pair.transactionId)
          : pairKey("REFUND", pair.creditId, pair.debitId),
      );
    }
    for (const payment of fixed.payments) this.pay(payment);
    for (const refund of fixed.refunds) this.refund(refund);
  }

  pay(payment: FixedPayment): void {
    append(this.#payments, payment.transactionId, payment);
    append(this.#paymentsOfPayable, payment.payableId, payment);
    this.#forget(payment.transactionId);
  }

  refund(refund: FixedRefund): void {
    append(this.#refundsOfDebit, refund.debitId, refund);
    append(this.#refundsOfCredit, refund.creditId, refund);
    this.#forget(refund.debitId);
  }

  /** Whether a person has refused that this debit pays this payable. */
  isRejectedPayment(payableId: string, debitId: string): boolean {
    return this.#rejected.size > 0 && this.#rejected.has(pairKey("PAYMENT", payableId, debitId));
  }

  /** Whether a person has refused that this credit gives this debit back. */
  isRejectedRefund(creditId: string, debitId: string): boolean {
    return this.#rejected.size > 0 && this.#rejected.has(pairKey("REFUND", creditId, debitId));
  }

  /**
   * What is still to be paid: refunds open a payable again. Nothing where one whole debit pays it less a discount.
   * Negative for a credit note.
   */
  openAmount(payableId: string): bigint {
    let open = this.#open.get(payableId);
    if (open === undefined) {
      open = this.#openAmount(payableId);
      this.#open.set(payableId, open);
    }
    return open;
  }

  /** What a debit can still pay; nothing if it came back in full, or if the rest is the fine on what it pays. */
  freeToPay(debitId: string): bigint {
    let free = this.#free.get(debitId);
    if (free === undefined) {
      free = this.#freeToPay(debitId);
      this.#free.set(debitId, free);
    }
    return free;
  }

  /** A link changes its debit, and what each payable has of it. */
  #forget(debitId: string): void {
    this.#free.delete(debitId);
    for (const { payableId } of this.#payments.get(debitId) ?? []) this.#open.delete(payableId);
  }

  #openAmount(payableId: string): bigint {
    const owed = this.#payables.get(payableId) ?? 0n;
    let open = owed;
    let live = 0;
    let lastWhole = false;
    for (const payment of this.#paymentsOfPayable.get(payableId) ?? []) {
      const back = this.#refundedShare(payment);
      open -= payment.amount - back;
      if (back === payment.amount) continue;
      live += 1;
      lastWhole = back === 0n && payment.amount === this.#movements.get(payment.transactionId);
    }
    return live === 1 && lastWhole && isDiscountOn(owed, open) ? 0n : open;
  }

  #freeToPay(debitId: string): bigint {
    if (this.isUndone(debitId)) return 0n;
    const rest = this.unassigned(debitId);
    const [only, other] = this.#payments.get(debitId) ?? [];
    const owed = only && !other ? (this.#payables.get(only.payableId) ?? 0n) : 0n;
    return only && only.amount === owed && isFineOn(owed, rest) ? 0n : rest;
  }

  /** What of a debit no payable has claimed, whether or not it came back. */
  unassigned(debitId: string): bigint {
    const paid = sum(this.#payments.get(debitId));
    return (this.#movements.get(debitId) ?? 0n) - paid;
  }

  /** The payables that a debit pays. */
  paymentsBy(debitId: string): readonly FixedPayment[] {
    return this.#payments.get(debitId) ?? [];
  }

  /** What of a debit can still come back. */
  refundable(debitId: string): bigint {
    return (this.#movements.get(debitId) ?? 0n) - sum(this.#refundsOfDebit.get(debitId));
  }

  /** What of a credit has not yet been given to a debit. */
  freeToRefund(creditId: string): bigint {
    return (this.#movements.get(creditId) ?? 0n) - sum(this.#refundsOfCredit.get(creditId));
  }

  isRefund(creditId: string): boolean {
    return this.#refundsOfCredit.has(creditId);
  }

  /** Whether a debit came back in full. */
  isUndone(debitId: string): boolean {
    return this.#refundsOfDebit.has(debitId) && this.refundable(debitId) <= 0n;
  }

  #refundedShare(payment: FixedPayment): bigint {
    const refunds = this.#refundsOfDebit.get(payment.transactionId);
    if (!refunds) return 0n;
    const edges = [...(this.#payments.get(payment.transactionId) ?? [])].sort((a, b) =>
      compareText(a.payableId, b.payableId),
    );
    const amounts = refunds.map((refund) => refund.amount).sort((a, b) => (a < b ? -1 : 1));
    const shares = refundedShares(
      edges.map((edge) => edge.amount),
      amounts,
    );
    return shares[edges.indexOf(payment)] ?? 0n;
  }
}

/** A payable and a credit may have the same id: the kind keeps them apart. */
function pairKey(kind: RejectedPair["kind"], oneId: string, otherId: string): string {
  return `${kind}\n${oneId}\n${otherId}`;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function sum(links: readonly { amount: bigint }[] | undefined): bigint {
  let total = 0n;
  if (links) for (const { amount } of links) total += amount;
  return total;
}
