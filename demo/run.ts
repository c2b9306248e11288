import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../src/config.ts";
import { embeddedHome } from "../src/database/embedded.ts";
import { asked, listenForStop } from "../src/processes/run-until-stopped.ts";
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

/** The state directory of the platform, in the demo's own. */
const STATE = ".blindagem";
/** The promise to users: the demo ends within three minutes. */
const TIMEOUT_MS = 180_000;

/** As a shell reports a command that Ctrl-C has ended. */
const INTERRUPTED = 130;

/**
 * Runs the demo once on a fresh database, checks every end, and takes everything away again, also when it is
 * interrupted (SIGINT, SIGTERM).
 *
 * @returns the exit status: 0 when every end was the expected one, 1 when not, 130 when it was interrupted
 */
export async function runDemo(environment: Environment, options: RunOptions): Promise<number> {
  const request = listenForStop();
  const directory = await mkdtemp(join(tmpdir(), "blindagem-demo-"));
  try {
    return await runIn(directory, environment, options, request.signal);
  } catch (error) {
    if (!request.signal.aborted) throw error;
    process.stderr.write("Interrompido; tudo foi parado e apagado.\n");
    return INTERRUPTED;
  } finally {
    await rm(embeddedHome(join(directory, STATE)), { recursive: true, force: true });
    await rm(directory, { recursive: true, force: true });
    request.forget();
  }
}

async function runIn(
  directory: string,
  environment: Environment,
  options: RunOptions,
  signal: AbortSignal,
): Promise<number> {
  const started = performance.now();
  const root = options.flipAll ? await flippedDemo(directory) : import.meta.dirname;
  const stateDirectory = join(directory, STATE);
  const tell = (text: string) => {
    if (!options.json) process.stdout.write(`${text}\n`);
  };
  const outer = await startOuterServices(root);
  try {
    // A database of its own: whatever DATABASE_URL says is not touched.
    const { DATABASE_URL: _, ...rest } = environment;
    const platform = await startPlatform(
      { ...rest, STATE_DIRECTORY: stateDirectory },
      { ...outer.variables, PORT: "0", STATE_DIRECTORY: stateDirectory, DOCUMENTS_DIRECTORY: "" },
      tell,
      signal,
    );
    try {
      const run = demonstrateAndCheck(platform, environment, {
        ...options,
        root,
        stateDirectory,
        tell,
      });
      // What is interrupted fails by itself once the platform is stopped; that is no news.
      run.catch(() => undefined);
      const checked = await Promise.race([run, asked(signal)]);
      if (!checked) throw signal.reason;
      report({ ...checked, seconds: (performance.now() - started) / 1000 }, options);
      return checked.emptied && checked.found.length === 0 ? 0 : 1;
    } finally {
      await platform.stop();
    }
  } finally {
    await outer.close();
  }
}

async function demonstrateAndCheck(
  platform: Platform,
  environment: Environment,
  options: RunOptions & { root: string; stateDirectory: string; tell(text: string): void },
): Promise<Omit<Report, "seconds">> {
  const { root, stateDirectory, tell } = options;
  const rolePrefix = environment.ROLE_PREFIX;
  const demo = await demonstrate({ platform, rolePrefix, root, stateDirectory, tell });
  const output = options.json ? undefined : process.stdout;
  const emptied = await watchDemo(platform, demo, output, TIMEOUT_MS);
  const outcome = await readOutcome(platform.apiUrl, platform.jwtSecret, demo);
  return { demo, outcome, found: await differences(root, outcome), emptied };
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
