import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

const password = z.string().min(20);

const localState = z.strictObject({
  /** Port of the embedded PostgreSQL on 127.0.0.1. */
  databasePort: z.int().min(1024).max(65535),
  superuserPassword: password,
  migratorPassword: password,
  loginPasswords: z.strictObject({ authenticator: password, worker: password, sealer: password }),
  /** HS256 secret of sign-in tokens where JWT_SECRET is not set. */
  jwtSecret: password,
});

/** What a start without configuration chose, kept so that the next start finds its data. */
export type LocalState = z.infer<typeof localState>;

const secret = () => randomBytes(24).toString("base64url");

/**
 * The state in `directory/state.json`; made on the first call, readable by its owner alone.
 *
 * @throws when the file is there and does not hold a state: it is never replaced, since the data needs its passwords.
 */
export async function loadLocalState(
  directory: string,
  freePort: () => Promise<number>,
): Promise<LocalState> {
  const file = path.join(directory, "state.json");
  const existing = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (existing !== undefined) {
    const parsed = localState.safeParse(JSON.parse(existing));
    if (parsed.success) return parsed.data;
    throw new Error(
      `${file} is not a state of this version (${parsed.error.issues[0]?.path.join(".")}). Restore it, or remove ${directory} with its data to begin anew.`,
    );
  }
  const state: LocalState = {
    databasePort: await freePort(),
    superuserPassword: secret(),
    migratorPassword: secret(),
    loginPasswords: { authenticator: secret(), worker: secret(), sealer: secret() },
    jwtSecret: secret(),
  };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  return state;
}
