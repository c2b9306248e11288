import { formatDecimal, parseDecimal } from "../../src/money/centavos.ts";
import type { Row } from "../model.ts";

/** "1234.56" -> 123456n; the demo's own figures are right or the generator stops. */
export function centavosOf(decimal: string): bigint {
  const centavos = parseDecimal(decimal);
  if (centavos === undefined) throw new Error(`not an amount: ${decimal}`);
  return centavos;
}

/** What the supplier gets: gross less what is retained. */
export function netOf(row: Pick<Row, "grossAmount" | "retentions">): string {
  const retained = row.retentions.reduce((sum, { amount }) => sum + centavosOf(amount), 0n);
  return formatDecimal(centavosOf(row.grossAmount) - retained);
}

/** A rate in hundredths of a percent of an amount, rounded half up to a centavo. */
export function share(decimal: string, basisPoints: number): string {
  return formatDecimal((centavosOf(decimal) * BigInt(basisPoints) + 5_000n) / 10_000n);
}

/** Pluggy's amounts are JSON numbers; with two decimals below 10^12 a double gives them back exactly. */
export const asJsonNumber = (decimal: string) => Number(decimal);
