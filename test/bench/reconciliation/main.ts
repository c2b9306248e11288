/**
 * How well, and how fast, expenses and movements are matched.
 *
 *   npm run bench -- reconciliation [--only quality|scale|growth|equal|allPairs] …
 *
 * quality: on generated quarters whose truth is known [--cases 1000] [--seed 1] [--wrong] [--missed SHAPE] [--show]
 *   [--picture FILE.svg]; `--calibrate` shows instead what each finding weighs on these cases: see `calibrate.ts`.
 * scale: so many condominiums with so many expenses and transactions each [--condominiums 10000] [--each 100], loaded and
 *   matched, then stored and recorded in the log, by so many processes [--processes 2], on PostgreSQL as shipped.
 * growth: the same for fewer condominiums, on a database of its own each [--growth 2000].
 * equal: one condominium with 20,000 expenses and transactions of a dozen amounts [--equal 20000].
 * allPairs: the naive way, which compares all pairs, beside ours; on so few condominiums that it ends [--pairs 200].
 */
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { readCase } from "../../../src/reconciliation/case-file.ts";
import { reconcileCase } from "../../../src/reconciliation/reconcile-case.ts";
import { createInstallation } from "../installation.ts";
import { measureAllPairs } from "./all-pairs.ts";
import { calibrate } from "./calibrate.ts";
import { generateEqualAmounts } from "./equal-amounts.ts";
import { measureQuality } from "./quality.ts";
import { drawCurve } from "./risk-coverage-picture.ts";
import { measureScale } from "./scale.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    cases: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    wrong: { type: "boolean", default: false },
    missed: { type: "string" },
    show: { type: "boolean", default: false },
    picture: { type: "string" },
    calibrate: { type: "boolean", default: false },
    condominiums: { type: "string", default: "10000" },
    each: { type: "string", default: "100" },
    processes: { type: "string", default: "2" },
    growth: { type: "string", default: "2000" },
    equal: { type: "string", default: "20000" },
    pairs: { type: "string", default: "200" },
  },
});
const each = Number(values.each);
const processes = Number(values.processes);

const MEASUREMENTS: Record<string, () => Promise<void> | void> = {
  async quality() {
    const { missed, wrong, show } = values;
    const options = { cases: Number(values.cases), seed: Number(values.seed), missed, wrong, show };
    const curve = measureQuality(options, print);
    if (values.picture !== undefined) await writeFile(values.picture, drawCurve(curve));
  },
  allPairs() {
    tell("All pairs beside ours", measureAllPairs(Number(values.pairs), each));
  },
  equal() {
    const { expenses, transactions } = generateEqualAmounts(1, Number(values.equal));
    const { condominiums } = readCase(JSON.stringify({ expenses, transactions }));
    const started = performance.now();
    const { payments, refunds, reviews } = reconcileCase(condominiums);
    tell("One condominium, a dozen amounts", {
      transactions: transactions.length,
      seconds: Math.round(performance.now() - started) / 1000,
      payments: payments.length,
      refunds: refunds.length,
      reviews: reviews.length,
    });
  },
  async growth() {
    const most = Number(values.growth);
    for (const condominiums of [most / 8, most / 4, most / 2, most].map(Math.ceil)) {
      await scale(condominiums);
    }
  },
  scale: () => scale(Number(values.condominiums)),
};

if (values.calibrate) calibrate(Number(values.seed), Number(values.cases), print);
else {
  print(`${cpus().length} x ${cpus()[0]?.model}, Node.js ${process.version}`);
  for (const [name, measure] of Object.entries(MEASUREMENTS)) {
    if (values.only.length === 0 || values.only.includes(name)) await measure();
  }
}

async function scale(condominiums: number): Promise<void> {
  const installation = await createInstallation();
  try {
    tell(
      `${condominiums} condominiums`,
      await measureScale(installation, condominiums, each, processes),
    );
  } finally {
    await installation.remove();
  }
}

function tell(title: string, figures: object): void {
  print(`\n${title}`);
  for (const [name, value] of Object.entries(figures)) {
    print(`  ${name.padEnd(26)}${typeof value === "object" ? JSON.stringify(value) : value}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
