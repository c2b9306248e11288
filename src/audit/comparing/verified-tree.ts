import { openCheckpoint, parseCheckpoint } from "../checkpoint.ts";
import type { CheckpointDirectory } from "../checkpoint-directory.ts";
import type { ListedKey } from "../key-list.ts";
import { parseNote } from "../note.ts";
import type { SignedTree } from "./compare-tree.ts";

/** Where a comparison may learn what was signed. */
export interface CheckpointSources {
  /** What the sealing process remembers outside of the database. */
  directory: Pick<CheckpointDirectory, "newest">;
  /** The newest note in the database. */
  stored: () => Promise<string | undefined>;
  /** The public list. */
  keys: readonly ListedKey[];
  /** The log's name; without one any that a key of the list has signed for. */
  origin: string | undefined;
}

/**
 * The newest signed tree, its signature verified: by the checkpoint that is kept outside of the database, which whoever
 * rewrites the database does not reach; where there is none, by the database's own.
 *
 * @returns undefined before the first checkpoint
 * @throws AuditFault when the checkpoint was not signed by a key of the list
 */
export async function verifiedTree({
  directory,
  stored,
  keys,
  origin,
}: CheckpointSources): Promise<SignedTree | undefined> {
  const note = (await directory.newest()) ?? (await stored());
  if (note === undefined) return undefined;
  return openCheckpoint(note, keys, origin ?? parseCheckpoint(parseNote(note).text).origin);
}
