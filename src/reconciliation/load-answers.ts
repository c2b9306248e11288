import type pg from "pg";
import { z } from "zod";
import { reasonsColumn } from "../validation/reasons-column.ts";
import { amountColumn } from "./amount-column.ts";
import type { AnsweredReview, MatchDecision } from "./answers.ts";

const row = z.object({
  outcome: z.enum(["APPROVED", "REJECTED"]),
  decidedBy: z.string(),
  decidedAt: z.date(),
  reasons: reasonsColumn,
});

/** The reviews on payments and refunds that people have ended, oldest first. */
export async function loadAnswers(
  client: pg.ClientBase,
  condominiumId: string,
): Promise<AnsweredReview[]> {
  const { rows } = await client.query({
    name: "answered reviews",
    text: `select outcome, resolved_by::text as "decidedBy", resolved_at as "decidedAt", reasons
     from blindagem.reviews
     where condominium_id = $1 and kind in ('PAYMENT', 'REFUND') and outcome in ('APPROVED', 'REJECTED')
       and withdrawn_at is null
     order by id`,
    values: [condominiumId],
  });
  return z.array(row).parse(rows);
}

const decisionRow = z.object({
  debitId: z.string(),
  payableId: z.string().nullable(),
  creditId: z.string().nullable(),
  decision: z.enum(["CONFIRMED", "REJECTED", "WITHDRAWN"]),
  amount: amountColumn.nullable(),
  decidedBy: z.string(),
  decidedAt: z.date(),
});

/** The last decision of people on each pair, oldest first. */
export async function loadMatchDecisions(
  client: pg.ClientBase,
  condominiumId: string,
): Promise<MatchDecision[]> {
  const { rows } = await client.query({
    name: "match decisions",
    text: `select debit_id::text as "debitId", payable_id::text as "payableId", credit_id::text as "creditId", decision,
       amount::text, decided_by::text as "decidedBy", decided_at as "decidedAt"
     from blindagem_private.standing_decisions($1)
     order by id`,
    values: [condominiumId],
  });
  return z
    .array(decisionRow)
    .parse(rows)
    .map(({ debitId, payableId, creditId, decision, amount, decidedBy, decidedAt }) => ({
      pair:
        payableId === null
          ? { creditId: creditId ?? "", debitId }
          : { payableId, transactionId: debitId },
      verdict:
        decision === "CONFIRMED" ? { kind: decision, amount: amount ?? 0n } : { kind: decision },
      decidedBy,
      decidedAt,
    }));
}
