import type pg from "pg";
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { newestCheckpoint } from "./checkpoint-store.ts";
import { AuditFault } from "./fault.ts";
import { isValidAt, keysOf, type ListedKey } from "./key-list.ts";
import { requireContinuation } from "./log-tree.ts";
import { parseNote, type Signer, signNote } from "./note.ts";
import type { CompactRange } from "./tree.ts";

/** Signs the checkpoints of one log. */
export interface CheckpointSigner {
  origin: string;
  /** The keys that its checkpoints may be signed by, those of the past included. */
  keys: readonly ListedKey[];
  /** The tree's checkpoint as a signed note. @throws AuditFault KEY_OUT_OF_RANGE where the list has ended its keys' time */
  sign(tree: CompactRange): Promise<string>;
}

/**
 * @param signers one, or several while keys are rotated: then each of them verifies the log
 * @param keys the public list; an own key that it does not name counts at any size. What it names signs within its
 *   range alone: nobody would believe the rest, and the log could not go on from there with a key that is valid
 * @param origin the log's name; without one, its first key's
 */
export function createCheckpointSigner(
  signers: readonly [Signer, ...Signer[]],
  keys: readonly ListedKey[],
  origin: string = signers[0].key.name,
): CheckpointSigner {
  const own = signers
    .filter(({ key }) => !keysOf(keys, "log").some(({ text }) => text === key.text))
    .map(({ key }): ListedKey => ({ role: "log", key, from: 0, until: Number.POSITIVE_INFINITY }));
  const known = [...keys, ...own];
  return {
    origin,
    keys: known,
    async sign(tree) {
      if (!signers.some(({ key }) => isValidAt(known, "log", key, tree.size))) {
        throw new AuditFault(
          "KEY_OUT_OF_RANGE",
          `Pela lista (AUDIT_KEYS_FILE), a chave deste processo não vale para ${tree.size} folhas: nada é assinado com ela. Dê-lhe a chave que vale (LOG_KEY, LOG_KEY_FILE, LOG_KEY_COMMAND) e reinicie-o.`,
        );
      }
      return signNote(
        formatCheckpoint({ origin, size: tree.size, root: tree.root(), extensions: [] }),
        signers,
      );
    },
  };
}

/**
 * That the tree continues what was signed before, by the database's newest checkpoint and by what this process
 * remembers of its own. Either may have been signed under a former name of the log, by one of its keys.
 *
 * @param remembered a note, from outside of the database
 * @throws AuditFault when it does not, or when one of the two was not signed by the log's keys
 */
export async function requireSigned(
  client: pg.ClientBase,
  tree: CompactRange,
  { keys }: CheckpointSigner,
  remembered: string | undefined,
): Promise<void> {
  for (const note of [await newestCheckpoint(client), remembered]) {
    if (note === undefined) continue;
    const { origin } = parseCheckpoint(parseNote(note).text);
    await requireContinuation(client, tree, openCheckpoint(note, keys, origin));
  }
}
