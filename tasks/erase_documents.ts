import type pg from "pg";
import { z } from "zod";
import { defineTask } from "../src/queue/task.ts";

const payload = z.object({ sha256s: z.array(z.string().regex(/^[0-9a-f]{64}$/)) });

/** Those that nobody has handed in again meanwhile. */
async function stillErased(client: pg.ClientBase, sha256s: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ sha256: string }>(
    "select sha256 from blindagem.documents where sha256 = any ($1) and erased_at is not null",
    [sha256s],
  );
  return rows.map(({ sha256 }) => sha256);
}

/** Removes the bytes of documents whose erasure is recorded (LGPD): the database cannot reach them. */
export default defineTask("erase_documents", payload, async ({ sha256s }, context) => {
  const erased = await context.transaction("Documentos apagados", (client) =>
    stillErased(client, sha256s),
  );
  for (const sha256 of erased) await context.services.documents.remove(sha256);
  context.logger.info({ documents: erased.length }, "documents erased");
});
