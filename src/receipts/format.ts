/** What a document is, by its bytes. Names and declared types are not looked at: both can lie. */
export type DocumentFormat = "PNG" | "JPEG" | "WEBP" | "TIFF" | "PDF" | "HEIC";

/** Formats that can be read; the table documents has the same. Of HEIC only that it is one is known: its only decoder on npm is not under an MIT-like licence. */
export type ReadableFormat = Exclude<DocumentFormat, "HEIC">;

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG_START = [0xff, 0xd8, 0xff];
const RIFF = [0x52, 0x49, 0x46, 0x46];
const WEBP = [0x57, 0x45, 0x42, 0x50];
const TIFF_STARTS = [
  [0x49, 0x49, 0x2a, 0x00],
  [0x4d, 0x4d, 0x00, 0x2a],
  // BigTIFF.
  [0x49, 0x49, 0x2b, 0x00],
  [0x4d, 0x4d, 0x00, 0x2b],
];
const PDF_HEADER = [0x25, 0x50, 0x44, 0x46, 0x2d];
const FILE_TYPE_BOX = [0x66, 0x74, 0x79, 0x70];
const HEIC_BRANDS = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]);

/** Readers accept the header of a PDF anywhere in its first 1,024 bytes (ISO 32000-1, annex H.3.4.1). */
const PDF_HEADER_WITHIN = 1024;

/**
 * The format of a document by its magic bytes (PNG: ISO/IEC 15948, 5.2; JPEG: ITU-T T.81, B.1; WebP: RFC 9649, 2.4; TIFF:
 * TIFF 6.0, section 2; HEIC: ISO/IEC 23008-12, 10.2; PDF: ISO 32000-1, 7.5.2).
 *
 * @returns undefined for anything that is none of these, empty input included.
 */
export function detectFormat(bytes: Uint8Array): DocumentFormat | undefined {
  if (hasAt(bytes, 0, PNG_SIGNATURE)) {
    return "PNG";
  }
  if (hasAt(bytes, 0, JPEG_START)) {
    return "JPEG";
  }
  if (hasAt(bytes, 0, RIFF) && hasAt(bytes, 8, WEBP)) {
    return "WEBP";
  }
  if (TIFF_STARTS.some((start) => hasAt(bytes, 0, start))) {
    return "TIFF";
  }
  if (hasAt(bytes, 4, FILE_TYPE_BOX)) {
    return HEIC_BRANDS.has(String.fromCharCode(...bytes.subarray(8, 12))) ? "HEIC" : undefined;
  }
  const last = Math.min(bytes.length, PDF_HEADER_WITHIN) - PDF_HEADER.length;
  for (let offset = 0; offset <= last; offset++) {
    if (hasAt(bytes, offset, PDF_HEADER)) {
      return "PDF";
    }
  }
  return undefined;
}

/** Whether documents of this format are taken in, stored and read. */
export function isReadable(format: DocumentFormat | undefined): format is ReadableFormat {
  return format !== undefined && format !== "HEIC";
}

function hasAt(bytes: Uint8Array, offset: number, expected: readonly number[]): boolean {
  return expected.every((byte, i) => bytes[offset + i] === byte);
}
