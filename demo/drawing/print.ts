import { PDFDocument, rgb, StandardFonts } from "pdf-lib";
import type { Sheet, TextMark } from "./sheet.ts";

/** Points per pixel of a sheet: 1240 pixels become the width of an A4 page. */
const scale = 595.28 / 1240;

function color(hex: string) {
  const part = (from: number) => Number.parseInt(hex.slice(from, from + 2), 16) / 255;
  return rgb(part(1), part(3), part(5));
}

/**
 * A PDF with a text layer, in the standard fonts (their WinAnsi encoding holds all of Portuguese).
 * Its date fields are fixed, so that the same sheet gives the same bytes.
 */
export async function printText(sheet: Sheet): Promise<Uint8Array> {
  const pdf = await newPdf();
  const page = pdf.addPage([sheet.width * scale, sheet.height * scale]);
  const fonts = {
    sans: await pdf.embedFont(StandardFonts.Helvetica),
    sansBold: await pdf.embedFont(StandardFonts.HelveticaBold),
    mono: await pdf.embedFont(StandardFonts.Courier),
    monoBold: await pdf.embedFont(StandardFonts.CourierBold),
    serif: await pdf.embedFont(StandardFonts.TimesRoman),
    serifBold: await pdf.embedFont(StandardFonts.TimesRomanBold),
  };
  for (const mark of sheet.marks) {
    if (mark.kind === "rectangle") {
      page.drawRectangle({
        x: mark.x * scale,
        y: (sheet.height - mark.y - mark.height) * scale,
        width: mark.width * scale,
        height: mark.height * scale,
        color: color(mark.color),
      });
      continue;
    }
    const font = fonts[`${mark.face}${mark.bold ? "Bold" : ""}` as keyof typeof fonts];
    const text = mark.pieces.map((piece) => piece.text).join("");
    const size = mark.size * scale;
    page.drawText(text, {
      x: startOf(mark, font.widthOfTextAtSize(text, size)),
      y: (sheet.height - mark.y) * scale,
      size,
      font,
      color: color(mark.color),
    });
  }
  return pdf.save();
}

function startOf(mark: TextMark, width: number): number {
  const x = mark.x * scale;
  if (mark.align === "left") return x;
  return mark.align === "right" ? x - width : x - width / 2;
}

/** A PDF that holds one JPEG and no text, as a scanner makes it. */
export async function printScan(jpeg: Uint8Array): Promise<Uint8Array> {
  const pdf = await newPdf();
  const image = await pdf.embedJpg(jpeg);
  const page = pdf.addPage([image.width * scale, image.height * scale]);
  page.drawImage(image, {
    x: 0,
    y: 0,
    width: image.width * scale,
    height: image.height * scale,
  });
  return pdf.save();
}

async function newPdf(): Promise<PDFDocument> {
  const pdf = await PDFDocument.create();
  const moment = new Date("2026-11-06T12:00:00Z");
  pdf.setCreationDate(moment);
  pdf.setModificationDate(moment);
  return pdf;
}
