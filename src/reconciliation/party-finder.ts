import { agreement, type Party } from "./party.ts";

/** Names agree so well that they are one party. */
const SURE_NAME = 0.75;
const MOST = 500;

/** Finds what is surely of the same party, without comparing all. */
export class PartyFinder<T extends { party: Party }> {
  readonly #byHandle = new Map<string, T[]>();
  readonly #found = new Map<Party, readonly T[]>();

  constructor(items: readonly T[]) {
    for (const item of items) {
      for (const handle of item.party.handles) {
        const known = this.#byHandle.get(handle);
        if (known) known.push(item);
        else this.#byHandle.set(handle, [item]);
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
    const lists = party.handles.flatMap((one) => [this.#byHandle.get(one) ?? []]);
    if (lists.reduce((sum, list) => sum + list.length, 0) > MOST) return [];
    return [...new Set(lists.flat())].filter((item) => isSame(party, item.party));
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
