import { storeCheckpoint } from "../../src/audit/checkpoint-store.ts";
import { openTree } from "../../src/audit/log-tree.ts";
import { sealBatch } from "../../src/audit/seal-batch.ts";
import type { TestDatabase } from "../database/test-database.ts";
import { checkpointSigner, testKeys } from "./test-keys.ts";

/** Seals all that waits and signs the tree, as the sealing process does in time. @returns the tree's size */
export async function sealAll(database: TestDatabase): Promise<number> {
  const client = await database.pool("sealer").connect();
  try {
    let tree = await openTree(client);
    for (let sealed = 1; sealed > 0; ) {
      const batch = await sealBatch(client, tree, testKeys, 1000);
      ({ sealed, tree } = batch);
    }
    const { sign } = await checkpointSigner();
    await storeCheckpoint(client, {
      size: tree.size,
      root: tree.root(),
      note: await sign(tree),
    });
    return tree.size;
  } finally {
    client.release();
  }
}
