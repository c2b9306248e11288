import { z } from "zod";
import { RULE_CODES } from "./rule-code.ts";

/**
 * A row of the table `rules`: one check, for a span of dates, with its weight and its figures.
 * Rates are basis points (1100 = 11 %); `validTo` is the last day on which the row is in force.
 */
export const rule = z.strictObject({
  code: z.enum(RULE_CODES),
  version: z.int().positive(),
  validFrom: z.iso.date(),
  validTo: z.iso.date().nullable(),
  factsNeeded: z.array(z.enum(["SUPPLIER", "RECEIPT"])),
  severity: z.enum(["BLOCK", "REVIEW", "NOTE"]),
  parameters: z.record(z.string(), z.union([z.int(), z.array(z.string())])),
  source: z.string().min(1),
});

export type Rule = z.infer<typeof rule>;
