import type pg from "pg";
import { checkpointsToProve, type ProvingCheckpoint } from "./cosigned-checkpoints.ts";
import type { ListedKey } from "./key-list.ts";
import { LoadedTiles } from "./loaded-tiles.ts";
import { loadNarrowTiles } from "./tile-store.ts";
import { NARROW_WIDTH, tilePath, tilesOfInclusion } from "./tiles.ts";

/** That a record is in a tree that was signed. */
export interface RecordProof {
  /** Of its leaf. */
  index: number;
  /** The inclusion proof, the leaf's sibling first. */
  path: Uint8Array[];
  /** The signed note (C2SP tlog-checkpoint) that it leads to, cosignatures included but for false ones, and the size of its tree. */
  checkpoint: string;
  size: number;
  /** Witnesses under whose names the database has false signatures of that checkpoint, which were left out. */
  forged: string[];
}

/** The places of records in the tree, from 0, by their ids; of those that wait for their seal there is none. */
export async function leafIndexes(
  client: pg.ClientBase,
  recordIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ record_id: string; leaf_index: string }>({
    name: "blindagem leaf indexes",
    text: "select record_id, leaf_index from blindagem_audit.leaf_indexes($1)",
    values: [recordIds],
  });
  return new Map(rows.map(({ record_id, leaf_index }) => [record_id, Number(leaf_index)]));
}

/**
 * Proves records of the log: those that the newest checkpoint has that a witness of the list cosigned against that one, the
 * others against the newest of all. A few statements, however many records there are.
 *
 * @param client under a role that reads the log; whether the records may be seen is the caller's concern
 * @param indexes their places in the tree, by their ids
 * @param keys the key list; its witnesses count
 * @returns by the records' ids; a record that no checkpoint covers yet is not among them
 * @throws AuditFault when the tiles are incomplete or contradict each other
 */
export async function proveRecords(
  client: pg.ClientBase,
  indexes: ReadonlyMap<string, number>,
  keys: readonly ListedKey[],
): Promise<Map<string, RecordProof>> {
  const { cosigned, newest } = await checkpointsToProve(client, keys);
  const seen = cosigned?.size ?? 0;
  const [known, others] = [
    [...indexes].filter(([, index]) => index < seen),
    [...indexes].filter(([, index]) => index >= seen),
  ];
  return new Map([
    ...(await proveAgainst(client, known, cosigned)),
    ...(await proveAgainst(client, others, newest)),
  ]);
}

/**
 * Proves one record, as proveRecords does.
 *
 * @returns undefined when no checkpoint covers it yet
 */
export async function proveOneRecord(
  client: pg.ClientBase,
  recordId: string,
  keys: readonly ListedKey[],
): Promise<RecordProof | undefined> {
  const proofs = await proveRecords(client, await leafIndexes(client, [recordId]), keys);
  return proofs.get(recordId);
}

async function proveAgainst(
  client: pg.ClientBase,
  indexes: readonly [string, number][],
  checkpoint: ProvingCheckpoint | undefined,
): Promise<[string, RecordProof][]> {
  if (checkpoint === undefined || indexes.length === 0) return [];
  const { note, size, forged } = checkpoint;
  const covered = indexes.filter(([, index]) => index < size);
  const needed = tilesOfInclusion(
    covered.map(([, index]) => index),
    size,
    NARROW_WIDTH,
  );
  const tiles = await loadNarrowTiles(client, needed);
  const reader = new LoadedTiles((tile) => tiles.get(tilePath(tile)), size);
  return covered.map(([id, index]) => [
    id,
    { index, path: reader.inclusion(index), checkpoint: note, size, forged },
  ]);
}
