import type pg from "pg";
import { parseCheckpoint } from "./checkpoint.ts";
import { checkpointToProve, newestWithCosignatures } from "./cosigned-checkpoints.ts";
import { LoadedTiles } from "./loaded-tiles.ts";
import { parseNote } from "./note.ts";
import { loadNarrowTiles } from "./tile-store.ts";
import { NARROW_WIDTH, tilePath, tilesOfInclusion } from "./tiles.ts";

/** That a record is in a tree that was signed. */
export interface RecordProof {
  /** Of its leaf. */
  index: number;
  /** The inclusion proof, the leaf's sibling first. */
  path: Uint8Array[];
  /** The signed note (C2SP tlog-checkpoint) that it leads to, cosignatures included, and the size of its tree. */
  checkpoint: string;
  size: number;
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
 * Proves records of the log against its newest checkpoint: two statements, however many records there are.
 *
 * @param client under a role that reads the log; whether the records may be seen is the caller's concern
 * @param indexes their places in the tree, by their ids
 * @returns by the records' ids; a record that no checkpoint covers yet is not among them
 * @throws AuditFault when the tiles are incomplete or contradict each other
 */
export async function proveRecords(
  client: pg.ClientBase,
  indexes: ReadonlyMap<string, number>,
): Promise<Map<string, RecordProof>> {
  const checkpoint = await newestWithCosignatures(client);
  return checkpoint === undefined ? new Map() : proveAgainst(client, indexes, checkpoint);
}

/**
 * Proves one record, as proveRecords does, against a checkpoint that a witness cosigned, if one covers it.
 *
 * @returns undefined when no checkpoint covers it yet
 */
export async function proveOneRecord(
  client: pg.ClientBase,
  recordId: string,
): Promise<RecordProof | undefined> {
  const indexes = await leafIndexes(client, [recordId]);
  const index = indexes.get(recordId);
  const checkpoint = index === undefined ? undefined : await checkpointToProve(client, index);
  if (checkpoint === undefined) return undefined;
  return (await proveAgainst(client, indexes, checkpoint)).get(recordId);
}

async function proveAgainst(
  client: pg.ClientBase,
  indexes: ReadonlyMap<string, number>,
  checkpoint: string,
): Promise<Map<string, RecordProof>> {
  const proofs = new Map<string, RecordProof>();
  const { size } = parseCheckpoint(parseNote(checkpoint).text);
  const covered = [...indexes].filter(([, index]) => index < size);
  const needed = tilesOfInclusion(
    covered.map(([, index]) => index),
    size,
    NARROW_WIDTH,
  );
  const tiles = await loadNarrowTiles(client, needed);
  const reader = new LoadedTiles((tile) => tiles.get(tilePath(tile)), size);
  for (const [id, index] of covered) {
    proofs.set(id, { index, path: reader.inclusion(index), checkpoint, size });
  }
  return proofs;
}
