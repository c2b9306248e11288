import { z } from "zod";
import { createPartitions } from "../src/audit/partitions.ts";
import { thinCheckpoints } from "../src/audit/thin-checkpoints.ts";
import { deleteExpired } from "../src/database/retention.ts";
import { defineTask } from "../src/queue/task.ts";

/** Makes the audit log's partitions ahead, thins its old checkpoints out, and deletes what has passed its time. */
export default defineTask("housekeeping", z.object({}), async (_, context) => {
  const partitions = await context.transaction("Partições da auditoria", createPartitions);
  const deleted = await deleteExpired(
    (use) => context.transaction("Prazo de guarda vencido", use),
    context.services.clock(),
    context.services.historyDays,
    context.signal,
  );
  const checkpoints = await thinCheckpoints(
    (use) => context.transaction("Checkpoints antigos", use),
    context.services.clock(),
    context.services.checkpointDays,
    context.signal,
  );
  context.logger.info({ partitions, deleted, checkpoints }, "housekeeping done");
});
