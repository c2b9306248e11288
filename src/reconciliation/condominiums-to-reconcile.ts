import type pg from "pg";

/** A condominium whose movements may pay what a batch brought. */
export interface CondominiumToReconcile {
  condominiumId: string;
  /** Who asks for it, if anyone does: the platform itself asks for none's. */
  organizationId: string | null;
}

/** The condominiums that a batch touches and of which there are movements; without movements there is nothing to match. */
export async function condominiumsToReconcile(
  client: pg.ClientBase,
  batchId: string,
): Promise<CondominiumToReconcile[]> {
  const { rows } = await client.query<CondominiumToReconcile>(
    `select touched.condominium_id::text as "condominiumId", touched.organization_id::text as "organizationId"
     from (select distinct condominium_id, organization_id from blindagem.expenses where batch_id = $1) as touched
     where exists (select from blindagem.bank_transactions t where t.condominium_id = touched.condominium_id)
     order by touched.condominium_id`,
    [batchId],
  );
  return rows;
}
