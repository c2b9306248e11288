import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { findDates } from "../../../src/receipts/fields/dates.ts";
import { fold } from "../../../src/receipts/folding.ts";
import type { Page } from "./page.ts";

const labels = z.array(z.object({ file: z.string(), date: z.string(), total: z.string() }));

/** Later than any of the scans. */
const REFERENCE_DATE = "2026-11-24";

/**
 * The pages of a folder with `labels.json`: a list of {"file", "date", "total"}, as the SROIE benchmark labels them
 * (Huang et al., ICDAR 2019). Its dates are written as on the paper; of those that can be read either way the day is first,
 * for its receipts are Malaysian.
 *
 * @throws Error when the folder has no such list, or a date in it is none.
 */
export async function labelledFolder(folder: string): Promise<Page[]> {
  const text = await readFile(path.join(folder, "labels.json"), "utf8");
  return labels.parse(JSON.parse(text)).map(({ file, date, total }) => ({
    name: file,
    layout: file,
    bytes: () => readFile(path.join(folder, file)),
    date: dateOf(file, date),
    amount: Number(total.replace(/[^\d.]/g, "")).toFixed(2),
    referenceDate: REFERENCE_DATE,
  }));
}

function dateOf(file: string, text: string): string {
  const plain = text.replace(/[()]/g, "").replace(/^(\d\d)(\d\d)(\d{4})$/, "$1/$2/$3");
  const [found] = findDates(fold(plain));
  const meant = found?.meanings.find(({ order }) => order !== "MONTH_FIRST") ?? found?.meanings[0];
  if (!meant) throw new Error(`${file}: "${text}" is no date`);
  return meant.date;
}
