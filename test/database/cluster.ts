import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { z } from "zod";
import { loginUrl } from "../../src/config.ts";
import { startEmbeddedPostgres } from "../../src/database/embedded.ts";
import { migrate } from "../../src/database/migrate.ts";
import { roleName } from "../../src/database/role-names.ts";

const passwords = { authenticator: z.string(), worker: z.string(), sealer: z.string() };

/** What the test files need to know of the cluster that the global set-up started. */
export const cluster = z.object({
  migratorUrl: z.string(),
  /** Only of the server that the tests start themselves. */
  superuserUrl: z.string().optional(),
  prefix: z.string(),
  template: z.string(),
  passwords: z.object(passwords),
});
export type Cluster = z.infer<typeof cluster>;

export interface StartedCluster {
  cluster: Cluster;
  stop(): Promise<void>;
}

/**
 * A server with a migrated template database: the one of TEST_DATABASE_URL (any role with CREATEROLE and CREATEDB),
 * else an embedded PostgreSQL 18 in a directory of its own. Role names get a random prefix, so that no other
 * installation on that server is touched; they are dropped again.
 */
export async function startCluster(testDatabaseUrl: string | undefined): Promise<StartedCluster> {
  const prefix = `t${randomBytes(5).toString("hex")}`;
  const template = `${prefix}_template`;
  const secret = () => randomBytes(16).toString("hex");
  const logins = { authenticator: secret(), worker: secret(), sealer: secret() };
  const server: StartedServer = testDatabaseUrl
    ? { url: testDatabaseUrl, stop: async () => undefined }
    : await startThrowAway();
  const stop = async () => {
    if (testDatabaseUrl) await removeAll(testDatabaseUrl, prefix);
    await server.stop();
  };
  const migratorUrl = withDatabase(server.url, template);
  try {
    await administer(server.url, `create database ${template}`);
    await migrate(migratorUrl, prefix, logins);
  } catch (error) {
    // A migration that does not run would leave a server behind, each time.
    await stop();
    throw error;
  }
  return {
    cluster: {
      migratorUrl,
      ...(server.superuserUrl && { superuserUrl: server.superuserUrl }),
      prefix,
      template,
      passwords: logins,
    },
    stop,
  };
}

interface StartedServer {
  url: string;
  superuserUrl?: string;
  stop(): Promise<void>;
}

async function startThrowAway(): Promise<StartedServer> {
  const directory = await mkdtemp(path.join(tmpdir(), "blindagem-test-"));
  const server = await startEmbeddedPostgres({
    stateDirectory: path.join(directory, ".blindagem"),
    rootDirectory: path.join("/var/lib/blindagem"),
    // Test data is thrown away: only here is durability off.
    settings: {
      fsync: "off",
      synchronous_commit: "off",
      full_page_writes: "off",
      max_prepared_transactions: "10",
    },
  });
  return {
    url: server.migratorUrl("postgres"),
    superuserUrl: server.superuserUrl("postgres"),
    async stop() {
      await server.stop();
      await rm(path.dirname(server.dataDirectory), { recursive: true, force: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The same server and login, another database. */
export function withDatabase(url: string, database: string): string {
  const result = new URL(url);
  result.pathname = `/${database}`;
  return result.href;
}

/** The connection of one of the platform's logins. */
export function urlOf(
  cluster: Cluster,
  login: keyof Cluster["passwords"],
  database: string,
): string {
  const url = withDatabase(cluster.migratorUrl, database);
  return loginUrl(url, roleName(cluster.prefix, login), cluster.passwords[login]);
}

/** Runs one statement on the server's maintenance database. */
export async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: withDatabase(url, "postgres") });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function removeAll(url: string, prefix: string): Promise<void> {
  const client = new pg.Client({ connectionString: withDatabase(url, "postgres") });
  await client.connect();
  try {
    const databases = await client.query<{ name: string }>(
      "select datname as name from pg_database where datname like $1",
      [`${prefix}\\_%`],
    );
    for (const { name } of databases.rows) await client.query(`drop database ${name} with (force)`);
    const roles = await client.query<{ name: string }>(
      "select rolname as name from pg_roles where rolname like $1",
      [`${prefix}\\_%`],
    );
    for (const { name } of roles.rows) await client.query(`drop role ${name}`);
  } finally {
    await client.end();
  }
}
