import type pg from "pg";

/** The condominiums whose expenses list the document. */
export async function condominiumsOfDocument(
  client: pg.ClientBase,
  sha256: string,
): Promise<{ condominiumId: string; organizationId: string }[]> {
  const { rows } = await client.query<{ condominiumId: string; organizationId: string }>(
    `select distinct e.condominium_id::text as "condominiumId", e.organization_id::text as "organizationId"
     from blindagem.expense_documents d
     join blindagem.expenses e on e.condominium_id = d.condominium_id and e.id = d.expense_id
     where d.sha256 = $1`,
    [sha256],
  );
  return rows;
}
