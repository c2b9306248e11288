import { describe, expect, it } from "@jest/globals";
import { agrees, gross, net, retained, retainedOf, share } from "../../src/validation/amounts.ts";
import { exampleFacts } from "./example-facts.ts";

describe("the amounts of an expense", () => {
  const { expense } = exampleFacts();

  it("are gross less retained is net: R$ 10,000 of cleaning is a debit of R$ 7,935", () => {
    expect([gross(expense), retained(expense), net(expense)]).toEqual([
      1_000_000n,
      206_500n,
      793_500n,
    ]);
  });

  it("tell no retention from one of nothing", () => {
    expect(retainedOf(expense, "IRRF")).toBeNull();
    expect(retainedOf(expense, "INSS")).toBe(110_000n);
  });

  it("take a credit note without its sign", () => {
    expect(gross({ ...expense, grossAmount: -500n })).toBe(500n);
  });
});

describe("a rate", () => {
  it.each([
    [1_000_000n, 1100, 110_000n],
    [1_000_000n, 465, 46_500n],
    [10n, 500, 1n],
    [9n, 500, 0n],
  ])(
    "of %s centavos at %s basis points is %s, half a centavo rounded up",
    (amount, rate, expected) => {
      expect(share(amount, rate)).toBe(expected);
    },
  );

  it("is met within the tolerance, on either side", () => {
    expect([98n, 99n, 100n, 101n, 102n].map((one) => agrees(one, 100n, 1n))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});
