/** Every role of an installation, by its use. Roles are cluster-wide, so their names carry the installation's prefix. */
export const ROLES = [
  "owner",
  "audit_owner",
  "queue",
  "authenticator",
  "worker",
  "sealer",
  "access_log",
  "anonymous",
  "admin",
  "reviewer",
  "sindico",
  "auditor",
  "integrator",
  "operator",
] as const;

export type Role = (typeof ROLES)[number];

/** The roles that log in, each with a password of its own. */
export const LOGIN_ROLES = ["authenticator", "worker", "sealer"] as const;
export type LoginRole = (typeof LOGIN_ROLES)[number];

/** The roles that a request may take; `anonymous` is the one without a token. */
export const REQUEST_ROLES = [
  "anonymous",
  "admin",
  "reviewer",
  "sindico",
  "auditor",
  "integrator",
  "operator",
] as const;
export type RequestRole = (typeof REQUEST_ROLES)[number];

const PREFIX = /^[a-z][a-z0-9_]{0,30}$/;

/**
 * The name of a role in the cluster: `blindagem` + `worker` -> `blindagem_worker`.
 *
 * @throws RangeError when the prefix is not a plain lower-case name; it stands unquoted in SQL.
 */
export function roleName(prefix: string, role: Role): string {
  if (!PREFIX.test(prefix)) {
    throw new RangeError(
      `The role prefix "${prefix}" must be 1 to 31 characters a-z, 0-9 or _, beginning with a letter (ROLE_PREFIX).`,
    );
  }
  return `${prefix}_${role}`;
}

/** The placeholders of the migrations: `:AUDIT_OWNER` -> `blindagem_audit_owner`. */
export function rolePlaceholders(prefix: string): Record<string, string> {
  return Object.fromEntries(
    ROLES.map((role) => [`:${role.toUpperCase()}`, roleName(prefix, role)]),
  );
}
