import type pg from "pg";
import { type Submission, type SubmissionResult, submitExpenseBatch } from "../expenses/submit.ts";
import { inSpan } from "../observability/tracing.ts";

/** Hands in a batch, as a span that tells how large it was and what became of it. */
export function submitBatch(
  client: pg.ClientBase,
  submission: Submission,
): Promise<SubmissionResult> {
  return inSpan(
    {
      name: "submit batch",
      kind: "INTERNAL",
      attributes: {
        "blindagem.rows": submission.rows.length,
        "blindagem.dry_run": submission.dryRun,
      },
    },
    async (span) => {
      const result = await submitExpenseBatch(client, submission);
      span?.add({
        "blindagem.batch_id": result.batchId ?? undefined,
        "blindagem.accepted": result.accepted,
        "blindagem.row_errors": result.errors.length,
        "blindagem.repeated": result.repeated,
      });
      return result;
    },
  );
}
