import { remembered } from "./remembered.ts";

/**
 * Folds a bank's text for comparing: upper case, no accents, everything that is not a letter or
 * digit becomes one space. "Pix - Enviado: São João" -> "PIX ENVIADO SAO JOAO". A date that is glued to a
 * name, as Itaú prints it ("PIX TRANSF JOAO S05/11"), is taken off it.
 */
export const fold = remembered((text: string): string =>
  withoutAccents(text)
    .toUpperCase()
    .replace(/(?<=[A-Z])(?=\d{2}\/\d{2}\b)/g, " ")
    .replace(/[^A-Z0-9]+/g, " ")
    .trim(),
);

/** Most lines of a bank are plain: those are not taken apart. */
function withoutAccents(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : text.normalize("NFD").replace(/\p{M}+/gu, "");
}

/**
 * What remains of a memo when its numbers (dates, hours, document numbers) are taken out: two lines
 * of the same kind to the same payee give the same text.
 */
export function withoutNumbers(folded: string): string {
  if (!/\d/.test(folded)) return folded;
  return folded
    .split(" ")
    .filter((word) => !/\d/.test(word))
    .join(" ");
}
