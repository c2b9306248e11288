import { z } from "zod";
import { countUndecidable } from "../src/observability/decision-metrics.ts";
import { defineTask } from "../src/queue/task.ts";
import { sendToPeople, untoldOf } from "../src/validation/send-to-people.ts";
import { SessionsEnded, WorkersDied } from "../src/validation/undecidable.ts";

const payload = z.object({ expenseId: z.string().regex(/^\d+$/), deaths: z.int() });

/**
 * Sends an expense to people that workers died of, or the database's sessions (then `deaths` is 0), each time alone. Enqueued by whoever
 * buries its job, in the same transaction (blindagem_private.end_worker, bury_deadly_job): it is never left PENDING with nothing that would still decide it.
 */
export default defineTask(
  "review_deadly_expense",
  payload,
  async ({ expenseId, deaths }, context) => {
    const sent = await context.transaction("Validação automática", async (client) => {
      const error = deaths > 0 ? new WorkersDied(deaths) : new SessionsEnded();
      const untold = await untoldOf(client, [{ expenseId, error }]);
      await sendToPeople(client, untold);
      return untold.length;
    });
    countUndecidable(sent);
    context.logger.error({ expenseId, deaths, sent }, "workers died of an expense");
  },
);
