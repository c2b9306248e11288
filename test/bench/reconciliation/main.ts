/**
 * How well expenses and movements are matched, on generated quarters whose truth is known.
 *
 *   npm run bench -- reconciliation [--cases 1000] [--seed 1] [--wrong] [--missed SHAPE]
 *
 * It prints recall by shape, every wrong link (with --wrong), and the risk-coverage curve: which share of the true
 * payments is linked, and which share of the links is wrong, when only those of at least that confidence are.
 * `--calibrate` shows what each finding weighs on these cases, and what the thresholds cost: see `calibrate.ts`.
 */
import { parseArgs } from "node:util";
import { calibrate } from "./calibrate.ts";
import { generateCase } from "./generate.ts";
import { recallOf, Score, type ShapeScore } from "./score.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    wrong: { type: "boolean", default: false },
    missed: { type: "string" },
    calibrate: { type: "boolean", default: false },
    show: { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.cases);
if (values.calibrate) {
  calibrate(first, count, print);
  process.exit();
}
const score = new Score();
let movements = 0;
const started = performance.now();
for (let seed = first; seed < first + count; seed += 1) {
  const generated = generateCase(seed);
  movements += generated.transactions.length;
  const result = score.add(generated);
  if (values.show) print(JSON.stringify({ ...generated, result }, undefined, 1));
}
const seconds = (performance.now() - started) / 1000;

table("Payments", score.payments);
table("Refunds", score.refunds);
table("Reversals of income", score.reversals);
table("Refunds in suspense", score.orphans);
table("Income", score.income);
table("Questions", score.questions);
const right = score.accepted.filter((one) => one.right).length;
print(
  `\n${count} cases, ${movements} movements, ${seconds.toFixed(1)} s; ${score.reviews} reviews`,
);
print(
  `Precision of payments ${percent(right / score.accepted.length)}; wrong links ${score.wrong.length}; refunds taken for income ${score.phantomIncome.length}`,
);
if (values.wrong) for (const one of score.wrong) print(JSON.stringify(one));
if (values.wrong) for (const one of score.phantomIncome) print(one);
if (values.missed !== undefined) {
  for (const one of score.missed) if (one.startsWith(values.missed)) print(one);
}
curve();

function table(title: string, scores: ReadonlyMap<string, ShapeScore>): void {
  print(`\n${title}: recall ${percent(recallOf(scores))}`);
  for (const [shape, { links, found }] of [...scores].sort(([a], [b]) => (a < b ? -1 : 1))) {
    print(
      `  ${shape.padEnd(48)} ${String(links).padStart(7)} ${percent(found / links).padStart(9)}`,
    );
  }
}

function curve(): void {
  const truth = [...score.payments.values()].reduce((sum, { links }) => sum + links, 0);
  print("\nConfidence   coverage   wrong");
  for (const least of [1, 0.9995, 0.999, 0.998, 0.995, 0.99, 0.98, 0.95, 0]) {
    const kept = score.accepted.filter((one) => one.confidence >= least);
    const wrong = kept.filter((one) => !one.right).length;
    print(
      `>= ${least.toFixed(4)}    ${percent((kept.length - wrong) / truth).padStart(7)}   ${percent(wrong / Math.max(1, kept.length)).padStart(7)}`,
    );
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
