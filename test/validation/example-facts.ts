import { readFileSync } from "node:fs";
import type { ExpenseFacts, ReadingFacts } from "../../src/validation/facts.ts";
import { expenseFacts } from "../../src/validation/facts.ts";
import { DEFAULT_RULES } from "../../src/validation/rule-set.ts";

type Company = Extract<ExpenseFacts["supplier"], { state: "FOUND" }>["company"];

const fixture: unknown = JSON.parse(
  readFileSync(new URL("../fixtures/validation/cleaning-note.json", import.meta.url), "utf8"),
);

/** An expense without fault: approved, and nothing to say about it. A fresh copy each time. */
export function exampleFacts(): ExpenseFacts {
  return expenseFacts.parse({ ...Object(fixture), rules: DEFAULT_RULES });
}

/** The facts with a change; those given stay as they are. */
export function changed(
  facts: ExpenseFacts,
  ...changes: ((facts: ExpenseFacts) => void)[]
): ExpenseFacts {
  const copy = structuredClone(facts);
  for (const change of changes) change(copy);
  return copy;
}

/** The company, where the facts have one; else a throw-away copy, so that changes may be combined. */
export function companyOf(facts: ExpenseFacts): Company {
  const { supplier } = facts;
  return supplier.state === "FOUND" ? supplier.company : companyOf(exampleFacts());
}

/** A receipt's reading, where the facts have one; else a throw-away copy. */
export function readingOf(facts: ExpenseFacts, index = 0): ReadingFacts {
  return facts.receipts[index]?.reading ?? readingOf(exampleFacts(), index);
}
