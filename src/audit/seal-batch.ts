import type pg from "pg";
import { appendRun } from "./append-run.ts";
import { storeUnattested, unattestedOf } from "./attestation.ts";
import type { ListedKey } from "./key-list.ts";
import { growTree } from "./log-tree.ts";
import type { CompactRange } from "./tree.ts";

/** What a batch did. */
export interface SealedBatch {
  /** The tree with its leaves. */
  tree: CompactRange;
  /** Records that it sealed; fewer than the limit means that none waits. */
  sealed: number;
  /** Of them, those that name an actor without a valid intent. */
  unattested: number;
}

/**
 * Seals about `limit` waiting records in one transaction: leaves, tiles, and what no intent covers. A checkpoint is
 * signed only after its commit, or a crash between the two would leave a signature for leaves that are not there.
 *
 * @param tree as the tiles have it (openTree); it stays as it is, and is still right when this throws
 * @param keys that intents may be signed by
 */
export async function sealBatch(
  client: pg.ClientBase,
  tree: CompactRange,
  keys: readonly ListedKey[],
  limit: number,
): Promise<SealedBatch> {
  await client.query("begin");
  try {
    const run = await appendRun(client, limit);
    if (run === undefined) {
      await client.query("rollback");
      return { tree, sealed: 0, unattested: 0 };
    }
    if (run.firstIndex !== tree.size) {
      throw new Error(
        `The next leaf is ${run.firstIndex}, but the tree has ${tree.size}: somebody else has sealed, or taken leaves away.`,
      );
    }
    const grown = await growTree(client, tree, run.leafHashes);
    const unattested = unattestedOf(run, keys);
    await storeUnattested(client, unattested);
    await client.query("commit");
    return { tree: grown, sealed: grown.size - tree.size, unattested: unattested.length };
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}
