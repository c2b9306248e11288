import { type ExpenseFacts, expenseFacts, type StoredFacts } from "./facts.ts";

/** All but the rules, which are stored as a set of their own. */
export const factsWithoutRules = expenseFacts.omit({ rules: true });

const encoded = new WeakMap<ExpenseFacts, Omit<StoredFacts, "rules">>();

/** Facts as they are hashed and stored; worked out once for both. */
export function storedFacts(facts: ExpenseFacts): Omit<StoredFacts, "rules"> {
  const { rules: _, ...rest } = facts;
  const stored = encoded.get(facts) ?? factsWithoutRules.encode(rest);
  encoded.set(facts, stored);
  return stored;
}
