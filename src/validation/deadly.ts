import type pg from "pg";

/** A chunk is handed on in pieces of so many, and a piece one by one: 250 cost two deaths until each stands alone. */
const PIECE = 16;

/**
 * The expenses of a chunk that a worker died of, in smaller chunks.
 *
 * Halves would cost eight deaths of 250, each of them 45 s for all that ran in the process; one by one at once, 250 jobs for
 * each chunk that a worker was merely killed with.
 */
export function smallerChunks(expenseIds: readonly string[]): string[][] {
  const size = expenseIds.length > PIECE ? PIECE : 1;
  return Array.from({ length: Math.ceil(expenseIds.length / size) }, (_, index) =>
    expenseIds.slice(index * size, (index + 1) * size),
  );
}

/** Those of the expenses of which three workers died already, each alone: they are with people. */
export async function deadlyOf(
  client: pg.ClientBase,
  expenseIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(
    "select expense_id::text as id from blindagem_private.deadly_expenses where expense_id = any ($1)",
    [expenseIds],
  );
  return new Set(rows.map(({ id }) => id));
}
