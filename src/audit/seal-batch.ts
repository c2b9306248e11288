import type pg from "pg";
import { appendRun } from "./append-run.ts";
import { entriesOf, storeUnattested, unattestedOf } from "./attestation.ts";
import { installationRecords } from "./installation-records.ts";
import type { ListedKey } from "./key-list.ts";
import { growTree } from "./log-tree.ts";
import {
  FROM_THE_FIRST,
  type LowWaterMark,
  lookAfter,
  parseSnapshot,
  raiseMark,
  type Snapshot,
} from "./low-water-mark.ts";
import type { CompactRange } from "./tree.ts";

/** What a batch did. */
export interface SealedBatch {
  /** The tree with its leaves. */
  tree: CompactRange;
  /** Records that it sealed; fewer than the limit means that none waits. */
  sealed: number;
  /** Of them, those that name an actor without a valid intent. */
  unattested: number;
  /** Of them, those that declare that no process of the platform made the change, but for the installation's own. */
  outOfBand: number;
  /** Of them, those with which the log begins where nobody signed for the installation (installation-records.ts). */
  installed: number;
  /** Where the next look begins. */
  mark: LowWaterMark;
}

/**
 * Seals about `limit` waiting records in one transaction: leaves, tiles, and what no intent covers. A checkpoint is
 * signed only after its commit, or a crash between the two would leave a signature for leaves that are not there.
 *
 * @param tree as the tiles have it (openTree); it stays as it is, and is still right when this throws
 * The transaction has one snapshot: by it is decided where to look, and under it is looked. A look under a later one might
 * find a change of a row and miss an earlier change of the same row below the mark.
 *
 * @param keys that intents may be signed by
 * @param mark of the batch before in this session
 * @param given the last record's id that was given before a transaction that has ended by now got its xid (heartbeat.ts);
 *   the mark cannot rise above it
 */
export async function sealBatch(
  client: pg.ClientBase,
  tree: CompactRange,
  keys: readonly ListedKey[],
  limit: number,
  mark = FROM_THE_FIRST,
  given = 0n,
): Promise<SealedBatch> {
  await client.query("begin isolation level repeatable read");
  try {
    const snapshot = await currentSnapshot(client);
    const { run, takenTo } = await appendRun(client, limit, lookAfter(mark, snapshot));
    const raised = raiseMark(mark, snapshot, given, takenTo);
    if (run === undefined) {
      await client.query("rollback");
      return { tree, sealed: 0, unattested: 0, outOfBand: 0, installed: 0, mark: raised };
    }
    if (run.firstIndex !== tree.size) {
      throw new Error(
        `The next leaf is ${run.firstIndex}, but the tree has ${tree.size}: somebody else has sealed, or taken leaves away.`,
      );
    }
    const grown = await growTree(client, tree, run.leafHashes);
    const unattested = await unattestedOf(run, keys, (ids) => entriesOf(client, ids));
    await storeUnattested(client, unattested);
    const installed = tree.size === 0 ? await installationRecords(client) : 0;
    await client.query("commit");
    return {
      tree: grown,
      sealed: grown.size - tree.size,
      unattested: unattested.length,
      outOfBand: run.outOfBand - installed,
      installed,
      mark: raised,
    };
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function currentSnapshot(client: pg.ClientBase): Promise<Snapshot> {
  const { rows } = await client.query<{ snapshot: string }>(
    "select pg_current_snapshot()::text as snapshot",
  );
  return parseSnapshot(rows[0]?.snapshot ?? "");
}
