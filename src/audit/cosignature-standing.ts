import type pg from "pg";
import { z } from "zod";
import { checkCosignatures } from "./cosignature.ts";
import { COSIGNED_NOTE, knownWitnesses } from "./cosigned-checkpoints.ts";
import { keysOf, type ListedKey } from "./key-list.ts";
import { parseNote } from "./note.ts";
import { idBytes } from "./verifier-key.ts";

/** A cosignature that the log keeps. */
export interface KeptCosignature {
  /** Leaves of the checkpoint's tree. */
  treeSize: string;
  witness: string;
  /** In hexadecimal. */
  keyId: string;
}

const noteRow = z.object({ tree_size: z.string(), note: z.string() });

/**
 * Whether each of these is what it says: that a row is there tells only that somebody could write one.
 *
 * @param keys the key list; its witnesses count
 * @returns in the same order: false for a false one; null where there is nothing to verify it by, since the list does not
 *   have its key, or has it for other sizes
 */
export async function areTrue(
  client: pg.ClientBase,
  kept: readonly KeptCosignature[],
  keys: readonly ListedKey[],
): Promise<(boolean | null)[]> {
  const { rows } = await client.query(
    `select c.tree_size::text, ${COSIGNED_NOTE} as note
     from blindagem_audit.checkpoints c where c.tree_size = any ($3::bigint[])`,
    [...knownWitnesses(keys), [...new Set(kept.map(({ treeSize }) => treeSize))]],
  );
  const checked = new Map(
    z
      .array(noteRow)
      .parse(rows)
      .map(({ tree_size, note }) => [
        tree_size,
        checkCosignatures(parseNote(note), keys, Number(tree_size)),
      ]),
  );
  const witnesses = keysOf(keys, "witness");
  return kept.map(({ treeSize, witness, keyId }) => {
    const found = checked.get(treeSize);
    const key = witnesses.find(
      (each) => each.name === witness && idBytes(each).toString("hex") === keyId,
    );
    if (found === undefined || key === undefined) return null;
    if (found.forged.some(({ text }) => text === key.text)) return false;
    return found.valid.some((each) => each.key.text === key.text) ? true : null;
  });
}
