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

/** A share, with the interval that holds the true one with 95 % confidence. */
export interface Share {
  count: number;
  of: number;
  least: number;
  most: number;
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

/** A share with its exact binomial interval (Clopper and Pearson, Biometrika 26, 1934), by bisection. */
export function shareOf(count: number, of: number): Share {
  const tail = 0.025;
  return {
    count,
    of,
    least: count === 0 ? 0 : bisect((p) => 1 - atMost(count - 1, of, p) >= tail),
    most: count === of ? 1 : bisect((p) => atMost(count, of, p) < tail),
  };
}

/** The least p in [0, 1] from which on the condition holds. */
function bisect(holds: (p: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The probability of at most so many successes in n trials. */
function atMost(count: number, n: number, p: number): number {
  let sum = 0;
  let logChoose = 0;
  for (let k = 0; k <= count; k += 1) {
    sum += Math.exp(logChoose + k * Math.log(p) + (n - k) * Math.log1p(-p));
    logChoose += Math.log(n - k) - Math.log(k + 1);
  }
  return sum;
}
