import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { decide } from "../../src/validation/decide.ts";
import { expenseFacts } from "../../src/validation/facts.ts";
import { factsHash, ruleVersion } from "../../src/validation/facts-hash.ts";
import { changed, exampleFacts, readingOf } from "./example-facts.ts";

describe("the hash of the facts", () => {
  it("is the one that was stored with the decision", () => {
    const path = "../fixtures/validation/cleaning-note.decision.json";
    const stored: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
    const { status, reasons, factsHash, ruleVersion } = decide(exampleFacts());
    expect({ status, reasons, factsHash, ruleVersion }).toEqual(stored);
  });

  it("changes with any fact", () => {
    const hashes = [
      exampleFacts(),
      changed(exampleFacts(), ({ expense }) => {
        expense.grossAmount += 1n;
      }),
      changed(exampleFacts(), (facts) => {
        readingOf(facts).timestamp = "2026-11-03T09:30:01-03:00";
      }),
      changed(exampleFacts(), ({ thresholds }) => {
        thresholds.receiptDays = 14;
      }),
      changed(exampleFacts(), ({ rules: [rule] }) => {
        if (rule) rule.severity = "BLOCK";
      }),
    ].map(factsHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("does not change with the zone in which PostgreSQL writes its instants", () => {
    const stored = expenseFacts.encode(exampleFacts());
    const elsewhere = expenseFacts.parse({
      ...stored,
      deadline: "2026-11-08T09:00:00-03:00",
      expense: { ...stored.expense, submittedAt: "2026-11-05T12:00:00.000000+00:00" },
    });
    expect(factsHash(elsewhere)).toBe(factsHash(exampleFacts()));
  });

  it("does not change with a rule that is in force on other dates only", () => {
    const more = changed(exampleFacts(), ({ rules: [rule, ...rest] }) => {
      if (rule) rest.push({ ...rule, version: 9, validFrom: "2030-01-01" });
    });
    expect(factsHash(more)).toBe(factsHash(exampleFacts()));
    expect(ruleVersion(more)).toBe(ruleVersion(exampleFacts()));
  });
});

describe("the stored form", () => {
  it("refuses what is no amount, no date, no known rule", () => {
    const stored = expenseFacts.encode(exampleFacts());
    const [rule] = stored.rules;
    const bad = [
      { ...stored, expense: { ...stored.expense, grossAmount: "1.234,56" } },
      { ...stored, expense: { ...stored.expense, issueDate: "2026-02-30" } },
      { ...stored, rules: [{ ...rule, code: "UNHEARD_OF" }] },
      { ...stored, rules: [{ ...rule, code: "RETENTION_CSRF_UNEXPECTED", parameters: {} }] },
      { ...stored, surprise: true },
    ];
    for (const one of bad) expect(expenseFacts.safeParse(one).success).toBe(false);
  });
});
