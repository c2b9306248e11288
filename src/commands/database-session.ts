import { userInfo } from "node:os";
import path from "node:path";
import type pg from "pg";
import { createAttest } from "../audit/attest.ts";
import { intentSigner } from "../audit/configured-keys.ts";
import { type Environment, loadEnvironment, loginUrl } from "../config.ts";
import { nameActor } from "../database/actor.ts";
import { type LocalState, readLocalState } from "../database/local-state.ts";
import { openSession } from "../database/open-session.ts";
import { type LoginRole, type RequestRole, roleName } from "../database/role-names.ts";
import { databaseUrl, LOGIN_VARIABLES } from "../processes/database-urls.ts";

/** For whom a command acts. */
export interface CommandRequest {
  role: Extract<RequestRole, "admin" | "operator">;
  organizationId?: string | undefined;
  /** The command's own, which is signed as it is: what somebody typed goes to the function that is called. */
  reason: string;
  /** Whether it only reads, and all of it as it was at one instant. */
  snapshot?: true;
}

/**
 * Runs `use` on the database in one transaction, with the rights of that role and no others: what a command may do is
 * what a request of that role may do. The audit log names the system's user who typed it.
 *
 * @throws Error when there is no such organization
 */
export async function asCommand<T>(
  request: CommandRequest,
  use: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const { organizationId } = request;
  if (organizationId !== undefined && !/^\d{1,18}$/.test(organizationId)) {
    throw new Error(`"${organizationId}" não é o número de uma administradora.`);
  }
  const environment = loadEnvironment();
  const client = await openSession({
    connectionString: await loginConnection(environment, "authenticator"),
    application_name: "blindagem command",
  });
  try {
    await client.query(
      request.snapshot ? "begin isolation level repeatable read read only" : "begin",
    );
    await client.query("select set_config('role', $1, true)", [
      roleName(environment.ROLE_PREFIX, request.role),
    ]);
    const actor = {
      id: `command:${userInfo().username}`,
      role: request.role,
      reason: request.reason,
    };
    await nameActor(client, actor);
    await client.query("select set_config('blindagem.organization_id', $1, true)", [
      organizationId ?? "",
    ]);
    if (organizationId !== undefined) await requireOrganization(client, organizationId);
    const result = await use(client);
    await createAttest(() => intentSigner(environment))(client, actor);
    await client.query("commit");
    return result;
  } finally {
    // Ending the session rolls back what was not committed.
    await client.end();
  }
}

/** Reads the whole log, in one snapshot. */
export async function asSealer<T>(use: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await openSession({
    connectionString: await loginConnection(loadEnvironment(), "sealer"),
    application_name: "blindagem audit",
  });
  try {
    await client.query("begin isolation level repeatable read read only");
    return await use(client);
  } finally {
    await client.end();
  }
}

/** A request's organization is one by its token; here it is what somebody typed. */
async function requireOrganization(client: pg.ClientBase, organizationId: string): Promise<void> {
  const { rowCount } = await client.query("select from blindagem.organizations where id = $1", [
    organizationId,
  ]);
  if (rowCount === 0) throw new Error(`A administradora ${organizationId} não existe.`);
}

/**
 * The login's connection: as configured, and what is not configured as `start` chose it here: the login's password, and
 * without DATABASE_URL the embedded PostgreSQL.
 *
 * @throws Error saying what to set
 */
export async function loginConnection(environment: Environment, login: LoginRole): Promise<string> {
  const { DATABASE_URL, STATE_DIRECTORY, ROLE_PREFIX } = environment;
  const [urlVariable, passwordVariable] = LOGIN_VARIABLES[login];
  const password = environment[passwordVariable];
  const isStarted = (await readLocalState(STATE_DIRECTORY)) !== undefined;
  if (environment[urlVariable] || (DATABASE_URL && (password || !isStarted))) {
    return databaseUrl(environment, login);
  }
  const state = await requireLocalState(STATE_DIRECTORY);
  return loginUrl(
    DATABASE_URL ?? `postgresql://127.0.0.1:${state.databasePort}/blindagem`,
    roleName(ROLE_PREFIX, login),
    password ?? state.loginPasswords[login],
  );
}

/**
 * What `start` chose here.
 *
 * @throws Error when nothing was started here: a secret made now would be nobody's
 */
export async function requireLocalState(directory: string): Promise<LocalState> {
  const state = await readLocalState(directory);
  if (state) return state;
  throw new Error(
    `Não há instalação em ${path.resolve(directory)}: rode o comando onde \`npm start\` foi iniciado, ou defina STATE_DIRECTORY ou DATABASE_URL.`,
  );
}
