import { z } from "zod";
import { checkCompleteness } from "../src/banking/check-completeness.ts";
import { releaseClaims } from "../src/queue/enqueue.ts";
import { defineTask, type TaskContext } from "../src/queue/task.ts";
import { enqueueReconciliations } from "../src/reconciliation/enqueue-reconciliations.ts";
import { portionsOf } from "../src/reconciliation/portions.ts";
import { reconcileCondominiums } from "../src/reconciliation/reconcile-condominiums.ts";

const REASON = "Conciliação bancária";

const id = z.string().regex(/^\d+$/);
const payload = z.union([
  z.object({ condominiumIds: z.array(id).min(1) }),
  z
    .object({ condominiumId: id })
    .transform(({ condominiumId }) => ({ condominiumIds: [condominiumId] })),
]);

/**
 * Matches the debits of condominiums to what they pay, and their refunds to the debits they undo; and holds their statements
 * against their movements. Several at once, since each statement then serves all of them.
 */
export default defineTask("reconcile", payload, reconcile, { isBulk: true });

async function reconcile(
  { condominiumIds }: z.infer<typeof payload>,
  context: TaskContext,
): Promise<void> {
  const portions = await context.transaction(REASON, async (client) => {
    await releaseClaims(client, "reconcile", condominiumIds);
    return portionsOf(client, condominiumIds);
  });
  for (const portion of portions) {
    await reconcilePortion(portion, context).catch(async (error: unknown) => {
      if (condominiumIds.length === 1) throw error;
      await divide(portion, error, context);
    });
  }
}

async function reconcilePortion(portion: readonly string[], context: TaskContext): Promise<void> {
  const { outcomes, exceptions } = await context.transaction(REASON, async (client) => ({
    outcomes: await reconcileCondominiums(client, portion, context.services.clock()),
    exceptions: await checkCompleteness(client, portion),
  }));
  for (const { condominiumId, ...outcome } of outcomes) {
    context.logger.info(
      { condominiumId, ...outcome, exceptions: exceptions(condominiumId) },
      "condominium reconciled",
    );
  }
}

/** What one condominium fails at must not keep the others from being reconciled: each gets a job of its own. */
async function divide(
  portion: readonly string[],
  error: unknown,
  { transaction, logger, envelope }: TaskContext,
): Promise<void> {
  logger.warn(
    { condominiumIds: portion, cause: error instanceof Error ? error.message : "unknown" },
    "condominiums were not reconciled together; now each has a job of its own",
  );
  await transaction("Conciliação bancária, cada condomínio por si", async (client) => {
    for (const condominiumId of portion) {
      await enqueueReconciliations(
        client,
        [{ condominiumId, organizationId: envelope?.organizationId ?? null }],
        envelope?.requestId,
      );
    }
  });
}
