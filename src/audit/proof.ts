import { decodeBase64, encodeBase64 } from "./base64.ts";
import { type OpenedCheckpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { type Cosignature, validCosignatures } from "./cosignature.ts";
import { AuditFault } from "./fault.ts";
import type { ListedKey } from "./key-list.ts";
import { parseNote } from "./note.ts";
import { HASH_SIZE, verifyInclusion } from "./tree.ts";

/** That an entry is in the log, in a file that can be checked without the log (C2SP tlog-proof). */
export interface Proof {
  /** Of the leaf. */
  index: number;
  /** The inclusion proof, the leaf's sibling first. */
  path: Uint8Array[];
  /** The signed checkpoint as it stands. */
  checkpoint: string;
  /** Here: the entry's bytes. They are to be believed only once their hash is proven. */
  extra?: Uint8Array | undefined;
}

const TITLE = "c2sp.org/tlog-proof@v1";
/** A tree that can be counted is not higher. */
const LONGEST_PATH = 63;

export function formatProof({ index, path, checkpoint, extra }: Proof): string {
  const lines = [
    TITLE,
    ...(extra === undefined ? [] : [`extra ${encodeBase64(extra)}`]),
    `index ${index}`,
    ...path.map(encodeBase64),
    "",
    checkpoint,
  ];
  return lines.join("\n");
}

/** Reads a proof; nothing of it is to be believed before `verifyProof`. @throws AuditFault MALFORMED, saying why */
export function parseProof(text: string): Proof {
  const end = text.indexOf("\n\n");
  const [title, ...lines] = text.slice(0, end).split("\n");
  if (end < 0 || title !== TITLE) throw malformed(`a primeira linha não é ${TITLE}`);
  let extra: Uint8Array | undefined;
  if (lines[0]?.startsWith("extra ")) {
    extra = decodeBase64(lines[0].slice("extra ".length));
    if (extra === undefined) throw malformed("a linha extra não é base64");
    lines.shift();
  }
  const [, digits] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? "") ?? [];
  if (digits === undefined) throw malformed("falta a linha do índice");
  if (lines.length > LONGEST_PATH) throw malformed("a prova é longa demais");
  const path = lines.map((line) => {
    const hash = decodeBase64(line);
    if (hash?.length !== HASH_SIZE) throw malformed("uma linha da prova não é um hash");
    return hash;
  });
  return { index: Number(digits), path, checkpoint: text.slice(end + 2), extra };
}

/** What a proof proves: that the leaf is in the tree that the log signed, and who has seen that tree. */
export interface ProvenLeaf {
  checkpoint: OpenedCheckpoint;
  cosignatures: Cosignature[];
}

/**
 * Verifies a proof: the log's signature, the cosignatures of known witnesses, and the way from the leaf to the root.
 *
 * @param leafHash of the entry that is to be proven
 * @throws AuditFault MALFORMED, FORGED, UNSIGNED, KEY_OUT_OF_RANGE or NOT_INCLUDED
 */
export function verifyProof(
  proof: Proof,
  leafHash: Uint8Array,
  keys: readonly ListedKey[],
): ProvenLeaf {
  const { origin } = parseCheckpoint(parseNote(proof.checkpoint).text);
  const checkpoint = openCheckpoint(proof.checkpoint, keys, origin);
  const { size, root } = checkpoint;
  const cosignatures = validCosignatures(checkpoint.note, keys, size);
  verifyInclusion({ index: proof.index, size, leafHash, path: proof.path, root });
  return { checkpoint, cosignatures };
}

function malformed(why: string): AuditFault {
  return new AuditFault("MALFORMED", `A prova não tem a forma de C2SP tlog-proof: ${why}.`);
}
