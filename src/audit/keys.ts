import { execFile } from "node:child_process";
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { AuditFault } from "./fault.ts";
import type { Signer } from "./note.ts";
import {
  ED25519,
  parseVerifierKey,
  splitKey,
  type VerifierKey,
  verifierKeyOf,
} from "./verifier-key.ts";

/** Where a signing key is: its text, a file that holds it, or a command that signs without giving the key away. */
export type SignerSource =
  | { text: string }
  | { file: string }
  | { command: readonly string[]; verifierKey: string };

const PREFIX = "PRIVATE+KEY+";
const SEED_SIZE = 32;
const SIGNATURE_SIZE = 64;
/** A key service answers in tenths of a second; a command that hangs must not hold up the log. */
const COMMAND_TIMEOUT_MS = 10_000;

const jwk = z.object({ d: z.string(), x: z.string() });

/**
 * Makes an Ed25519 key.
 *
 * @param type ED25519, or COSIGNATURE_V1 for a witness's
 * @returns the signer-key text (`PRIVATE+KEY+name+hash+base64`, secret) and the verifier key
 * @throws AuditFault MALFORMED for a name that no key can have
 */
export function generateKey(
  name: string,
  type: number = ED25519,
): { text: string; key: VerifierKey } {
  const { d, x } = jwk.parse(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }));
  const key = verifierKeyOf(name, type, Buffer.from(x, "base64url"));
  const [, hex] = splitKey(key.text);
  const encoded = encodeBase64(Buffer.from([type, ...Buffer.from(d, "base64url")]));
  return { text: `${PREFIX}${name}+${hex}+${encoded}`, key };
}

/**
 * What signs with that key.
 *
 * A command gets the bytes to sign on its standard input and answers with the 64 bytes of the Ed25519 signature, or with
 * their base64; what it answers is verified before it is used.
 *
 * @throws Error for a key that cannot be read or that others could read, saying how to mend it; never with the key
 */
export async function loadSigner(source: SignerSource): Promise<Signer> {
  if ("text" in source) return signerOf(source.text);
  if ("file" in source) {
    await requirePrivate(source.file);
    return signerOf((await readFile(source.file, "utf8")).trim());
  }
  const key = parseVerifierKey(source.verifierKey);
  return { key, sign: (message) => signByCommand(source.command, key, message) };
}

async function requirePrivate(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) {
    throw new Error(
      `${file} pode ser lido por outros usuários (modo ${(mode & 0o777).toString(8)}), e é uma chave secreta: ` +
        `rode "chmod 600 ${file}"; se alguém a pode ter lido, troque a chave.`,
    );
  }
}

function signerOf(text: string): Signer {
  const [name = "", hex = "", encoded = ""] = text.startsWith(PREFIX)
    ? splitKey(text.slice(PREFIX.length))
    : [];
  const material = decodeBase64(encoded);
  if (material?.length !== 1 + SEED_SIZE) {
    throw new AuditFault(
      "MALFORMED",
      'A chave secreta não tem a forma PRIVATE+KEY+nome+hash+base64; crie uma com "blindagem audit keygen".',
    );
  }
  const secret = privateKeyOf(material.subarray(1));
  const key = verifierKeyOf(name, material[0] ?? 0, publicBytes(secret));
  if (splitKey(key.text)[1] !== hex) {
    throw new AuditFault(
      "MALFORMED",
      `A chave secreta de "${name}" está danificada: o seu hash não confere.`,
    );
  }
  return { key, sign: async (message) => sign(null, message, secret) };
}

/** Node.js imports a seed within its PKCS #8 frame alone (RFC 8410 section 7). */
function privateKeyOf(seed: Uint8Array): KeyObject {
  const frame = Buffer.from("302e020100300506032b657004220420", "hex");
  return createPrivateKey({ key: Buffer.concat([frame, seed]), format: "der", type: "pkcs8" });
}

function publicBytes(secret: KeyObject): Uint8Array {
  const { x } = z
    .object({ x: z.string() })
    .parse(createPublicKey(secret).export({ format: "jwk" }));
  return Buffer.from(x, "base64url");
}

async function signByCommand(
  [program = "", ...args]: readonly string[],
  key: VerifierKey,
  message: Uint8Array,
): Promise<Uint8Array> {
  const answer = await answerOf(program, args, message);
  const signature =
    answer.length === SIGNATURE_SIZE ? answer : decodeBase64(answer.toString("latin1").trim());
  if (signature === undefined || !verify(null, message, key.publicKey, signature)) {
    throw new Error(
      `O comando de assinatura "${program}" não respondeu com uma assinatura da chave "${key.name}": ` +
        "espera-se a assinatura Ed25519 (64 bytes, ou em base64) do que recebe na entrada padrão.",
    );
  }
  return signature;
}

function answerOf(program: string, args: string[], message: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { encoding: "buffer", timeout: COMMAND_TIMEOUT_MS } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else {
        const said = stderr.toString("utf8").trim().slice(0, 500);
        reject(new Error(`O comando de assinatura "${program}" falhou: ${said || error.message}`));
      }
    });
    // A command that ends without reading closes the pipe; its status tells.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(message);
  });
}
