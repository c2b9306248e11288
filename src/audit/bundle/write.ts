import { type FileHandle, mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode } from "../../database/error-code.ts";
import { formatKeyList, type ListedKey } from "../key-list.ts";
import {
  type BundledRecord,
  CHECKPOINT_FILE,
  CHECKPOINTS_DIRECTORY,
  DOCUMENTS_DIRECTORY,
  KEYS_FILE,
  MANIFEST_FILE,
  type Manifest,
  manifestSchema,
  PERSONAL_FILE,
  RECORDS_FILE,
  WITHHELD_FILE,
  type WithheldLine,
} from "./manifest.ts";

type Many<T> = Iterable<T> | AsyncIterable<T>;

/** What goes into a bundle (manifest.ts says what each is). */
export interface BundleContents {
  /** Read last: some of it is known only when all has gone through. */
  manifest: Manifest;
  /** The signed checkpoint as it stands. */
  checkpoint: string;
  /** Earlier signed checkpoints, each with the name of its file, such as its size. */
  checkpoints: Many<{ name: string; note: string }>;
  keys: readonly ListedKey[];
  /** By ascending index; a transaction's records of one organization, condominium and sensitivity all or none. */
  records: Many<BundledRecord>;
  /** What is left out of groups, by ascending index; read when all records have gone through. */
  withheld?: Many<WithheldLine>;
  /** Files that the records name; read when all records have gone through. */
  documents?: Many<{ sha256: string; bytes: Uint8Array }>;
  /** Every tile of the tree, by its path `tile/…`. */
  tiles: Many<{ path: string; bytes: Uint8Array }>;
}

/** Lines that are written at once. */
const BATCH = 1000;

/**
 * Writes a bundle that its owner alone can read: it holds what the records say. It is there whole or not at all.
 *
 * @param directory must not exist yet
 * @returns how many records it has
 * @throws Error when the directory exists, or the records do not come by ascending index
 */
export function writeBundle(directory: string, contents: BundleContents): Promise<number> {
  return wholly(directory, (partial) => writeFiles(partial, contents));
}

/**
 * Fills a bundle's directory, which is there whole or not at all.
 *
 * @throws Error when it exists
 */
export async function wholly<T>(
  directory: string,
  fill: (partial: string) => Promise<T>,
): Promise<T> {
  const exists = await stat(directory).then(
    () => true,
    () => false,
  );
  if (exists) throw new Error(`${directory} já existe: escolha outro lugar para o pacote.`);
  const partial = `${directory}.partial`;
  await prepare(partial).catch((cause: unknown) => {
    throw new Error(
      `${directory} não se pode gravar (${errorCode(cause)}): escolha um lugar que exista e em que você possa escrever.`,
      { cause },
    );
  });
  try {
    const filled = await fill(partial);
    await rename(partial, directory);
    return filled;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/** Empty: what an attempt that was cut off has left is removed. */
async function prepare(partial: string): Promise<void> {
  await rm(partial, { recursive: true, force: true });
  await makeDirectory(partial);
}

/** With those above it that are not there. Node's own `recursive` goes on forever where the system says that a folder which is there is not (/proc). */
async function makeDirectory(directory: string): Promise<void> {
  const parent = dirname(directory);
  const isThere = await stat(parent).then(
    () => true,
    () => false,
  );
  if (!isThere) await makeDirectory(parent);
  await mkdir(directory, { mode: 0o700 });
}

async function writeFiles(directory: string, contents: BundleContents): Promise<number> {
  const put = async (path: string, data: string | Uint8Array) => {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, data, { mode: 0o600 });
  };
  await put(CHECKPOINT_FILE, contents.checkpoint);
  await put(KEYS_FILE, formatKeyList(contents.keys));
  for await (const { name, note } of contents.checkpoints) {
    await put(join(CHECKPOINTS_DIRECTORY, name), note);
  }
  for await (const { path, bytes } of contents.tiles) await put(path, bytes);
  const records = await writeRecords(directory, contents.records);
  const withheld = new LineFile(join(directory, WITHHELD_FILE));
  for await (const line of contents.withheld ?? []) await withheld.write(JSON.stringify(line));
  await withheld.close();
  for await (const { sha256, bytes } of contents.documents ?? []) {
    await put(join(DOCUMENTS_DIRECTORY, sha256), bytes);
  }
  const manifest = manifestSchema.parse(contents.manifest);
  await put(MANIFEST_FILE, `${JSON.stringify(manifest, null, 2)}\n`);
  return records;
}

async function writeRecords(directory: string, records: Many<BundledRecord>): Promise<number> {
  const entries = new LineFile(join(directory, RECORDS_FILE));
  const personal = new LineFile(join(directory, PERSONAL_FILE));
  await entries.open();
  try {
    let written = 0;
    let last = -1;
    for await (const { index, entry, ...beside } of records) {
      if (index <= last) throw new Error(`The record at ${index} came after the one at ${last}.`);
      last = index;
      written += 1;
      // The log's own entries have no line breaks. One that somebody put in goes out as it is, for verifiers to tell.
      await entries.write(`${index} ${entry}`);
      if (beside.personal || beside.erased) {
        await personal.write(JSON.stringify({ index, ...beside }));
      }
    }
    return written;
  } finally {
    await entries.close();
    await personal.close();
  }
}

/** A file that is there once it has a line, or is opened. */
class LineFile {
  readonly #file: string;
  #handle: FileHandle | undefined;
  #lines: string[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  async open(): Promise<FileHandle> {
    this.#handle ??= await open(this.#file, "w", 0o600);
    return this.#handle;
  }

  async write(line: string): Promise<void> {
    if (this.#lines.push(`${line}\n`) === BATCH) await this.#flush();
  }

  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#handle?.close();
    }
  }

  async #flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const lines = this.#lines.join("");
    this.#lines = [];
    await (await this.open()).appendFile(lines);
  }
}
