import { z } from "zod";
import { countDecisions } from "../src/observability/decision-metrics.ts";
import { claimAndEnqueue } from "../src/queue/enqueue.ts";
import { defineTask, type TaskContext } from "../src/queue/task.ts";
import { validateExpenses } from "../src/validation/validate.ts";

const payload = z.object({ expenseIds: z.array(z.string().regex(/^\d+$/)).min(1).max(1000) });

/**
 * Decides the expenses of a chunk from the facts known now, and asks for the suppliers and readings that are not. Also for
 * those that a job has been asked for already: its claim makes this transaction and the one that stores the answer wait
 * for each other, so that one of them sees what the other wrote.
 */
export default defineTask("validate_expenses", payload, validate, { isBulk: true });

async function validate(
  { expenseIds }: z.infer<typeof payload>,
  context: TaskContext,
): Promise<void> {
  const result = await context.transaction("Validação automática", async (client) => {
    const validation = await validateExpenses(client, expenseIds, context.services.clock());
    await claimAndEnqueue(
      client,
      [
        ...validation.missingSuppliers.map(({ cnpj, organizationId }) => ({
          task: "cnpj_lookup",
          subject: cnpj,
          payload: { cnpj },
          organizationId,
        })),
        ...validation.unreadDocuments.map(({ sha256, organizationId }) => ({
          task: "ocr_triage",
          subject: sha256,
          payload: { sha256 },
          organizationId,
        })),
      ].map((job) => ({ ...job, requestId: context.envelope?.requestId })),
    );
    return validation;
  });
  countDecisions(result.statuses);
  context.logger.info({ decided: result.decided, waiting: result.waiting }, "expenses validated");
}
