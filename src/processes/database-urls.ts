import { type Environment, loginUrl } from "../config.ts";
import { type LoginRole, roleName } from "../database/role-names.ts";

/** What configures each login: a connection of its own, or its password. */
export const LOGIN_VARIABLES = {
  authenticator: ["AUTHENTICATOR_DATABASE_URL", "AUTHENTICATOR_PASSWORD"],
  worker: ["WORKER_DATABASE_URL", "WORKER_PASSWORD"],
  sealer: ["SEALER_DATABASE_URL", "SEALER_PASSWORD"],
} as const;

/**
 * The connection of one of the platform's logins: its own variable, else DATABASE_URL with the login's password.
 *
 * @throws Error saying which variables to set
 */
export function databaseUrl(environment: Environment, login: LoginRole): string {
  const [urlVariable, passwordVariable] = LOGIN_VARIABLES[login];
  const url = environment[urlVariable];
  if (url) return url;
  const password = environment[passwordVariable];
  if (environment.DATABASE_URL && password) {
    return loginUrl(environment.DATABASE_URL, roleName(environment.ROLE_PREFIX, login), password);
  }
  throw new Error(
    `Defina ${urlVariable}, ou DATABASE_URL e ${passwordVariable}: falta o banco de dados a usar.`,
  );
}
