import { describe, expect, it } from "@jest/globals";
import { decide } from "../../../src/validation/decide.ts";
import type { ExpenseFacts } from "../../../src/validation/facts.ts";
import { changed, exampleFacts } from "../example-facts.ts";

const codes = (change: (facts: ExpenseFacts) => void) =>
  decide(changed(exampleFacts(), change)).reasons.map(({ code }) => code);

describe("the approval limit", () => {
  it.each([
    [1_000_000n, []],
    [999_999n, ["APPROVAL_LIMIT"]],
  ])("of %s centavos for R$ 10,000: %j", (amount, expected) => {
    expect(
      codes((facts) => {
        facts.approvalLimit = { amount, requires: "CONDOMINIUM" };
        facts.otherExpensesInWindow = { count: 0, total: 0n };
      }),
    ).toEqual(expected);
  });

  it("does not bind a credit note, which pays nobody", () => {
    expect(
      codes((facts) => {
        facts.expense.documentKind = "CREDIT_NOTE";
        facts.approvalLimit = { amount: 1n, requires: "CONDOMINIUM" };
      }),
    ).toEqual([]);
  });
});

describe("splitting", () => {
  it("is no matter where there is no limit, or no other expense", () => {
    expect(
      codes((facts) => {
        facts.approvalLimit = null;
        facts.otherExpensesInWindow.total = 100_000_000n;
      }),
    ).toEqual([]);
    expect(
      codes((facts) => {
        facts.otherExpensesInWindow = { count: 0, total: 100_000_000n };
      }),
    ).toEqual([]);
  });

  it("is said of an expense that reaches the limit, with the sum as evidence", () => {
    const { reasons } = decide(
      changed(exampleFacts(), (facts) => {
        facts.approvalLimit = { amount: 1_000_000n, requires: "SECOND_APPROVER" };
        facts.otherExpensesInWindow = { count: 2, total: 1n };
      }),
    );
    expect(reasons).toEqual([
      {
        code: "SPLIT_BELOW_LIMIT",
        severity: "REVIEW",
        evidence: {
          amount: "10000.00",
          others: 2,
          sum: "10000.01",
          limit: "10000.00",
          days: 30,
        },
      },
    ]);
  });

  it("is not said of an expense that is above the limit by itself", () => {
    expect(
      codes((facts) => {
        facts.approvalLimit = { amount: 999_999n, requires: "SECOND_APPROVER" };
      }),
    ).toEqual(["APPROVAL_LIMIT"]);
  });
});

describe("the payee's account", () => {
  it.each([
    ["2026-11-04", "2026-11-05T02:59:00.000Z", ["PAYEE_ACCOUNT_CHANGED"]],
    ["2026-11-20", "2026-11-05T12:00:00.000Z", ["PAYEE_ACCOUNT_CHANGED"]],
    ["2026-10-05", "2026-11-05T02:59:00.000Z", ["PAYEE_ACCOUNT_CHANGED"]],
    ["2026-10-05", "2026-11-05T03:00:00.000Z", []],
  ])("changed on %s, submitted at %s: %j", (changedOn, submittedAt, expected) => {
    expect(
      codes((facts) => {
        facts.payeeAccountChangedOn = changedOn;
        facts.expense.submittedAt = submittedAt;
      }),
    ).toEqual(expected);
  });
});
