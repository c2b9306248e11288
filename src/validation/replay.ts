import { z } from "zod";
import { canonicalJson } from "./canonical-json.ts";
import { decide } from "./decide.ts";
import { factsHash, logicVersionOf, ruleSetHash, ruleVersion } from "./facts-hash.ts";
import { areAttested, ERASED_FACTS, type KeptFacts } from "./kept-facts.ts";
import type { Rule } from "./rule.ts";
import { readFacts } from "./stored-facts.ts";

const json = z.json();
const hashedForm = z.looseObject({ overdue: z.boolean().optional(), ruleVersion: z.string() });

/** A decision as it was stored, with the rules that it names. */
export interface StoredDecision extends KeptFacts {
  status: string;
  /** As JSON gives them. */
  reasons: unknown;
  ruleVersion: string;
  /** Hash (hex) of the set of rules. */
  ruleSet: string;
  rules: readonly Rule[];
  /** The instant at which it was made. */
  asOf: Date;
}

/** Why a decision cannot be made again. */
export type NotReplayed =
  /** The facts were erased, as personal data of the payee. */
  | { code: "FACTS_ERASED" }
  /** Another version of the logic made it. */
  | { code: "OTHER_LOGIC"; stored: string; now: string };

/** How what is stored differs from what was decided. */
export type ReplayDifference =
  /** The machine decided the expense, and its decision is gone. */
  | { code: "DECISION_MISSING" }
  /** The facts, or whether a deadline had passed, are not those whose hash the expense bears. */
  | { code: "FACTS_ALTERED" }
  /** The rules are not those whose hash it bears. */
  | { code: "RULES_ALTERED" }
  /** The facts do not have the shape that this version reads. */
  | { code: "FACTS_UNREADABLE" }
  | { code: "OTHER_STATUS"; stored: string; replayed: string }
  | { code: "OTHER_REASONS"; stored: string[]; replayed: string[] };

/**
 * Makes a decision again from what is stored of it, by the rules of then, and says how it differs, or why it cannot be made
 * again. Pure.
 *
 * What was altered is not decided again: what would come of it says nothing.
 *
 * @param stored undefined when there is none
 * @param attestedHash the hash of the facts that the expense bears, whose changes are in the log
 * @returns undefined when it comes out as it was
 */
export function replayDecision(
  stored: StoredDecision | undefined,
  attestedHash: string | null,
): ReplayDifference | NotReplayed | undefined {
  if (stored === undefined) return { code: "DECISION_MISSING" };
  if (!areAttested(stored, attestedHash)) return { code: "FACTS_ALTERED" };
  if (stored.facts === ERASED_FACTS) return { code: "FACTS_ERASED" };
  if (ruleSetHash(stored.rules) !== stored.ruleSet) return { code: "RULES_ALTERED" };
  const read = factsOf(stored);
  if (read === undefined) return { code: "FACTS_UNREADABLE" };
  const { facts, hashedVersion } = read;
  if (hashedVersion !== stored.ruleVersion) return { code: "RULES_ALTERED" };
  const now = ruleVersion(facts);
  if (logicVersionOf(now) !== logicVersionOf(stored.ruleVersion)) {
    return { code: "OTHER_LOGIC", stored: stored.ruleVersion, now };
  }
  if (now !== stored.ruleVersion) return { code: "RULES_ALTERED" };
  // All else that is hashed is the stored text: what differs is whether a deadline had passed.
  if (stored.isCanonical && factsHash(facts) !== stored.factsHash) return { code: "FACTS_ALTERED" };
  const again = decide(facts);
  if (again.status !== stored.status) {
    return { code: "OTHER_STATUS", stored: stored.status, replayed: again.status };
  }
  if (canonicalJson(json.parse(again.reasons)) === canonicalJson(json.parse(stored.reasons))) {
    return undefined;
  }
  return {
    code: "OTHER_REASONS",
    stored: codesOf(stored.reasons),
    replayed: codesOf(again.reasons),
  };
}

/** Two fields were put in place of others when the facts were hashed (facts-hash.ts). */
function factsOf({ facts, rules, asOf }: StoredDecision) {
  try {
    const { overdue: _, ruleVersion: hashedVersion, ...rest } = hashedForm.parse(JSON.parse(facts));
    return { facts: readFacts({ ...rest, asOf: asOf.toISOString() }, [...rules]), hashedVersion };
  } catch {
    return undefined;
  }
}

function codesOf(reasons: unknown): string[] {
  return Array.isArray(reasons) ? reasons.map((reason) => String(reason?.code)) : [];
}
