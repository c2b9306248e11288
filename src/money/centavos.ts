/**
 * Money as whole centavos in a bigint. A float never holds an amount: 0.1 + 0.2 is not 0.3, and an
 * auditor adds up to the centavo.
 */

const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,2}))?$/;
const BRAZILIAN = /^(-?)(?:R\$\s?)?(-?)(\d{1,3}(?:\.\d{3}){1,4}(?=,)|\d{1,15})(?:,(\d{1,2}))?$/;

/**
 * Reads an amount with a decimal point, as our JSON, SQL and Pluggy write it ("1234.56", "-0.10",
 * "1234", "1234.5").
 *
 * @returns centavos, or undefined when the text is not exactly that shape (no spaces, no grouping,
 * at most two decimals, at most 15 digits of reais).
 */
export function parseDecimal(text: string): bigint | undefined {
  const match = DECIMAL.exec(text);
  return match ? signed(match[1] === "-", match[2] ?? "", match[3] ?? "") : undefined;
}

/** Writes centavos with a decimal point and two decimals: 123456n -> "1234.56". */
export function formatDecimal(centavos: bigint): string {
  const { sign, reais, cents } = split(centavos);
  return `${sign}${reais}.${cents}`;
}

/**
 * Reads an amount as Brazilians write it: "1.234,56", "1234,56", "1234,5", "1234", each with or
 * without "R$". Groups of three are accepted only before a decimal comma: in "1.234" the point may
 * be either, so it is refused rather than guessed.
 *
 * @returns centavos, or undefined when the text is not exactly that shape.
 */
export function parseBrazilian(text: string): bigint | undefined {
  const match = BRAZILIAN.exec(text.trim());
  if (!match || (match[1] && match[2])) {
    return undefined;
  }
  const negative = match[1] === "-" || match[2] === "-";
  return signed(negative, (match[3] ?? "").replaceAll(".", ""), match[4] ?? "");
}

/** Writes centavos for people: 123456n -> "R$ 1.234,56", -50n -> "-R$ 0,50". */
export function formatBrazilian(centavos: bigint): string {
  const { sign, reais, cents } = split(centavos);
  return `${sign}R$ ${reais.replace(/\B(?=(?:\d{3})+$)/g, ".")},${cents}`;
}

function signed(negative: boolean, reais: string, cents: string): bigint {
  const centavos = BigInt(reais + cents.padEnd(2, "0"));
  return negative ? -centavos : centavos;
}

function split(centavos: bigint): { sign: string; reais: string; cents: string } {
  const digits = (centavos < 0n ? -centavos : centavos).toString().padStart(3, "0");
  return {
    sign: centavos < 0n ? "-" : "",
    reais: digits.slice(0, -2),
    cents: digits.slice(-2),
  };
}
