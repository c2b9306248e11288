import { type ExpenseFacts, expenseFacts, type StoredFacts } from "./facts.ts";

/** All but the rules, which are stored as a set of their own. */
export const factsWithoutRules = expenseFacts.omit({ rules: true });

type Stored = Omit<StoredFacts, "rules">;

const known = new WeakMap<ExpenseFacts, Stored>();

/** Facts as they are hashed and stored. */
export function storedFacts(facts: ExpenseFacts): Stored {
  const { rules: _, ...rest } = facts;
  return known.get(facts) ?? factsWithoutRules.encode(rest);
}

/**
 * Reads facts from their stored form and remembers it: writing it anew took as long as reading.
 *
 * @throws ZodError when it is not of the facts' shape
 */
export function readFacts(stored: unknown, rules: ExpenseFacts["rules"]): ExpenseFacts {
  const facts = { ...factsWithoutRules.parse(stored), rules };
  known.set(facts, stored as Stored);
  return facts;
}
