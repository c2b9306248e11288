import type { Identified, KnownMovement, ToldMovement } from "./same-movement.ts";

/** What an entry's file, and another one, call it. */
export type KeyedEntry = { entryKey: string; otherKey: string | null };

/** A movement that a file has told of. */
export type FileMovement = KnownMovement & { fileKey: string };

/**
 * Takes out which entries an earlier file told under their other key: in one of the files the bank's id stood for several
 * entries, in the other for one. Where several entries have the id of one movement, it is the one with its text; if none has
 * it, nobody can tell. Pure.
 *
 * @param entries that no movement has the key of
 * @param movements whose key no entry of the file has
 * @returns what is left of both, and the doubts
 */
export function identifyByOtherKey<T extends ToldMovement & KeyedEntry>(
  entries: readonly T[],
  movements: readonly FileMovement[],
): { entries: T[]; movements: FileMovement[]; doubtful: Identified<T>["doubtful"] } {
  const byOtherKey = Map.groupBy(entries, ({ otherKey }) => otherKey);
  const decided = new Set<T>();
  const doubtful: Identified<T>["doubtful"] = [];
  const left = movements.filter(({ id, fileKey, description }) => {
    const contenders = byOtherKey.get(fileKey) ?? [];
    const [only, another] = contenders;
    const told = another ? contenders.find((one) => one.description === description) : only;
    if (told) {
      decided.add(told);
    } else {
      for (const one of contenders) {
        decided.add(one);
        doubtful.push({ told: one, candidateIds: [id] });
      }
    }
    return contenders.length === 0;
  });
  return { entries: entries.filter((entry) => !decided.has(entry)), movements: left, doubtful };
}
