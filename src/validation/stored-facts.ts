import { type ExpenseFacts, expenseFacts, type StoredFacts } from "./facts.ts";

/** All but the rules, which are stored as a set of their own. */
export const factsWithoutRules = expenseFacts.omit({ rules: true });

type Stored = Omit<StoredFacts, "rules">;

let lastRead: { facts: ExpenseFacts; stored: Stored } | undefined;

/** Facts as they are hashed and stored. */
export function storedFacts(facts: ExpenseFacts): Stored {
  if (lastRead?.facts === facts) return lastRead.stored;
  const { rules: _, ...rest } = facts;
  return factsWithoutRules.encode(rest);
}

/**
 * Reads facts from their stored form and remembers it until others are read: writing it anew took as long as reading, and
 * all of a chunk's were a third of what the garbage collector had to do.
 *
 * @throws ZodError when it is not of the facts' shape
 */
export function readFacts(stored: unknown, rules: ExpenseFacts["rules"]): ExpenseFacts {
  const facts = { ...factsWithoutRules.parse(stored), rules };
  lastRead = { facts, stored: stored as Stored };
  return facts;
}
