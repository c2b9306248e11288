import type pg from "pg";
import { claimAndEnqueue } from "../queue/enqueue.ts";
import type { CondominiumToReconcile } from "./condominiums-to-reconcile.ts";

/**
 * Asks for the reconciliation of condominiums, in the running transaction: a job each, but for those that one is asked
 * for already.
 *
 * @param requestId of the request that led to it, if any
 */
export async function enqueueReconciliations(
  client: pg.ClientBase,
  condominiums: readonly CondominiumToReconcile[],
  requestId?: string | null,
): Promise<void> {
  await claimAndEnqueue(
    client,
    condominiums.map(({ condominiumId, organizationId }) => ({
      task: "reconcile",
      subject: condominiumId,
      payload: { condominiumId },
      condominiumId,
      organizationId,
      requestId,
    })),
  );
}
