/**
 * Reads pages in generated layouts and keeps, a line of JSON for each page, what the OCR engine answered and what is true:
 * the raw material of the calibration (see `observe.ts`). What stands in the file already is not read again, so a run may
 * be stopped at any time, and go on.
 *
 *   npm run bench -- receipts-collect FILE [--purpose CERTIFY|FIT] [--from 0] [--count 2000] [--seed 1]
 */
import { appendFileSync, existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { parseArgs } from "node:util";
import { detectFormat } from "../../../../src/receipts/format.ts";
import { createOcrPool } from "../../../../src/receipts/ocr-pool.ts";
import { readDocument } from "../../../../src/receipts/read-document.ts";
import { laidOutPage, type Purpose } from "../drawn-pages.ts";
import { recordedSession } from "../recorded-session.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: "string", default: "0" },
    count: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    purpose: { type: "string", default: "CERTIFY" },
  },
});
const [file] = positionals;
if (file === undefined)
  throw new Error("Say where to keep the observations: a FILE of JSON lines.");
const purpose = purposeOf(values.purpose);
const seed = Number(values.seed);
const from = Number(values.from);
const known = await indicesIn(file);
const pools = { por: poolOf("por"), eng: poolOf("eng") };
for (let index = from; index < from + Number(values.count); index += 1) {
  if (!known.has(index)) appendFileSync(file, `${JSON.stringify(await observed(index))}\n`);
}
await Promise.all([pools.por.close(), pools.eng.close()]);

function poolOf(language: "por" | "eng") {
  return createOcrPool({ workers: 1, pageTimeoutMs: 120_000, memoryMb: 1024, language });
}

async function observed(index: number): Promise<Record<string, unknown>> {
  const { bytes, ...truth } = laidOutPage(purpose, seed, index);
  const picture = await bytes();
  const format = detectFormat(picture);
  if (format === undefined || format === "HEIC") throw new Error(`page ${index}: no such format`);
  const answers: Record<string, unknown> = {};
  const { language, referenceDate } = truth;
  await pools[language].lend((real) =>
    readDocument(
      recordedSession(real, async () => picture, answers),
      picture,
      format,
      {
        referenceDate,
        language,
        documentTimeoutMs: 600_000,
        // Nothing is so probable: all looks are taken that `observe.ts` will ask for.
        leastProbability: 2,
        timestampAlone: true,
      },
    ),
  );
  return { purpose, seed, index, format, ...truth, answers };
}

function purposeOf(text: string): Purpose {
  if (text === "CERTIFY" || text === "FIT") return text;
  throw new Error(`"${text}" is no purpose: CERTIFY, FIT.`);
}

async function indicesIn(path: string): Promise<Set<number>> {
  const indices = new Set<number>();
  if (!existsSync(path)) return indices;
  const lines = await open(path);
  for await (const line of lines.readLines()) {
    const [, of, index] = /^{"purpose":"(\w+)","seed":\d+,"index":(\d+)/.exec(line) ?? [];
    if (of === purpose) indices.add(Number(index));
  }
  return indices;
}
