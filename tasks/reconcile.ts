import { z } from "zod";
import { checkCompleteness } from "../src/banking/check-completeness.ts";
import { releaseClaim } from "../src/queue/enqueue.ts";
import { defineTask } from "../src/queue/task.ts";
import { reconcileCondominium } from "../src/reconciliation/reconcile-condominium.ts";

const payload = z.object({ condominiumId: z.string().regex(/^\d+$/) });

/** Matches a condominium's debits to what they pay, and its refunds to the debits they undo; and holds its statements against its movements. */
export default defineTask("reconcile", payload, async ({ condominiumId }, context) => {
  await context.transaction("Conciliação bancária", (client) =>
    releaseClaim(client, "reconcile", condominiumId),
  );
  const outcome = await context.transaction("Conciliação bancária", async (client) => ({
    ...(await reconcileCondominium(client, condominiumId, context.services.clock())),
    exceptions: await checkCompleteness(client, condominiumId),
  }));
  context.logger.info({ condominiumId, ...outcome }, "condominium reconciled");
});
