import { hash } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "./canonical-json.ts";
import { decide } from "./decide.ts";
import { ruleSetHash, ruleVersion } from "./facts-hash.ts";
import type { Rule } from "./rule.ts";
import { readFacts } from "./stored-facts.ts";

const json = z.json();
const hashedForm = z.looseObject({ overdue: z.boolean().optional(), ruleVersion: z.string() });

/** What an erasure leaves of a decision's facts (blindagem_private.erase_rows). */
const ERASED_FACTS = '{"erased":true}';

/** A decision as it was stored, with the rules that it names. */
export interface StoredDecision {
  status: string;
  /** As JSON gives them. */
  reasons: unknown;
  ruleVersion: string;
  /** SHA-256 (hex) of the facts' text. */
  factsHash: string;
  /** Hash (hex) of the set of rules. */
  ruleSet: string;
  facts: string;
  rules: readonly Rule[];
  /** The instant at which it was made. */
  asOf: Date;
  /** False for decisions of before the facts were kept as the very text that is hashed. */
  isCanonical: boolean;
}

export type ReplayDifference =
  /** The facts were erased, as personal data of the payee: it cannot be repeated. */
  | { code: "FACTS_ERASED" }
  /** The facts are not those whose hash the decision bears. */
  | { code: "FACTS_ALTERED" }
  /** The rules are not those whose hash it bears. */
  | { code: "RULES_ALTERED" }
  /** The facts do not have the shape that this version reads. */
  | { code: "FACTS_UNREADABLE" }
  /** Another version of the logic made it: it cannot be repeated by this one. */
  | { code: "OTHER_LOGIC"; stored: string; now: string }
  | { code: "OTHER_STATUS"; stored: string; replayed: string }
  | { code: "OTHER_REASONS"; stored: string[]; replayed: string[] };

/**
 * Makes a decision again from what is stored of it, by the rules of then, and says how it differs. Pure.
 *
 * What was altered is not decided again: what would come of it says nothing.
 */
export function replayDecision(stored: StoredDecision): ReplayDifference[] {
  if (stored.facts === ERASED_FACTS) return [{ code: "FACTS_ERASED" }];
  const content = json.parse(JSON.parse(stored.facts));
  const hashed = stored.isCanonical ? stored.facts : canonicalJson(content);
  if (hash("sha256", hashed, "hex") !== stored.factsHash) return [{ code: "FACTS_ALTERED" }];
  if (ruleSetHash(stored.rules) !== stored.ruleSet) return [{ code: "RULES_ALTERED" }];
  const facts = factsOf(content, stored);
  if (facts === undefined) return [{ code: "FACTS_UNREADABLE" }];
  const version = ruleVersion(facts);
  if (version !== stored.ruleVersion) {
    return [{ code: "OTHER_LOGIC", stored: stored.ruleVersion, now: version }];
  }
  const again = decide(facts);
  if (again.status !== stored.status) {
    return [{ code: "OTHER_STATUS", stored: stored.status, replayed: again.status }];
  }
  if (canonicalJson(json.parse(again.reasons)) === canonicalJson(json.parse(stored.reasons)))
    return [];
  return [
    { code: "OTHER_REASONS", stored: codesOf(stored.reasons), replayed: codesOf(again.reasons) },
  ];
}

/** Two fields were put in place of others when the facts were hashed (facts-hash.ts). */
function factsOf(content: unknown, { rules, asOf }: StoredDecision) {
  try {
    const { overdue: _, ruleVersion: __, ...rest } = hashedForm.parse(content);
    return readFacts({ ...rest, asOf: asOf.toISOString() }, [...rules]);
  } catch {
    return undefined;
  }
}

function codesOf(reasons: unknown): string[] {
  return Array.isArray(reasons) ? reasons.map((reason) => String(reason?.code)) : [];
}
