import { describe, expect, it } from "@jest/globals";
import {
  agreesOnDate,
  type SecondReading,
  surenessOnDate,
} from "../../../src/receipts/fields/second-reading.ts";
import { lineOf } from "../../../src/receipts/words.ts";

const reading = (text: string, sureness: number): SecondReading => ({
  holds: ["DATE"],
  line: lineOf([{ text, confidence: sureness, weakest: sureness, box: [0, 0, 90, 20] }], 0),
  otherData: false,
});
const agreement = (text: string, sureness = 0.9) =>
  agreesOnDate(reading(text, sureness), "2018-03-30", undefined, "2026-11-24");

describe("another reading of a day", () => {
  it("agrees, differs, or only casts a doubt when it is unsure itself", () => {
    expect(agreement("30/03/2018")).toBe("AGREES");
    expect(agreement("30/03/2018", 0.3)).toBe("AGREES");
    expect(agreement("30/08/2018")).toBe("DIFFERS");
    expect(agreement("30/08/2018", 0.6)).toBe("DOUBTS");
  });

  it("says nothing when it gives none, or a day to come", () => {
    expect(agreement("3O/O3/2O18?")).toBe("SILENT");
    expect(agreement("30/03/2618")).toBe("SILENT");
  });

  it("is as sure of the day as of its least certain character", () => {
    expect(surenessOnDate(reading("30/03/2018", 0.7), "2018-03-30")).toBe(0.7);
    expect(surenessOnDate(reading("30/08/2018", 0.7), "2018-03-30")).toBe(0);
    expect(surenessOnDate({ ...reading("", 0.9), line: undefined }, "2018-03-30")).toBe(0);
  });
});
