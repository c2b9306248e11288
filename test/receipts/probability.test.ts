import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  CERTIFICATE,
  dayProbability,
  hourProbability,
  LEAST_PROBABILITY,
  type Traits,
} from "../../src/receipts/probability.ts";
import { upperBound } from "../../src/receipts/share.ts";

const traits: fc.Arbitrary<Traits> = fc.record({
  surest: fc.double({ min: -4.6, max: 4.6, noNaN: true }),
  agreeing: fc.integer({ min: 0, max: 3 }),
  against: fc.integer({ min: 0, max: 3 }),
  witnesses: fc.integer({ min: 0, max: 3 }),
  labelled: fc.constantFrom(0, 1),
  evenInk: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe("the probability of a day, and of an hour", () => {
  it("never falls with a look that agrees or a witness, nor rises with a look that does not", () => {
    fc.assert(
      fc.property(
        traits,
        fc.constantFrom(dayProbability, hourProbability),
        (given, probability) => {
          const before = probability(given);
          expect(probability({ ...given, agreeing: given.agreeing + 1 })).toBeGreaterThanOrEqual(
            before,
          );
          expect(probability({ ...given, witnesses: given.witnesses + 1 })).toBeGreaterThanOrEqual(
            before,
          );
          expect(probability({ ...given, against: given.against + 1 })).toBeLessThanOrEqual(before);
        },
      ),
    );
  });

  it("is accepted from a threshold on whose certificate keeps what it promises", () => {
    const { accepted, wrong, risk, confidence, bound } = CERTIFICATE;
    expect(bound).toBeLessThanOrEqual(risk);
    expect(upperBound(wrong, accepted, 1 - confidence)).toBeCloseTo(bound, 5);
    expect(LEAST_PROBABILITY).toBeGreaterThan(0.9);
  });
});
