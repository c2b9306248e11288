/**
 * Fits the probabilities of `src/receipts/calibration.json` to the observations, certifies the threshold on those in other
 * layouts, and draws what came of it.
 *
 *   npm run bench -- receipts-calibrate [--observations FILE]
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { certify, PROMISED } from "../../../../src/receipts/risk-control.ts";
import { shareOf, upperBound } from "../../../../src/receipts/share.ts";
import { svgOf } from "./chart.ts";
import {
  acceptedOf,
  claimsOf,
  plainClaimsOf,
  reliabilityChart,
  riskCoverageChart,
} from "./curves.ts";
import { CANDIDATES, crossValidated, examplesOf, fitLogistic } from "./fit.ts";
import {
  loadObservations,
  type Model,
  type Observation,
  outcomeOf,
  passedOf,
} from "./observation.ts";
import { textLayerProbability } from "./text-layer.ts";

const HERE = import.meta.dirname;
const ROOT = path.join(HERE, "../../../..");

/** From strict to loose; where to begin is chosen on the pages that the model is fitted to. */
const THRESHOLDS = [0.999, 0.998, 0.997, 0.995, 0.993, 0.99, 0.985, 0.98, 0.97, 0.96, 0.95, 0.93];

/** The sequence begins where so much is accepted of what its end accepts: with fewer nothing can be certified. */
const ENOUGH = 0.8;

const { values } = parseArgs({
  options: {
    observations: { type: "string", default: path.join(HERE, "observations.jsonl.gz") },
  },
});
const observations = await loadObservations(path.resolve(values.observations));
const fitted = observations.filter(({ purpose }) => purpose === "FIT");
const held = observations.filter(({ purpose }) => purpose === "CERTIFY");
const lines: string[] = [];

tell(`# Calibration of the timestamp's probability`);
tell(
  `Written by \`npm run bench -- receipts-calibrate\` from ${fitted.length} pages to fit (${layoutsOf(fitted)} layouts) and ${held.length} to certify (${layoutsOf(held)} others), all drawn from a seed.`,
);
const examples = examplesOf(fitted);
tell(
  "## Models\n\nMean log loss on layouts that the model was not fitted to (five folds); less is better.\n",
);
tell("| Model | Day | Hour |\n| --- | --- | --- |");
for (const [name, train] of Object.entries(CANDIDATES)) {
  const [day, hour] = [crossValidated(examples.day, train), crossValidated(examples.hour, train)];
  lines.push(`| ${name} | ${day.toFixed(4)} | ${hour.toFixed(4)} |`);
}
const wrongOf = (of: typeof examples.day): string =>
  `${of.length}, ${of.filter(({ right }) => !right).length} of them wrong`;
tell(`Days: ${wrongOf(examples.day)}. Hours: ${wrongOf(examples.hour)}.`);

const model: Model = { day: fitLogistic(examples.day), hour: fitLogistic(examples.hour) };
const loosest = THRESHOLDS.at(-1) ?? 0;
const most = passedOf(fitted, model, loosest).accepted;
const sequence = THRESHOLDS.filter(
  (least) => passedOf(fitted, model, least).accepted >= ENOUGH * most,
);
const passed = sequence.map((least) => passedOf(held, model, least));
const certificate = certify(passed, PROMISED);

tell(
  `## Certificate\n\nFixed-sequence testing with the exact binomial bound: at most ${percent(PROMISED.risk)} wrong among the accepted, with ${percent(PROMISED.confidence)} confidence. A harmed hour that is accepted counts as wrong, whatever it says.\n`,
);
tell("| Threshold | Accepted | Wrong | Risk at most |\n| --- | --- | --- | --- |");
for (const { least, accepted, wrong } of passed) {
  const mark = least === certificate?.least ? " (certified)" : "";
  lines.push(
    `| ${least}${mark} | ${accepted} | ${wrong} | ${percent(upperBound(wrong, accepted, 1 - PROMISED.confidence))} |`,
  );
}
if (certificate === undefined) {
  process.stdout.write(`${lines.join("\n")}\n`);
  throw new Error("Nothing can be certified: collect more pages, or mend the reader.");
}
byKind();
comparison();

const textLayer = await textLayerProbability();
tell(
  `Of ${textLayer.pages} text layers ${textLayer.wrong} gave a wrong timestamp: their probability is ${textLayer.probability}.`,
);
await writeFile(
  path.join(ROOT, "src/receipts/calibration.json"),
  `${JSON.stringify(
    {
      ...model,
      textLayer: textLayer.probability,
      leastProbability: certificate.least,
      certificate: {
        pages: held.length,
        layouts: layoutsOf(held),
        accepted: certificate.accepted,
        wrong: certificate.wrong,
        ...PROMISED,
        bound: Number(certificate.bound.toFixed(6)),
      },
    },
    null,
    2,
  )}\n`,
);
const plain = plainClaimsOf(held);
await writeFile(
  path.join(ROOT, "docs/images/reading-reliability.svg"),
  svgOf(reliabilityChart(claimsOf(held, model), plain)),
);
await writeFile(
  path.join(ROOT, "docs/images/reading-risk-coverage.svg"),
  svgOf(
    riskCoverageChart(
      [
        { name: "the reader", color: "#1f5fa8", claims: acceptedOf(held, model) },
        {
          name: "its probability alone, without the refusals",
          color: "#5a9e3d",
          claims: claimsOf(held, model),
        },
        { name: "words' confidence, first date", color: "#c2571a", claims: plain },
      ],
      held.length,
      PROMISED.risk,
    ),
  ),
);
const report = `${lines.join("\n")}\n`;
await writeFile(path.join(HERE, "certificate.md"), report);
process.stdout.write(report);

function byKind(): void {
  tell("Accepted at the certified threshold, and wrong among them, by kind:\n");
  tell("| Kind | Pages | Accepted | Wrong |\n| --- | --- | --- | --- |");
  for (const [kind, of] of [...Map.groupBy(held, (one) => one.kind)].sort()) {
    const { accepted, wrong } = passedOf(of, model, certificate?.least ?? 1);
    lines.push(`| ${kind} | ${of.length} | ${accepted} | ${wrong} |`);
  }
}

/** Beside the plain rule, on the same pages. */
function comparison(): void {
  const sure = held.flatMap(({ plain: accepted }) => accepted ?? []);
  const wrong = sure.filter(({ right }) => !right).length;
  const hours = held.filter(
    (one) => outcomeOf(one, model, certificate?.least ?? 1).withHour,
  ).length;
  const rule = (count: number, of: number): string => {
    const { least, most: upper } = shareOf(count, of);
    return `${count} of ${of}: ${percent(count / of)} (${percent(least)} to ${percent(upper)})`;
  };
  tell(
    `Accepted: ${rule(certificate?.accepted ?? 0, held.length)}, ${hours} with the hour. The plain rule, the first date whose words were read with 90 or more, accepts ${rule(sure.length, held.length)}; wrong among them ${rule(wrong, sure.length)}.`,
  );
}

function layoutsOf(of: readonly Observation[]): number {
  return new Set(of.map(({ layout }) => layout)).size;
}

function tell(text: string): void {
  lines.push(...(lines.length > 0 ? ["", text] : [text]));
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}
