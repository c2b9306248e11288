import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../src/config.ts";
import { type Platform, startPlatform } from "../src/start/platform.ts";
import { type Difference, differences } from "./check.ts";
import { demonstrate, watchDemo } from "./demonstration.ts";
import { writeDemo } from "./generate.ts";
import type { LoadedDemo } from "./load.ts";
import { type Outcome, readOutcome } from "./outcome.ts";
import { startOuterServices } from "./outer-services.ts";
import { summarize, summaryTable } from "./summary.ts";

export interface RunOptions {
  /** Only the summary, as JSON, on standard output. */
  json: boolean;
  /** The demo with one fact of every trap flipped. */
  flipAll: boolean;
}

/** The promise to users: the demo ends within three minutes. */
const TIMEOUT_MS = 180_000;

/**
 * Runs the demo once on a fresh database, checks every end, and takes everything away again.
 *
 * @returns the exit status: 0 when every end was the expected one, else 1
 */
export async function runDemo(environment: Environment, options: RunOptions): Promise<number> {
  const started = performance.now();
  const directory = await mkdtemp(join(tmpdir(), "blindagem-demo-"));
  const tell = (text: string) => {
    if (!options.json) process.stdout.write(`${text}\n`);
  };
  let dataDirectory: string | undefined;
  try {
    const root = options.flipAll ? await flippedDemo(directory) : import.meta.dirname;
    const outer = await startOuterServices(root);
    let platform: Platform | undefined;
    try {
      // A database of its own: whatever DATABASE_URL says is not touched.
      const { DATABASE_URL: _, ...rest } = environment;
      platform = await startPlatform(
        { ...rest, STATE_DIRECTORY: join(directory, ".blindagem") },
        {
          ...outer.variables,
          PORT: "0",
          STATE_DIRECTORY: join(directory, ".blindagem"),
          DOCUMENTS_DIRECTORY: "",
        },
        tell,
      );
      dataDirectory = platform.dataDirectory;
      const demo = await demonstrate({
        platform,
        rolePrefix: environment.ROLE_PREFIX,
        root,
        stateDirectory: join(directory, ".blindagem"),
        tell,
      });
      const output = options.json ? undefined : process.stdout;
      const emptied = await watchDemo(platform, demo, output, TIMEOUT_MS);
      const outcome = await readOutcome(platform.apiUrl, platform.jwtSecret, demo);
      const found = await differences(root, outcome);
      report(
        { demo, outcome, found, emptied, seconds: (performance.now() - started) / 1000 },
        options,
      );
      return emptied && found.length === 0 ? 0 : 1;
    } finally {
      await platform?.stop();
      await outer.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
    if (dataDirectory) await rm(join(dataDirectory, ".."), { recursive: true, force: true });
  }
}

async function flippedDemo(directory: string): Promise<string> {
  const { composeDemo } = await import("./compose.ts");
  const root = join(directory, "demo");
  await writeDemo(root, Object.keys(composeDemo().flips));
  return root;
}

interface Report {
  demo: LoadedDemo;
  outcome: Outcome;
  found: readonly Difference[];
  emptied: boolean;
  seconds: number;
}

function report({ demo, outcome, found, emptied, seconds }: Report, options: RunOptions): void {
  const summaries = summarize(demo, outcome);
  if (options.json) {
    const summary = {
      sandbox: true,
      finished: emptied,
      seconds: Math.round(seconds),
      organizations: summaries,
      auditRecords: outcome.auditRecords,
      differences: found,
    };
    process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    return;
  }
  const lines = found.map(
    ({ subject, trap, expected, actual }) =>
      `  ${subject} (${trap})\n    esperado: ${expected}\n    obtido:   ${actual}`,
  );
  process.stdout.write(
    [
      "",
      summaryTable(summaries),
      "",
      `Registros de auditoria: ${outcome.auditRecords}. CNPJ.ws e Pluggy foram simulados (sandbox).`,
      `Tempo: ${Math.round(seconds)} s.`,
      ...(emptied ? [] : ["A fila não esvaziou a tempo."]),
      found.length === 0
        ? "Todas as despesas e movimentos chegaram ao fim esperado."
        : `${found.length} diferenças:`,
      ...lines,
      "",
    ].join("\n"),
  );
}
