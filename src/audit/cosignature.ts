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
  return signaturesOf(note, witnesses, COSIGNATURE_V1).map(({ key, bytes }) => {
    if (bytes.length <= TIMESTAMP_SIZE) throw forged(key);
    const timestamp = Number(Buffer.from(bytes).readBigUInt64BE(0));
    const message = cosignedMessage(note.text, timestamp);
    const signature = bytes.subarray(TIMESTAMP_SIZE);
    if (timestamp > LAST_TIMESTAMP || !verify(null, message, key.publicKey, signature)) {
      throw forged(key);
    }
    return { key, timestamp, bytes };
  });
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
  return verifyCosignatures(note, keysOf(keys, "witness")).filter(({ key }) =>
    isValidAt(keys, "witness", key, size),
  );
}

function cosignedMessage(text: string, timestamp: number): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${timestamp}\n${text}`);
}
