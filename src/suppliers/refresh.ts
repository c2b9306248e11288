import type pg from "pg";
import { FRESH_DAYS } from "./look-up.ts";

/** A supplier whose registry data is to be asked again. */
export interface StaleSupplier {
  cnpj: string;
}

/**
 * The suppliers of the expenses handed in since then whose registry data is missing or older than it serves, those
 * with the most expenses first.
 *
 * @param limit how many at most
 */
export async function staleSuppliers(
  client: pg.ClientBase,
  since: Date,
  now: Date,
  limit: number,
): Promise<StaleSupplier[]> {
  const { rows } = await client.query<StaleSupplier>(
    `select e.payee_document as cnpj
     from blindagem.expenses e
     left join blindagem.companies c on c.cnpj = e.payee_document
     where e.submitted_at >= $1 and e.payee_kind = 'CNPJ'
       and (c.cnpj is null or c.fetched_at <= $2::timestamptz - $3 * interval '1 day')
     group by e.payee_document
     order by count(*) desc, e.payee_document
     limit $4`,
    [since, now, FRESH_DAYS, limit],
  );
  return rows;
}
