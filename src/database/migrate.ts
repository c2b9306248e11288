import { fileURLToPath } from "node:url";
import { Logger as MigrateLogger, migrate as runCommittedMigrations } from "graphile-migrate";
import { runMigrations, Logger as WorkerLogger } from "graphile-worker";
import pg from "pg";
import type { Attest } from "./actor.ts";
import { roleName, rolePlaceholders } from "./role-names.ts";
import { ensureRoles, type LoginPasswords } from "./roles.ts";
import { seedReferenceData } from "./seed-reference-data.ts";
import { DEFINITIONS_LOCK, storeDefinitions } from "./store-definitions.ts";

const MIGRATIONS = fileURLToPath(new URL("../../sql", import.meta.url));

/** Both libraries log each file; what a person needs to know comes from our own commands. */
const silent = () => () => undefined;

export interface MigrateOptions {
  /** Signs for what the version writes; without it those records are out of band. Needs the newest schema. */
  attest?: Attest | undefined;
  /** Of the migrations (committed/), if not the project's. */
  folder?: string;
}

/**
 * Brings a database up to date: roles, Graphile Worker's schema, our committed migrations, reference data.
 * Safe to repeat and to run from several processes at once (each part takes an advisory lock).
 *
 * @param databaseUrl connection of the migrating role (CREATEROLE, and CREATE on the database)
 * @param prefix prefix of the installation's role names
 */
export async function migrate(
  databaseUrl: string,
  prefix: string,
  passwords: LoginPasswords,
  { attest, folder = MIGRATIONS }: MigrateOptions = {},
): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: "blindagem migrate",
  });
  await client.connect();
  try {
    await ensureRoles(client, prefix, passwords);
    await installGraphileWorker(databaseUrl, prefix);
    await client.query(`select pg_advisory_lock(${DEFINITIONS_LOCK})`);
    await runCommittedMigrations({
      connectionString: databaseUrl,
      rootConnectionString: maintenanceUrl(databaseUrl),
      migrationsFolder: folder,
      placeholders: rolePlaceholders(prefix),
      logger: new MigrateLogger(silent),
    });
    await storeDefinitions(client, prefix, attest);
    await client.query(`select pg_advisory_unlock(${DEFINITIONS_LOCK})`);
    // Other migrations than the project's may end before the tables of what is seeded.
    if (folder === MIGRATIONS) await seedReferenceData(client, prefix, attest);
  } finally {
    await client.end();
  }
}

/** graphile-migrate asks for another database than the one it migrates; it uses it only to reset a shadow. */
function maintenanceUrl(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.pathname = "/postgres";
  return url.href;
}

/** The library's schema, installed as the queue's owner, and unaltered. */
async function installGraphileWorker(databaseUrl: string, prefix: string): Promise<void> {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    options: `-c role=${roleName(prefix, "queue")}`,
    max: 2,
  });
  // A connection that breaks while idle is replaced; the library warns where nobody listens.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  try {
    await runMigrations({ pgPool: pool, logger: new WorkerLogger(silent) });
  } finally {
    await pool.end();
  }
}
