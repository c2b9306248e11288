import { generateCase } from "./generate.ts";
import { type CurvePoint, curveOf } from "./risk-coverage.ts";
import { recallOf, Score, type ShapeScore } from "./score.ts";

export interface QualityOptions {
  cases: number;
  /** Of the first case. */
  seed: number;
  /** Shows each wrong link. */
  wrong: boolean;
  /** Shows what was missed of the shapes whose names begin like this. */
  missed: string | undefined;
  /** Shows the cases themselves with their results. */
  show: boolean;
}

/** For so many cases the curve is drawn on one condominium's months. */
const MONTHS_IN_CASES = 10;

/**
 * How well expenses and movements are matched, on generated quarters whose truth is known: recall by shape, wrong links, and
 * the risk-coverage curve.
 *
 * @returns the curve
 */
export function measureQuality(
  { cases, seed: first, wrong, missed, show }: QualityOptions,
  print: (line: string) => void,
): CurvePoint[] {
  const score = new Score();
  let movements = 0;
  const started = performance.now();
  for (let seed = first; seed < first + cases; seed += 1) {
    const generated = generateCase(seed);
    movements += generated.transactions.length;
    const result = score.add(generated);
    if (show) print(JSON.stringify({ ...generated, result }, undefined, 1));
  }
  const seconds = (performance.now() - started) / 1000;

  table("Payments", score.payments, print);
  table("Refunds", score.refunds, print);
  table("Reversals of income", score.reversals, print);
  table("Refunds in suspense", score.orphans, print);
  table("Income", score.income, print);
  table("Questions", score.questions, print);
  const right = score.accepted.filter((one) => one.right).length;
  print(
    `\n${cases} cases, ${movements} movements, ${seconds.toFixed(1)} s; ${score.reviews} reviews`,
  );
  print(
    `Precision of payments ${percent(right / score.accepted.length)}; wrong links ${score.wrong.length}; refunds taken for income ${score.phantomIncome.length}`,
  );
  if (wrong) for (const one of score.wrong) print(JSON.stringify(one));
  if (wrong) for (const one of score.phantomIncome) print(one);
  if (missed !== undefined) {
    for (const one of score.missed) if (one.startsWith(missed)) print(one);
  }
  const curve = curveOf(first, Math.ceil(cases / MONTHS_IN_CASES));
  print("\nLeast score   margin   coverage   wrong of links");
  for (const { score: least, margin, coverage, risk, links } of curve) {
    print(
      `${least.toFixed(1).padStart(11)}   ${String(margin).padStart(6)}   ${percent(coverage).padStart(8)}   ${percent(risk, 3).padStart(8)} of ${links}`,
    );
  }
  return curve;
}

function table(
  title: string,
  scores: ReadonlyMap<string, ShapeScore>,
  print: (line: string) => void,
): void {
  print(`\n${title}: recall ${percent(recallOf(scores))}`);
  for (const [shape, { links, found }] of [...scores].sort(([a], [b]) => (a < b ? -1 : 1))) {
    print(
      `  ${shape.padEnd(48)} ${String(links).padStart(7)} ${percent(found / links).padStart(9)}`,
    );
  }
}

function percent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)} %`;
}
