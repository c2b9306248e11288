import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { createAttest } from "../../src/audit/attest.ts";
import { intentSigner } from "../../src/audit/configured-keys.ts";
import { inheritedVariables, loadEnvironment, loginUrl } from "../../src/config.ts";
import type { Attest } from "../../src/database/actor.ts";
import { startEmbeddedPostgres } from "../../src/database/embedded.ts";
import { migrate } from "../../src/database/migrate.ts";
import { type LoginRole, roleName } from "../../src/database/role-names.ts";
import { ensureAuditKeys } from "../../src/start/audit-keys.ts";
import { type Child, startChild } from "../../src/start/child.ts";

const PREFIX = "blindagem";
const DATABASE = "blindagem";

/** An installation made for measuring, and thrown away after it unless it is kept: PostgreSQL as shipped, durability included. */
export interface Installation {
  url(login: LoginRole | "migrator" | "superuser"): string;
  prefix: string;
  /** Where it keeps what is its own. */
  directory: string;
  /** Signs for what the measurement itself writes, as the API does. */
  attest: Attest;
  /** A session of that login; it is ended with the installation. */
  connect(login: LoginRole | "migrator" | "superuser"): Promise<pg.Client>;
  /** Starts a process of the platform ("worker", "seal"); it is stopped with the installation. */
  start(command: "worker" | "seal", environment?: Readonly<Record<string, string>>): Promise<Child>;
  /** What differs from PostgreSQL's own defaults. */
  settings(): Promise<Record<string, string>>;
  /** Stops it, and takes it away unless it is kept. */
  remove(): Promise<void>;
}

/** @param kept a directory for an installation that outlives the measurement; one that is there is gone on with, migrated */
export async function createInstallation(
  settings: Readonly<Record<string, string>> = {},
  kept?: string,
): Promise<Installation> {
  const directory = kept ?? (await mkdtemp(path.join(tmpdir(), "blindagem-bench-")));
  await mkdir(directory, { recursive: true });
  const server = await startEmbeddedPostgres({
    stateDirectory: path.join(directory, ".blindagem"),
    settings,
  });
  await server.ensureDatabase(DATABASE);
  const stateDirectory = path.join(directory, ".blindagem");
  await ensureAuditKeys(stateDirectory);
  const environment = { ...loadEnvironment({}), STATE_DIRECTORY: stateDirectory };
  const secret = () => randomBytes(16).toString("hex");
  const passwords = { authenticator: secret(), worker: secret(), sealer: secret() };
  await migrate(server.migratorUrl(DATABASE), PREFIX, passwords);
  const url = (login: LoginRole | "migrator" | "superuser") => {
    if (login === "migrator") return server.migratorUrl(DATABASE);
    if (login === "superuser") return server.superuserUrl(DATABASE);
    return loginUrl(server.migratorUrl(DATABASE), roleName(PREFIX, login), passwords[login]);
  };
  const log = createWriteStream(path.join(directory, "processes.log"));
  const children: Child[] = [];
  const clients: pg.Client[] = [];
  const connect = async (login: LoginRole | "migrator" | "superuser") => {
    const client = new pg.Client({ connectionString: url(login) });
    // What breaks when a failed measurement takes the server away must not hide why it failed.
    client.on("error", () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  return {
    url,
    prefix: PREFIX,
    directory,
    attest: createAttest(() => intentSigner(environment)),
    connect,
    async start(command, variables = {}) {
      const child = await startChild({
        command,
        environment: {
          ...inheritedVariables(),
          ROLE_PREFIX: PREFIX,
          STATE_DIRECTORY: stateDirectory,
          LOG_LEVEL: "warn",
          ...(command === "worker"
            ? { WORKER_DATABASE_URL: url("worker") }
            : { SEALER_DATABASE_URL: url("sealer") }),
          ...variables,
        },
        log,
        onRestart: (name) => process.stderr.write(`The process "${name}" ended by itself.\n`),
      });
      children.push(child);
      return child;
    },
    async settings() {
      const { rows } = await (await connect("superuser")).query<{ name: string; value: string }>(
        `select name, current_setting(name) as value from pg_settings
         where source not in ('default', 'client', 'override', 'session') or name in (
           'fsync', 'synchronous_commit', 'full_page_writes', 'server_version', 'max_wal_size')
         order by name`,
      );
      return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    },
    async remove() {
      for (const child of children.reverse()) await child.stop();
      await Promise.allSettled(clients.map((client) => client.end()));
      await server.stop();
      if (kept !== undefined) return;
      await rm(path.dirname(server.dataDirectory), { recursive: true, force: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
}
