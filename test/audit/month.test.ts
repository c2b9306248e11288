import { describe, expect, it } from "@jest/globals";
import { boundsOf, isOlderThan, parseMonth } from "../../src/audit/month.ts";

describe("a month of the log", () => {
  it.each(["2026-1", "2026-13", "2026-00", "26-01", "2026-01-01", ""])("is not %j", (text) => {
    expect(() => parseMonth(text)).toThrow("não é um mês");
  });

  it("begins and ends in UTC", () => {
    expect(boundsOf(parseMonth("2026-12"))).toEqual({
      from: new Date("2026-12-01T00:00:00Z"),
      until: new Date("2027-01-01T00:00:00Z"),
    });
  });

  it.each([
    ["2026-01", 0, "2026-02-01T00:00:00Z", true],
    ["2026-01", 0, "2026-01-31T23:59:59Z", false],
    ["2025-11", 12, "2026-11-30T00:00:00Z", false],
    ["2025-10", 12, "2026-11-01T00:00:00Z", true],
  ])("%s is older than %d whole months at %s: %s", (month, months, now, expected) => {
    expect(isOlderThan(month, months, new Date(now))).toBe(expected);
  });
});
