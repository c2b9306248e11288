import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

/** Where documents' bytes lie, under their SHA-256 in hexadecimal. */
export interface DocumentStore {
  /** Stores the bytes; storing the same again changes nothing. */
  put(sha256: string, bytes: Uint8Array): Promise<void>;
  /** Whether there are bytes under that hash. */
  has(sha256: string): Promise<boolean>;
  /** @throws Error when there are no bytes under that hash */
  get(sha256: string): Promise<Uint8Array>;
  /** Removes the bytes, if there are any. */
  remove(sha256: string): Promise<void>;
}

const HASH = /^[0-9a-f]{64}$/;

/** A store in a directory that all processes share (a volume): `ab/abcdef…`. Nobody but their user reads it. */
export function createDirectoryStore(directory: string): DocumentStore {
  const fileOf = (sha256: string) => {
    if (!HASH.test(sha256)) throw new RangeError("A document is addressed by its SHA-256.");
    return path.join(directory, sha256.slice(0, 2), sha256);
  };
  return {
    async put(sha256, bytes) {
      const file = fileOf(sha256);
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      // Renamed into place, so that a reader never sees half a document.
      const unfinished = `${file}.${process.pid}.${performance.now()}`;
      await writeFile(unfinished, bytes, { mode: 0o600 });
      await rename(unfinished, file);
    },
    async has(sha256) {
      return existsSync(fileOf(sha256));
    },
    async get(sha256) {
      return new Uint8Array(await readFile(fileOf(sha256)));
    },
    async remove(sha256) {
      await rm(fileOf(sha256), { force: true });
    },
  };
}
