import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { createInstallation } from "../installation.ts";
import { measureThroughput } from "./throughput.ts";

const { values } = parseArgs({
  options: {
    condominiums: { type: "string", default: "10000" },
    each: { type: "string", default: "30" },
    suppliers: { type: "string", default: "20000" },
    workers: { type: "string", default: "1" },
    submitters: { type: "string", default: "2" },
    "no-sealing": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const installation = await createInstallation();
try {
  const figures = {
    hardware: {
      cpus: cpus().length,
      model: cpus()[0]?.model,
      memoryGb: Math.round(totalmem() / 2 ** 30),
    },
    settings: await installation.settings(),
    throughput: await measureThroughput(installation, {
      condominiums: Number(values.condominiums),
      each: Number(values.each),
      suppliers: Number(values.suppliers),
      workers: Number(values.workers),
      submitters: Number(values.submitters),
      sealing: !values["no-sealing"],
    }),
  };
  process.stdout.write(`${JSON.stringify(figures, null, values.json ? 0 : 2)}\n`);
} finally {
  await installation.remove();
}
