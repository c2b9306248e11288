import { fold } from "../reconciliation/memo-text.ts";

/** A movement as one source tells it, as far as it can be known again in another. */
export type ToldMovement = {
  /** Calendar date in Brasília, YYYY-MM-DD. */
  postedOn: string;
  /** Centavos; a debit is negative. */
  amount: bigint;
  description: string;
  counterpartyName: string | null;
  checkNumber: string | null;
  endToEndId: string | null;
};

/** A movement that is stored already. */
export type KnownMovement = ToldMovement & { id: string };

export type Identified<T> = {
  /** Told again: the movement with this id. */
  same: { told: T; id: string }[];
  /** Told for the first time. */
  fresh: T[];
  /** Of the day and amount of known movements, and nobody can tell whether it is one of them. */
  doubtful: { told: T; candidateIds: string[] }[];
};

type Text = { folded: string; words: ReadonlySet<string> };
type Pair<T> = { told: T; known: KnownMovement; score: number };

/** A text without words says nothing against any other. */
const SILENT = 0.01;

/**
 * Which movements that one source tells are those that another has told before: of the same account (the caller's
 * care), day and amount; by end-to-end id, then by check number, then by what their texts share; equal ones by their
 * order. Different end-to-end ids are different movements. Where texts share nothing it is not decided. Pure.
 *
 * @param known those of the same account that this source has not told yet, in their order
 */
export function identifyMovements<T extends ToldMovement>(
  told: readonly T[],
  known: readonly KnownMovement[],
): Identified<T> {
  const found: Identified<T> = { same: [], fresh: [], doubtful: [] };
  const candidates = Map.groupBy(known, groupKey);
  for (const [key, group] of Map.groupBy(told, groupKey)) {
    identifyGroup(group, candidates.get(key) ?? [], found);
  }
  return found;
}

function identifyGroup<T extends ToldMovement>(
  group: readonly T[],
  candidates: readonly KnownMovement[],
  found: Identified<T>,
): void {
  const told = new Set(group);
  const known = new Set(candidates);
  const take = (one: T, other: KnownMovement) => {
    found.same.push({ told: one, id: other.id });
    told.delete(one);
    known.delete(other);
  };
  for (const idOf of [endToEndId, checkNumber]) {
    const ofTold = Map.groupBy(told, idOf);
    const ofKnown = Map.groupBy(known, idOf);
    for (const [id, [one, second]] of ofTold) {
      const [other, another] = ofKnown.get(id) ?? [];
      if (id !== null && one && other && !second && !another && canBe(one, other)) take(one, other);
    }
  }
  pairByText(told, known, take, found);
  for (const one of told) {
    const left = [...known].filter((other) => canBe(one, other));
    if (left.length === 0) found.fresh.push(one);
    else found.doubtful.push({ told: one, candidateIds: left.map(({ id }) => id) });
  }
}

/** The best pairs first. A known movement for which different ones stand equally well is nobody's, if not all find one. */
function pairByText<T extends ToldMovement>(
  told: Set<T>,
  known: Set<KnownMovement>,
  take: (one: T, other: KnownMovement) => void,
  found: Identified<T>,
): void {
  const texts = new Map<ToldMovement, Text>();
  for (const one of [...told, ...known]) texts.set(one, textOf(one));
  const pairs = [...told]
    .flatMap((one) => [...known].map((other) => ({ told: one, known: other })))
    .filter((pair) => canBe(pair.told, pair.known))
    .map((pair): Pair<T> => ({ ...pair, score: likeness(texts, pair.told, pair.known) }))
    .filter(({ score }) => score > 0)
    // The sort is stable: equals keep their order.
    .sort((a, b) => b.score - a.score);
  for (const pair of pairs) {
    if (!told.has(pair.told) || !known.has(pair.known)) continue;
    const contenders = pairs.filter(
      (other) => other.known === pair.known && other.score === pair.score && told.has(other.told),
    );
    const text = texts.get(pair.told)?.folded;
    const undecided = contenders.some((other) => texts.get(other.told)?.folded !== text);
    if (undecided && told.size > known.size) {
      for (const { told: one } of contenders) {
        found.doubtful.push({ told: one, candidateIds: [pair.known.id] });
        told.delete(one);
      }
      known.delete(pair.known);
    } else {
      take(pair.told, pair.known);
    }
  }
}

function canBe(one: ToldMovement, other: ToldMovement): boolean {
  return (
    one.endToEndId === null || other.endToEndId === null || one.endToEndId === other.endToEndId
  );
}

/** The share of words that both have, of all; what only one of them says lowers it. */
function likeness(
  texts: ReadonlyMap<ToldMovement, Text>,
  one: ToldMovement,
  other: ToldMovement,
): number {
  const a = texts.get(one)?.words ?? new Set();
  const b = texts.get(other)?.words ?? new Set();
  if (a.size === 0 || b.size === 0) return SILENT;
  const shared = [...a].filter((word) => b.has(word)).length;
  return shared / (a.size + b.size - shared);
}

function textOf({ description, counterpartyName }: ToldMovement): Text {
  const folded = fold(`${description} ${counterpartyName ?? ""}`);
  return { folded, words: new Set(folded.split(" ").filter((word) => /[A-Z]{3}/.test(word))) };
}

function groupKey({ postedOn, amount }: ToldMovement): string {
  return `${postedOn}\n${amount}`;
}

function endToEndId(one: ToldMovement): string | null {
  return one.endToEndId;
}

function checkNumber(one: ToldMovement): string | null {
  const number = one.checkNumber?.replace(/^0+/, "") ?? "";
  return number.length >= 3 ? number : null;
}
