import { isDeepStrictEqual } from "node:util";

/** What has to happen to a table's rows so that they become the wanted ones. */
export interface RowChanges<T> {
  removed: T[];
  added: T[];
  /** The wanted form of rows that stand in another one. */
  changed: T[];
}

/**
 * Compares rows with those that are wanted, so that only what differs is written: a statement that changes nothing would
 * cost its triggers all the same. Pure.
 *
 * @param keyOf what makes two rows the same one
 */
export function rowChanges<T extends object>(
  standing: readonly T[],
  wanted: readonly T[],
  keyOf: (row: T) => string,
): RowChanges<T> {
  const known = new Map(standing.map((row) => [keyOf(row), row]));
  const changes: RowChanges<T> = { removed: [], added: [], changed: [] };
  for (const row of wanted) {
    const key = keyOf(row);
    const before = known.get(key);
    if (!before) changes.added.push(row);
    else if (!isDeepStrictEqual(before, row)) changes.changed.push(row);
    known.delete(key);
  }
  changes.removed.push(...known.values());
  return changes;
}
