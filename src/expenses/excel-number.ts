import { formatDecimal } from "../money/centavos.ts";

/*
 * XLSX stores numbers as decimal text of a float: 1234.56 may stand there as 1234.5599999999999, 0.1 as
 * 0.1, 12000000 as 1.2E7. Read here as text, in whole numbers: going through a float once more could only add to it.
 */

const STORED = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;
/** 40 digits before and after the point are more than a float has. */
const LARGEST_SHIFT = 40;

interface Decimal {
  negative: boolean;
  /** value = units / 10^scale */
  units: bigint;
  scale: number;
}

function parseStored(text: string): Decimal | undefined {
  const match = STORED.exec(text);
  if (!match) {
    return undefined;
  }
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const scale = fraction.length - Number(exponent);
  if (Math.abs(scale) > LARGEST_SHIFT) {
    return undefined;
  }
  const units = BigInt(whole + fraction);
  return scale < 0
    ? { negative: sign === "-", units: units * 10n ** BigInt(-scale), scale: 0 }
    : { negative: sign === "-", units, scale };
}

/**
 * The number in plain digits ("1.2E7" -> "12000000"), without zeros that say nothing.
 *
 * @returns undefined when the text is no number as XLSX stores one.
 */
export function exactDecimal(text: string): string | undefined {
  const number = parseStored(text);
  if (number === undefined) {
    return undefined;
  }
  const digits = number.units.toString().padStart(number.scale + 1, "0");
  const whole = digits.slice(0, digits.length - number.scale);
  const fraction = digits.slice(digits.length - number.scale).replace(/0+$/, "");
  return `${number.negative ? "-" : ""}${whole}${fraction && "."}${fraction}`;
}

/**
 * The amount in two decimals ("1234.5599999999999" -> "1234.56") when the number is within a millionth of it.
 *
 * @returns undefined when it is not: then it was no amount of money.
 */
export function toCentavos(text: string): string | undefined {
  const number = parseStored(text);
  if (number === undefined) {
    return undefined;
  }
  // In units of 10^-(scale + 2), so that a centavo is a whole number of them.
  const units = number.units * 100n;
  const centavo = 10n ** BigInt(number.scale);
  const centavos = (units + centavo / 2n) / centavo;
  const difference = units - centavos * centavo;
  const distance = difference < 0n ? -difference : difference;
  // A millionth of a real is 10^-4 centavos.
  if (distance * 10_000n > centavo) {
    return undefined;
  }
  return formatDecimal(number.negative ? -centavos : centavos);
}
