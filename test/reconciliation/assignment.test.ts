import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { bestAssignment } from "../../src/reconciliation/assignment.ts";
import { components } from "../../src/reconciliation/components.ts";

function totalWeight(
  weights: readonly (readonly (number | undefined)[])[],
  chosen: readonly number[],
): number {
  return chosen.reduce((sum, column, row) => sum + (weights[row]?.[column] ?? 0), 0);
}

/** Tries every assignment. */
function bruteForce(
  weights: readonly (readonly (number | undefined)[])[],
  row = 0,
  used = 0,
): number {
  const line = weights[row];
  if (!line) return 0;
  let best = bruteForce(weights, row + 1, used);
  for (const [column, weight] of line.entries()) {
    if (weight === undefined || used & (1 << column)) continue;
    best = Math.max(best, weight + bruteForce(weights, row + 1, used | (1 << column)));
  }
  return best;
}

const matrix = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .chain(([rows, columns]) =>
    fc.array(
      fc.array(fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }), {
        minLength: columns,
        maxLength: columns,
      }),
      { minLength: rows, maxLength: rows },
    ),
  );

describe("bestAssignment", () => {
  it("is as good as the best of all assignments, and uses each side once", () => {
    fc.assert(
      fc.property(matrix, (weights) => {
        const chosen = bestAssignment(weights);
        const taken = chosen.filter((column) => column >= 0);
        expect(new Set(taken).size).toBe(taken.length);
        chosen.forEach((column, row) => {
          if (column >= 0) expect(weights[row]?.[column]).toBeDefined();
        });
        expect(totalWeight(weights, chosen)).toBe(bruteForce(weights));
      }),
      { numRuns: 500 },
    );
  });

  it("has nothing to assign in an empty matrix", () => {
    expect(bestAssignment([])).toEqual([]);
  });
});

describe("components", () => {
  it("keeps together what shares a row or a column, and nothing else", () => {
    const edge = (row: number, column: number) => ({ row, column, weight: 1 });
    expect(components([edge(0, 0), edge(1, 1), edge(0, 2), edge(2, 2)])).toEqual([
      [edge(0, 0), edge(0, 2), edge(2, 2)],
      [edge(1, 1)],
    ]);
    expect(components([])).toEqual([]);
  });
});
