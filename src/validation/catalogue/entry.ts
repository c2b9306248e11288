import type { Evidence, Severity } from "../reason.ts";
import { list } from "./portuguese.ts";

/** One reason for people: what is wrong, where, and how to mend it. */
export interface Entry {
  /** The same in a few words, for lists and headings. Lower case, no full stop. */
  name: string;
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

/** Codes by their names: "hora não encontrada e documento ilegível"; an unknown code stays as it is. */
export function namesOf(
  entries: Readonly<Record<string, Entry>>,
  codes: readonly string[],
): string {
  return list(codes.map((code) => entries[code]?.name ?? code));
}
