import type pg from "pg";

/**
 * Removes the links that people made and that hold no more: their movement was taken back by the bank, or the last
 * decision on the pair is another one. The decision itself stays: if the movement comes again, so does the link.
 *
 * @returns how many were removed of each condominium
 */
export async function removeWithdrawn(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<(condominiumId: string) => number> {
  const decided = await decidedUpon(client, condominiumIds);
  if (decided.length === 0) return () => 0;
  const { rows } = await client.query<{ condominiumId: string; removed: number }>({
    name: "remove withdrawn links",
    text: `with decision as materialized (
       select d.* from unnest($1::bigint[]) as c (id) cross join lateral blindagem_private.standing_decisions(c.id) d
     ),
     payment as (
       delete from blindagem.payments p
       where p.condominium_id = any ($1::bigint[]) and p.decided_by is not null and (
         exists (
           select from blindagem.bank_transactions t
           where t.condominium_id = p.condominium_id and t.id = p.transaction_id and t.deleted_at is not null)
         or exists (
           select from decision d
           where d.payable_id = p.payable_id and d.debit_id = p.transaction_id and d.decided_at > p.created_at
             and (d.decision <> 'CONFIRMED' or d.amount <> p.amount)))
       returning p.condominium_id
     ),
     refund as (
       delete from blindagem.refunds r
       where r.condominium_id = any ($1::bigint[]) and r.decided_by is not null and (
         exists (
           select from blindagem.bank_transactions t
           where t.condominium_id = r.condominium_id and t.id in (r.credit_id, r.debit_id) and t.deleted_at is not null)
         or exists (
           select from decision d
           where d.credit_id = r.credit_id and d.debit_id = r.debit_id and d.decided_at > r.created_at
             and (d.decision <> 'CONFIRMED' or d.amount <> r.amount)))
       returning r.condominium_id
     )
     select condominium_id::text as "condominiumId", count(*)::int as removed
     from (select * from payment union all select * from refund) as gone
     group by condominium_id`,
    values: [decided],
  });
  const removed = new Map(rows.map((row) => [row.condominiumId, row.removed]));
  return (condominiumId) => removed.get(condominiumId) ?? 0;
}

/** Those with links that people made. Of most condominiums there is none; then nothing is deleted, and no trigger runs for nothing. */
async function decidedUpon(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: "people's links",
    text: `select id::text from unnest($1::bigint[]) as c (id)
     where exists (select from blindagem.payments p where p.condominium_id = c.id and p.decided_by is not null)
       or exists (select from blindagem.refunds r where r.condominium_id = c.id and r.decided_by is not null)`,
    values: [condominiumIds],
  });
  return rows.map(({ id }) => id);
}
