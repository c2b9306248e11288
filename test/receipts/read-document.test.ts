import { expect, it } from "@jest/globals";
import type { OcrSession } from "../../src/receipts/ocr-pool.ts";
import { readDocument } from "../../src/receipts/read-document.ts";

it("begins no further page of a document that has taken too long", async () => {
  let pages = 0;
  const session: OcrSession = {
    open: async () => ({ pages: 3 }),
    async page() {
      pages += 1;
      return {
        width: 100,
        height: 100,
        method: "TEXT_LAYER",
        lines: [],
        barcodes: [],
        straightened: null,
      };
    },
    strip: async () => ({ words: [] }),
  };
  const read = (documentTimeoutMs: number) =>
    readDocument(session, new Uint8Array(), "PDF", {
      referenceDate: "2026-11-24",
      language: "por",
      documentTimeoutMs,
    });
  await expect(read(-1)).rejects.toMatchObject({ fault: "DOCUMENT_TIMEOUT" });
  expect(pages).toBe(0);
  expect((await read(60_000)).reasons).toMatchObject([{ evidence: { cause: "NO_TEXT" } }]);
  expect(pages).toBe(3);
});
