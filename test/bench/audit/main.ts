import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { createInstallation, type Installation } from "../installation.ts";
import { measureQueries } from "./queries.ts";

const { values } = parseArgs({
  options: {
    /** Of queries; all of them if nothing is named. */
    only: { type: "string", multiple: true, default: [] },
    records: { type: "string", default: "10000000" },
    organizations: { type: "string", default: "100" },
    condominiums: { type: "string", default: "10000" },
    /** Times that each query is asked, each time for something else. */
    repeat: { type: "string", default: "40" },
    json: { type: "boolean", default: false },
  },
});

/** Each on an installation of its own, so that none finds what another left. */
const MEASUREMENTS: Record<string, (installation: Installation) => Promise<object>> = {
  queries: (installation) =>
    measureQueries(
      installation,
      {
        records: Number(values.records),
        organizations: Number(values.organizations),
        condominiums: Number(values.condominiums),
        months: 12,
      },
      Number(values.repeat),
    ),
};

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
  const installation = await createInstallation();
  try {
    results.settings ??= await installation.settings();
    results[name] = await measure(installation);
  } finally {
    await installation.remove();
  }
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
