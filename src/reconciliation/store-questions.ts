import type pg from "pg";
import type { Question } from "./questions.ts";

/**
 * Makes the open questions of a condominium on payments and refunds these: opens new ones, brings the evidence of
 * open ones up to date, and ends as SUPERSEDED those that no longer arise. What a person has answered is not asked
 * again, unless the evidence is another one now.
 */
export async function storeQuestions(
  client: pg.ClientBase,
  condominiumId: string,
  questions: readonly Question[],
): Promise<void> {
  const rows = questions.map(({ kind, subject, expenseId, reasons }) => ({
    kind,
    subject,
    expense_id: expenseId,
    reasons,
  }));
  const values = [condominiumId, JSON.stringify(rows)];
  await client.query(
    `update blindagem.reviews r set outcome = 'SUPERSEDED', resolved_at = now()
     where r.condominium_id = $1 and r.kind in ('PAYMENT', 'REFUND') and r.outcome is null
       and not exists (
         select from jsonb_to_recordset($2) as q (kind text, subject text)
         where q.kind = r.kind and q.subject = r.subject)`,
    values,
  );
  await client.query(
    `insert into blindagem.reviews as r (condominium_id, kind, expense_id, subject, reasons)
     select $1, q.kind, q.expense_id, q.subject, q.reasons
     from jsonb_to_recordset($2) as q (kind text, subject text, expense_id bigint, reasons jsonb)
     where not exists (
       select from blindagem.reviews answered
       where answered.condominium_id = $1 and answered.kind = q.kind and answered.subject = q.subject
         and answered.outcome in ('APPROVED', 'REJECTED') and answered.reasons = q.reasons)
     order by q.kind, q.subject
     on conflict (condominium_id, kind, subject) where outcome is null do update
     set reasons = excluded.reasons, expense_id = excluded.expense_id
     where (r.reasons, r.expense_id) is distinct from (excluded.reasons, excluded.expense_id)`,
    values,
  );
}
