import { decodeBase64, encodeBase64 } from "./base64.ts";
import { AuditFault } from "./fault.ts";
import { isValidAt, keysOf, type ListedKey } from "./key-list.ts";
import { type Note, parseNote, verifyNote } from "./note.ts";
import { EMPTY_ROOT, HASH_SIZE, sameHash } from "./tree.ts";

/** What a log signs: the state of its tree (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The log's name, such as `registro.example.com/condominios`. */
  origin: string;
  /** Number of leaves. */
  size: number;
  root: Uint8Array;
  /** Lines that follow, without meaning here. */
  extensions: string[];
}

/** The text of a checkpoint's note. @throws AuditFault MALFORMED for an origin or extension that is empty or has lines */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  const text = [origin, String(size), encodeBase64(root), ...extensions]
    .map((line) => `${line}\n`)
    .join("");
  // What would be read as something else must not be signed.
  const read = parseCheckpoint(text);
  if (read.origin !== origin || read.extensions.length !== extensions.length) {
    throw malformed("a origem e as extensões são linhas únicas");
  }
  return text;
}

/** Reads a checkpoint's text, which may be that of a note. @throws AuditFault MALFORMED, saying what is wrong */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = "", size = "", root = "", ...rest] = text.split("\n");
  const extensions = rest.slice(0, -1);
  if (origin === "") throw malformed("falta a origem");
  if (!/^(?:0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw malformed("a segunda linha não é um tamanho");
  }
  const hash = decodeBase64(root);
  if (hash?.length !== HASH_SIZE) throw malformed("a terceira linha não é uma raiz");
  if (rest.at(-1) !== "" || extensions.includes("")) throw malformed("há linhas vazias");
  if (size === "0" && !sameHash(hash, EMPTY_ROOT)) {
    throw malformed("uma árvore vazia tem outra raiz");
  }
  return { origin, size: Number(size), root: hash, extensions };
}

/** A checkpoint whose signature has been verified. */
export interface OpenedCheckpoint extends Checkpoint {
  note: Note;
}

/**
 * Reads a signed checkpoint and verifies the log's signature.
 *
 * @param keys those of the role `log` count, at the checkpoint's tree size
 * @param origin of the log that is meant
 * @throws AuditFault MALFORMED, WRONG_ORIGIN, FORGED, UNSIGNED or KEY_OUT_OF_RANGE
 */
export function openCheckpoint(
  source: string | Uint8Array,
  keys: readonly ListedKey[],
  origin: string,
): OpenedCheckpoint {
  const note = parseNote(source);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== origin) {
    throw new AuditFault(
      "WRONG_ORIGIN",
      `O checkpoint é do registro "${checkpoint.origin}", não de "${origin}".`,
    );
  }
  const signers = verifyNote(note, keysOf(keys, "log"));
  if (!signers.some((key) => isValidAt(keys, "log", key, checkpoint.size))) {
    const names = signers.map(({ name }) => `"${name}"`).join(", ");
    throw new AuditFault(
      "KEY_OUT_OF_RANGE",
      `O checkpoint de ${checkpoint.size} folhas está assinado por ${names}, que não vale para esse tamanho.`,
    );
  }
  return { ...checkpoint, note };
}

function malformed(why: string): AuditFault {
  return new AuditFault(
    "MALFORMED",
    `O checkpoint não tem a forma de C2SP tlog-checkpoint: ${why}.`,
  );
}
