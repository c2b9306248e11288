import { printText } from "../../../../demo/drawing/print.ts";
import { lookOf } from "../../../../demo/drawing/render.ts";
import { createRandom, seedOf } from "../../../../demo/synthetic/random.ts";
import { createOcrPool } from "../../../../src/receipts/ocr-pool.ts";
import { readDocument } from "../../../../src/receipts/read-document.ts";
import { DOCUMENTS, documentOf } from "../drawn-documents.ts";
import { isWrong } from "../score.ts";

const PAGES = 440;

/** How often the accepted timestamp of a text layer is right: one right and one wrong more than were seen (Laplace). */
export async function textLayerProbability(): Promise<{
  pages: number;
  wrong: number;
  probability: number;
}> {
  const pool = createOcrPool({
    workers: 1,
    pageTimeoutMs: 60_000,
    memoryMb: 1024,
    language: "por",
  });
  let [pages, wrong] = [0, 0];
  for (let index = 0; index < PAGES; index += 1) {
    const layout = DOCUMENTS[index % DOCUMENTS.length] ?? "";
    const { document, ...truth } = documentOf(layout, createRandom(seedOf(`text layer ${index}`)));
    const bytes = await printText(lookOf(document));
    const { referenceDate } = truth;
    const options = { referenceDate, language: "por", documentTimeoutMs: 60_000 } as const;
    const reading = await pool.lend((session) => readDocument(session, bytes, "PDF", options));
    if (reading.verdict !== "ACCEPTED") continue;
    pages += 1;
    const page = { name: layout, layout, bytes: async () => bytes, ...truth };
    if (isWrong({ page, reading, plain: undefined, strips: 0 })) wrong += 1;
  }
  await pool.close();
  return { pages, wrong, probability: Number(((pages - wrong + 1) / (pages + 2)).toFixed(4)) };
}
