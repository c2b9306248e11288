import { PROMISED, type RiskPromise } from "./risk-control.ts";
import { type Share, shareOf, upperBound } from "./share.ts";

/** How one reading did of which a person said what is right. */
export interface ReadingOutcome {
  readerVersion: string;
  accepted: boolean;
  /** That the reader gave its timestamp, 0 to 1; null of an older reading that gave none. */
  probability: number | null;
  /** Whether the accepted timestamp is right to the precision that it claims; null when it was not accepted. */
  isRight: boolean | null;
  /** Null when the person said nothing of the amount, or none was read. */
  amountIsRight: boolean | null;
}

/** Accepted timestamps of about one probability: how many of them are right. */
export interface Bin {
  from: number;
  to: number;
  /** Mean probability that the reader gave them. */
  told: number;
  right: Share;
}

export interface Evaluation {
  /** Of all that people looked at. */
  coverage: Share;
  wrong: Share;
  amounts: Share;
  calibration: Bin[];
  /** What each threshold would have let through, and whether it keeps the promise. */
  thresholds: { least: number; accepted: number; wrong: number; bound: number; keeps: boolean }[];
}

/** Where accepted timestamps are told apart: nearly all of them are above the first. */
const EDGES = [0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 1];

/** Tried when reviews ask for a stricter threshold; few, for each try costs confidence (Bonferroni). */
const STRICTER = [0.98, 0.985, 0.99, 0.993, 0.995, 0.997, 0.998, 0.999];

/**
 * Precision, coverage and calibration by what people said. Pure.
 *
 * @param inForce the threshold at which the readings were accepted.
 */
export function evaluate(
  outcomes: readonly ReadingOutcome[],
  inForce: number,
  { risk, confidence }: RiskPromise = PROMISED,
): Evaluation {
  const accepted = outcomes.filter((one) => one.accepted);
  const amounts = outcomes.filter(({ amountIsRight }) => amountIsRight !== null);
  const tried = [inForce, ...STRICTER.filter((least) => least > inForce)];
  return {
    coverage: shareOf(accepted.length, outcomes.length),
    wrong: shareOf(accepted.filter(({ isRight }) => isRight !== true).length, accepted.length),
    amounts: shareOf(amounts.filter((one) => one.amountIsRight).length, amounts.length),
    calibration: calibrationOf(accepted),
    thresholds: tried.map((least) => {
      const passed = accepted.filter(({ probability }) => (probability ?? 0) >= least);
      const wrong = passed.filter(({ isRight }) => isRight !== true).length;
      const bound = upperBound(wrong, passed.length, (1 - confidence) / tried.length);
      return { least, accepted: passed.length, wrong, bound, keeps: bound <= risk };
    }),
  };
}

/** Told probabilities against how many are right, in bins; those without any are left out. */
export function calibrationOf(
  outcomes: readonly Pick<ReadingOutcome, "probability" | "isRight">[],
): Bin[] {
  return [0, ...EDGES.slice(0, -1)].flatMap((from, i) => {
    const to = EDGES[i] ?? 1;
    const within = outcomes.filter(
      ({ probability }) =>
        probability !== null && probability >= from && (probability < to || to === 1),
    );
    if (within.length === 0) return [];
    const told =
      within.reduce((sum, { probability }) => sum + (probability ?? 0), 0) / within.length;
    return [
      {
        from,
        to,
        told,
        right: shareOf(within.filter(({ isRight }) => isRight).length, within.length),
      },
    ];
  });
}
