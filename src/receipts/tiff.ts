import type { Picture } from "./picture.ts";

/** What tesseract takes for granted where a picture tells none. */
const DOTS_PER_INCH = 70;

const HEADER_BYTES = 8;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;

/**
 * A grey picture as an uncompressed TIFF (revision 6.0: one strip, black is 0). Of the formats that tesseract opens it costs least:
 * a PGM, which its library takes in byte by byte, took 8 ms for a page of a megapixel, and this 2.
 */
export function tiffOf({ grey, width, height }: Picture): Buffer {
  const fields: [tag: number, type: number, value: number][] = [
    [256, LONG, width],
    [257, LONG, height],
    [258, SHORT, 8],
    [259, SHORT, 1],
    [262, SHORT, 1],
    [273, LONG, 0],
    [277, SHORT, 1],
    [278, LONG, height],
    [279, LONG, grey.length],
    [282, RATIONAL, 0],
    [283, RATIONAL, 0],
    [296, SHORT, 2],
  ];
  const ratio = HEADER_BYTES + 2 + fields.length * 12 + 4;
  const pixels = ratio + 8;
  const file = Buffer.alloc(pixels + grey.length);
  file.write("II*\0", "latin1");
  file.writeUInt32LE(HEADER_BYTES, 4);
  file.writeUInt16LE(fields.length, HEADER_BYTES);
  for (const [index, [tag, type, value]] of fields.entries()) {
    const at = HEADER_BYTES + 2 + index * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(1, at + 4);
    file.writeUInt32LE(type === RATIONAL ? ratio : tag === 273 ? pixels : value, at + 8);
  }
  file.writeUInt32LE(DOTS_PER_INCH, ratio);
  file.writeUInt32LE(1, ratio + 4);
  file.set(grey, pixels);
  return file;
}
