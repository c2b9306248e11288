import { z } from "zod";
import { createPartitions } from "../src/audit/partitions.ts";
import { addDays, dateInBrasilia, startOfDayBrasilia } from "../src/calendar/brasilia.ts";
import { claimAndEnqueue, enqueueJobs } from "../src/queue/enqueue.ts";
import { providerCapacity } from "../src/queue/provider-capacity.ts";
import { defineTask } from "../src/queue/task.ts";
import { staleSuppliers } from "../src/suppliers/refresh.ts";

/** What no provider's limit bounds is bounded by this. */
const MOST_SUPPLIERS = 20_000;

/**
 * Gets ready for day 5, when most of the month's batches come: the log's partitions exist, the registry data of the
 * suppliers of last month and this one is fresh, and the bank's data too, so that the batches themselves wait for nothing.
 *
 * It asks the registry for no more than the provider's limit allows until midnight in Brasília: further look-ups
 * would stand before those of the batches.
 */
export default defineTask("prepare_day_five", z.object({}), async (_, context) => {
  const now = context.services.clock();
  const today = dateInBrasilia(now);
  const midnight = startOfDayBrasilia(addDays(today, 1));
  const lastMonth = addDays(`${today.slice(0, 8)}01`, -1);
  const since = startOfDayBrasilia(`${lastMonth.slice(0, 8)}01`);
  const prepared = await context.transaction("Preparação para o dia 5", async (client) => {
    const partitions = await createPartitions(client);
    const capacity = await providerCapacity(client, context.services.buckets.CNPJWS, now, midnight);
    const limit = Math.min(capacity ?? MOST_SUPPLIERS, MOST_SUPPLIERS);
    const suppliers = await staleSuppliers(client, since, now, limit);
    await claimAndEnqueue(
      client,
      suppliers.map(({ cnpj }) => ({ task: "cnpj_lookup", subject: cnpj, payload: { cnpj } })),
    );
    await enqueueJobs(client, [{ task: "sync_all_banks", payload: {} }]);
    return { partitions, suppliers: suppliers.length };
  });
  context.logger.info(prepared, "prepared for day 5");
});
