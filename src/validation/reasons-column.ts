import { z } from "zod";

/** Reasons as the database holds them. */
export const reasonsColumn = z.array(
  z.object({
    code: z.string(),
    severity: z.enum(["BLOCK", "REVIEW", "NOTE"]),
    evidence: z.record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
    ),
  }),
);
