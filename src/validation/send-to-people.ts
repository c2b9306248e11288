import type pg from "pg";
import { z } from "zod";
import { lateFacts } from "./late-fact.ts";
import type { Reason } from "./reason.ts";
import { reasonsColumn } from "./reasons-column.ts";
import { openReviews } from "./store-decisions.ts";
import { type Undecidable, undecidableBecause } from "./undecidable.ts";

/** One that people are still to be told of. */
export interface Untold extends Undecidable {
  condominiumId: string;
  /** What they are to be told. */
  reasons: Reason[];
  /** Whether it is decided already: then that stands, and what cannot be decided is whether a late fact speaks against it. */
  isDecided: boolean;
}

const standingRow = z.object({
  id: z.string(),
  condominium_id: z.string(),
  status: z.enum(["PENDING", "APPROVED", "AWAITING_SECOND_APPROVAL", "MANUAL_REVIEW"]),
  told: reasonsColumn,
});

/**
 * Those of the expenses that people are still to be told of: not what one of them has ended, nor what one was told before, be
 * it in a review that is open or in one that let the expense pass. Locks them until commit, so that nobody decides meanwhile.
 */
export async function untoldOf(
  client: pg.ClientBase,
  undecidable: readonly Undecidable[],
): Promise<Untold[]> {
  const { rows } = await client.query(
    `select e.id::text, e.condominium_id::text, e.status,
       e.status_reasons || coalesce((
         select jsonb_agg(reason) from blindagem.reviews r cross join jsonb_array_elements(r.reasons) as reason
         where r.condominium_id = e.condominium_id and r.expense_id = e.id and r.kind = 'LATE_FACT'
           and coalesce(r.outcome, 'APPROVED') = 'APPROVED'), '[]') as told
     from blindagem.expenses e
     where e.id = any ($1::bigint[]) and e.status not in ('REJECTED', 'CANCELLED') order by e.id for update of e`,
    [undecidable.map(({ expenseId }) => expenseId)],
  );
  const errors = new Map(undecidable.map(({ expenseId, error }) => [expenseId, error]));
  return z
    .array(standingRow)
    .parse(rows)
    .map(({ id, condominium_id, status, told }) => {
      const error = errors.get(id);
      const because = undecidableBecause(error);
      const reasons =
        status === "PENDING" ? [because] : lateFacts({ status, reasons: told }, [because]);
      return {
        expenseId: id,
        error,
        condominiumId: condominium_id,
        reasons,
        isDecided: status !== "PENDING",
      };
    })
    .filter(({ reasons }) => reasons.length > 0);
}

/**
 * Hands expenses that cannot be decided over to people. No decision is kept: no rule was asked. Since nobody knows what the
 * rules would have said, no one person alone may let the payment pass: whoever the alçada or the rule on the administradora's
 * own fee names must approve besides, and else a second approver. What is decided stays so, and gets the review of a late fact.
 */
export async function sendToPeople(
  client: pg.ClientBase,
  untold: readonly Untold[],
): Promise<void> {
  await client.query(
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
     where e.id = failed.expense_id`,
    [
      JSON.stringify(
        untold
          .filter(({ isDecided }) => !isDecided)
          .map(({ expenseId, reasons }) => ({ expense_id: expenseId, reasons })),
      ),
    ],
  );
  await openReviews(
    client,
    untold.map(({ condominiumId, expenseId, reasons, isDecided }) => ({
      condominiumId,
      expenseId,
      kind: isDecided ? "LATE_FACT" : "EXPENSE",
      reasons,
      requires: null,
    })),
  );
}
