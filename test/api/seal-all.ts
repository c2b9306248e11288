import { startTestSealing } from "../audit/start-sealing.ts";
import type { TestDatabase } from "../database/test-database.ts";
import { waitFor } from "../wait-for.ts";

/** Seals all that waits in that database; the size of the signed tree. */
export async function sealAll(database: TestDatabase): Promise<number> {
  let size = 0;
  const sealing = await startTestSealing({
    databaseUrl: database.url("sealer"),
    onSigned: (signed) => {
      size = signed;
    },
  });
  await waitFor("all to be sealed", async () => {
    const { rowCount } = await database
      .pool("sealer")
      .query("select from blindagem_audit.pending_records limit 1");
    return rowCount === 0 && size > 0;
  });
  await sealing.stop();
  return size;
}
