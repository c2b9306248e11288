import { addDays } from "../calendar/brasilia.ts";

/** A period of an account with its balances in centavos, null where the file does not tell them. */
export type CoveredPeriod = {
  from: string;
  to: string;
  opening: bigint | null;
  closing: bigint | null;
};

/** Where statements do not join, or do not add up with the movements. Balances in centavos. */
export type StatementException = {
  kind: "GAP" | "DIFFERENCE" | "MOVEMENTS";
  from: string;
  to: string;
  /** What the statement says; null for a gap. */
  expected: bigint | null;
  /** What the movements make. */
  found: bigint | null;
};

/**
 * Holds an account's statements against each other and against its movements. A gap between two statements is none where
 * the provider tells of those days, or where the balances on both sides show that nothing is missing. Pure.
 *
 * @param moved sum of the posted movements of each day that has any
 * @param provided days of which the provider has told everything; null without provider
 */
export function statementExceptions(
  periods: readonly CoveredPeriod[],
  moved: ReadonlyMap<string, bigint>,
  provided: { from: string; to: string } | null,
): StatementException[] {
  const sum = (from: string, to: string) =>
    [...moved].reduce(
      (total, [day, amount]) => (day >= from && day <= to ? total + amount : total),
      0n,
    );
  const sorted = [...periods].sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
  const found: StatementException[] = [];
  let before: CoveredPeriod | undefined;
  for (const period of sorted) {
    const { from, to, opening, closing } = period;
    if (opening !== null && closing !== null) {
      const balance = opening + sum(from, to);
      if (balance !== closing) {
        found.push({ kind: "MOVEMENTS", from, to, expected: closing, found: balance });
      }
    }
    if (before) found.push(...joint(before, period, sum, provided));
    if (!before || to > before.to) before = period;
  }
  return found;
}

/** Between two statements of which the first began first. */
function joint(
  before: CoveredPeriod,
  { from, opening }: CoveredPeriod,
  sum: (from: string, to: string) => bigint,
  provided: { from: string; to: string } | null,
): StatementException[] {
  const first = addDays(before.to, 1);
  const last = addDays(from, -1);
  const isGap = first <= last;
  if (before.closing !== null && opening !== null) {
    // Where they overlap, the earlier one's end is in the middle of the later one.
    const overlap = before.to >= from ? sum(from, before.to) : 0n;
    const balance = before.closing - overlap + (isGap ? sum(first, last) : 0n);
    if (balance === opening) return [];
    const [start, end] = isGap ? [first, last] : [from, from];
    return [{ kind: "DIFFERENCE", from: start, to: end, expected: opening, found: balance }];
  }
  const isTold = provided !== null && provided.from <= first && provided.to >= last;
  return isGap && !isTold
    ? [{ kind: "GAP", from: first, to: last, expected: null, found: null }]
    : [];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
