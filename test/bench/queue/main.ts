import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { createInstallation, type Installation } from "../installation.ts";
import { countOf, requireNames } from "../options.ts";
import { measureBareRates } from "./bare-library.ts";
import { measureCurve } from "./curve.ts";
import { measureEnqueueCost } from "./enqueue-cost.ts";
import { measureFairness } from "./fairness.ts";
import { HISTORY_SETTINGS, measureHistory } from "./history.ts";
import { measureSubmitLatency } from "./submit-latency.ts";
import { measureThroughput } from "./throughput.ts";

const { values } = parseArgs({
  options: {
    /** Of throughput, unsealed, submitting, enqueueing, fairness, history, bare, curve; all but the curve if nothing is named. */
    only: { type: "string", multiple: true, default: [] },
    condominiums: { type: "string", default: "10000" },
    /** Condominiums of the curve's runs. */
    curve: { type: "string", default: "100,2000,10000,100000" },
    each: { type: "string", default: "30" },
    suppliers: { type: "string", default: "20000" },
    workers: { type: "string", default: "1" },
    submitters: { type: "string", default: "2" },
    /** Rows of history that a dashboard asks. */
    history: { type: "string", default: "5000000" },
    json: { type: "boolean", default: false },
  },
});

const load = {
  each: countOf("each", values.each),
  suppliers: countOf("suppliers", values.suppliers),
  workers: countOf("workers", values.workers),
  submitters: countOf("submitters", values.submitters),
};
const condominiums = countOf("condominiums", values.condominiums);
const rowsOfHistory = countOf("history", values.history);
const curve = values.curve.split(",").map((text) => countOf("curve", text));
const throughput = (sealing: boolean) => (installation: Installation) =>
  measureThroughput(installation, {
    ...load,
    condominiums,
    sealing,
  });

/** Each on an installation of its own, so that none finds what another left. */
const MEASUREMENTS: Record<string, (installation: Installation) => Promise<object>> = {
  throughput: throughput(true),
  unsealed: throughput(false),
  submitting: measureSubmitLatency,
  enqueueing: measureEnqueueCost,
  fairness: (installation) => measureFairness(installation, 100_000, 1000),
  history: (installation) => measureHistory(installation, rowsOfHistory),
  bare: (installation) => measureBareRates(installation, 20_000),
};

requireNames(values.only, [...Object.keys(MEASUREMENTS), "curve"]);
const results: Record<string, unknown> = {
  hardware: {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  },
};
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (values.only.length > 0 && !values.only.includes(name)) continue;
  const installation = await createInstallation(name === "history" ? HISTORY_SETTINGS : {});
  try {
    results.settings ??= await installation.settings();
    results[name] = await measure(installation);
  } finally {
    await installation.remove();
  }
}
// An hour, most of it for the last run.
if (values.only.includes("curve")) {
  results.curve = await measureCurve(curve, {
    ...load,
    sealing: true,
  });
}
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
else {
  for (const [section, figures] of Object.entries(results)) {
    process.stdout.write(`\n${section}\n`);
    for (const [name, value] of Object.entries(Object(figures))) {
      const text = typeof value === "object" ? JSON.stringify(value) : String(value);
      process.stdout.write(`  ${name.padEnd(28)}${text}\n`);
    }
  }
}
