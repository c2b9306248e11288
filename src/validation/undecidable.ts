import pg from "pg";
import { z } from "zod";
import type { Reason } from "./reason.ts";
import { openReviews } from "./store-decisions.ts";

/** An expense that cannot be decided automatically, and what that fails of. */
export interface Undecidable {
  expenseId: string;
  error: unknown;
}

/** What an expense fails of that workers die of. Its message is shown to people. */
export class WorkersDied extends Error {
  constructor(deaths: number) {
    super(`${deaths} processos terminaram enquanto a validavam`);
    this.name = "WorkersDied";
  }
}

/**
 * Hands expenses that cannot be decided over to people, where they are still pending. No decision is kept: no rule was asked.
 * Since nobody knows what the rules would have said, no one person alone may let the payment pass: whoever the alçada or the
 * rule on the administradora's own fee names must approve besides, and else a second approver.
 *
 * @returns the ids of the expenses that changed
 */
export async function sendToPeople(
  client: pg.ClientBase,
  undecidable: readonly Undecidable[],
): Promise<Set<string>> {
  const reasons = new Map(
    undecidable.map(({ expenseId, error }) => [expenseId, [undecidableBecause(error)]]),
  );
  const { rows } = await client.query<{ id: string; condominium_id: string }>(
    `update blindagem.expenses e
     set status = 'MANUAL_REVIEW', status_reasons = failed.reasons, decided_at = now(), second_approval = coalesce(
       (select 'CONDOMINIUM' from blindagem.rules r
         where r.code = 'ADMINISTRATION_FEE' and r.parameters->'categories' ? e.category limit 1),
       (select case when e.gross_amount > alcada.amount then alcada.requires end
         from (
           select a.amount, a.requires from blindagem.approval_limits a
           where a.organization_id = e.organization_id and (a.condominium_id is null or a.condominium_id = e.condominium_id)
             and blindagem_private.has_scope((e.submitted_at at time zone 'America/Sao_Paulo')::date, a.valid_from, a.valid_to)
           order by a.condominium_id nulls last limit 1) as alcada),
       'SECOND_APPROVER')
     from jsonb_to_recordset($1) as failed (expense_id bigint, reasons jsonb)
     where e.id = failed.expense_id and e.status = 'PENDING'
     returning e.id::text, e.condominium_id::text`,
    [JSON.stringify([...reasons].map(([expense_id, list]) => ({ expense_id, reasons: list })))],
  );
  await openReviews(
    client,
    rows.map(({ id, condominium_id }) => ({
      condominiumId: condominium_id,
      expenseId: id,
      kind: "EXPENSE",
      reasons: reasons.get(id) ?? [],
      requires: null,
    })),
  );
  return new Set(rows.map(({ id }) => id));
}

function undecidableBecause(error: unknown): Reason {
  return { code: "UNDECIDABLE", severity: "REVIEW", evidence: { cause: causeOf(error) } };
}

/**
 * What kind of error it is and where, without its message, which may quote the expense: reasons are shown, and stay in the log.
 */
export function causeOf(error: unknown): string {
  if (error instanceof WorkersDied) return error.message;
  if (error instanceof pg.DatabaseError) {
    return [error.code, error.table, error.constraint].filter(Boolean).join(" ");
  }
  if (error instanceof z.ZodError)
    return `ZodError ${error.issues[0]?.path.join(".") ?? ""}`.trim();
  return error instanceof Error ? error.name : typeof error;
}
