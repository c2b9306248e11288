import { createRequire } from "node:module";
import { crc32, deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createCanvas, GlobalFonts } from "@napi-rs/canvas";
import { PDFDocument, StandardFonts } from "pdf-lib";
import sharp from "sharp";
import { createReceiptReader, type ReceiptReader } from "../../src/receipts/reader.ts";
import type { ReceiptReading } from "../../src/receipts/reading.ts";

const require = createRequire(import.meta.url);
GlobalFonts.registerFromPath(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"), "Receipt");

const PROOF = [
  "Banco Aurora",
  "Comprovante de transferência Pix",
  "05/11/2026 - 17:12:33",
  "Valor R$ 1.234,56",
  "Quem recebeu",
  "Limpadora Boa Vista Ltda",
  "CNPJ 12.ABC.345/01DE-35",
  "Quem pagou",
  "Condomínio Jardim das Acácias",
  "CNPJ 11.222.333/0001-81",
  "ID da transação",
  "E12345678202611052012Ab3dE9fGh1J",
];

/** Draws lines of text on white; what stands in `hidden` is covered by a blot. */
function drawn(lines: readonly string[], hidden?: string): Buffer {
  const canvas = createCanvas(800, 60 + lines.length * 46);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = "26px Receipt";
  for (const [i, line] of lines.entries()) {
    context.fillStyle = "#222";
    context.fillText(line, 40, 60 + i * 46);
    if (hidden !== undefined && line.includes(hidden)) {
      const x = 40 + context.measureText(line.slice(0, line.indexOf(hidden))).width;
      context.fillStyle = "#444";
      context.fillRect(x, 38 + i * 46, context.measureText(hidden).width, 30);
    }
  }
  return canvas.toBuffer("image/png");
}

async function pdfOf(lines: readonly string[], pages = 1): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  for (let i = 0; i < pages; i++) {
    const page = document.addPage([595, 842]);
    for (const [row, line] of lines.entries()) {
      page.drawText(line, { x: 50, y: 780 - row * 22, size: 12, font });
    }
  }
  return document.save();
}

async function scanOf(picture: Buffer): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const image = await document.embedPng(picture);
  const page = document.addPage([image.width / 2, image.height / 2]);
  page.drawImage(image, { x: 0, y: 0, width: image.width / 2, height: image.height / 2 });
  return document.save();
}

/** A PNG whose header claims a size; its pixels compress to nothing, or are missing. */
function claimedPng(width: number, height: number, rows: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc((width + 1) * rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

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
    expect(await read(await pdfOf(PROOF))).toMatchObject({ ...WHOLE_PROOF, method: "TEXT_LAYER" });
  }, 60_000);

  it("is read from a scan in a PDF", async () => {
    expect(await read(await scanOf(drawn(PROOF)))).toMatchObject({ ...WHOLE_PROOF, method: "OCR" });
  }, 60_000);

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
    const hasty = createReceiptReader({ workers: 1, pageTimeoutMs: 1, memoryMb: 900 });
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
