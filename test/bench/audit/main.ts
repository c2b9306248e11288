import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { createInstallation, type Installation } from "../installation.ts";
import { measureProve } from "./prove.ts";
import { measureVerify } from "./verify.ts";

const { values } = parseArgs({
  options: {
    /** Of verify, prove; all of them if nothing is named. */
    only: { type: "string", multiple: true, default: [] },
    /** Of a bundle, or in the log that is proven from. */
    records: { type: "string", default: "400000" },
    json: { type: "boolean", default: false },
  },
});

const records = Number(values.records);
const MEASUREMENTS: Record<string, () => Promise<object>> = {
  verify: () => measureVerify(records),
  prove: () => onInstallation((installation) => measureProve(installation, records)),
};

async function onInstallation(
  measure: (installation: Installation) => Promise<object>,
): Promise<object> {
  const installation = await createInstallation();
  try {
    return await measure(installation);
  } finally {
    await installation.remove();
  }
}

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
  results[name] = await measure();
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
