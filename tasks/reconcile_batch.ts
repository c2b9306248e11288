import { z } from "zod";
import { defineTask } from "../src/queue/task.ts";
import { condominiumsToReconcile } from "../src/reconciliation/condominiums-to-reconcile.ts";
import { enqueueReconciliations } from "../src/reconciliation/enqueue-reconciliations.ts";

const payload = z.object({ batchId: z.string().regex(/^\d+$/) });

/** Asks for the reconciliation of each condominium that a new batch touches and of which there are movements. */
export default defineTask("reconcile_batch", payload, async ({ batchId }, context) => {
  await context.transaction("Conciliação de um lote novo", async (client) => {
    const condominiums = await condominiumsToReconcile(client, batchId);
    await enqueueReconciliations(client, condominiums, context.envelope?.requestId);
  });
});
