import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { uniqueSubset } from "../../src/reconciliation/subset-sum.ts";

/** Tries every choice of two or more. */
function choices(items: readonly bigint[], target: bigint): number[][] {
  const found: number[][] = [];
  for (let mask = 0; mask < 1 << items.length; mask += 1) {
    const chosen = items.flatMap((_, at) => (mask & (1 << at) ? [at] : []));
    const sum = chosen.reduce((total, at) => total + (items[at] ?? 0n), 0n);
    if (sum === target && chosen.length > 1) found.push(chosen);
  }
  return found;
}

describe("uniqueSubset", () => {
  it("gives the one choice that adds up, and none where there are two", () => {
    const amount = fc.bigInt({ min: 1n, max: 1_000_000n });
    const items = fc.array(amount, { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(items, fc.nat(255), (amounts, mask) => {
        const target = amounts.reduce((sum, one, at) => (mask & (1 << at) ? sum + one : sum), 0n);
        const all = choices(amounts, target);
        const found = uniqueSubset(amounts, target);
        if (found) expect(all).toEqual([found]);
        // Of sums over so wide a range none is coincidence.
        else if (amounts.length <= 4 && amounts.every((one) => one > 1_000n)) {
          expect(all.length === 1 && !amounts.includes(target)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("takes all together however many they are", () => {
    const items = Array.from({ length: 60 }, () => 150_000n);
    expect(uniqueSubset(items, 9_000_000n)).toHaveLength(60);
    expect(uniqueSubset(items, 8_850_000n)).toBeUndefined();
  });

  it("proves nothing where a sum fits by chance", () => {
    // Of ten round amounts nearly every round sum is one of some.
    const items = [1n, 2n, 4n, 8n, 16n, 32n, 64n, 128n, 256n, 512n].map((one) => one * 10_000n);
    expect(choices(items, 7_000_000n)).toHaveLength(1);
    expect(uniqueSubset(items, 7_000_000n)).toBeUndefined();
  });
});
