import {
  type Identified,
  identifyMovements,
  type KnownMovement,
  type ToldMovement,
} from "./same-movement.ts";
import { type FileMovement, identifyByOtherKey, type KeyedEntry } from "./told-otherwise.ts";

/** A movement as it is stored; without a key no file has told of it yet. */
export type StoredMovement = KnownMovement & { fileKey: string | null };

/** The calendar dates between which a file says that it has all entries. */
export type FilePeriod = { from: string | null; to: string | null };

/**
 * Which entries of a file are movements that are stored already.
 *
 * By their keys, first. Banks that count their ids anew in each file give an entry another key in a file that overlaps an
 * earlier one. Of the days that the file has wholly, a movement that no key tells must be among the entries that are left: it
 * is one that says the same; if none does, a person is asked. On its first and last day, of which another file may have the
 * rest, an entry that says the same may be a second one: a person is asked, too. Pure.
 *
 * @param movements of the same account, on the days of the entries
 * @returns nothing of entries that are known by a key
 */
export function identifyEntries<T extends ToldMovement & KeyedEntry>(
  entries: readonly T[],
  movements: readonly StoredMovement[],
  { from, to }: FilePeriod,
): Identified<T> {
  const stored = new Set(movements.map(({ fileKey }) => fileKey));
  const told = new Set(entries.map(({ entryKey }) => entryKey));
  const otherwise = identifyByOtherKey(
    entries.filter(({ entryKey }) => !stored.has(entryKey)),
    movements.filter(isOfFile).filter(({ fileKey }) => !told.has(fileKey)),
  );
  const isWhole = ({ postedOn }: ToldMovement) =>
    from !== null && to !== null && from < postedOn && postedOn < to;
  const alike = pairsSayingTheSame(otherwise.entries, otherwise.movements);
  const [certain, asked] = [
    alike.filter(({ told }) => isWhole(told)),
    alike.filter(({ told }) => !isWhole(told)),
  ];
  const inPairs = new Set(alike.map(({ told }) => told));
  const found = identifyMovements(
    otherwise.entries.filter((entry) => !inPairs.has(entry)),
    movements.filter(({ fileKey }) => fileKey === null),
  );
  const paired = new Set(alike.map(({ id }) => id));
  const perhaps = identifyMovements(
    found.fresh,
    otherwise.movements.filter((movement) => isWhole(movement) && !paired.has(movement.id)),
  );
  return {
    same: [...found.same, ...certain],
    fresh: perhaps.fresh,
    doubtful: [
      ...otherwise.doubtful,
      ...found.doubtful,
      ...perhaps.doubtful,
      ...[...asked, ...perhaps.same].map(({ told, id }) => ({ told, candidateIds: [id] })),
    ],
  };
}

/** One for one, in their order. */
function pairsSayingTheSame<T extends ToldMovement>(
  entries: readonly T[],
  movements: readonly FileMovement[],
): Identified<T>["same"] {
  const saying = Map.groupBy(movements, whatItSays);
  return entries.flatMap((told) => {
    const movement = saying.get(whatItSays(told))?.shift();
    return movement ? [{ told, id: movement.id }] : [];
  });
}

function whatItSays({ postedOn, amount, description, checkNumber }: ToldMovement): string {
  return JSON.stringify([postedOn, String(amount), description.toUpperCase(), checkNumber]);
}

function isOfFile(movement: StoredMovement): movement is StoredMovement & FileMovement {
  return movement.fileKey !== null;
}
