import { formatDecimal } from "../money/centavos.ts";
import type { Statement } from "./statement.ts";

/** The period of a statement as it is stored; amounts are decimal text. */
export type StatementPeriod = {
  from: string;
  to: string;
  opening: string | null;
  closing: string | null;
};

/**
 * The period that a statement covers, with its balances. A file tells the closing balance alone: the opening one is what
 * remains of it without the entries. A balance of another day than the last, which some banks give (the day of the
 * download), says nothing about the period. Pure.
 *
 * @returns null where the file does not say from when to when it has all entries
 */
export function periodOf({ from, to, closingBalance, entries }: Statement): StatementPeriod | null {
  if (from === null || to === null || to < from) return null;
  const balance = closingBalance?.on === to ? closingBalance.amount : null;
  if (balance === null) return { from, to, opening: null, closing: null };
  const within = entries.filter(({ postedOn }) => postedOn >= from && postedOn <= to);
  const moved = within.reduce((sum, { amount }) => sum + amount, 0n);
  return { from, to, opening: formatDecimal(balance - moved), closing: formatDecimal(balance) };
}
