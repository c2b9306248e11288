import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  expenseStatus,
  payableStatus,
  refundedShares,
} from "../../src/reconciliation/payment-status.ts";

describe("payableStatus", () => {
  it.each([
    ["UNPAID", 100n, []],
    ["PARTIALLY_PAID", 100n, [[40n, 0n]]],
    ["PAID", 100n, [[100n, 0n]]],
    [
      "PAID",
      100n,
      [
        [40n, 0n],
        [60n, 0n],
      ],
    ],
    ["PARTIALLY_REFUNDED", 100n, [[100n, 30n]]],
    ["REFUNDED", 100n, [[100n, 100n]]],
    [
      "PAID",
      100n,
      [
        [100n, 100n],
        [100n, 0n],
      ],
    ],
    [
      "PARTIALLY_PAID",
      100n,
      [
        [100n, 100n],
        [40n, 0n],
      ],
    ],
    ["PAID", -100n, [[-100n, 0n]]],
    ["PARTIALLY_PAID", -100n, [[-40n, 0n]]],
    ["PAID", 0n, []],
  ] as const)("%s: %s paid by %j", (status, amount, edges) => {
    expect(
      payableStatus(
        amount,
        edges.map(([paid, refunded]) => ({ amount: paid, refunded })),
      ),
    ).toBe(status);
  });
});

describe("expenseStatus", () => {
  const of = (...statuses: string[]) =>
    expenseStatus(statuses.map((status) => ({ kind: "SUPPLIER", status: status as never })));

  it("is that of its payables when they agree, and in between when not", () => {
    expect(of()).toBe("UNPAID");
    expect(of("PAID", "PAID")).toBe("PAID");
    expect(of("PAID", "UNPAID")).toBe("PARTIALLY_PAID");
    expect(of("REFUNDED", "UNPAID")).toBe("REFUNDED");
    expect(of("REFUNDED", "PAID")).toBe("PARTIALLY_REFUNDED");
    expect(of("PARTIALLY_REFUNDED", "UNPAID")).toBe("PARTIALLY_REFUNDED");
  });

  it("leaves credit notes out", () => {
    const note = { kind: "CREDIT_NOTE", status: "UNPAID" } as const;
    expect(expenseStatus([{ kind: "SUPPLIER", status: "PAID" }, note])).toBe("PAID");
    expect(expenseStatus([note])).toBe("UNPAID");
  });
});

describe("refundedShares", () => {
  it("gives a part to the one edge of that amount", () => {
    expect(refundedShares([100n, 50n], [50n])).toEqual([0n, 50n]);
    expect(refundedShares([100n, 50n, 50n], [50n])).toEqual([50n, 0n, 0n]);
    expect(refundedShares([1000n, -100n], [900n])).toEqual([1000n, -100n]);
  });

  it("never gives an edge more than it paid, and gives all that came back", () => {
    const amounts = fc.array(fc.bigInt({ min: 1n, max: 10_000n }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(amounts, amounts, (edges, refunds) => {
        const total = edges.reduce((sum, amount) => sum + amount, 0n);
        const back = refunds.reduce((sum, amount) => sum + amount, 0n);
        const shares = refundedShares(edges, refunds);
        expect(shares.every((share, at) => share >= 0n && share <= (edges[at] ?? 0n))).toBe(true);
        const given = shares.reduce((sum, amount) => sum + amount, 0n);
        expect(given === back || (given === total && back > total)).toBe(true);
      }),
    );
  });
});
