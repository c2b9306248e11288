import type pg from "pg";
import { z } from "zod";
import {
  type Connection,
  condominiumsOfConnection,
  loadConnection,
} from "../src/banking/connection.ts";
import { PluggyError } from "../src/banking/pluggy-error.ts";
import { setConnectionState } from "../src/banking/store-connection.ts";
import {
  openConnectionReview,
  supersedeConnectionReview,
} from "../src/banking/store-connection-review.ts";
import { type SyncOutcome, syncConnection } from "../src/banking/sync.ts";
import { claimAndEnqueue, enqueueJobs, releaseClaim } from "../src/queue/enqueue.ts";
import { pauseProvider, reserveSlot, takeSlot } from "../src/queue/provider-slot.ts";
import { defineTask, type TaskContext } from "../src/queue/task.ts";

const payload = z.object({
  connectionId: z.string().regex(/^\d+$/),
  /** The job has waited for its slot of the provider's limit: it need not take another. */
  slotReserved: z.boolean().default(false),
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
    const now = clock();
    const slot = await takeSlot(client, "PLUGGY", now, job.slotReserved);
    if (slot > now) await putOff(client, job, connection, context, slot);
    return slot > now;
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
  await context.transaction("Estado da conexão bancária", async (client) => {
    await setConnectionState(client, connection.id, freshness, consentExpiresAt, askedAt);
    if (freshness.state === "BROKEN") {
      await openConnectionReview(client, connection.id, freshness.cause);
    }
    if (freshness.state === "FRESH") await supersedeConnectionReview(client, connection.id);
    // Each page beyond the first has taken from the provider's limit too: later jobs wait for them.
    for (let page = 1; page < outcome.pages; page++) {
      await reserveSlot(client, "PLUGGY", context.services.clock());
    }
    const condominiums = await condominiumsOfConnection(client, connection.id);
    await claimAndEnqueue(
      client,
      condominiums.map((condominiumId) => ({
        task: "reconcile",
        subject: condominiumId,
        payload: { condominiumId },
        condominiumId,
        organizationId: connection.organizationId,
        requestId: context.envelope?.requestId,
      })),
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
  if (retryAt !== null) {
    // No attempt is spent, and no worker is held: everyone waits until the provider opens again.
    return context.transaction("Limite do provedor bancário", async (client) => {
      await pauseProvider(client, "PLUGGY", retryAt);
      const slot = await reserveSlot(client, "PLUGGY", context.services.clock());
      await putOff(
        client,
        job,
        connection,
        context,
        new Date(Math.max(slot.getTime(), retryAt.getTime())),
      );
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
  runAt: Date,
): Promise<void> {
  const again = {
    task: "pluggy_sync",
    subject: connection.id,
    payload: { ...job, slotReserved: true },
    runAt,
    waitingFor: "limite de consultas do provedor bancário",
    organizationId: connection.organizationId,
    condominiumId: connection.condominiumId,
    requestId: context.envelope?.requestId,
    startTag: context.envelope?.startTag,
  };
  // A waiting job would do for a plain sync, but it does not know the movements that this one was told of.
  if (job.transactionIds.length > 0) await enqueueJobs(client, [again]);
  else await claimAndEnqueue(client, [again]);
}
