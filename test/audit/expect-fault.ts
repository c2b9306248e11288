import { expect } from "@jest/globals";
import type { FaultCode } from "../../src/audit/fault.ts";

/** Matches an AuditFault with that code. */
export function faultOf(code: FaultCode) {
  return expect.objectContaining({ name: "AuditFault", code });
}
