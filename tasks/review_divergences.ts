import { z } from "zod";
import { storeDivergenceReviews } from "../src/audit/comparing/divergence-reviews.ts";
import { defineTask } from "../src/queue/task.ts";

/** Asks a person about what of a condominium diverges from the audit log, and ends the question when it no longer does. */
export default defineTask("review_divergences", z.object({}), async (_, context) => {
  const opened = await context.transaction(
    "Divergência entre tabelas e registro de auditoria",
    storeDivergenceReviews,
  );
  if (opened > 0)
    context.logger.error({ reviews: opened }, "rows of condominiums diverge from the audit log");
});
