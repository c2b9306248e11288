/**
 * What went wrong with a call to Pluggy:
 * - RATE_LIMITED: try again at `retryAt`;
 * - UNAVAILABLE: time-out, network, 5xx, an answer that is not in Pluggy's shape, paging in a loop;
 * - UNAUTHORIZED: the credentials are refused, also after a new key;
 * - NOT_FOUND: no such item, account or transaction for these credentials;
 * - REFUSED: any other 4xx, a fault of ours: trying again does not help.
 */
export type PluggyErrorKind =
  | "RATE_LIMITED"
  | "UNAVAILABLE"
  | "UNAUTHORIZED"
  | "NOT_FOUND"
  | "REFUSED";

/**
 * An error of the Pluggy client. Its text names the operation and the HTTP status, never a
 * credential, a query or a part of the answer, so it may be logged and stored.
 */
export class PluggyError extends Error {
  readonly kind: PluggyErrorKind;
  /** When a RATE_LIMITED call may be tried again; null for the other kinds. */
  readonly retryAt: Date | null;
  constructor(kind: PluggyErrorKind, message: string, retryAt: Date | null = null) {
    super(message);
    this.name = "PluggyError";
    this.kind = kind;
    this.retryAt = retryAt;
  }
}

/** Wait that is assumed where a 429 names none: Pluggy counts its limits per minute. */
const DEFAULT_WAIT_MS = 60_000;

/** The error that an HTTP answer stands for, or undefined for 2xx. `operation` names no values. */
export function errorOf(response: Response, operation: string, now: Date): PluggyError | undefined {
  if (response.ok) return undefined;
  const { status } = response;
  const message = `Pluggy ${operation}: HTTP ${status}`;
  if (status === 429) {
    return new PluggyError("RATE_LIMITED", message, retryAt(response.headers, now));
  }
  if (status === 401 || status === 403) return new PluggyError("UNAUTHORIZED", message);
  if (status === 404) return new PluggyError("NOT_FOUND", message);
  if (status >= 400 && status < 500) return new PluggyError("REFUSED", message);
  return new PluggyError("UNAVAILABLE", message);
}

/** Reads `Retry-After`: seconds or an HTTP date (RFC 9110, 10.2.3). Never in the past. */
function retryAt(headers: Headers, now: Date): Date {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(value)) return new Date(now.getTime() + Number(value) * 1000);
  const date = Date.parse(value);
  if (Number.isNaN(date)) return new Date(now.getTime() + DEFAULT_WAIT_MS);
  return new Date(Math.max(date, now.getTime()));
}
