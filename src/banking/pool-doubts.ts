import { addDays } from "../calendar/brasilia.ts";
import { readMemo } from "../reconciliation/memo-grammar.ts";
import { fold } from "../reconciliation/memo-text.ts";

/** A posted movement of a pool account that is no condominium's yet. Centavos. */
export interface PoolMovement {
  id: string;
  postedOn: string;
  amount: bigint;
  description: string;
  endToEndId: string | null;
  originalEndToEndId: string | null;
  /** A return's sum fits it, and did not itemise it all the same. */
  ambiguous: boolean;
}

/** A question to the administradora: a row of `pool_doubts`. */
export interface PoolDoubt {
  transactionId: string;
  kind: "REFUND" | "REVERSAL" | "AMBIGUOUS" | "NOT_ITEMISED";
}

/**
 * What of a pool account's movements only a person can say whose it is: money that came back, income taken back, debits
 * that a return fits without itemising them, and those that none explains after so many days. Receipts, sweeps and fees of the
 * account are the administradora's daily business, and no question. Pure.
 *
 * @param today calendar date in Brasília, 'YYYY-MM-DD'
 */
export function poolDoubts(
  movements: readonly PoolMovement[],
  today: string,
  days: number,
): PoolDoubt[] {
  const before = addDays(today, -days);
  return movements.flatMap((movement): PoolDoubt[] => {
    const kind = doubtOf(movement, movement.postedOn < before);
    return kind ? [{ transactionId: movement.id, kind }] : [];
  });
}

function doubtOf(movement: PoolMovement, isOld: boolean): PoolDoubt["kind"] | undefined {
  const direction = movement.amount > 0n ? "CREDIT" : "DEBIT";
  const meaning = readMemo(fold(movement.description), direction)?.meaning;
  const isReturn = movement.originalEndToEndId !== null || movement.endToEndId?.startsWith("D");
  if (direction === "CREDIT") return meaning === "REFUND" || isReturn ? "REFUND" : undefined;
  if (meaning === "INCOME_REVERSAL" || isReturn) return "REVERSAL";
  if (meaning === "NEUTRAL" || meaning === "SCHEDULED") return undefined;
  if (movement.ambiguous) return "AMBIGUOUS";
  return isOld ? "NOT_ITEMISED" : undefined;
}
