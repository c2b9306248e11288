import { z } from "zod";
import type { ReadableFormat } from "./format.ts";

/**
 * What the pool and a reading process say to each other over the IPC channel (structured clone). One request is
 * answered by one reply of the same id; there is never more than one under way.
 */
export type OcrRequest =
  | { id: number; type: "open"; bytes: Uint8Array; format: ReadableFormat }
  | { id: number; type: "page"; page: number; look: PageLook }
  | ({
      id: number;
      type: "strip";
      page: number;
      /** What is cut out; of a straight look, the words alone. */
      box: [number, number, number, number];
      look: StripLook;
    } & StripMaking);

/** What is done to a strip besides its look. */
export interface StripMaking {
  /** Whether the box is taller than its words can be, and is to be cut down to the row of letters in it. */
  fitted: boolean;
  /** Whether it is cleaned of what is light (see `contrast.ts`). */
  cleaned: boolean;
}

/**
 * How a page is read: the second time smoothed, at another scale and with another language's data; or with these, and cleaned of
 * what is light.
 */
export type PageLook = "FIRST" | "SECOND" | "CLEANED";

/**
 * How a strip is made to look before it is read again: each treatment makes other mistakes. Those named after the other data
 * are read with the data of another language, which were trained apart and err elsewhere. Straight ones are turned until their
 * row is level, tight ones cut off close to it.
 */
export type StripLook = (typeof STRIP_LOOKS)[number];
const STRIP_LOOKS = [
  "ENLARGED",
  "SMOOTHED",
  "OTHER_DATA",
  "OTHER_DATA_SMOOTHED",
  "STRAIGHT",
  "STRAIGHT_TIGHT",
  "OTHER_DATA_STRAIGHT",
  "OTHER_DATA_TIGHT",
  "CLEANED",
  "OTHER_DATA_CLEANED",
] as const;

/** Looks whose strip is turned; the margins around its words are left on what was turned. */
export const STRAIGHT_LOOKS: readonly StripLook[] = [
  "STRAIGHT",
  "OTHER_DATA_STRAIGHT",
  "STRAIGHT_TIGHT",
  "OTHER_DATA_TIGHT",
];

/** Why a document cannot be read: what it is, or (the last five) what it did to the process that reads it. */
const FAULTS = [
  "TOO_MANY_PIXELS",
  "BROKEN_IMAGE",
  "BROKEN_PDF",
  "ENCRYPTED_PDF",
  "TOO_MANY_PAGES",
  "NO_PAGES",
  "TOO_MUCH_TEXT",
  "PAGE_TIMEOUT",
  "DOCUMENT_TIMEOUT",
  "MEMORY_LIMIT",
  "PROCESS_DIED",
  "READING_FAILED",
] as const;

export type DocumentFault = (typeof FAULTS)[number];

/** A fault of the document, not of this program: it leads to a verdict, not to a retry. */
export class UnreadableDocument extends Error {
  readonly fault: DocumentFault;

  constructor(fault: DocumentFault) {
    super(fault);
    this.name = "UnreadableDocument";
    this.fault = fault;
  }
}

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

const ink = z.object({ amount: z.number(), contrast: z.number() });

const words = z.array(
  z.object({
    text: z.string().min(1),
    confidence: z.number(),
    weakest: z.number(),
    box,
    ink: ink.optional(),
  }),
);

export const openedReply = z.object({ pages: z.int().positive() });

export const pageReply = z.object({
  /** Of the page as it was read: straightened, if it lay askew. */
  width: z.number(),
  height: z.number(),
  /** How it lay before: its own size, and the degrees clockwise by which it was turned to be read. */
  straightened: z
    .object({ width: z.number(), height: z.number(), degrees: z.number() })
    .nullable()
    .default(null),
  method: z.enum(["OCR", "TEXT_LAYER"]),
  /** Words of each line, in reading order. */
  lines: z.array(words.min(1)),
  /** Of a page that was read from its picture, the first time. */
  barcodes: z.array(z.object({ text: z.string(), box })).default([]),
});

export const stripReply = z.object({ words });

export type OpenedReply = z.infer<typeof openedReply>;
export type PageReply = z.infer<typeof pageReply>;
export type StripReply = z.infer<typeof stripReply>;

/** Every message of the process: the first says that the engine is ready, or why it cannot be. */
export const processMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("unusable"), cause: z.string() }),
  z.object({ type: z.literal("done"), id: z.int(), value: z.unknown() }),
  z.object({ type: z.literal("unreadable"), id: z.int(), fault: z.enum(FAULTS) }),
  z.object({ type: z.literal("failed"), id: z.int(), cause: z.string() }),
]);

export type ProcessMessage = z.infer<typeof processMessage>;
