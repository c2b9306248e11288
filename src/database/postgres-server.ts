import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { Binaries } from "./embedded-binaries.ts";
import { isOccupied } from "./error-code.ts";
import type { SystemUser } from "./unprivileged-user.ts";

export interface PostgresServerOptions {
  binaries: Binaries;
  dataDirectory: string;
  port: number;
  superuser: string;
  superuserPassword: string;
  /** Runs the programs; undefined: this process's own user. */
  user: SystemUser | undefined;
}

const run = promisify(execFile);

/**
 * The server's own environment. glibc gives memory back to the kernel as soon as a statement frees 128 kB, and a session
 * that works in chunks asks for it again with the next one: each page is then faulted in and cleared anew. Kept for the
 * session, at most 16 MB, an expense costs 5 % less processor time (60,000 expenses: 548 to 520 microseconds). Other
 * C libraries do not know these names.
 */
const ENVIRONMENT = {
  LC_ALL: "C.UTF-8",
  MALLOC_TOP_PAD_: String(2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(2 ** 24),
  MALLOC_MMAP_THRESHOLD_: String(2 ** 24),
} as const;

/** A PostgreSQL server on 127.0.0.1, driven by its own programs. */
export class PostgresServer {
  readonly #options: PostgresServerOptions;

  constructor(options: PostgresServerOptions) {
    this.#options = options;
  }

  /**
   * Makes the data directory unless it is there. It is made beside and renamed: a start that was cut off leaves no half
   * of a database, and of two at once one wins.
   */
  async initialise(): Promise<void> {
    const { binaries, dataDirectory, superuser, superuserPassword, user } = this.#options;
    const version = await readFile(path.join(dataDirectory, "PG_VERSION"), "utf8").catch(
      () => undefined,
    );
    if (version !== undefined) return;
    const unfinished = `${dataDirectory}.${randomBytes(4).toString("hex")}`;
    const passwordFile = `${unfinished}.password`;
    try {
      await mkdir(unfinished, { mode: 0o700 });
      await writeFile(passwordFile, `${superuserPassword}\n`, { mode: 0o600 });
      if (user) {
        await chown(unfinished, user.uid, user.gid);
        await chown(passwordFile, user.uid, user.gid);
      }
      await this.#run(binaries.initdb, [
        `--pgdata=${unfinished}`,
        `--username=${superuser}`,
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--locale=C.UTF-8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--encoding=UTF8",
        "--data-checksums",
      ]);
      await rename(unfinished, dataDirectory).catch((error: unknown) => {
        if (!isOccupied(error)) throw error;
      });
    } finally {
      await rm(passwordFile, { force: true });
      await rm(unfinished, { recursive: true, force: true });
    }
  }

  /** Starts it unless it runs: one that a killed process has left behind is taken over. @returns whether it was started here */
  async start(settings: Readonly<Record<string, string>>): Promise<boolean> {
    if (await this.#isRunning()) return false;
    const { binaries, dataDirectory, port } = this.#options;
    const all = {
      listen_addresses: "127.0.0.1",
      port: String(port),
      unix_socket_directories: "",
      max_connections: "200",
      shared_buffers: "256MB",
      // Day 5 writes 20 MB of WAL a second: by the default (1 GB) a checkpoint would begin every minute, and each makes
      // whole pages go into the WAL again.
      max_wal_size: "2GB",
      checkpoint_timeout: "15min",
      wal_buffers: "32MB",
      log_timezone: "UTC",
      timezone: "UTC",
      ...settings,
    };
    const flags = Object.entries(all)
      .map(([name, value]) => `-c ${name}='${value}'`)
      .join(" ");
    const log = path.join(dataDirectory, "server.log");
    const place = ["-D", dataDirectory, "-l", log];
    try {
      await this.#run(binaries.pgCtl, ["start", ...place, "-w", "-t", "60", "-o", flags]);
      return true;
    } catch (cause) {
      // Another start has been faster.
      if (await this.#isRunning()) return false;
      throw new Error(`PostgreSQL did not start; the end of ${log}:\n${await lastLines(log)}`, {
        cause,
      });
    }
  }

  /** Ends it and waits until it has ended: open connections are closed, nothing committed is lost. */
  async stop(): Promise<void> {
    if (!(await this.#isRunning())) return;
    const { binaries, dataDirectory } = this.#options;
    await this.#run(binaries.pgCtl, [
      "stop",
      ...["-D", dataDirectory],
      ...["-m", "fast"],
      ...["-w", "-t", "60"],
    ]);
  }

  async #isRunning(): Promise<boolean> {
    const { binaries, dataDirectory } = this.#options;
    return this.#run(binaries.pgCtl, ["status", "-D", dataDirectory]).then(
      () => true,
      () => false,
    );
  }

  /** In a directory that every user can enter: the programs look up their own place from where they are. */
  async #run(program: string, args: readonly string[]): Promise<void> {
    const { user } = this.#options;
    try {
      await run(program, args, { cwd: "/", ...user, env: ENVIRONMENT });
    } catch (cause) {
      throw new Error(`${path.basename(program)} ${args[0]} failed.`, { cause });
    }
  }
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-4).join("\n");
}
