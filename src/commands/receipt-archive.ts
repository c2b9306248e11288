import { Buffer } from "node:buffer";
import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { detectFormat, isReadable } from "../receipts/format.ts";

/** A document out of a ZIP. */
export interface ArchivedDocument {
  fileName: string;
  bytes: Uint8Array;
}

const MAXIMUM_DOCUMENT = 10 * 1024 * 1024;
const MAXIMUM_ENTRIES = 20_000;

/** What a Mac adds to every ZIP, and files that their system hides. */
const NOT_THE_SENDERS = /(?:^|\/)(?:__MACOSX\/|\.[^/])/;

/**
 * The documents of a ZIP, one at a time. Folders are left out of the names, since rows name files; what the sender's
 * system put in beside the documents is passed over.
 *
 * @throws Error for a damaged archive, too many entries, or, naming it, an entry that is damaged, no document, or over
 *   10 MB (its declared size is checked against what comes out, so that a bomb is cut off)
 */
export async function* readArchive(bytes: Uint8Array): AsyncGenerator<ArchivedDocument> {
  const { archive, entries } = await openArchive(bytes).catch((cause: unknown) => {
    throw new Error("O arquivo de comprovantes não é um ZIP, ou está danificado.", { cause });
  });
  if (entries.length > MAXIMUM_ENTRIES) {
    throw new Error(`O ZIP tem mais de ${MAXIMUM_ENTRIES} arquivos.`);
  }
  for (const entry of entries) {
    const { fileName } = entry;
    if (fileName.endsWith("/") || NOT_THE_SENDERS.test(fileName)) continue;
    if (entry.uncompressedSize > MAXIMUM_DOCUMENT)
      throw new Error(`"${fileName}" tem mais de 10 MB.`);
    const content = await contentOf(archive, entry);
    if (!isReadable(detectFormat(content))) {
      throw new Error(`"${fileName}" não é PNG, JPEG, WebP, TIFF nem PDF; tire-o do ZIP.`);
    }
    yield { fileName: fileName.split("/").at(-1) ?? fileName, bytes: content };
  }
}

async function openArchive(bytes: Uint8Array): Promise<{ archive: ZipFile; entries: Entry[] }> {
  const archive = await fromBufferPromise(Buffer.from(bytes), { lazyEntries: true });
  const entries: Entry[] = [];
  for await (const entry of archive.eachEntry()) {
    entries.push(entry);
    if (entries.length > MAXIMUM_ENTRIES) break;
  }
  return { archive, entries };
}

/** yauzl checks that the size is what the archive says, but not the CRC-32. */
async function contentOf(archive: ZipFile, entry: Entry): Promise<Uint8Array> {
  const damaged = `"${entry.fileName}" está danificado no ZIP.`;
  const content = await archive
    .openReadStreamPromise(entry)
    .then(buffer)
    .catch((cause: unknown) => {
      throw new Error(damaged, { cause });
    });
  if (crc32(content) !== entry.crc32) throw new Error(damaged);
  return new Uint8Array(content);
}
