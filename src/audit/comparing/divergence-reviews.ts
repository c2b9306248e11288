import type pg from "pg";
import { RECORDS } from "./divergence.ts";

/**
 * Opens a review for each open divergence of a condominium's row, of whichever audited table, once, and ends as SUPERSEDED
 * those whose divergence was found mended. Under the worker's login: the comparison's own writes nothing of the business.
 *
 * A review is a condominium's: what diverges in rows of an administradora alone, or of nobody, opens none, and neither do
 * records, tree and definitions, which nobody who decides expenses can put right. They are in auditDivergences, and alarmed.
 *
 * @returns how many were opened
 */
export async function storeDivergenceReviews(client: pg.ClientBase): Promise<number> {
  await client.query(
    `update blindagem.reviews r set outcome = 'SUPERSEDED', resolved_at = now()
     from blindagem_audit.divergences d
     where r.kind = 'DIVERGENCE' and r.outcome is null and r.condominium_id = d.condominium_id
       and r.subject = 'divergence:' || d.id and d.resolved_at is not null`,
  );
  const { rowCount } = await client.query(
    `insert into blindagem.reviews (condominium_id, kind, expense_id, subject, reasons)
     select d.condominium_id, 'DIVERGENCE', e.id, 'divergence:' || d.id, jsonb_build_array(jsonb_build_object(
       'code', 'STATE_DIVERGES_FROM_LOG', 'severity', 'REVIEW', 'evidence', jsonb_build_object(
         'kind', d.kind, 'table', d.entity_type, 'entity', d.entity_id, 'fields', to_jsonb(d.fields))))
     from blindagem_audit.divergences d
     -- Of the carried states, tree and definitions none is a condominium's.
     join blindagem.condominiums c on c.id = d.condominium_id
     cross join lateral (
       select case when d.entity_id ~ '^[0-9]{1,18}/[0-9]{1,18}(/|$)' then split_part(d.entity_id, '/', 2)::bigint end as id
       offset 0) as second
     -- The expense itself may be what is gone: then the question stands without it.
     left join blindagem.expenses e on e.condominium_id = d.condominium_id and e.id = case
       when d.entity_type in ('expenses', 'retentions', 'expense_documents') then second.id
       when d.entity_type in ('payables', 'payments') then blindagem_private.expense_of_payable(d.condominium_id, second.id)
       when d.entity_type = 'reviews' then (
         select r.expense_id from blindagem.reviews r where r.condominium_id = d.condominium_id and r.id = second.id)
     end
     where d.resolved_at is null
       and d.entity_type <> '${RECORDS}'
       and not exists (
         select from blindagem.reviews r
         where r.condominium_id = d.condominium_id and r.kind = 'DIVERGENCE' and r.subject = 'divergence:' || d.id)
     order by d.id`,
  );
  return rowCount ?? 0;
}
