import type pg from "pg";
import { z } from "zod";

/** What the documents of an expense show: Pix end-to-end ids, and the typed lines of boletos. */
export interface DocumentIdentifiers {
  pix: string[];
  boleto: string[];
}

const row = z.object({
  expenseId: z.string(),
  pix: z.array(z.string()).nullable(),
  boleto: z.array(z.string()).nullable(),
});

const NONE: DocumentIdentifiers = { pix: [], boleto: [] };

/**
 * The identifiers on the documents of condominiums' expenses, by expense. A statement of its own: joined to the expenses, of
 * which the planner expects one where there are thousands, they were sought through for each of them.
 *
 * @throws z.ZodError when what the database holds is not of that shape
 */
export async function loadIdentifiers(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<(expenseId: string) => DocumentIdentifiers> {
  const { rows } = await client.query({
    name: "identifiers on documents",
    text: `select d.expense_id::text as "expenseId",
       array_agg(distinct i.value) filter (where i.kind = 'PIX_END_TO_END') as pix,
       array_agg(distinct i.value) filter (where i.kind = 'BOLETO_LINE') as boleto
     from blindagem.expense_documents d
     join blindagem.document_identifiers i on i.sha256 = d.sha256
     where d.condominium_id = any ($1::bigint[])
     group by d.expense_id`,
    values: [condominiumIds],
  });
  const found = new Map(
    z
      .array(row)
      .parse(rows)
      .map(({ expenseId, pix, boleto }) => [expenseId, { pix: pix ?? [], boleto: boleto ?? [] }]),
  );
  return (expenseId) => found.get(expenseId) ?? NONE;
}
