import { createRandom } from "../synthetic/random.ts";
import { boleto, boletoProof } from "./boleto.ts";
import { type Damage, damageHour } from "./damage.ts";
import type { DemoDocument } from "./documents.ts";
import { nfce, nfe, nfse } from "./fiscal.ts";
import { paint } from "./paint.ts";
import { pixProof, scheduling } from "./pix-proof.ts";
import { printScan, printText } from "./print.ts";
import type { Sheet } from "./sheet.ts";
import { wearDown } from "./wear.ts";

export type Medium = "png" | "jpeg" | "text-pdf" | "scanned-pdf";

export type RenderOptions = {
  medium: Medium;
  /** Moves noise, rotation and stains; the same seed gives the same picture. */
  seed: number;
  /** Harms the hour; not possible in a text PDF. */
  damage?: Damage;
};

/** What a document looks like. */
export function lookOf(document: DemoDocument): Sheet {
  switch (document.kind) {
    case "PIX_PROOF":
      return pixProof(document);
    case "SCHEDULING":
      return scheduling(document);
    case "BOLETO":
      return boleto(document);
    case "BOLETO_PROOF":
      return boletoProof(document);
    case "NFCE":
      return nfce(document);
    case "NFSE":
      return nfse(document);
    case "NFE":
      return nfe(document);
  }
}

/**
 * The bytes of a document: a clean PNG, a JPEG or scanned PDF with mild rotation, blur and noise,
 * or a PDF with text. Throws when damage is asked of a text PDF or of a document without an hour.
 */
export async function render(
  document: DemoDocument,
  { medium, seed, damage }: RenderOptions,
): Promise<Uint8Array> {
  const sheet = lookOf(document);
  if (medium === "text-pdf") {
    if (damage !== undefined) throw new Error("render: a text PDF has no paper to damage");
    return printText(sheet);
  }
  const random = createRandom(seed);
  const painting = paint(sheet);
  if (damage !== undefined) damageHour(painting, damage, random);
  if (medium === "png") return painting.canvas.encode("png");
  const wear = {
    rotation: (random.next() - 0.5) * 1.2,
    blur: 0.3 + random.next() * 0.4,
    noise: 8 + random.next() * 10,
  };
  const jpeg = await wearDown(painting.canvas, wear, random).encode("jpeg", 82);
  return medium === "jpeg" ? jpeg : printScan(jpeg);
}
