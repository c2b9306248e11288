import { appendFile, mkdir, open, readFile, rename } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { errorCode } from "../database/error-code.ts";

/** A line of the list of erasures: what a restored copy of the database has to lose again. No value is in it. */
export const listedErasure = z.object({
  id: z.string(),
  organizationId: z.string(),
  /** By it and the id an erasure is known: an instant as PostgreSQL writes it, in whatever zone. */
  requestedAt: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/),
  subject: z.enum(["PAYEE", "PERSON"]),
  personId: z.string().nullable(),
  /** `field` where the row is somebody else's but for it. */
  targets: z.array(z.object({ table: z.string(), id: z.string(), field: z.string().optional() })),
  /** Records of the log, with the instants of their writing: ids may be given away anew after a restore. */
  records: z.array(z.object({ id: z.string(), at: z.string() })),
  documents: z.array(z.string()),
  kept: z.array(z.unknown()),
});
export type ListedErasure = z.infer<typeof listedErasure>;

/** The list as it lies on the disk. */
export interface ErasureFile {
  erasures: ListedErasure[];
  /** Numbers of the lines that are no erasure, from 1. */
  damaged: number[];
  /** Its bytes, damaged lines included, but for what was cut off. */
  whole: Buffer;
  /** A last line without its end that is no erasure: a crash came while it was written. */
  cutOff: Buffer | undefined;
}

const LIST = "erasures.jsonl";
const NEWLINE = Buffer.from("\n");

/** The file in the directory that keeps the checkpoints, which a restored database does not take back with it. */
export function erasureListFile(directory: string): string {
  return path.join(directory, LIST);
}

/** Where what was cut off is kept beside the list. */
export function cutOffFile(file: string): string {
  return `${file}.cut-off`;
}

/** Reads the list, also one that a crash or a disk has damaged; an absent file is an empty list. */
export async function readErasureFile(file: string): Promise<ErasureFile> {
  const bytes = await readFile(file).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  const lines = bytes.subarray(0, end).toString("utf8").split("\n");
  const read = lines.map((line) => (line === "" ? undefined : (erasureOf(line) ?? "damaged")));
  const last = end < bytes.length ? erasureOf(bytes.subarray(end).toString("utf8")) : undefined;
  const isCutOff = end < bytes.length && last === undefined;
  return {
    erasures: [...read, last].flatMap((each) =>
      each === undefined || each === "damaged" ? [] : [each],
    ),
    damaged: read.flatMap((each, at) => (each === "damaged" ? [at + 1] : [])),
    whole: last ? Buffer.concat([bytes, NEWLINE]) : bytes.subarray(0, end),
    cutOff: isCutOff ? bytes.subarray(end) : undefined,
  };
}

/**
 * Writes the list anew with these erasures behind what it has. What was cut off goes to a file of its own before. A crash
 * leaves the former list or this one, nothing in between.
 */
export async function writeErasures(
  file: string,
  { whole, cutOff }: Pick<ErasureFile, "whole" | "cutOff">,
  added: readonly ListedErasure[],
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o755 });
  if (cutOff) await appendFile(cutOffFile(file), Buffer.concat([cutOff, NEWLINE]), PRIVATE);
  const lines = added.map((erasure) => `${JSON.stringify(erasure)}\n`).join("");
  const next = await open(`${file}.new`, "w", PRIVATE.mode);
  try {
    await next.writeFile(Buffer.concat([whole, Buffer.from(lines)]));
    await next.sync();
  } finally {
    await next.close();
  }
  await rename(`${file}.new`, file);
}

const PRIVATE = { mode: 0o600, flush: true };

function erasureOf(line: string): ListedErasure | undefined {
  try {
    return listedErasure.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
