import type pg from "pg";
import { z } from "zod";
import {
  type Connection,
  condominiumsOfConnection,
  loadConnection,
} from "../src/banking/connection.ts";
import { expectedRequests } from "../src/banking/expected-requests.ts";
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
import { noteAnswer, pauseProvider } from "../src/queue/provider-slot.ts";
import { type Turn, takeTurn } from "../src/queue/provider-turn.ts";
import { NoRequestNow, paceRequests } from "../src/queue/request-pace.ts";
import { defineTask, type TaskContext } from "../src/queue/task.ts";
import { waitingForProvider } from "../src/queue/waiting-for.ts";
import { enqueueReconciliations } from "../src/reconciliation/enqueue-reconciliations.ts";

const payload = z.object({
  connectionId: z.string().regex(/^\d+$/),
  /** Pluggy's account and the movements in it that a notification called changed or deleted. */
  accountId: z.string().optional(),
  transactionIds: z.array(z.string()).default([]),
});
type Payload = z.infer<typeof payload>;

/** Brings the accounts and movements of a bank connection up to date. */
export default defineTask("pluggy_sync", payload, async (job, context) => {
  const { clock, waitUntil, buckets, bank } = context.services;
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
  const turn = await context.transaction("Limite do provedor bancário", async (client) => {
    const taken = await nextTurn(client, job, connection, context);
    if (taken.cause) await putOff(client, job, connection, context, taken);
    return taken;
  });
  if (turn.cause) return;

  const pace = paceRequests({
    turns: buckets.PLUGGY,
    requests: buckets.PLUGGY_REQUESTS,
    paid: turn.requests,
    clock,
    waitUntil,
    signal: context.signal,
    transaction: (use) => context.transaction("Limite do provedor bancário", use),
  });
  try {
    const outcome = await syncConnection({
      bank,
      connection,
      named:
        job.accountId !== undefined && job.transactionIds.length > 0
          ? { accountProviderId: job.accountId, providerIds: job.transactionIds }
          : undefined,
      clock,
      call: { signal: context.signal, beforeRequest: pace.beforeRequest },
      store: (use) => context.transaction("Sincronização bancária", use),
    });
    await finish(connection, outcome, pace.sent(), context);
  } catch (error) {
    await handle(error, job, connection, context);
  }
});

async function nextTurn(
  client: pg.ClientBase,
  job: Payload,
  { organizationId }: Connection,
  { services: { clock, buckets }, envelope }: TaskContext,
): Promise<Turn> {
  const requests = await expectedRequests(client, job.connectionId, job.transactionIds.length);
  const asker = { jobId: envelope?.jobId, organizationId };
  return takeTurn(client, buckets.PLUGGY, clock(), asker, requests);
}

/** State and wake-up are one transaction, after all movements: whoever reads FRESH finds them there. */
async function finish(
  connection: Connection,
  outcome: SyncOutcome,
  requests: number,
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
  const { inserted, updated, deleted, unreadable } = outcome;
  const line = {
    connectionId: connection.id,
    state: freshness.state,
    cause: freshness.cause,
    ...{ inserted, updated, deleted, requests },
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
  if (error instanceof NoRequestNow) {
    if (error.isForAll) return putOffUntil(error.until, job, connection, context);
    const later: Turn = { at: error.until, cause: "LIMIT", requests: 0, place: null };
    return context.transaction("Limite do provedor bancário", (client) =>
      putOff(client, job, connection, context, later),
    );
  }
  if (!(error instanceof PluggyError)) throw error;
  const { clock, buckets } = context.services;
  await context.transaction("Resposta do provedor bancário", (client) =>
    noteAnswer(client, buckets.PLUGGY, clock(), error.kind !== "UNAVAILABLE"),
  );
  if (error.retryAt !== null) return putOffUntil(error.retryAt, job, connection, context);
  if (error.kind === "UNAUTHORIZED") {
    throw new Error(
      `${error.message}. Are PLUGGY_CLIENT_ID and PLUGGY_CLIENT_SECRET right, and is the item theirs?`,
    );
  }
  throw error;
}

/**
 * No attempt is spent, and no worker is held: everyone waits until the provider opens again. What was fetched is kept,
 * but the sync begins again with its first request: a listing tells what is gone only when it is whole.
 */
async function putOffUntil(
  until: Date,
  job: Payload,
  connection: Connection,
  context: TaskContext,
): Promise<void> {
  await context.transaction("Limite do provedor bancário", async (client) => {
    await pauseProvider(client, context.services.buckets.PLUGGY, until);
    const turn = await nextTurn(client, job, connection, context);
    const at = new Date(Math.max(turn.at.getTime(), until.getTime()));
    await putOff(client, job, connection, context, { ...turn, at });
  });
}

async function putOff(
  client: pg.ClientBase,
  job: Payload,
  connection: Connection,
  context: TaskContext,
  turn: Turn,
): Promise<void> {
  const again = {
    task: "pluggy_sync",
    subject: connection.id,
    payload: { ...job },
    runAt: turn.at,
    waitingFor: waitingForProvider("provedor bancário", turn, context.services.clock()),
    organizationId: connection.organizationId,
    condominiumId: connection.condominiumId,
    requestId: context.envelope?.requestId,
    startTag: context.envelope?.startTag,
    place: turn.place,
  };
  // A waiting job would do for a plain sync, but it does not know the movements that this one was told of.
  if (job.transactionIds.length > 0) await enqueueJobs(client, [again]);
  else await claimAndEnqueue(client, [again]);
  await context.leaveQueue(client);
}
