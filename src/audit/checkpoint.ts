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
 * @param keys those of the role `log` count, at the checkpoint's tree size, but for those that sign under another name
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
  const meant = keys.filter((each) => (each.origin ?? origin) === origin);
  const signers = verifyNote(note, keysOf(meant, "log"));
  if (!signers.some((key) => isValidAt(meant, "log", key, checkpoint.size))) {
    const names = signers.map(({ name }) => `"${name}"`).join(", ");
    throw new AuditFault(
      "KEY_OUT_OF_RANGE",
      `O checkpoint de ${checkpoint.size} folhas está assinado por ${names}, que não vale para esse tamanho.`,
    );
  }
  return { ...checkpoint, note };
}

/**
 * Reads a checkpoint of a log's past, when it may have had another name: one that the list gives to a key (`origin`), or
 * that of a key itself, by which a log is named where nobody gives it another. Either counts as far as its line's range.
 *
 * @param origin the log's present name
 * @throws AuditFault as openCheckpoint does; WRONG_ORIGIN for a name that no key of the log ever had
 */
export function openEarlierCheckpoint(
  source: string | Uint8Array,
  keys: readonly ListedKey[],
  origin: string,
): OpenedCheckpoint {
  const signed = parseCheckpoint(parseNote(source).text);
  const former = keys.filter(
    ({ role, key, origin: named }) => role === "log" && (named ?? key.name) === signed.origin,
  );
  if (signed.origin === origin || former.length === 0) return openCheckpoint(source, keys, origin);
  return openCheckpoint(source, former, signed.origin);
}

function malformed(why: string): AuditFault {
  return new AuditFault(
    "MALFORMED",
    `O checkpoint não tem a forma de C2SP tlog-checkpoint: ${why}.`,
  );
}
