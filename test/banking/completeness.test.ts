import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type CoveredPeriod, statementExceptions } from "../../src/banking/completeness.ts";
import { addDays } from "../../src/calendar/brasilia.ts";

const period = (
  from: string,
  to: string,
  opening: bigint | null,
  closing: bigint | null,
): CoveredPeriod => ({
  from,
  to,
  opening,
  closing,
});
const moved = new Map([
  ["2026-11-05", -100n],
  ["2026-11-20", 40n],
]);
const kinds = (periods: CoveredPeriod[], provided: { from: string; to: string } | null = null) =>
  statementExceptions(periods, moved, provided).map(({ kind, from, to }) => [kind, from, to]);

describe("statementExceptions", () => {
  it("finds none where statements join and add up", () => {
    expect(
      kinds([
        period("2026-11-16", "2026-11-30", 900n, 940n),
        period("2026-11-01", "2026-11-15", 1000n, 900n),
      ]),
    ).toEqual([]);
  });

  it("finds movements that do not make the closing balance", () => {
    expect(
      statementExceptions([period("2026-11-01", "2026-11-15", 1000n, 880n)], moved, null),
    ).toEqual([
      { kind: "MOVEMENTS", from: "2026-11-01", to: "2026-11-15", expected: 880n, found: 900n },
    ]);
  });

  it("finds a beginning that is not the end before, across days without statement, too", () => {
    const first = period("2026-11-01", "2026-11-15", 1000n, 900n);
    expect(kinds([first, period("2026-11-16", "2026-11-30", 910n, 950n)])).toEqual([
      ["DIFFERENCE", "2026-11-16", "2026-11-16"],
    ]);
    expect(kinds([first, period("2026-12-01", "2026-12-31", 940n, 940n)])).toEqual([]);
    expect(kinds([first, period("2026-12-01", "2026-12-31", 900n, 900n)])).toEqual([
      ["DIFFERENCE", "2026-11-16", "2026-11-30"],
    ]);
  });

  it("finds days of which nobody tells, where no balances show that nothing is missing", () => {
    const both = [
      period("2026-11-01", "2026-11-15", null, null),
      period("2026-12-01", "2026-12-31", null, null),
    ];
    expect(kinds(both)).toEqual([["GAP", "2026-11-16", "2026-11-30"]]);
    expect(kinds(both, { from: "2026-10-01", to: "2026-12-05" })).toEqual([]);
    expect(kinds(both, { from: "2026-11-20", to: "2026-12-05" })).toHaveLength(1);
  });

  it("finds none in statements of any cut, overlap or gap of one sound account", () => {
    const days = fc.array(fc.bigInt({ min: -1000n, max: 1000n }), { minLength: 3, maxLength: 20 });
    const cuts = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        days,
        cuts,
        fc.nat(19),
        fc.bigInt({ min: 1n, max: 9n }),
        (amounts, ranges, at, error) => {
          const day = (index: number) => addDays("2026-11-01", index);
          const sums = new Map(amounts.map((amount, index) => [day(index), amount]));
          const balance = (before: number) =>
            amounts.slice(0, before).reduce((sum, one) => sum + one, 5000n);
          const periods = ranges.map(([a, b]) => {
            const first = Math.min(a, b) % amounts.length;
            const last = Math.max(first, Math.max(a, b) % amounts.length);
            return period(day(first), day(last), balance(first), balance(last + 1));
          });
          expect(statementExceptions(periods, sums, null)).toEqual([]);
          const touched = at % amounts.length;
          const wrong = new Map([...sums, [day(touched), (amounts[touched] ?? 0n) + error]]);
          const isWithin = periods.some(
            ({ from, to }) => from <= day(touched) && to >= day(touched),
          );
          if (isWithin) expect(statementExceptions(periods, wrong, null)).not.toEqual([]);
        },
      ),
    );
  });
});
