import { readCase } from "../../../src/reconciliation/case-file.ts";
import { reconcileCase } from "../../../src/reconciliation/reconcile-case.ts";
import type { GeneratedCase } from "./generated-case.ts";
import { generateMonths } from "./months.ts";

export interface AllPairsFigures {
  condominiums: number;
  transactions: number;
  naive: Matched;
  ours: Matched;
  /** What the naive way would take for a million against a million: it grows with the square. */
  naiveSecondsForAMillion: number;
}

interface Matched {
  seconds: number;
  links: number;
  wrong: number;
}

const MILLION = 1_000_000;

/**
 * The naive way beside ours on the same condominiums: every expense is held against every movement, and gets the nearest of
 * its amount. So few condominiums are compared that it ends; on a million it would not within a day.
 */
export function measureAllPairs(condominiums: number, each: number): AllPairsFigures {
  const cases = Array.from({ length: condominiums }, (_, seed) => generateMonths(seed + 1, each));
  const transactions = condominiums * each;
  const naive = timed(cases, () => matchAllPairs(cases));
  const ours = timed(cases, () => cases.flatMap(matched));
  return {
    condominiums,
    transactions,
    naive,
    ours,
    naiveSecondsForAMillion: Math.round(naive.seconds * (MILLION / transactions) ** 2),
  };
}

function timed(
  cases: readonly GeneratedCase[],
  match: () => { expenseId: string; transactionId: string }[],
): Matched {
  const started = performance.now();
  const links = match();
  const seconds = Math.round(performance.now() - started) / 1000;
  const truth = new Set(
    cases.flatMap((one) =>
      one.truth.payments.map(({ expenseId, transactionId }) => `${expenseId} ${transactionId}`),
    ),
  );
  const wrong = links.filter(
    ({ expenseId, transactionId }) => !truth.has(`${expenseId} ${transactionId}`),
  );
  return { seconds, links: links.length, wrong: wrong.length };
}

function matched({ expenses, transactions }: GeneratedCase) {
  const { condominiums } = readCase(JSON.stringify({ expenses, transactions }));
  return reconcileCase(condominiums).payments;
}

function matchAllPairs(cases: readonly GeneratedCase[]) {
  const expenses = cases.flatMap((one) => one.expenses);
  const transactions = cases
    .flatMap((one) => one.transactions)
    .map((one) => ({ ...one, at: Date.parse(one.postedAt) }));
  const taken = new Set<string>();
  return expenses.flatMap((expense) => {
    const due = Date.parse(`${expense.dueDate}T12:00:00Z`);
    const debit = `-${expense.netAmount ?? expense.amount}`;
    let nearest: { id: string; apart: number } | undefined;
    for (const one of transactions) {
      const apart = Math.abs(one.at - due);
      if (
        one.amount === debit &&
        one.condominiumId === expense.condominiumId &&
        one.status === "POSTED" &&
        !taken.has(one.id) &&
        (!nearest || apart < nearest.apart)
      ) {
        nearest = { id: one.id, apart };
      }
    }
    if (!nearest) return [];
    taken.add(nearest.id);
    return [{ expenseId: expense.id, transactionId: nearest.id }];
  });
}
