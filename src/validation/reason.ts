/** How much a reason weighs: BLOCK rejects, REVIEW calls a person, NOTE only tells. */
export type Severity = "BLOCK" | "REVIEW" | "NOTE";

/**
 * What a reason rests on, as plain JSON. Amounts are decimal text ("1234.56"), dates 'YYYY-MM-DD',
 * instants ISO 8601 with zone. Never a CPF and never another tenant's data: evidence is shown.
 */
export type Evidence = Record<string, string | number | boolean | null | string[]>;

/**
 * Why a status is what it is. The code is UPPER_SNAKE and stands in the catalogue
 * (`reason-catalogue.ts`), which turns it and the evidence into Portuguese.
 */
export interface Reason {
  code: string;
  severity: Severity;
  evidence: Evidence;
}
