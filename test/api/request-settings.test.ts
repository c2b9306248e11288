import { describe, expect, it } from "@jest/globals";
import type { Identity } from "../../src/api/identity.ts";
import { type Access, actorOf, requestSettings } from "../../src/api/request-settings.ts";

const ORIGIN = { requestId: "r-1", ip: "203.0.113.7", userAgent: undefined, operation: "query x" };
const settingsOf = (role: Identity["role"], access: Access) =>
  requestSettings(
    "blindagem",
    { role, personId: "7", organizationId: "1", apiKeyId: null },
    ORIGIN,
    access,
  );

describe("a request's transaction", () => {
  it.each(["admin", "reviewer", "sindico", "integrator", "operator"] as const)(
    "of %s writes only where that was asked for",
    (role) => {
      expect(settingsOf(role, "read").transaction_read_only).toBe("on");
      expect(settingsOf(role, "snapshot").transaction_read_only).toBe("on");
      expect(settingsOf(role, "write").transaction_read_only).toBe("off");
    },
  );

  it.each(["auditor", "anonymous"] as const)("of %s only reads, in a mutation too", (role) => {
    for (const access of ["read", "snapshot", "write"] as const) {
      expect(settingsOf(role, access).transaction_read_only).toBe("on");
      expect(actorOf(settingsOf(role, access))).toBeUndefined();
    }
  });
});
