/**
 * Upper case without accents, of exactly the same length, so that a position found in the folded text is one in the
 * text too: "Emissão" -> "EMISSAO". Characters whose capital is longer (ß) stay as they are.
 * The text should be composed (NFC); tesseract and pdf.js give it so.
 */
export function fold(text: string): string {
  return text.replace(/[^\x20-\x40\x5b-\x60]/gu, foldCharacter);
}

function foldCharacter(character: string): string {
  const folded = character.normalize("NFD").replace(/\p{M}/gu, "").toUpperCase();
  return folded.length === character.length ? folded : character;
}
