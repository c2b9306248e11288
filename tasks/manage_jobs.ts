import { z } from "zod";
import { continueIntervention, loadIntervention } from "../src/queue/intervention.ts";
import { defineTask } from "../src/queue/task.ts";

const payload = z.object({ interventionId: z.string().regex(/^\d+$/) });

/** Does to many jobs what an operator asked for, chunk by chunk; where it was interrupted it goes on. */
export default defineTask("manage_jobs", payload, async ({ interventionId }, context) => {
  const { action, reason } = await context.transaction("Intervenção na fila", (client) =>
    loadIntervention(client, interventionId),
  );
  const next = () =>
    context.transaction(reason, (client) => continueIntervention(client, interventionId));
  while (!(await next())) {
    // The chunks done are committed: the next attempt does the others.
    context.signal.throwIfAborted();
  }
  context.logger.info({ interventionId, action }, "intervention done");
});
