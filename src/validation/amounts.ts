import type { ExpenseFacts } from "./facts.ts";

type Expense = ExpenseFacts["expense"];

/** Gross without its sign, centavos: a credit note may come as a negative. */
export function gross(expense: Expense): bigint {
  return absolute(expense.grossAmount);
}

/** The sum of the retained taxes, centavos. */
export function retained(expense: Expense): bigint {
  return expense.retentions.reduce((sum, retention) => sum + retention.amount, 0n);
}

/** The sum of one kind of retention, centavos, or null when there is none of it. */
export function retainedOf(expense: Expense, kind: string): bigint | null {
  const amounts = expense.retentions.filter((retention) => retention.kind === kind);
  return amounts.length === 0 ? null : amounts.reduce((sum, { amount }) => sum + amount, 0n);
}

/** What the supplier gets, centavos: gross less the retained taxes. */
export function net(expense: Expense): bigint {
  return gross(expense) - retained(expense);
}

/** A rate in basis points (1100 = 11 %) of an amount, centavos, half a centavo rounded up. */
export function share(amount: bigint, basisPoints: number): bigint {
  return (amount * BigInt(basisPoints) + 5_000n) / 10_000n;
}

export function absolute(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

/** Whether two amounts differ by at most the tolerance, all in centavos. */
export function agrees(one: bigint, other: bigint, tolerance: bigint): boolean {
  return absolute(one - other) <= tolerance;
}
