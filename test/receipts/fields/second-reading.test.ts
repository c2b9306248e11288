import { describe, expect, it } from "@jest/globals";
import {
  agreesOnDate,
  type SecondReading,
  surenessOnDate,
} from "../../../src/receipts/fields/second-reading.ts";
import type { StrokedZeros } from "../../../src/receipts/fields/stroked-zeros.ts";
import { lineOf } from "../../../src/receipts/words.ts";

const reading = (text: string, sureness: number): SecondReading => ({
  holds: ["DATE"],
  line: lineOf([{ text, confidence: sureness, weakest: sureness, box: [0, 0, 90, 20] }], 0),
  otherData: false,
  last: false,
});
const agreement = (text: string, sureness = 0.9, zeros: StrokedZeros = "WHERE_IMPOSSIBLE") =>
  agreesOnDate(reading(text, sureness), "2018-03-30", undefined, "2026-11-24", zeros);

describe("another reading of a day", () => {
  it("agrees, differs, or only casts a doubt when it is unsure itself", () => {
    expect(agreement("30/03/2018")).toBe("AGREES");
    expect(agreement("30/03/2018", 0.3)).toBe("AGREES");
    expect(agreement("30/08/2018")).toBe("DIFFERS");
    expect(agreement("30/08/2018", 0.6)).toBe("DOUBTS");
  });

  it("has a zero where the other language's data saw the letter", () => {
    const day = (text: string) =>
      agreesOnDate(reading(text, 0.9), "2026-01-05", undefined, "2026-11-24", "NOWHERE");
    expect(day("O5-JAN-2026")).toBe("AGREES");
    expect(day("O6-JAN-2026")).toBe("DIFFERS");
    expect(day("OS-JAN-2026")).toBe("SILENT");
  });

  it("has a point where a comma was read", () => {
    const day = (text: string) =>
      agreesOnDate(reading(text, 0.9), "2026-03-29", undefined, "2026-11-24", "NOWHERE");
    expect(day("29,03.2026")).toBe("AGREES");
    expect(day("29.03,2026")).toBe("AGREES");
    expect(day("29,08,2026")).toBe("DIFFERS");
    expect(day("1.329,03,2026")).toBe("SILENT");
  });

  it("says nothing when it gives none, or a day to come", () => {
    expect(agreement("3O/O3/2O18?")).toBe("SILENT");
    expect(agreement("30/03/7018")).toBe("SILENT");
  });

  it("says nothing when it lost the first digit of the day", () => {
    expect(agreement("0/03/2018")).toBe("SILENT");
    expect(agreement("3/03/2018")).toBe("SILENT");
    expect(agreement("1/03/2018")).toBe("DIFFERS");
    expect(agreement("3/08/2018")).toBe("DIFFERS");
  });

  it("agrees by its digits where one stroke between them was misread, not where both were", () => {
    expect(agreement("30/032018")).toBe("AGREES");
    expect(agreement("~30/0372018")).toBe("AGREES");
    expect(agreement("301032018")).toBe("SILENT");
    expect(agreement("130/0372018")).toBe("SILENT");
  });

  it("may have an 8 for a zero with a stroke, which decides nothing where both can stand", () => {
    const day = (text: string, zeros: StrokedZeros = "ANYWHERE") =>
      agreesOnDate(reading(text, 0.9), "2026-03-10", undefined, "2026-11-24", zeros);
    expect(day("10/83/2826")).toBe("AGREES");
    expect(day("10/83/2826", "WHERE_IMPOSSIBLE")).toBe("AGREES");
    expect(day("18/83/2826")).toBe("SILENT");
    expect(day("28/83/2826")).toBe("DIFFERS");
  });

  it("is as sure of the day as of its least certain character", () => {
    expect(surenessOnDate(reading("30/03/2018", 0.7), "2018-03-30", "NOWHERE")).toBe(0.7);
    expect(surenessOnDate(reading("30/08/2018", 0.7), "2018-03-30", "NOWHERE")).toBe(0);
    expect(surenessOnDate({ ...reading("", 0.9), line: undefined }, "2018-03-30", "NOWHERE")).toBe(
      0,
    );
  });
});
