import { z } from "zod";
import { countUndecidable } from "../src/observability/decision-metrics.ts";
import { defineTask } from "../src/queue/task.ts";
import { sendToPeople, WorkersDied } from "../src/validation/undecidable.ts";

const payload = z.object({ expenseId: z.string().regex(/^\d+$/), deaths: z.int() });

/**
 * Sends an expense to people that workers died of, each time alone. Enqueued by whoever buries its job, in the same transaction
 * (blindagem_private.end_worker): it is never left PENDING with nothing that would still decide it.
 */
export default defineTask(
  "review_deadly_expense",
  payload,
  async ({ expenseId, deaths }, context) => {
    const sent = await context.transaction("Validação automática", (client) =>
      sendToPeople(client, [{ expenseId, error: new WorkersDied(deaths) }]),
    );
    countUndecidable(sent.size);
    context.logger.error({ expenseId, deaths, sent: sent.size }, "workers died of an expense");
  },
);
