import { describe, expect, it } from "@jest/globals";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { signToken } from "../../src/client/sign-token.ts";

const SECRET = "a secret of the tests, longer than 32 characters";
const NOW = new Date("2026-11-05T15:00:00.700Z");
const key = new TextEncoder().encode(SECRET);

describe("signToken", () => {
  it("signs the claims that Supabase would, valid for so many hours", async () => {
    const token = await signToken(
      SECRET,
      { subject: "ana", role: "admin", organizationId: "7" },
      8,
      NOW,
    );
    expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", typ: "JWT" });
    const { payload } = await jwtVerify(token, key, { currentDate: NOW });
    expect(payload).toEqual({
      sub: "ana",
      iat: Date.parse("2026-11-05T15:00:00Z") / 1000,
      exp: Date.parse("2026-11-05T23:00:00Z") / 1000,
      app_metadata: { role: "admin", organization_id: "7" },
    });
  });

  it("names no organization where there is none", async () => {
    const token = await signToken(SECRET, { subject: "op", role: "operator" }, 1, NOW);
    const { payload } = await jwtVerify(token, key, { currentDate: NOW });
    expect(payload.app_metadata).toEqual({ role: "operator" });
  });

  it("is worth nothing when its hours are over, or under another secret", async () => {
    const token = await signToken(SECRET, { subject: "ana", role: "admin" }, 1, NOW);
    const later = new Date(NOW.getTime() + 3_600_000);
    await expect(jwtVerify(token, key, { currentDate: later })).rejects.toThrow('"exp"');
    const other = new TextEncoder().encode(SECRET.toUpperCase());
    await expect(jwtVerify(token, other, { currentDate: NOW })).rejects.toThrow("signature");
  });
});
