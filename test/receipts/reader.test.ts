import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import sharp from "sharp";
import { createReceiptReader, type ReceiptReader } from "../../src/receipts/reader.ts";
import type { ReceiptReading } from "../../src/receipts/reading.ts";
import { claimedPng, drawn, PROOF, pdfOf, scanOf } from "./drawn.ts";

/** A PDF that asks for a password: the hashes in its dictionary are of none. */
function encryptedPdf(): Buffer {
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>",
    `<</Filter/Standard/V 1/R 2/O<${"00".repeat(32)}>/U<${"11".repeat(32)}>/P -4>>`,
  ];
  let text = "%PDF-1.4\n";
  const offsets = objects.map((object, i) => {
    const offset = String(text.length).padStart(10, "0");
    text += `${i + 1} 0 obj${object}endobj\n`;
    return `${offset} 00000 n \n`;
  });
  const xref = `xref\n0 5\n0000000000 65535 f \n${offsets.join("")}`;
  const trailer = "trailer<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>";
  return Buffer.from(`${text}${xref}${trailer}\nstartxref\n${text.length}\n%%EOF`);
}

let reader: ReceiptReader;
const read = (bytes: Uint8Array): Promise<ReceiptReading> =>
  reader.read(bytes, { referenceDate: "2026-11-24" });

beforeAll(() => {
  reader = createReceiptReader({ workers: 1, pageTimeoutMs: 60_000, memoryMb: 900 });
});

afterAll(() => reader.close());

const WHOLE_PROOF = {
  kind: "PIX_PROOF",
  verdict: "ACCEPTED",
  reasons: [],
  fields: {
    timestamp: { value: "2026-11-05T17:12:33-03:00", precision: "second" },
    amount: { value: "1234.56" },
    cnpj: { value: "12ABC34501DE35" },
    takerCnpj: { value: "11222333000181" },
    payee: { value: "Limpadora Boa Vista Ltda", page: expect.any(Number) },
    payer: { value: "Condomínio Jardim das Acácias" },
  },
};

describe("a Pix proof", () => {
  it("is read from a PNG", async () => {
    const reading = await read(drawn(PROOF));
    expect(reading).toMatchObject({
      ...WHOLE_PROOF,
      method: "OCR",
      pages: [{ width: 800, height: 612 }],
    });
    expect(reading.fields.timestamp.evidence).toContain("SECOND_READING");
  }, 60_000);

  it("is read from a JPEG that only EXIF says to turn", async () => {
    const lying = await sharp(drawn(PROOF))
      .rotate(90)
      .withMetadata({ orientation: 8 })
      .jpeg()
      .toBuffer();
    expect(await read(lying)).toMatchObject({
      ...WHOLE_PROOF,
      pages: [{ width: 800, height: 612 }],
    });
  }, 60_000);

  it("is read from a PDF's text", async () => {
    const reading = await read(await pdfOf(PROOF));
    expect(reading).toMatchObject({ ...WHOLE_PROOF, method: "TEXT_LAYER" });
    expect(reading.fields.documentNumber.value).toBe("E12345678202611052012Ab3dE9fGh17");
  }, 60_000);

  it("is read from a scan in a PDF", async () => {
    expect(await read(await scanOf(drawn(PROOF)))).toMatchObject({ ...WHOLE_PROOF, method: "OCR" });
  }, 60_000);

  it("is read from a WebP, and from the second page of a TIFF", async () => {
    const webp = await sharp(drawn(PROOF)).webp({ quality: 90 }).toBuffer();
    expect(await read(webp)).toMatchObject({ ...WHOLE_PROOF, method: "OCR" });
    const cover = await sharp(drawn(["Condomínio Jardim das Acácias", "Pasta de novembro"]))
      .resize(800, 612, { fit: "contain", background: "#fff" })
      .toBuffer();
    const tiff = await sharp([cover, drawn(PROOF)], { join: { across: 1, animated: true } })
      .tiff({ compression: "lzw" })
      .toBuffer();
    const reading = await read(tiff);
    expect(reading).toMatchObject({ ...WHOLE_PROOF, pages: [{}, { width: 800, height: 612 }] });
    expect(reading.fields.timestamp.page).toBe(1);
  }, 120_000);

  it("goes to a person when a blot hides part of its hour", async () => {
    const reading = await read(drawn(PROOF, "7:12"));
    expect(reading.verdict).toBe("MANUAL_REVIEW");
    expect(reading.fields.timestamp.value).not.toContain("T");
  }, 60_000);
});

describe("hostile input", () => {
  const unreadable = (cause: string) => ({
    verdict: "MANUAL_REVIEW",
    reasons: [{ code: "UNREADABLE", evidence: { cause } }],
  });

  it.each<[string, string, () => Uint8Array | Promise<Uint8Array>]>([
    ["nothing", "EMPTY", () => new Uint8Array()],
    ["a page of HTML", "UNKNOWN_FORMAT", () => Buffer.from("<html>")],
    ["a picture of 20,000 x 20,000", "TOO_MANY_PIXELS", () => claimedPng(20_000, 20_000, 200)],
    ["a picture whose data end too early", "BROKEN_IMAGE", () => drawn(PROOF).subarray(0, 4_000)],
    ["a picture with no data", "BROKEN_IMAGE", () => claimedPng(100, 100, 0)],
    ["a JPEG in name only", "BROKEN_IMAGE", () => Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])],
    ["a TIFF in name only", "BROKEN_IMAGE", () => Buffer.from("II*\0rubbish", "latin1")],
    ["a WebP in name only", "BROKEN_IMAGE", () => Buffer.from("RIFF1234WEBPVP8 rubbish")],
    ["a photo as HEIC", "HEIC", () => Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1")],
    ["a PDF in name only", "BROKEN_PDF", () => Buffer.from("%PDF-1.7\nrubbish")],
    ["a PDF of 3,000 pages", "TOO_MANY_PAGES", () => pdfOf([], 3_000)],
    ["an encrypted PDF", "ENCRYPTED_PDF", encryptedPdf],
    ["an empty page", "NO_TEXT", () => drawn([" ", " ", " "])],
  ])(
    "%s gets a verdict",
    async (_, cause, make) => {
      expect(await read(await make())).toMatchObject(unreadable(cause));
    },
    60_000,
  );

  it("a page too slow to read gets one too, and the reader goes on", async () => {
    const hasty = createReceiptReader({
      workers: 1,
      pageTimeoutMs: 1,
      documentTimeoutMs: 60_000,
      memoryMb: 900,
    });
    const slow = await hasty.read(drawn(PROOF), { referenceDate: "2026-11-24" });
    expect(slow).toMatchObject(unreadable("PAGE_TIMEOUT"));
    expect(await hasty.read(new Uint8Array())).toMatchObject(unreadable("EMPTY"));
    await hasty.close();
  }, 60_000);

  it("leaves the process fit for the next document", async () => {
    expect(await read(await pdfOf(PROOF))).toMatchObject({
      kind: "PIX_PROOF",
      verdict: "ACCEPTED",
    });
  }, 60_000);
});

it("tells its logger figures and codes only", async () => {
  const told: unknown[] = [];
  const logged = createReceiptReader({
    workers: 1,
    pageTimeoutMs: 60_000,
    memoryMb: 900,
    logger: { info: (details, message) => told.push(details, message) },
    clock: () => new Date("2026-11-24T12:00:00Z"),
  });
  await logged.read(await pdfOf(PROOF));
  await logged.close();
  expect(told).toEqual([
    {
      format: "PDF",
      kind: "PIX_PROOF",
      method: "TEXT_LAYER",
      pages: 1,
      verdict: "ACCEPTED",
      reasons: "",
      milliseconds: expect.any(Number),
    },
    "receipt read",
  ]);
}, 60_000);
