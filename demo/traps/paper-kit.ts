import type { Medium } from "../drawing/render.ts";
import type { Row } from "../model.ts";

const extensions: Record<Medium, string> = {
  png: "png",
  jpeg: "jpg",
  "text-pdf": "pdf",
  "scanned-pdf": "pdf",
};

/** "hz-01-0031-pix.png": receipts are named after their expense, as people name them. */
export function fileOf(row: Row, what: string, medium: Medium): string {
  return `${row.externalId.toLowerCase()}-${what}.${extensions[medium]}`;
}
