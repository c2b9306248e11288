import { z } from "zod";
import { parseDecimal } from "../money/centavos.ts";

/** An amount as the database writes it in text, read into centavos. */
export const amountColumn = z.string().transform((text, context) => {
  const amount = parseDecimal(text);
  if (amount !== undefined) return amount;
  context.addIssue({ code: "custom", message: "not an amount" });
  return z.NEVER;
});
