/**
 * How well documents are read: which share of the timestamps is accepted, and how many of those are wrong.
 *
 *   npm run bench -- receipts [FOLDER] [--language eng] [--count 200] [--seed 1] [--record DIR] [--limit N] [--show]
 *
 * With a folder its pages are read (see `labelled-folder.ts`); without one, pages of Brazilian documents that are drawn
 * from a seed. Beside it stands what the plain rule "word confidence >= 90" would have accepted. `--record` keeps what the
 * OCR engine answers, so that a change of the interpretation alone is scored in seconds; `--show` tells each page's end.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { detectFormat } from "../../../src/receipts/format.ts";
import { inOrder } from "../../../src/receipts/in-order.ts";
import { createOcrPool } from "../../../src/receipts/ocr-pool.ts";
import { UnreadableDocument } from "../../../src/receipts/ocr-protocol.ts";
import { readDocument } from "../../../src/receipts/read-document.ts";
import { unreadable } from "../../../src/receipts/reading.ts";
import { shareOf } from "../../../src/receipts/share.ts";
import { drawnPages } from "./drawn-pages.ts";
import { labelledFolder } from "./labelled-folder.ts";
import type { Page } from "./page.ts";
import { peakMemoryOfChildren } from "./peak-memory.ts";
import { firstSureDate } from "./plain-rule.ts";
import { withSession } from "./recorded-session.ts";
import { amountIsRight, isWrong, type Result } from "./score.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    language: { type: "string" },
    count: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    limit: { type: "string", default: "100000" },
    record: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) },
    show: { type: "boolean", default: false },
  },
});
const [folder] = positionals;
const language = languageOf(values.language ?? (folder === undefined ? "por" : "eng"));
const all =
  folder === undefined
    ? drawnPages(Number(values.seed), Number(values.count))
    : await labelledFolder(folder);
const pages = all.slice(0, Number(values.limit));
const workers = Number(values.workers);
const pool = createOcrPool({ workers, pageTimeoutMs: 60_000, memoryMb: 1024, language });
const started = performance.now();
// Not all at once: a drawn page is some megabytes.
const results: Result[] = [];
for await (const result of inOrder(pages, 2 * workers, read)) results.push(result);
const peak = await peakMemoryOfChildren();
await pool.close();
const seconds = (performance.now() - started) / 1000;
if (values.show) for (const result of results) show(result);
report(results);

async function read(page: Page): Promise<Result> {
  const bytes = await page.bytes();
  const format = detectFormat(bytes);
  if (format === undefined || format === "HEIC") throw new Error(`${page.name}: no such format`);
  const { referenceDate } = page;
  return withSession(
    pool,
    bytes,
    { reader: language, directory: values.record },
    async (session) => {
      const reading = await readDocument(session, bytes, format, {
        referenceDate,
        language,
        documentTimeoutMs: 600_000,
      }).catch((error: unknown) => {
        if (error instanceof UnreadableDocument) return unreadable(error.fault);
        throw error;
      });
      return { page, reading, plain: firstSureDate(session.pages)?.date, strips: session.strips };
    },
  );
}

function report(results: readonly Result[]): void {
  const dated = results.filter(({ page }) => page.date !== undefined);
  const accepted = results.filter(({ reading }) => reading.verdict === "ACCEPTED");
  const wrong = accepted.filter(isWrong);
  const plain = results.filter((result) => result.plain !== undefined);
  const withHour = accepted.filter(({ reading }) => reading.fields.timestamp.precision !== "day");
  const strips = results.reduce((sum, result) => sum + result.strips, 0);
  print(
    `${results.length} pages, language ${language}, ${seconds.toFixed(1)} s, ${workers} processes`,
  );
  print(`  accepted                  ${percent(accepted.length - wrong.length, dated.length)}`);
  print(`  with an hour              ${percent(withHour.length, dated.length)}`);
  print(`  wrong among the accepted  ${percent(wrong.length, accepted.length)}`);
  print(
    `  amount right              ${percent(results.filter(amountIsRight).length, results.length)}`,
  );
  print(`  readings of parts a page  ${(strips / results.length).toFixed(2)}`);
  print(`  peak of one process       ${peak} MB`);
  print("The plain rule: the first date of words read with 90 or more");
  print(`  accepted                  ${percent(plain.length, results.length)}`);
  print(
    `  wrong among the accepted  ${percent(plain.filter((one) => one.plain !== one.page.date).length, plain.length)}`,
  );
  byLayout(results);
  byReason(results);
  for (const result of wrong) print(`WRONG ${described(result)}`);
}

function byLayout(results: readonly Result[]): void {
  const layouts = Map.groupBy(results, ({ page }) => page.layout);
  if (layouts.size === results.length) return;
  print("Accepted, and amounts right, by layout");
  for (const [layout, of] of layouts) {
    const accepted = of.filter(({ reading }) => reading.verdict === "ACCEPTED").length;
    const amounts = of.filter(amountIsRight).length;
    print(`  ${layout.padEnd(26)} ${accepted} / ${of.length}   ${amounts} / ${of.length}`);
  }
}

function byReason(results: readonly Result[]): void {
  print("Reasons for a review");
  const reasons = Map.groupBy(
    results.flatMap(({ reading }) => reading.reasons),
    ({ code }) => code,
  );
  for (const [code, of] of reasons) print(`  ${code.padEnd(26)} ${of.length}`);
}

function show(result: Result): void {
  const { page, reading } = result;
  const wrongAmount = amountIsRight(result)
    ? ""
    : ` AMOUNT ${reading.fields.amount.value} for ${page.amount}`;
  print(
    `${reading.verdict === "ACCEPTED" ? "ok    " : "review"} ${described(result)}${wrongAmount}`,
  );
}

function described({ page, reading }: Result): string {
  const { timestamp } = reading.fields;
  const reasons = reading.reasons.map(
    ({ code, evidence }) => `${code} ${JSON.stringify(evidence)}`,
  );
  return [
    page.name,
    reading.kind,
    `true ${page.date} ${page.time ?? ""}`,
    `read ${timestamp.value} ${timestamp.confidence} ${timestamp.evidence.join("+")}`,
    ...reasons,
  ].join(" | ");
}

function percent(count: number, of: number): string {
  const { least, most } = shareOf(count, of);
  const figure = (share: number): string => (100 * share).toFixed(1);
  return `${count} of ${of}: ${figure(count / Math.max(1, of))} % (${figure(least)} to ${figure(most)} %)`;
}

function languageOf(text: string): "por" | "eng" | "por+eng" {
  if (text === "por" || text === "eng" || text === "por+eng") return text;
  throw new Error(`"${text}" is no language: por, eng, por+eng.`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
