import { DEFAULT_THRESHOLDS } from "../../../src/reconciliation/thresholds.ts";
import { generateMonths } from "./months.ts";
import { recallOf, Score } from "./score.ts";

/** What comes of one choice of thresholds. */
export interface CurvePoint {
  /** Least evidence that links without a person. */
  score: number;
  /** Least lead over any other assignment. */
  margin: number;
  /** Share of the true payments that is linked. */
  coverage: number;
  /** Share of the links that is wrong. */
  risk: number;
  links: number;
}

const SCORES = [0, 1, 2, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 12];
const MARGINS = [0, 1, 2, 3];
/** Of a condominium: so many that suppliers and amounts meet by chance. */
const MOVEMENTS = 100;

/**
 * The risk-coverage curves: coverage and risk of the automatic payments for each least score, one curve for each margin, on so
 * many condominiums' generated months. The thresholds in use are one point of it.
 */
export function curveOf(first: number, condominiums: number): CurvePoint[] {
  const generated = Array.from({ length: condominiums }, (_, at) =>
    generateMonths(first + at, MOVEMENTS),
  );
  return MARGINS.flatMap((margin) =>
    SCORES.map((least) => {
      const thresholds = { ...DEFAULT_THRESHOLDS, acceptScore: least, acceptMargin: margin };
      const score = new Score(thresholds);
      for (const one of generated) score.add(one);
      const wrong = score.accepted.filter((one) => !one.right).length;
      return {
        score: least,
        margin,
        coverage: recallOf(score.payments),
        risk: wrong / Math.max(1, score.accepted.length),
        links: score.accepted.length,
      };
    }),
  );
}
