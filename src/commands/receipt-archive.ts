import { promisify } from "node:util";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";

/** A document out of a ZIP. */
export interface ArchivedDocument {
  fileName: string;
  bytes: Uint8Array;
}

const MAXIMUM_DOCUMENT = 10 * 1024 * 1024;
const MAXIMUM_ENTRIES = 20_000;
const open = promisify<Buffer, { lazyEntries: true; validateEntrySizes: true }, ZipFile>(
  fromBuffer,
);

/**
 * The documents of a ZIP, one at a time. Folders are left out of the names, since rows name files.
 *
 * @throws Error for a damaged archive, too many entries, or an entry over 10 MB (its declared size is checked
 *   against what comes out, so that a bomb is cut off)
 */
export async function* readArchive(bytes: Uint8Array): AsyncGenerator<ArchivedDocument> {
  const archive = await open(Buffer.from(bytes), {
    lazyEntries: true,
    validateEntrySizes: true,
  }).catch((cause: unknown) => {
    throw new Error("O arquivo de comprovantes não é um ZIP, ou está danificado.", { cause });
  });
  if (archive.entryCount > MAXIMUM_ENTRIES) {
    throw new Error(`O ZIP tem ${archive.entryCount} arquivos; o máximo é ${MAXIMUM_ENTRIES}.`);
  }
  for await (const entry of entriesOf(archive)) {
    if (entry.fileName.endsWith("/")) continue;
    if (entry.uncompressedSize > MAXIMUM_DOCUMENT) {
      throw new Error(`"${entry.fileName}" tem mais de 10 MB.`);
    }
    yield {
      fileName: entry.fileName.split("/").at(-1) ?? entry.fileName,
      bytes: await contentOf(archive, entry),
    };
  }
}

async function* entriesOf(archive: ZipFile): AsyncGenerator<Entry> {
  for (let read = 0; read < archive.entryCount; read += 1) {
    const entry = await new Promise<Entry>((resolve, reject) => {
      archive.once("entry", resolve);
      archive.once("error", reject);
      archive.readEntry();
    });
    archive.removeAllListeners("entry");
    archive.removeAllListeners("error");
    yield entry;
  }
}

async function contentOf(archive: ZipFile, entry: Entry): Promise<Uint8Array> {
  const stream = await promisify(archive.openReadStream.bind(archive))(entry);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return new Uint8Array(Buffer.concat(chunks));
}
