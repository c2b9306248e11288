import { createReadStream, createWriteStream } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isRecord, parseEntry, type RecordEntry } from "../entry.ts";
import type { RecordedErasure } from "../recorded-erasures.ts";
import { isAbsent } from "./absent.ts";
import {
  DOCUMENTS_DIRECTORY,
  MANIFEST_FILE,
  type Manifest,
  manifestSchema,
  PERSONAL_FILE,
  type PersonalLine,
  personalLineSchema,
  RECORDS_FILE,
} from "./manifest.ts";

/** What is, or would be, gone from a bundle. */
export interface ErasedFromBundle {
  records: number;
  documents: number;
}

/** What all records of a statement share (commitment.ts). */
const CONTEXT: ReadonlySet<string> = new Set(["ip", "user_agent", "client_address"]);

/**
 * Takes out of a bundle (manifest.ts) the values that were erased since it was written; records, tree and signatures stay
 * as they are, so it verifies as before. What is gone already is left alone.
 *
 * @param isTrial whether it is only counted
 * @throws what the file system throws, and Error for a file that is none of a bundle
 */
export async function eraseFromBundle(
  directory: string,
  erasures: readonly RecordedErasure[],
  isTrial = false,
): Promise<ErasedFromBundle> {
  const manifest = manifestSchema.parse(
    JSON.parse(await readFile(join(directory, MANIFEST_FILE), "utf8")),
  );
  const counts = { records: 0, documents: 0 };
  const file = join(directory, PERSONAL_FILE);
  const partial = `${file}.partial`;
  const lines = strippedLines(directory, erasures, counts);
  if (isTrial) for await (const _ of lines);
  else {
    await pipeline(Readable.from(lines), createWriteStream(partial, { mode: 0o600 }));
    if (counts.records > 0) await rename(partial, file);
    else await rm(partial);
  }
  counts.documents = await eraseDocuments(directory, manifest, erasures, isTrial);
  return counts;
}

async function* strippedLines(
  directory: string,
  erasures: readonly RecordedErasure[],
  counts: ErasedFromBundle,
): AsyncGenerator<string> {
  const records = linesOf(join(directory, RECORDS_FILE));
  for await (const text of linesOf(join(directory, PERSONAL_FILE))) {
    const line = personalLineSchema.parse(JSON.parse(text));
    const stripped = line.personal && strip(line, await recordAt(records, line.index), erasures);
    if (stripped !== undefined) counts.records += 1;
    yield stripped === undefined ? `${text}\n` : `${JSON.stringify(stripped)}\n`;
  }
}

/** Reads on to the record of that index; undefined where there is none that can be read. */
async function recordAt(
  records: AsyncGenerator<string>,
  index: number,
): Promise<RecordEntry | undefined> {
  const begin = `${index} `;
  for (;;) {
    const { value, done } = await records.next();
    if (done) return undefined;
    if (!value.startsWith(begin)) continue;
    const entry = parseEntry(value.slice(begin.length));
    return isRecord(entry) ? entry : undefined;
  }
}

/** The line without what was erased; undefined when that is nothing. */
function strip(
  { index, personal, erased }: PersonalLine,
  entry: RecordEntry | undefined,
  erasures: readonly RecordedErasure[],
): PersonalLine | undefined {
  if (entry === undefined || personal === undefined) return undefined;
  const { id, recorded_at, entity_type, entity_id, actor_id } = entry;
  const isBefore = ({ erasedAt }: RecordedErasure) => recorded_at <= erasedAt;
  const whole = erasures.find(
    (each) =>
      each.records.has(`${id} ${recorded_at}`) ||
      (isBefore(each) && each.rows.has(`${entity_type} ${entity_id}`)),
  );
  const hasOwn = Object.keys(personal.values).some((path) => !CONTEXT.has(path));
  // Of a bundle that was written afterwards: the record's own values are gone, and from where it was made is the actor's.
  if (whole && (hasOwn || erased === undefined)) return { index, erased: erased ?? markOf(whole) };
  // What was made by hand names no actor, nor does the erasure of somebody who only was paid.
  const acted = actor_id && erasures.find((each) => isBefore(each) && each.actorId === actor_id);
  if (!acted || !Object.keys(personal.values).some((path) => CONTEXT.has(path))) {
    return undefined;
  }
  const { contextSalt: _, ...own } = personal;
  const values = Object.fromEntries(
    Object.entries(personal.values).filter(([path]) => !CONTEXT.has(path)),
  );
  const left = Object.keys(values).length > 0 ? { personal: { ...own, values } } : {};
  return { index, ...left, erased: erased ?? markOf(acted) };
}

function markOf({ erasureId, erasedAt }: RecordedErasure): PersonalLine["erased"] {
  return { erasureId, erasedAt };
}

/** The manifest tells which are gone, before they are: else they would be missing. */
async function eraseDocuments(
  directory: string,
  manifest: Manifest,
  erasures: readonly RecordedErasure[],
  isTrial: boolean,
): Promise<number> {
  if (!manifest.documents) return 0;
  const told = new Set(manifest.erasedDocuments);
  const gone = new Set(erasures.flatMap(({ documents }) => documents));
  const there: string[] = [];
  for (const sha256 of gone) {
    const bytes = await readFile(join(directory, DOCUMENTS_DIRECTORY, sha256)).catch(ifAbsent);
    if (bytes !== undefined) there.push(sha256);
  }
  if (isTrial || there.length === 0) return there.length;
  const erasedDocuments = [...new Set([...told, ...there])].sort();
  const text = `${JSON.stringify({ ...manifest, erasedDocuments }, null, 2)}\n`;
  await writeFile(join(directory, MANIFEST_FILE), text, { mode: 0o600 });
  for (const sha256 of there) await rm(join(directory, DOCUMENTS_DIRECTORY, sha256));
  return there.length;
}

function ifAbsent(error: unknown): undefined {
  if (isAbsent(error)) return undefined;
  throw error;
}

/** A file that is not there has none. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = createReadStream(file);
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    ifAbsent(error);
  } finally {
    input.destroy();
  }
}
