/** What a document is, by its bytes. Names and declared types are not looked at: both can lie. */
export type DocumentFormat = "PNG" | "JPEG" | "PDF";

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG_START = [0xff, 0xd8, 0xff];
const PDF_HEADER = [0x25, 0x50, 0x44, 0x46, 0x2d];

/** Readers accept the header of a PDF anywhere in its first 1,024 bytes (ISO 32000-1, annex H.3.4.1). */
const PDF_HEADER_WITHIN = 1024;

/**
 * The format of a document by its magic bytes (PNG: ISO/IEC 15948, 5.2; JPEG: ITU-T T.81, B.1; PDF: ISO 32000-1,
 * 7.5.2).
 *
 * @returns undefined for anything that is none of the three, empty input included.
 */
export function detectFormat(bytes: Uint8Array): DocumentFormat | undefined {
  if (hasAt(bytes, 0, PNG_SIGNATURE)) {
    return "PNG";
  }
  if (hasAt(bytes, 0, JPEG_START)) {
    return "JPEG";
  }
  const last = Math.min(bytes.length, PDF_HEADER_WITHIN) - PDF_HEADER.length;
  for (let offset = 0; offset <= last; offset++) {
    if (hasAt(bytes, offset, PDF_HEADER)) {
      return "PDF";
    }
  }
  return undefined;
}

function hasAt(bytes: Uint8Array, offset: number, expected: readonly number[]): boolean {
  return expected.every((byte, i) => bytes[offset + i] === byte);
}
