import pg from "pg";
import {
  LOGIN_ROLES,
  type LoginRole,
  REQUEST_ROLES,
  ROLES,
  type Role,
  roleName,
} from "./role-names.ts";

/** Passwords of the login roles. Left out, a role keeps the one it has. */
export type LoginPasswords = Partial<Record<LoginRole, string>>;

/**
 * Makes the installation's roles and their memberships, or mends them: safe to repeat.
 *
 * Works for a superuser and for a non-superuser with CREATEROLE (managed PostgreSQL). Since PostgreSQL 16 such a
 * role holds only ADMIN OPTION on what it creates, so it grants itself the owners before it installs anything.
 * Roles are cluster-wide: four sessions that granted at once got "tuple concurrently updated" in every tenth
 * statement, hence the advisory lock.
 */
export async function ensureRoles(
  client: pg.ClientBase,
  prefix: string,
  passwords: LoginPasswords,
): Promise<void> {
  await client.query("select pg_advisory_lock(hashtextextended('blindagem roles', 0))");
  try {
    const { rows } = await client.query<{ version: number; migrator: string; database: string }>(
      `select current_setting('server_version_num')::int as version, current_user as migrator,
         current_database() as database`,
    );
    const [server] = rows;
    if (!server) throw new Error("The server did not tell its version.");
    for (const role of ROLES) await ensureRole(client, roleName(prefix, role), isLogin(role));
    for (const role of LOGIN_ROLES) {
      // Our statements are many and small, over JSON whose size the planner overrates: where the server compiles
      // (managed ones do), a batch of one row took 400 ms with it and 60 ms without.
      await client.query(`alter role ${roleName(prefix, role)} set jit = off`);
      const password = passwords[role];
      if (password !== undefined) await setPassword(client, roleName(prefix, role), password);
    }
    for (const membership of memberships(prefix, server.migrator)) {
      await client.query(grantStatement(membership, server.version >= 160000));
    }
    for (const role of ["owner", "audit_owner", "queue"] as const) {
      await client.query(
        `grant create on database ${pg.escapeIdentifier(server.database)} to ${roleName(prefix, role)}`,
      );
    }
  } finally {
    await client.query("select pg_advisory_unlock(hashtextextended('blindagem roles', 0))");
  }
}

interface Membership {
  role: string;
  member: string;
  inherit: boolean;
}

function memberships(prefix: string, migrator: string): Membership[] {
  const name = (role: Role) => roleName(prefix, role);
  return [
    // The migrating role installs as the owners; it is the database's administrator anyway.
    ...(["owner", "audit_owner", "queue"] as const).map((role) => ({
      role: name(role),
      member: migrator,
      inherit: true,
    })),
    // The API's login may only become a request role, or the one that notes auditors' look-ups; by itself it has no rights.
    ...([...REQUEST_ROLES, "access_log"] as const).map((role) => ({
      role: name(role),
      member: name("authenticator"),
      inherit: false,
    })),
    // The worker works the library's tables, which have row-level security without policies: it inherits their owner.
    { role: name("queue"), member: name("worker"), inherit: true },
  ];
}

function isLogin(role: Role): boolean {
  return LOGIN_ROLES.some((login) => login === role);
}

async function ensureRole(client: pg.ClientBase, name: string, login: boolean): Promise<void> {
  const { rowCount } = await client.query("select from pg_roles where rolname = $1", [name]);
  if (rowCount) return;
  // NOINHERIT on the authenticator is what PostgreSQL 15 has in place of "with inherit false".
  const inherit = name.endsWith("_authenticator") ? "noinherit" : "inherit";
  await client.query(`create role ${name} ${login ? "login" : "nologin"} ${inherit}`);
}

async function setPassword(client: pg.ClientBase, name: string, password: string): Promise<void> {
  await client.query(`alter role ${name} password ${pg.escapeLiteral(password)}`);
}

function grantStatement({ role, member, inherit }: Membership, hasOptions: boolean): string {
  const grant = `grant ${role} to ${pg.escapeIdentifier(member)}`;
  return hasOptions ? `${grant} with inherit ${inherit}, set true` : grant;
}
