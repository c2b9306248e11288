import { z } from "zod";
import { dateInBrasilia } from "../src/calendar/brasilia.ts";
import { claimAndEnqueue, releaseClaim, wakeExpenses } from "../src/queue/enqueue.ts";
import { defineTask } from "../src/queue/task.ts";
import { condominiumsOfDocument } from "../src/receipts/document-condominiums.ts";
import { isRead, storeIdentifiers, storeReading } from "../src/receipts/store-reading.ts";

const payload = z.object({ sha256: z.string() });

/** Reads a document, once for all who handed in the same bytes, and wakes the expenses that wait for it. */
export default defineTask("ocr_triage", payload, async ({ sha256 }, context) => {
  const requestId = context.envelope?.requestId ?? undefined;
  const known = await context.transaction("Leitura de comprovante", async (client) => {
    await releaseClaim(client, "ocr_triage", sha256);
    if (!(await isRead(client, sha256))) return false;
    await wakeExpenses(client, { kind: "DOCUMENT", sha256 }, requestId);
    return true;
  });
  if (known) return;

  const bytes = await context.services.documents.get(sha256);
  const reading = await context.services.receipts.read(bytes, {
    referenceDate: dateInBrasilia(context.services.clock()),
  });
  await context.transaction("Comprovante lido", async (client) => {
    await storeReading(client, sha256, reading);
    await storeIdentifiers(client, sha256, reading);
    await wakeExpenses(client, { kind: "DOCUMENT", sha256 }, requestId);
    // Identifiers on a receipt join a payment to its debit for certain.
    await claimAndEnqueue(
      client,
      (await condominiumsOfDocument(client, sha256)).map(({ condominiumId, organizationId }) => ({
        task: "reconcile",
        subject: condominiumId,
        payload: { condominiumId },
        condominiumId,
        organizationId,
        requestId,
      })),
    );
  });
  context.logger.info({ sha256, kind: reading.kind, verdict: reading.verdict }, "document read");
});
