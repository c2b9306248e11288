import type { ReceiptReading } from "../../../src/receipts/reading.ts";
import type { Page } from "./page.ts";

/** What became of one page. */
export interface Result {
  page: Page;
  reading: ReceiptReading;
  /** The date that the plain rule accepts. */
  plain: string | undefined;
  /** Readings of parts of the page, besides that of the whole. */
  strips: number;
}

/** Accepted with another day, or another hour to the precision that it claims; or accepted where nothing may be. */
export function isWrong({ page, reading }: Result): boolean {
  const { value, precision } = reading.fields.timestamp;
  if (reading.verdict !== "ACCEPTED") return false;
  if (value === null || value.slice(0, 10) !== page.date) return true;
  if (page.time === undefined || precision === "day") return false;
  const length = precision === "second" ? 8 : 5;
  return value.slice(11, 11 + length) !== page.time.slice(0, length);
}

/** The amount, on pages whose amount is known: given, and right. */
export function amountIsRight({ page, reading }: Result): boolean {
  return reading.fields.amount.value === page.amount;
}
