import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A user of the system, for a process to run as. */
export interface SystemUser {
  uid: number;
  gid: number;
}

/**
 * PostgreSQL refuses to run as root: the user `postgres`, made when it is missing. Undefined when this process is
 * not root and runs PostgreSQL as itself.
 *
 * @throws when root can neither find nor make the user
 */
export async function unprivilegedUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = await idsOf("postgres");
  if (existing) return existing;
  try {
    await run("useradd", ["--system", "--user-group", "--no-create-home", "postgres"]);
  } catch (cause) {
    throw new Error(
      "PostgreSQL cannot run as root, and the user postgres could not be made. Make it (useradd --system --user-group postgres), start as another user, or set DATABASE_URL.",
      { cause },
    );
  }
  return idsOf("postgres");
}

async function idsOf(name: string): Promise<SystemUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}
