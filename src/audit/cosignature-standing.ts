import type pg from "pg";
import { z } from "zod";
import { decodeBase64 } from "./base64.ts";
import { openCosignature } from "./cosignature.ts";
import { isValidAt, keysOf, type ListedKey } from "./key-list.ts";
import { parseNote } from "./note.ts";
import { idBytes } from "./verifier-key.ts";

/** A cosignature that the log keeps. */
export interface KeptCosignature {
  /** Leaves of the checkpoint's tree. */
  treeSize: string;
  witness: string;
  /** In hexadecimal. */
  keyId: string;
  /** In base64. */
  signature: string;
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
    "select tree_size::text, note from blindagem_audit.checkpoints where tree_size = any ($1::bigint[])",
    [[...new Set(kept.map(({ treeSize }) => treeSize))]],
  );
  const texts = new Map(
    z
      .array(noteRow)
      .parse(rows)
      .map(({ tree_size, note }) => [tree_size, parseNote(note).text]),
  );
  const witnesses = keysOf(keys, "witness");
  return kept.map(({ treeSize, witness, keyId, signature }) => {
    const text = texts.get(treeSize);
    const key = witnesses.find(
      (each) => each.name === witness && idBytes(each).toString("hex") === keyId,
    );
    if (text === undefined || key === undefined) return null;
    const bytes = decodeBase64(signature) ?? new Uint8Array();
    if (openCosignature(text, key, bytes) === undefined) return false;
    return isValidAt(keys, "witness", key, Number(treeSize)) ? true : null;
  });
}
