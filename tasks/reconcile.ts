import { z } from "zod";
import { releaseClaim } from "../src/queue/enqueue.ts";
import { defineTask } from "../src/queue/task.ts";
import { reconcileCondominium } from "../src/reconciliation/reconcile-condominium.ts";

const payload = z.object({ condominiumId: z.string().regex(/^\d+$/) });

/** Matches a condominium's debits to what they pay, and its refunds to the debits they undo. */
export default defineTask("reconcile", payload, async ({ condominiumId }, context) => {
  await context.transaction("Conciliação bancária", (client) =>
    releaseClaim(client, "reconcile", condominiumId),
  );
  const outcome = await context.transaction("Conciliação bancária", (client) =>
    reconcileCondominium(client, condominiumId, context.services.clock()),
  );
  context.logger.info({ condominiumId, ...outcome }, "condominium reconciled");
});
