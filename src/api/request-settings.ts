import type { Actor } from "../database/actor.ts";
import { type Role, roleName } from "../database/role-names.ts";
import type { Identity } from "./identity.ts";

/** Where a request comes from, for the audit log, and where in a trace it stands, for its jobs. */
export interface RequestOrigin {
  requestId: string;
  /** The client's address; from X-Forwarded-For only behind trusted proxies. */
  ip: string;
  userAgent: string | undefined;
  /** What was asked for, "mutation cancelExpense" or "POST /batch-expenses": the reason of a change that gives none itself. */
  operation: string;
  traceparent?: string | undefined;
}

/** What a request is allowed to do to the database, and for how long. */
export type Access =
  | "read"
  | "write"
  /** Reads by many statements all as it was at one instant. */
  | "snapshot";

const STATEMENT_TIMEOUT_MS: Record<Access, number> = {
  read: 10_000,
  write: 60_000,
  snapshot: 60_000,
};
/** No request's statement runs for longer. */
export const LONGEST_STATEMENT_MS = Math.max(...Object.values(STATEMENT_TIMEOUT_MS));
const IDLE_IN_TRANSACTION_MS = 30_000;
const USER_AGENT_LENGTH = 200;

/**
 * The settings of a request's transaction. The role is always among them: without one, PostgreSQL would run the
 * request as the login role. Reading is enforced by the transaction itself, so that not even a SECURITY DEFINER
 * function writes; an auditor's transaction only ever reads.
 *
 * @param prefix of the installation's role names
 */
export function requestSettings(
  prefix: string,
  identity: Identity,
  origin: RequestOrigin,
  access: Access,
): Record<string, string> {
  const { role, personId, organizationId, apiKeyId } = identity;
  const person = personId === null ? "" : `person:${personId}`;
  const readOnly = access !== "write" || role === "auditor" || role === "anonymous";
  return {
    role: roleName(prefix, role satisfies Role),
    statement_timeout: String(STATEMENT_TIMEOUT_MS[access]),
    idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
    transaction_read_only: readOnly ? "on" : "off",
    "blindagem.role": role,
    "blindagem.organization_id": organizationId ?? "",
    "blindagem.person_id": personId ?? "",
    "blindagem.actor_id": apiKeyId === null ? person : `api_key:${apiKeyId}`,
    "blindagem.on_behalf_of": apiKeyId === null ? "" : person,
    "blindagem.api_key_id": apiKeyId ?? "",
    "blindagem.ip": origin.ip,
    "blindagem.user_agent": (origin.userAgent ?? "").slice(0, USER_AGENT_LENGTH),
    "blindagem.request_id": origin.requestId,
    "blindagem.reason": origin.operation,
    ...(origin.traceparent !== undefined && { "blindagem.traceparent": origin.traceparent }),
  };
}

/** Who acts under a request's settings; undefined where nothing can be written. */
export function actorOf(settings: Readonly<Record<string, string | undefined>>): Actor | undefined {
  if (settings.transaction_read_only !== "off") return undefined;
  return {
    id: settings["blindagem.actor_id"] ?? "",
    role: settings["blindagem.role"] ?? "",
    reason: settings["blindagem.reason"] ?? "",
    requestId: settings["blindagem.request_id"],
  };
}
