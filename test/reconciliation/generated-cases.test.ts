import { describe, expect, it } from "@jest/globals";
import { generateCase } from "../bench/reconciliation/generate.ts";
import { recallOf, Score } from "../bench/reconciliation/score.ts";

/** Not those by which the weights were set: these came later. */
const FIRST_SEED = 1_000_001;
const CASES = 250;

/** Least recall of shapes that are often nameless, so that nobody can know; of all others 93 in a hundred. */
const FLOORS: Readonly<Record<string, number>> = {
  discount: 0.85,
  "fine and interest": 0.85,
  "several debits, one expense": 0.75,
  "one debit, several expenses of a supplier": 0.9,
  "came back, paid again": 0.9,
};

describe("generated cases of known truth", () => {
  const score = new Score();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) score.add(generateCase(seed));

  it("yield no wrong link, and no refund as income", () => {
    expect(score.wrong).toEqual([]);
    expect(score.phantomIncome).toEqual([]);
  });

  it("yield nearly all payments, and all refunds", () => {
    expect(recallOf(score.payments)).toBeGreaterThanOrEqual(0.97);
    expect(recallOf(score.refunds)).toBeGreaterThanOrEqual(0.99);
    expect(recallOf(score.reversals)).toBe(1);
    expect(recallOf(score.orphans)).toBe(1);
    expect(recallOf(score.income)).toBe(1);
    for (const [shape, { links, found }] of score.payments) {
      expect([shape, found / links >= (FLOORS[shape] ?? 0.93)]).toEqual([shape, true]);
    }
  });

  it("leave to a person what only a person can know", () => {
    expect(recallOf(score.questions)).toBe(1);
  });

  it("are the same for the same seed", () => {
    expect(generateCase(7)).toEqual(generateCase(7));
  });
});
