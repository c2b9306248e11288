/**
 * The text of a file as spreadsheets save it: UTF-8 (with or without BOM) if the bytes are valid UTF-8, else
 * Windows-1252, of which text with accents practically never is.
 *
 * @returns undefined for what is no such text: a NUL is the mark of UTF-16 or of a ZIP (an XLSX under the wrong name)
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
  if (isZip || bytes.includes(0)) {
    return undefined;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
