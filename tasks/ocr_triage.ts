import type pg from "pg";
import { z } from "zod";
import { dateInBrasilia } from "../src/calendar/brasilia.ts";
import { holdClaim } from "../src/queue/claim.ts";
import { releaseClaim, wakeExpenses } from "../src/queue/enqueue.ts";
import { defineTask, type TaskContext } from "../src/queue/task.ts";
import { condominiumsOfDocument } from "../src/receipts/document-condominiums.ts";
import {
  holdDocument,
  isRead,
  storeIdentifiers,
  storeReading,
  thresholdInForce,
} from "../src/receipts/store-reading.ts";
import { enqueueReconciliations } from "../src/reconciliation/enqueue-reconciliations.ts";

const payload = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/**
 * Reads a document, once for all who handed in the same bytes, and wakes the expenses that wait for it. It keeps its
 * claim until the reading is stored, so that nobody reads the same bytes meanwhile. One that is erased, before or
 * meanwhile, has no reading: the expense is people's when its time has come.
 */
export default defineTask("ocr_triage", payload, ({ sha256 }, context) =>
  holdClaim(context, "ocr_triage", sha256, async () => {
    const before = await context.transaction("Leitura de comprovante", async (client) => {
      if (!(await isHeld(client, sha256, context))) return undefined;
      if (!(await isRead(client, sha256)))
        return { leastProbability: await thresholdInForce(client) };
      await wake(client, sha256, context);
      return undefined;
    });
    if (before === undefined) return;

    const bytes = await context.services.documents.get(sha256);
    const reading = await context.services.receipts.read(bytes, {
      ...before,
      referenceDate: dateInBrasilia(context.services.clock()),
      signal: context.signal,
    });
    const isStored = await context.transaction("Comprovante lido", async (client) => {
      if (!(await isHeld(client, sha256, context))) return false;
      await storeReading(client, sha256, reading);
      await storeIdentifiers(client, sha256, reading);
      await wake(client, sha256, context);
      return true;
    });
    if (!isStored) return;
    context.logger.info({ sha256, kind: reading.kind, verdict: reading.verdict }, "document read");
  }),
);

/** Whether the document is there to be read; else its claim goes, for when somebody hands it in again. */
async function isHeld(
  client: pg.ClientBase,
  sha256: string,
  { logger }: TaskContext,
): Promise<boolean> {
  if (await holdDocument(client, sha256)) return true;
  await releaseClaim(client, "ocr_triage", sha256);
  logger.info({ sha256 }, "an erased document is not read");
  return false;
}

/**
 * The claim goes first: who still holds it has committed before the expenses are read, who comes later enqueues anew.
 * Identifiers on a receipt join a payment to its debit for certain: so its condominiums are reconciled, too.
 */
async function wake(client: pg.ClientBase, sha256: string, context: TaskContext): Promise<void> {
  const requestId = context.envelope?.requestId ?? undefined;
  await releaseClaim(client, "ocr_triage", sha256);
  await wakeExpenses(client, { kind: "DOCUMENT", sha256 }, requestId);
  await enqueueReconciliations(client, await condominiumsOfDocument(client, sha256), requestId);
}
