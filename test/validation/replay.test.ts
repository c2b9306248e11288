import { hash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { decide } from "../../src/validation/decide.ts";
import type { ExpenseFacts } from "../../src/validation/facts.ts";
import { hashedFacts, ruleSetHash } from "../../src/validation/facts-hash.ts";
import { replayDecision, type StoredDecision } from "../../src/validation/replay.ts";
import { arbitraryFacts } from "./arbitrary-facts.ts";
import { changed, exampleFacts } from "./example-facts.ts";

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
    isOfOlder: false,
    isErased: false,
  };
}

/** The same with other facts and a hash that fits them: what the expense bears is another. */
function withFacts(decision: StoredDecision, facts: string): StoredDecision {
  return { ...decision, facts, factsHash: hash("sha256", facts, "hex") };
}

describe("replayDecision", () => {
  it("finds no difference in what was stored as it was decided, whatever the facts", () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const decision = stored(facts);
        expect(replayDecision(decision, decision.factsHash)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  const decision = stored(exampleFacts());
  const attested = decision.factsHash;
  const erased = { facts: '{"erased":true}' };
  const otherLogic = withFacts(
    { ...decision, ruleVersion: "0.000000000000" },
    decision.facts.replace(decision.ruleVersion, "0.000000000000"),
  );

  it.each<[string, Partial<StoredDecision>, string]>([
    ["another status", { status: "REJECTED" }, "OTHER_STATUS"],
    [
      "another reason",
      { reasons: [{ code: "ANY", severity: "NOTE", evidence: {} }] },
      "OTHER_REASONS",
    ],
    ["facts with a digit changed", { facts: decision.facts.replace(/\d/, "9") }, "FACTS_ALTERED"],
    [
      "facts with a digit changed, and the hash with them",
      withFacts(decision, decision.facts.replace(/\d/, "9")),
      "FACTS_ALTERED",
    ],
    ["facts that are no JSON", withFacts(decision, "{"), "FACTS_ALTERED"],
    ["facts that nobody erased, put down as erased", erased, "FACTS_ALTERED"],
    ["a rule less", { rules: decision.rules.slice(1) }, "RULES_ALTERED"],
    [
      "the rules of another set",
      { rules: decision.rules.slice(1), ruleSet: ruleSetHash(decision.rules.slice(1)) },
      "RULES_ALTERED",
    ],
    [
      "a version that the facts do not tell, as if it could not be made again",
      { ruleVersion: "0.000000000000" },
      "RULES_ALTERED",
    ],
  ])("tells %s", (_, change, code) => {
    expect(replayDecision({ ...decision, ...change }, attested)).toMatchObject({ code });
  });

  it("tells that the decision is gone", () => {
    expect(replayDecision(undefined, attested)).toEqual({ code: "DECISION_MISSING" });
  });

  it("tells a decision on an expense that no machine decided", () => {
    expect(replayDecision(decision, null)).toEqual({ code: "FACTS_ALTERED" });
  });

  it("tells another instant where it changes whether a deadline had passed", () => {
    const waiting = changed(exampleFacts(), (facts) => {
      facts.supplier = { state: "MISSING" };
    });
    const overdue = stored({ ...waiting, asOf: waiting.deadline });
    const earlier = { ...overdue, asOf: new Date(Date.parse(waiting.deadline) - 1) };
    expect(replayDecision(overdue, overdue.factsHash)).toBeUndefined();
    expect(replayDecision(earlier, overdue.factsHash)).toEqual({ code: "FACTS_ALTERED" });
  });

  it("does not make again what another version of the logic decided", () => {
    expect(replayDecision(otherLogic, otherLogic.factsHash)).toEqual({
      code: "OTHER_LOGIC",
      stored: "0.000000000000",
      now: decision.ruleVersion,
    });
  });

  it("does not make again what was erased by an erasure", () => {
    expect(replayDecision({ ...decision, ...erased, isErased: true }, attested)).toEqual({
      code: "FACTS_ERASED",
    });
  });

  it("reads facts of before they were kept as they are hashed, and expenses of before they bore the hash", () => {
    const facts = JSON.stringify(JSON.parse(decision.facts), null, 1);
    const older = { ...decision, facts, isCanonical: false };
    expect(replayDecision(older, attested)).toBeUndefined();
    expect(replayDecision({ ...older, isOfOlder: true }, null)).toBeUndefined();
    expect(replayDecision(older, null)).toEqual({ code: "FACTS_ALTERED" });
    expect(replayDecision({ ...decision, facts }, attested)).toEqual({ code: "FACTS_ALTERED" });
  });
});
