import { dateInBrasilia, parseDate, startOfDayBrasilia } from "../calendar/brasilia.ts";
import { parseBrazilian, parseDecimal } from "../money/centavos.ts";

/** The hours that banks write when they have none: midnight, noon. */
const NO_HOUR: ReadonlySet<string> = new Set(["", "000000", "120000"]);
const MOMENT =
  /^(\d{4})(\d{2})(\d{2})(\d{6}|\d{4})?\d*(?:\.\d+)?\s*(?:\[\s*([+-]?\d{1,2}(?:\.\d+)?)\s*(?::[^\]]*)?\])?$/;

/**
 * Reads an amount: "-836.30", and as Brazilian banks write it "-836,30", "1.234,56", "R$ 1.234,56", "- 12,00"; also
 * "1,234.56". In "1.234" and "1,234" the mark may be either: refused, not guessed.
 * @returns centavos, or undefined
 */
export function readOfxAmount(text: string): bigint | undefined {
  const plain = text.replace(/\s/g, "").replace(/^\+/, "");
  // Trailing zeros beyond the centavo say nothing.
  const decimal = plain.replace(/^(-?\d+\.\d{2})0+$/, "$1").replace(/^(-?)\./, "$10.");
  const american = /^-?\d{1,3}(?:,\d{3})+\.\d{2}$/.test(plain) ? plain.replaceAll(",", "") : plain;
  return parseDecimal(decimal) ?? parseDecimal(american) ?? parseBrazilian(plain);
}

/**
 * Reads a date or time: YYYYMMDD, with hhmmss and zone ("20261105171200[-3:BRT]") if the bank gives them. Without a zone
 * it is Brasília's, whatever the standard says (GMT): so Brazilian banks mean it. The date is the one that is written.
 */
export function readOfxMoment(text: string): { on: string; at: Date } | undefined {
  const match = MOMENT.exec(text.trim());
  const [, year, month, day, clock = "", zone] = match ?? [];
  const on = parseDate(`${year}-${month}-${day}`);
  if (on === undefined) return undefined;
  const time = clock.padEnd(clock === "" ? 0 : 6, "0");
  const midnight = startOfDayBrasilia(on);
  if (NO_HOUR.has(time)) return { on, at: midnight };
  const [hour, minute, second] = [time.slice(0, 2), time.slice(2, 4), time.slice(4, 6)].map(Number);
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const sinceMidnight = ((hour * 60 + minute) * 60 + second) * 1_000;
  const hours = zone === undefined ? undefined : Number(zone);
  if (hours === undefined) return { on, at: new Date(midnight.getTime() + sinceMidnight) };
  const at = new Date(Date.parse(`${on}T00:00:00Z`) + sinceMidnight - hours * 3_600_000);
  // A bank that writes UTC means the day on which it is there.
  return { on: hours === 0 ? dateInBrasilia(at) : on, at };
}
