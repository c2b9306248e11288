import type pg from "pg";

/**
 * Removes the links that people made and that hold no more: their movement was taken back by the bank, or the last
 * decision on the pair is another one. The decision itself stays: if the movement comes again, so does the link.
 *
 * @returns how many were removed
 */
export async function removeWithdrawn(
  client: pg.ClientBase,
  condominiumId: string,
): Promise<number> {
  if (!(await isAnyDecided(client, condominiumId))) return 0;
  const { rows } = await client.query<{ removed: number }>({
    name: "remove withdrawn links",
    text: `with decision as materialized (
       select * from blindagem_private.standing_decisions($1)
     ),
     payment as (
       delete from blindagem.payments p
       where p.condominium_id = $1 and p.decided_by is not null and (
         exists (
           select from blindagem.bank_transactions t
           where t.condominium_id = $1 and t.id = p.transaction_id and t.deleted_at is not null)
         or exists (
           select from decision d
           where d.payable_id = p.payable_id and d.debit_id = p.transaction_id and d.decided_at > p.created_at
             and (d.decision <> 'CONFIRMED' or d.amount <> p.amount)))
       returning 1
     ),
     refund as (
       delete from blindagem.refunds r
       where r.condominium_id = $1 and r.decided_by is not null and (
         exists (
           select from blindagem.bank_transactions t
           where t.condominium_id = $1 and t.id in (r.credit_id, r.debit_id) and t.deleted_at is not null)
         or exists (
           select from decision d
           where d.credit_id = r.credit_id and d.debit_id = r.debit_id and d.decided_at > r.created_at
             and (d.decision <> 'CONFIRMED' or d.amount <> r.amount)))
       returning 1
     )
     select ((select count(*) from payment) + (select count(*) from refund))::int as removed`,
    values: [condominiumId],
  });
  return rows[0]?.removed ?? 0;
}

/** Of most condominiums there is none; then nothing is deleted, and no trigger runs for nothing. */
async function isAnyDecided(client: pg.ClientBase, condominiumId: string): Promise<boolean> {
  const { rows } = await client.query<{ any: boolean }>({
    name: "people's links",
    text: `select exists (select from blindagem.payments where condominium_id = $1 and decided_by is not null)
       or exists (select from blindagem.refunds where condominium_id = $1 and decided_by is not null) as any`,
    values: [condominiumId],
  });
  return rows[0]?.any ?? false;
}
