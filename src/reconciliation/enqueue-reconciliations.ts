import type pg from "pg";
import { claimSubjects, enqueueJobs, type NewJob } from "../queue/enqueue.ts";
import type { CondominiumToReconcile } from "./condominiums-to-reconcile.ts";

/**
 * So many condominiums are one job's. One by one each took some 45 round trips. A movement, stored and recorded in the log,
 * takes 226 microseconds of processor time by 10 of them, 206 by 25, 185 by 50, and no less by 100, which are more than one
 * transaction's worth (`portions.ts`; 600 condominiums of 100 movements).
 */
export const CONDOMINIUMS_OF_A_JOB = 50;

/**
 * Asks for the reconciliation of condominiums, in the running transaction, but for those of which one is asked for already:
 * a job for some of an organization's.
 *
 * @param requestId of the request that led to it, if any
 */
export async function enqueueReconciliations(
  client: pg.ClientBase,
  condominiums: readonly CondominiumToReconcile[],
  requestId?: string | null,
): Promise<void> {
  const claimed = new Set(
    await claimSubjects(
      client,
      "reconcile",
      condominiums.map(({ condominiumId }) => condominiumId),
    ),
  );
  const wanted = condominiums.filter(({ condominiumId }) => claimed.delete(condominiumId));
  const byOrganization = Map.groupBy(wanted, ({ organizationId }) => organizationId);
  const jobs = [...byOrganization].flatMap(([organizationId, its]) => {
    const ids = its.map(({ condominiumId }) => condominiumId);
    return Array.from({ length: Math.ceil(ids.length / CONDOMINIUMS_OF_A_JOB) }, (_, at) =>
      jobOf(
        ids.slice(at * CONDOMINIUMS_OF_A_JOB, (at + 1) * CONDOMINIUMS_OF_A_JOB),
        organizationId,
        requestId,
      ),
    );
  });
  await enqueueJobs(client, jobs);
}

function jobOf(
  condominiumIds: string[],
  organizationId: string | null,
  requestId: string | null | undefined,
): NewJob {
  const [condominiumId, other] = condominiumIds;
  return other === undefined
    ? { task: "reconcile", payload: { condominiumId }, condominiumId, organizationId, requestId }
    : { task: "reconcile", payload: { condominiumIds }, organizationId, requestId };
}
