import { hash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { ExpenseFacts } from "./facts.ts";
import { deadlinePassed, missingFacts } from "./missing-facts.ts";
import { perRuleSet } from "./per-rule-set.ts";
import type { Rule } from "./rule.ts";
import { ruleDate, rulesInForce } from "./rules-in-force.ts";
import { storedFacts } from "./stored-facts.ts";

/** To be raised whenever the same facts and rows may give another decision than before. */
const LOGIC_VERSION = 2;

/** Names the rules that decide these facts: version of the code, and hash of the rows in force. */
export function ruleVersion(facts: Pick<ExpenseFacts, "rules" | "expense">): string {
  return versionOn(facts.rules, ruleDate(facts.expense));
}

/** The version of the code in such a name. */
export function logicVersionOf(version: string): string {
  return version.split(".", 1)[0] ?? "";
}

const versionOn = perRuleSet(
  (rules, date) =>
    `${LOGIC_VERSION}.${sha256(canonicalJson([...rulesInForce(rules, date)])).slice(0, 12)}`,
);

/**
 * SHA-256 (hex) of the canonical JSON of all on which the decision rests, in the stored form.
 *
 * Two things are replaced so that the same knowledge has the same hash. `asOf` gives way to whether
 * the deadline of a fact that is still missing has passed: that is all it can change, so validating a
 * second time, an hour or a year later, gives the same hash, and it changes exactly when the answer
 * may. `rules` gives way to the version of the rows in force: a row for next year changes nothing.
 */
export function factsHash(facts: ExpenseFacts): string {
  return sha256(hashedFacts(facts));
}

let lastHashed: { facts: ExpenseFacts; text: string } | undefined;

/** The text whose hash `factsHash` is; it is kept with the decision. That of the last facts is remembered. */
export function hashedFacts(facts: ExpenseFacts): string {
  if (lastHashed?.facts === facts) return lastHashed.text;
  const { asOf: _, ...rest } = storedFacts(facts);
  const overdue = missingFacts(facts).length > 0 && deadlinePassed(facts);
  const text = canonicalJson({ ...rest, overdue, ruleVersion: ruleVersion(facts) });
  lastHashed = { facts, text };
  return text;
}

/** SHA-256 (hex) of a whole set of rules, whatever their order: under it the set is stored once. */
export function ruleSetHash(rules: readonly Rule[]): string {
  return hashOfSet(rules, "");
}

const hashOfSet = perRuleSet((rules) => {
  const key = ({ code, version }: Rule) => `${code} ${String(version).padStart(10, "0")}`;
  return sha256(canonicalJson([...rules].sort((one, other) => (key(one) < key(other) ? -1 : 1))));
});

function sha256(text: string): string {
  return hash("sha256", text, "hex");
}
