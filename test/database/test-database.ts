import { randomBytes } from "node:crypto";
import pg from "pg";
import { errorCode } from "../../src/database/error-code.ts";
import { type RequestRole, roleName } from "../../src/database/role-names.ts";
import { administer, type Cluster, cluster, urlOf, withDatabase } from "./cluster.ts";

export type Login = "authenticator" | "worker" | "sealer";

/** A database of a test file's own, cloned from the migrated template. */
export interface TestDatabase {
  prefix: string;
  /** Connection of the migrating role, the database's administrator. */
  migratorUrl: string;
  /** Of the server that the tests start themselves; undefined on another one, where nobody gave it to us. */
  superuserUrl: string | undefined;
  url(login: Login): string;
  /** A pool of that login; `drop` ends it. */
  pool(login: Login | "migrator"): pg.Pool;
  /** Runs `use` as a request: that role, those settings (blindagem.*), committed unless it throws. */
  asRequest<T>(
    role: RequestRole,
    settings: Readonly<Record<string, string>>,
    use: (client: pg.PoolClient) => Promise<T>,
  ): Promise<T>;
  /** A copy as it is now, as of a restored backup; the pools that were given out before are ended. */
  copy(): Promise<TestDatabase>;
  drop(): Promise<void>;
}

/**
 * Call in `beforeAll`, and `drop` in `afterAll`.
 *
 * @param template a database, if not the migrated one
 */
export async function createTestDatabase(template?: string): Promise<TestDatabase> {
  const shared: Cluster = cluster.parse(JSON.parse(process.env.BLINDAGEM_TEST_CLUSTER ?? "null"));
  const name = `${shared.prefix}_${randomBytes(5).toString("hex")}`;
  // By its files: hundreds are made, and the write-ahead log would carry each of them whole.
  await administer(
    shared.migratorUrl,
    `create database ${name} template ${template ?? shared.template} strategy file_copy`,
  );
  const pools = new Map<string, pg.Pool>();
  const migratorUrl = withDatabase(shared.migratorUrl, name);
  const url = (login: Login) => urlOf(shared, login, name);
  const pool = (login: Login | "migrator") => {
    const existing = pools.get(login);
    if (existing) return existing;
    const created = new pg.Pool({
      connectionString: login === "migrator" ? migratorUrl : url(login),
      max: 10,
      // What a test writes by itself has an actor, too: under these logins the log refuses it without one.
      ...(login !== "migrator" && {
        options: "-c blindagem.actor_id=test -c blindagem.reason=Teste",
      }),
    });
    created.on("error", () => undefined);
    pools.set(login, created);
    return created;
  };
  return {
    prefix: shared.prefix,
    migratorUrl,
    superuserUrl: shared.superuserUrl && withDatabase(shared.superuserUrl, name),
    url,
    pool,
    async asRequest(role, settings, use) {
      const client = await pool("authenticator").connect();
      try {
        await client.query("begin");
        const all = { role: roleName(shared.prefix, role), ...prefixed({ role, ...settings }) };
        for (const [key, value] of Object.entries(all)) {
          await client.query("select set_config($1, $2, true)", [key, value]);
        }
        const result = await use(client);
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
    },
    async copy() {
      await Promise.all([...pools.values()].map((each) => each.end()));
      pools.clear();
      return createTestDatabase(name);
    },
    async drop() {
      await Promise.all([...pools.values()].map((each) => each.end()));
      await administer(shared.migratorUrl, `drop database ${name} with (force)`).catch(
        (error: unknown) => {
          // An autovacuum worker is the superuser's, whom we may not end; without force the server sends it away itself.
          if (errorCode(error) !== "42501") throw error;
          return administer(shared.migratorUrl, `drop database ${name}`);
        },
      );
    },
  };
}

function prefixed(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`blindagem.${key}`, value]),
  );
}
