import { describe, expect, it } from "@jest/globals";
import { daysOutside, receiptDate } from "../../src/validation/receipt-date.ts";
import { exampleFacts, readingOf } from "./example-facts.ts";

describe("a receipt's date", () => {
  const at = (timestamp: string | null) => receiptDate({ ...readingOf(exampleFacts()), timestamp });

  it("is the day in Brasília, whatever the zone it is written in", () => {
    expect(at("2026-11-05T23:59:59-03:00")).toBe("2026-11-05");
    expect(at("2026-11-06T02:59:59Z")).toBe("2026-11-05");
    expect(at("2026-11-05")).toBe("2026-11-05");
    expect(at(null)).toBeNull();
  });

  it.each([
    ["2026-11-01", ["2026-11-05", "2026-11-20"], 4],
    ["2026-11-12", ["2026-11-05", "2026-11-20"], 0],
    ["2026-11-25", ["2026-11-20", "2026-11-05"], 5],
    ["2026-11-25", [null, "2026-11-20"], 5],
    ["2026-11-25", [null, null], 0],
  ])("%s lies outside %j by %s days", (date, dates, days) => {
    expect(daysOutside(date, dates)).toBe(days);
  });
});
