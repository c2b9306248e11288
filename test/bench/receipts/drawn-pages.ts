import { damageHour } from "../../../demo/drawing/damage.ts";
import type { DemoDocument } from "../../../demo/drawing/documents.ts";
import { type Painting, paint } from "../../../demo/drawing/paint.ts";
import { printScan } from "../../../demo/drawing/print.ts";
import { lookOf } from "../../../demo/drawing/render.ts";
import { createRandom, type Random, seedOf } from "../../../demo/synthetic/random.ts";
import { DOCUMENTS, documentOf } from "./drawn-documents.ts";
import { laidOut } from "./laid-out.ts";
import { layoutOf } from "./layouts.ts";
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

/** What pages in layouts of their own are drawn for, and how hard they are made. */
const PURPOSES = {
  /** To certify: as documents come, and somewhat worse. */
  CERTIFY: { firstLayout: 0, hardness: [0, 0.5, 0.9, 1.3] },
  /** To fit the model to: there must be mistakes to learn from. No layout serves both purposes. */
  FIT: { firstLayout: 100_000, hardness: [0.6, 1.2, 1.7, 2.2] },
};

export type Purpose = keyof typeof PURPOSES;

/** So many documents share a layout: few, since they share its mistakes. */
const OF_A_LAYOUT = 4;

/** Page by page documents of layouts that are drawn as well (see `layouts.ts`); the same seed gives the same. */
export function laidOutPage(purpose: Purpose, seed: number, index: number): LaidOutPage {
  const { firstLayout, hardness } = PURPOSES[purpose];
  const layout = layoutOf(firstLayout + Math.floor(index / OF_A_LAYOUT));
  const random = createRandom(seedOf(`laid out ${seed}:${firstLayout + index}`));
  const { painting, ...truth } = laidOut(layout, random);
  const drawn = truth.time !== undefined && random.next() < HARMED ? random.pick(HARMS) : undefined;
  // An hour that had to be broken into two lines has no place of its own.
  const harm = painting.hour === undefined ? undefined : drawn;
  return {
    name: `${index} ${harm ?? ""}`.trim(),
    layout: String(layout.number),
    language: layout.language,
    kind: layout.kind,
    ...truth,
    time: harm === undefined ? truth.time : "illegible",
    bytes: () => worn(painting, harm, random, hardness),
  };
}

export interface LaidOutPage extends Page {
  language: "por" | "eng";
}

function picture(
  document: DemoDocument,
  harm: (typeof HARMS)[number] | undefined,
  random: Random,
): Promise<Uint8Array> {
  return worn(paint(lookOf(document)), harm, random);
}

async function worn(
  painting: Painting,
  harm: (typeof HARMS)[number] | undefined,
  random: Random,
  hardness?: readonly number[],
): Promise<Uint8Array> {
  if (harm !== undefined) damageHour(painting, harm, random);
  const jpeg = await photograph(painting.canvas, random, hardness);
  return random.next() < 0.15 ? printScan(jpeg) : jpeg;
}
