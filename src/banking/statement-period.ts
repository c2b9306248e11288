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
 * remains of it without the entries. A balance of a day before the last (that of the download, in the middle of a month
 * that was asked for whole) ends the period on that day. Pure.
 *
 * @returns null where the file does not say from when to when it has all entries
 */
export function periodOf(statement: Statement): StatementPeriod | null {
  const { from, to, closingBalance, entries } = statement;
  if (from === null || to === null || to < from) return null;
  const isWithin = closingBalance !== null && closingBalance.on >= from && closingBalance.on <= to;
  if (!isWithin) return { from, to, opening: null, closing: null };
  const { on, amount } = closingBalance;
  const before = entries.filter(({ postedOn }) => postedOn >= from && postedOn <= on);
  const moved = before.reduce((sum, entry) => sum + entry.amount, 0n);
  return { from, to: on, opening: formatDecimal(amount - moved), closing: formatDecimal(amount) };
}
