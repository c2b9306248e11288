import type { Evidence, Severity } from "../reason.ts";

/** One reason for people: what is wrong, where, and how to mend it. */
export interface Entry {
  /** Evidence as the code's author gives it; the documentation shows the text that it makes. */
  example: Evidence;
  /** Portuguese. Total: evidence that is missing reads "não informado". */
  text: (evidence: Evidence) => string;
}

/** A reason that no row of `rules` gives: its usual weight and its source stand here. */
export interface OwnEntry extends Entry {
  severity: Severity;
  source: string;
}
