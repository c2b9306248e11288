import { createRequire } from "node:module";
import { crc32, deflateSync } from "node:zlib";
import { createCanvas, GlobalFonts } from "@napi-rs/canvas";
import { PDFDocument, StandardFonts } from "pdf-lib";

const require = createRequire(import.meta.url);
GlobalFonts.registerFromPath(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"), "Receipt");

export const PROOF = [
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
  "E12345678202611052012Ab3dE9fGh17",
];

/** Draws lines of text on white; what stands in `hidden` is covered by a blot. */
export function drawn(lines: readonly string[], hidden?: string): Buffer {
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

export async function pdfOf(lines: readonly string[], pages = 1): Promise<Uint8Array> {
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

export async function scanOf(picture: Buffer): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const image = await document.embedPng(picture);
  const page = document.addPage([image.width / 2, image.height / 2]);
  page.drawImage(image, { x: 0, y: 0, width: image.width / 2, height: image.height / 2 });
  return document.save();
}

/** A PNG whose header claims a size; its pixels compress to nothing, or are missing. */
export function claimedPng(width: number, height: number, rows: number): Buffer {
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
