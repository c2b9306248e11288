import type pg from "pg";
import { z } from "zod";
import { defineTask } from "../src/queue/task.ts";

const payload = z.object({ sha256s: z.array(z.string().regex(/^[0-9a-f]{64}$/)) });

/**
 * Removes the bytes of documents whose erasure is recorded (LGPD): the database cannot reach them. Each is held meanwhile, so
 * that whoever hands it in again waits, and stores its bytes anew.
 */
export default defineTask("erase_documents", payload, async ({ sha256s }, context) => {
  const { documents } = context.services;
  let removed = 0;
  for (const sha256 of sha256s) {
    await context.transaction("Documentos apagados", async (client) => {
      if (!(await holdErased(client, sha256))) return;
      await documents.remove(sha256);
      removed += 1;
    });
  }
  context.logger.info({ documents: removed }, "documents erased");
});

/** @returns false when somebody has handed it in again meanwhile */
async function holdErased(client: pg.ClientBase, sha256: string): Promise<boolean> {
  const { rows } = await client.query<{ erased: boolean }>(
    "select blindagem_private.hold_erased_document($1) as erased",
    [sha256],
  );
  return rows[0]?.erased === true;
}
