import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decide } from "../../src/validation/decide.ts";
import type { ExpenseFacts } from "../../src/validation/facts.ts";
import { hashedFacts, ruleSetHash } from "../../src/validation/facts-hash.ts";
import { replayDecision, type StoredDecision } from "../../src/validation/replay.ts";
import { arbitraryFacts } from "./arbitrary-facts.ts";
import { exampleFacts } from "./example-facts.ts";

/** A decision as it is stored. */
function stored(facts: ExpenseFacts): StoredDecision {
  const { status, reasons, ruleVersion, factsHash } = decide(facts);
  return {
    status,
    reasons: JSON.parse(JSON.stringify(reasons)),
    ruleVersion,
    factsHash,
    ruleSet: ruleSetHash(facts.rules),
    facts: hashedFacts(facts),
    rules: facts.rules,
    asOf: new Date(facts.asOf),
    isCanonical: true,
  };
}

describe("replayDecision", () => {
  it("finds no difference in what was stored as it was decided, whatever the facts", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        expect(replayDecision(stored(facts))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  const decision = stored(exampleFacts());
  it.each<[string, Partial<StoredDecision>, string]>([
    ["another status", { status: "REJECTED" }, "OTHER_STATUS"],
    [
      "another reason",
      { reasons: [{ code: "ANY", severity: "NOTE", evidence: {} }] },
      "OTHER_REASONS",
    ],
    ["facts with a digit changed", { facts: decision.facts.replace(/\d/, "9") }, "FACTS_ALTERED"],
    ["a rule less", { rules: decision.rules.slice(1) }, "RULES_ALTERED"],
    ["the rules of another version", { ruleVersion: "0.000000000000" }, "OTHER_LOGIC"],
  ])("tells %s", (_, change, code) => {
    expect(replayDecision({ ...decision, ...change })).toMatchObject([{ code }]);
  });

  it("reads facts of before they were kept as they are hashed", () => {
    const facts = JSON.stringify(JSON.parse(decision.facts), null, 1);
    expect(replayDecision({ ...decision, facts, isCanonical: false })).toEqual([]);
    expect(replayDecision({ ...decision, facts })).toEqual([{ code: "FACTS_ALTERED" }]);
  });
});
