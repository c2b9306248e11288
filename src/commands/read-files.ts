import { availableParallelism } from "node:os";
import { inOrder } from "../receipts/in-order.ts";
import { readFileOf } from "../receipts/read-file.ts";
import { createReceiptReader } from "../receipts/reader.ts";
import type { OcrLanguage } from "../receipts/tesseract.ts";
import { readingLine } from "./reading-line.ts";
import { readingTable } from "./reading-table.ts";

const NOT_ALL_OPENED = 1;

/** A page takes 1 to 3 s of processor time; what takes so much longer is hostile. */
const PAGE_TIMEOUT_MS = 30_000;
const MEMORY_MB = 1024;

export interface ReadOptions {
  language: OcrLanguage;
  json?: true;
}

/** Reads files with as many processes as there are cores, and prints what came of each, in their order. */
export async function readFiles(files: string[], { language, json }: ReadOptions): Promise<void> {
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
}
