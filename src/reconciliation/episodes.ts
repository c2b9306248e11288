import { canPrecede, type PreparedMovement } from "./prepared.ts";
import type { Thresholds } from "./types.ts";

type Choice =
  | { kind: "CHOSEN"; original: PreparedMovement }
  | { kind: "AMBIGUOUS"; originals: PreparedMovement[] }
  | { kind: "NONE" };

/**
 * Which of several identical originals a movement undoes. Identical ones close together are one
 * episode, in which the first in is the first out; of a monthly payment, the latest episode before
 * the refund is meant if it is recent. Beyond that nobody can know.
 * @param originals identical but for their time, sorted by moment
 */
export function chooseOriginal(
  originals: readonly PreparedMovement[],
  undoer: PreparedMovement,
  thresholds: Pick<Thresholds, "episodeDays" | "recentRefundDays">,
): Choice {
  const latest = originals.at(-1);
  const [first] = originals;
  if (!latest || !first) return { kind: "NONE" };
  let start = originals.length - 1;
  while (start > 0) {
    const gap = (originals[start]?.day ?? 0) - (originals[start - 1]?.day ?? 0);
    if (gap > thresholds.episodeDays) break;
    start -= 1;
  }
  const chosen = originals[start] ?? first;
  return start === 0 || undoer.day - latest.day <= thresholds.recentRefundDays
    ? { kind: "CHOSEN", original: chosen }
    : { kind: "AMBIGUOUS", originals: [...originals] };
}

/**
 * Pairs equal numbers of identical originals and undoers first in, first out; undefined if the
 * numbers differ or a pair would be out of order or of the window.
 * @param originals sorted by moment
 * @param undoers sorted by moment
 */
export function pairInOrder(
  originals: readonly PreparedMovement[],
  undoers: readonly PreparedMovement[],
  maxDays: (undoer: PreparedMovement, original: PreparedMovement) => number,
): [PreparedMovement, PreparedMovement][] | undefined {
  if (originals.length !== undoers.length) return undefined;
  const pairs: [PreparedMovement, PreparedMovement][] = [];
  for (const [at, undoer] of undoers.entries()) {
    const original = originals[at];
    const fits =
      original &&
      canPrecede(original, undoer) &&
      undoer.day - original.day <= maxDays(undoer, original);
    if (!fits) return undefined;
    pairs.push([original, undoer]);
  }
  return pairs;
}
