import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { createAttest } from "../audit/attest.ts";
import { intentSigner } from "../audit/configured-keys.ts";
import { type Environment, inheritedVariables, loginUrl } from "../config.ts";
import { startEmbeddedPostgres } from "../database/embedded.ts";
import { freePort } from "../database/free-port.ts";
import { type LocalState, loadLocalState } from "../database/local-state.ts";
import { migrate } from "../database/migrate.ts";
import { openSession } from "../database/open-session.ts";
import { type LoginRole, roleName } from "../database/role-names.ts";
import { ensureAuditKeys } from "./audit-keys.ts";
import { type Child, startChild } from "./child.ts";

const DATABASE = "blindagem";

/** Outer services in place of the real ones: their addresses and credentials, as environment variables. */
export type SandboxVariables = Readonly<Record<string, string>>;

export interface Platform {
  apiUrl: string;
  jwtSecret: string;
  state: LocalState;
  /** True when PostgreSQL is the one that this process started. */
  embedded: boolean;
  /** Where the embedded server keeps its data. */
  dataDirectory: string | undefined;
  databaseUrls: Record<LoginRole | "migrator", string>;
  logFile: string;
  /** Drains and stops everything in order, PostgreSQL last. */
  stop(): Promise<void>;
}

/** Everything that must be undone at the end, undone in reverse order; also when the start fails half-way. */
class Stack {
  readonly #undo: (() => Promise<void>)[] = [];

  push(undo: () => Promise<void>): void {
    this.#undo.push(undo);
  }

  /** Undoes all, whatever goes wrong with one of them; throws the first fault at the end. */
  async unwind(): Promise<void> {
    const faults: unknown[] = [];
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) {
      await undo().catch((fault: unknown) => faults.push(fault));
    }
    if (faults.length > 0) throw faults[0];
  }
}

/**
 * Starts the whole platform on this machine: PostgreSQL (unless DATABASE_URL names one), migrations, then API,
 * workers and sealing as processes of their own.
 *
 * @param tell told each step, for people
 * @param signal ends a start that is under way; what has been started is stopped again
 */
export async function startPlatform(
  environment: Environment,
  sandbox: SandboxVariables,
  tell: (step: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<Platform> {
  const stack = new Stack();
  try {
    const database = await openDatabase(environment, stack, tell);
    signal.throwIfAborted();
    await holdInstance(database.migratorUrl, stack);
    signal.throwIfAborted();
    tell("Atualizando o esquema do banco…");
    const prefix = environment.ROLE_PREFIX;
    const passwords = {
      authenticator:
        environment.AUTHENTICATOR_PASSWORD ?? database.state.loginPasswords.authenticator,
      worker: environment.WORKER_PASSWORD ?? database.state.loginPasswords.worker,
      sealer: environment.SEALER_PASSWORD ?? database.state.loginPasswords.sealer,
    };
    await ensureAuditKeys(environment.STATE_DIRECTORY);
    await migrate(database.migratorUrl, prefix, passwords, {
      attest: createAttest(() => intentSigner(environment)),
    });
    signal.throwIfAborted();
    const urlOf = (login: LoginRole) =>
      loginUrl(database.migratorUrl, roleName(prefix, login), passwords[login]);
    const jwtSecret = environment.JWT_SECRET ?? database.state.jwtSecret;

    tell("Iniciando API, trabalhadores e selagem…");
    const logFile = path.join(environment.STATE_DIRECTORY, "blindagem.log");
    const log = createWriteStream(logFile, { flags: "a", mode: 0o600 });
    stack.push(() => new Promise((resolve) => log.end(resolve)));
    const start = (command: string, own: Readonly<Record<string, string>>) =>
      startChild({
        command,
        environment: {
          GRAPHILE_ENV: "production",
          ...inheritedVariables(),
          ...sandbox,
          ...own,
          ROLE_PREFIX: prefix,
        },
        log,
        onRestart: (name, _, delayMs) =>
          tell(
            delayMs === 0
              ? `O processo "${name}" terminou por si e foi iniciado de novo.`
              : `O processo "${name}" terminou por si e será iniciado de novo em ${delayMs / 1000} s; veja ${logFile}.`,
          ),
      });
    const metricsPorts = metricsPortsFrom(environment.METRICS_PORT);
    // Stopped in the other order: first nobody may hand in, last is sealed what the workers have written.
    const [, , api] = await allStarted(stack, [
      start("seal", {
        SEALER_DATABASE_URL: urlOf("sealer"),
        METRICS_PORT: metricsPorts.seal,
        ...given(environment, "LOG_KEY"),
      }),
      start("worker", {
        WORKER_DATABASE_URL: urlOf("worker"),
        METRICS_PORT: metricsPorts.worker,
        ...given(environment, "INTENT_KEY"),
      }),
      start("api", {
        AUTHENTICATOR_DATABASE_URL: urlOf("authenticator"),
        JWT_SECRET: jwtSecret,
        ...given(environment, "INTENT_KEY"),
      }),
    ]);
    signal.throwIfAborted();
    if (api?.url === undefined) throw new Error("The API did not tell its address.");
    return {
      apiUrl: api.url,
      jwtSecret,
      state: database.state,
      embedded: database.embedded,
      dataDirectory: database.dataDirectory,
      databaseUrls: {
        migrator: database.migratorUrl,
        authenticator: urlOf("authenticator"),
        worker: urlOf("worker"),
        sealer: urlOf("sealer"),
      },
      logFile,
      stop: () => stack.unwind(),
    };
  } catch (error) {
    // What went wrong first is what a person has to know.
    await stack.unwind().catch(() => undefined);
    throw error;
  }
}

/** A key that was given as a variable goes to those who sign with it, to nobody else. */
function given(
  environment: Environment,
  variable: "INTENT_KEY" | "LOG_KEY",
): Readonly<Record<string, string>> {
  const key = environment[variable];
  return key === undefined ? {} : { [variable]: key };
}

/** The metrics' port of each process that has no HTTP server of its own: one after the other, or 0, none. */
function metricsPortsFrom(first: number): { worker: string; seal: string } {
  return { worker: String(first), seal: String(first && first + 1) };
}

/** Waits for all of them, so that none is left behind when another fails. */
async function allStarted(stack: Stack, starts: readonly Promise<Child>[]): Promise<Child[]> {
  const settled = await Promise.allSettled(starts);
  const children = settled.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  for (const child of children) stack.push(() => child.stop());
  for (const start of settled) if (start.status === "rejected") throw start.reason;
  return children;
}

interface OpenedDatabase {
  migratorUrl: string;
  state: LocalState;
  embedded: boolean;
  dataDirectory: string | undefined;
}

async function openDatabase(
  environment: Environment,
  stack: Stack,
  tell: (step: string) => void,
): Promise<OpenedDatabase> {
  if (environment.DATABASE_URL) {
    await mkdir(environment.STATE_DIRECTORY, { recursive: true, mode: 0o700 });
    return {
      migratorUrl: environment.DATABASE_URL,
      state: await loadLocalState(environment.STATE_DIRECTORY, freePort),
      embedded: false,
      dataDirectory: undefined,
    };
  }
  tell("Iniciando o PostgreSQL embutido…");
  const server = await startEmbeddedPostgres({ stateDirectory: environment.STATE_DIRECTORY });
  // A second start on the same data must not stop the first one's server: whoever holds the instance stops it.
  stack.push(async () => {
    if (await isHeld(server.migratorUrl("postgres"))) return;
    await server.stop();
  });
  await server.ensureDatabase(DATABASE);
  return {
    migratorUrl: server.migratorUrl(DATABASE),
    state: server.state,
    embedded: true,
    dataDirectory: server.dataDirectory,
  };
}

const INSTANCE_LOCK = "hashtextextended('blindagem start', 0)";

/** One `start` a database: two would both load the demo and both stop the server. */
async function holdInstance(databaseUrl: string, stack: Stack): Promise<void> {
  const client = await openSession({
    connectionString: databaseUrl,
    application_name: "blindagem start",
  });
  const { rows } = await client.query<{ held: boolean }>(
    `select pg_try_advisory_lock(${INSTANCE_LOCK}) as held`,
  );
  if (!rows[0]?.held) {
    await client.end();
    throw new Error(
      "Outro `blindagem start` roda neste banco. Pare-o antes, ou inicie este com outros STATE_DIRECTORY e PORT.",
    );
  }
  stack.push(() => client.end());
}

async function isHeld(maintenanceUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: maintenanceUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      "select from pg_stat_activity where application_name = 'blindagem start' and datname = $1",
      [DATABASE],
    );
    return (rowCount ?? 0) > 0;
  } finally {
    await client.end();
  }
}
