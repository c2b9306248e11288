/** Sums of more items are mostly coincidence, and cost too much. */
export const MOST_ITEMS = 16;
/** Of so many expected coincidences a sum that fits proves nothing. */
const MOST_COINCIDENCE = 0.02;
const MOST_STEPS = 50_000;

/**
 * The one choice of two or more items that adds up to the target; undefined if there is none, or more than one, or if
 * so many sums are possible that one fits by chance. All items together need no such proof: they were not chosen.
 *
 * @param items positive amounts in centavos
 * @returns indices into `items`, ascending
 */
export function uniqueSubset(items: readonly bigint[], target: bigint): number[] | undefined {
  if (items.length < 2) return undefined;
  const total = items.reduce((sum, item) => sum + item, 0n);
  if (total === target) return [...items.keys()];
  if (total < target || items.length > MOST_ITEMS) return undefined;
  const found = subsets(items, target, 2);
  const [only, other] = found ?? [];
  if (!only || other || only.length < 2) return undefined;
  return expectedCoincidences(items, only.length, total) <= MOST_COINCIDENCE ? only : undefined;
}

/** Up to `most` choices that add up to the target; undefined when the search is given up. */
function subsets(items: readonly bigint[], target: bigint, most: number): number[][] | undefined {
  const order = [...items.keys()].sort((a, b) => Number((items[b] ?? 0n) - (items[a] ?? 0n)));
  const rest = new Array<bigint>(order.length + 1).fill(0n);
  for (let at = order.length - 1; at >= 0; at -= 1) {
    rest[at] = (rest[at + 1] ?? 0n) + (items[order[at] ?? 0] ?? 0n);
  }
  const found: number[][] = [];
  const chosen: number[] = [];
  let steps = 0;
  const search = (at: number, left: bigint): void => {
    steps += 1;
    if (left === 0n) {
      found.push([...chosen].sort((a, b) => a - b));
      return;
    }
    if (at === order.length || left < 0n || (rest[at] ?? 0n) < left) return;
    if (found.length >= most || steps > MOST_STEPS) return;
    const index = order[at] ?? 0;
    chosen.push(index);
    search(at + 1, left - (items[index] ?? 0n));
    chosen.pop();
    search(at + 1, left);
  };
  search(0, target);
  return steps > MOST_STEPS ? undefined : found;
}

/** Choices of up to that many items, over the sums that they can have. */
function expectedCoincidences(items: readonly bigint[], size: number, total: bigint): number {
  const step = items.reduce(greatestCommonDivisor);
  let choices = 0;
  let ofSize = 1;
  for (let taken = 1; taken <= size; taken += 1) {
    ofSize = (ofSize * (items.length - taken + 1)) / taken;
    choices += ofSize;
  }
  return choices / Math.max(1, Number(total / step));
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
