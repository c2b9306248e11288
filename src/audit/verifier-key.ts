import { createPublicKey, hash, type KeyObject } from "node:crypto";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { AuditFault } from "./fault.ts";

/** Signature types of C2SP signed-note that are known here. */
export const ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;

const TYPES: ReadonlySet<number> = new Set([ED25519, COSIGNATURE_V1]);
const ED25519_KEY_SIZE = 32;

/** A public key by which notes are verified (C2SP signed-note, "Verifier keys"). */
export interface VerifierKey {
  name: string;
  /** The first four bytes of SHA-256(name || 0x0A || type || public key). */
  id: number;
  /** What it signs: ED25519 for notes, COSIGNATURE_V1 for witnesses' cosignatures. */
  type: number;
  publicKey: KeyObject;
  /** `name+hash+base64`, as it stands in key lists. */
  text: string;
}

/** The key of a 32-byte Ed25519 public key. @throws AuditFault MALFORMED for a name or key that cannot be one */
export function verifierKeyOf(name: string, type: number, publicKey: Uint8Array): VerifierKey {
  requireKeyName(name);
  if (!TYPES.has(type)) {
    throw new AuditFault(
      "MALFORMED",
      `A chave "${name}" é do tipo ${type}; aqui se conhecem ${ED25519} (Ed25519) e ${COSIGNATURE_V1} (cosignature/v1).`,
    );
  }
  if (publicKey.length !== ED25519_KEY_SIZE) {
    throw new AuditFault(
      "MALFORMED",
      `A chave pública "${name}" tem ${publicKey.length} bytes; uma chave Ed25519 tem ${ED25519_KEY_SIZE}.`,
    );
  }
  const id = keyId(name, type, publicKey);
  const hex = id.toString(16).padStart(8, "0");
  return {
    name,
    id,
    type,
    publicKey: createPublicKey({
      key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") },
      format: "jwk",
    }),
    text: `${name}+${hex}+${encodeBase64(Buffer.from([type, ...publicKey]))}`,
  };
}

/** Reads `name+hash+base64`. @throws AuditFault MALFORMED, saying what is wrong with it */
export function parseVerifierKey(text: string): VerifierKey {
  const [name = "", hex = "", encoded = "", ...rest] = splitKey(text);
  const material = decodeBase64(encoded);
  if (rest.length > 0 || !/^[0-9a-f]{8}$/.test(hex) || !material?.length) {
    throw new AuditFault(
      "MALFORMED",
      `"${text}" não é uma chave de verificação: espera-se nome+hash+base64.`,
    );
  }
  const key = verifierKeyOf(name, material[0] ?? 0, material.subarray(1));
  if (key.id !== Number.parseInt(hex, 16)) {
    throw new AuditFault(
      "MALFORMED",
      `A chave "${name}" está danificada: o seu hash não confere com o nome e a chave pública.`,
    );
  }
  return key;
}

/** Name and hash have no plus, base64 may have some. */
export function splitKey(text: string): string[] {
  const [name = "", hex = "", ...encoded] = text.split("+");
  return [name, hex, encoded.join("+")];
}

/** The four bytes of a key's id, as notes have them before a signature. */
export function idBytes({ id }: VerifierKey): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(id);
  return bytes;
}

/** @throws AuditFault MALFORMED unless it can name a key: not empty, without spaces, plus signs and control characters */
export function requireKeyName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: notes must not contain them
  if (name === "" || /[\p{White_Space}+\u0000-\u001f]/u.test(name)) {
    throw new AuditFault(
      "MALFORMED",
      `"${name}" não pode ser o nome de uma chave: ele não pode ser vazio nem ter espaços ou "+".`,
    );
  }
}

function keyId(name: string, type: number, publicKey: Uint8Array): number {
  const message = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([type]), publicKey]);
  return hash("sha256", message, "buffer").readUInt32BE(0);
}
