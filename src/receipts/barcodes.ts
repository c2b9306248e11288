import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import type { Picture } from "./picture.ts";
import type { Box } from "./words.ts";

/** A QR code or barcode on a page, as it was decoded: exact, or not there. */
export interface Barcode {
  text: string;
  box: Box;
}

/** QR: BR Code and NFC-e. ITF: boleto (FEBRABAN). Code 128: the key on a DANFE. */
const FORMATS = ["QRCode", "ITF", "Code128"] as const;

/** A page of a receipt has two or three; a sheet full of them is none. */
const MOST_ON_A_PAGE = 8;

/** A BR Code has 1,024 characters at the most, and a QR code may hold 7,089 digits. */
const MOST_CHARACTERS = 2048;

/** The codes on a picture of a page, boxes in its pixels. */
export async function decodeBarcodes({ grey, width, height }: Picture): Promise<Barcode[]> {
  prepare();
  const found = await readBarcodes(
    { data: rgbaOf(grey), width, height, colorSpace: "srgb" },
    {
      formats: [...FORMATS],
      tryHarder: true,
      // A QR code is found however it lies; each further try costs as much as the first, 0.1 s.
      tryRotate: false,
      tryInvert: false,
      maxNumberOfSymbols: MOST_ON_A_PAGE,
    },
  );
  return found
    .filter(({ isValid, text }) => isValid && text.length <= MOST_CHARACTERS)
    .map(({ text, position: { topLeft, topRight, bottomLeft, bottomRight } }) => {
      const corners = [topLeft, topRight, bottomLeft, bottomRight];
      const [x, y] = [corners.map((corner) => corner.x), corners.map((corner) => corner.y)];
      return { text, box: [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)] };
    });
}

let isPrepared = false;

/** Left alone, the library would fetch its WebAssembly from a public server. */
function prepare(): void {
  if (isPrepared) return;
  const file = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
  prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(readFileSync(file)).buffer } });
  isPrepared = true;
}

function rgbaOf(grey: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  // A pixel at a time, whatever end its bytes begin with: three of them are alike, and the fourth is the opaque one.
  const pixels = new Uint32Array(grey.length);
  const opaque = new Uint32Array(Uint8Array.of(0, 0, 0, 255).buffer)[0] ?? 0;
  const one = new Uint32Array(Uint8Array.of(1, 1, 1, 0).buffer)[0] ?? 0;
  for (let i = 0; i < grey.length; i++) {
    pixels[i] = opaque + one * (grey[i] ?? 255);
  }
  return new Uint8ClampedArray(pixels.buffer);
}
