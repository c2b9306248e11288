import { z } from "zod";
import { RULE_CODES, type RuleCode } from "./rule-code.ts";

/** The parameters without which a rule means nothing. */
const REQUIRED_PARAMETERS: Partial<Record<RuleCode, ("rateBasisPoints" | "categories")[]>> = {
  RETENTION_INSS_UNEXPECTED: ["rateBasisPoints", "categories"],
  RETENTION_INSS_MISSING: ["categories"],
  SIMPLES_CEDED_LABOUR: ["categories"],
  RETENTION_CSRF_UNEXPECTED: ["rateBasisPoints"],
  ADMINISTRATION_FEE: ["categories"],
};

/**
 * A row of the table `rules`: one check, for a span of dates, with its weight and its figures.
 * Rates are basis points (1100 = 11 %); `validTo` is the last day on which the row is in force.
 */
export const rule = z
  .strictObject({
    code: z.enum(RULE_CODES),
    version: z.int().positive(),
    validFrom: z.iso.date(),
    validTo: z.iso.date().nullable(),
    factsNeeded: z.array(z.enum(["SUPPLIER", "RECEIPT"])),
    severity: z.enum(["BLOCK", "REVIEW", "NOTE"]),
    parameters: z.strictObject({
      rateBasisPoints: z.int().nonnegative().optional(),
      categories: z.array(z.string()).optional(),
    }),
    /** The law, or the manual of this product, in Portuguese. */
    source: z.string().min(1),
  })
  .refine(
    ({ code, parameters }) =>
      (REQUIRED_PARAMETERS[code] ?? []).every((name) => parameters[name] !== undefined),
    { path: ["parameters"], error: "the rule lacks a parameter that it needs" },
  );

export type Rule = z.infer<typeof rule>;
