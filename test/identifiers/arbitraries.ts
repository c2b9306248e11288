import fc from "fast-check";
import { digit11 } from "../../src/identifiers/check-digit.ts";
import { cnpjCheckDigits } from "../../src/identifiers/cnpj.ts";

export const digits = (length: number) =>
  fc.stringMatching(new RegExp(`^[0-9]{${length}}$`), { size: "max" });

export const alphanumerics = (length: number) =>
  fc.stringMatching(new RegExp(`^[A-Z0-9]{${length}}$`), { size: "max" });

/** Valid CNPJs, letters included. */
export const cnpjs = alphanumerics(12)
  .filter((base) => !/^0+$/.test(base))
  .map((base) => base + cnpjCheckDigits(base));

/** Valid CPFs. */
export const cpfs = digits(9)
  .filter((base) => !/^(.)\1*$/.test(base))
  .map((base) => {
    const first = digit11(base, 11);
    return base + first + digit11(base + first, 11);
  });

/** Every text that differs from the given one in one position, by a character of the alphabet. */
export function neighbours(text: string, from: number, to: number, alphabet: string): string[] {
  const found: string[] = [];
  for (let at = from; at < to; at++) {
    for (const character of alphabet) {
      if (character !== text[at]) {
        found.push(text.slice(0, at) + character + text.slice(at + 1));
      }
    }
  }
  return found;
}
