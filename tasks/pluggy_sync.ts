import type pg from "pg";
import { z } from "zod";
import {
  type Connection,
  condominiumsOfConnection,
  loadConnection,
} from "../src/banking/connection.ts";
import { itemisePools } from "../src/banking/itemise-pools.ts";
import { PluggyError } from "../src/banking/pluggy-error.ts";
import { enqueuePoolReviews } from "../src/banking/review-pool.ts";
import { setConnectionState } from "../src/banking/store-connection.ts";
import {
  openConnectionReview,
  supersedeConnectionReview,
} from "../src/banking/store-connection-review.ts";
import { type SyncOutcome, syncConnection } from "../src/banking/sync.ts";
import { claimAndEnqueue, enqueueJobs, releaseClaim } from "../src/queue/enqueue.ts";
import { noteAnswer, pauseProvider, type Slot, takeSlot } from "../src/queue/provider-slot.ts";
import { defineTask, type TaskContext } from "../src/queue/task.ts";
import { waitingForProvider } from "../src/queue/waiting-for.ts";
import { enqueueReconciliations } from "../src/reconciliation/enqueue-reconciliations.ts";

const payload = z.object({
  connectionId: z.string().regex(/^\d+$/),
  /** The job has waited for this slot of the provider's limit: it need not take another, unless it is late. */
  slotAt: z.coerce.date().optional(),
  /** Pluggy's account and the movements in it that a notification called changed or deleted. */
  accountId: z.string().optional(),
  transactionIds: z.array(z.string()).default([]),
});
type Payload = z.infer<typeof payload>;

/** Brings the accounts and movements of a bank connection up to date. */
export default defineTask("pluggy_sync", payload, async (job, context) => {
  const { clock, bank } = context.services;
  const connection = await context.transaction("Sincronização bancária", async (client) => {
    await releaseClaim(client, "pluggy_sync", job.connectionId);
    return loadConnection(client, job.connectionId);
  });
  if (!connection) throw new Error(`There is no bank connection ${job.connectionId}.`);
  if (!bank) {
    throw new Error(
      "Bank connections need credentials: set PLUGGY_CLIENT_ID and PLUGGY_CLIENT_SECRET.",
    );
  }
  const waits = await context.transaction("Limite do provedor bancário", async (client) => {
    const slot = await takeSlot(client, context.services.buckets.PLUGGY, clock(), job.slotAt);
    if (slot.cause) await putOff(client, job, connection, context, slot);
    return slot.cause !== null;
  });
  if (waits) return;

  try {
    const outcome = await syncConnection({
      bank,
      connection,
      named:
        job.accountId !== undefined && job.transactionIds.length > 0
          ? { accountProviderId: job.accountId, providerIds: job.transactionIds }
          : undefined,
      clock,
      signal: context.signal,
      store: (use) => context.transaction("Sincronização bancária", use),
    });
    await finish(connection, outcome, context);
  } catch (error) {
    await handle(error, job, connection, context);
  }
});

/** State and wake-up are one transaction, after all movements: whoever reads FRESH finds them there. */
async function finish(
  connection: Connection,
  outcome: SyncOutcome,
  context: TaskContext,
): Promise<void> {
  const { freshness, consentExpiresAt, askedAt } = outcome;
  const { clock, buckets } = context.services;
  await context.transaction("Estado da conexão bancária", async (client) => {
    await noteAnswer(client, buckets.PLUGGY, clock(), true);
    await setConnectionState(client, connection.id, freshness, consentExpiresAt, askedAt);
    if (freshness.state === "BROKEN") {
      await openConnectionReview(client, connection.id, freshness.cause);
    }
    if (freshness.state === "FRESH") await supersedeConnectionReview(client, connection.id);
    // Each page beyond the first has taken from the provider's limit too: later jobs wait for them.
    for (let page = 1; page < outcome.pages; page++) {
      await takeSlot(client, buckets.PLUGGY, clock());
    }
    if (connection.condominiumId === null) {
      await itemisePools(client, connection.id);
      await enqueuePoolReviews(client, connection.id);
    }
    const condominiums = await condominiumsOfConnection(client, connection.id);
    const { organizationId } = connection;
    await enqueueReconciliations(
      client,
      condominiums.map((condominiumId) => ({ condominiumId, organizationId })),
      context.envelope?.requestId,
    );
  });
  const { inserted, updated, deleted, pages, unreadable } = outcome;
  const line = {
    connectionId: connection.id,
    state: freshness.state,
    cause: freshness.cause,
    ...{ inserted, updated, deleted, pages },
  };
  if (unreadable.length > 0) context.logger.warn({ ...line, unreadable }, "bank partly synced");
  else context.logger.info(line, "bank synced");
}

async function handle(
  error: unknown,
  job: Payload,
  connection: Connection,
  context: TaskContext,
): Promise<void> {
  if (!(error instanceof PluggyError)) throw error;
  const { retryAt } = error;
  const { clock, buckets } = context.services;
  await context.transaction("Resposta do provedor bancário", (client) =>
    noteAnswer(client, buckets.PLUGGY, clock(), error.kind !== "UNAVAILABLE"),
  );
  if (retryAt !== null) {
    // No attempt is spent, and no worker is held: everyone waits until the provider opens again.
    return context.transaction("Limite do provedor bancário", async (client) => {
      await pauseProvider(client, buckets.PLUGGY, retryAt);
      const slot = await takeSlot(client, buckets.PLUGGY, clock());
      const at = new Date(Math.max(slot.at.getTime(), retryAt.getTime()));
      await putOff(client, job, connection, context, { at, cause: slot.cause });
    });
  }
  if (error.kind === "UNAUTHORIZED") {
    throw new Error(
      `${error.message}. Are PLUGGY_CLIENT_ID and PLUGGY_CLIENT_SECRET right, and is the item theirs?`,
    );
  }
  throw error;
}

async function putOff(
  client: pg.ClientBase,
  job: Payload,
  connection: Connection,
  context: TaskContext,
  slot: Slot,
): Promise<void> {
  const again = {
    task: "pluggy_sync",
    subject: connection.id,
    payload: { ...job, slotAt: slot.at },
    runAt: slot.at,
    waitingFor: waitingForProvider("provedor bancário", slot, context.services.clock()),
    organizationId: connection.organizationId,
    condominiumId: connection.condominiumId,
    requestId: context.envelope?.requestId,
    startTag: context.envelope?.startTag,
  };
  // A waiting job would do for a plain sync, but it does not know the movements that this one was told of.
  if (job.transactionIds.length > 0) await enqueueJobs(client, [again]);
  else await claimAndEnqueue(client, [again]);
}
