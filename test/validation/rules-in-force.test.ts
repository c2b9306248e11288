import { describe, expect, it } from "@jest/globals";
import { decide } from "../../src/validation/decide.ts";
import type { Rule } from "../../src/validation/rule.ts";
import { RULE_CODES } from "../../src/validation/rule-code.ts";
import { DEFAULT_RULES } from "../../src/validation/rule-set.ts";
import { ruleDate, ruleSetReasons, rulesInForce } from "../../src/validation/rules-in-force.ts";
import { changed, exampleFacts, readingOf } from "./example-facts.ts";

const csrf = (rules: readonly Rule[]) =>
  rules.find(({ code }) => code === "RETENTION_CSRF_UNEXPECTED")?.parameters.rateBasisPoints;

describe("the date whose rules apply", () => {
  it("is the issue date, else the first day of the competence", () => {
    const { expense } = exampleFacts();
    expect(ruleDate(expense)).toBe("2026-11-03");
    expect(ruleDate({ ...expense, issueDate: null })).toBe("2026-11-01");
  });
});

describe("the rules in force", () => {
  it("are one row of each code today", () => {
    expect(rulesInForce(DEFAULT_RULES, "2026-11-03").map(({ code }) => code)).toEqual([
      ...RULE_CODES,
    ]);
  });

  it("change on the first day of 2027, when PIS and Cofins leave", () => {
    expect(csrf(rulesInForce(DEFAULT_RULES, "2026-12-31"))).toBe(465);
    expect(csrf(rulesInForce(DEFAULT_RULES, "2027-01-01"))).toBe(100);
  });

  it("hold the newest version where two overlap", () => {
    const [rule] = DEFAULT_RULES;
    const rows = rule ? [rule, { ...rule, version: 2, severity: "BLOCK" as const }] : [];
    expect(rulesInForce(rows, "2026-11-03")).toEqual(rows.slice(1));
  });

  it("never overlap in the default rule set, nor leave a gap within a code", () => {
    for (const code of RULE_CODES) {
      const rows = DEFAULT_RULES.filter((rule) => rule.code === code);
      expect(rows.at(-1)?.validTo).toBeNull();
      for (const [index, { validTo }] of rows.slice(0, -1).entries()) {
        const next = new Date(Date.parse(`${validTo}T00:00:00Z`) + 86_400_000);
        expect(rows[index + 1]?.validFrom).toBe(next.toISOString().slice(0, 10));
      }
    }
  });
});

describe("the decision under a rule of another date", () => {
  it("judges the same retention by the day of the note", () => {
    const inJanuary = changed(exampleFacts(), (facts) => {
      facts.expense.issueDate = "2027-01-04";
      facts.expense.dueDate = "2027-01-20";
      for (const index of [0, 1]) readingOf(facts, index).timestamp = "2027-01-04";
      readingOf(facts, 1).dueDate = "2027-01-20";
    });
    expect(decide(exampleFacts()).status).toBe("APPROVED");
    expect(decide(inJanuary)).toMatchObject({
      status: "MANUAL_REVIEW",
      reasons: [{ code: "RETENTION_CSRF_UNEXPECTED", evidence: { expected: "100.00" } }],
    });
  });
});

describe("the rule set itself", () => {
  it("calls a person when a rule has no row at all: nothing is approved unchecked", () => {
    const decision = decide(
      changed(exampleFacts(), (facts) => {
        facts.rules = [];
      }),
    );
    expect(decision).toMatchObject({
      status: "MANUAL_REVIEW",
      reasons: [{ code: "RULE_SET_INCOMPLETE", severity: "REVIEW" }],
    });
  });

  it("notes which rules were not yet, or no longer, in force", () => {
    expect(ruleSetReasons(DEFAULT_RULES, "1998-12-31")).toEqual([
      {
        code: "RULE_NOT_IN_FORCE",
        severity: "NOTE",
        evidence: {
          date: "1998-12-31",
          rules: [
            "RETENTION_INSS_UNEXPECTED",
            "RETENTION_INSS_MISSING",
            "SIMPLES_CEDED_LABOUR",
            "RETENTION_CSRF_UNEXPECTED",
          ],
        },
      },
    ]);
  });
});
