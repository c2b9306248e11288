import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { certify, PROMISED } from "../../src/receipts/risk-control.ts";
import { shareOf, upperBound } from "../../src/receipts/share.ts";

describe("upperBound", () => {
  it("is that of the rule of three without an error, and the published one with", () => {
    // 1 - 0.05^(1/n), and Clopper and Pearson's table for 1 of 100.
    expect(upperBound(0, 598, 0.05)).toBeCloseTo(0.004997, 5);
    expect(shareOf(1, 100).most).toBeCloseTo(0.0545, 4);
    expect(upperBound(0, 0, 0.05)).toBe(1);
  });

  it("lies above the share, falls with more documents and rises with more errors", () => {
    const errors = fc.integer({ min: 0, max: 20 });
    const documents = fc.integer({ min: 30, max: 2000 });
    fc.assert(
      fc.property(errors, documents, (wrong, of) => {
        const bound = upperBound(wrong, of, 0.05);
        expect(bound).toBeGreaterThan(wrong / of);
        expect(upperBound(wrong, of + 100, 0.05)).toBeLessThan(bound);
        expect(upperBound(wrong + 1, of, 0.05)).toBeGreaterThan(bound);
      }),
      { numRuns: 50 },
    );
  });
});

describe("certify", () => {
  const passed = (least: number, accepted: number, wrong: number) => ({ least, accepted, wrong });

  it("takes the loosest threshold before the first that does not keep the promise", () => {
    const sequence = [
      passed(0.999, 700, 0),
      passed(0.99, 1000, 1),
      passed(0.98, 1200, 6),
      passed(0.9, 5000, 6),
    ];
    expect(certify(sequence, PROMISED)).toMatchObject({ least: 0.99, accepted: 1000, wrong: 1 });
  });

  it("certifies nothing on too few documents", () => {
    expect(certify([passed(0.999, 597, 0)], PROMISED)).toBeUndefined();
    expect(certify([], PROMISED)).toBeUndefined();
  });
});
