import { availableParallelism } from "node:os";
import { Command, Option } from "commander";
import { inOrder } from "../receipts/in-order.ts";
import { readFileOf } from "../receipts/read-file.ts";
import { createReceiptReader } from "../receipts/reader.ts";
import type { OcrLanguage } from "../receipts/tesseract.ts";
import { readingLine } from "./reading-line.ts";
import { readingTable } from "./reading-table.ts";

const WRONG_USAGE = 2;
const NOT_ALL_OPENED = 1;

/** A page takes 1 to 3 s of processor time; what takes so much longer is hostile. */
const PAGE_TIMEOUT_MS = 30_000;
const MEMORY_MB = 1024;

interface ReadOptions {
  language: OcrLanguage;
  json?: true;
}

/**
 * Reads documents from files, without a database. It ends with status 0 when each file could be looked at, whatever
 * came of it, with 1 when one could not be opened, and with 2 when it was called wrongly.
 */
export function readCommand(): Command {
  return new Command("read")
    .description(
      "lê comprovantes, notas e boletos de arquivos e diz se a data e a hora lidas merecem confiança, sem banco de dados",
    )
    .argument("<files...>", "arquivos PNG, JPEG, WebP, TIFF ou PDF")
    .addOption(
      new Option("--language <language>", "língua dos documentos")
        .choices(["por", "eng", "por+eng"])
        .default("por"),
    )
    .option("--json", "uma linha de JSON por arquivo, na ordem dos argumentos")
    .addHelpText(
      "after",
      "\nTermina com 0 se todos os arquivos puderam ser examinados, 1 se algum não pôde ser aberto, 2 se os argumentos estão errados.",
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_USAGE))
    .action(async (files: string[], { language, json }: ReadOptions) => {
      const workers = Math.min(availableParallelism(), files.length);
      const reader = createReceiptReader({
        workers,
        pageTimeoutMs: PAGE_TIMEOUT_MS,
        memoryMb: MEMORY_MB,
        language,
      });
      try {
        const print = json ? readingLine : readingTable;
        const read = async (file: string) => ({ file, ...(await readFileOf(reader, file)) });
        // Two for each process: the next one's bytes are there when it is free.
        for await (const { file, reading, opened } of inOrder(files, 2 * workers, read)) {
          process.stdout.write(`${print(file, reading)}\n`);
          if (!opened) process.exitCode = NOT_ALL_OPENED;
        }
      } finally {
        await reader.close();
      }
    });
}
