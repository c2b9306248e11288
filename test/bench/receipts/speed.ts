/**
 * How quickly a page is read once, in one process, beside Debian's own `tesseract` with the same data on the same picture.
 *
 *   npm run bench -- receipts-speed [FOLDER] [--language eng] [--count 40]
 *
 * `tesseract` is started anew for each page, as a program that calls it would; what that costs is taken off by reading an
 * empty page. Without the Debian package `tesseract-ocr` only this reader is measured, and the bench says so.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import sharp from "sharp";
import { errorCode } from "../../../src/database/error-code.ts";
import { detectFormat, isReadable } from "../../../src/receipts/format.ts";
import { createOcrPool, type OcrSession } from "../../../src/receipts/ocr-pool.ts";
import { drawnPages } from "./drawn-pages.ts";
import { labelledFolder } from "./labelled-folder.ts";
import { peakMemoryOfChildren } from "./peak-memory.ts";

const run = promisify(execFile);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { language: { type: "string" }, count: { type: "string", default: "40" } },
});
const [folder] = positionals;
const language =
  (values.language ?? (folder === undefined ? "por" : "eng")) === "eng" ? "eng" : "por";
const all =
  folder === undefined ? drawnPages(1, Number(values.count)) : await labelledFolder(folder);
const pictures: Uint8Array[] = [];
for (const page of all.slice(0, Number(values.count))) {
  const bytes = await page.bytes();
  const format = detectFormat(bytes);
  // Tesseract reads no PDF.
  if (isReadable(format) && format !== "PDF") pictures.push(bytes);
}

const directory = await mkdtemp(path.join(tmpdir(), "blindagem-speed-"));
const pool = createOcrPool({ workers: 1, pageTimeoutMs: 60_000, memoryMb: 1024, language });
try {
  const start = await startOfTesseract();
  let [ours, native] = [0, 0];
  await pool.lend(async (session) => {
    // The first reading starts what the others find started.
    await secondsOfReader(session, pictures[0] ?? new Uint8Array());
    // One page by the one and by the other in turn: a machine is not equally quick from minute to minute.
    for (const bytes of pictures) {
      ours += await secondsOfReader(session, bytes);
      if (start !== undefined) native += (await secondsOfTesseract(bytes)) - start;
    }
  });
  const peak = await peakMemoryOfChildren();
  const each = ours / pictures.length;
  print(`${pictures.length} pages, language ${language}, one process`);
  print(
    `  this reader, one reading a page   ${each.toFixed(2)} s a page, ${(1 / each).toFixed(2)} pages a second`,
  );
  print(`  its peak memory                   ${peak} MB`);
  if (start === undefined) {
    print(
      "  tesseract is not installed (Debian: apt install tesseract-ocr): nothing to compare with",
    );
  } else {
    print(`  tesseract --oem 1, same data      ${(native / pictures.length).toFixed(2)} s a page`);
    print(`  this reader's speed               ${(native / ours).toFixed(2)} of tesseract's`);
  }
} finally {
  await pool.close();
  await rm(directory, { recursive: true });
}

async function secondsOfReader(session: OcrSession, bytes: Uint8Array): Promise<number> {
  const format = detectFormat(bytes);
  if (!isReadable(format)) return 0;
  const started = performance.now();
  await session.open(bytes, format);
  await session.page(0, "FIRST");
  return (performance.now() - started) / 1000;
}

/** What starting it costs, with its data in place; undefined when it is not installed. */
async function startOfTesseract(): Promise<number | undefined> {
  const manifest = createRequire(import.meta.url).resolve(
    `@tesseract.js-data/${language}/package.json`,
  );
  const data = await readFile(
    path.join(path.dirname(manifest), `4.0.0_best_int/${language}.traineddata.gz`),
  );
  await writeFile(path.join(directory, `${language}.traineddata`), gunzipSync(data));
  const empty = await sharp({
    create: { width: 100, height: 100, channels: 3, background: "#ffffff" },
  })
    .png()
    .toBuffer();
  try {
    // The first time it is read from the disk, which no page's reading is.
    await secondsOfTesseract(empty);
    return await secondsOfTesseract(empty);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function secondsOfTesseract(bytes: Uint8Array): Promise<number> {
  const file = path.join(directory, "page.png");
  // Upright and grey, as this reader hands it over.
  await sharp(bytes).autoOrient().grayscale().png({ compressionLevel: 1 }).toFile(file);
  const started = performance.now();
  await run(
    "tesseract",
    [file, "stdout", "--tessdata-dir", directory, "-l", language, "--oem", "1", "--psm", "6"],
    { env: { ...process.env, OMP_THREAD_LIMIT: "1" } },
  );
  return (performance.now() - started) / 1000;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
