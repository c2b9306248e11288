import { describe, expect, it } from "@jest/globals";
import { demandedReceipt } from "../../src/validation/demanded-reading.ts";

const fact = {
  kind: "NFCE",
  verdict: "ACCEPTED",
  reasonCodes: [],
  timestamp: "2026-11-05",
  amount: "10.00",
};
const receipt = {
  documentId: "a",
  sha256: "a",
  reading: { ...fact, confidence: 0.996, precision: "day" },
};
const demands = { leastConfidence: 0, hourRequired: false };

describe("demandedReceipt", () => {
  it("leaves alone what meets the demands", () => {
    expect(demandedReceipt(receipt, { ...demands, leastConfidence: 0.996 })).toEqual({
      ...receipt,
      reading: fact,
    });
    expect(demandedReceipt({ ...receipt, reading: null }, demands)).toMatchObject({
      reading: null,
    });
  });

  it("relies on no timestamp that is less probable than is asked", () => {
    expect(demandedReceipt(receipt, { ...demands, leastConfidence: 0.9961 })).toMatchObject({
      reading: {
        verdict: "MANUAL_REVIEW",
        reasonCodes: ["TIMESTAMP_LOW_CONFIDENCE"],
        timestamp: null,
      },
    });
  });

  it("asks a person where an hour is required and only the day was read", () => {
    expect(demandedReceipt(receipt, { ...demands, hourRequired: true })).toMatchObject({
      reading: { verdict: "MANUAL_REVIEW", reasonCodes: ["HOUR_MISSING"], timestamp: "2026-11-05" },
    });
  });

  it("accepts nothing that the reader did not", () => {
    const reading = {
      ...receipt.reading,
      verdict: "MANUAL_REVIEW",
      reasonCodes: ["UNREADABLE"],
      timestamp: null,
    };
    expect(
      demandedReceipt({ ...receipt, reading }, { leastConfidence: 1, hourRequired: true }),
    ).toMatchObject({
      reading: { verdict: "MANUAL_REVIEW", reasonCodes: ["HOUR_MISSING", "UNREADABLE"] },
    });
  });
});
