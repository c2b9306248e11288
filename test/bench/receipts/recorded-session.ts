import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ReadableFormat } from "../../../src/receipts/format.ts";
import type { OcrPool, OcrSession } from "../../../src/receipts/ocr-pool.ts";
import {
  openedReply,
  type PageReply,
  pageReply,
  stripReply,
} from "../../../src/receipts/ocr-protocol.ts";

/** A session that keeps the words of the pages, and counts the readings of parts of them. */
export interface CountedSession extends OcrSession {
  readonly pages: readonly PageReply[];
  readonly strips: number;
}

/**
 * Lends a session for one document. With a directory the answers are kept there by what was asked, so that a change of the
 * interpretation alone is scored in seconds.
 *
 * @param reader names what the answers depend on besides the document, such as the language.
 */
export function withSession<T>(
  pool: OcrPool,
  bytes: Uint8Array,
  { reader, directory }: { reader: string; directory: string | undefined },
  work: (session: CountedSession) => Promise<T>,
): Promise<T> {
  return pool.lend(async (real) => {
    const hash = createHash("sha256").update(reader).update(bytes).digest("hex");
    const file = directory && path.join(directory, `${hash}.json`);
    const known: Record<string, unknown> = file ? await load(file) : {};
    const before = Object.keys(known).length;
    try {
      return await work(recordedSession(real, async () => bytes, known));
    } finally {
      if (file && directory && Object.keys(known).length > before) {
        await mkdir(directory, { recursive: true });
        await writeFile(file, JSON.stringify(known));
      }
    }
  });
}

/**
 * A session that answers out of what is known, asks the real one for the rest, and adds that.
 *
 * @param bytes of the document; asked for only when the real session has to open it.
 */
export function recordedSession(
  real: OcrSession,
  bytes: () => Promise<Uint8Array>,
  known: Record<string, unknown>,
): CountedSession {
  const pages: PageReply[] = [];
  let strips = 0;
  let opened: ReadableFormat | undefined;
  const opening = async (format: ReadableFormat): Promise<void> => {
    if (opened === undefined) await real.open(await bytes(), format);
    opened = format;
  };
  let declared: ReadableFormat = "PNG";
  const ask = async (key: string, request: () => Promise<unknown>): Promise<unknown> => {
    if (!(key in known)) known[key] = await request();
    return known[key];
  };
  return {
    pages,
    get strips() {
      return strips;
    },
    async open(_, format) {
      declared = format;
      return openedReply.parse(
        await ask("open", async () => {
          opened = format;
          return real.open(await bytes(), format);
        }),
      );
    },
    async page(index, look) {
      const page = pageReply.parse(
        await ask(`page ${index} ${look}`, async () => {
          await opening(declared);
          return real.page(index, look);
        }),
      );
      if (look === "FIRST") pages.push(page);
      return page;
    },
    async strip(page, box, look, how) {
      strips += 1;
      const place = `${page} ${box.map((edge) => edge.toFixed(2)).join(" ")}`;
      const made = `${how.fitted ? " FITTED" : ""}${how.cleaned ? " OF CLEANED" : ""}`;
      const key = `strip ${place} ${look}${made}`;
      return stripReply.parse(
        await ask(key, async () => {
          await opening(declared);
          return real.strip(page, box, look, how);
        }),
      );
    },
  };
}

async function load(file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(file, "utf8").catch(() => "{}"));
}
