/** An entry of a file, with the keys by which files may call it. */
export type KeyedEntry = { entryKey: string; otherKey: string | null; description: string };

/** A movement that a file has told of. */
export type FileMovement = { id: string; fileKey: string; description: string };

/**
 * Which entries an earlier file told under their other key: in one of the files the bank's id stood for several entries, in
 * the other for one. Where several entries have the id of one movement, it is the one with its text; if none has it, nobody
 * can tell. Pure.
 *
 * @param entries of the file that no movement has the key of
 * @param movements of the same account whose key no entry of the file has
 */
export function identifyByOtherKey<T extends KeyedEntry>(
  entries: readonly T[],
  movements: readonly FileMovement[],
): { known: Set<T>; doubtful: { told: T; candidateIds: string[] }[] } {
  const byOtherKey = Map.groupBy(entries, ({ otherKey }) => otherKey);
  const known = new Set<T>();
  const doubtful: { told: T; candidateIds: string[] }[] = [];
  for (const { id, fileKey, description } of movements) {
    const contenders = byOtherKey.get(fileKey) ?? [];
    const [only, another] = contenders;
    const told = another ? contenders.find((one) => one.description === description) : only;
    if (told) known.add(told);
    else doubtful.push(...contenders.map((one) => ({ told: one, candidateIds: [id] })));
  }
  return { known, doubtful };
}
