import { upperBound } from "./share.ts";

/** The risk that is promised: of the accepted timestamps at most this share is wrong, with that confidence. */
export interface RiskPromise {
  risk: number;
  confidence: number;
}

export const PROMISED: RiskPromise = { risk: 0.005, confidence: 0.95 };

/** What a threshold lets through of documents whose truth is known. */
export interface Passed {
  /** The probability from which on a timestamp is accepted. */
  least: number;
  accepted: number;
  wrong: number;
}

export interface Certificate extends Passed {
  /** The share of wrong ones that the true one exceeds with no more than the probability 1 - confidence. */
  bound: number;
}

/**
 * The least strict threshold of a sequence for which the promise holds: fixed-sequence testing of "the risk is larger than
 * promised", one threshold after the other, until one test fails (Angelopoulos, Bates, Candès, Jordan and Lei, "Learn then
 * Test", 2021, section 4.1); each test is the exact binomial bound (Clopper and Pearson). The sequence must have been fixed
 * without these documents, and they must not have served to fit the probabilities.
 *
 * @param sequence from strict to loose.
 * @returns undefined when not even the first is shown to keep the promise: too few documents, or too many wrong.
 */
export function certify(
  sequence: readonly Passed[],
  { risk, confidence }: RiskPromise,
): Certificate | undefined {
  let last: Certificate | undefined;
  for (const passed of sequence) {
    const bound = upperBound(passed.wrong, passed.accepted, 1 - confidence);
    if (bound > risk) break;
    last = { ...passed, bound };
  }
  return last;
}
