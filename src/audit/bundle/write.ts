import { mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatKeyList, type ListedKey } from "../key-list.ts";
import {
  CHECKPOINT_FILE,
  CHECKPOINTS_DIRECTORY,
  KEYS_FILE,
  MANIFEST_FILE,
  type Manifest,
  manifestSchema,
  RECORDS_FILE,
  type RecordLine,
} from "./manifest.ts";

type Many<T> = Iterable<T> | AsyncIterable<T>;

/** What goes into a bundle (manifest.ts says what each is). */
export interface BundleContents {
  manifest: Manifest;
  /** The signed checkpoint as it stands. */
  checkpoint: string;
  /** Earlier signed checkpoints, each with the name of its file, such as its size. */
  checkpoints: Many<{ name: string; note: string }>;
  keys: readonly ListedKey[];
  /** By ascending index; a transaction's records of one organization, condominium and sensitivity all or none. */
  records: Many<RecordLine>;
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
export async function writeBundle(directory: string, contents: BundleContents): Promise<number> {
  const exists = await stat(directory).then(
    () => true,
    () => false,
  );
  if (exists) throw new Error(`${directory} já existe: escolha outro lugar para o pacote.`);
  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  try {
    const records = await writeFiles(partial, contents);
    await rename(partial, directory);
    return records;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function writeFiles(directory: string, contents: BundleContents): Promise<number> {
  const put = async (path: string, data: string | Uint8Array) => {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, data, { mode: 0o600 });
  };
  const manifest = manifestSchema.parse(contents.manifest);
  await put(MANIFEST_FILE, `${JSON.stringify(manifest, null, 2)}\n`);
  await put(CHECKPOINT_FILE, contents.checkpoint);
  await put(KEYS_FILE, formatKeyList(contents.keys));
  for await (const { name, note } of contents.checkpoints) {
    await put(join(CHECKPOINTS_DIRECTORY, name), note);
  }
  for await (const { path, bytes } of contents.tiles) await put(path, bytes);
  return writeRecords(join(directory, RECORDS_FILE), contents.records);
}

async function writeRecords(file: string, records: Many<RecordLine>): Promise<number> {
  const handle = await open(file, "w", 0o600);
  try {
    let written = 0;
    let last = -1;
    let lines: string[] = [];
    for await (const record of records) {
      if (record.index <= last) {
        throw new Error(`The record at ${record.index} came after the one at ${last}.`);
      }
      last = record.index;
      written += 1;
      lines.push(`${JSON.stringify(record)}\n`);
      if (lines.length === BATCH) {
        await handle.write(lines.join(""));
        lines = [];
      }
    }
    await handle.write(lines.join(""));
    return written;
  } finally {
    await handle.close();
  }
}
