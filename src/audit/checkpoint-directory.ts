import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { errorCode } from "../database/error-code.ts";

/** A place outside the database's reach that remembers what was signed. */
export interface CheckpointDirectory {
  /** The newest checkpoint that was signed, as a note. */
  newest(): Promise<string | undefined>;
  /** Replaces the newest. */
  keepNewest(note: string): Promise<void>;
  /** Keeps one for good, under its size. */
  keep(size: number, note: string): Promise<void>;
}

/** `DIRECTORY/checkpoint` is the newest; `DIRECTORY/checkpoints/<size>` those that are kept. A file is whole or not there. */
export function openCheckpointDirectory(directory: string): CheckpointDirectory {
  const newest = path.join(directory, "checkpoint");
  const write = async (file: string, note: string) => {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(`${file}.new`, note);
    await rename(`${file}.new`, file);
  };
  return {
    newest: () =>
      readFile(newest, "utf8").catch((error: unknown) => {
        if (errorCode(error) === "ENOENT") return undefined;
        throw error;
      }),
    keepNewest: (note) => write(newest, note),
    keep: (size, note) => write(path.join(directory, "checkpoints", String(size)), note),
  };
}
