import { digits, lettersAndDigits, type Random } from "./random.ts";

/**
 * Identifiers with right check digits, made from their parts. The platform's own parsers live in
 * src/identifiers; what is made here is checked against them in the tests and shares no code with them.
 */

/** Modulo 11 with weights 2 to 9 from the right, a character counting as its ASCII code minus 48. */
function checkDigit(body: string): string {
  let sum = 0;
  for (let place = 0; place < body.length; place += 1) {
    sum += (body.charCodeAt(body.length - 1 - place) - 48) * (2 + (place % 8));
  }
  const rest = sum % 11;
  return String(rest < 2 ? 0 : 11 - rest);
}

/** CNPJ from root (8 characters) and order (4), digits or capital letters (IN RFB 2.229/2024). */
export function makeCnpj(root: string, order = "0001"): string {
  const first = checkDigit(root + order);
  return root + order + first + checkDigit(root + order + first);
}

/** CPF from its first nine digits; its weights go from 2 up to 11 and never start again. */
export function makeCpf(nine: string): string {
  const digit = (body: string) => {
    const sum = [...body].reduce(
      (total, character, place) => total + Number(character) * (body.length + 1 - place),
      0,
    );
    return String(((sum * 10) % 11) % 10);
  };
  const first = digit(nine);
  return nine + first + digit(nine + first);
}

/** Pix end-to-end id of a payment (E) or a return (D): the instant is written in UTC, to the minute. */
export function makeEndToEndId(
  kind: "E" | "D",
  ispb: string,
  instant: string,
  random: Random,
): string {
  const minute = new Date(instant).toISOString().replace(/\D/g, "").slice(0, 12);
  return `${kind}${ispb}${minute}${random.characters(lettersAndDigits, 11)}`;
}

/** Modulo 10 as on boletos: weights 2, 1, 2, 1 from the right, digits of each product added up. */
function modulo10(body: string): string {
  const sum = [...body].reverse().reduce((total, character, place) => {
    const product = Number(character) * (place % 2 === 0 ? 2 : 1);
    return total + Math.floor(product / 10) + (product % 10);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}

/** Days since the factor 1000 of the second cycle, 22 February 2025 (FEBRABAN); none below 2025. */
function dueFactor(dueDate: string): string {
  const days = (Date.parse(dueDate) - Date.parse("2025-02-22")) / 86_400_000;
  if (days < 0 || days > 8999) throw new Error("dueFactor: outside the cycle that began in 2025");
  return String(1000 + days);
}

/**
 * The 47-digit line and 44-digit barcode of a bank's boleto.
 * @param bank three digits of the issuing bank
 * @param amount decimal, "1234.56"
 * @param freeField the 25 digits that each bank lays out for itself
 */
export function makeBoleto(bank: string, amount: string, dueDate: string, freeField: string) {
  const value = amount.replace(".", "").padStart(10, "0");
  const tail = `${dueFactor(dueDate)}${value}`;
  const body = `${bank}9${tail}${freeField}`;
  const sum = [...body]
    .reverse()
    .reduce((total, character, place) => total + Number(character) * (2 + (place % 8)), 0);
  const rest = 11 - (sum % 11);
  const general = rest === 0 || rest >= 10 ? "1" : String(rest);
  const fields = [`${bank}9${freeField.slice(0, 5)}`, freeField.slice(5, 15), freeField.slice(15)];
  return {
    line: `${fields.map((field) => field + modulo10(field)).join("")}${general}${tail}`,
    barcode: `${bank}9${general}${tail}${freeField}`,
  };
}

/** A free field of 25 random digits. */
export const makeFreeField = (random: Random) => random.characters(digits, 25);

/**
 * The 44-character key of an electronic fiscal document (Manual de Orientação do Contribuinte, NF-e).
 * @param model "55" NF-e, "65" NFC-e
 */
export function makeDfeKey(parts: {
  state: string;
  issuedAt: string;
  issuer: string;
  model: "55" | "65";
  series: number;
  number: number;
  code: string;
}): string {
  const yearMonth = parts.issuedAt.slice(2, 4) + parts.issuedAt.slice(5, 7);
  const body =
    parts.state +
    yearMonth +
    parts.issuer +
    parts.model +
    String(parts.series).padStart(3, "0") +
    String(parts.number).padStart(9, "0") +
    `1${parts.code}`;
  return body + checkDigit(body);
}
