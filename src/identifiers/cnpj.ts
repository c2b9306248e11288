import { digit11 } from "./check-digit.ts";

/**
 * CNPJ, numeric and (since 31 July 2026) alphanumeric: 12 letters or digits and 2 check digits.
 * Source: IN RFB 2.229/2024, Anexo Único; the official example is 12ABC34501DE35. Letters are part
 * of the identifier: stripping them would turn one taxpayer into another.
 */

const PLAIN = /^[A-Z0-9]{12}\d{2}$/;
// The i flag without u folds ASCII letters only: no 'ı' or 'ſ' becomes a letter of a CNPJ.
const SHAPE = /^\s*([A-Z0-9]{2})\.?([A-Z0-9]{3})\.?([A-Z0-9]{3})\/?([A-Z0-9]{4})-?([0-9]{2})\s*$/i;

/**
 * Reads a CNPJ with or without its punctuation ("11.222.333/0001-81"), in either case, with space
 * round it.
 *
 * @returns the 14 characters in upper case, or undefined when the shape or a check digit is wrong,
 * or when all characters are the same (00000000000000 has right check digits and is nobody's).
 */
export function parseCnpj(text: string): string | undefined {
  const cnpj = PLAIN.test(text) ? text : withoutPunctuation(text);
  if (cnpj === undefined || /^(.)\1*$/.test(cnpj)) {
    return undefined;
  }
  return cnpj.endsWith(cnpjCheckDigits(cnpj.slice(0, 12))) ? cnpj : undefined;
}

function withoutPunctuation(text: string): string | undefined {
  const match = text.length <= 40 ? SHAPE.exec(text) : null;
  return match?.slice(1).join("").toUpperCase();
}

/** The two check digits of the first 12 characters (upper-case letters and digits). */
export function cnpjCheckDigits(base: string): string {
  const first = digit11(base);
  return first + digit11(base + first);
}

/** Writes the 14 characters for people: "11.222.333/0001-81". Other text comes back as it is. */
export function formatCnpj(cnpj: string): string {
  return cnpj.replace(/^(.{2})(.{3})(.{3})(.{4})(.{2})$/, "$1.$2.$3/$4-$5");
}
