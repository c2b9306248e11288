import type pg from "pg";
import type { Question } from "./questions.ts";
import { rowChanges } from "./row-changes.ts";

/**
 * Makes the open questions of a condominium on payments and refunds these: opens new ones, brings the evidence of
 * open ones up to date, and ends as SUPERSEDED those that no longer arise. What a person has answered is not asked
 * again, unless the evidence is another one now.
 *
 * @param standing the open questions
 */
export async function storeQuestions(
  client: pg.ClientBase,
  condominiumId: string,
  questions: readonly Question[],
  standing: readonly Question[],
): Promise<void> {
  const { removed, added, changed } = rowChanges(
    standing,
    questions,
    ({ kind, subject }) => `${kind} ${subject}`,
  );
  if (removed.length > 0) {
    await client.query({
      name: "end questions",
      text: `update blindagem.reviews r set outcome = 'SUPERSEDED', resolved_at = now()
       from jsonb_to_recordset($2) as q (kind text, subject text)
       where r.condominium_id = $1 and r.kind = q.kind and r.subject = q.subject and r.outcome is null`,
      values: [condominiumId, JSON.stringify(removed.map(row))],
    });
  }
  if (added.length > 0) {
    await client.query({
      name: "open questions",
      text: `insert into blindagem.reviews (condominium_id, kind, expense_id, subject, reasons)
       select $1, q.kind, q.expense_id, q.subject, q.reasons
       from jsonb_to_recordset($2) as q (kind text, subject text, expense_id bigint, reasons jsonb)
       where not exists (
         select from blindagem.reviews answered
         where answered.condominium_id = $1 and answered.kind = q.kind and answered.subject = q.subject
           and answered.outcome in ('APPROVED', 'REJECTED') and answered.withdrawn_at is null
           and answered.reasons = q.reasons)
       order by q.kind, q.subject`,
      values: [condominiumId, JSON.stringify(added.map(row))],
    });
  }
  if (changed.length > 0) {
    await client.query({
      name: "update questions",
      text: `update blindagem.reviews r set reasons = q.reasons, expense_id = q.expense_id
       from jsonb_to_recordset($2) as q (kind text, subject text, expense_id bigint, reasons jsonb)
       where r.condominium_id = $1 and r.kind = q.kind and r.subject = q.subject and r.outcome is null`,
      values: [condominiumId, JSON.stringify(changed.map(row))],
    });
  }
}

function row({ kind, subject, expenseId, reasons }: Question) {
  return { kind, subject, expense_id: expenseId, reasons };
}
