import type pg from "pg";
import type { RowChanges } from "./row-changes.ts";

/** What has to happen to one condominium's rows of a table. */
export interface CondominiumChanges<T> extends RowChanges<T> {
  condominiumId: string;
}

/** The rows of several condominiums to which that is to happen, each with its `condominium_id`. */
export function rowsOf<T>(
  condominiums: readonly CondominiumChanges<T>[],
  what: keyof RowChanges<T>,
  columns: (row: T) => object,
): object[] {
  return condominiums.flatMap(({ condominiumId, [what]: rows }) =>
    rows.map((row) => ({ condominium_id: condominiumId, ...columns(row) })),
  );
}

/** Runs a statement on rows, `$1` as JSON; on none it is not run: it would cost its triggers all the same. */
export async function writeRows(
  client: pg.ClientBase,
  name: string,
  text: string,
  rows: readonly object[],
): Promise<void> {
  if (rows.length > 0) await client.query({ name, text, values: [JSON.stringify(rows)] });
}
