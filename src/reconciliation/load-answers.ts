import type pg from "pg";
import { z } from "zod";
import type { AnsweredReview } from "./answers.ts";

const row = z.object({
  outcome: z.enum(["APPROVED", "REJECTED"]),
  decidedBy: z.string(),
  reasons: z.array(
    z.object({
      code: z.string(),
      severity: z.enum(["BLOCK", "REVIEW", "NOTE"]),
      evidence: z.record(
        z.string(),
        z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
      ),
    }),
  ),
});

/** The reviews on payments and refunds that people have ended, oldest first. */
export async function loadAnswers(
  client: pg.ClientBase,
  condominiumId: string,
): Promise<AnsweredReview[]> {
  const { rows } = await client.query(
    `select outcome, resolved_by::text as "decidedBy", reasons
     from blindagem.reviews
     where condominium_id = $1 and kind in ('PAYMENT', 'REFUND') and outcome in ('APPROVED', 'REJECTED')
     order by id`,
    [condominiumId],
  );
  return z.array(row).parse(rows);
}
