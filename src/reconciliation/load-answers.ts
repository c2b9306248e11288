import type pg from "pg";
import { z } from "zod";
import { reasonsColumn } from "../validation/reasons-column.ts";
import { amountColumn } from "./amount-column.ts";
import type { AnsweredReview, MatchDecision } from "./answers.ts";
import { type ByCondominium, readByCondominium } from "./by-condominium.ts";

const row = z.object({
  outcome: z.enum(["APPROVED", "REJECTED"]),
  decidedBy: z.string(),
  decidedAt: z.date(),
  reasons: reasonsColumn,
});

/** The reviews on payments and refunds that people have ended, oldest first. */
export async function loadAnswers(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<ByCondominium<AnsweredReview>> {
  const { rows } = await client.query({
    name: "answered reviews",
    text: `select condominium_id::text as "condominiumId", outcome, resolved_by::text as "decidedBy",
       resolved_at as "decidedAt", reasons
     from blindagem.reviews
     where condominium_id = any ($1::bigint[]) and kind in ('PAYMENT', 'REFUND') and outcome in ('APPROVED', 'REJECTED')
       and withdrawn_at is null
     order by id`,
    values: [condominiumIds],
  });
  return readByCondominium(row, rows);
}

const decisionRow = z
  .object({
    debitId: z.string(),
    payableId: z.string().nullable(),
    creditId: z.string().nullable(),
    decision: z.enum(["CONFIRMED", "REJECTED", "WITHDRAWN"]),
    amount: amountColumn.nullable(),
    decidedBy: z.string(),
    decidedAt: z.date(),
  })
  .transform(
    ({ debitId, payableId, creditId, decision, amount, decidedBy, decidedAt }): MatchDecision => ({
      pair:
        payableId === null
          ? { creditId: creditId ?? "", debitId }
          : { payableId, transactionId: debitId },
      verdict:
        decision === "CONFIRMED" ? { kind: decision, amount: amount ?? 0n } : { kind: decision },
      decidedBy,
      decidedAt,
    }),
  );

/** The last decision of people on each pair, oldest first. */
export async function loadMatchDecisions(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<ByCondominium<MatchDecision>> {
  const { rows } = await client.query({
    name: "match decisions",
    text: `select d.condominium_id::text as "condominiumId", d.debit_id::text as "debitId", d.payable_id::text as "payableId",
       d.credit_id::text as "creditId", d.decision, d.amount::text, d.decided_by::text as "decidedBy",
       d.decided_at as "decidedAt"
     from unnest($1::bigint[]) as c (id) cross join lateral blindagem_private.standing_decisions(c.id) d
     order by d.id`,
    values: [condominiumIds],
  });
  return readByCondominium(decisionRow, rows);
}
