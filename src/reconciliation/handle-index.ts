type Entry<T> = { item: T; words: number };

/** Handles of names are three letters long; whatever is longer (a document, an end-to-end id, a guia) is enough by itself. */
const NAME_HANDLE = 3;

/**
 * Finds by handles (`Party.handles`) what may be of the same party, without comparing all: what shares an identifier, or at
 * least half the words of the shorter name. Names that share fewer are too unlike to be one party's.
 */
export class HandleIndex<T> {
  readonly #entries = new Map<string, Entry<T>[]>();

  add(item: T, handles: readonly string[]): void {
    const entry = { item, words: wordsOf(handles) };
    for (const handle of new Set(handles)) {
      const known = this.#entries.get(handle);
      if (known) known.push(entry);
      else this.#entries.set(handle, [entry]);
    }
  }

  near(handles: readonly string[]): T[] {
    const shared = new Map<Entry<T>, number>();
    for (const handle of handles) {
      const weight = handle.length > NAME_HANDLE ? Number.POSITIVE_INFINITY : 1;
      for (const entry of this.#entries.get(handle) ?? []) {
        shared.set(entry, (shared.get(entry) ?? 0) + weight);
      }
    }
    const words = wordsOf(handles);
    const found: T[] = [];
    for (const [entry, weight] of shared) {
      if (2 * weight >= Math.min(words, entry.words)) found.push(entry.item);
    }
    return found;
  }
}

function wordsOf(handles: readonly string[]): number {
  let words = 0;
  for (const handle of handles) if (handle.length <= NAME_HANDLE) words += 1;
  return words;
}
