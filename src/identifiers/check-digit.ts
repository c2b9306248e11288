/**
 * The check digits that Brazilian identifiers share. A character counts as its ASCII code minus 48,
 * which leaves digits as they were and gives A = 17 (IN RFB 2.229/2024, Anexo Único; the same
 * value holds in the access keys of fiscal documents, NT Conjunta 2025.001).
 */

const ZERO = 48;

/**
 * Sum of the characters' values times weights that begin at 2 on the right, grow to `highest` and
 * begin again at 2, modulo 11.
 */
export function remainder11(characters: string, highest = 9): number {
  let sum = 0;
  let weight = 2;
  for (let i = characters.length - 1; i >= 0; i--) {
    sum += (characters.charCodeAt(i) - ZERO) * weight;
    weight = weight === highest ? 2 : weight + 1;
  }
  return sum % 11;
}

/** The usual reading of that remainder: 0 and 1 give the digit 0, others 11 - remainder. */
export function digit11(characters: string, highest = 9): string {
  const remainder = remainder11(characters, highest);
  return String(remainder < 2 ? 0 : 11 - remainder);
}

/**
 * Modulo 10 of FEBRABAN: digits times 2, 1, 2, … from the right, the digits of each product added
 * up, and what is missing to the next ten.
 */
export function digit10(digits: string): string {
  let sum = 0;
  let weight = 2;
  for (let i = digits.length - 1; i >= 0; i--) {
    const product = (digits.charCodeAt(i) - ZERO) * weight;
    sum += product > 9 ? product - 9 : product;
    weight = 3 - weight;
  }
  return String((10 - (sum % 10)) % 10);
}
