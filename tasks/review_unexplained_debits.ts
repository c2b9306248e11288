import { z } from "zod";
import { dateInBrasilia } from "../src/calendar/brasilia.ts";
import { claimAndEnqueue } from "../src/queue/enqueue.ts";
import { defineTask } from "../src/queue/task.ts";
import { condominiumsWithOldDebits } from "../src/reconciliation/load-debit-days.ts";

/** Asks for the reconciliation of each condominium with a debit that has waited too long for its expense. */
export default defineTask("review_unexplained_debits", z.object({}), async (_, context) => {
  const today = dateInBrasilia(context.services.clock());
  const due = await context.transaction("Débitos sem despesa", async (client) => {
    const condominiums = await condominiumsWithOldDebits(client, today);
    await claimAndEnqueue(
      client,
      condominiums.map(({ condominiumId, organizationId }) => ({
        task: "reconcile",
        subject: condominiumId,
        payload: { condominiumId },
        condominiumId,
        organizationId,
      })),
    );
    return condominiums.length;
  });
  context.logger.info({ due }, "unexplained debits looked for");
});
