import { HandleIndex } from "./handle-index.ts";
import { agreement, type Party } from "./party.ts";
import { canPrecede, compareText, isNameless, type PreparedMovement } from "./prepared.ts";

/**
 * How surely an original belongs to the undoing movement's party. Only the surest that is to be had
 * counts: a refund that names its supplier never falls on another's debit.
 */
export type Rank = "DOCUMENT" | "NAME" | "UNKNOWN";

/** Originals of one account, amount and identity, by moment. */
type OriginalClass = { key: string; originals: PreparedMovement[] };

/** A class, and how surely the first that is left of it is of a movement's party; undefined if none can be. */
type RankedClass = Readonly<OriginalClass> & {
  first: PreparedMovement | undefined;
  rank: Rank | undefined;
};

/** The names agree well enough to be one party. */
export const SAME_NAME = 0.6;
/** They are one party though no amount says so. */
const SURE_NAME = 0.75;
/** Below this two names are different parties. */
const OTHER_NAME = 0.45;

/**
 * The rank at which an original can be what the movement undoes; undefined if it cannot: other
 * means of payment, other identifier, other party.
 */
export function rankOf(undoer: PreparedMovement, original: PreparedMovement): Rank | undefined {
  return fits(undoer, original) ? rankOfParty(undoer, original) : undefined;
}

/** Not another means of payment, and not another Pix than the one that the devolução names. */
export function fits(undoer: PreparedMovement, original: PreparedMovement): boolean {
  if (
    undoer.channel !== undefined &&
    original.channel !== undefined &&
    undoer.channel !== original.channel
  ) {
    return false;
  }
  const named = undoer.movement.originalEndToEndId;
  if (named === null) return true;
  const id = original.movement.endToEndId;
  return id === null || id === named;
}

/** The rank by the parties alone: the same for all of one class. */
export function rankOfParty(
  undoer: PreparedMovement,
  original: PreparedMovement,
): Rank | undefined {
  const parties = agreement(undoer.party, original.party);
  switch (parties.kind) {
    case "SAME_DOCUMENT":
    case "SAME_COMPANY":
      return "DOCUMENT";
    case "DIFFERENT_DOCUMENT":
      return undefined;
    case "UNKNOWN":
      return "UNKNOWN";
    case "NAMES":
      if (parties.similarity >= SAME_NAME) return "NAME";
      return parties.similarity >= OTHER_NAME ? "UNKNOWN" : undefined;
  }
}

/**
 * Originals blocked by account and amount, then by identity, with handles to find a party's classes
 * without comparing all: 10,000 equal amounts stay linear.
 */
export class OriginalIndex {
  readonly #blocks = new Map<string, Block>();

  constructor(originals: readonly PreparedMovement[]) {
    for (const original of originals) {
      const key = original.block;
      const block = this.#blocks.get(key) ?? new Block();
      block.add(original);
      this.#blocks.set(key, block);
    }
  }

  /** Takes out an original of which something has come back: a second full refund cannot be its. */
  remove(original: PreparedMovement): void {
    this.#blocks.get(original.block)?.remove(original);
  }

  /** The classes of equal account and amount that this movement may undo one of, by party. */
  classesFor(undoer: PreparedMovement): readonly RankedClass[] {
    return this.#blocks.get(undoer.block)?.classesFor(undoer) ?? [];
  }
}

class Block {
  readonly #classes = new Map<string, OriginalClass>();
  readonly #byHandle = new HandleIndex<OriginalClass>();
  readonly #nameless = new Set<OriginalClass>();
  /** What may be compared with a party. */
  readonly #ranked = new Map<Party, readonly RankedClass[]>();
  #sorted: OriginalClass[] | undefined;

  add(original: PreparedMovement): void {
    const { key } = original;
    let found = this.#classes.get(key);
    if (!found) {
      found = { key, originals: [] };
      this.#classes.set(key, found);
      this.#sorted = undefined;
      this.#byHandle.add(found, original.party.handles);
      if (isNameless(original)) this.#nameless.add(found);
    }
    found.originals.push(original);
  }

  remove(original: PreparedMovement): void {
    const originals = this.#classes.get(original.key)?.originals ?? [];
    const at = originals.indexOf(original);
    if (at >= 0) originals.splice(at, 1);
  }

  classesFor(undoer: PreparedMovement): readonly RankedClass[] {
    let ranked = this.#ranked.get(undoer.party);
    if (!ranked) {
      ranked = this.#comparable(undoer).map(({ key, originals }) => {
        return { key, originals, first: undefined, rank: undefined };
      });
      this.#ranked.set(undoer.party, ranked);
    }
    for (const one of ranked) {
      const first = one.originals[0];
      if (first === one.first) continue;
      one.first = first;
      one.rank = first && rankOfParty(undoer, first);
    }
    return ranked;
  }

  /** In order of their keys. */
  #comparable(undoer: PreparedMovement): readonly OriginalClass[] {
    this.#sorted ??= [...this.#classes.values()].sort((a, b) => compareText(a.key, b.key));
    // What names no one may be anyone's, on either side.
    if (isNameless(undoer)) return this.#sorted;
    const named = new Set(this.#byHandle.near(undoer.party.handles));
    return this.#sorted.filter((one) => named.has(one) || this.#nameless.has(one));
  }
}

/** Originals of one account by party, for refunds in part, whose amount finds nothing. */
export class PartyIndex {
  readonly #byHandle = new Map<string, PreparedMovement[]>();

  /** @param undoers those that are looked up: of other parties nothing is kept */
  constructor(originals: readonly PreparedMovement[], undoers: readonly PreparedMovement[]) {
    const sought = new Set(undoers.flatMap((one) => one.party.handles));
    for (const original of originals) {
      for (const handle of original.party.handles) {
        if (!sought.has(handle)) continue;
        const key = `${original.movement.accountId}\n${handle}`;
        const list = this.#byHandle.get(key);
        if (list) list.push(original);
        else this.#byHandle.set(key, [original]);
      }
    }
  }

  /** Larger originals of the same party that came before, at most so many days. */
  largerOfParty(undoer: PreparedMovement, maxDays: number): PreparedMovement[] {
    const { accountId } = undoer.movement;
    const sharing = undoer.party.handles.flatMap(
      (handle) => this.#byHandle.get(`${accountId}\n${handle}`) ?? [],
    );
    return [...new Set(sharing)].filter((original) => {
      const days = undoer.day - original.day;
      if (original.size <= undoer.size || days > maxDays || !canPrecede(original, undoer))
        return false;
      // Only a Pix comes back in part, and amounts say nothing here: the party must be sure.
      if (original.channel !== undefined && original.channel !== "PIX") return false;
      return fits(undoer, original) && isSureParty(undoer, original);
    });
  }
}

/** By document, or by names that begin alike; not by the amount. */
export function isSureParty(one: PreparedMovement, other: PreparedMovement): boolean {
  const parties = agreement(one.party, other.party);
  return parties.kind === "NAMES"
    ? parties.alike && parties.similarity >= SURE_NAME
    : parties.kind === "SAME_DOCUMENT" || parties.kind === "SAME_COMPANY";
}
