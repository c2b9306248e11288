import { z } from "zod";
import { defineTask } from "../src/queue/task.ts";

const payload = z.object({ sha256s: z.array(z.string().regex(/^[0-9a-f]{64}$/)) });

/** Removes the bytes of documents whose erasure is recorded (LGPD): the database cannot reach them. */
export default defineTask("erase_documents", payload, async ({ sha256s }, context) => {
  for (const sha256 of sha256s) await context.services.documents.remove(sha256);
  context.logger.info({ documents: sha256s.length }, "documents erased");
});
