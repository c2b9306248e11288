import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createWorker, OEM, PSM, type Word as RecognisedWord, type Worker } from "tesseract.js";
import type { Word } from "./words.ts";

export type OcrLanguage = "por" | "eng" | "por+eng";

/** How tesseract takes a picture: a whole page as one block of lines, or one single line. */
export type PageMode = "BLOCK" | "LINE";

/** Mode 6 was best on till receipts (dates right 82.7 %; 3, 4 and 11 were worse); 7 is one line. */
const MODES = { BLOCK: PSM.SINGLE_BLOCK, LINE: PSM.SINGLE_LINE };

/** `4.0.0` of a language makes the same mistakes and is slower. */
const DATA_VERSION = "4.0.0_best_int";

/**
 * Starts a tesseract with the language data of the npm packages `@tesseract.js-data/…`: nothing is downloaded.
 *
 * @throws when a package is missing. (Given a path without data, tesseract.js would wait for ever.)
 */
export async function startTesseract(language: OcrLanguage): Promise<Worker> {
  const files = language.split("+").map(languageFile);
  const [first, ...others] = files;
  const directory = first === undefined || others.length > 0 ? await gather(files) : dirname(first);
  try {
    return await createWorker(language, OEM.LSTM_ONLY, {
      langPath: directory,
      gzip: true,
      cacheMethod: "none",
      // Without a handler the library throws in this process although the promise is rejected and caught.
      errorHandler: () => {},
    });
  } finally {
    if (others.length > 0) {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

/**
 * Reads a picture; words of each line from top to bottom, boxes in pixels of that picture.
 *
 * @param lightLetters whether lines that are badly read are read as light letters on a dark ground, too: of pages without such a
 *   ground it took 9 % of the time.
 */
export async function recognise(
  worker: Worker,
  image: Buffer,
  mode: PageMode,
  lightLetters: boolean,
): Promise<Word[][]> {
  await worker.setParameters({
    tessedit_pageseg_mode: MODES[mode],
    tessedit_do_invert: lightLetters ? "1" : "0",
  });
  const { data } = await worker.recognize(image, {}, { text: false, blocks: true });
  const lines = (data.blocks ?? [])
    .flatMap((block) => block.paragraphs)
    .flatMap((paragraph) => paragraph.lines)
    .map((line) => line.words.filter((word) => word.text.trim() !== "").map(toWord));
  return lines.filter((words) => words.length > 0);
}

function toWord(word: RecognisedWord): Word {
  const { x0, y0, x1, y1 } = word.bbox;
  const weakest = Math.min(word.confidence, ...word.symbols.map((symbol) => symbol.confidence));
  return {
    text: word.text.trim().normalize("NFC"),
    confidence: word.confidence / 100,
    weakest: weakest / 100,
    box: [x0, y0, x1, y1],
  };
}

function languageFile(code: string): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`@tesseract.js-data/${code}/package.json`);
  return join(dirname(manifest), DATA_VERSION, `${code}.traineddata.gz`);
}

/** tesseract.js looks for all languages in one directory; the packages have one each. */
async function gather(files: string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "blindagem-tessdata-"));
  for (const file of files) {
    await copyFile(file, join(directory, basename(file)));
  }
  return directory;
}
