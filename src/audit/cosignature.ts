import { verify } from "node:crypto";
import { AuditFault } from "./fault.ts";
import { isValidAt, keysOf, type ListedKey } from "./key-list.ts";
import { forged, type Note, type NoteSignature, type Signer, signaturesOf } from "./note.ts";
import { COSIGNATURE_V1, type VerifierKey } from "./verifier-key.ts";

/** A witness's statement that, at that time, this was the largest tree it had seen of the log, and consistent. */
export interface Cosignature {
  key: VerifierKey;
  /** Seconds since 1970. */
  timestamp: number;
  /** Time and signature, as they stand in the note. */
  bytes: Uint8Array;
}

const TIMESTAMP_SIZE = 8;
/** The last second of the year 9999: what is beyond is no time at which anybody signed. */
const LAST_TIMESTAMP = 253_402_300_799;

/**
 * Cosigns a checkpoint (C2SP tlog-cosignature, Ed25519). The caller has verified that it continues all that this
 * witness cosigned before (witness.ts).
 *
 * @param text of the checkpoint's note
 * @throws AuditFault MALFORMED for a key that is not a witness's
 */
export async function cosign(text: string, signer: Signer, at: Date): Promise<NoteSignature> {
  const { key } = signer;
  if (key.type !== COSIGNATURE_V1) {
    throw new AuditFault(
      "MALFORMED",
      `A chave "${key.name}" não é de testemunha; crie uma com "blindagem audit keygen --witness".`,
    );
  }
  const timestamp = Math.floor(at.getTime() / 1000);
  const prefix = Buffer.alloc(TIMESTAMP_SIZE);
  prefix.writeBigUInt64BE(BigInt(timestamp));
  const signature = await signer.sign(cosignedMessage(text, timestamp));
  return { name: key.name, keyId: key.id, bytes: Buffer.concat([prefix, signature]) };
}

/**
 * The cosignatures of these witnesses on a checkpoint; others' are passed over.
 *
 * @throws AuditFault FORGED when one in the name of such a witness is wrong
 */
export function verifyCosignatures(note: Note, witnesses: readonly VerifierKey[]): Cosignature[] {
  const { verified, wrong } = sortCosignatures(note, witnesses);
  if (wrong[0]) throw forged(wrong[0]);
  return verified;
}

/** What is under a checkpoint in the names of witnesses of the list. */
export interface CheckedCosignatures {
  /** By keys that are valid for its size. */
  valid: Cosignature[];
  /** In whose names there are false ones: anybody who reaches the database can put one there, and it takes nothing from the others. */
  forged: VerifierKey[];
}

/** The cosignatures in the names of the list's witnesses on a checkpoint of that size; others' are passed over. */
export function checkCosignatures(
  note: Note,
  keys: readonly ListedKey[],
  size: number,
): CheckedCosignatures {
  const { verified, wrong } = sortCosignatures(note, keysOf(keys, "witness"));
  return {
    valid: verified.filter(({ key }) => isValidAt(keys, "witness", key, size)),
    forged: wrong,
  };
}

function sortCosignatures(
  note: Note,
  witnesses: readonly VerifierKey[],
): { verified: Cosignature[]; wrong: VerifierKey[] } {
  const verified: Cosignature[] = [];
  const wrong: VerifierKey[] = [];
  for (const { key, bytes } of signaturesOf(note, witnesses, COSIGNATURE_V1)) {
    const cosignature = openCosignature(note.text, key, bytes);
    if (cosignature === undefined) wrong.push(key);
    else verified.push(cosignature);
  }
  return { verified, wrong };
}

/**
 * The cosignature that these bytes are: time and signature, as they stand in a note.
 *
 * @param text of the checkpoint's note
 * @returns undefined for a false one
 */
export function openCosignature(
  text: string,
  key: VerifierKey,
  bytes: Uint8Array,
): Cosignature | undefined {
  const timestamp = timestampIn(bytes);
  if (timestamp === undefined) return undefined;
  const message = cosignedMessage(text, timestamp);
  const isTrue = verify(null, message, key.publicKey, bytes.subarray(TIMESTAMP_SIZE));
  return isTrue ? { key, timestamp, bytes } : undefined;
}

/** Undefined when there is none, or one beyond all times. */
function timestampIn(bytes: Uint8Array): number | undefined {
  if (bytes.length <= TIMESTAMP_SIZE) return undefined;
  const timestamp = Number(Buffer.from(bytes).readBigUInt64BE(0));
  return timestamp > LAST_TIMESTAMP ? undefined : timestamp;
}

/**
 * The cosignatures of the list's witnesses on a checkpoint of that size, by keys that are valid for it.
 *
 * @throws AuditFault FORGED when one in the name of such a witness is wrong
 */
export function validCosignatures(
  note: Note,
  keys: readonly ListedKey[],
  size: number,
): Cosignature[] {
  const { valid, forged: wrong } = checkCosignatures(note, keys, size);
  if (wrong[0]) throw forged(wrong[0]);
  return valid;
}

function cosignedMessage(text: string, timestamp: number): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${timestamp}\n${text}`);
}
