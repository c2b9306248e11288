import type pg from "pg";
import type { Question } from "./questions.ts";
import { rowChanges } from "./row-changes.ts";
import { rowsOf, writeRows } from "./write-rows.ts";

/** The questions that a run found in a condominium, and the open ones. */
export interface CondominiumQuestions {
  condominiumId: string;
  wanted: readonly Question[];
  standing: readonly Question[];
}

/**
 * Makes the open questions of condominiums on payments and refunds these: opens new ones, brings the evidence of
 * open ones up to date, and ends as SUPERSEDED those that no longer arise. What a person has answered is not asked
 * again, unless the evidence is another one now.
 */
export async function storeQuestions(
  client: pg.ClientBase,
  condominiums: readonly CondominiumQuestions[],
): Promise<void> {
  const changes = condominiums.map(({ condominiumId, wanted, standing }) => ({
    condominiumId,
    ...rowChanges(standing, wanted, ({ kind, subject }) => `${kind} ${subject}`),
  }));
  await writeRows(client, "end questions", ENDING, rowsOf(changes, "removed", columns));
  await writeRows(client, "open questions", OPENING, rowsOf(changes, "added", columns));
  await writeRows(client, "update questions", UPDATE, rowsOf(changes, "changed", columns));
}

const ENDING = `update blindagem.reviews r set outcome = 'SUPERSEDED', resolved_at = now()
  from jsonb_to_recordset($1) as q (condominium_id bigint, kind text, subject text)
  where r.condominium_id = q.condominium_id and r.kind = q.kind and r.subject = q.subject and r.outcome is null`;

const OPENING = `insert into blindagem.reviews (condominium_id, kind, expense_id, subject, reasons)
  select q.condominium_id, q.kind, q.expense_id, q.subject, q.reasons
  from jsonb_to_recordset($1) as q (condominium_id bigint, kind text, subject text, expense_id bigint, reasons jsonb)
  where not exists (
    select from blindagem.reviews answered
    where answered.condominium_id = q.condominium_id and answered.kind = q.kind and answered.subject = q.subject
      and answered.outcome in ('APPROVED', 'REJECTED') and answered.withdrawn_at is null
      and answered.reasons = q.reasons)
  order by q.condominium_id, q.kind, q.subject`;

const UPDATE = `update blindagem.reviews r set reasons = q.reasons, expense_id = q.expense_id
  from jsonb_to_recordset($1) as q (condominium_id bigint, kind text, subject text, expense_id bigint, reasons jsonb)
  where r.condominium_id = q.condominium_id and r.kind = q.kind and r.subject = q.subject and r.outcome is null`;

function columns({ kind, subject, expenseId, reasons }: Question) {
  return { kind, subject, expense_id: expenseId, reasons };
}
