/**
 * Works on items, at most `limit` at a time, and yields the results in the order of the items. Items are begun one after
 * the other; a result that waits for an earlier one counts as under way, so that few are held at any time.
 *
 * @throws what `work` rejects with, when its turn comes.
 */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  for (const item of items) {
    const result = work(item);
    // Its failure is told in its turn, not as a rejection that nobody waits for yet.
    result.catch(() => {});
    underWay.push(result);
    const first = underWay.length >= limit ? underWay.shift() : undefined;
    if (first) {
      yield await first;
    }
  }
  for (const result of underWay) {
    yield await result;
  }
}
