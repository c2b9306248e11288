import type { RuleCode } from "../rule-code.ts";
import { controlTexts } from "./control.ts";
import type { Entry } from "./entry.ts";
import { receiptTexts } from "./receipt.ts";
import { supplierTexts } from "./supplier.ts";

/** The texts of the rules; weight and source stand in the row of `rules`. */
export const ruleTexts: Record<RuleCode, Entry> = {
  ...supplierTexts,
  ...receiptTexts,
  ...controlTexts,
};
