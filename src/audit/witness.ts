import { open, readFile, rename, rm } from "node:fs/promises";
import { isNativeError } from "node:util/types";
import { type Checkpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { cosign } from "./cosignature.ts";
import { AuditFault } from "./fault.ts";
import { keysOf, type ListedKey } from "./key-list.ts";
import type { LogSource } from "./log-source.ts";
import {
  formatNote,
  formatSignature,
  MOST_SIGNATURES,
  parseNote,
  type Signer,
  signaturesOf,
} from "./note.ts";
import { TileReader } from "./tile-reader.ts";
import { sameHash, verifyConsistency } from "./tree.ts";
import { ED25519 } from "./verifier-key.ts";

export interface CosignRequest {
  /** The signed checkpoint. */
  checkpoint: string | Uint8Array;
  /** The log's own keys, with role `log`. */
  keys: readonly ListedKey[];
  /** Where its tiles are. */
  source: LogSource;
  /** The witness's key. */
  signer: Signer;
  /** File with the last checkpoint that this witness cosigned; it need not be there the first time. */
  state: string;
  now: Date;
}

export interface Cosigned {
  /** The signature line to put under the checkpoint. */
  line: string;
  /** The checkpoint with it, as it is in the state file. */
  note: string;
  checkpoint: Checkpoint;
  /** What it continues; undefined the first time, when the witness takes the log as it finds it. */
  previous: Checkpoint | undefined;
}

/**
 * Cosigns a checkpoint, as a witness (C2SP tlog-witness): only if it continues the last one that this witness cosigned.
 * That one is replaced in the state file before the cosignature is given away.
 *
 * @throws AuditFault ROLLBACK or FORK when the log does not continue what it was, ROOT_MISMATCH when its tiles are not
 *   those of the checkpoint, or what openCheckpoint throws; Error when another run is under way
 */
export async function cosignCheckpoint(request: CosignRequest): Promise<Cosigned> {
  const release = await lock(`${request.state}.lock`);
  try {
    const previous = await lastCosigned(request.state);
    const { origin } = parseCheckpoint(parseNote(request.checkpoint).text);
    const checkpoint = openCheckpoint(request.checkpoint, request.keys, previous?.origin ?? origin);
    await requireContinuation(previous, checkpoint, request.source);
    const { note } = checkpoint;
    const cosignature = await cosign(note.text, request.signer, request.now);
    // The log may show an earlier one of this key on the same checkpoint.
    const others = note.signatures.filter(
      ({ name, keyId }) => name !== cosignature.name || keyId !== cosignature.keyId,
    );
    // With one more than a note may have, the state could not be read again: a log could end its witness so.
    const kept =
      others.length < MOST_SIGNATURES
        ? others
        : signaturesOf(note, keysOf(request.keys, "log"), ED25519).map(({ key, bytes }) => ({
            name: key.name,
            keyId: key.id,
            bytes,
          }));
    const cosigned = formatNote({ ...note, signatures: [...kept, cosignature] });
    await replace(request.state, cosigned);
    return { line: formatSignature(cosignature), note: cosigned, checkpoint, previous };
  } finally {
    await release();
  }
}

async function requireContinuation(
  previous: Checkpoint | undefined,
  { size, root }: Checkpoint,
  source: LogSource,
): Promise<void> {
  const tree = new TileReader(source, size);
  if (previous === undefined || previous.size === 0) {
    if (!sameHash(await tree.root(), root)) {
      throw new AuditFault("ROOT_MISMATCH", "Os blocos da árvore não dão a raiz do checkpoint.");
    }
    return;
  }
  const oldSize = previous.size;
  const path = size > oldSize ? await tree.consistency(oldSize) : [];
  verifyConsistency({ oldSize, oldRoot: previous.root, size, root, path });
}

/** A state that cannot be read is no reason to begin anew: whoever damages it would be rid of what it remembers. */
async function lastCosigned(file: string): Promise<Checkpoint | undefined> {
  try {
    return parseCheckpoint(parseNote(await readFile(file)).text);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Two runs at once could cosign two histories, each a continuation of the same state. */
async function lock(file: string): Promise<() => Promise<void>> {
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.close();
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    throw new Error(
      `Outra assinatura está em andamento (${file}). Se nenhuma está, uma foi interrompida: apague esse arquivo.`,
    );
  }
  return () => rm(file, { force: true });
}

/** On the disk before it is in the file's place. */
async function replace(file: string, text: string): Promise<void> {
  const next = `${file}.next`;
  const handle = await open(next, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, file);
}

function hasCode(error: unknown, code: string): boolean {
  return isNativeError(error) && Reflect.get(error, "code") === code;
}
