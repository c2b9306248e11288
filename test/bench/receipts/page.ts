import type { ReceiptKind } from "../../../src/receipts/reading.ts";

/** A document to be read, and what is truly on it. */
export interface Page {
  name: string;
  /** Pages of one layout share their mistakes. */
  layout: string;
  bytes: () => Promise<Uint8Array>;
  /** 'YYYY-MM-DD' of payment or issue; undefined where nothing may be accepted. */
  date: string | undefined;
  /** 'HH:MM:SS' or 'HH:MM'; undefined where it is not known. */
  time?: string | undefined;
  /** "1234.56"; undefined where it is not known. */
  amount: string | undefined;
  kind?: ReceiptKind | undefined;
  /** 'YYYY-MM-DD': when it was handed in. */
  referenceDate: string;
}
