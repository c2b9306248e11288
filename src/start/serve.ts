import { fileURLToPath } from "node:url";
import pg from "pg";
import { demonstrate, loadedBefore, watchDemo } from "../../demo/demonstration.ts";
import { type LoadedDemo, tokenOf } from "../../demo/load.ts";
import { readOutcome } from "../../demo/outcome.ts";
import { type OuterServices, startOuterServices } from "../../demo/outer-services.ts";
import { summarize, summaryTable } from "../../demo/summary.ts";
import type { Environment } from "../config.ts";
import {
  listenForStop,
  runUntilStopped,
  type StopRequest,
} from "../processes/run-until-stopped.ts";
import { type Platform, startPlatform } from "./platform.ts";

const DEMO_ROOT = fileURLToPath(new URL("../../demo", import.meta.url));
const DEMO_TIMEOUT_MS = 10 * 60_000;
const forever = new Promise<void>(() => undefined);

/**
 * Starts everything, shows people what they need to begin, and serves until it is told to stop.
 *
 * @param wantsDemo load the demo if the database is empty, with stand-ins for the services that are not configured
 */
export async function serve(environment: Environment, wantsDemo: boolean): Promise<void> {
  const request = listenForStop();
  const outer = wantsDemo ? await startOuterServices(DEMO_ROOT) : undefined;
  try {
    await servePlatform(environment, outer, wantsDemo, request);
  } catch (error) {
    // Ctrl-C during the start is no fault.
    if (error !== request.signal.reason) throw error;
    tell("Parado.");
  } finally {
    await outer?.close();
    request.forget();
  }
}

async function servePlatform(
  environment: Environment,
  outer: OuterServices | undefined,
  wantsDemo: boolean,
  request: StopRequest,
): Promise<void> {
  const platform = await startPlatform(
    environment,
    sandboxVariables(environment, outer),
    tell,
    request.signal,
  );
  await runUntilStopped(
    present(platform, environment, wantsDemo).then(() => forever),
    async () => {
      tell("Parando: as tarefas em andamento terminam primeiro…");
      await platform.stop();
      tell("Parado.");
    },
    request,
  );
}

async function present(
  platform: Platform,
  environment: Environment,
  wantsDemo: boolean,
): Promise<void> {
  const demo = wantsDemo ? await demoOf(platform, environment) : undefined;
  if (demo) await showDemo(platform, demo);
  else if (await isEmpty(platform)) {
    tell(
      "O banco ainda não tem nenhuma administradora: crie a primeira com `npx blindagem organization create --help`.",
    );
  }
  tell(
    `\nAPI GraphQL  ${platform.apiUrl}/graphql\nGraphiQL     ${platform.apiUrl}/graphiql\nAuditoria    ${platform.apiUrl}/console/auditoria\nLotes        POST ${platform.apiUrl}/batch-expenses\nRegistros    ${platform.logFile}\n\nCtrl-C para tudo.`,
  );
}

async function demoOf(
  platform: Platform,
  environment: Environment,
): Promise<LoadedDemo | undefined> {
  const before = await loadedBefore(environment.STATE_DIRECTORY, platform.databaseUrls.worker);
  if (before) return before;
  if (await isEmpty(platform)) {
    return demonstrate({
      platform,
      rolePrefix: environment.ROLE_PREFIX,
      root: DEMO_ROOT,
      stateDirectory: environment.STATE_DIRECTORY,
      tell,
    });
  }
  tell(
    platform.embedded
      ? "A carga da demonstração não chegou ao fim: pare, apague o diretório de estado e inicie de novo para repeti-la."
      : "O banco já tem dados: a demonstração não foi carregada.",
  );
  return undefined;
}

async function showDemo(platform: Platform, demo: LoadedDemo): Promise<void> {
  if (!(await watchDemo(platform, demo, process.stdout, DEMO_TIMEOUT_MS))) {
    tell("A fila ainda não está vazia; o processamento continua.");
  }
  await showTokens(platform, demo);
  tell("\nO resultado, como a API o mostra (leva minutos se há muitas despesas):");
  const outcome = await readOutcome(platform.apiUrl, platform.jwtSecret, demo);
  tell(`\n${summaryTable(summarize(demo, outcome))}\n`);
  tell(
    `Registros de auditoria: ${outcome.auditRecords}. CNPJ.ws e Pluggy desta demonstração são simulados (sandbox).`,
  );
}

async function showTokens(platform: Platform, demo: LoadedDemo): Promise<void> {
  tell("\nTokens de acesso (válidos por 24 h), um por papel:");
  for (const person of firstOfEachRole(demo)) {
    const scope = person.condominium ?? person.organizationName;
    tell(
      `\n${person.role} — ${person.name}, ${scope}\n${await tokenOf(person, platform.jwtSecret)}`,
    );
  }
}

function firstOfEachRole(demo: LoadedDemo): LoadedDemo["people"] {
  const roles = new Map(demo.people.toReversed().map((person) => [person.role, person]));
  return [...roles.values()].toReversed();
}

async function isEmpty(platform: Platform): Promise<boolean> {
  const client = new pg.Client({ connectionString: platform.databaseUrls.worker });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from blindagem.organizations limit 1");
    return rowCount === 0;
  } finally {
    await client.end();
  }
}

/** The stand-ins serve only where no real service is configured. */
function sandboxVariables(
  environment: Environment,
  outer: OuterServices | undefined,
): Record<string, string> {
  if (!outer) return {};
  const realRegistry = environment.CNPJWS_URL ?? environment.CNPJWS_TOKEN;
  const realBank = environment.PLUGGY_CLIENT_ID;
  return Object.fromEntries(
    Object.entries(outer.variables).filter(
      ([name]) =>
        !(realRegistry && name.startsWith("CNPJWS_")) && !(realBank && name.startsWith("PLUGGY_")),
    ),
  );
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
