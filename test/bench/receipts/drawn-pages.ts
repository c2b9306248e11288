import { damageHour } from "../../../demo/drawing/damage.ts";
import type { DemoDocument } from "../../../demo/drawing/documents.ts";
import { paint } from "../../../demo/drawing/paint.ts";
import { printScan } from "../../../demo/drawing/print.ts";
import { lookOf } from "../../../demo/drawing/render.ts";
import { createRandom, type Random, seedOf } from "../../../demo/synthetic/random.ts";
import { DOCUMENTS, documentOf } from "./drawn-documents.ts";
import type { Page } from "./page.ts";
import { photograph } from "./photograph.ts";

/** One hour in eight is harmed: of such a proof nothing but the day may be accepted, and of a Pix nothing. */
const HARMED = 1 / 8;
const HARMS = ["stain", "fold", "fade", "chip"] as const;

/** Pages of Brazilian documents, all kinds in turn; the same seed gives the same. */
export function drawnPages(seed: number, count: number): Page[] {
  return Array.from({ length: count }, (_, index) => {
    const random = createRandom(seedOf(`${seed}:${index}`));
    const layout = DOCUMENTS[index % DOCUMENTS.length] ?? "";
    const { document, ...truth } = documentOf(layout, random);
    const harm =
      truth.time !== undefined && random.next() < HARMED ? random.pick(HARMS) : undefined;
    return {
      name: `${index} ${harm ?? ""}`.trim(),
      layout: harm === undefined ? layout : `${layout}, hour harmed`,
      ...truth,
      // What a harmed hour shows is not what it was: any hour that is accepted is wrong.
      time: harm === undefined ? truth.time : "illegible",
      bytes: () => picture(document, harm, random),
    };
  });
}

async function picture(
  document: DemoDocument,
  harm: (typeof HARMS)[number] | undefined,
  random: Random,
): Promise<Uint8Array> {
  const painting = paint(lookOf(document));
  if (harm !== undefined) damageHour(painting, harm, random);
  const jpeg = await photograph(painting.canvas, random);
  return random.next() < 0.15 ? printScan(jpeg) : jpeg;
}
