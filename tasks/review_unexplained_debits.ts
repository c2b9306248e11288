import { z } from "zod";
import { enqueuePoolReviews } from "../src/banking/review-pool.ts";
import { dateInBrasilia } from "../src/calendar/brasilia.ts";
import { defineTask } from "../src/queue/task.ts";
import { enqueueReconciliations } from "../src/reconciliation/enqueue-reconciliations.ts";
import { condominiumsWithOldDebits } from "../src/reconciliation/load-debit-days.ts";

/** Asks for the reconciliation of each condominium with a debit that has waited too long for its expense, and for a look at pool accounts. */
export default defineTask("review_unexplained_debits", z.object({}), async (_, context) => {
  const today = dateInBrasilia(context.services.clock());
  const due = await context.transaction("Débitos sem despesa", async (client) => {
    const condominiums = await condominiumsWithOldDebits(client, today);
    await enqueueReconciliations(client, condominiums);
    await enqueuePoolReviews(client, null);
    return condominiums.length;
  });
  context.logger.info({ due }, "unexplained debits looked for");
});
