import { describe, expect, it } from "@jest/globals";
import { detectFormat } from "../../src/receipts/format.ts";

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part),
    ),
  );

describe("detectFormat", () => {
  it("knows PNG, JPEG and PDF by their first bytes", () => {
    expect(detectFormat(bytes([0x89], "PNG\r\n\x1a\n", [0, 0]))).toBe("PNG");
    expect(detectFormat(bytes([0xff, 0xd8, 0xff, 0xe1]))).toBe("JPEG");
    expect(detectFormat(bytes("%PDF-1.7\n"))).toBe("PDF");
  });

  it("knows WebP, TIFF in both byte orders, and HEIC", () => {
    expect(detectFormat(bytes("RIFF", [0, 0, 0, 0], "WEBPVP8 "))).toBe("WEBP");
    expect(detectFormat(bytes("II*", [0]))).toBe("TIFF");
    expect(detectFormat(bytes("MM", [0], "*"))).toBe("TIFF");
    expect(detectFormat(bytes([0, 0, 0, 24], "ftypheic", [0, 0, 0, 0]))).toBe("HEIC");
    expect(detectFormat(bytes([0, 0, 0, 24], "ftypisom", [0, 0, 0, 0]))).toBeUndefined();
  });

  it("finds the header of a PDF behind rubbish of up to 1,024 bytes", () => {
    expect(detectFormat(bytes("x".repeat(1019), "%PDF-1.4"))).toBe("PDF");
    expect(detectFormat(bytes("x".repeat(1020), "%PDF-1.4"))).toBeUndefined();
  });

  it("knows nothing else", () => {
    for (const other of ["", "%PD", "GIF89a", "<html>", "RIFF\0\0\0\0WAVE", "\x89PNG"]) {
      expect(detectFormat(bytes(other))).toBeUndefined();
    }
  });
});
