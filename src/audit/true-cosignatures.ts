import type pg from "pg";
import { z } from "zod";
import { type Cosignature, openCosignature } from "./cosignature.ts";
import { AuditFault } from "./fault.ts";
import { keysOf, type ListedKey } from "./key-list.ts";
import { formatNote, type Note, parseNote, signaturesOf } from "./note.ts";
import { COSIGNATURE_V1, idBytes, type VerifierKey } from "./verifier-key.ts";

/** What may have been cosigned by that key. */
export interface SoughtCosignature {
  /** Of the checkpoint's note. */
  text: string;
  /** Leaves of its tree. */
  size: string;
  key: VerifierKey;
}

/**
 * The first that came of each of these which is true: the database cannot tell, and keeps the false ones beside it.
 *
 * @param client under a role that may execute blindagem_audit.kept_cosignatures, which gives the first 64 of each
 * @returns in the same order
 */
export async function firstTrue(
  client: pg.ClientBase | pg.Pool,
  sought: readonly SoughtCosignature[],
): Promise<(Cosignature | undefined)[]> {
  if (sought.length === 0) return [];
  const { rows } = await client.query(
    "select tree_size, witness, key_id, signature from blindagem_audit.kept_cosignatures($1, $2, $3)",
    [
      sought.map(({ size }) => size),
      sought.map(({ key }) => key.name),
      sought.map(({ key }) => idBytes(key)),
    ],
  );
  const kept = z.array(keptRow).parse(rows);
  return sought.map(({ text, size, key }) => {
    const id = idBytes(key);
    for (const { tree_size, witness, key_id, signature } of kept) {
      if (tree_size !== size || witness !== key.name || !key_id.equals(id)) continue;
      const found = openCosignature(text, key, signature);
      if (found !== undefined) return found;
    }
    return undefined;
  });
}

const keptRow = z.object({
  tree_size: z.string(),
  witness: z.string(),
  key_id: z.instanceof(Buffer),
  signature: z.instanceof(Buffer),
});

/** A checkpoint's note with witnesses' lines, of a tree of that many leaves. */
export interface SizedNote {
  size: string;
  note: string;
}

/**
 * The notes with a true line wherever there was a false one in the name of a witness of the list and the database has a true
 * one, too. Without false lines nothing is asked of it.
 */
export async function withTrueCosignatures<T extends SizedNote>(
  client: pg.ClientBase,
  notes: readonly T[],
  keys: readonly ListedKey[],
): Promise<T[]> {
  const witnesses = keysOf(keys, "witness");
  const read = notes.map((each) => ({ ...each, parsed: parsedOf(each.note) }));
  const sought = read.flatMap(({ size, parsed }) =>
    parsed === undefined ? [] : falseIn(parsed, size, witnesses),
  );
  const found = await firstTrue(client, sought);
  return notes.map((each, at) => {
    const parsed = read[at]?.parsed;
    const mended = found.filter((_, which) => sought[which]?.size === each.size);
    if (parsed === undefined || mended.every((one) => one === undefined)) return each;
    const signatures = parsed.signatures.map((signature) => {
      const instead = mended.find(
        (one) => one?.key.name === signature.name && one.key.id === signature.keyId,
      );
      return instead === undefined ? signature : { ...signature, bytes: instead.bytes };
    });
    return { ...each, note: formatNote({ text: parsed.text, signatures }) };
  });
}

/** Undefined for what is no note: somebody put it there, and whoever verifies it finds out. */
function parsedOf(note: string): Note | undefined {
  try {
    return parseNote(note);
  } catch (error) {
    if (error instanceof AuditFault) return undefined;
    throw error;
  }
}

function falseIn(note: Note, size: string, witnesses: readonly VerifierKey[]): SoughtCosignature[] {
  return signaturesOf(note, witnesses, COSIGNATURE_V1)
    .filter(({ key, bytes }) => openCosignature(note.text, key, bytes) === undefined)
    .map(({ key }) => ({ text: note.text, size, key }));
}
