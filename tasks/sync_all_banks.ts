import { z } from "zod";
import { markStaleConnections, selectDueConnections } from "../src/banking/due-connections.ts";
import { claimAndEnqueue } from "../src/queue/enqueue.ts";
import { defineTask } from "../src/queue/task.ts";

/** A connection that was synced within so many hours, by a notification or by hand, is left alone. */
const RECENT_HOURS = 6;
/** The syncs are spread over at most so long, and never closer than they need be. */
const SPREAD_MS = 2 * 3_600_000;
const SPACING_MS = 1_000;

/** Enqueues the sync of every bank connection that was not synced lately. */
export default defineTask("sync_all_banks", z.object({}), async (_, context) => {
  const now = context.services.clock();
  const { due, stale } = await context.transaction("Sincronização noturna", async (client) => {
    const stale = await markStaleConnections(client, now);
    const due = await selectDueConnections(
      client,
      new Date(now.getTime() - RECENT_HOURS * 3_600_000),
    );
    const spacing = Math.min(SPACING_MS, SPREAD_MS / due.length);
    await claimAndEnqueue(
      client,
      due.map(({ connectionId, organizationId, condominiumId }, index) => ({
        task: "pluggy_sync",
        subject: connectionId,
        payload: { connectionId },
        organizationId,
        condominiumId,
        runAt: new Date(now.getTime() + index * spacing),
      })),
    );
    return { due: due.length, stale };
  });
  context.logger.info({ due, stale }, "bank syncs enqueued");
});
