import { z } from "zod";
import { wakeOverdueExpenses } from "../src/queue/overdue.ts";
import { defineTask } from "../src/queue/task.ts";

/** Wakes expenses whose facts did not come before their deadline: they go to a person. */
export default defineTask("validate_overdue", z.object({}), async (_, context) => {
  const jobs = await context.transaction("Prazo das informações vencido", (client) =>
    wakeOverdueExpenses(client, context.services.clock()),
  );
  if (jobs > 0) context.logger.info({ jobs }, "overdue expenses woken");
});
