import { parseCheckpoint } from "../../src/audit/checkpoint.ts";
import { newestCheckpoint } from "../../src/audit/checkpoint-store.ts";
import { cosign } from "../../src/audit/cosignature.ts";
import { formatNote, parseNote, type Signer } from "../../src/audit/note.ts";
import { submitCosignatures } from "../../src/audit/submit-cosignatures.ts";
import type { TestDatabase } from "../database/test-database.ts";
import { listed } from "./signing.ts";
import { testKeys } from "./test-keys.ts";

export const COSIGNED_AT = new Date("2026-11-24T12:00:00Z");

/** A checkpoint's note with these witnesses' lines under it, as `witness cosign` leaves it. */
export async function cosignedBy(
  source: string,
  witnesses: readonly Signer[],
  at = COSIGNED_AT,
): Promise<string> {
  const note = parseNote(source);
  const cosignatures = await Promise.all(
    witnesses.map((witness) => cosign(note.text, witness, at)),
  );
  return formatNote({ ...note, signatures: [...note.signatures, ...cosignatures] });
}

/** The newest checkpoint of that database. */
export async function newestOf(database: TestDatabase): Promise<string> {
  const client = await database.pool("sealer").connect();
  try {
    const note = await newestCheckpoint(client);
    if (note === undefined) throw new Error("Nothing is signed yet.");
    return note;
  } finally {
    client.release();
  }
}

/** Has that witness cosign the newest checkpoint and hands it in. @returns the size of its tree */
export async function cosignNewest(
  database: TestDatabase,
  witness: Signer,
  at = COSIGNED_AT,
): Promise<number> {
  const note = await cosignedBy(await newestOf(database), [witness], at);
  const keys = [...testKeys, listed("witness", witness)];
  await submitCosignatures(note, keys, database.pool("authenticator"));
  return parseCheckpoint(parseNote(note).text).size;
}
