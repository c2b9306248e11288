import pg from "pg";
import { errorCode } from "./error-code.ts";
import { tellsOfLostSession } from "./session-lost.ts";

/**
 * SQLSTATE classes that tell of the values themselves: cardinality, data, integrity, a row or a statement too large, and what
 * the schema's own functions refuse. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const OF_DATA = /^(21|22|23|54|BL)/;

/**
 * Whether an error may be due to what was worked on: then the same work without it may succeed. What tells of the server, the
 * connection, a lock or the time is not; nor is an error of the system, which has a code, or a session that ended, of which pg
 * tells without one.
 */
export function isOfData(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return OF_DATA.test(error.code ?? "");
  if (!(error instanceof Error) || tellsOfLostSession(error.message)) return false;
  return errorCode(error) === undefined;
}
