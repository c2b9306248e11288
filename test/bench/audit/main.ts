import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { createInstallation, type Installation } from "../installation.ts";
import { countOf, requireNames } from "../options.ts";
import { measureCapture } from "./capture.ts";
import { measureProve } from "./prove.ts";
import { measureQueries } from "./queries.ts";
import { measureSealing } from "./sealing.ts";
import { measureVerify } from "./verify.ts";

const { values } = parseArgs({
  options: {
    /** Of capture, sealing, verify, prove, queries; all of them if nothing is named. */
    only: { type: "string", multiple: true, default: [] },
    /** Of a bundle, in the log that is proven from, and twice in the one that is sealed. */
    records: { type: "string", default: "400000" },
    /** In the table of pending records, behind a snapshot that is held while sealing. */
    deadRows: { type: "string", default: "20000000" },
    /** In the log that auditors ask. */
    logged: { type: "string", default: "10000000" },
    organizations: { type: "string", default: "100" },
    condominiums: { type: "string", default: "10000" },
    /** Times that each query is asked, each time for something else. */
    repeat: { type: "string", default: "40" },
    /** A directory where the installation of `queries` is kept, with its log, to be asked again. */
    keep: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

const records = countOf("records", values.records);
const deadRows = countOf("deadRows", values.deadRows, 0);
const repeat = countOf("repeat", values.repeat);
const log = {
  records: countOf("logged", values.logged),
  organizations: countOf("organizations", values.organizations),
  condominiums: countOf("condominiums", values.condominiums),
  months: 12,
};
const results: Record<string, unknown> = {
  hardware: {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  },
};
const MEASUREMENTS: Record<string, () => Promise<object>> = {
  capture: () => installed(measureCapture),
  sealing: () => installed((one) => measureSealing(one, records, deadRows)),
  verify: () => measureVerify(records),
  prove: () => installed((one) => measureProve(one, records)),
  queries: () => installed((one) => measureQueries(one, log, repeat), values.keep),
};

/** Each on an installation of its own, so that none finds what another left; `kept` is one that is used again. */
async function installed(
  measure: (installation: Installation) => Promise<object>,
  kept?: string,
): Promise<object> {
  const installation = await createInstallation({}, kept);
  try {
    results.settings ??= await installation.settings();
    return await measure(installation);
  } finally {
    await installation.remove();
  }
}

requireNames(values.only, Object.keys(MEASUREMENTS));
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (values.only.length > 0 && !values.only.includes(name)) continue;
  results[name] = await measure();
}
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
else {
  for (const [section, figures] of Object.entries(results)) {
    process.stdout.write(`\n${section}\n`);
    for (const [name, value] of Object.entries(Object(figures))) {
      const text = typeof value === "object" ? JSON.stringify(value) : String(value);
      process.stdout.write(`  ${name.padEnd(44)}${text}\n`);
    }
  }
}
