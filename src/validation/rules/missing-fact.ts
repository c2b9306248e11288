import { deadlinePassed, missingFacts } from "../missing-facts.ts";
import { type RuleFamily, reasonOf } from "./rule-function.ts";

/** What has not come by the deadline is not waited for: a person decides without it. */
export const missingFactRules = {
  FACT_MISSING: (facts, rule) => {
    const missing = missingFacts(facts);
    return missing.length > 0 && deadlinePassed(facts)
      ? [reasonOf(rule, { facts: missing, deadline: facts.deadline })]
      : [];
  },
} satisfies RuleFamily;
