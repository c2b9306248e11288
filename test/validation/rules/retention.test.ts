import { describe, expect, it } from "@jest/globals";
import { decide } from "../../../src/validation/decide.ts";
import type { ExpenseFacts } from "../../../src/validation/facts.ts";
import { changed, companyOf, exampleFacts } from "../example-facts.ts";

/** Without receipts, whose amounts would differ too. */
const codes = (...changes: ((facts: ExpenseFacts) => void)[]) =>
  decide(
    changed(
      exampleFacts(),
      (facts) => {
        facts.receipts = [];
        facts.expense.documentCount = 0;
        facts.requirements.receipt = false;
      },
      ...changes,
    ),
  ).reasons.map(({ code }) => code);

const withoutInss = ({ expense }: ExpenseFacts) => {
  expense.retentions = expense.retentions.filter(({ kind }) => kind !== "INSS");
};
const regime = (mei: boolean | null, simples: boolean | null) => (facts: ExpenseFacts) => {
  companyOf(facts).mei = mei;
  companyOf(facts).simples = simples;
};
const category = (name: string) => (facts: ExpenseFacts) => {
  facts.expense.category = name;
};

describe("INSS on ceded labour", () => {
  it.each([
    ["a company neither MEI nor of the Simples", false, false, ["RETENTION_INSS_MISSING"]],
    ["a company of unknown regime", null, null, ["RETENTION_INSS_MISSING"]],
    ["a company of the Simples", false, true, ["SIMPLES_CEDED_LABOUR"]],
    ["a MEI", true, true, []],
  ])("not retained from %s", (_, mei, simples, expected) => {
    expect(codes(withoutInss, regime(mei, simples))).toEqual(expected);
  });

  it.each([
    [false, false, true],
    [null, false, false],
    [false, null, false],
  ])("says whether the regime is known: MEI %s, Simples %s -> %s", (mei, simples, known) => {
    const facts = changed(exampleFacts(), withoutInss, regime(mei, simples));
    const reason = decide(facts).reasons.find(({ code }) => code === "RETENTION_INSS_MISSING");
    expect(reason?.evidence.regimeKnown).toBe(known);
  });

  it.each([
    ["LIMPEZA", ["RETENTION_INSS_MISSING"]],
    ["PORTARIA_ZELADORIA", ["RETENTION_INSS_MISSING"]],
    ["SEGURANCA_VIGILANCIA", ["RETENTION_INSS_MISSING"]],
    ["ELEVADORES", []],
  ])("is expected of %s: %j", (name, expected) => {
    expect(codes(withoutInss, category(name))).toEqual(expected);
  });

  it("is not expected of a credit note", () => {
    const creditNote = ({ expense }: ExpenseFacts) => {
      expense.documentKind = "CREDIT_NOTE";
    };
    expect(codes(withoutInss, creditNote)).toEqual([]);
  });

  it("is summed where the note splits it", () => {
    const split = ({ expense }: ExpenseFacts) => {
      expense.retentions = expense.retentions.filter(({ kind }) => kind !== "INSS");
      expense.retentions.push(
        { kind: "INSS", amount: 100_000n },
        { kind: "INSS", amount: 10_000n },
      );
    };
    expect(codes(split)).toEqual([]);
  });
});

describe("the sum of the retentions", () => {
  const one =
    (amount: bigint) =>
    ({ expense }: ExpenseFacts) => {
      expense.category = "ELEVADORES";
      expense.retentions = [{ kind: "ISS", amount }];
    };

  it.each([
    [999_999n, []],
    [1_000_000n, ["RETENTION_SUM_MISMATCH"]],
    [-1n, ["RETENTION_SUM_MISMATCH"]],
  ])("of %s centavos of R$ 10,000: %j", (amount, expected) => {
    expect(codes(one(amount))).toEqual(expected);
  });

  it("is broken by one that is negative among others, not by one of nothing", () => {
    const two = (amount: bigint) => (facts: ExpenseFacts) => {
      one(50_000n)(facts);
      facts.expense.retentions.push({ kind: "IRRF", amount });
    };
    expect(codes(two(-1n))).toEqual(["RETENTION_SUM_MISMATCH"]);
    expect(codes(two(0n))).toEqual([]);
  });
});
