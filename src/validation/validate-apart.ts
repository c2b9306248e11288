import type pg from "pg";
import { isOfData } from "../database/data-error.ts";
import type { Undecidable } from "./undecidable.ts";
import { type ValidationResult, validateExpenses } from "./validate.ts";

export interface ApartResult extends ValidationResult {
  undecidable: Undecidable[];
}

/**
 * Validates expenses of which the validation as a whole has failed: halves them, each half behind a savepoint, until those that
 * fail stand alone. The others are decided as if nothing had been, however many fail. Slow, so it is for that case only:
 * savepoints around every validation would cost all of them two round trips.
 */
export async function validateApart(
  client: pg.ClientBase,
  expenseIds: readonly string[],
  now: Date,
): Promise<ApartResult> {
  const undecidable: Undecidable[] = [];
  const result = await halve(client, expenseIds, now, undecidable);
  return { ...result, undecidable };
}

async function halve(
  client: pg.ClientBase,
  expenseIds: readonly string[],
  now: Date,
  undecidable: Undecidable[],
): Promise<ValidationResult> {
  await client.query("savepoint apart");
  try {
    const result = await validateExpenses(client, expenseIds, now);
    await client.query("release savepoint apart");
    return result;
  } catch (error) {
    if (!isOfData(error)) throw error;
    // With the session gone, this fails and ends the work.
    await client.query("rollback to savepoint apart; release savepoint apart");
    const [expenseId = "", ...others] = expenseIds;
    if (others.length === 0) {
      undecidable.push({ expenseId, error });
      return { decided: 0, statuses: [], waiting: 0, missingSuppliers: [], unreadDocuments: [] };
    }
  }
  const middle = Math.ceil(expenseIds.length / 2);
  const first = await halve(client, expenseIds.slice(0, middle), now, undecidable);
  const second = await halve(client, expenseIds.slice(middle), now, undecidable);
  return {
    decided: first.decided + second.decided,
    statuses: [...first.statuses, ...second.statuses],
    waiting: first.waiting + second.waiting,
    missingSuppliers: [...first.missingSuppliers, ...second.missingSuppliers],
    unreadDocuments: [...first.unreadDocuments, ...second.unreadDocuments],
  };
}
