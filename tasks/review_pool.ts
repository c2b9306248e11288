import { z } from "zod";
import { reviewPool } from "../src/banking/review-pool.ts";
import { releaseClaim } from "../src/queue/enqueue.ts";
import { defineTask } from "../src/queue/task.ts";

const payload = z.object({ accountId: z.string().regex(/^\d+$/) });

/** Asks the administradora about the movements of a pool account of which nothing tells whose they are. */
export default defineTask("review_pool", payload, async ({ accountId }, context) => {
  await context.transaction("Conta pool", (client) =>
    releaseClaim(client, "review_pool", accountId),
  );
  const doubts = await context.transaction("Conta pool", (client) =>
    reviewPool(client, accountId, context.services.clock()),
  );
  context.logger.info({ accountId, doubts }, "pool account looked through");
});
