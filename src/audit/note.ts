import { verify } from "node:crypto";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { AuditFault } from "./fault.ts";
import { ED25519, requireKeyName, type VerifierKey } from "./verifier-key.ts";

/** A text with signatures under it (C2SP signed-note). */
export interface Note {
  /** Ends in a newline. */
  text: string;
  signatures: NoteSignature[];
}

export interface NoteSignature {
  /** Of the key that claims to have signed. */
  name: string;
  keyId: number;
  /** What the key's type makes of it: 64 bytes for Ed25519, 72 for a cosignature. */
  bytes: Uint8Array;
}

/** What signs: a key here, or a service that keeps it. */
export interface Signer {
  key: VerifierKey;
  /** The 64-byte Ed25519 signature of these bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** A note is written by people's processes, and stands in memory whole. */
const LARGEST_NOTE = 1024 * 1024;
/** A note may have so many. */
export const MOST_SIGNATURES = 64;
/** A name has what Unicode calls spaces nowhere, as in a key (requireKeyName). */
const SIGNATURE_LINE = /^— ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** All but the line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: notes must not contain them
const CONTROL_CHARACTERS = /[\u0000-\u0009\u000b-\u001f]/;

/**
 * Reads a note; nothing of it is to be believed before `verifyNote`.
 *
 * @throws AuditFault MALFORMED, saying what is wrong with it
 */
export function parseNote(source: string | Uint8Array): Note {
  const note = decode(source);
  if (CONTROL_CHARACTERS.test(note)) throw malformed("tem caracteres de controle");
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) {
    throw malformed(
      "falta a linha vazia entre o texto e as assinaturas, ou a quebra de linha final",
    );
  }
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) throw malformed(`tem mais de ${MOST_SIGNATURES} assinaturas`);
  return { text: note.slice(0, end + 1), signatures: lines.map(parseSignature) };
}

export function formatNote({ text, signatures }: Note): string {
  requireText(text);
  return `${text}\n${signatures.map(formatSignature).join("")}`;
}

/** A signature as a line of its own, as a witness returns it. */
export function formatSignature({ name, keyId, bytes }: NoteSignature): string {
  requireKeyName(name);
  const id = Buffer.alloc(4);
  id.writeUInt32BE(keyId);
  return `— ${name} ${encodeBase64(Buffer.concat([id, bytes]))}\n`;
}

/** The text with a signature of each of them, as a note. @throws AuditFault MALFORMED for a text that cannot be a note's */
export async function signNote(text: string, signers: readonly Signer[]): Promise<string> {
  requireText(text);
  const signatures = await Promise.all(
    signers.map(async ({ key, sign }) => {
      if (key.type !== ED25519) {
        throw new AuditFault("MALFORMED", `A chave "${key.name}" não é de assinar notas.`);
      }
      return { name: key.name, keyId: key.id, bytes: await sign(Buffer.from(text)) };
    }),
  );
  return formatNote({ text, signatures });
}

/**
 * The keys among these that have signed the note. Signatures of other keys are passed over, as the format asks.
 *
 * @throws AuditFault FORGED when a signature in the name of one of the keys is wrong, UNSIGNED when none has signed
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): VerifierKey[] {
  const message = Buffer.from(note.text);
  const verified = signaturesOf(note, keys, ED25519).map(({ key, bytes }) => {
    if (!verify(null, message, key.publicKey, bytes)) throw forged(key);
    return key;
  });
  if (verified.length === 0) {
    const names = note.signatures.map(({ name }) => `"${name}"`).join(", ");
    throw new AuditFault(
      "UNSIGNED",
      `Nenhuma chave conhecida assinou; há assinaturas em nome de ${names}.`,
    );
  }
  return verified;
}

/** The note's signatures by keys of that type, known by name and id, each with its key. */
export function signaturesOf(
  note: Note,
  keys: readonly VerifierKey[],
  type: number,
): { key: VerifierKey; bytes: Uint8Array }[] {
  return note.signatures.flatMap(({ name, keyId, bytes }) => {
    const key = keys.find((each) => each.type === type && each.name === name && each.id === keyId);
    return key === undefined ? [] : [{ key, bytes }];
  });
}

/** What is told of a signature that does not verify. */
export function forged(key: VerifierKey): AuditFault {
  return new AuditFault(
    "FORGED",
    `A assinatura em nome de "${key.name}" é falsa: o texto foi alterado, ou outra chave assinou.`,
  );
}

function decode(source: string | Uint8Array): string {
  if (source.length > LARGEST_NOTE) throw malformed("é grande demais");
  if (typeof source === "string") {
    if (!source.isWellFormed()) throw malformed("não é UTF-8");
    return source;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(source);
  } catch {
    throw malformed("não é UTF-8");
  }
}

function parseSignature(line: string): NoteSignature {
  const [, name = "", encoded = ""] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = decodeBase64(encoded);
  if (name === "" || bytes === undefined || bytes.length < 5) {
    throw malformed("uma linha de assinatura não tem a forma esperada");
  }
  return { name, keyId: Buffer.from(bytes).readUInt32BE(0), bytes: bytes.subarray(4) };
}

function requireText(text: string): void {
  if (!text.endsWith("\n") || CONTROL_CHARACTERS.test(text) || !text.isWellFormed()) {
    throw malformed(
      "o texto tem de terminar em quebra de linha, sem outros caracteres de controle",
    );
  }
}

function malformed(why: string): AuditFault {
  return new AuditFault(
    "MALFORMED",
    `A nota assinada não tem a forma de C2SP signed-note: ${why}.`,
  );
}
