import { agreement, type Party } from "./party.ts";

/** Names agree so well that they are one party. */
const SURE_NAME = 0.75;
const MOST = 500;

/** Finds what is surely of the same party, without comparing all. */
export class PartyFinder<T extends { party: Party }> {
  /** By party, since many items are of one. */
  readonly #items: Map<Party, T[]>;
  readonly #byHandle = new Map<string, Party[]>();
  readonly #found = new Map<Party, readonly T[]>();

  constructor(items: readonly T[]) {
    this.#items = Map.groupBy(items, ({ party }) => party);
    for (const party of this.#items.keys()) {
      for (const handle of party.handles) {
        const known = this.#byHandle.get(handle);
        if (known) known.push(party);
        else this.#byHandle.set(handle, [party]);
      }
    }
  }

  /**
   * By document, company, or name; in no order that means anything. None where there are so many that no sum of them
   * could be singled out: then 20,000 equal ones cost nothing.
   */
  sameAs(party: Party): readonly T[] {
    let found = this.#found.get(party);
    if (!found) {
      found = this.#find(party);
      this.#found.set(party, found);
    }
    return found;
  }

  #find(party: Party): T[] {
    const near = new Set<Party>();
    let items = 0;
    for (const handle of party.handles) {
      for (const other of this.#byHandle.get(handle) ?? []) {
        items += this.#items.get(other)?.length ?? 0;
        near.add(other);
      }
    }
    if (items > MOST) return [];
    const found: T[] = [];
    for (const other of near) {
      if (isSame(party, other)) found.push(...(this.#items.get(other) ?? []));
    }
    return found;
  }
}

function isSame(one: Party, other: Party): boolean {
  const parties = agreement(one, other);
  return (
    parties.kind === "SAME_DOCUMENT" ||
    parties.kind === "SAME_COMPANY" ||
    (parties.kind === "NAMES" && parties.similarity >= SURE_NAME)
  );
}
